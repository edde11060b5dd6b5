"""Two models of a project have one name.

### Why it matters
`ref()` knows models by their names alone, whatever folders they lie in. With two of one name dbt stops before it runs
anything: "dbt found two models with the name …". Usually one is the copy that was to be moved.

### Bad
```sql
select order_id, amount
from {{ ref('stg_orders') }}
```

```sql
-- models/finance/fct_orders.sql
select order_id, amount
from {{ ref('stg_orders') }}
```

### Good
```sql
{{ config(enabled=false) }}

select order_id, amount
from {{ ref('stg_orders') }}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT023",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """A model of whose name there is another model, a seed or a snapshot, none of which is or may be disabled."""
    project = source.dbt
    if is_test(source.path, source.kind):
        return
    for name, found in project.all_nodes.items():
        others = [each for each in found if each.path != source.path]
        if len(found) == len(others) or not others:
            continue
        if any(_may_be_off(project, node) for node in found):
            continue
        yield Hit(
            line=1,
            evidence=f"two nodes called {name}",
            symbol=name,
            explanation=(
                f"`{others[0].path}` makes a {others[0].kind} called `{name}` too, so dbt stops before it runs any "
                "model of the project."
            ),
            remediation="Rename one of them, or remove the one that is out of use.",
        )


def _may_be_off(project: Project, node: Node) -> bool:
    """Whether a setting says, or a run may say, that dbt leaves the node out."""
    try:
        return project.config(node, "enabled") not in (None, True, "true", "True")
    except NotEvaluated:
        return True
