"""The team's policy: the values of its file, and the questions that the stages ask of them.

The file is read at the base commit, so that no pull request softens its own review. Reading it is the work of
`review/config/policy_file.py`; a run without a policy imports neither that nor YAML nor pathspec.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from review.domain.finding import Finding
from review.domain.severity import Severity
from review.domain.tree import Tree
from review.errors import PolicyError

DEFAULT_FAIL_ON = Severity.HIGH


@dataclass(frozen=True)
class Waiver:
    """The team accepts the findings of one rule, in one place, until a day."""

    rule: str
    path: str
    """A pattern as in `.gitignore`."""
    owner: str
    reason: str
    expires: date
    """The last day on which it counts."""
    line: int = 0
    """Where it stands in the policy file, 1-based."""


@dataclass(frozen=True)
class Policy:
    """Everything a team may say. The defaults are what a repository without a policy file gets.

    Patterns are written as in `.gitignore`, from the repository's root: `models/`, `**/prod/*.sql`, `!models/old/`.
    """

    fail_on: Severity | None = DEFAULT_FAIL_ON
    """Least severity that fails the run; None is `never`."""
    paths: tuple[str, ...] = ()
    """Only these are reviewed, where any are given."""
    paths_ignore: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()
    """Files that a program wrote: listed as not reviewed, harmlessly."""
    select: frozenset[str] = frozenset()
    """Codes of the only rules of ours to run; empty means all."""
    ignore: frozenset[str] = frozenset()
    """Codes, ours and sqlfluff's, whose findings are not wanted."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    dialects: tuple[tuple[str, str], ...] = ()
    """Pattern → sqlfluff's name of the dialect; as in `.gitignore`, the last match counts."""
    lint_rules: tuple[str, ...] = ()
    """sqlfluff rules to run instead of our selection, where the team has no `.sqlfluff`."""
    waivers: tuple[Waiver, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    """What the agent need not ask: a key of `policy_file.CONTEXT` → the team's own words."""
    agent_can_block: bool = False
    """Whether verified findings of the agent fail the run: the workflow's input, never the file's."""
    lets_agent_fail: bool = True
    """Whether a run passes in which only the agent's review is missing: the workflow's input, never the file's."""
    today: date = date.min
    """Decides which waivers have expired."""
    source: str = ""
    """The policy file's path, for messages; empty where there is none."""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Every rule's code that the file names → the line it is first named on."""

    @classmethod
    def at(cls, tree: Tree, path: str, today: date) -> "Policy":
        """The policy that the file has at that commit; without the file, the defaults.

        Raises PolicyError, also where the file is there and cannot be read: no policy is a policy, too.
        """
        text = tree.text(path)
        if text is not None:
            return cls.from_yaml(text, path, today)
        if tree.has(path):
            raise PolicyError(f"{path}: cannot be read as text; store it as UTF-8.")
        return cls(today=today)

    @classmethod
    def from_yaml(cls, text: str, path: str, today: date) -> "Policy":
        """The policy in that text; `path` is named in errors, `today` decides which waivers have expired.

        Raises PolicyError naming file, line, key and what was expected.
        """
        from review.config.policy_file import read_policy

        return read_policy(text, path, today)

    def with_fail_on(self, value: str | None) -> "Policy":
        """The same policy with the workflow's own fail level (one of `inputs.FAIL_ON`), where it gives one."""
        if value is None:
            return self
        return replace(self, fail_on=None if value == "never" else Severity(value))

    def with_agent(self, *, can_block: bool, on_failure: str) -> "Policy":
        """The same policy with what the workflow says of the agent (`on_failure`: one of `inputs.ON_AGENT_FAILURE`)."""
        return replace(self, agent_can_block=can_block, lets_agent_fail=on_failure == "pass")

    def includes(self, path: str) -> bool:
        """Whether the team wants this path reviewed."""
        return (not self.paths or _matches(self.paths, path)) and not _matches(self.paths_ignore, path)

    def is_generated(self, path: str) -> bool:
        """Whether the team says that a program writes this file."""
        return _matches(self.generated, path)

    def dialect(self, path: str) -> str | None:
        """The SQL dialect the team set for this path, or None."""
        return next((name for pattern, name in reversed(self.dialects) if _matches((pattern,), path)), None)

    def suppress(self, finding: Finding) -> str | None:
        """Why the team does not want to see this finding, or None. An expired waiver hides nothing."""
        if finding.code in self.ignore:
            return f"{finding.code} is ignored by the policy"
        for waiver in self.waivers:
            if (
                waiver.rule == finding.code
                and waiver.expires >= self.today
                and _matches((waiver.path,), finding.location.path)
            ):
                return f"waived until {waiver.expires} by {waiver.owner}: {waiver.reason}"
        return None

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader should know of the policy itself: the waivers that have expired."""
        return tuple(
            f"The waiver of {waiver.rule} for {waiver.path} ({self.source}, line {waiver.line}; owner {waiver.owner})"
            f" expired on {waiver.expires}; its findings count again. Renew it or take it out of the policy."
            for waiver in self.waivers
            if waiver.expires < self.today
        )

    def check_codes(self, known: Collection[str]) -> None:
        """Raise PolicyError where the file names a rule that is none of the `known` codes.

        A mistyped code would ignore nothing and say nothing. For a stage that knows the rules; sqlfluff's codes (two
        letters, two digits) are taken as they are.
        """
        for code, line in self.lines.items():
            if code not in known and not is_linter_code(code):
                from review.config.policy_file import meant

                raise PolicyError(
                    f"{self.source}, line {line}: there is no rule {code}{meant(code, known)};"
                    " `data-review rules list` shows them all."
                )


def is_linter_code(code: str) -> bool:
    """Whether it has the form of sqlfluff's codes, such as AM04; ours have three digits."""
    return len(code) == 4 and code[:2].isalpha() and code[2:].isdecimal()


def _matches(patterns: tuple[str, ...], path: str) -> bool:
    return bool(patterns) and _matcher(patterns)(path)


@lru_cache(maxsize=256)
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Compiled once: a review asks the same patterns of thousands of paths."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file
