"""What the process says on its streams, and the only place that writes there while a review runs.

In a workflow the runner obeys lines of stdout and stderr that look like commands (`::cmd::` at the start of a line,
the legacy `##[cmd]` anywhere in it), so no text of others goes there as it is: in commands of ours it is escaped,
elsewhere it is made harmless. Secrets of known forms are blotted out; the runner masks only those it was told of. On a
plain terminal the same calls write ordinary text.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from review.domain.redaction import redact

MAX_MESSAGE = 4_000
"""Characters; the runner cuts at 4,096."""
MAX_INPUT = 50_000
"""Characters looked at."""


class Annotation(Protocol):
    """What `annotate` shows: see `review.render.annotations.Annotation`."""

    @property
    def level(self) -> str:
        """`error`, `warning` or `notice`."""

    @property
    def path(self) -> str:
        """Relative to the repository's root."""

    @property
    def line(self) -> int | None:
        """1-based; None where it is about the file."""

    @property
    def end_line(self) -> int | None:
        """The last line, this one included."""

    @property
    def title(self) -> str:
        """One line."""

    @property
    def message(self) -> str:
        """Any text."""


def notice(message: str, environ: Mapping[str, str]) -> None:
    """Something a reader of the run should know."""
    _say("notice", message, environ)


def warning(message: str, environ: Mapping[str, str]) -> None:
    """Something that does not stop the review."""
    _say("warning", message, environ)


def error(message: str, environ: Mapping[str, str]) -> None:
    """Why the review could not be done, or the check fails."""
    _say("error", message, environ)


def debug(message: str, environ: Mapping[str, str]) -> None:
    """Seen only where the workflow's owner turned on step debugging; nothing elsewhere."""
    if in_workflow(environ):
        _say("debug", message, environ)


def line(text: str, environ: Mapping[str, str]) -> None:
    """One line of the log (stdout), whatever it holds."""
    sys.stdout.write(_harmless(text, environ) + "\n")
    sys.stdout.flush()


def annotate(annotation: Annotation, environ: Mapping[str, str]) -> None:
    """An annotation beside the lines it is about; outside a workflow a line of text."""
    if not in_workflow(environ):
        where = annotation.path if annotation.line is None else f"{annotation.path}:{annotation.line}"
        line(f"{where}: {annotation.level}: {annotation.title}: {annotation.message}", environ)
        return
    properties = {"file": annotation.path, "title": annotation.title}
    if annotation.line is not None:
        properties |= {"line": str(annotation.line), "endLine": str(annotation.end_line or annotation.line)}
    _command(annotation.level, annotation.message, properties)


@contextmanager
def group(title: str, environ: Mapping[str, str]) -> Iterator[None]:
    """Lines that a workflow's log folds under a title."""
    if not in_workflow(environ):
        line(title, environ)
        yield
        return
    _command("group", title)
    try:
        yield
    finally:
        _command("endgroup", "")


@contextmanager
def without_commands(environ: Mapping[str, str]) -> Iterator[None]:
    """While inside, the runner obeys nothing that is printed, not even a command in somebody else's text."""
    if not in_workflow(environ):
        yield
        return
    token = os.urandom(16).hex()
    _command("stop-commands", token)
    try:
        yield
    finally:
        _command(token, "")


def in_workflow(environ: Mapping[str, str]) -> bool:
    """Whether the streams go to the runner."""
    return environ.get("GITHUB_ACTIONS") == "true"


def _say(level: str, message: str, environ: Mapping[str, str]) -> None:
    if in_workflow(environ):
        _command(level, message)
    else:
        sys.stderr.write(f"data-review: {level}: {_harmless(message, environ)}\n")
        sys.stderr.flush()


def _command(name: str, message: str, properties: Mapping[str, str] | None = None) -> None:
    """One workflow command on stdout, escaped as the runner unescapes it (actions/runner, ActionCommand.cs)."""
    pairs = ",".join(f"{key}={_escape_property(value)}" for key, value in (properties or {}).items())
    sys.stdout.write(f"::{name}{pairs and ' ' + pairs}::{_escape(_printable(message)[:MAX_MESSAGE])}\n")
    sys.stdout.flush()


def _escape(text: str) -> str:
    """The legacy form `##[cmd]` is looked for anywhere in a line, our own commands' text included."""
    return text.replace("##[", "## [").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(_printable(text)).replace(":", "%3A").replace(",", "%2C")


def _harmless(text: str, environ: Mapping[str, str]) -> str:
    """One printable line that is no command."""
    text = " ".join(_printable(text).split("\n")).replace("##[", "## [")
    return text.replace("::", ": :") if in_workflow(environ) and text.lstrip().startswith("::") else text


def _printable(text: str) -> str:
    """No secret, and nothing that moves a cursor, sets a colour or reorders the line; line breaks stay."""
    text = redact(text[:MAX_INPUT]).replace("\r\n", "\n").replace("\t", " ")
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)
