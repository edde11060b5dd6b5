"""The action's inputs, as the runner hands them over: `INPUT_` plus the name in capitals, hyphens kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from review.domain.finding import Severity
from review.errors import InputError

COMMENTS = ("inline", "summary", "none")
FAIL_ON = (*(severity.value for severity in Severity), "never")
MAX_INLINE = 100
"""More comments than this make GitHub's page of a pull request hard to load."""


@dataclass(frozen=True)
class Inputs:
    """Every input of `action.yml`, checked. A field's name is the input's, with underscores."""

    github_token: str = field(default="", repr=False)
    config: str = ".github/data-review.yml"
    fail_on: str | None = None
    """None: not given, so that the policy's value or the default counts."""
    comments: str = "inline"
    max_inline_comments: int = 20
    report_dir: str = "data-review-report"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Inputs":
        """Read and check them; an input that is absent or empty has its default. Raises InputError."""

        def given(name: str) -> str:
            return environ.get(f"INPUT_{name.upper()}", "").strip()

        token = given("github-token")
        if not token:
            raise InputError(
                "github-token: no token was given. Leave the input out to use the workflow's own token, or pass one."
            )
        if any(character.isspace() or not character.isprintable() for character in token):
            raise InputError("github-token: the value holds white space or control characters, so it is no token.")
        return cls(
            github_token=token,
            config=_inside("config", given("config") or cls.config),
            fail_on=_choice("fail-on", given("fail-on"), FAIL_ON) or None,
            comments=_choice("comments", given("comments"), COMMENTS) or cls.comments,
            max_inline_comments=_number("max-inline-comments", given("max-inline-comments"), cls.max_inline_comments),
            report_dir=_inside("report-dir", given("report-dir") or cls.report_dir),
        )


def _choice(name: str, value: str, accepted: tuple[str, ...]) -> str:
    if value and value not in accepted:
        raise InputError(f"{name}: {value[:60]!r} is not a value of this input; use one of {', '.join(accepted)}.")
    return value


def _number(name: str, value: str, default: int) -> int:
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and int(value[:9]) <= MAX_INLINE and len(value) < 9):
        raise InputError(f"{name}: {value[:60]!r} is not a whole number from 0 to {MAX_INLINE}.")
    return int(value)


def _inside(name: str, value: str) -> str:
    """A relative path that stays below where it starts."""
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or str(path) == "." or not value.isprintable():
        raise InputError(f"{name}: {value[:60]!r} must be a path inside the repository, such as {name}/file.")
    return str(path)
