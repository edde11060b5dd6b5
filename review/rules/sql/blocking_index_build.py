"""Indexes are built on an existing table in a way that stops all writes to it.

### Why it matters
PostgreSQL's `CREATE INDEX` locks the table against INSERT, UPDATE and DELETE until the index is built, and a migration
in one transaction holds the lock until its last index is done: seconds on a small table, an hour on one of some hundred
million rows. Everything that writes waits, connections pile up, and a migration that was quick in staging becomes an
outage in production. `CONCURRENTLY` takes longer and blocks nobody.

A single plain index is not spoken of: more often than not its table is small. Several on one table, and the kinds that
take long to build (GIN, GiST), are.

### Bad
```sql
create index idx_orders_customer_id on orders (customer_id);
create index idx_orders_tags on orders using gin ((tags::jsonb));
```

### Good
```sql
create index concurrently idx_orders_customer_id on orders (customer_id);
create index concurrently idx_orders_tags on orders using gin ((tags::jsonb));
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
from review.rules.trees import NotEvaluated
from review.sql.parse import Opaque, ParsedSql

rule = Rule(
    module=__name__,
    code="SQL003",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SQL_MIGRATION}),
)


SLOW = frozenset({"gin", "gist", "spgist"})
"""Kinds of index that take many times as long to build as a B-tree."""

WRITES = (exp.Update, exp.Delete, exp.Insert, exp.Merge, exp.Copy, exp.TruncateTable)
"""Statements that write many rows at once: who waits for them waits for the index too."""

LOCKS = frozenset({"LOCK", "REFRESH"})
"""What else keeps others from writing to the tables it names, in statements that sqlglot does not parse."""

MATERIALIZED = frozenset({"mv", "matview"})
"""Words in the name of a materialized view, to which nobody writes."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The table on which most indexes are built without CONCURRENTLY: several, or one that takes long."""
    if (
        source.dialect not in ("postgres", "ansi")
        or "index" not in source.text.lower()
        or _migration.takes_back(source.path)
    ):
        return
    sql = source.sql
    end = _migration.way_back(source)
    _sql.refuse_opaque(sql, lambda statement: statement.lines[0] < end and _may_build(statement))
    builds = {table: found for table, found in _builds(sql, end).items() if len(found) > 1 or _is_slow(found[0])}
    if not builds:
        return
    if source.dialect == "ansi":
        raise NotEvaluated(
            "nothing tells its warehouse, and whether building an index stops writes depends on it; name the dialect "
            "in the policy or in .sqlfluff"
        )
    table = max(builds, key=lambda name: (len(builds[name]), any(map(_is_slow, builds[name]))))
    count = len(builds[table])
    first = builds[table][0]
    line, end_line = _sql.lines(sql, first)
    what = f"these {count} indexes are" if count > 1 else "this index is"
    others = f" The same goes for {len(builds) - 1} more of its tables." if len(builds) > 1 else ""
    yield Hit(
        line=line,
        end_line=end_line,
        symbol=table,
        evidence=sql.text(first),
        explanation=(
            f"While {what} built, PostgreSQL holds up every write to `{table}`, which exists already and may be large."
            + others
        ),
        remediation=(
            "Build each with `CREATE INDEX CONCURRENTLY`, in a migration that does not run in a transaction. Where "
            "the table is known to stay small, waive SQL003 for this file in the policy, or comment "
            "`/data-review ignore SQL003` with that reason on the pull request."
        ),
    )


def _builds(sql: ParsedSql, end: int) -> dict[str, list[exp.Expression]]:
    """Table → the statements before a line that build an index on it while others wait.

    None for a materialized view, and for a table that this migration makes, writes to or locks anyway.
    """
    builds: dict[str, list[exp.Expression]] = {}
    dropped: set[str] = set()
    for statement in sql.statements:
        if sql.lines(statement)[0] >= end:
            break
        if isinstance(statement, exp.Drop) and statement.kind == "INDEX":
            dropped.update(each.name.lower() for each in statement.find_all(exp.Table))
        elif isinstance(statement, exp.Create) and statement.kind == "INDEX":
            index = statement.this
            table = index.args["table"]
            if table is not None and not statement.args.get("concurrently") and index.name.lower() not in dropped:
                builds.setdefault(table.name.lower(), []).append(statement)
    busy = _busy(sql)
    return {
        table: found
        for table, found in builds.items()
        if table not in busy and MATERIALIZED.isdisjoint(table.split("_"))
    }


def _busy(sql: ParsedSql) -> set[str]:
    """The tables to which nobody else can write while this migration runs, under all names that it gives them."""
    busy = {
        word.lower() for statement in sql.opaque if LOCKS.intersection(statement.words[:1]) for word in statement.words
    }
    for statement in sql.statements:
        into = statement.find(exp.Into)
        table = (into or statement).find(exp.Table)
        if isinstance(statement, exp.Create) and statement.kind != "INDEX":
            busy.add(_sql.name(statement))
        elif isinstance(statement, WRITES) or into is not None:
            busy.add(table.name.lower() if table is not None else "")
        elif isinstance(statement, exp.Alter) and table is not None and table.name.lower() in busy:
            busy.update(rename.this.name.lower() for rename in statement.find_all(exp.AlterRename))
    return busy


def _may_build(statement: Opaque) -> bool:
    """Whether a statement that is not parsed builds an index while others wait."""
    builds = statement.says("CREATE", "INDEX") or statement.says("CREATE", "UNIQUE", "INDEX")
    return builds and not statement.says("INDEX", "CONCURRENTLY")


def _is_slow(statement: exp.Expression) -> bool:
    using = next((each.args.get("using") for each in statement.find_all(exp.IndexParameters)), None)
    return using is not None and using.name.lower() in SLOW
