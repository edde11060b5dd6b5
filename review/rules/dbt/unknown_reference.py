"""A `ref` or `source` names what the project does not have.

### Why it matters
dbt resolves every `ref()` and `source()` before it runs anything. One name that does not exist stops the whole project
from being parsed: no model of it runs until it is corrected.

### Bad
```sql
select order_id, amount
from {{ ref('stg_order') }}
```

### Good
```sql
select order_id, amount
from {{ ref('stg_orders') }}
```
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import jinja
from review.rules.project.jinja import Reference
from review.rules.project.model import Project
from review.rules.source import NotEvaluated, Source, template

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT015",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST, Kind.DBT_PROPERTIES}),
)


CLOSE = 0.85
"""How alike two names are of which one is likely the other, mistyped."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Constant names that nothing in a project read whole makes, and that it had before the change or nearly has.

    A package takes models that the project around it brings, so a name alone that is not here is no defect.
    """
    if "ref(" not in source.text and "source(" not in source.text:
        return
    project = source.dbt
    if project.has_foreign_models or not project.is_complete:
        return
    seen: set[tuple[str, ...]] = set()
    for reference in _in_properties(source) if source.is_yaml else jinja.references(source.jinja):
        is_one_name = reference.is_source or len(reference.names) == 1
        if reference.names in seen or not is_one_name or _is_known(project, reference):
            continue
        seen.add(reference.names)
        said = _said(reference.names, reference.is_source)
        reason = _reason(project, reference)
        if reason:
            yield Hit(
                line=reference.line,
                evidence=said,
                symbol="" if source.is_yaml else _nodes.stem(source.path),
                explanation=f"{reason} {_effect(reference, said)}",
                remediation="Write the name as the project has it, or add what is missing in the same change.",
            )


@dataclass(frozen=True)
class TestReference(Reference):
    """A reference of a test, which dbt leaves out where its other model is missing."""


def _effect(reference: Reference, said: str) -> str:
    if isinstance(reference, TestReference):
        return f"dbt only warns of `{said}` and leaves the test out, so nothing is tested."
    return f"dbt stops at `{said}` before it runs any model of the project."


def _in_properties(source: Source) -> Iterator[Reference]:
    """What exposures depend on, what semantic models stand on, and what relationships tests compare with."""
    root = source.yaml
    for exposure in _yaml.items(_yaml.get(root, "exposures")):
        for each in _yaml.items(_yaml.get(exposure, "depends_on")):
            yield from _written(each, Reference)
    for model in _yaml.items(_yaml.get(root, "semantic_models")):
        yield from _written(_yaml.get(model, "model"), Reference)
    for entry in source.dbt.entries_in(source.path):
        for column in entry.columns:
            for test in column.tests:
                if test.name == "relationships":
                    yield from _written(test.argument("to"), TestReference)


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


def _said(names: tuple[str, ...], is_source: bool) -> str:
    return f"{'source' if is_source else 'ref'}({', '.join(repr(name) for name in names)})"


def _is_known(project: Project, reference: Reference) -> bool:
    """Whether any file makes or declares it, or may: a version, a snapshot of a property file, a template's name."""
    if reference.is_source:
        known = project.declared_sources
        return reference.names in known or any("{" in owner + table for owner, table in known)
    return reference.name in project.all_nodes or any(
        each.kind == "snapshots" or each.is_versioned
        for each in project.entries(reference.name, ("models", "snapshots"))
    )


def _reason(project: Project, reference: Reference) -> str:
    """A sentence that says why the name should be here; empty where nothing says so."""
    before = project.before
    if before is not None and _is_known(before, reference):
        return "This change takes away what it names."
    if reference.is_source:
        owner, table = reference.names
        tables = sorted(each for source, each in project.declared_sources if source == owner)
        close = get_close_matches(table, tables, 1, CLOSE)
        return f"The source `{owner}` is declared without such a table; it has `{close[0]}`." if close else ""
    close = get_close_matches(reference.name, sorted(project.all_nodes), 1, CLOSE)
    return f"No model, seed or snapshot is called so; there is `{close[0]}`." if close else ""
