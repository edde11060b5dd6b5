"""Reads the policy file: every key known, every value checked, every error with its line.

YAML is composed into nodes, which know their lines, and never constructed into objects: no tag of the file does anything.
"""

from collections.abc import Callable, Iterator
from datetime import date
from difflib import get_close_matches
from typing import Any

import yaml

from review.domain.finding import Severity
from review.errors import PolicyError

MAX_BYTES = 256 * 1024
_FAIL_ON = (*(severity.value for severity in Severity), "never")


class _Reader:
    """The checks, each of which names the file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def error(self, node: yaml.Node, what: str) -> PolicyError:
        return PolicyError(f"{self.path}, line {node.start_mark.line + 1}: {what}.")

    def mapping(self, node: yaml.Node, where: str, known: tuple[str, ...] = ()) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, f"{where} must be a mapping of keys to values")
        seen: set[str] = set()
        for key_node, value in node.value:
            key = self.text(key_node, f"a key of {where}")
            if known and key not in known:
                close = get_close_matches(key, known, 1)
                hint = f"did you mean {close[0]}?" if close else f"the keys are {', '.join(known)}"
                raise self.error(key_node, f"{where} has no key {key!r}; {hint}")
            if key in seen:
                raise self.error(key_node, f"{where} has the key {key!r} twice")
            seen.add(key)
            yield key, value

    def text(self, node: yaml.Node, where: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null" or not node.value.strip():
            raise self.error(node, f"{where} must be a text")
        return str(node.value)

    def texts(self, node: yaml.Node, where: str) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, f"{where} must be a list")
        return tuple(self.text(item, f"an entry of {where}") for item in node.value)

    def choice(self, node: yaml.Node, where: str, accepted: tuple[str, ...]) -> str:
        value = self.text(node, where)
        if value not in accepted:
            raise self.error(node, f"{where} is {value[:60]!r}; it must be one of {', '.join(accepted)}")
        return value

    def day(self, node: yaml.Node, where: str) -> date:
        value = self.text(node, where)
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise self.error(node, f"{where} is {value[:60]!r}; it must be a day such as 2026-12-31") from error


def read_policy(text: str, path: str) -> dict[str, Any]:
    """The fields of `Policy` that the file sets. Raises PolicyError."""
    reader = _Reader(path)
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise PolicyError(f"{path}: larger than {MAX_BYTES // 1024} kB; a policy is a page of settings.")
    root = _compose(text, path)
    if root is None:
        return {}
    fields: dict[str, Any] = {}
    sections: dict[str, Callable[[_Reader, yaml.Node, dict[str, Any]], None]] = {
        "fail-on": _fail_on,
        "paths": lambda r, n, f: f.update(paths=r.texts(n, "paths")),
        "paths-ignore": lambda r, n, f: f.update(paths_ignore=r.texts(n, "paths-ignore")),
        "generated": lambda r, n, f: f.update(generated=r.texts(n, "generated")),
        "rules": _rules,
        "sqlfluff": _sqlfluff,
        "waivers": _waivers,
    }
    for key, node in reader.mapping(root, "the policy", tuple(sections)):
        sections[key](reader, node, fields)
    return fields


def _compose(text: str, path: str) -> yaml.Node | None:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            anchor = getattr(event, "anchor", None)
            if anchor is not None:
                raise PolicyError(
                    f"{path}, line {event.start_mark.line + 1}: anchors and aliases (&{anchor}) are not taken here;"
                    " write the value out."
                )
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PolicyError(f"{path}{line}: not valid YAML ({error.problem}).") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PolicyError(f"{path}: not valid YAML ({type(error).__name__}).") from error


def _fail_on(reader: _Reader, node: yaml.Node, fields: dict[str, Any]) -> None:
    value = reader.choice(node, "fail-on", _FAIL_ON)
    fields["fail_on"] = None if value == "never" else Severity(value)


def _rules(reader: _Reader, node: yaml.Node, fields: dict[str, Any]) -> None:
    for key, value in reader.mapping(node, "rules", ("select", "ignore", "severity")):
        if key == "severity":
            fields["severities"] = {
                code: Severity(reader.choice(level, f"rules.severity.{code}", _FAIL_ON[:-1]))
                for code, level in reader.mapping(value, "rules.severity")
            }
        else:
            fields[key] = frozenset(reader.texts(value, f"rules.{key}"))


def _sqlfluff(reader: _Reader, node: yaml.Node, fields: dict[str, Any]) -> None:
    for key, value in reader.mapping(node, "sqlfluff", ("dialect", "rules")):
        if key == "rules":
            fields["lint_rules"] = reader.texts(value, "sqlfluff.rules")
        else:
            fields["dialects"] = tuple(
                (pattern, reader.text(name, f"sqlfluff.dialect.{pattern}"))
                for pattern, name in reader.mapping(value, "sqlfluff.dialect")
            )


def _waivers(reader: _Reader, node: yaml.Node, fields: dict[str, Any]) -> None:
    from review.config.policy import Waiver

    if not isinstance(node, yaml.SequenceNode):
        raise reader.error(node, "waivers must be a list")
    keys = ("rule", "path", "owner", "reason", "expires")
    waivers = []
    for entry in node.value:
        values = dict(reader.mapping(entry, "a waiver", keys))
        missing = [key for key in keys if key not in values]
        if missing:
            raise reader.error(entry, f"a waiver needs {', '.join(missing)} too")
        texts = {key: reader.text(values[key], f"{key} of a waiver") for key in keys[:-1]}
        waivers.append(Waiver(expires=reader.day(values["expires"], "expires of a waiver"), **texts))
    fields["waivers"] = tuple(waivers)
