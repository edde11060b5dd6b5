"""Duplicates are deleted with NOT IN over a whole grouped table.

### Why it matters
`DELETE … WHERE id NOT IN (SELECT min(id) … GROUP BY key)` compares every row with a list of nearly all rows. Once that
list does not fit into memory PostgreSQL goes through it anew for each row: quadratic time, hours on some million rows,
in a migration that holds its locks all the while. One null in the list, and nothing is deleted at all; MySQL refuses
the statement. A self-join on the key touches only the duplicates.

### Bad
```sql
delete from payments
where id not in (
    select min(id)
    from payments
    group by reference
);
```

### Good
```sql
delete from payments as later
using payments as first
where later.reference = first.reference
    and later.id > first.id;
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL046",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

ONE_OF_A_GROUP = (exp.Min, exp.Max, exp.AnyValue, exp.First, exp.Last)
COLUMNAR = frozenset({"bigquery", "snowflake", "databricks", "clickhouse", "duckdb"})
"""Warehouses that turn it into an anti-join whatever its size."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """DELETE or UPDATE of a table's rows whose key is not among one a group of the same table."""
    if "not" not in source.text.lower() or source.dialect in COLUMNAR:
        return
    sql = source.sql
    for statement in _sql.walk(sql, exp.Delete, exp.Update):
        where, table = statement.args.get("where"), statement.find(exp.Table)
        if where is None or table is None:
            continue
        for negation in where.find_all(exp.Not):
            chosen = negation.this.unnest()
            query = chosen.args.get("query") if isinstance(chosen, exp.In) else None
            if query is not None and _one_of_each_group(query.unnest(), table.name):
                yield _hit(sql, statement, negation, table.name)


def _one_of_each_group(query: exp.Expr, table: str) -> bool:
    """Whether a query takes one row of each group of a table, all of it."""
    if not isinstance(query, exp.Select) or query.args.get("group") is None or query.args.get("where") is not None:
        return False
    asked = query.find(exp.Table)
    item = query.expressions[0].unalias() if len(query.expressions) == 1 else None
    return isinstance(item, ONE_OF_A_GROUP) and asked is not None and asked.name.lower() == table.lower()


def _hit(sql: ParsedSql, statement: exp.Expr, negation: exp.Not, table: str) -> Hit:
    line, end_line = _sql.lines(sql, negation)
    verb = "deletes" if isinstance(statement, exp.Delete) else "updates"
    return Hit(
        line=line,
        end_line=end_line,
        symbol=table.lower(),
        evidence=_sql.text(sql, negation),
        explanation=(
            f"It {verb} the duplicates of `{table}` by holding each row against the list of all rows that stay: "
            "on a large table that is quadratic, and it runs for hours with its locks held."
        ),
        remediation="Join the table with itself on the columns it is grouped by, so that only duplicates are touched.",
    )
