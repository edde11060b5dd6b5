"""A source table is no longer declared, and other files still read it.

### Why it matters
dbt resolves every `source()` before it runs anything. One that is declared nowhere stops the whole project from being
parsed: no model of it runs until it is corrected. The files that still name it are not part of the change, so no
reviewer has them before their eyes.

### Bad
```sql
-- models/staging/stg_orders.sql, which the change that takes `orders` out of the source `shop` leaves as it is
select id as order_id, amount
from {{ source('shop', 'orders') }}
```

### Good
```sql
-- models/staging/stg_orders.sql, changed together with it
select id as order_id, amount
from {{ source('shop', 'orders_v2') }}
```
"""

from collections.abc import Iterator
from itertools import groupby

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _gone
from review.rules.project import uses
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT060",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
    looks_back=True,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """For each source, the tables that the file declared before the change, no file does after it, and others read."""
    if "sources:" not in source.text:
        return
    project = source.dbt
    gone = _gone.tables(project, source.path)
    for owner, group in groupby(sorted(gone), key=lambda names: names[0]):
        found = {names: [use for use in _uses(source, names) if use.path not in project.changed] for names in group}
        used = [names for names, places in found.items() if any(use.stops for use in places)]
        if not used:
            continue
        tables = ", ".join(f"`{table}`" for _, table in used[: uses.LISTED])
        more = f" and {len(used) - uses.LISTED} more" if len(used) > uses.LISTED else ""
        places = {use.path: use for names in used for use in found[names]}
        yield Hit(
            line=min(gone[names] for names in used),
            evidence=f"tables of source {owner} are gone",
            symbol=owner,
            explanation=(
                f"The source `{owner}` is no longer declared with {tables}{more}, and files that are not part of this "
                f"change still read it: {uses.told(places.values())}. dbt stops at the first of them before it runs "
                "any model of the project."
            ),
            remediation="Change what reads it in the same pull request, or keep the declaration.",
        )


def _uses(source: Source, names: tuple[str, str]) -> tuple[uses.Use, ...]:
    return uses.of_references(source.dbt, names[1], lambda each: each.is_source and each.names == names)
