"""An incremental model with an enforced contract lets its columns change.

### Why it matters
dbt takes an enforced contract of an incremental model only with `on_schema_change` set to `append_new_columns` or
`fail`. With `sync_all_columns`, and with the default, which is `ignore`, it does not even parse the project: no model
of it runs until that is corrected.

### Bad
```sql
{{ config(materialized='incremental', unique_key='order_id', contract={'enforced': true}) }}
select id as order_id, amount
from {{ source('shop', 'orders') }}
{% if is_incremental() %} where updated_at > (select max(updated_at) from {{ this }}) {% endif %}
```

```yaml
# models/orders.yml
models:
  - name: fct_orders
    columns:
      - name: order_id
        data_type: int
      - name: amount
        data_type: numeric
```

### Good
```sql
{{
  config(
    materialized='incremental', unique_key='order_id', contract={'enforced': true},
    on_schema_change='append_new_columns'
  )
}}
select id as order_id, amount
from {{ source('shop', 'orders') }}
{% if is_incremental() %} where updated_at > (select max(updated_at) from {{ this }}) {% endif %}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _contracts, _jinja
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT071",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_PROPERTIES}),
)

REFUSED = (None, "ignore", "sync_all_columns")


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Such a model, or the properties that give a contract to one that the change leaves alone."""
    project = source.dbt
    if not source.is_yaml:
        node = project.node_at(source.path)
        if node is not None and _contracts.entry_of(project, node) is not None and _is_refused(project, node):
            settings = _jinja.config(source)
            lines = [settings[name][1] for name in ("on_schema_change", "contract", "materialized") if name in settings]
            yield _hit(node.name, lines[0] if lines else 1, project.config(node, "on_schema_change"))
        return
    for node, entry in _contracts.spoken_of(source):
        if node.path not in project.changed and _is_refused(project, node):
            yield _hit(node.name, entry.line, project.config(node, "on_schema_change"))


def _is_refused(project: Project, node: Node) -> bool:
    is_incremental = project.config(node, "materialized") == "incremental"
    return is_incremental and project.config(node, "on_schema_change") in REFUSED


def _hit(name: str, line: int, said: object) -> Hit:
    setting = f"`{said}`" if said else "not set"
    return Hit(
        line=line,
        symbol=name,
        evidence=f"contract of {name} with on_schema_change {said or 'not set'}",
        explanation=(
            f"The contract of `{name}` is enforced, and `on_schema_change` is {setting}. dbt stops "
            "with an error while it parses the project, before any model of it runs."
        ),
        remediation="Set `on_schema_change` to `append_new_columns` or `fail`.",
    )
