"""A `ref` or `source` names what the project does not have.

### Why it matters
dbt resolves every `ref()` and `source()` before it runs anything. One name that does not exist stops the whole project
from being parsed: no model of it runs until it is corrected.

### Bad
```sql
select order_id, amount
from {{ ref('stg_order') }}
```

```sql
-- models/stg_orders.sql, the only model
select id as order_id, amount
from {{ source('shop', 'orders') }}
```

### Good
```sql
select order_id, amount
from {{ ref('stg_orders') }}
```
"""

from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _gone, _nodes
from review.rules.project import jinja, uses
from review.rules.project.jinja import Reference
from review.rules.project.model import Project
from review.rules.source import Source

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
    """Constant names that the project had before the change and has no more, or that it never had and nearly has.

    A package takes models that the project around it brings, so a name alone that is not here is no defect.
    """
    if "ref(" not in source.text and "source(" not in source.text:
        return
    project = source.dbt
    root = source.yaml if source.is_yaml else None
    seen: set[tuple[str, ...]] = set()
    found = uses.in_properties(root, project, source.path) if source.is_yaml else jinja.references(source.jinja)
    for reference in found:
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
                explanation=f"{reason} {_effect(source, reference, said)}",
                remediation="Write the name as the project has it, or add what is missing in the same change.",
            )


def _effect(source: Source, reference: Reference, said: str) -> str:
    if source.kind is Kind.DBT_TEST or isinstance(reference, uses.TestReference):
        return f"dbt only warns of `{said}` and leaves the test out, so nothing is tested."
    return f"dbt stops at `{said}` before it runs any model of the project."


def _said(names: tuple[str, ...], is_source: bool) -> str:
    return f"{'source' if is_source else 'ref'}({', '.join(repr(name) for name in names)})"


def _is_known(project: Project, reference: Reference) -> bool:
    """Whether any file makes or declares it, or may: a version, a snapshot of a property file, a template's name."""
    if reference.is_source:
        return reference.names in project.declared_sources or project.has_templated_sources
    return _gone.is_node(project, reference.name)


def _reason(project: Project, reference: Reference) -> str:
    """A sentence that says why the name should be here; empty where nothing says so."""
    before = project.before
    if before is not None and _is_known(before, reference) and _gone.is_certain(project):
        return "This change takes away what it names."
    if project.has_foreign_models or not project.is_complete:
        return ""
    if reference.is_source:
        owner, table = reference.names
        tables = sorted(each for source, each in project.declared_sources if source == owner)
        close = get_close_matches(table, tables, 1, CLOSE)
        return f"The source `{owner}` is declared without such a table; it has `{close[0]}`." if close else ""
    close = get_close_matches(reference.name, sorted(project.all_nodes), 1, CLOSE)
    return f"No model, seed or snapshot is called so; there is `{close[0]}`." if close else ""
