"""A migration rewrites a whole table, and nobody can read it meanwhile.

### Why it matters
PostgreSQL writes a table anew, with all its indexes, when a column gets another type or a new column has a default that
differs from row to row (`gen_random_uuid()`). All that time it holds the one lock that keeps out readers too: a second
on a small table, and minutes or hours without the application on a large one.

### Bad
```sql
alter table orders alter column id type bigint;
```

### Good
```sql
alter table orders add column id_big bigint;
create trigger orders_id_big before insert or update on orders
    for each row execute function copy_id();
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.sql import _migration

rule = Rule(
    module=__name__,
    code="SQL053",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SQL_MIGRATION}),
)

STORED_OTHERWISE = frozenset(
    {exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT, exp.DType.UUID, exp.DType.JSONB, exp.DType.BOOLEAN}
    | {exp.DType.DOUBLE, exp.DType.FLOAT, exp.DType.DATE}
)
"""Types that no other type is stored like, so that a change to one writes every row anew."""

DIFFERENT = (exp.Uuid, exp.Rand)
DIFFERENT_NAMES = frozenset({"gen_random_uuid", "uuid_generate_v4", "uuid_generate_v1", "clock_timestamp", "random"})
"""Functions that give each row another value."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Changes of a column's type to one that is stored otherwise, and new columns with a default made row by row."""
    if source.dialect not in ("postgres", "greenplum") or "alter" not in source.text.lower():
        return
    yield from _migration.locked(source, rule.code, _told)


def _told(table: str, _statement: exp.Alter, action: exp.Expr) -> tuple[str, str] | None:
    what = _rewrites(action)
    said = (
        f"{what}, so PostgreSQL writes every row of `{table}` and its indexes anew, and keeps everybody out, "
        "readers too, until it is done."
    )
    return (said, "Add a new nullable column, fill it in batches, and change over to it") if what else None


def _rewrites(action: exp.Expr) -> str:
    """Why an action of ALTER TABLE writes the table anew; empty where it does not, or may not."""
    if isinstance(action, exp.AlterColumn):
        kind = action.args.get("dtype")
        changed = kind is not None and kind.this in STORED_OTHERWISE
        return f"`{action.name}` gets a type that is stored in another way" if changed else ""
    if isinstance(action, exp.ColumnDef):
        defaults = [
            constraint.kind
            for constraint in action.args.get("constraints") or ()
            if isinstance(constraint.kind, exp.DefaultColumnConstraint)
        ]
        calls = [call for default in defaults for call in default.find_all(exp.Anonymous, *DIFFERENT)]
        if any(isinstance(call, DIFFERENT) or call.name.lower() in DIFFERENT_NAMES for call in calls):
            return f"the default of `{action.name}` is another for each row"
    return ""
