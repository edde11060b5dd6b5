"""A snapshot's settings are ones that dbt refuses.

### Why it matters
dbt takes a snapshot only with a `strategy` and a `unique_key`. The strategy `timestamp` needs `updated_at` and takes no
`check_cols`; `check` needs `check_cols`, which is a list of columns or the word `all`. Anything else stops dbt while it
parses the project, so no model runs either.

### Bad
```sql
{% snapshot customers_history %}
{{ config(strategy='check', unique_key='customer_id', check_cols='email') }}

select customer_id, email, city
from {{ source('shop', 'customers') }}
{% endsnapshot %}
```

### Good
```sql
{% snapshot customers_history %}
{{ config(strategy='check', unique_key='customer_id', check_cols=['email']) }}

select customer_id, email, city
from {{ source('shop', 'customers') }}
{% endsnapshot %}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _snapshots
from review.rules.dbt._snapshots import Snapshot
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT064",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_SNAPSHOT}),
)
# Source: dbt-core, SnapshotConfig.final_validate (1.9), and validate of the versions before it.


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Files with one snapshot, in a project whose property files are all known."""
    if not source.dbt.is_complete:
        return
    snapshot = _snapshots.only(source)
    problem = _problem(snapshot) if snapshot is not None and not snapshot.has("enabled") else None
    if snapshot is None or problem is None:
        return
    name, said = problem
    if said.startswith("no ") and any(called in source.dbt.macros for called, _ in _jinja.calls(source)):
        return  # a macro may make the settings
    yield Hit(
        line=snapshot.settings.get(name, (None, snapshot.line))[1],
        evidence=said,
        symbol=snapshot.node.name,
        explanation=f"The snapshot `{snapshot.node.name}` has {said}, so dbt stops before it runs anything.",
        remediation="Give it `unique_key`, `strategy` and what that strategy needs: `updated_at`, or `check_cols`.",
    )


def _problem(snapshot: Snapshot) -> tuple[str, str] | None:
    """The setting that is wrong, and a phrase for it; None where nothing is, or it cannot be told."""
    for name in ("strategy", "unique_key"):
        if not snapshot.has(name):
            return name, f"no `{name}`"
    strategy, columns = snapshot.constant("strategy"), snapshot.constant("check_cols")
    if strategy == "check" and not snapshot.has("check_cols"):
        return "strategy", "the strategy `check` and no `check_cols`"
    if strategy == "check" and isinstance(columns, str) and columns != "all":
        return "check_cols", f"`check_cols={columns!r}`, which is neither a list nor the word `all`"
    if strategy == "timestamp" and not snapshot.has("updated_at"):
        return "strategy", "the strategy `timestamp` and no `updated_at`"
    if strategy == "timestamp" and columns:
        return "check_cols", "the strategy `timestamp` and `check_cols`"
    return None
