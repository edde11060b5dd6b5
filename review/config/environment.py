"""The runner's facts about this run: which event, where its payload lies, where the runner wants its answers.

Source: docs.github.com, "Variables reference", default environment variables; only those that the review uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from review.errors import InputError


@dataclass(frozen=True)
class Environment:
    """The facts of one workflow run. Paths are as seen from inside the container, addresses end in no slash."""

    event_name: str
    event_path: Path
    repository: str
    """`owner/name`."""
    workspace: Path
    api_url: str
    server_url: str
    run_id: str
    """Decimal digits, or empty where the runner gives none."""
    actor: str
    action_url: str
    """Where this action's own files are shown at the version that runs; empty for one that is no repository's."""
    output: Path | None
    """Where step outputs go (`GITHUB_OUTPUT`)."""
    step_summary: Path | None
    """Where the job summary goes (`GITHUB_STEP_SUMMARY`)."""

    @property
    def run_url(self) -> str:
        """The page of this workflow run; empty where the run has no number."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}" if self.run_id else ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Environment":
        """The facts in these variables. Raises InputError, naming the variable, where one is missing or malformed."""
        return cls(
            event_name=_needed(environ, "GITHUB_EVENT_NAME"),
            event_path=Path(_needed(environ, "GITHUB_EVENT_PATH")),
            repository=_repository(environ),
            workspace=Path(_needed(environ, "GITHUB_WORKSPACE")),
            api_url=_url(environ, "GITHUB_API_URL", "https://api.github.com"),
            server_url=_url(environ, "GITHUB_SERVER_URL", "https://github.com"),
            run_id=_run_id(environ),
            actor=_text(environ, "GITHUB_ACTOR"),
            action_url=_action_url(environ),
            output=_file(environ, "GITHUB_OUTPUT"),
            step_summary=_file(environ, "GITHUB_STEP_SUMMARY"),
        )


def _text(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value.isprintable():
        raise InputError(f"{name} holds a control character, which the runner never writes.")
    return value


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = _text(environ, name)
    if not value:
        raise InputError(
            f"{name} is not set, so this is no workflow run of GitHub Actions."
            " Use `data-review local` to review a range of a repository on disk."
        )
    return value


def _action_url(environ: Mapping[str, str]) -> str:
    """From `GITHUB_ACTION_REPOSITORY` and `GITHUB_ACTION_REF`, which the runner leaves empty for `uses: ./`."""
    repository, ref = _text(environ, "GITHUB_ACTION_REPOSITORY"), _text(environ, "GITHUB_ACTION_REF")
    is_known = bool(repository and ref) and _is_plain(repository + ref)
    return f"https://github.com/{repository}/blob/{ref}" if is_known else ""


def _repository(environ: Mapping[str, str]) -> str:
    value = _needed(environ, "GITHUB_REPOSITORY")
    parts = value.split("/")
    if not _is_plain(value) or len(parts) != 2 or any(part in ("", ".", "..") for part in parts):
        raise InputError(f"GITHUB_REPOSITORY: {value[:80]!r} is not of the form owner/name.")
    return value


def _is_plain(value: str) -> bool:
    """Whether it consists of the characters that GitHub allows in names, and so needs no escaping."""
    return value.isascii() and all(char.isalnum() or char in "-_./" for char in value)


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    value = (_text(environ, name) or default).rstrip("/")
    scheme, _, rest = value.partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("http", "https") or not host or any(char in "@?#\\ " for char in rest):
        raise InputError(f"{name}: {value[:80]!r} is not a web address such as {default}.")
    return value


def _run_id(environ: Mapping[str, str]) -> str:
    value = _text(environ, "GITHUB_RUN_ID")
    if value and not (value.isascii() and value.isdecimal()):
        raise InputError(f"GITHUB_RUN_ID: {value[:80]!r} is not a number.")
    return value


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    value = _text(environ, name)
    return Path(value) if value else None
