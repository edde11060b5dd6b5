"""A model, seed or snapshot is switched off that others still use.

### Why it matters
For dbt a node with `enabled: false` is not there. A model, snapshot or exposure that refs it stops the whole project
from being parsed ("depends on a node … which is disabled"), and a test that does is left out without failing.

### Bad
```sql
{{ config(enabled=false) }}

select id as order_id, amount
from {{ source('shop', 'orders') }}
```

```sql
-- models/fct_sales.sql
select order_id, amount
from {{ ref('fct_orders') }}
```

```sql
-- models/marts/fct_orders.sql before the change
select id as order_id, amount
from {{ source('shop', 'orders') }}
```

### Good
```sql
{{ config(enabled=false) }}

select id as order_id, amount
from {{ source('shop', 'orders') }}
```

```sql
-- models/fct_sales.sql
select id as order_id, amount
from {{ source('shop', 'orders') }}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.project import uses
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.project.properties import NODES
from review.rules.source import Source

if TYPE_CHECKING:
    from review.rules.project.jinja import Reference

rule = Rule(
    module=__name__,
    code="DBT067",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_PROPERTIES}),
)

ON, OFF = (None, True, "true", "True"), (False, "false", "False")
"""What `enabled` may be; anything else only a run can tell."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Nodes that this file switches off, that were on before the change, and that enabled files are certain to ref."""
    project = source.dbt
    if "enabled" not in source.text or project.before is None:
        return
    for node, line in _switched(source):
        was = project.before.node(node.name)
        if was is None or project.config(node, "enabled") not in OFF or project.before.config(was, "enabled") not in ON:
            continue
        found = _uses(project, node)
        if any(use.stops for use in found):
            yield Hit(
                line=line,
                evidence=f"{node.kind} {node.name} is disabled",
                symbol=node.name,
                explanation=(
                    f"`{node.name}` is switched off here and still used: {uses.told(found)}. dbt stops at the first of "
                    "them before it runs any model of the project."
                ),
                remediation="Switch off or change what uses it as well, or leave it enabled.",
            )


def _switched(source: Source) -> Iterator[tuple[Node, int]]:
    """The nodes for which the file sets `enabled`, each with the line of it."""
    project = source.dbt
    if not source.is_yaml:
        node, settings = project.node_at(source.path), _jinja.config(source)
        if node is not None and project.node(node.name) is not None and "enabled" in settings:
            yield node, settings["enabled"][1]
        return
    for entry in project.entries_in(source.path):
        said = _yaml.get(_yaml.get(entry.node, "config"), "enabled")
        node = project.node(entry.name) if entry.kind in NODES else None
        if said is not None and node is not None:
            yield node, _yaml.line(said)


def _uses(project: Project, node: Node) -> tuple[uses.Use, ...]:
    own = project.settings.name

    def is_meant(reference: "Reference") -> bool:
        is_here = len(reference.names) == 1 or reference.names[0] == own
        return not reference.is_source and reference.name == node.name and is_here

    return uses.of_references(project, node.name, is_meant)
