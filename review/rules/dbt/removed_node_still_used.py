"""A model, seed or snapshot is taken away that other files still use.

### Why it matters
dbt resolves every `ref()` before it runs anything. One that names nothing stops the whole project from being parsed: no
model of it runs until it is corrected. The files that still name what is gone are not part of the change, so no
reviewer has them before their eyes.

### Bad
```sql
-- models/marts/fct_orders.sql, which the change that deletes models/staging/stg_orders.sql leaves as it is
select order_id, amount
from {{ ref('stg_orders') }}
```

### Good
```sql
-- models/marts/fct_orders.sql, changed together with it
select order_id, amount
from {{ ref('stg_shop_orders') }}
```
"""

from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _gone
from review.rules.project import uses
from review.rules.project.jinja import Reference
from review.rules.project.model import Project
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT059",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_PYTHON_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_SEED}),
    looks_back=True,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Nodes that the file made before the change, nothing makes after it, and files that are not part of it ref."""
    project = source.dbt
    for node in _gone.nodes(project, source.path):
        found = [use for use in _uses(project, node.name) if use.path not in project.changed]
        if not any(use.stops for use in found):
            continue
        yield Hit(
            line=node.line,
            evidence=f"{node.kind} {node.name} is gone",
            symbol=node.name,
            explanation=(
                f"Nothing makes `{node.name}` any more, and files that are not part of this change still use it: "
                f"{uses.told(found)}. dbt stops at the first of them before it runs any model of the project."
            ),
            remediation=f"Change what uses it in the same pull request{_instead(project, node.name)}, or keep it.",
        )


def _uses(project: Project, name: str) -> tuple[uses.Use, ...]:
    own = project.settings.name

    def is_meant(reference: Reference) -> bool:
        is_here = len(reference.names) == 1 or reference.names[0] == own
        return not reference.is_source and reference.name == name and is_here

    return uses.of_references(project, name, is_meant)


def _instead(project: Project, name: str) -> str:
    """A clause that names the node that the change brings in its place, where one is nearly called so."""
    before = project.before
    new = [each for each in project.all_nodes if before is not None and each not in before.all_nodes]
    close = get_close_matches(name, sorted(new), 1, 0.6)
    return f" (perhaps to `{close[0]}`, which is new)" if close else ""
