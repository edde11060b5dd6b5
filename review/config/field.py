"""YAML nodes with their lines: what stands in the policy file, and the sentence that says what is wrong where.

YAML's own loader would keep the last of two equal keys, drop every line number and accept any type; a policy decides
what may be merged, so nothing in it is guessed at.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

import yaml

from review.errors import PolicyError

MAX_BYTES = 262_144
"""A policy of 256 KiB is no policy; a file that large is a mistake, or made to cost time."""
MAX_DEPTH = 8

TEXT = "tag:yaml.org,2002:str"
_NOTHING = "tag:yaml.org,2002:null"
_NULLS = ("", "~", "null", "Null", "NULL")
"""What YAML takes for nothing where no tag says so: a tag before a value does not take the value away."""
MAX_TEXT = 500
"""Characters of a value on one line."""
MAX_NAME = 80
"""Characters of a key that a sentence shows."""


@dataclass(frozen=True)
class Field:
    """One node of the file, and the way to it (`rules.severity.DBT001`)."""

    source: str
    name: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """1-based."""
        return int(self.node.start_mark.line) + 1

    @property
    def key(self) -> str:
        """The way to it as a sentence shows it: cut, and on one line."""
        return _key(self.name)

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there."""
        return is_nothing(self.node)

    def wrong(self, expected: str) -> NoReturn:
        """Raise PolicyError: what stands there, and what was expected."""
        shown = _shown(self.node)
        name = f"`{self.key}`" if self.name else "the policy"
        raise PolicyError(f"{self.source}, line {self.line}: {name} is {shown}; expected {expected}.")

    def mapping(self, expected: str) -> dict[str, "Field"]:
        """Key → value. Raises PolicyError for anything but a mapping, and for a key that is no text or comes twice."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong(expected)
        found: dict[str, Field] = {}
        for key, value in self.node.value:
            here = Field(self.source, self.name, key)
            if not isinstance(key, yaml.ScalarNode) or key.tag != TEXT:
                raise PolicyError(f"{self.source}, line {here.line}: a key is {_shown(key)}; expected {expected}.")
            name = _join(self.name, key.value)
            if key.value in found:
                raise PolicyError(
                    f"{self.source}, line {here.line}: `{_key(name)}` is here for the second time"
                    f" (first on line {found[key.value].line}); write it once."
                )
            found[key.value] = Field(self.source, name, value)
        return found

    def table(self, *keys: str) -> dict[str, "Field"]:
        """As `mapping`, with these keys and no others; a key with nothing behind it is left out."""
        listed = ", ".join(keys)
        found = self.mapping(f"a mapping with any of {listed}" if len(keys) > 1 else f"a mapping with {listed}")
        for key, value in found.items():
            if key not in keys:
                line = next(k.start_mark.line + 1 for k, _ in self.node.value if k.value == key)
                raise PolicyError(
                    f"{self.source}, line {line}: `{value.key}` is not a key of the policy{meant(key, keys)};"
                    f" expected one of {listed}."
                )
        return {key: value for key, value in found.items() if not value.is_empty}

    def items(self, expected: str) -> Iterator["Field"]:
        """The entries of a list. Raises PolicyError for anything else."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong(f"a list of {expected}")
        for number, node in enumerate(self.node.value, 1):
            yield Field(self.source, f"{self.name}[{number}]", node)

    def text(self, expected: str) -> str:
        """A text that holds something, on one line, without surrounding blanks."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != TEXT:
            self.wrong(expected + (", in quotes" if isinstance(self.node, yaml.ScalarNode) else ""))
        value = str(self.node.value).strip()
        if not is_line(value):
            self.wrong(f"{expected} on one line, of at most {MAX_TEXT} characters")
        return value


def is_line(text: str) -> bool:
    """Whether a text holds something on one line that shows all of it, and is no longer than one should be."""
    return bool(text) and text.isprintable() and len(text) <= MAX_TEXT


def is_nothing(node: yaml.Node) -> bool:
    """Whether a node is an empty value, or the whole of an empty file."""
    return isinstance(node, yaml.ScalarNode) and node.tag == _NOTHING and node.value in _NULLS


def meant(word: str, known: Collection[str]) -> str:
    """`; did you mean …?` where a known word is close, else nothing."""
    close = get_close_matches(word, known, 1, 0.6) or get_close_matches(word.replace("_", "-").lower(), known, 1, 0.6)
    return f" (did you mean `{close[0]}`?)" if close else ""


def compose(text: str, path: str) -> yaml.Node | None:
    """The file's one document, None where it holds none. Raises PolicyError for what is no YAML, or too much of it."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise PolicyError(f"{path}: larger than {MAX_BYTES // 1024} KiB, which no policy is.")
    try:
        _refuse_anchors(text, path)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = "" if mark is None else f", line {mark.line + 1}"
        raise PolicyError(f"{path}{where}: not YAML ({error.problem or error.context}).") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{path}: not YAML ({' '.join(str(error).split())}).") from error


def _refuse_anchors(text: str, path: str) -> None:
    """Anchors let a few lines stand for millions of nodes, and depth exhausts the stack: a policy needs neither."""
    loader = yaml.SafeLoader(text)
    depth = 0
    try:
        while loader.check_event():
            event = loader.get_event()  # type: ignore[no-untyped-call]
            mark = event.start_mark
            where = path if mark is None else f"{path}, line {mark.line + 1}"
            if getattr(event, "anchor", None) is not None:
                raise PolicyError(
                    f"{where}: anchors (&name) and aliases (*name) are not accepted; write the value out."
                )
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise PolicyError(f"{where}: nested more than {MAX_DEPTH} deep; no key of the policy is.")
    except (ValueError, OverflowError) as error:  # PyYAML 6 lets those of `int` and `chr` through
        said = "a number stands for no character, or is too long"
        raise PolicyError(f"{path}, line {loader.line + 1}: not YAML ({said}).") from error


def _shown(node: yaml.Node) -> str:
    """What stands there, short enough for a sentence."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    value = str(node.value)
    return "empty" if not value.strip() else repr(value if len(value) <= 80 else value[:80] + "…")


def _key(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name[:MAX_NAME])


def _join(parent: str, key: str) -> str:
    return f"{parent}.{key}" if parent else key
