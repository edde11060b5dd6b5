"""A model no longer gives a column that other files still use.

### Why it matters
A column that is renamed or dropped here breaks what reads it: the models downstream fail on their next run, and tests
of the column end in a database error. Those files are not part of this change, so no reviewer has them before their
eyes.

### Bad
```sql
select id as order_id, amount_usd
from {{ source('shop', 'orders') }}
```

### Good
```sql
select id as order_id, amount
from {{ source('shop', 'orders') }}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import columns, usage
from review.rules.project.model import Node
from review.rules.source import NotEvaluated, Source

rule = Rule(
    module=__name__,
    code="DBT018",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL}),
)

MAX_CHILDREN = 20
"""Readers of one model that are looked at: each has to be rendered and parsed."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns that unchanged models read and unchanged properties test, and that this model, fully known, lacks."""
    project = source.dbt
    node = project.node_at(source.path)
    if node is None or project.node(node.name) is None:
        return
    users = _users(source, node)
    final = source.queries.final if users else None
    if final is None:
        return
    line, _ = _sql.lines(source.sql, final.selects[0]) if final.selects else (1, 1)
    for name, paths in sorted(users.items()):
        told = ", ".join(f"`{path}`" for path in sorted(paths)[:3]) + (" and more" if len(paths) > 3 else "")
        yield Hit(
            line=line,
            evidence=f"{node.name}.{name}",
            symbol=node.name,
            explanation=f"`{node.name}` gives no column `{name}`, which {told} still uses: it fails on its next run.",
            remediation="Keep the column, or change what uses it in the same pull request.",
        )


def _users(source: Source, node: Node) -> dict[str, set[str]]:
    """Column that is not there → the unchanged files that use it."""
    found = columns.of_file(source)
    if found is None:
        return {}
    project = source.dbt
    users: dict[str, set[str]] = {}
    for path in [each for each in project.children(node.name) if each not in project.changed][:MAX_CHILDREN]:
        try:
            for each in usage.missing(project.source(path), node):
                users.setdefault(each.name, set()).add(path)
        except NotEvaluated:
            continue
    for entry in project.entries(node.name, (f"{node.kind}s",)):
        for column in entry.columns if entry.path not in project.changed and not entry.is_versioned else ():
            if column.tests and _nodes.plain(column.name) not in found:
                users.setdefault(_nodes.plain(column.name), set()).add(entry.path)
    return users
