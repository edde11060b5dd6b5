"""A migration adds a required column without a default to a table that exists.

### Why it matters
`ADD COLUMN … NOT NULL` without DEFAULT is refused as soon as the table holds one row: nothing says what that row's
value should be. On the empty database of a test or of a new developer the migration passes; in production it fails,
and with it the deployment.

### Bad
```sql
alter table orders add column channel text not null;
```

### Good
```sql
alter table orders add column channel text not null default 'web';
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
    code="SQL049",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SQL_MIGRATION}),
)

VALUES = (exp.DefaultColumnConstraint, exp.GeneratedAsIdentityColumnConstraint, exp.ComputedColumnConstraint)
"""What gives the rows that are there already a value."""

SERIAL = frozenset({exp.DType.SERIAL, exp.DType.BIGSERIAL, exp.DType.SMALLSERIAL})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """ADD COLUMN with NOT NULL, without DEFAULT or the like, unless the migration empties the table."""
    if source.dialect not in ("postgres", "redshift", "greenplum", "ansi") or "add" not in source.text.lower():
        return
    sql = source.sql
    emptied = {
        table.name.lower()
        for statement in sql.statements
        if isinstance(statement, exp.Delete) and statement.args.get("where") is None
        for table in statement.find_all(exp.Table)
    }
    for table, _, column in _migration.changes(source):
        if not isinstance(column, exp.ColumnDef) or table in emptied or not _lacks_a_value(column):
            continue
        line, end_line = _sql.lines(sql, column)
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=table,
            evidence=f"{table}: {_sql.text(sql, column)}",
            explanation=(
                f"`{table}` exists already: if it holds a single row the database refuses this, since that row has "
                f"no value for `{column.name}`."
            ),
            remediation=(
                "Give it a DEFAULT, or add it without NOT NULL, fill it, and make it required in a later migration."
            ),
        )


def _lacks_a_value(column: exp.ColumnDef) -> bool:
    kinds = [constraint.kind for constraint in column.args.get("constraints") or ()]
    required = any(isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null") for kind in kinds)
    made = any(isinstance(kind, VALUES) for kind in kinds)
    return required and not made and column.args["kind"] is not None and column.args["kind"].this not in SERIAL
