"""A documented column does not exist in its model.

### Why it matters
The properties describe a column that the model's query does not give: it was renamed, dropped, or never called so. The
catalogue shows readers a column they cannot select, the real one stays undocumented, and tests that someone adds to
the entry fail with a database error.

### Bad
```yaml
models:
  - name: dim_customers
    columns:
      - name: customer_name
        description: Full name.
```

```sql
-- models/dim_customers.sql
select id as customer_id, name as full_name
from {{ source('shop', 'customers') }}
```

### Good
```yaml
models:
  - name: dim_customers
    columns:
      - name: full_name
        description: Full name.
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import sides
from review.rules.project.model import Project
from review.rules.project.properties import Column, Entry
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT010",
    standard=Standard.DOCUMENTATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)


LISTED = 5
"""Missing columns of one model that are named; of more, how many there are."""
HINTED = 3
"""Missing columns of which the first may be a slip; more are another table's."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """For each model, the untested columns that its entry names and its query, fully known, does not give."""
    if "columns:" not in source.text:
        return
    for entry in source.dbt.entries_in(source.path):
        if sides.is_settled(source.dbt, entry):
            continue
        documented = [column for column in entry.columns if not column.tests and _is_said(entry, column)]
        known = _nodes.known_columns(source.dbt, entry) if documented else None
        missing = [column for column in documented if known is not None and _nodes.plain(column.name) not in known]
        if missing and source.dbt.before is not None:
            old = _missing_before(source.dbt.before, entry.name)
            missing = [column for column in missing if _nodes.plain(column.name) not in old]
        if missing and known is not None:
            yield _hit(source.dbt, entry, missing, known)


def _hit(project: Project, entry: Entry, missing: list[Column], known: frozenset[str]) -> Hit:
    given = _nodes.given_before(project, entry)
    dropped = [column for column in missing if _nodes.plain(column.name) in given]
    if dropped:
        said = f"This change drops or renames {_names(dropped)} in the query of `{entry.name}`, so the entry here "
        said += "documents nothing that anyone can select."
    else:
        said = f"`{entry.name}` gives no column {_names(missing)}, so what is documented here is nothing that anyone "
        said += "can select."
    hint = _nodes.alike(missing[0].name, known, entry) if len(missing) <= HINTED else ""
    return Hit(
        line=(dropped or missing)[0].line,
        evidence=f"{entry.name}: {', '.join(sorted(column.name for column in missing))}",
        symbol=entry.name,
        explanation=said + hint,
        remediation="Give the entry the name that the model's query gives the column, or remove it.",
    )


def _names(columns: list[Column]) -> str:
    names = [f"`{column.name}`" for column in columns]
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _is_said(entry: Entry, column: Column) -> bool:
    is_here = _nodes.is_written_in(entry, column.name_node)
    return is_here and bool(column.name.strip()) and _nodes.is_named(column.name)


def _missing_before(project: Project, name: str) -> set[str]:
    """The columns that were documented before the change and not there, or not known to be there, already then.

    A hit is about several columns, so those that are old have to be taken out of it.
    """
    return {
        _nodes.plain(column.name)
        for entry in project.entries(name)
        if project.node(name) is not None
        for known in (_nodes.known_columns(project, entry),)
        for column in entry.columns
        if known is None or _nodes.plain(column.name) not in known
    }
