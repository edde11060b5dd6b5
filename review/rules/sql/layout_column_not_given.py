"""A table is partitioned or clustered by a column that its query does not give.

### Why it matters
The warehouse lays a table out by the columns it has. Where `cluster_by` or `partition_by` names one that the query does
not select (it was dropped, renamed, or the setting was copied from another model), creating the table fails: on the
first run, or on the next full refresh, long after the change.

Views are not spoken of: for them dbt ignores the setting.

### Bad
```sql
{{ config(materialized='table', cluster_by=['customer_id']) }}

select owner_id, ordered_on, sum(amount) as amount
from {{ ref('orders') }}
group by owner_id, ordered_on
```

### Good
```sql
{{ config(materialized='table', cluster_by=['owner_id']) }}

select owner_id, ordered_on, sum(amount) as amount
from {{ ref('orders') }}
group by owner_id, ordered_on
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _nodes
from review.rules.project import columns
from review.rules.source import Source

if TYPE_CHECKING:
    import jinja2.nodes

rule = Rule(
    module=__name__,
    code="SQL067",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL}),
    looks_around=True,
)

SETTINGS = frozenset({"partition_by", "cluster_by", "partitioned_by"})
"""dbt's, of BigQuery, Snowflake, Spark, Databricks, Trino and Athena."""
STORED = frozenset({"table", "incremental"})
BY_ARRIVAL = "time_ingestion_partitioning"
"""BigQuery's partitions by the time at which rows came in, for which dbt takes the column out of the query."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Plain names in the settings of a model's layout, where the model is a table and all its columns are known."""
    if not any(setting in source.text for setting in SETTINGS):
        return
    named = [
        (setting, name, line)
        for called, call in _jinja.calls(source)
        if called == "config"
        for setting, value in _settings(call)
        for name, line in _columns(value)
    ]
    node = source.dbt.node_at(source.path) if named else None
    if node is None or source.dbt.config(node, "materialized") not in STORED:
        return
    found = columns.of_file(source)
    if found is None:
        return
    known = frozenset(found)
    for setting, name, line in named:
        if _nodes.plain(name) not in known:
            yield Hit(
                line=line,
                evidence=f"{setting}: {name}",
                symbol=_nodes.stem(source.path),
                explanation=(
                    f"The query gives no column `{name}`, so the table cannot be created with this `{setting}`."
                    f"{_nodes.alike(name, known)}"
                ),
                remediation="Name a column that the query gives, or select this one.",
            )


def _settings(call: "jinja2.nodes.Call") -> Iterator[tuple[str, "jinja2.nodes.Node"]]:
    """The settings of the layout in a call of `config`, by name or in a dictionary."""
    import jinja2.nodes

    for keyword in call.kwargs:
        if keyword.key in SETTINGS:
            yield keyword.key, keyword.value
    for argument in call.args:
        for pair in argument.items if isinstance(argument, jinja2.nodes.Dict) else ():
            if isinstance(pair.key, jinja2.nodes.Const) and pair.key.value in SETTINGS:
                yield pair.key.value, pair.value


def _columns(value: "jinja2.nodes.Node") -> Iterator[tuple[str, int]]:
    """The plain names in a setting, with their lines: one, a list, or BigQuery's `field`."""
    import jinja2.nodes

    found: list[jinja2.nodes.Node]
    if isinstance(value, jinja2.nodes.Dict):
        entries = {pair.key.value: pair.value for pair in value.items if isinstance(pair.key, jinja2.nodes.Const)}
        found = [entry for name, entry in entries.items() if name == "field" and BY_ARRIVAL not in entries]
    elif isinstance(value, jinja2.nodes.List):
        found = list(value.items)
    else:
        found = [value]
    for each in found:
        if isinstance(each, jinja2.nodes.Const) and isinstance(each.value, str):
            name = each.value.strip('"` ')
            if name.isidentifier() and not name.startswith("_"):
                yield name, each.lineno
