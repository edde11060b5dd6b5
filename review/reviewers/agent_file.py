"""Reads an agent's file: Claude Code's format, a frontmatter of keys and then the text that the agent is told.

Any such file that people have is to work here. A good many hold a frontmatter that is not YAML (a description with
colons and examples in it), so what YAML does not take is read line by line.
Source of the keys and of what each does: code.claude.com/docs/en/sub-agents (August 2026).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.domain.wording import listed, shorten
from review.errors import AgentFileError

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 65_536
OURS = ("Read", "Grep", "Glob")
"""The tools of Claude Code that an agent has here, by the names it knows them by."""
EFFORTS = ("low", "medium", "high", "xhigh", "max")
HONOURED = ("name", "description", "model", "effort", "maxTurns", "tools", "disallowedTools")
WITHOUT_EFFECT = ("permissionMode", "skills", "mcpServers", "hooks", "memory", "background", "isolation")
"""Keys that change what an agent does in Claude Code and change nothing here: each is told."""
UNNOTICED = ("color", "initialPrompt")
"""Keys that change nothing for an agent that another program starts, there or here."""

_KEYS = frozenset(HONOURED + WITHOUT_EFFECT + UNNOTICED)
_OFF = ("", "false", "default", "none")
"""Values of keys without effect that ask for nothing."""
_MAX_DEPTH = 10
"""`hooks` nests six deep."""
_MAX_NAME = 64
_MAX_DESCRIPTION = 10_000
_MAX_WORD = 100
"""Longest model or tool's name."""
_MAX_TOOLS = 200
_SHOWN = 6
"""Most names that one notice holds."""


@dataclass(frozen=True)
class Agent:
    """What an agent's file says. Every text but the body is on one line and of bounded length."""

    name: str
    description: str
    body: str
    model: str = ""
    """As written; empty where the file names none or says `inherit`."""
    effort: str = ""
    """One of `EFFORTS`, or empty."""
    max_turns: int | None = None
    tools: tuple[str, ...] | None = None
    """Names as written, those it may not use taken out; None stands for all there are."""
    notices: tuple[str, ...] = ()
    """What of the file has no effect here, one clause each."""

    def allows(self, tool: str) -> bool:
        """May it use this tool, one of `OURS`?"""
        return self.tools is None or tool.casefold() in map(_base, self.tools)


@dataclass(frozen=True)
class _Value:
    """What stands behind a key: a text, or the entries of a list (of a mapping, its keys)."""

    line: int
    text: str = ""
    items: tuple[str, ...] | None = None

    @property
    def is_on(self) -> bool:
        return self.text.casefold() not in _OFF if self.items is None else bool(self.items)


def read_agent(text: str, path: str) -> Agent:
    """The agent in that text. Raises AgentFileError, naming the path, where it is none or has no name or text."""
    frontmatter, first, body = _split(text, path)
    values = _by_yaml("\n".join(frontmatter), first)
    if values is None:
        values = _by_lines(frontmatter, first)
    asked = _tools(values)
    model = _one_line(_text(values, "model"), _MAX_WORD)
    effort = _text(values, "effort").strip().casefold()
    turns = _text(values, "maxTurns").strip()
    return Agent(
        name=_name(values, path),
        description=_description(values, path),
        body=body,
        model="" if model.casefold() == "inherit" else model,
        effort=effort if effort in EFFORTS else "",
        max_turns=int(turns) if _is_count(turns) else None,
        tools=_without_denied(asked, values),
        notices=tuple(_notices(values, asked, effort, turns)),
    )


def _split(text: str, path: str) -> tuple[list[str], int, str]:
    """The frontmatter's lines, the number of the first of them, and the body. Raises AgentFileError."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise AgentFileError(f"{path}: larger than {MAX_BYTES // 1024} KiB, which no agent's file may be.")
    if "\0" in text or "\ufffd" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise AgentFileError(f"{path}: not a text file in UTF-8.")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[start].rstrip() != "---":
        raise AgentFileError(
            f"{path}: no frontmatter; an agent's file begins with a line `---`, keys such as `name: reviewer`, and"
            " another line `---`."
        )
    end = next((number for number in range(start + 1, len(lines)) if lines[number].rstrip() == "---"), None)
    if end is None:
        raise AgentFileError(f"{path}, line {start + 1}: the frontmatter that begins here has no second line `---`.")
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise AgentFileError(f"{path}, line {end + 1}: nothing follows the frontmatter; write what the agent is told.")
    return lines[start + 1 : end], start + 2, body


def _name(values: dict[str, _Value], path: str) -> str:
    name = _text(values, "name").strip()
    if not name:
        raise AgentFileError(f"{path}: the frontmatter has no `name`; write one such as `name: reviewer`.")
    if ":" in name or name.startswith("-") or not name.isprintable() or len(name) > _MAX_NAME:
        raise AgentFileError(
            f"{path}, line {values['name'].line}: {_one_line(name, _MAX_NAME)!r} cannot be a name; expected at most"
            f" {_MAX_NAME} printable characters, no colon among them and no hyphen before them."
        )
    return name


def _description(values: dict[str, _Value], path: str) -> str:
    description = _one_line(_text(values, "description"), _MAX_DESCRIPTION)
    if not description:
        raise AgentFileError(f"{path}: the frontmatter has no `description`; say in a sentence what the agent is for.")
    return description


def _tools(values: dict[str, _Value]) -> tuple[str, ...] | None:
    """What `tools` names; None where it is absent, empty or `*`."""
    value = values.get("tools")
    if value is None or (value.items is None and not value.text.strip()):
        return None
    names = _names(value)
    return None if "*" in names else names


def _without_denied(asked: tuple[str, ...] | None, values: dict[str, _Value]) -> tuple[str, ...] | None:
    denied = {name.casefold() for name in _names(values["disallowedTools"])} if "disallowedTools" in values else set()
    if not denied & set(map(str.casefold, OURS)):
        return asked
    return tuple(name for name in (OURS if asked is None else asked) if _base(name) not in denied)


def _notices(values: dict[str, _Value], asked: tuple[str, ...] | None, effort: str, turns: str) -> Iterator[str]:
    ours = [_base(name) for name in OURS]
    if asked is not None and (others := [name for name in asked if _base(name) not in ours]):
        word, verb = ("tool", "is") if len(others) == 1 else ("tools", "are")
        yield f"the {word} {listed(others, _SHOWN)} {verb} not given: the agent can only read" + (
            "" if len(others) < len(asked) else f"; it asks for none of {', '.join(OURS)}, so it sees the change alone"
        )
    denied = _names(values["disallowedTools"]) if "disallowedTools" in values else ()
    if patterns := [name for name in denied if "(" in name and _base(name) in ours]:
        yield f"{listed(patterns, _SHOWN)} in disallowedTools has no effect here: a tool is denied as a whole"
    if idle := [key for key in WITHOUT_EFFECT if key in values and values[key].is_on]:
        yield f"{listed(idle, _SHOWN)} {'has' if len(idle) == 1 else 'have'} no effect here"
    if effort and effort not in EFFORTS:
        yield f"effort {_one_line(effort, _MAX_WORD)} is not known (one of {', '.join(EFFORTS)}), so it is not set"
    if turns and not _is_count(turns):
        yield f"maxTurns {_one_line(turns, _MAX_WORD)} is no number from 1 to 999, so it is not set"
    alike = {_bare(key): key for key in HONOURED}
    for key in values:
        if key not in _KEYS and (meant := alike.get(_bare(key))):
            yield f"the key {_one_line(key, _MAX_WORD)} is not read; write it {meant}"


def _by_yaml(text: str, first: int) -> dict[str, _Value] | None:
    """Key → value, the first where a key comes twice; None where this is not YAML, or YAML that we do not trust."""
    import yaml

    try:
        if not _is_plain(yaml.parse(text, Loader=yaml.CSafeLoader)):
            return None
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    if not isinstance(root, yaml.MappingNode):
        return None
    found: dict[str, _Value] = {}
    for key, node in root.value:
        if isinstance(key, yaml.ScalarNode):
            found.setdefault(str(key.value), _from_node(node, first + key.start_mark.line))
    return found


def _is_plain(events: "Iterable[yaml.Event]") -> bool:
    """Anchors let a few lines stand for millions of nodes, and depth exhausts the stack: an agent needs neither."""
    import yaml

    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH or getattr(event, "anchor", None) is not None:
            return False
    return True


def _from_node(node: "yaml.Node", line: int) -> _Value:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return _Value(line, "" if node.tag == "tag:yaml.org,2002:null" else str(node.value))
    nodes = [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else node.value
    return _Value(line, items=tuple(str(item.value) if isinstance(item, yaml.ScalarNode) else "" for item in nodes))


def _by_lines(lines: Sequence[str], first: int) -> dict[str, _Value]:
    """As `_by_yaml`, of anything: a known key opens a value, and the description takes all that is no known key."""
    found: dict[str, tuple[int, list[str]]] = {}
    current = ""
    for number, line in enumerate(lines, first):
        key, colon, rest = line.partition(":")
        if colon and key in _KEYS and rest[:1].strip() == "":
            current = "" if key in found else key
            found.setdefault(key, (number, [rest]))
        elif current == "description" or (current and (line[:1].isspace() or line.startswith("- "))):
            found[current][1].append(line)
    return {key: _from_lines(key, number, chunk) for key, (number, chunk) in found.items()}


def _from_lines(key: str, line: int, chunk: Sequence[str]) -> _Value:
    head, *more = [part for part in (part.strip() for part in chunk) if part] or [""]
    if key == "description":
        return _Value(line, _unquoted(" ".join([*([] if head in ("|", ">", "|-", ">-") else [head]), *more])))
    words = [_unquoted(part.partition(" #")[0].strip()) for part in (head, *more) if not part.startswith("#")]
    if words and all(word.startswith("- ") for word in words):
        return _Value(line, items=tuple(_unquoted(word[2:].strip()) for word in words))
    text = " ".join(words)
    if text.startswith("[") and text.endswith("]"):
        return _Value(line, items=tuple(_unquoted(item.strip()) for item in text[1:-1].split(",") if item.strip()))
    return _Value(line, text)


def _unquoted(text: str) -> str:
    inside = text[1:-1]
    return inside if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in inside else text


def _text(values: dict[str, _Value], key: str) -> str:
    return values[key].text if key in values else ""


def _names(value: _Value) -> tuple[str, ...]:
    """Names apart by commas or blanks, each once; `Agent(a, b)` is one."""
    names, depth = [""], 0
    for char in value.text if value.items is None else ",".join(value.items):
        depth += (char == "(") - (char == ")")
        if depth <= 0 and (char == "," or char.isspace()):
            names.append("")
        else:
            names[-1] += char
    return tuple(dict.fromkeys(_one_line(name, _MAX_WORD) for name in names if name))[:_MAX_TOOLS]


def _base(tool: str) -> str:
    """`Read` and `Read(src/**)` → `read`."""
    return tool.partition("(")[0].strip().casefold()


def _bare(key: str) -> str:
    """`max-turns`, `max_turns` and `MaxTurns` → `maxturns`."""
    return key.replace("-", "").replace("_", "").casefold()


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= len(text) <= 3 and int(text) > 0


def _one_line(text: str, limit: int) -> str:
    """Without control and invisible characters, blanks one at a time, cut where it is too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return shorten(line, limit)
