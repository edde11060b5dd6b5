"""Names and values of a file of settings, whatever its format: YAML and JSON by their events, the rest line by line.

Nothing is loaded, no alias is followed and nothing recurses, so the time is linear in the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from review.rules.trust._values import is_here

if TYPE_CHECKING:
    import yaml

MAX_YAML = 500_000
"""Characters of a file whose structure is read; a longer one is read line by line."""
MAX_DEPTH = 100
"""Levels of nesting; libyaml takes the square of them."""
MAX_VALUE = 500
"""Characters of a value that is looked at, and of a line's name."""
STRUCTURED = (".yml", ".yaml", ".json")
_SHELL = (".sh", ".bash")
_STR = ("tag:yaml.org,2002:str", "!", None)
_COMMENTS = ("#", ";", "//", "--")
_BEFORE_A_NAME = ("export ", "ENV ", "ARG ", "set ", "- ")
_HOSTS = ("host", "hostname", "server", "address", "endpoint", "dbhost", "db_host")
_HERE = ("localhost", "127.0.0.1", "host.docker.internal")
_BREAKS = {0x85: " ", 0x2028: " ", 0x2029: " "}
"""Ends of lines to YAML 1.1, and to nothing else that counts lines."""


class Beside(dict[str, str]):
    """Lower-case name → value of the settings in one mapping or section."""

    @cached_property
    def is_of_this_machine(self) -> bool:
        """Whether they are of a database that runs on this machine or beside it. Looked up once for all of them."""
        if any(place in value.lower() for value in self.values() for place in _HERE):
            return True
        hosts = [self[name] for name in _HOSTS if name in self]
        return any(is_here(host.partition(":")[0].lower()) and "{" not in host and "$" not in host for host in hosts)


@dataclass(frozen=True)
class Setting:
    """A name with its literal value."""

    name: str
    value: str
    line: int
    """1-based."""
    beside: Beside
    """The settings in the same mapping or section, itself among them."""


@dataclass
class _Group:
    """A mapping, a list or a section that is being read."""

    is_mapping: bool
    key: str | None = None
    """The name that waits for its value."""
    found: list[tuple[str, str, int]] = field(default_factory=list)

    def settings(self) -> Iterator[Setting]:
        beside = Beside((name.lower(), value) for name, value, _ in self.found)
        for name, value, line in self.found:
            yield Setting(name, value, line, beside)
        if "name" in beside and "value" in beside:  # as Kubernetes gives a container its environment
            line = next(line for name, _, line in self.found if name.lower() == "value")
            yield Setting(beside["name"], beside["value"], line, beside)


def settings(path: str, text: str) -> Iterator[Setting]:
    """The settings of a file, in no certain order. What does not parse as its name says is read line by line."""
    lowered = path.lower()
    if lowered.endswith(STRUCTURED) and len(text) <= MAX_YAML and "\r" not in text.replace("\r\n", ""):
        found = _of_yaml(text)
        if found is not None:
            yield from found
            return
    yield from _of_lines(text, ending=lowered[lowered.rfind(".") :])


def _of_yaml(text: str) -> list[Setting] | None:
    """None where it does not parse."""
    import yaml

    groups: list[_Group] = [_Group(is_mapping=False)]
    made: list[Setting] = []
    try:
        for event in yaml.parse(text.translate(_BREAKS), Loader=yaml.CSafeLoader):
            _take(event, groups, made)
            if len(groups) > MAX_DEPTH:
                return None
    except (yaml.YAMLError, ValueError):
        return None
    return made


def _take(event: "yaml.Event", groups: list[_Group], made: list[Setting]) -> None:
    import yaml

    top = groups[-1]
    if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
        groups.append(_Group(isinstance(event, yaml.MappingStartEvent)))
    elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
        made.extend(groups.pop().settings())
        _placed(groups[-1], None, 0)
    elif isinstance(event, yaml.AliasEvent):
        _placed(top, None, 0)
    elif isinstance(event, yaml.ScalarEvent):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if not top.is_mapping and "=" in event.value:  # `- NAME=value`, as Docker's compose files have it
            made.extend(_of_lines(event.value, line))
        _placed(top, event.value if event.tag in _STR else None, line)


def _placed(group: _Group, value: str | None, line: int) -> None:
    """A value, or None for what is no text, comes as the next name or value of a mapping."""
    if not group.is_mapping:
        return
    if group.key is None:
        group.key = value or ""
        return
    if value is not None and len(value) <= MAX_VALUE:
        group.found.append((group.key, value, line))
    group.key = None


def _of_lines(text: str, first: int = 1, ending: str = "") -> Iterator[Setting]:
    """`name = value`, `NAME=value`, `name: value`, `"name": "value",`, with sections in square brackets."""
    group = _Group(is_mapping=True)
    variable = ""
    for number, line in enumerate(text.split("\n"), first):
        stripped = line.strip()
        if stripped.startswith("[") or stripped in ("{", "}"):
            yield from group.settings()
            group, variable = _Group(is_mapping=True), ""
        elif stripped and not stripped.startswith(_COMMENTS):
            variable, stripped = _variable(stripped[: 2 * MAX_VALUE], variable)
            pair = _pair(stripped, ending)
            if pair is not None:
                name, value = pair
                group.found.append((variable if variable and name == "default" else name, value, number))
    yield from group.settings()


def _variable(line: str, before: str) -> tuple[str, str]:
    """The Terraform variable whose block the line is in or opens, and the rest of the line: `variable "name" {`."""
    if not line.startswith('variable "'):
        return before, line
    name, _, rest = line.removeprefix('variable "').partition('"')
    return name, rest.strip().removeprefix("{").removesuffix("}").strip()


def _pair(line: str, ending: str) -> tuple[str, str] | None:
    if ending == ".conf" and (pair := _spaced(line)) is not None:
        return pair
    for before in _BEFORE_A_NAME:
        line = line.removeprefix(before).lstrip()
    at = min((index for sign in "=:" if (index := line.find(sign)) > 0), default=0)
    name = line[:at].strip().strip("\"'")
    if not name or not all(sign.isalnum() or sign in "_.-" for sign in islice(name, MAX_VALUE)):
        return None
    value = line[at + 1 :].lstrip("=>").strip()
    quote = value[:1]
    if quote in ("'", '"'):
        end = value.find(quote, 1)
        return (name, value[1:end]) if end > 0 and value[end + 1 :].strip(" ,;")[:1] in ("", "#") else None
    if ending in _SHELL:  # `NAME=value command`
        value = value.split(maxsplit=1)[0] if value else value
    return name, value.partition(" #")[0].rstrip(" ,;")


def _spaced(line: str) -> tuple[str, str] | None:
    """`spark.name value`, as `spark-defaults.conf` has it; None for any other line."""
    name, *values = line.split(maxsplit=2)
    is_named = "." in name and all(sign.isalnum() or sign in "_.-" for sign in name)
    return (name, values[0]) if is_named and len(values) == 1 and not values[0].startswith(("=", ":")) else None
