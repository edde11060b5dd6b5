"""The handler `review.evidence.analyse`, whose answers also tell what was imported or opened while they were made.

In the jail both fail, but a parser may swallow that and do something else: what is attempted is what counts.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from review.evidence import analyse
from review.evidence.analyse import prepare, warm
from review.sql.parse import CannotParse, parse
from review.sql.render import Rendering

__all__ = ["handle", "prepare", "share", "warm"]

EVENTS = frozenset({"import", "open", "os.listdir", "os.scandir", "socket.__new__", "subprocess.Popen"})
ATTEMPTS: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS:
        ATTEMPTS.append(f"{event} {arguments[0]}")


def _begin() -> None:
    if not ATTEMPTS:
        sys.addaudithook(_watch)
        ATTEMPTS.append("")


def share(data: Mapping[str, Any]) -> dict[str, Any]:
    """As it is."""
    _begin()
    return analyse.share(data)


def handle(data: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, with the attempts since the last one."""
    _begin()
    del ATTEMPTS[1:]
    answer = analyse.handle(data)
    if data["dialect"] and data["head"]:
        _write_anew(data["head"]["text"], data["dialect"])
    return {**answer, "attempts": ATTEMPTS[1:]}


def _write_anew(text: str, dialect: str) -> None:
    """Each statement by itself, parsed and written as SQL: a rule does that with what it finds."""
    for piece in text.split(";"):
        with suppress(CannotParse):
            sql = parse(Rendering(piece, piece), dialect)
            for statement in sql.statements:
                sql.text(statement)
