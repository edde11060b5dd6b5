"""A migration adds a column and fills it for all rows in one statement.

### Why it matters
One UPDATE of every row writes the table a second time, with each of its indexes, and runs its triggers row by row. It
does so in the migration's transaction: rows stay locked and the lock of ALTER TABLE is held until it is done, so on a
large table the application stands still for as long. Filled in batches, or while it is being written, nobody waits.

### Bad
```sql
alter table orders add column country text;
update orders
set country = customers.country
from customers
where orders.customer_id = customers.id;
```

### Good
```sql
alter table orders add column country text;
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.sql import _migration

rule = Rule(
    module=__name__,
    code="SQL048",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SQL_MIGRATION}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first UPDATE that sets a column this migration adds to an existing table, for every row of it."""
    if source.dialect not in ("postgres", "greenplum", "ansi") or "update" not in source.text.lower():
        return
    sql = source.sql
    added = {
        (table, action.name.lower())
        for table, _, action in _migration.changes(source)
        if isinstance(action, exp.ColumnDef)
    }
    for statement in _migration.forward(source) if added else ():
        if not isinstance(statement, exp.Update) or not isinstance(statement.this, exp.Table):
            continue
        table = statement.this.name.lower()
        set_here = [item.this.name.lower() for item in statement.expressions if isinstance(item, exp.EQ)]
        column = next((name for name in set_here if (table, name) in added), "")
        if not column or _migration.is_small(table) or not _takes_all(statement):
            continue
        line, end_line = _sql.lines(sql, statement)
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=table,
            evidence=_sql.text(sql, statement),
            explanation=(
                f"This fills `{column}` in every row of `{table}` at once, with all indexes and triggers at work and "
                "the migration's locks held until the last row is written."
            ),
            remediation=(
                "Fill it in batches outside the migration's transaction; where the table is known to stay small, "
                "waive SQL048 for this file in the policy."
            ),
        )
        return


def _takes_all(statement: exp.Update) -> bool:
    """Whether every row is written: WHERE only says which row of another table belongs to which."""
    where = statement.args.get("where")
    if where is None:
        return True
    if statement.args.get("from_") is None:
        return False
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    return all(
        isinstance(each, exp.EQ) and isinstance(each.this, exp.Column) and isinstance(each.expression, exp.Column)
        for each in conditions
    )
