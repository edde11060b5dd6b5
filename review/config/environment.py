"""What the runner says of the workflow run, out of its documented variables.

Source: docs.github.com, "Variables reference", default environment variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from review.errors import InputError


@dataclass(frozen=True)
class Environment:
    """The facts of one workflow run."""

    event_name: str
    event_path: Path
    repository: str
    workspace: Path
    api_url: str
    server_url: str
    actor: str
    output: Path | None
    """Where step outputs go (`GITHUB_OUTPUT`)."""
    step_summary: Path | None
    """Where the job summary goes (`GITHUB_STEP_SUMMARY`)."""
    run_url: str
    """The page of this workflow run; empty where it is not known."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Environment":
        """Read and check them. Raises InputError where this is no workflow run."""

        def required(name: str) -> str:
            value = environ.get(name, "")
            if not value:
                raise InputError(
                    f"{name} is not set, so this is no workflow run of GitHub Actions."
                    " Use `data-review local` to review a range of a repository on disk."
                )
            return value

        server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
        repository = required("GITHUB_REPOSITORY")
        run = environ.get("GITHUB_RUN_ID", "")
        return cls(
            event_name=required("GITHUB_EVENT_NAME"),
            event_path=Path(required("GITHUB_EVENT_PATH")),
            repository=repository,
            workspace=Path(required("GITHUB_WORKSPACE")),
            api_url=_url("GITHUB_API_URL", environ.get("GITHUB_API_URL", "https://api.github.com")),
            server_url=_url("GITHUB_SERVER_URL", server),
            actor=environ.get("GITHUB_ACTOR", ""),
            output=_path(environ.get("GITHUB_OUTPUT", "")),
            step_summary=_path(environ.get("GITHUB_STEP_SUMMARY", "")),
            run_url=f"{server}/{repository}/actions/runs/{run}" if run.isdigit() else "",
        )


def _path(value: str) -> Path | None:
    return Path(value) if value else None


def _url(name: str, value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise InputError(f"{name}: {value[:80]!r} is no web address (https://…).")
    return value.rstrip("/")
