"""A `unique_key` names a column that the model does not have.

### Why it matters
dbt merges new rows into the table by the `unique_key`. Where the query gives no such column, the first run creates the
table without complaint, and every run after it fails on the merge: the model works in review and breaks in production.

### Bad
```sql
{{ config(materialized='incremental', unique_key='id') }}

select event_id, user_id, event_time
from {{ ref('stg_events') }}
{% if is_incremental() %}
where event_time > (select max(event_time) from {{ this }})
{% endif %}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='event_id') }}

select event_id, user_id, event_time
from {{ ref('stg_events') }}
{% if is_incremental() %}
where event_time > (select max(event_time) from {{ this }})
{% endif %}
```
"""

from collections.abc import Iterator
from typing import Any

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _nodes
from review.rules.project import columns
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT012",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Plain names in `unique_key` of an incremental model or a snapshot, all of whose columns are known."""
    if "unique_key" not in source.text:
        return
    settings = _jinja.config(source)
    key, line = settings.get("unique_key", (None, 0))
    names = [name for name in _names(key) if name.strip('"`').isidentifier()]
    if not names or not _is_merged(source, settings):
        return
    found = columns.of_file(source)
    if found is None:
        return
    known = frozenset(found)
    for name in names:
        if _nodes.plain(name) in known:
            continue
        yield Hit(
            line=line,
            evidence=f"unique_key = {name}",
            symbol=_nodes.stem(source.path),
            explanation=(
                f"The query gives no column `{name}`, so the merge of every run after the first ends in a database "
                f"error.{_nodes.alike(name, known)}"
            ),
            remediation="Name the columns of the query that tell its rows apart.",
        )


def _names(key: Any) -> list[str]:
    """The column names of the setting: one, several with commas, or a list."""
    listed = key if isinstance(key, list) else key.split(",") if isinstance(key, str) else []
    return [each.strip() for each in listed if isinstance(each, str)]


def _is_merged(source: Source, settings: dict[str, tuple[Any, int]]) -> bool:
    """Whether dbt uses the key: for a snapshot, and for an incremental model whose strategy is not to append."""
    strategy, _ = settings.get("incremental_strategy", ("", 0))
    if strategy is None or strategy in ("append", "insert_overwrite", "microbatch"):
        return False
    node = source.dbt.node_at(source.path)
    if node is None:
        return False
    return node.kind == "snapshot" or source.dbt.config(node, "materialized") == "incremental"
