"""An incremental model reads its whole source on every run.

### Why it matters
`materialized='incremental'` only says how rows are written. Without `{% if is_incremental() %} … {% endif %}` in the
query each run still reads and transforms everything since the beginning: it costs as much as a table, every hour.
Without a `unique_key` all of it is appended once more.

### Bad
```sql
{{ config(materialized='incremental', unique_key='event_id') }}

select event_id, user_id, event_time
from {{ ref('stg_events') }}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='event_id') }}

select event_id, user_id, event_time
from {{ ref('stg_events') }}
{% if is_incremental() %}
where event_time >= (select max(event_time) from {{ this }})
{% endif %}
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Severity, Standard
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT001",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL}),
)

BOUNDED_STRATEGIES = frozenset({"microbatch", "insert_overwrite"})
"""Strategies by which dbt, or a partition list, bounds what is read or written without a filter in the model."""

PLAIN = frozenset(
    {"config", "ref", "source", "var", "env_var", "set", "return", "log", "doc", "print", "range", "fromjson", "tojson"}
)
"""dbt's own functions, none of which filters rows."""

PLAIN_PACKAGES = frozenset({"dbt_utils", "dbt", "adapter", "target", "modules", "exceptions", "builtins"})
"""Whose macros make expressions and columns, not filters over time."""


NOW = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime)
NOW_FUNCTIONS = frozenset({"getdate", "sysdate", "today", "systimestamp", "now", "run_started_at"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Incremental by its own config, and nothing in it that could ask for new rows only."""
    if "incremental" not in source.text or is_test(source.path):
        return
    settings = _jinja.config(source)
    materialized, line = settings.get("materialized", (None, 0))
    strategy, _ = settings.get("incremental_strategy", ("", 0))
    if materialized != "incremental" or strategy is None or strategy in BOUNDED_STRATEGIES:
        return
    called = {name for name, _ in _jinja.calls(source)}
    if not called & {"ref", "source"} or any(map(_may_filter, called)):
        return
    if _jinja.names(source) & {"this", "model", "run_started_at"} or _looks_at_the_clock(source):
        return
    written = "merges all of it" if "unique_key" in settings else "appends all of it, since there is no `unique_key`,"
    yield Hit(
        line=line,
        evidence="materialized = incremental",
        symbol=source.path.rpartition("/")[2].partition(".")[0],
        explanation=(
            "Nothing here asks for new rows only: there is no `is_incremental()` and no `{{ this }}`. Every run reads "
            f"and transforms the whole history, and {written} into the table again."
        ),
        remediation=(
            "Filter the source on a time or sequence column inside `{% if is_incremental() %}`, or materialise the "
            "model as a table if it is small."
        ),
    )


def _may_filter(called: str) -> bool:
    """Whether the macro might hold the filter: the project's own, or a package's we know nothing of."""
    return bool(called) and called not in PLAIN and called.partition(".")[0] not in PLAIN_PACKAGES


def _looks_at_the_clock(source: Source) -> bool:
    """Whether the query names the current time, by which it may take recent rows only."""
    for statement in source.sql.statements:
        if statement.find(*NOW):
            return True
        if any(call.name.lower() in NOW_FUNCTIONS for call in statement.find_all(exp.Anonymous)):
            return True
    return False
