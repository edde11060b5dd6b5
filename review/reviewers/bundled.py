"""The agents that come with the project: `agents/` beside the package in a checkout, inside it once installed."""

import string
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
_NAMED_WITH = frozenset(string.ascii_lowercase + string.digits + "-")
_ALWAYS_THERE = "data-engineer.md"
"""Tells our directory from another package's `agents`, which may stand beside ours in site-packages."""


def bundled(name: str) -> str | None:
    """The text of that agent's file; None where no agent of that name comes with the project."""
    path = _directory() / f"{name}.md"
    return path.read_text("utf-8") if _is_name(name) and path.is_file() else None


def names() -> tuple[str, ...]:
    """The agents there are, sorted."""
    return tuple(sorted(path.stem for path in _directory().glob("*.md") if _is_name(path.stem)))


def _directory() -> Path:
    installed, checkout = PACKAGE / "agents", PACKAGE.parent / "agents"
    return checkout if (checkout / _ALWAYS_THERE).is_file() and not installed.is_dir() else installed


def _is_name(text: str) -> bool:
    return bool(text) and set(text) <= _NAMED_WITH
