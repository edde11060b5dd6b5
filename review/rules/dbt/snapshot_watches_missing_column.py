"""A snapshot watches a column that its query does not give.

### Why it matters
A snapshot finds changed rows by `updated_at`, or by the columns of `check_cols`. dbt writes these names into the query
that compares: one that the snapshot's own query does not give ends every run of it in a database error, and the history
that is missed meanwhile cannot be had again.

### Bad
```sql
{% snapshot customers_history %}
{{ config(strategy='timestamp', unique_key='customer_id', updated_at='updated_at') }}

select customer_id, email, modified_at
from {{ source('shop', 'customers') }}
{% endsnapshot %}
```

### Good
```sql
{% snapshot customers_history %}
{{ config(strategy='timestamp', unique_key='customer_id', updated_at='modified_at') }}

select customer_id, email, modified_at
from {{ source('shop', 'customers') }}
{% endsnapshot %}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes, _snapshots
from review.rules.project import columns
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT065",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_SNAPSHOT}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Plain names in the setting that the strategy uses, of a snapshot all of whose columns are known."""
    snapshot = _snapshots.only(source)
    if snapshot is None:
        return
    setting = {"check": "check_cols", "timestamp": "updated_at"}.get(snapshot.constant("strategy"), "")
    said = snapshot.constant(setting)
    names = [each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)]
    names = [name for name in names if name.strip('"`').isidentifier() and name != "all"]
    known = columns.of_source(source) if names else None
    if known is None:
        return
    for name in names:
        if _nodes.plain(name) not in known:
            yield Hit(
                line=snapshot.settings[setting][1],
                evidence=f"{setting} = {name}",
                symbol=snapshot.node.name,
                explanation=(
                    f"The query gives no column `{name}`, so the snapshot ends in a database error."
                    f"{_nodes.alike(name, frozenset(known))}"
                ),
                remediation=f"Name a column of the snapshot's query in `{setting}`, or add it to the query.",
            )
