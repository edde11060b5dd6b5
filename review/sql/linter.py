"""The door to sqlfluff: violations on added lines, or one reason why there are none to be had."""

import copy
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlfluff.core import FluffConfig, Linter
from sqlfluff.core.errors import SQLFluffUserError, SQLLintError
from sqlfluff.core.plugin.host import get_plugin_manager

from review.sql.positions import Place
from review.sql.prepare import prepare
from review.sql.render import Renderer, Rendering, rendering_of
from review.sql.selection import DEFAULT_RULES

MAX_TRIES = 8
"""Parses spent on finding out what an unknown macro stands for."""
_ALTERNATIVES = (Place.EXPRESSION, Place.STATEMENT, Place.CLAUSE, Place.CONDITION, Place.TYPE)
EMPTY = "nothing is left of it once its Jinja is rendered"
_CRASH = "Unexpected exception"
_OURS = {
    "templater": "jinja",
    "large_file_skip_byte_limit": 0,
    "disable_noqa": True,
    "render_variant_limit": 1,
    "ignore_templated_areas": True,
    "encoding": "utf-8",
}
"""What a team's configuration cannot change: `noqa` in a pull request must not switch off its own review."""


@dataclass(frozen=True)
class Violation:
    """One violation of a sqlfluff rule, in the file's own lines."""

    code: str
    name: str
    description: str
    line: int
    end_line: int
    evidence: str
    """The source line it stands on, stripped."""


@dataclass(frozen=True)
class LintResult:
    """What came of linting one file."""

    violations: tuple[Violation, ...] = ()
    unlintable: str | None = None
    """Why it could not be linted, as a clause; None where it was."""


def prepare_linter(dialects: Iterable[str]) -> None:
    """Load everything a jailed worker will need: rules, templater, these dialects, the parser."""
    logging.getLogger("sqlfluff").setLevel(logging.CRITICAL + 1)
    text = "{{ config(a=1) }}\nselect a.b, {{ star('x') }} from {{ ref('a') }} as a where a.b = null\n"
    for dialect in {"ansi", *dialects}:
        renderer = Renderer({"macros/m.sql": "{% macro m() %}1{% endmacro %}"}, dialect)
        for configs in ({}, {"core": {"rules": "all"}}):
            lint("warm.sql", text, dialect, configs, renderer, frozenset(range(9)))
        renderer.render("warm.sql", text)


@cache
def plain_config() -> FluffConfig:
    """A configuration to render with."""
    return config_for({}, "ansi")


def config_for(configs: Mapping[str, Any], dialect: str) -> FluffConfig:
    """The team's sanitised settings (may be empty) in this dialect, with what is ours on top.

    Raises SQLFluffUserError for settings sqlfluff refuses.
    """
    nested: dict[str, Any] = copy.deepcopy(dict(configs))
    core = nested.setdefault("core", {})
    if not configs:
        core["rules"] = ",".join(DEFAULT_RULES)
    core["dialect"] = dialect
    core.update(_OURS)
    return FluffConfig(configs=nested, ignore_local_config=True, plugin_manager=_plugins())  # type: ignore[arg-type]


class _Hooks:
    """pluggy's hooks, with sqlfluff's default configuration read from its file once and remembered."""

    def __init__(self, hooks: Any) -> None:
        self._hooks = hooks
        self._defaults = hooks.load_default_config()

    def load_default_config(self) -> Any:
        """A copy of the defaults: a configuration changes what it is made of."""
        return copy.deepcopy(self._defaults)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hooks, name)


class _Plugins:
    """sqlfluff's plugin manager, as a jailed worker can use it: nothing is read from disk any more."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager
        self.hook = _Hooks(manager.hook)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)


@cache
def _plugins() -> _Plugins:
    return _Plugins(get_plugin_manager())


def lint(
    path: str, text: str, dialect: str, configs: Mapping[str, Any], renderer: Renderer, added: frozenset[int]
) -> LintResult:
    """The violations on added lines of one file, or why it could not be linted."""
    try:
        config = config_for(configs, dialect)
    except (SQLFluffUserError, KeyError, ValueError) as error:
        return LintResult(unlintable=f"the team's sqlfluff settings are refused ({_short(str(error))})")
    linter = Linter(config=config)
    linter.templater = renderer.templater
    source = prepare(text)
    renderer.templater.begin(path, source)
    parsed, problem = _parse(linter, config, path, source, renderer)
    if parsed is None:
        return LintResult(unlintable=problem)
    found = linter.lint_parsed(parsed, linter.get_rulepack(config=config), fix=False)
    lines = source.split("\n")
    violations = {
        (violation.code, violation.line, violation.description): violation
        for each in found.get_violations(filter_ignore=True)
        if isinstance(each, SQLLintError) and (violation := _violation(each, lines)) is not None
        if violation.line in added
    }
    return LintResult(tuple(violations.values()))


def rendering(path: str, text: str, dialect: str, renderer: Renderer) -> tuple[Rendering | None, str]:
    """The rendering whose SQL parses, with the stand-ins that were needed, or a reason."""
    config = config_for({}, dialect)
    linter = Linter(config=config)
    linter.templater = renderer.templater
    source = prepare(text)
    renderer.templater.begin(path, source)
    parsed, problem = _parse(linter, config, path, source, renderer)
    if parsed is None:
        return None, problem
    variant = parsed.root_variant()
    return rendering_of(variant.templated_file, source, tuple(renderer.templater.used)), ""


def _parse(linter: Linter, config: FluffConfig, path: str, source: str, renderer: Renderer) -> tuple[Any, str]:
    """The parsed file, or None and why not. Where stand-ins are in it, other guesses are tried until one parses."""
    templater = renderer.templater
    parsed, problem = _attempt(linter, config, path, source)
    if problem == EMPTY:
        templater.forced.update(templater.places)
        parsed, problem = _attempt(linter, config, path, source)
    best_line = _broken_line(parsed)
    left = MAX_TRIES
    for name in list(templater.used)[:4]:
        if parsed is None or best_line is None:
            break
        for place in _ALTERNATIVES:
            if left == 0 or place is templater.place_of(name):
                continue
            left -= 1
            before = templater.choices.get(name)
            templater.choices[name] = place
            again, reason = _attempt(linter, config, path, source)
            line = _broken_line(again)
            if again is not None and (line is None or line > best_line):
                parsed, problem, best_line = again, reason, line
                if line is None:
                    break
            elif before is None:
                del templater.choices[name]
            else:
                templater.choices[name] = before
    if parsed is None:
        return None, problem
    if best_line is not None:
        return None, f"{_dialect(config)} cannot parse it from line {best_line} on"
    return parsed, ""


def _attempt(linter: Linter, config: FluffConfig, path: str, source: str) -> tuple[Any, str]:
    parsed = linter.parse_string(source, fname=path, config=config)
    variant = parsed.root_variant()
    if variant is None:
        reason = parsed.templating_violations[0].desc() if parsed.templating_violations else "no reason given"
        return None, f"its Jinja cannot be rendered ({_short(reason)})"
    if source.strip() and not str(variant.templated_file).strip():
        return None, EMPTY
    return parsed, ""


def _broken_line(parsed: Any) -> int | None:
    """The first line that does not parse, or None where all does."""
    if parsed is None:
        return None
    variant = parsed.root_variant()
    errors = [*variant.lexing_violations, *variant.parsing_violations]
    if variant.tree is None and not errors:
        return 1
    return min((error.line_no for error in errors), default=None)


def _violation(error: SQLLintError, lines: list[str]) -> Violation | None:
    data = error.to_dict()
    line = data["start_line_no"]
    if _CRASH in data["description"] or not 1 <= line <= len(lines):
        return None
    end = max(line, min(data.get("end_line_no", line), len(lines)))
    return Violation(data["code"], data["name"], data["description"], line, end, lines[line - 1].strip())


def _dialect(config: FluffConfig) -> str:
    return f"sqlfluff's {config.get('dialect')} grammar"


def _short(text: str) -> str:
    text = " ".join(text.split()).partition(". Have you")[0]
    return text.removeprefix("Unrecoverable failure in Jinja templating: ")[:120]
