"""One count is divided by another, and the fraction is cut off.

### Why it matters
In PostgreSQL, Redshift, Trino, SQL Server and SQLite a whole number divided by a whole number is a whole number: 3 of 4
orders is a rate of 0, not 0.75. The column has a plausible name and a plausible type, and every dashboard on it shows
zeros, or ones.

### Bad
```sql
select count(paid_at) / count(*) as paid_rate
from orders
```

### Good
```sql
select 1.0 * count(paid_at) / count(*) as paid_rate
from orders
```
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, _tests, _values
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL052",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

TRUNCATING = frozenset({"postgres", "redshift", "greenplum", "trino", "athena", "tsql", "sqlite"})
COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct)
WHOLE = frozenset({exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Divisions of what is certainly a count by what is certainly a count."""
    if source.dialect not in TRUNCATING or "/" not in source.text or _tests.is_test(source.path, source.kind):
        return
    sql = source.sql
    for statement in sql.statements:
        divisions = list(statement.find_all(exp.Div, bfs=False))
        named = _values.definitions(statement) if divisions else {}
        for division in divisions:
            if not (sql.is_literal(division) and _counts(division.this, named) and _counts(division.expression, named)):
                continue
            line, end_line = _sql.lines(sql, division)
            yield Hit(
                line=line,
                end_line=end_line,
                symbol=_sql.symbol(division),
                evidence=_sql.text(sql, division),
                explanation=(
                    "Both sides are counts, so the result is a whole number: each share below one comes out as zero."
                ),
                remediation="Multiply the left side by 1.0, or cast it to a decimal, before it is divided.",
                is_certain=source.is_dialect_sure,
            )


def _counts(node: exp.Expr, named: Mapping[str, exp.Expr | None]) -> bool:
    """Whether an expression is a count of rows, with no cast to anything else on its way."""
    for _ in range(8):
        if isinstance(node, exp.Paren):
            node = node.this
        elif isinstance(node, exp.Column) and (value := named.get(node.name.lower())) is not None:
            node = value
        elif isinstance(node, exp.Window):
            node = node.this
        else:
            break
    if isinstance(node, exp.Sum):
        return _is_zero_or_one(node.this)
    return isinstance(node, COUNTS)


def _is_zero_or_one(node: exp.Expr) -> bool:
    """Whether a CASE gives whole numbers alone."""
    if not isinstance(node, exp.Case):
        return False
    values = [branch.args["true"] for branch in node.args["ifs"]]
    values += [node.args["default"]] if node.args.get("default") is not None else []
    return all(isinstance(value, exp.Literal) and value.is_int for value in values)
