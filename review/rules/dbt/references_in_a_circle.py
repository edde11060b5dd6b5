"""Models ref each other in a circle.

### Why it matters
dbt builds a model after the ones it refs. Where these come back to the model itself there is no order in which they can
be built, so dbt stops with "Found a cycle" before it runs anything. A model that reads its own table says `{{ this }}`.

### Bad
```sql
select order_id, amount
from {{ ref('fct_orders_enriched') }}
```

```sql
-- models/marts/fct_orders_enriched.sql
select order_id, amount, amount > 100 as is_large
from {{ ref('fct_orders') }}
```

### Good
```sql
select order_id, amount
from {{ ref('stg_orders') }}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.project import jinja, sides
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT066",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL}),
)

MAX_NODES = 500
"""Ancestors of one model that are looked at."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The shortest way of certain refs from the model back to itself, told in one of its changed files."""
    if "ref(" not in source.text:
        return
    project = source.dbt
    node = project.node_at(source.path)
    if node is not None and sides.is_untouched(project, node.name):  # it has only moved, and so has all that it reads
        return
    circle = _circle(project, node) if node is not None and project.node(node.name) is not None else []
    changed = sorted(each.path for each in circle if each.path in project.changed)
    if node is None or not circle or (changed or [source.path])[0] != source.path:
        return
    line = next(each.line for each in jinja.certain_references(source.jinja) if each.name == circle[0].name)
    way = " → ".join(f"`{name}`" for name in (node.name, *(each.name for each in circle)))
    if len(circle) == 1:
        said, remedy = f"`{node.name}` refs itself", "Read the table as it is by `{{ this }}`."
    else:
        said, remedy = f"The models {way} ref each other in a circle", "Take one of these refs away."
    yield Hit(
        line=line,
        evidence=f"circle of {', '.join(sorted(each.name for each in circle))}",
        symbol=node.name,
        explanation=f"{said}, so dbt stops before it runs anything.",
        remediation=remedy,
    )


def _circle(project: Project, start: Node) -> list[Node]:
    """The nodes on a shortest way from a model through its parents back to it, which is the last; empty for none."""
    came_from: dict[str, Node] = {}
    pending = [start]
    for node in pending:
        for parent in _parents(project, node):
            if parent == start:
                way = [start]
                while node != start:
                    way.insert(0, node)
                    node = came_from[node.name]
                return way
            is_old = sides.is_untouched(
                project, parent.name
            )  # so is all above it: no way from there leads to what is not
            if parent.name not in came_from and not is_old and len(pending) < MAX_NODES:
                came_from[parent.name] = node
                pending.append(parent)
    return []


def _parents(project: Project, node: Node) -> list[Node]:
    """The models that a model is certain to ref; none for one that is disabled or not known."""
    if not node.path.lower().endswith((".sql", ".jinja")):
        return []
    try:
        if project.config(node, "enabled") not in (None, True, "true", "True"):
            return []
        found = jinja.certain_references(project.source(node.path).jinja)
    except NotEvaluated:
        return []
    own = project.settings.name
    names = [each.name for each in found if not each.is_source and (len(each.names) == 1 or each.names[0] == own)]
    return [parent for name in dict.fromkeys(names) if (parent := project.node(name)) is not None]
