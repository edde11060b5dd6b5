"""Reads the policy file: YAML nodes with their lines in, a `Policy` or one sentence that says what is wrong where.

YAML's own loader would keep the last of two equal keys, drop every line number and accept any type; a policy decides
what may be merged, so nothing in it is guessed at.
"""

import datetime
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

import yaml
from pathspec import GitIgnoreSpec

from review.config.inputs import FAIL_ON
from review.config.policy import Policy, Waiver, is_linter_code
from review.domain.agent import Topic
from review.domain.linter_names import CODES as LINTER_CODES
from review.domain.linter_names import DIALECTS, GROUPS
from review.domain.severity import Severity
from review.errors import PolicyError

MAX_BYTES = 262_144
"""A policy of 256 KiB is no policy; a file that large is a mistake, or made to cost time."""
MAX_DEPTH = 8

TEXT = "tag:yaml.org,2002:str"
NOTHING = "tag:yaml.org,2002:null"
DATES = ("tag:yaml.org,2002:timestamp", TEXT)

CONTEXT = (*(topic.value for topic in Topic), "notes")
"""Keys of `context`: what the agent asks about where it is not said, and anything else it should know."""
MAX_CONTEXT = 2_000

CODE = "a rule's code such as DBT001"
PATTERN = "a pattern as in .gitignore, from the repository's root, such as models/** or **/prod/*.sql"


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

    def wrong(self, expected: str) -> NoReturn:
        """Raise PolicyError: what stands there, and what was expected."""
        shown = _shown(self.node)
        raise PolicyError(f"{self.source}, line {self.line}: `{self.name}` is {shown}; expected {expected}.")

    def mapping(self, expected: str) -> dict[str, "Field"]:
        """Key → value. Raises PolicyError for anything but a mapping, and for a key that is no text or comes twice."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong(expected)
        found: dict[str, Field] = {}
        for key, value in self.node.value:
            here = Field(self.source, self.name, key)
            if not isinstance(key, yaml.ScalarNode) or key.tag != TEXT:
                raise PolicyError(f"{self.source}, line {here.line}: a key is {_shown(key)}; expected {expected}.")
            if key.value in found:
                raise PolicyError(
                    f"{self.source}, line {here.line}: `{_join(self.name, key.value)}` is here for the second time"
                    f" (first on line {found[key.value].line}); write it once."
                )
            found[key.value] = Field(self.source, _join(self.name, key.value), value)
        return found

    def table(self, *keys: str) -> dict[str, "Field"]:
        """As `mapping`, with these keys and no others; a key with nothing behind it is left out."""
        listed = ", ".join(keys)
        found = self.mapping(f"a mapping with any of {listed}" if len(keys) > 1 else f"a mapping with {listed}")
        for key, value in found.items():
            if key not in keys:
                line = next(k.start_mark.line + 1 for k, _ in self.node.value if k.value == key)
                raise PolicyError(
                    f"{self.source}, line {line}: `{value.name[:80]}` is not a key of the policy{meant(key, keys)};"
                    f" expected one of {listed}."
                )
        return {key: value for key, value in found.items() if value.node.tag != NOTHING}

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
        if not value or not value.isprintable() or len(value) > 500:
            self.wrong(f"{expected} on one line, of at most 500 characters")
        return value


def read_policy(text: str, path: str, today: datetime.date) -> Policy:
    """The policy in that text; see `Policy.from_yaml`."""
    node = _compose(text, path)
    if node is None or node.tag == NOTHING:
        return Policy(today=today, source=path)
    sections: dict[str, Callable[[Field], dict[str, Any]]] = {
        "fail-on": lambda field: {"fail_on": _fail_on(field)},
        "paths": lambda field: {"paths": _patterns(field)},
        "paths-ignore": lambda field: {"paths_ignore": _patterns(field)},
        "generated": lambda field: {"generated": _patterns(field)},
        "rules": _rules,
        "sqlfluff": _sqlfluff,
        "waivers": _waivers,
        "context": lambda field: {"context": _context(field)},
    }
    values: dict[str, Any] = {"lines": {}}
    for key, field in Field(path, "", node).table(*sections).items():
        section = sections[key](field)
        for code, line in section.pop("lines", {}).items():
            values["lines"].setdefault(code, line)
        values.update(section)
    return Policy(today=today, source=path, **values)


def meant(word: str, known: Collection[str]) -> str:
    """`; did you mean …?` where a known word is close, else nothing."""
    close = get_close_matches(word, known, 1, 0.6) or get_close_matches(word.replace("_", "-").lower(), known, 1, 0.6)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _compose(text: str, path: str) -> yaml.Node | None:
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
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        where = path if mark is None else f"{path}, line {mark.line + 1}"
        if getattr(event, "anchor", None) is not None:
            raise PolicyError(f"{where}: anchors (&name) and aliases (*name) are not accepted; write the value out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise PolicyError(f"{where}: nested more than {MAX_DEPTH} deep; no key of the policy is.")


def _fail_on(field: Field) -> Severity | None:
    return None if (value := _one_of(field, FAIL_ON)) == "never" else Severity(value)


def _severity(field: Field) -> Severity:
    return Severity(_one_of(field, [severity.value for severity in Severity]))


def _one_of(field: Field, accepted: Collection[str]) -> str:
    expected = "one of " + ", ".join(accepted)
    value = field.text(expected)
    if value not in accepted:
        field.wrong(expected + meant(value, accepted))
    return value


def _patterns(field: Field) -> tuple[str, ...]:
    return tuple(_pattern(item, item.text(PATTERN)) for item in field.items("patterns such as models/**"))


def _pattern(field: Field, value: str) -> str:
    """That pattern. Raises PolicyError for one that could match nothing."""
    if value.startswith(("#", "./", "../")) or not value.strip("!/ ") or "\\" in value:
        field.wrong(PATTERN)
    try:
        GitIgnoreSpec.from_lines([value])
    except ValueError:
        field.wrong(PATTERN)
    return value


def _rules(field: Field) -> dict[str, Any]:
    table = field.table("select", "ignore", "severity")
    select = _codes(table["select"]) if "select" in table else {}
    ignore = _codes(table["ignore"]) if "ignore" in table else {}
    severity = table["severity"].mapping(f"a mapping of {CODE} to a severity") if "severity" in table else {}
    for code in (code for code in select if is_linter_code(code)):
        raise PolicyError(
            f"{field.source}, line {select[code]}: `rules.select` holds {code}, a code of sqlfluff; `sqlfluff.rules`"
            " selects those."
        )
    return {
        "select": frozenset(select),
        "ignore": frozenset(ignore),
        "severities": {_code(value, code): _severity(value) for code, value in severity.items()},
        "lines": select | ignore | {code: value.line for code, value in severity.items()},
    }


def _codes(field: Field) -> dict[str, int]:
    """Code → line."""
    return {_code(item, item.text(CODE)): item.line for item in field.items("rules' codes such as DBT001")}


def _code(field: Field, value: str) -> str:
    """That code. Raises PolicyError where it has not the form of one."""
    letters = value.rstrip("0123456789")
    if not (value.isascii() and letters.isalpha() and letters.isupper() and value != letters):
        raise PolicyError(
            f"{field.source}, line {field.line}: `{field.name[:80]}`: {value[:80]!r} is no code; expected {CODE}."
        )
    if is_linter_code(value) and value not in LINTER_CODES:
        raise PolicyError(
            f"{field.source}, line {field.line}: `{field.name[:80]}`: sqlfluff has no rule {value}"
            f"{meant(value, LINTER_CODES)}."
        )
    return value


def _sqlfluff(field: Field) -> dict[str, Any]:
    table = field.table("dialect", "rules")
    dialects = table["dialect"].mapping("a mapping of patterns to dialects") if "dialect" in table else {}
    return {
        "dialects": tuple((_pattern(name, key), _one_of(name, DIALECTS)) for key, name in dialects.items()),
        "lint_rules": tuple(map(_linter_rule, table["rules"].items("sqlfluff's rules"))) if "rules" in table else (),
    }


def _linter_rule(field: Field) -> str:
    """A code, a name or a group. sqlfluff takes a family's letters (`AM`) without a word and then runs nothing."""
    expected = "a sqlfluff code such as AM04, a name such as ambiguous.join, or a group: " + ", ".join(GROUPS)
    value = field.text(expected)
    group, dot, name = value.partition(".")
    is_name = bool(dot) and group in GROUPS and name.replace("_", "").isalnum()
    is_code = value in LINTER_CODES
    if not value.isascii() or not (is_code or is_name or value in GROUPS):
        field.wrong(expected)
    return value


def _waivers(field: Field) -> dict[str, Any]:
    waivers = tuple(_waiver(item) for item in field.items("waivers"))
    return {"waivers": waivers, "lines": {waiver.rule: waiver.line for waiver in reversed(waivers)}}


def _waiver(field: Field) -> Waiver:
    keys = ("rule", "path", "owner", "reason", "expires")
    table = field.table(*keys)
    if missing := [key for key in keys if key not in table]:
        raise PolicyError(
            f"{field.source}, line {field.line}: `{field.name}` has no {', no '.join(missing)}; a waiver needs all of"
            f" {', '.join(keys)}."
        )
    return Waiver(
        rule=_code(table["rule"], table["rule"].text(CODE)),
        path=_pattern(table["path"], table["path"].text(PATTERN)),
        owner=table["owner"].text("who answers for it"),
        reason=table["reason"].text("why the finding is accepted"),
        expires=_date(table["expires"]),
        line=field.line,
    )


def _context(field: Field) -> dict[str, str]:
    """Topic → what the team says of it, in as many lines as it takes."""
    return {topic: _paragraph(value) for topic, value in field.table(*CONTEXT).items()}


def _paragraph(field: Field) -> str:
    expected = f"a text of at most {MAX_CONTEXT:,} characters, all of them printable"
    if not isinstance(field.node, yaml.ScalarNode) or field.node.tag != TEXT:
        field.wrong(expected + (", in quotes" if isinstance(field.node, yaml.ScalarNode) else ""))
    value = str(field.node.value).strip()
    if not value or len(value) > MAX_CONTEXT or not all(sign.isprintable() or sign in "\n\t" for sign in value):
        field.wrong(expected)
    return value


def _date(field: Field) -> datetime.date:
    expected = "a date such as 2027-03-31"
    if not isinstance(field.node, yaml.ScalarNode) or field.node.tag not in DATES:
        field.wrong(expected)
    try:
        date = datetime.date.fromisoformat(field.node.value)
    except ValueError:
        field.wrong(expected)
    if date.isoformat() != field.node.value:  # a week's date (2027-W01-1), or one without hyphens
        field.wrong(expected)
    return date


def _shown(node: yaml.Node) -> str:
    """What stands there, short enough for a sentence."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    value = str(node.value)
    return "empty" if not value.strip() else repr(value if len(value) <= 80 else value[:80] + "…")


def _join(parent: str, key: str) -> str:
    return f"{parent}.{key}" if parent else key
