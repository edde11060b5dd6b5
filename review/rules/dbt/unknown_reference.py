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
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import jinja
from review.rules.project.jinja import Reference
from review.rules.project.model import Project
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT015",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Constant names that no file of a project read whole makes or declares; packages may bring what is not here."""
    if "ref(" not in source.text and "source(" not in source.text:
        return
    project = source.dbt
    if project.has_foreign_models or not project.is_complete:
        return
    seen: set[tuple[str, ...]] = set()
    for reference in jinja.references(source.jinja):
        if reference.names in seen:
            continue
        seen.add(reference.names)
        if reference.is_source and not _is_declared(project, reference):
            yield _hit(source, reference, f"source('{reference.names[0]}', '{reference.names[1]}')", _sources(project))
        elif not reference.is_source and len(reference.names) == 1 and not _is_made(project, reference.name):
            yield _hit(source, reference, f"ref('{reference.name}')", list(project.all_nodes))


def _sources(project: Project) -> list[str]:
    return [f"source('{owner}', '{table}')" for owner, table in project.declared_sources]


def _is_declared(project: Project, reference: Reference) -> bool:
    """Whether any property file declares the table; names made by a template may be any."""
    known = project.declared_sources
    return (reference.names[0], reference.names[1]) in known or any("{" in owner + table for owner, table in known)


def _is_made(project: Project, name: str) -> bool:
    """Whether there is a node of that name: by its file, or as a version or snapshot that properties define."""
    return name in project.all_nodes or bool(project.entries(name, ("snapshots",))) or _is_versioned(project, name)


def _is_versioned(project: Project, name: str) -> bool:
    return any(entry.is_versioned for entry in project.entries(name, ("models",)))


def _hit(source: Source, reference: Reference, said: str, known: list[str]) -> Hit:
    wanted = said if reference.is_source else reference.name
    close = get_close_matches(wanted, known, 1, 0.8)
    what = "property file declares that source" if reference.is_source else "model, seed or snapshot is called so"
    return Hit(
        line=reference.line,
        evidence=said,
        symbol=_nodes.stem(source.path),
        explanation=(
            f"No {what}, so dbt stops at `{said}` before it runs any model of the project."
            + (f" Perhaps `{close[0]}` is meant." if close else "")
        ),
        remediation="Write the name as the project has it, or add what is missing in the same change.",
    )
