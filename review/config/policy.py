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

REPLACED = "\ufffd"
"""What a tree gives in place of bytes that are no UTF-8."""
_OTHER_KIND = {"yml": "yaml", "yaml": "yml"}
"""How the name of a file may end that was meant for the policy, and would be passed over."""
REPAIR = "A pull request that repairs the file is reviewed by the defaults."
"""How a sentence about a policy that cannot be used ends: the way out of it (`review/commands/policies.py`)."""
DEFAULT_FAIL_ON = Severity.HIGH
IGNORE_COMMENTS = ("write", "maintain", "admin", "never")
"""Least permission that lets somebody ignore a finding by a comment on the pull request; `never`: nobody may."""


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
class Override:
    """What holds for some paths instead of what the policy says for all. What is not said there stays as it is."""

    paths: tuple[str, ...]
    """Patterns as in `.gitignore`, the last match counts."""
    fail_on: str = ""
    """One of `inputs.FAIL_ON`; empty says nothing of it."""
    ignore: frozenset[str] | None = None
    """Replaces `Policy.ignore`, so that an empty set brings every rule back; None says nothing of it."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    line: int = 0
    """Where it stands in the policy file, 1-based."""


@dataclass(frozen=True)
class Policy:
    """Everything a team may say. The defaults are what a repository without a policy file gets.

    Patterns are written as in `.gitignore`, from the repository's root: `models/`, `**/prod/*.sql`, `!models/old/`.
    """

    fail_on: Severity | None = DEFAULT_FAIL_ON
    """Least severity that fails the run; None is `never`. For one path: `fail_on_at`."""
    shadow_until: date | None = None
    """The last day on which no review fails the run."""
    break_glass: str = ""
    """The label that lets a failed pull request pass, where somebody who may write sets it; empty: there is none."""
    ignore_comments: str = IGNORE_COMMENTS[0]
    """One of `IGNORE_COMMENTS`."""
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
    overrides: tuple[Override, ...] = ()
    """What holds for some paths; of several that speak of one, the last counts."""
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
    missing: str = ""
    """The path that the workflow names for it where no file is there."""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Every rule's code that the file names → the line it is first named on."""

    @classmethod
    def at(cls, tree: Tree, path: str, today: date, *, is_named: bool = False) -> "Policy":
        """The policy that the file has at that commit; without the file the defaults, which a notice says if `is_named`
        (the workflow's author names the file).

        Raises PolicyError, also where the file is there and cannot be read: no policy is a policy, too.
        """
        _, other = names(path)
        found = tree.texts((path, other))
        text = found.get(path)
        if text is not None and REPLACED in text:
            line = text[: text.index(REPLACED)].count("\n") + 1
            raise PolicyError(f"{path}, line {line}: a character is not UTF-8; store the file as UTF-8.")
        if text is not None:
            return cls.from_yaml(text, path, today)
        if tree.has(path):
            raise PolicyError(f"{path}: cannot be read as text; store it as UTF-8.")
        if tree.is_link(path):
            raise PolicyError(f"{path}: is a symbolic link, which is not followed; store the policy itself there.")
        if other in found:
            raise PolicyError(
                f"{other}: the policy is read from {path}; rename the file, or name it in the workflow's input config."
            )
        return cls(today=today, missing=path if is_named else "")

    @classmethod
    def from_yaml(cls, text: str, path: str, today: date) -> "Policy":
        """The policy in that text; `path` is named in errors, `today` decides which waivers have expired.

        Raises PolicyError naming file, line, key and what was expected.
        """
        from review.config.policy_file import read_policy

        return read_policy(text, path, today)

    def with_fail_on(self, value: str | None) -> "Policy":
        """The same policy with the workflow's own fail level (one of `inputs.FAIL_ON`), where it gives one.

        It holds for every path: who says `never` there expects that nothing fails.
        """
        if value is None:
            return self
        overrides = tuple(replace(override, fail_on="") for override in self.overrides)
        return replace(self, fail_on=_level(value), overrides=overrides)

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

    def fail_on_at(self, path: str) -> Severity | None:
        """Least severity that fails the run by a finding in that file; None is `never`."""
        for override in reversed(self.overrides):
            if override.fail_on and _matches(override.paths, path):
                return _level(override.fail_on)
        return self.fail_on

    def weighed(self, finding: Finding) -> Finding:
        """The finding with the severity that the team gives its rule in that file."""
        for override in reversed(self.overrides):
            if finding.code in override.severities and _matches(override.paths, finding.location.path):
                return replace(finding, severity=override.severities[finding.code])
        return finding

    @property
    def never_wanted(self) -> frozenset[str]:
        """Codes whose findings are wanted in no file at all: their rules need not run."""
        return self.ignore.intersection(*(each.ignore for each in self.overrides if each.ignore is not None))

    @property
    def shadow(self) -> date | None:
        """The last day on which no review fails the run, where that day has not passed yet."""
        return self.shadow_until if self.shadow_until is not None and self.today <= self.shadow_until else None

    def suppress(self, finding: Finding) -> str | None:
        """Why the team does not want to see this finding, or None. An expired waiver hides nothing."""
        if (ignored := self._ignored(finding)) is not None:
            return ignored
        for waiver in self.waivers:
            if (
                waiver.rule == finding.code
                and waiver.expires >= self.today
                and _matches((waiver.path,), finding.location.path)
            ):
                return f"waived until {waiver.expires} by {waiver.owner}: {waiver.reason}"
        return None

    def _ignored(self, finding: Finding) -> str | None:
        """That the rule is ignored in that file, or None."""
        for override in reversed(self.overrides):
            if override.ignore is not None and _matches(override.paths, finding.location.path):
                here = f"{finding.code} is ignored by the policy for these paths (line {override.line})"
                return here if finding.code in override.ignore else None
        return f"{finding.code} is ignored by the policy" if finding.code in self.ignore else None

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader should know of the policy itself: waivers and a shadow that have expired, a file not there."""
        absent = (f"There is no policy file {self.missing} at the base commit (input config), so the defaults hold.",)
        ended = (
            f"`shadow-until` in {self.source} was {self.shadow_until}: since then a finding can fail the run. Take it"
            " out of the policy.",
        )
        return (
            *(absent if self.missing else ()),
            *(ended if self.shadow_until is not None and self.shadow is None else ()),
            *self._expired,
        )

    @property
    def _expired(self) -> tuple[str, ...]:
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
                raise no_rule(self.source, line, code, known)


def no_rule(source: str, line: int, called: str, known: Collection[str]) -> PolicyError:
    """What is wrong with a rule of the file that is called so, and is none of the known."""
    from review.config.field import meant

    return PolicyError(
        f"{source}, line {line}: there is no rule {called}{meant(called, known)}; `data-review rules list` shows them"
        " all."
    )


def names(path: str) -> tuple[str, str]:
    """The policy's path, and the one that it is mistaken for (`.yaml` for `.yml`); the same twice where none is."""
    stem, dot, kind = path.rpartition(".")
    return path, f"{stem}.{_OTHER_KIND[kind]}" if dot and kind in _OTHER_KIND else path


def _level(value: str) -> Severity | None:
    """The severity that one of `inputs.FAIL_ON` means; None for `never`."""
    return None if value == "never" else Severity(value)


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
