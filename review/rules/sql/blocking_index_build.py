"""An index is built on an existing table in a way that stops all writes to it.

### Why it matters
PostgreSQL's `CREATE INDEX` locks the table against INSERT, UPDATE and DELETE until the index is built: seconds on a
small table, an hour on one of some hundred million rows. Everything that writes waits, connections pile up, and a
migration that was quick in staging becomes an outage in production. `CONCURRENTLY` takes longer and blocks nobody.

### Bad
```sql
create index idx_orders_customer_id on orders (customer_id);
```

### Good
```sql
create index concurrently idx_orders_customer_id on orders (customer_id);
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Severity, Standard
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL003",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SQL_MIGRATION}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """CREATE INDEX without CONCURRENTLY on a table that this migration did not make."""
    if source.dialect != "postgres" or "index" not in source.text.lower():
        return
    sql = source.sql
    made: set[str] = set()
    for statement in sql.statements:
        if isinstance(statement, exp.Create) and statement.kind != "INDEX":
            made.add(_sql.name(statement))
        elif isinstance(statement, exp.Create) and not statement.args.get("concurrently"):
            index = statement.this
            table = index.args["table"]
            if table is None or table.name.lower() in made:
                continue
            line, end_line = _sql.lines(sql, statement)
            yield Hit(
                line=line,
                end_line=end_line,
                symbol=table.name,
                evidence=sql.text(statement),
                explanation=(
                    f"While this index is built, PostgreSQL holds up every write to `{table.name}`, which exists "
                    "already and may be large."
                ),
                remediation=(
                    "Build it with `CREATE INDEX CONCURRENTLY`, in a migration of its own that does not run in a "
                    "transaction. Where the table is known to stay small, say so in a comment."
                ),
            )
