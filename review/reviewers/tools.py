"""What a model may look at: four read-only questions about the repository, answered out of git's object store.

Changed files are shown at head, everything else at base. Nothing is executed, nothing leaves the two commits, what is
answered is bounded and carries the gutter; an error is one of a few fixed sentences, so that no text of ours or of a
library reaches the model through one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from review.domain.redaction import redact, redact_file
from review.domain.tree import Tree
from review.errors import GitError
from review.model.base import ToolUse
from review.reviewers.agent_file import Agent
from review.reviewers.diff import excerpt, visible
from review.reviewers.lineage import Lineage
from review.reviewers.schemas import described_object, described_text, described_whole

READ_LINES = 400
HITS = 60
HIT_CHARACTERS = 160
"""Shown of a line that holds what was searched for."""
LISTED = 100
ANSWER_CHARACTERS = 12_000
"""Of one answer."""
CALLS = 15
"""Of one conversation."""
SEARCHED_FILES = 600
"""Files of which one search reads the text; a glob narrows it to those that matter."""
SECRETS = ("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*id_rsa*", "*.env", ".env*", "*/.env*", "*credentials*.json")
"""Files that are not shown whatever is asked."""

_PATH = "A path from the repository's root."
_GLOB = "A pattern such as models/**/*.sql; `*` matches across directories."

TOOLS: list[dict[str, Any]] = [
    {
        "name": "read_file",
        "description": "Lines of a file of the repository: at head where this pull request changes it, else at base.",
        "strict": True,
        "input_schema": described_object(
            path=described_text(_PATH),
            start_line=described_whole("First line, from 1."),
            end_line=described_whole(f"Last line; at most {READ_LINES} lines are given."),
        ),
    },
    {
        "name": "search",
        "description": "Lines that hold a text, case ignored, in the files that match a pattern.",
        "strict": True,
        "input_schema": described_object(
            text=described_text("The text, literally; no regular expression."), glob=described_text(_GLOB)
        ),
    },
    {
        "name": "list_files",
        "description": "The paths that match a pattern.",
        "strict": True,
        "input_schema": described_object(glob=described_text(_GLOB)),
    },
    {
        "name": "lineage",
        "description": "What a model, table or file reads (upstream), or which files read it (downstream).",
        "strict": True,
        "input_schema": described_object(
            node=described_text("A model's or table's name, or a path."),
            direction={"type": "string", "enum": ["upstream", "downstream"]},
        ),
    },
]
"""As they are sent; their text is part of the prefix that is cached, so it never depends on the change."""

_NAMES = {"read_file": "Read", "search": "Grep", "list_files": "Glob"}
"""What Claude Code calls them; lineage is no file, and every agent that may look at anything has it."""


def tools_of(agent: Agent) -> list[dict[str, Any]]:
    """The tools that the agent's file lets it have."""
    return [tool for tool in TOOLS if agent.allows(_NAMES.get(tool["name"], "Read"))]


@dataclass(frozen=True)
class Shelf:
    """Where the answers come from. Git answers one question at a time, so conversations take turns."""

    head: Tree
    base: Tree
    changed: frozenset[str]
    """Paths that exist at head and differ from base."""
    gone: frozenset[str]
    """Paths that the change takes away."""
    lineage: Lineage
    lock: Lock

    def has(self, path: str) -> bool:
        """Whether it may be shown."""
        if any(fnmatchcase(path.lower(), pattern) for pattern in SECRETS):
            return False
        with self.lock:
            return self.head.has(path) if path in self.changed else path not in self.gone and self.base.has(path)

    def text(self, path: str) -> str | None:
        """Its text, or None where it has none."""
        with self.lock:
            return (self.head if path in self.changed else self.base).text(path)

    def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The texts of many."""
        new = [path for path in paths if path in self.changed]
        old = [path for path in paths if path not in self.changed]
        with self.lock:
            return {**self.base.texts(old), **self.head.texts(new)}

    def paths(self) -> list[str]:
        """Every path that may be shown, sorted."""
        with self.lock:
            known = (set(self.base.paths()) | self.changed) - self.gone
        return sorted(path for path in known if not any(fnmatchcase(path.lower(), pattern) for pattern in SECRETS))


class Toolbox:
    """The tools of one conversation, and what is left of their number."""

    def __init__(self, shelf: Shelf, tools: Sequence[Mapping[str, Any]] = TOOLS, calls: int = CALLS) -> None:
        """`tools` are those that were offered; of others there is none."""
        self._shelf = shelf
        self._offered = {str(tool["name"]) for tool in tools}
        self._left = calls
        self._tools: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "read_file": self._read_file,
            "search": self._search,
            "list_files": self._list_files,
            "lineage": self._lineage,
        }

    def run(self, use: ToolUse) -> dict[str, Any]:
        """The `tool_result` block for one request of the model's."""
        name = use.name.strip().lower()
        tool = self._tools.get(name) if name in self._offered else None
        if tool is None:
            return _result(use, "There is no such tool.", is_error=True)
        if self._left <= 0:
            return _result(use, "No more files can be looked at; answer with what you have.", is_error=True)
        self._left -= 1
        try:
            return _result(use, tool(use.arguments))
        except _Refused as refusal:
            return _result(use, str(refusal), is_error=True)
        except GitError:
            return _result(use, "The repository cannot be read there.", is_error=True)

    def _read_file(self, arguments: Mapping[str, Any]) -> str:
        path = _string(arguments, "path").removeprefix("./")
        first, last = max(_whole(arguments, "start_line"), 1), _whole(arguments, "end_line")
        if not self._shelf.has(path):
            raise _Refused("There is no such file, or it is not shown.")
        text = self._shelf.text(path)
        if text is None:
            raise _Refused("The file holds no text.")
        version = "head" if path in self._shelf.changed else "base"
        last = min(max(last, first), first + READ_LINES - 1)
        total = text.count("\n") + (not text.endswith("\n"))
        if first > total:
            raise _Refused("The file ends before that line.")
        return f"{visible(path)} at {version}, lines {first} to {min(last, total)} of {total}\n" + excerpt(
            text.removesuffix("\n"), first, last
        )

    def _search(self, arguments: Mapping[str, Any]) -> str:
        wanted, glob = _string(arguments, "text").casefold(), _string(arguments, "glob")
        if len(wanted.strip()) < 2 or "\n" in wanted:
            raise _Refused("Search for a text of at least two characters on one line.")
        matching = self._matching(glob)
        looked = matching[:SEARCHED_FILES]
        lines: list[str] = []
        for path, text in sorted(self._shelf.texts(looked).items()):
            if wanted not in text.casefold():
                continue
            for number, line in enumerate(redact_file(text).split("\n"), 1):  # whole, since a key has many lines
                if wanted in line.casefold():
                    lines.append(f"{visible(path)}:{number}: {visible(line.strip()[:HIT_CHARACTERS])}")
                    if len(lines) >= HITS:
                        return "\n".join([*lines, f"(the first {HITS} hits)"])
        rest = f"\n(the first {SEARCHED_FILES} of {len(matching)} files)" if len(matching) > SEARCHED_FILES else ""
        return ("\n".join(lines) or f"No hit in {len(looked)} files.") + rest

    def _list_files(self, arguments: Mapping[str, Any]) -> str:
        matching = self._matching(_string(arguments, "glob"))
        more = f"\n({len(matching) - LISTED} more)" if len(matching) > LISTED else ""
        return ("\n".join(map(visible, matching[:LISTED])) or "No file matches.") + more

    def _lineage(self, arguments: Mapping[str, Any]) -> str:
        node, direction = _string(arguments, "node"), _string(arguments, "direction")
        if direction not in ("upstream", "downstream"):
            raise _Refused("The direction is upstream or downstream.")
        paths = self._shelf.lineage.named(node)
        if not paths:
            return "Nothing of that name is known; only changed files and those that mention them are."
        lines = []
        for path in paths:
            lineage = self._shelf.lineage
            found = lineage.parents(path) if direction == "upstream" else lineage.children(path)
            lines.append(f"{visible(path)} {direction}: {', '.join(map(visible, found[:LISTED])) or 'nothing known'}")
        return "\n".join(lines)

    def _matching(self, glob: str) -> list[str]:
        pattern = (glob.removeprefix("./") or "*").replace("**/", "*").replace("**", "*")
        if ".." in pattern or pattern.startswith("/"):
            raise _Refused("A pattern stays inside the repository.")
        return [path for path in self._shelf.paths() if fnmatchcase(path, pattern)]


class _Refused(Exception):
    """The question cannot be answered; the text is for the model, and ours."""


def _result(use: ToolUse, text: str, *, is_error: bool = False) -> dict[str, Any]:
    shown = redact(text)
    if len(shown) > ANSWER_CHARACTERS:
        shown = shown[:ANSWER_CHARACTERS].rpartition("\n")[0] + "\n(cut here)"
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": use.id, "content": shown}
    return {**block, "is_error": True} if is_error else block


def _string(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or len(value) > 1_000 or "\0" in value:
        raise _Refused(f"`{name}` must be a text.")
    return value


def _whole(arguments: Mapping[str, Any], name: str) -> int:
    value = arguments.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Refused(f"`{name}` must be a whole number.")
    return value
