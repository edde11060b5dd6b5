"""Reads the policy file: a `Policy`, or one sentence that says what is wrong where (`review/config/field.py`)."""

import datetime
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import yaml
from pathspec import GitIgnoreSpec

from review.config.field import MAX_NAME, TEXT, Field, compose, is_line, is_nothing, meant
from review.config.inputs import FAIL_ON
from review.config.policy import IGNORE_COMMENTS, Override, Policy, Waiver, is_linter_code
from review.config.rule_names import is_rule_name
from review.domain.agent import Topic
from review.domain.linter_names import CODES as LINTER_CODES
from review.domain.linter_names import DIALECTS, GROUPS
from review.domain.severity import Severity
from review.errors import PolicyError

VERSION = 1
"""Of the policy's keys. It rises when one of them changes its meaning."""
DATES = ("tag:yaml.org,2002:timestamp", TEXT)

CONTEXT = (*(topic.value for topic in Topic), "notes")
"""Keys of `context`: what the agent asks about where it is not said, and anything else it should know."""
MAX_CONTEXT = 2_000
MAX_LABEL = 50
"""Characters of a label's name (docs.github.com, "Managing labels")."""

CODE = "a rule's code such as DBT001"
HOLDS = "that does not begin with `!`, which only takes out of what the patterns before it hold"
PATTERN = "a pattern as in .gitignore, from the repository's root, such as models/** or **/prod/*.sql"


def read_policy(text: str, path: str, today: datetime.date) -> Policy:
    """The policy in that text; see `Policy.from_yaml`."""
    node = compose(text, path)
    if node is None or is_nothing(node):
        return Policy(today=today, source=path)
    whole = Field(path, "", node)
    if isinstance(node, yaml.MappingNode):
        _check_version(whole.mapping("a mapping").get("version"))
    values: dict[str, Any] = {"lines": {}}
    for key, field in whole.table(*SECTIONS, "version").items():
        section = SECTIONS[key](field) if key in SECTIONS else {}
        for code, line in section.pop("lines", {}).items():
            values["lines"].setdefault(code, line)
        values.update(section)
    return Policy(today=today, source=path, **values)


def _check_version(field: Field | None) -> None:
    """Before anything else is looked at: the keys of a version to come would only be called unknown."""
    if field is None or field.is_empty:
        return
    is_number = isinstance(field.node, yaml.ScalarNode) and field.node.tag == "tag:yaml.org,2002:int"
    if is_number and field.node.value == str(VERSION):
        return
    if is_number and field.node.value.isdecimal() and field.node.value.strip("0"):
        raise PolicyError(
            f"{field.source}, line {field.line}: the policy is written for version {field.node.value[:20]}, and this"
            f" release of the action knows version {VERSION} alone; take a newer release, or write it for that version."
        )
    quotes = " without quotes" if field.is_text else ""
    field.wrong(f"{VERSION}{quotes}, the version of the policy's keys")


def _fail_on(field: Field) -> Severity | None:
    return None if (value := _one_of(field, FAIL_ON)) == "never" else Severity(value)


def _severity(field: Field) -> Severity:
    return Severity(_one_of(field, [severity.value for severity in Severity]))


def _one_of(field: Field, accepted: Collection[str]) -> str:
    expected = "one of " + ", ".join(accepted)
    value = field.text(expected) if field.is_text else field.wrong(expected)
    if value not in accepted:
        field.wrong(expected + meant(value, accepted))
    return value


def _patterns(field: Field) -> tuple[str, ...]:
    patterns = tuple(_pattern(item, item.text(PATTERN)) for item in field.items("patterns such as models/**"))
    if patterns and all(pattern.startswith("!") for pattern in patterns):
        field.wrong(f"at least one pattern {HOLDS}")
    return patterns


def _pattern_alone(field: Field, value: str) -> str:
    """A pattern that no other stands before."""
    if _pattern(field, value).startswith("!"):
        field.wrong(f"a pattern {HOLDS}")
    return value


def _pattern(field: Field, value: str) -> str:
    """That pattern. Raises PolicyError for one that could match nothing."""
    if value.startswith(("#", "./", "../")) or not value.strip("!/ ") or "\\" in value or not is_line(value):
        field.wrong(PATTERN)
    try:
        GitIgnoreSpec.from_lines([value])
    except (ValueError, re.error):  # pathspec 1 lets through what `re` says of a range such as [z-a]
        field.wrong(PATTERN)
    return value


def _rules(field: Field) -> dict[str, Any]:
    table = field.table("select", "ignore", "severity")
    select = _codes(table["select"]) if "select" in table else {}
    ignore = _codes(table["ignore"]) if "ignore" in table else {}
    severity = _by_code(table["severity"]) if "severity" in table else {}
    for code in (code for code in select if is_linter_code(code)):
        raise PolicyError(
            f"{field.source}, line {select[code]}: `rules.select` holds {code}, a code of sqlfluff; `sqlfluff.rules`"
            " selects those."
        )
    for code in (code for code in ignore if code in select):
        raise PolicyError(
            f"{field.source}, line {ignore[code]}: `rules.ignore` holds {code}, which `rules.select` holds as well"
            f" (line {select[code]}); take it out of one of them."
        )
    return {
        "select": frozenset(select),
        "ignore": frozenset(ignore),
        "severities": {code: _severity(value) for code, value in severity.items()},
        "lines": select | ignore | {code: value.line for code, value in severity.items()},
    }


def _by_code(field: Field) -> dict[str, Field]:
    """Code → the field of its severity."""
    named = field.mapping(f"a mapping of {CODE} to a severity")
    found: dict[str, Field] = {}
    for text, value in named.items():
        code = _code(value, text)
        if code in found:
            raise PolicyError(
                f"{field.source}, line {value.line}: `{value.key}` gives {code} a severity for the second time"
                f" (first on line {found[code].line}); write it once."
            )
        found[code] = value
    return found


def _codes(field: Field) -> dict[str, int]:
    """Code → line."""
    return {_code(item, item.text(CODE)): item.line for item in field.items("rules' codes such as DBT001")}


def _code(field: Field, value: str) -> str:
    """That code in capital letters, or the rule's name, of which `rule_names.with_codes` makes its code.

    Raises PolicyError where it has not the form of either.
    """
    code = value.upper()
    letters = code.rstrip("0123456789")
    name = value.lower().replace("_", "-")
    is_code = value.isascii() and letters.isalpha() and code != letters
    if not (is_code or is_rule_name(name)) or len(value) > MAX_NAME:
        raise PolicyError(
            f"{field.source}, line {field.line}: `{field.key}`: {value[:80]!r} is no code; expected {CODE} or its name."
        )
    if is_linter_code(code) and code not in LINTER_CODES:
        raise PolicyError(
            f"{field.source}, line {field.line}: `{field.key}`: sqlfluff has no rule {value}"
            f"{meant(code, LINTER_CODES)}."
        )
    return code if is_code else name


def _sqlfluff(field: Field) -> dict[str, Any]:
    table = field.table("dialect", "rules")
    dialects = table["dialect"].mapping("a mapping of patterns to dialects") if "dialect" in table else {}
    return {
        "dialects": tuple((_pattern_alone(name, key), _one_of(name, DIALECTS)) for key, name in dialects.items()),
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


def _overrides(field: Field) -> dict[str, Any]:
    lines: dict[str, int] = {}
    overrides = tuple(_override(item, lines) for item in field.items("overrides"))
    return {"overrides": overrides, "lines": lines}


def _override(field: Field, lines: dict[str, int]) -> Override:
    """One entry; the codes that it names are added to `lines`."""
    table = field.table("paths", *OVERRIDABLE)
    paths = _patterns(table["paths"]) if "paths" in table else ()
    if not paths or len(table) == 1:
        lacks = "paths" if not paths else f"none of {', '.join(OVERRIDABLE)}"
        raise PolicyError(
            f"{field.source}, line {field.line}: `{field.key}` has {'no ' * (not paths)}{lacks}; an override needs"
            f" paths, and with them any of {', '.join(OVERRIDABLE)}."
        )
    ignore = _codes(table["ignore"]) if "ignore" in table else None
    severity = _by_code(table["severity"]) if "severity" in table else {}
    for code, line in [*(ignore or {}).items(), *((code, value.line) for code, value in severity.items())]:
        lines.setdefault(code, line)
    return Override(
        paths=paths,
        fail_on=_one_of(table["fail-on"], FAIL_ON) if "fail-on" in table else "",
        ignore=None if ignore is None else frozenset(ignore),
        severities={code: _severity(value) for code, value in severity.items()},
        line=field.line,
    )


def _break_glass(field: Field) -> str:
    label = field.table("label").get("label")
    if label is None:
        raise PolicyError(f"{field.source}, line {field.line}: `{field.key}` has no label; expected a label's name.")
    return label.text("a label's name", MAX_LABEL)


def _waivers(field: Field) -> dict[str, Any]:
    waivers = tuple(_waiver(item) for item in field.items("waivers"))
    return {"waivers": waivers, "lines": {waiver.rule: waiver.line for waiver in reversed(waivers)}}


def _waiver(field: Field) -> Waiver:
    keys = ("rule", "path", "owner", "reason", "expires")
    table = field.table(*keys)
    if missing := [key for key in keys if key not in table]:
        raise PolicyError(
            f"{field.source}, line {field.line}: `{field.key}` has no {', no '.join(missing)}; a waiver needs all of"
            f" {', '.join(keys)}."
        )
    return Waiver(
        rule=_code(table["rule"], table["rule"].text(CODE)),
        path=_pattern_alone(table["path"], table["path"].text(PATTERN)),
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


OVERRIDABLE = ("fail-on", "ignore", "severity")
"""What an entry of `overrides` may say of its paths."""

SECTIONS: Mapping[str, Callable[[Field], dict[str, Any]]] = {
    "fail-on": lambda field: {"fail_on": _fail_on(field)},
    "shadow-until": lambda field: {"shadow_until": _date(field)},
    "break-glass": lambda field: {"break_glass": _break_glass(field)},
    "ignore-comments": lambda field: {"ignore_comments": _one_of(field, IGNORE_COMMENTS)},
    "paths": lambda field: {"paths": _patterns(field)},
    "paths-ignore": lambda field: {"paths_ignore": _patterns(field)},
    "generated": lambda field: {"generated": _patterns(field)},
    "rules": _rules,
    "overrides": _overrides,
    "sqlfluff": _sqlfluff,
    "waivers": _waivers,
    "context": lambda field: {"context": _context(field)},
}
"""Key of the file, `version` apart → what is read there: fields of `Policy`, and `lines` of the codes it names."""
