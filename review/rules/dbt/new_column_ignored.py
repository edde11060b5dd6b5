"""A new column of an incremental model never reaches its table.

### Why it matters
Unless `on_schema_change` says otherwise, dbt inserts into an incremental table only the columns that it has already. A
column that is added to the query is left out of every run without a word, until somebody rebuilds the table by hand
with `--full-refresh`: the model is green, and what reads the new column fails.

### Bad
```sql
{{ config(materialized='incremental', unique_key='order_id') }}

select order_id, ordered_at, amount, discount
from {{ ref('stg_orders') }}
```

```sql
-- models/marts/fct_orders.sql before the change
{{ config(materialized='incremental', unique_key='order_id') }}

select order_id, ordered_at, amount
from {{ ref('stg_orders') }}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='order_id', on_schema_change='append_new_columns') }}

select order_id, ordered_at, amount, discount
from {{ ref('stg_orders') }}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import columns
from review.rules.project.model import Project
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT026",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
)

LISTED = 3


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns that the change adds, and takes none away, to a model that was incremental before it."""
    before = source.dbt.before
    if before is None or not _keeps_its_table(source.dbt, source.path) or not _keeps_its_table(before, source.path):
        return
    try:
        old = columns.of_file(before.source(source.path))
    except NotEvaluated:
        return
    new = columns.of_file(source) if old is not None else None
    added = [name for name in new or () if name not in (old or ())]
    if not added or not old or not set(old) <= set(new or ()):
        return  # a model that loses columns is written anew, and its table with it: or the next run says so
    named = ", ".join(f"`{name}`" for name in added[:LISTED]) + (" and more" if len(added) > LISTED else "")
    line, end = _lines(source, added[0])
    yield Hit(
        line=line,
        end_line=end,
        evidence=f"adds {', '.join(sorted(added))}",
        symbol=_nodes.stem(source.path),
        explanation=(
            f"The table of this model exists without {named}, and nothing sets `on_schema_change`, so incremental runs "
            "leave the new column out and say nothing."
        ),
        remediation="Set `on_schema_change='append_new_columns'`, or plan a `--full-refresh` with this change.",
    )


def _keeps_its_table(project: Project, path: str) -> bool:
    """Whether a model is incremental, is not rebuilt on every run, and leaves changes of its columns to the default."""
    node = project.node_at(path)
    return (
        node is not None
        and project.config(node, "materialized") == "incremental"
        and project.config(node, "on_schema_change") is None
        and project.config(node, "full_refresh") is None
    )


def _lines(source: Source, name: str) -> tuple[int, int]:
    """Where the column is made, if the last query names it, else where that query begins."""
    for query in source.queries:
        for output in query.outputs:
            if output.name == name and output.expression is not None:
                return _sql.lines(source.sql, output.node)
    return 1, 1
