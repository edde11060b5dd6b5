"""The team's policy: `.github/data-review.yml`, read at the base commit, so that no pull request softens its own review."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from review.domain.finding import Finding, Severity
from review.errors import PolicyError

DEFAULT_FAIL_ON = Severity.HIGH


@dataclass(frozen=True)
class Waiver:
    """The team accepts the findings of one rule, in one place, until a day."""

    rule: str
    path: str
    """A gitignore-style pattern."""
    owner: str
    reason: str
    expires: date


@dataclass(frozen=True)
class Policy:
    """Everything a team may say. The defaults are what a repository without a policy file gets."""

    fail_on: Severity | None = DEFAULT_FAIL_ON
    """Least severity that fails the run; None is `never`."""
    paths: tuple[str, ...] = ()
    """Only these are reviewed, where any are given (gitignore-style patterns)."""
    paths_ignore: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()
    """Files a program wrote: listed as not reviewed, harmlessly."""
    select: frozenset[str] = frozenset()
    """Codes of the only rules to run; empty means all."""
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    dialects: tuple[tuple[str, str], ...] = ()
    """Pattern → sqlfluff's name of the dialect; the last match counts."""
    lint_rules: tuple[str, ...] = ()
    """sqlfluff rules to run instead of our selection, where the team has no `.sqlfluff`."""
    waivers: tuple[Waiver, ...] = ()
    today: date = date.min

    @classmethod
    def from_yaml(cls, text: str, path: str, today: date) -> "Policy":
        """The policy in that text; `path` is named in errors, `today` decides which waivers have expired.

        Raises PolicyError naming file, line, key and what was expected.
        """
        from review.config.policy_file import read_policy

        return cls(today=today, **read_policy(text, path))

    def with_fail_on(self, value: str | None) -> "Policy":
        """The same policy with the workflow's own fail level, where it gives one."""
        if value is None:
            return self
        return replace(self, fail_on=None if value == "never" else Severity(value))

    def includes(self, path: str) -> bool:
        """Whether the team wants this path reviewed."""
        if self.paths and not _matches(self._paths, path):
            return False
        return not (self.paths_ignore and _matches(self._paths_ignore, path))

    def is_generated(self, path: str) -> bool:
        """Whether the team says that a program writes this file."""
        return bool(self.generated) and _matches(self._generated, path)

    def dialect(self, path: str) -> str | None:
        """The SQL dialect the team set for this path, or None."""
        return next((name for spec, name in reversed(self._dialects) if _matches(spec, path)), None)

    def suppress(self, finding: Finding) -> str | None:
        """Why the team does not want to see this finding, or None. An expired waiver hides nothing."""
        if finding.code in self.ignore:
            return f"{finding.code} is ignored by the policy"
        for waiver, spec in self._waivers:
            if waiver.rule == finding.code and waiver.expires >= self.today and _matches(spec, finding.location.path):
                return f"waived until {waiver.expires} by {waiver.owner}: {waiver.reason}"
        return None

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader should know of the policy itself: the waivers that have expired."""
        return tuple(
            f"The waiver of {waiver.rule} for {waiver.path} (owner {waiver.owner}) expired on {waiver.expires}; its"
            " findings count again. Renew it or take it out of the policy."
            for waiver in self.waivers
            if waiver.expires < self.today
        )

    @cached_property
    def _paths(self) -> Any:
        return _spec(self.paths)

    @cached_property
    def _paths_ignore(self) -> Any:
        return _spec(self.paths_ignore)

    @cached_property
    def _generated(self) -> Any:
        return _spec(self.generated)

    @cached_property
    def _dialects(self) -> tuple[tuple[Any, str], ...]:
        return tuple((_spec((pattern,)), name) for pattern, name in self.dialects)

    @cached_property
    def _waivers(self) -> tuple[tuple[Waiver, Any], ...]:
        return tuple((waiver, _spec((waiver.path,))) for waiver in self.waivers)


def _spec(patterns: tuple[str, ...]) -> Any:
    """The patterns, ready to match: gitignore's rules (`**`, a trailing `/`, `!` takes back)."""
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise PolicyError(f"a path pattern of the policy cannot be used: {error}.") from error


def _matches(spec: Any, path: str) -> bool:
    return bool(spec.match_file(path))
