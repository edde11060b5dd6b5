"""Files: the report in the workspace, the job's summary, the step's outputs. Each is written whole or not at all."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from review.publish.base import NotPublished, Outcome, Published

MAX_STEP_SUMMARY = 1024 * 1024
"""Bytes; a larger summary is not shown at all (docs.github.com, "Workflow commands", job summaries)."""


def publish_report(workspace: Path, folder: str, texts: Mapping[str, str]) -> Outcome:
    """Write the report's files (name → text) below the workspace. A symbolic link on the way there is refused."""
    surface = f"report in {folder}"
    directory = workspace / folder
    try:
        if not directory.resolve().is_relative_to(workspace.resolve()):
            return NotPublished(
                surface, f"{folder} leads out of the workspace by a symbolic link, so nothing was written."
            )
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            _replace(directory / name, text)
    except OSError as error:
        return NotPublished(surface, f"{folder} in the workspace cannot be written ({error.strerror}).")
    return Published(surface)


def publish_step_summary(path: Path | None, text: str) -> Outcome:
    """Append to the job's summary; what exceeds the limit is cut at a line, with a word that says so."""
    surface = "job summary"
    if path is None:
        return NotPublished(surface, "the runner names no summary file (GITHUB_STEP_SUMMARY).")
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_STEP_SUMMARY:
        kept = data[: MAX_STEP_SUMMARY - 200].decode("utf-8", "ignore").rpartition("\n")[0]
        data = f"{kept}\n\n*The summary is cut here; the report files hold the rest.*\n".encode()
    return _append(surface, path, data)


def publish_outputs(path: Path | None, outputs: Mapping[str, str]) -> Outcome:
    """Set the step's outputs, each between delimiters nobody can guess: no value can set another output."""
    surface = "outputs"
    if path is None:
        return NotPublished(surface, "the runner names no output file (GITHUB_OUTPUT).")
    lines = []
    for name, value in outputs.items():
        delimiter = f"end_{secrets.token_hex(16)}"
        lines.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return _append(surface, path, "".join(lines).encode("utf-8", "replace"))


def _append(surface: str, path: Path, data: bytes) -> Outcome:
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        return NotPublished(surface, f"{path} cannot be written ({error.strerror}).")
    return Published(surface)


def _replace(path: Path, text: str) -> None:
    """Write beside it and move it there, so that a reader sees the old file or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
