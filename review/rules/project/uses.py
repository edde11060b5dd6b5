"""Who uses a node, a source or a macro of a project, file by file, and whether dbt stops where that is gone."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.rules import _yaml
from review.rules.project import jinja
from review.rules.project.jinja import Reference
from review.rules.project.model import Project
from review.rules.trees import NotEvaluated, template

if TYPE_CHECKING:
    import yaml
    from jinja2 import nodes

SQL = (".sql", ".jinja")
PROPERTIES = (".yml", ".yaml")
HOOKS = frozenset(
    {"on-run-start", "on-run-end"}
    | {f"{plus}{when}{dash}hook" for plus in ("", "+") for when in ("pre", "post") for dash in "-_"}
)
"""Keys of `dbt_project.yml` and of property files below which SQL stands that calls macros."""
LISTED = 3
"""Files that are named of those that use a thing."""


@dataclass(frozen=True)
class Use:
    """One place where a thing of the project is named."""

    path: str
    line: int
    stops: bool
    """Whether dbt is certain to stop where the name means nothing: of a test it only warns, and leaves it out."""


@dataclass(frozen=True)
class TestReference(Reference):
    """A reference of a test, which dbt leaves out where its other model is missing."""


@dataclass(frozen=True)
class PossibleReference(Reference):
    """A reference within a condition, a loop or a macro: dbt may never come to it."""


MILD = (TestReference, PossibleReference)
"""What dbt does not stop at, or not for certain."""


def of_references(project: Project, word: str, is_meant: Callable[[Reference], bool]) -> tuple[Use, ...]:
    """The first place in each file that names what is meant by `ref` or `source`; `word` stands in every such file."""
    found = []
    for path in project.mentioning(word, (*SQL, ".py", *PROPERTIES)):
        try:
            lines = [each for each in _references(project, path) if is_meant(each)]
        except NotEvaluated:  # a file that does not parse uses nothing that can be told
            continue
        if lines and not _is_off(project, path):
            is_test = project.source(path).kind is Kind.DBT_TEST
            first = next((each for each in lines if not isinstance(each, MILD)), lines[0])
            found.append(Use(path, first.line, not (is_test or isinstance(first, MILD))))
    return tuple(found)


def of_macro(project: Project, name: str, is_meant: "Callable[[nodes.Call], bool]") -> tuple[Use, ...]:
    """The first call in each file of a macro that is meant, by its bare name or behind the project's."""
    names = {name, f"{project.settings.name}.{name}"}
    found = []
    for path in project.mentioning(name, SQL):
        try:
            source = project.source(path)
            calls = [call for called, call in jinja.calls(source.jinja) if called in names and is_meant(call)]
            is_own = name in jinja.bound(source.jinja)
        except NotEvaluated:
            continue
        if calls and not is_own and not _is_off(project, path):
            found.append(Use(path, min(call.lineno for call in calls), stops=True))
    for path in project.mentioning(name, PROPERTIES):
        lines = [line for line, called, call in _in_hooks(project, path, name) if called in names and is_meant(call)]
        if lines:
            found.append(Use(path, min(lines), stops=True))
    return tuple(found)


def _in_hooks(project: Project, path: str, name: str) -> "Iterator[tuple[int, str, nodes.Call]]":
    """Each call in those hooks of a YAML file that name a macro and do not bind its name: line, dotted name, call."""
    try:
        texts = list(_hooks(project.source(path).yaml))
    except NotEvaluated:
        return
    for line, text in texts:
        try:
            tree = template(text)
            calls = list(jinja.calls(tree)) if name in text and name not in jinja.bound(tree) else []
        except NotEvaluated:  # dbt says of such a template what is wrong with it
            continue
        yield from ((line, called, call) for called, call in calls)


def _hooks(root: "yaml.Node | None") -> Iterator[tuple[int, str]]:
    """Line and text of every scalar below the key of a hook; what an alias brings in again stands there once."""
    pending, seen = [(root, False)], set[tuple[int, bool]]()
    while pending:
        node, is_hook = pending.pop()
        if node is None or (id(node), is_hook) in seen:
            continue
        seen.add((id(node), is_hook))
        if is_hook and (text := _yaml.scalar(node)):
            yield _yaml.line(node), text
        pending += [(each, is_hook) for each in _yaml.items(node)]
        pending += [(value, is_hook or key in HOOKS) for key, _, value in _yaml.pairs(node)]


def of_generic_test(project: Project, name: str) -> tuple[Use, ...]:
    """The first place in each property file that applies the generic test of that name."""
    packages = ("", project.settings.name)
    found = []
    for path in project.mentioning(name, PROPERTIES):
        lines = [
            test.line
            for entry in project.entries_in(path)
            for test in (*entry.tests, *(test for column in entry.columns for test in column.tests))
            if test.name == name and test.package in packages
        ]
        if lines:
            found.append(Use(path, min(lines), stops=True))
    return tuple(found)


def told(uses: Iterable[Use]) -> str:
    """`models/a.sql` (line 4), `models/b.sql` (line 1) and 3 more."""
    uses = sorted(uses, key=lambda use: (not use.stops, use.path))
    shown = ", ".join(f"`{use.path}` (line {use.line})" for use in uses[:LISTED])
    return shown + (f" and {len(uses) - LISTED} more" if len(uses) > LISTED else "")


def in_properties(root: "yaml.Node | None", project: Project, path: str) -> Iterator[Reference]:
    """What exposures depend on, what semantic models stand on, and what relationships tests compare with."""
    for exposure in _yaml.items(_yaml.get(root, "exposures")):
        for each in _yaml.items(_yaml.get(exposure, "depends_on")):
            yield from _written(each, Reference)
    for model in _yaml.items(_yaml.get(root, "semantic_models")):
        yield from _written(_yaml.get(model, "model"), Reference)
    for entry in project.entries_in(path):
        for column in entry.columns:
            for test in column.tests:
                if test.name == "relationships":
                    yield from _written(test.argument("to"), TestReference)


def _references(project: Project, path: str) -> Iterable[Reference]:
    if path.lower().endswith(PROPERTIES):
        return in_properties(project.source(path).yaml, project, path)
    source = project.source(path)
    if path.lower().endswith(".py"):
        return _of_python(source.python)
    is_macro = source.kind is Kind.DBT_MACRO or (source.kind is Kind.DBT_TEST and "/generic/" in path)
    if is_macro:
        return ()  # what a macro refs is had only where it is called
    certain = frozenset(jinja.certain_references(source.jinja))
    return [
        each if each in certain else PossibleReference(each.names, each.line, each.is_source)
        for each in project.references(path)
    ]


def _of_python(tree: ast.Module) -> Iterator[Reference]:
    """`dbt.ref("orders")` and `dbt.source("shop", "orders")` of a Python model."""
    for call in ast.walk(tree):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
        ):
            names = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if call.func.value.id == "dbt" and call.func.attr in ("ref", "source") and len(names) in (1, 2):
                yield Reference(tuple(names), call.lineno, call.func.attr == "source")


def _is_off(project: Project, path: str) -> bool:
    """Whether dbt leaves the file's node out, or a run may say that it does; then it stops at nothing in it."""
    node = project.node_at(path)
    try:
        return node is not None and project.config(node, "enabled") not in (None, True, "true", "True")
    except NotEvaluated:
        return True


def _written(node: "yaml.Node | None", kind: type[Reference]) -> Iterator[Reference]:
    """The reference that a text of a property file is: `ref('orders')`, with or without braces."""
    text = _yaml.scalar(node)
    if node is None or not text:
        return
    try:
        found = jinja.references(template(text if "{{" in text else f"{{{{ {text} }}}}"))
    except NotEvaluated:  # no template, so no reference
        return
    yield from (kind(each.names, _yaml.line(node), each.is_source) for each in found)
