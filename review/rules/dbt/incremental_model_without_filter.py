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
from review.rules.dbt import _jinja, _settings
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT001",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL}),
    looks_around=False,
)

STRATEGIES = frozenset({"", "append", "merge", "delete+insert"})
"""Strategies that leave it to the model what is read; with another, dbt, a partition list or a macro may bound it."""

ONCE = frozenset({"static", "manual", "once", "one_off", "one-off", "one_time", "one-time", "backfill"})
"""Tags of models that no schedule runs."""

BOUNDING_NAMES = frozenset({"this", "model", "run_started_at", "modules"})
"""What a template asks for new rows by: its own table, the time of the run, or Python's (`modules.datetime`)."""

NEW_ROWS = frozenset(
    {"new", "recent", "latest", "today", "yesterday", "batch", "stream", "cdc", "changes", "changed"}
    | {"delta", "deltas", "incr", "increment", "increments", "incremental"}
)
"""Words in the name of a source that holds no more than what is new."""

NOW = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime)
NOW_FUNCTIONS = frozenset({"getdate", "sysdate", "today", "systimestamp", "now", "run_started_at"})
ENDS = (exp.Between, exp.EQ, exp.LT, exp.LTE, exp.In)
"""Comparisons that give a period an end."""

ASKING = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Not, exp.All)

GIVEN = (exp.Parameter, exp.Placeholder, exp.SessionParameter)
"""Values that whoever runs the query gives it."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Incremental by its own config, and nothing in it that could ask for new rows only."""
    if "incremental" not in source.text or is_test(source.path, source.kind):
        return
    settings = _jinja.config(source)
    materialized, line = settings.get("materialized", (None, 0))
    if materialized != "incremental" or _is_left_to_others(settings):
        return
    called = {name for name, _ in _jinja.calls(source)}
    if not called & {"ref", "source"} or not all(map(_jinja.is_plain, called)) or any(map(_gives_time, called)):
        return
    if _jinja.names(source) & BOUNDING_NAMES or _reads_new_rows(source) or _settings.bound_rows(source):
        return
    if any(map(_bounds_itself, source.sql.statements)):
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


def _is_left_to_others(settings: dict[str, tuple[Any, int]]) -> bool:
    """Whether something beside the query may bound what is read: a strategy, a hook, or someone who runs it by hand."""
    strategy, _ = settings.get("incremental_strategy", ("", 0))
    tags, _ = settings.get("tags", (None, 0))
    enabled, _ = settings.get("enabled", (True, 0))
    return (
        strategy not in STRATEGIES
        or enabled is False
        or "pre_hook" in settings
        or any(isinstance(tag, str) and tag.lower() in ONCE for tag in (tags if isinstance(tags, list) else [tags]))
    )


def _gives_time(called: str) -> bool:
    """Whether a call prints the current time: `dbt.current_timestamp`, `dbt_utils.current_timestamp_in_utc`."""
    return called.rpartition(".")[2].startswith("current_timestamp")


def _reads_new_rows(source: Source) -> bool:
    """Whether what it reads is called after holding new rows only: `ref('stg_orders_delta')`."""
    from jinja2 import nodes

    return any(
        not NEW_ROWS.isdisjoint(argument.value.lower().split("_"))
        for name, call in _jinja.calls(source)
        if name in ("ref", "source")
        for argument in call.args
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str)
    )


def _bounds_itself(statement: exp.Expression) -> bool:
    """Whether a statement takes no more than some rows by what its own SQL says."""
    return (
        statement.find(*NOW, *GIVEN) is not None
        or any(call.name.lower() in NOW_FUNCTIONS for call in statement.find_all(exp.Anonymous))
        or any(column.name.lower().startswith("metadata$") for column in statement.find_all(exp.Column))
        or any(map(_ends_a_period, statement.find_all(exp.Literal)))
        or any(map(_asks_what_is_known, statement.find_all(*ASKING)))
    )


def _ends_a_period(literal: exp.Literal) -> bool:
    """Whether a date ends a period that is over: `day between '2021-10-07' and '2022-01-09'`, `key <= 20220109`."""
    digits = literal.name[:10].replace("-", "").replace("/", "")
    return (
        len(digits) == 8
        and digits.isdigit()
        and digits[:2] in ("19", "20")
        and literal.find_ancestor(*ENDS) is not None
    )


def _asks_what_is_known(condition: exp.Expr) -> bool:
    """Whether rows are filtered by what a table knows: `id > (select max(id) …)`, `not in (select …)`, `at > w.at`."""
    around = condition.find_ancestor(exp.Where, exp.Join)
    if around is None or (isinstance(around, exp.Join) and around.find(exp.EQ) is not None):
        return False
    if isinstance(condition, exp.Not):
        return isinstance(condition.this, exp.Exists | exp.In) and condition.find(exp.Query) is not None
    if isinstance(condition, exp.All):  # `not in (select …)` in Snowflake
        return isinstance(condition.parent, exp.NEQ)
    sides = [side.unnest() for side in (condition.args["this"], condition.args["expression"])]
    columns = {side.table for side in sides if isinstance(side, exp.Column) and side.table}
    return len(columns) == 2 or any(isinstance(side, exp.Query) for side in sides)
