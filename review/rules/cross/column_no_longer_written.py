"""A Spark job writes no column of that name, and a dbt model reads it.

### Why it matters
The job replaces the table with the columns it selects, so the column is gone after its next run, or empty where the
table keeps its old schema. The dbt model that reads it is another team's file in another folder: it fails, or counts
nulls, on the night after the merge.

It is told where both sides are certain: an explicit `select` before a write that replaces the table, and a model that
reads the column from the source or the table of that name.

### Bad
`models/stg_orders.sql` beside it selects `amount` from `{{ source('shop', 'orders') }}`.

```python
orders = raw.select("order_id", col("amount").alias("amount_usd"))
orders.write.mode("overwrite").saveAsTable("shop.orders")
```

### Good
```python
orders = raw.select("order_id", "amount", col("amount").alias("amount_usd"))
orders.write.mode("overwrite").saveAsTable("shop.orders")
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.cross._written import Table, tables
from review.rules.project.model import Project
from review.rules.project.usage import read_from
from review.rules.relations import Relation
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="XST002",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK}),
)

MAX_READERS = 20
"""Models that are looked at for one table: each has to be rendered and parsed."""

NO_COLUMNS = _sql.DATE_PARTS | {"user", "current_user", "session_user", "sysdate", "rownum"}
"""Bare words that are no columns, where nobody selects them as such."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns that a dbt model reads from a table that this job replaces without them."""
    if not source.beside or "write" not in source.text:
        return
    for table in tables(source):
        readers: dict[str, set[str]] = {}
        for project in source.beside:
            for name, path in _missing(project, table):
                readers.setdefault(name, set()).add(path)
        for name, paths in sorted(readers.items()):
            told = ", ".join(f"`{path}`" for path in sorted(paths)[:3]) + (" and more" if len(paths) > 3 else "")
            yield Hit(
                line=table.line,
                end_line=table.end_line,
                evidence=f"{table.name}.{name}",
                symbol=table.symbol,
                explanation=f"`{table.name}` is replaced here by a table without `{name}`, which {told} reads from it.",
                remediation="Write the column still, or change what reads it in the same pull request.",
            )


def _missing(project: Project, table: Table) -> Iterator[tuple[str, str]]:
    """Column and path of each read of a column that the table is replaced without."""
    *_, schema, name = table.name.split(".")
    printed = {f"{source}_{each}" for source, each in _sources(project, schema, name)}

    def is_it(source: Source, relation: Relation) -> bool:
        if source.sql.is_literal(relation.node):  # type: ignore[arg-type]
            return table.name.endswith(f".{relation.table}") or relation.table.endswith(f"{schema}.{name}")
        return relation.table in printed

    for path in project.mentioning(name, (".sql",))[:MAX_READERS]:
        try:
            model = project.source(path)
            yield from (
                (column, path)
                for column in read_from(model, lambda relation, model=model: is_it(model, relation), table.columns)  # type: ignore[misc]
                if column not in NO_COLUMNS
            )
        except NotEvaluated:
            continue


def _sources(project: Project, schema: str, name: str) -> Iterator[tuple[str, str]]:
    """Source and table, in lower case, of what properties declare of the table of that schema and name."""
    for (source, table), entries in project.declared_sources.items():
        for entry in entries:
            if entry.relation == (schema, name):
                yield source.lower(), table.lower()
