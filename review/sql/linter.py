"""The door to sqlfluff: violations on added lines, or one reason why there are none to be had."""

import copy
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from textwrap import shorten
from typing import Any

from review.sql.directives import Accepted, accepted
from review.sql.fluff import FluffConfig, Linter, SQLBaseError, SQLFluffUserError, SQLLintError, get_plugin_manager
from review.sql.guesses import MAX_NAMES, MAX_TRIES
from review.sql.jinja import strings
from review.sql.positions import ALTERNATIVES
from review.sql.prepare import prepare
from review.sql.render import MAX_VARIANTS, Renderer, jinja_clause
from review.sql.selection import DEFAULT_RULES
from review.sql.templated import unrendered
from review.sql.templater import Templater
from review.sql.templates import Templates

GRAMMAR = "grammar cannot parse it"
STATE_IT = "set `sqlfluff.dialect` for its path in the policy, or `dialect` in a .sqlfluff"
NAMELESS = f", and no dialect is known for it: {STATE_IT}"
"""What is added where the dialect was only assumed: then the file is as likely sound as broken."""
UNUSED = "ST03"
"""sqlfluff's rule of CTEs that nothing uses."""
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
    """Why it could not be linted, or not by every rule, as a clause; None where it was."""
    is_parsed: bool = True
    """Whether sqlfluff could read it."""
    is_foreign: bool = False
    """Whether that is because it is no SQL in this dialect."""


def prepare_linter(dialects: Iterable[str]) -> None:
    """Load everything a jailed worker will need: rules, templater, these dialects, the parser."""
    logging.getLogger("sqlfluff").setLevel(logging.CRITICAL + 1)
    for dialect in dialects:
        _prepare(dialect)


@cache
def _prepare(dialect: str) -> None:
    text = "{{ config(a=1) }}\nselect a.b, {{ star('x') }} from {{ ref('a') }} as a where a.b = null\n"
    text += "{% if not is_incremental() %}\nand a.c = 1\n{% endif %}\n"
    renderer = Renderer({"macros/m.sql": "{% macro m() %}1{% endmacro %}"}, dialect)
    configs = {"core": {"rules": "all"}} if dialect == "ansi" else {}
    lint("warm.sql", text, dialect, configs, renderer, frozenset(range(9)))
    renderer.render("warm.sql", text)


def config_for(configs: Mapping[str, Any], dialect: str) -> FluffConfig:
    """The team's sanitised settings (may be empty) in this dialect, with what is ours on top.

    Raises SQLFluffUserError for settings sqlfluff refuses.
    """
    nested: dict[str, Any] = copy.deepcopy(dict(configs))
    core = nested.setdefault("core", {})
    if not {"rules", "exclude_rules"} & core.keys():
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
    path: str,
    text: str,
    dialect: str | None,
    configs: Mapping[str, Any],
    renderer: Renderer,
    added: frozenset[int],
    removed: Iterable[str] = (),
) -> LintResult:
    """The violations on added lines of one file, or why it could not be linted.

    `removed` are the texts of the lines that the change takes away: a `noqa` that moves with its line stays in force.
    Without a `dialect`, because nobody knows it, the file is read as ANSI SQL.
    """
    try:
        parser = _Parser.over(path, text, config_for(configs, dialect or "ansi"), renderer)
        rules = parser.linter.get_rulepack(config=parser.linter.config)
    except (SQLFluffUserError, KeyError, ValueError) as error:
        return _unparsed(f"the team's sqlfluff settings are refused ({_short(str(error))})")
    if not rules.rules:
        return _unparsed("the team's sqlfluff settings leave no rule to run")
    try:
        parsed, problem = parser.parse()
        if parsed is None:
            is_foreign = GRAMMAR in problem
            return _unparsed(problem + NAMELESS if dialect is None and is_foreign else problem, is_foreign=is_foreign)
        parsed, unseen = parser.with_branches(parsed, added)
        found = parser.linter.lint_parsed(parsed, rules, fix=False).get_violations(filter_ignore=True)
    except MemoryError:
        raise
    except RecursionError:
        return _unparsed("it is nested too deeply")
    except Exception as fault:  # what sqlfluff stumbles over must not cost the findings of our own rules
        return _unparsed(f"sqlfluff fails on it ({type(fault).__name__})")
    return _result(found, parser.source.split("\n"), added, accepted(text, added, removed), unseen)


def _unparsed(reason: str, *, is_foreign: bool = False) -> LintResult:
    return LintResult(unlintable=reason, is_parsed=False, is_foreign=is_foreign)


def _result(
    found: Iterable[SQLBaseError],
    lines: list[str],
    added: frozenset[int],
    accepted_before: Accepted,
    unseen: frozenset[int],
) -> LintResult:
    told = strings("\n".join(lines))
    errors = [each for each in found if isinstance(each, SQLLintError) and not _is_used_by_name(each, told)]
    crashed = sorted({each.rule_code() for each in errors if _CRASH in each.desc()})
    violations = {
        (violation.code, violation.line, violation.description): violation
        for each in errors
        if (violation := _violation(each, lines)) is not None
        if violation.line in added and not accepted_before.holds(violation.line, _names(each))
    }
    missed = [f"{', '.join(crashed)} of sqlfluff failed on it"] if crashed else []
    if unseen:
        missed.append(f"{_spoken(unseen)} not in the SQL that its Jinja prints, in any form that parses")
    return LintResult(tuple(violations.values()), "; ".join(missed) or None)


def _is_used_by_name(error: SQLLintError, told: frozenset[str]) -> bool:
    """Whether a CTE that no query reads is named in a tag, where a macro reads it: `deduplicate(relation='source')`."""
    return error.rule_code() == UNUSED and error.segment.raw.strip('"`[]').lower() in told


def _names(error: SQLLintError) -> tuple[str, ...]:
    rule = error.rule
    return (rule.code, rule.name, *rule.groups, *rule.aliases)


def _spoken(lines: frozenset[int]) -> str:
    """`line 3 is`, `lines 3, 7 and 8 are`, `12 lines from 3 on are`."""
    first, *rest = sorted(lines)
    if not rest:
        return f"line {first} is"
    if len(rest) > 3:
        return f"{len(lines)} lines from {first} on are"
    return f"lines {', '.join(map(str, [first, *rest[:-1]]))} and {rest[-1]} are"


def complaint(path: str, text: str, dialect: str, renderer: Renderer) -> str:
    """Why sqlfluff cannot read a file, whatever its unknown names stand for, as a clause; empty where it can."""
    return _Parser.over(path, text, config_for({}, dialect), renderer).parse()[1]


@dataclass(frozen=True)
class _Parser:
    """sqlfluff's parser over one file, with the stand-ins it is rendered with."""

    linter: Linter
    path: str
    source: str
    templates: Templates

    @classmethod
    def over(cls, path: str, text: str, config: FluffConfig, renderer: Renderer) -> "_Parser":
        """Begin with a new file."""
        linter = Linter(config=config)
        linter.templater = Templater(renderer.templates)
        source = prepare(text)
        renderer.templates.begin(path, source)
        return cls(linter, path, source, renderer.templates)

    def parse(self) -> tuple[Any, str]:
        """The parsed file, or None and why not. Where stand-ins are in it, other guesses are tried until one parses."""
        parsed, problem = self._attempt()
        if problem == EMPTY:
            self.templates.forced |= self.templates.places.keys()
            parsed, problem = self._attempt()
        if parsed is None:
            return None, problem
        parsed = self._repaired(parsed)
        line = _broken_line(parsed)
        if line is not None:
            return None, f"sqlfluff's {self.linter.config.get('dialect')} {GRAMMAR} from line {line} on"
        return parsed, ""

    def with_branches(self, parsed: Any, added: frozenset[int]) -> tuple[Any, frozenset[int]]:
        """The same file in several renderings where one leaves added lines out, and the lines that all leave out."""
        if not added & unrendered([parsed.root_variant().templated_file], self.source):
            return parsed, frozenset()
        config = self.linter.config.copy()
        config.set_value(["render_variant_limit"], MAX_VARIANTS)
        more = self.linter.parse_string(self.source, fname=self.path, config=config)
        kept = [each for each in more.parsed_variants if each.tree and not each.violations()]
        if not kept:
            return parsed, added & unrendered([parsed.root_variant().templated_file], self.source)
        return more._replace(parsed_variants=kept), added & unrendered(
            [each.templated_file for each in kept], self.source
        )

    def _repaired(self, parsed: Any) -> Any:
        """The parse that gets furthest, over other guesses at what the first few stand-ins stand for."""
        choices = self.templates.choices
        left = MAX_TRIES
        for name in list(self.templates.used)[:MAX_NAMES]:
            for place in ALTERNATIVES:
                broken = _broken_line(parsed)
                if broken is None or left == 0:
                    return parsed
                if place is self.templates.place_of(name):
                    continue
                left -= 1
                before = choices.get(name)
                choices[name] = place
                again, _ = self._attempt()
                line = _broken_line(again)
                if again is not None and (line is None or line > broken):
                    parsed = again
                elif before is None:
                    del choices[name]
                else:
                    choices[name] = before
        return parsed

    def _attempt(self) -> tuple[Any, str]:
        parsed = self.linter.parse_string(self.source, fname=self.path, config=self.linter.config)
        if not parsed.parsed_variants:
            reason = parsed.templating_violations[0].desc() if parsed.templating_violations else "no reason given"
            return None, jinja_clause(reason)
        if self.source.strip() and not str(parsed.parsed_variants[0].templated_file).strip():
            return None, EMPTY
        return parsed, ""


def _broken_line(parsed: Any) -> int | None:
    """The first line that does not parse, or None where all does."""
    if parsed is None:
        return None
    variant = parsed.parsed_variants[0]
    errors = [*variant.lexing_violations, *variant.parsing_violations]
    if variant.tree is None and not errors:
        return 1
    return min((error.line_no for error in errors), default=None)


def _violation(error: SQLLintError, lines: list[str]) -> Violation | None:
    data: dict[str, Any] = error.to_dict()
    line = data["start_line_no"]
    if _CRASH in data["description"] or not 1 <= line <= len(lines):
        return None
    end = max(line, min(data.get("end_line_no", line), len(lines)))
    return Violation(data["code"], data["name"], data["description"], line, end, lines[line - 1].strip())


def _short(text: str) -> str:
    return shorten(text, 120, placeholder="…")
