"""A model or seed no longer gives a column that other files still use.

### Why it matters
A column that is renamed or dropped here breaks what reads it: the models downstream fail on their next run, and tests
of the column end in a database error. Those files are not part of this change, so no reviewer has them before their
eyes.

### Bad
```sql
select id as order_id, amount_usd
from {{ source('shop', 'orders') }}
```

```sql
-- models/fct_sales.sql, which the change leaves as it is
select order_id, amount
from {{ ref('fct_orders') }}
```

### Good
```sql
select id as order_id, amount
from {{ source('shop', 'orders') }}
```
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import columns, usage
from review.rules.project.nodes import Node
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT018",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SEED}),
    compares=True,
)

LISTED = 5
"""Columns, and files, that are named; of more, how many there are."""

MAX_CHILDREN = 20
"""Readers of one model that are looked at: each has to be rendered and parsed."""

BLANK = Hit(line=1, evidence="", explanation="", remediation="")
"""The first line: of a seed the names of its columns."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns that unchanged models read and unchanged properties test, and that this node, fully known, lacks."""
    users = _users(source)
    is_seed = source.kind is Kind.DBT_SEED
    final = source.queries.final if users and not is_seed else None
    if final is None and not is_seed:
        return
    old = _old(source.was)
    users = {name: paths for name, paths in users.items() if name not in old}
    if not users:
        return
    node = _name(source)
    paths = sorted({path for each in users.values() for path in each})
    yield replace(
        _place(source, final, sorted(users)) if final is not None else BLANK,
        evidence=f"columns of {node} still used",
        symbol=node,
        explanation=(
            f"`{node}` gives no column {_nodes.listed(sorted(users), LISTED)} any more, and what this change leaves as "
            f"it is still uses {'it' if len(users) == 1 else 'them'}: {_nodes.listed(paths, LISTED)}. That fails on "
            "its next run."
        ),
        remediation="Keep the columns, or change what uses them in the same pull request.",
    )


def _old(source: Source | None) -> set[str]:
    """The columns that others used and the model did not give already before the change."""
    try:
        return set(_users(source)) if source is not None else set()
    except NotEvaluated:  # evaluate() then keeps to the lines that the change touches
        return set()


def _place(source: Source, final: exp.Query, names: list[str]) -> Hit:
    """Where one of these columns was made, on a line that the change takes away; else the query that gives them."""
    kept = set(source.lines)
    try:
        queries = source.was.queries if source.was is not None else ()
    except NotEvaluated:
        queries = ()
    for output in (output for query in queries for output in query.outputs):
        if source.was is not None and output.name in names and output.expression is not None:
            line, end = _sql.lines(source.was.sql, output.node)
            if source.was.lines[line - 1] not in kept:
                return replace(BLANK, line=line, end_line=end, is_before=True)
    line, _ = _sql.lines(source.sql, final.selects[0]) if final.selects else (1, 1)
    return replace(BLANK, line=line)


def _name(source: Source) -> str:
    """The node's, by its file's."""
    name = source.path.rpartition("/")[2]
    return name.rpartition(".")[0] if source.kind is Kind.DBT_SEED else _nodes.stem(name)


def _given(source: Source, node: Node) -> tuple[str, ...] | None:
    """The columns of the file's node; None where not all are known."""
    is_seed = source.kind is Kind.DBT_SEED
    return columns.outputs(source.dbt, node.name) if is_seed else columns.of_file(source)


def _users(source: Source) -> dict[str, set[str]]:
    """Column that is not there → the unchanged files that use it."""
    project = source.dbt
    node = project.node_at(source.path)
    found = _given(source, node) if node is not None and project.node(node.name) is not None else None
    if node is None or found is None:
        return {}
    changed = project.changed
    users: dict[str, set[str]] = {}
    for path in [each for each in project.children(node.name) if each not in changed][:MAX_CHILDREN]:
        try:
            for each in usage.missing(project.source(path), node):
                users.setdefault(each.name, set()).add(path)
        except NotEvaluated:
            continue
    for entry in project.entries(node.name, (f"{node.kind}s",)):
        for column in entry.columns if entry.path not in changed and not entry.is_versioned else ():
            if column.tests and _nodes.plain(column.name) not in found:
                users.setdefault(_nodes.plain(column.name), set()).add(entry.path)
    return users
