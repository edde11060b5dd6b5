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
from typing import Any

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
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

STRATEGIES = frozenset({"", "append", "merge", "delete+insert"})
"""Strategies that leave it to the model what is read; with another, dbt, a partition list or a macro may bound it."""

ONCE = frozenset({"static", "manual", "once", "one_off", "one-off"})
"""Tags of models that no schedule runs."""

NOW = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime)
NOW_FUNCTIONS = frozenset({"getdate", "sysdate", "today", "systimestamp", "now", "run_started_at"})
ENDS = (exp.Between, exp.EQ, exp.LT, exp.LTE)
"""Comparisons that give a period an end."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Incremental by its own config, and nothing in it that could ask for new rows only."""
    if "incremental" not in source.text or is_test(source.path):
        return
    settings = _jinja.config(source)
    materialized, line = settings.get("materialized", (None, 0))
    strategy, _ = settings.get("incremental_strategy", ("", 0))
    if materialized != "incremental" or strategy not in STRATEGIES or _is_run_by_hand(settings.get("tags")):
        return
    called = {name for name, _ in _jinja.calls(source)}
    if not called & {"ref", "source"} or not all(map(_jinja.is_plain, called)):
        return
    if _jinja.names(source) & {"this", "model", "run_started_at"}:
        return
    if _looks_at_the_clock(source) or _has_an_end(source):
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


def _is_run_by_hand(tags: tuple[Any, int] | None) -> bool:
    value = tags[0] if tags is not None else None
    return any(isinstance(tag, str) and tag.lower() in ONCE for tag in (value if isinstance(value, list) else [value]))


def _has_an_end(source: Source) -> bool:
    """Whether the query takes a period that is over: `day between '2021-10-07' and '2022-01-09'`."""
    return any(
        literal.is_string
        and len(literal.name) >= len("2021-10-07")
        and literal.name[:4].isdigit()
        and literal.name[4] == "-"
        and literal.find_ancestor(*ENDS) is not None
        for statement in source.sql.statements
        for literal in statement.find_all(exp.Literal)
    )


def _looks_at_the_clock(source: Source) -> bool:
    """Whether the query names the current time, by which it may take recent rows only."""
    for statement in source.sql.statements:
        if statement.find(*NOW):
            return True
        if any(call.name.lower() in NOW_FUNCTIONS for call in statement.find_all(exp.Anonymous)):
            return True
    return False
