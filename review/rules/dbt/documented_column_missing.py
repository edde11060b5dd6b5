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
from review.rules.project.model import Project
from review.rules.project.properties import Column
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


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """For each model, the untested columns that its entry names and its query, fully known, does not give."""
    if "columns:" not in source.text:
        return
    said: set[int] = set()
    for entry in source.dbt.entries_in(source.path):
        documented = [column for column in entry.columns if not column.tests and _is_said(column)]
        known = _nodes.known_columns(source.dbt, entry) if documented else None
        missing = [column for column in documented if known is not None and _nodes.plain(column.name) not in known]
        if missing and source.dbt.before is not None:
            old = _missing_before(source.dbt.before, entry.name)
            missing = [column for column in missing if _nodes.plain(column.name) not in old]
        if not missing or known is None or missing[0].line in said:
            continue
        said.add(missing[0].line)  # several models may share one list of columns by a YAML anchor
        names = [f"`{column.name}`" for column in missing]
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        yield Hit(
            line=missing[0].line,
            evidence=f"{entry.name}: {', '.join(sorted(column.name for column in missing))}",
            symbol=entry.name,
            explanation=(
                f"`{entry.name}` gives no column {', '.join(names[:LISTED])}{more}, so what is documented here is "
                f"nothing that anyone can select.{_nodes.alike(missing[0].name, known)}"
            ),
            remediation="Give the entry the name that the model's query gives the column, or remove it.",
        )


def _is_said(column: Column) -> bool:
    return bool(column.name.strip()) and _nodes.is_named(column.name)


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
