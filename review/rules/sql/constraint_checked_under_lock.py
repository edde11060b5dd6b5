"""A migration checks a new constraint against every row while nobody can write.

### Why it matters
PostgreSQL reads the whole table when it adds a foreign key or a CHECK, and holds its lock until it has: a foreign key
stops all writes to both tables, a CHECK everything on its table. On a large table that is an outage of minutes. Added
as `NOT VALID` the constraint holds for new rows at once, and `VALIDATE CONSTRAINT`, in a later migration, reads the old
ones and stops nobody.

Tables that the migration makes or empties, and those that never hold much by their name, are not spoken of.

### Bad
```sql
alter table orders
    add constraint orders_customer_fk foreign key (customer_id) references customers (id);
```

### Good
```sql
alter table orders
    add constraint orders_customer_fk foreign key (customer_id) references customers (id) not valid;
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
    code="SQL069",
    standard=Standard.SCALABILITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SQL_MIGRATION}),
)

CHECKS = (exp.CheckColumnConstraint, exp.Check)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first foreign key or CHECK added to a table that exists without NOT VALID."""
    if source.dialect not in ("postgres", "greenplum") or "constraint" not in source.text.lower():
        return
    yield from _migration.locked(source, rule.code, _told)


def _told(table: str, statement: exp.Alter, action: exp.Expr) -> tuple[str, str] | None:
    if not isinstance(action, exp.AddConstraint) or statement.args.get("not_valid"):
        return None
    what, held = _checked(action, table)
    said = f"PostgreSQL checks {what} against every row of `{table}`, and until it is done {held}."
    return (said, "Add the constraint as NOT VALID, and validate it in a later migration") if what else None


def _checked(action: exp.AddConstraint, table: str) -> tuple[str, str]:
    """What is checked, and who waits for it; empty for other constraints."""
    key = action.find(exp.ForeignKey)
    if key is not None:
        reference = key.args.get("reference")
        other = reference.find(exp.Table) if isinstance(reference, exp.Reference) else None
        both = f" and `{other.name}`" if other is not None and other.name.lower() != table else ""
        return "the foreign key", f"nobody can write to `{table}`{both}"
    if action.find(*CHECKS) is not None:
        return "the CHECK", f"nobody can read or write `{table}`"
    return "", ""
