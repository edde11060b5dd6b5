"""A model reads a table by its written-out name instead of `ref()` or `source()`.

### Why it matters
dbt builds the models in the order of their `ref`s and puts each environment's schema in. A written-out name gives it
neither: the model may run before the one it reads, a development or CI run reads production's table, and lineage,
selection (`+model`) and freshness do not know that it does.

### Bad
```sql
with orders as (
    select * from {{ ref('orders') }}
)

select customer_id, count(*) as orders
from analytics.orders
group by customer_id
```

```sql
-- models/orders.sql, which dbt builds as analytics.orders
select id, customer_id
from {{ source('shop', 'orders') }}
```

### Good
```sql
with orders as (
    select * from {{ ref('orders') }}
)

select customer_id, count(*) as orders
from orders
group by customer_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql, _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project import jinja
from review.rules.project.model import Project
from review.rules.project.nodes import Node
from review.rules.project.properties import Entry
from review.rules.relations import Relation
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT014",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT}),
)

ELSEWHERE = frozenset({"raw", "landing", "ingest", "archive", "archived", "legacy", "backup", "history", "old"})
"""Words of a schema into which dbt does not build."""
MAX_MODELS = 200
"""Models made of one that are looked at."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Written-out tables that are known to be one of the project's models or sources; each table once a file."""
    seen: set[str] = set()
    for query in source.queries:
        for relation in query.relations:
            if "." not in relation.table or relation.table in seen or not _is_written(source, relation):
                continue
            meant = _meant(source, relation.table)
            if not meant:
                continue
            seen.add(relation.table)
            line, _ = _sql.lines(source.sql, relation.node)
            yield Hit(
                line=line,
                evidence=relation.table,
                symbol=_nodes.stem(source.path),
                explanation=(
                    f"`{relation.table}` is what this project knows as `{{{{ {meant} }}}}`{_effect(source, meant)}"
                ),
                remediation=f"Read `{{{{ {meant} }}}}`, or the CTE that does.",
            )


def _effect(source: Source, meant: str) -> str:
    """What the written-out name does; a `ref` or `source` of the same table elsewhere in the file gives the order."""
    if meant in map(_call, jinja.references(source.jinja)):
        return (
            ", which this file reads as well. Written out, every environment reads this one schema's table, and not "
            "the one that it builds."
        )
    return (
        ". Written out, dbt sees no dependency: it orders nothing by it, and every environment reads this one schema's "
        "table."
    )


def _call(reference: jinja.Reference) -> str:
    if reference.is_source:
        return "source('{}', '{}')".format(*reference.names)
    return f"ref('{reference.name}')"


def _is_written(source: Source, relation: Relation) -> bool:
    return isinstance(relation.node, exp.Table) and source.sql.is_literal(relation.node)


def _meant(source: Source, table: str) -> str:
    """The `ref(…)` or `source(…)` of a table's dotted name; empty where it is not certain."""
    project = source.dbt
    *_, schema, name = table.split(".")
    for entry in project.sources_of(name):
        if _is_table(entry, schema, name, table):
            return f"source('{entry.source}', '{entry.name}')"
    node = next((each for each in project.all_nodes if each.lower() == name), "")
    is_elsewhere = not ELSEWHERE.isdisjoint(schema.split("_"))
    if node and node != _nodes.stem(source.path) and not is_elsewhere and not _stands_on(project, node, source.path):
        refs = {each.name for each in jinja.references(source.jinja) if not each.is_source}
        if node in refs or _schema(project, node) == schema or _is_nothing_else(project, node, schema):
            return f"ref('{node}')"
    return ""


def _stands_on(project: Project, name: str, path: str) -> bool:
    """Whether a model is made of the one in a file, however many are between: that one cannot ref it."""
    node = project.node(name)
    pending, seen = [path], {path}
    while pending and node is not None and node.path not in seen and len(seen) <= MAX_MODELS:
        made = _nodes.stem(pending.pop())
        new = [each for each in project.children(made) if each not in seen]
        seen.update(new)
        pending.extend(new)
    return node is not None and (node.path in seen or len(seen) > MAX_MODELS)


def _is_nothing_else(project: Project, name: str, schema: str) -> bool:
    """Whether a table of a model's name can only be that model: nothing is loaded under the name, or into the schema.

    A project without sources does not say what is loaded; a model that stands on a written-out table of its own name
    says that it is.
    """
    node = project.node(name)
    if node is None or node.kind != "model" or not project.declared_sources or not project.is_complete:
        return False
    for (owner, table), entries in project.declared_sources.items():
        for entry in entries:
            said = _yaml.scalar(_yaml.get(entry.owner, "schema")) or owner
            identifier = _yaml.scalar(_yaml.get(entry.node, "identifier")) or table
            if "{" in said or said.lower() == schema or identifier.lower() == name.lower():
                return False
    return all(relation.table.rpartition(".")[2] != name.lower() for relation in _written(project, node))


def _written(project: Project, node: Node) -> Iterator[Relation]:
    """The tables that a model reads by their written-out names. Raises NotEvaluated."""
    source = project.source(node.path)
    for query in source.queries:
        yield from (each for each in query.relations if "." in each.table and _is_written(source, each))


def _schema(project: Project, name: str) -> str:
    """The schema that a node's own settings give it, as far as it is a constant."""
    node = project.node(name)
    said = project.config(node, "schema") if node is not None and node.kind == "model" else None
    return said.lower() if isinstance(said, str) and said.isidentifier() else ""


def _is_table(entry: Entry, schema: str, name: str, table: str) -> bool:
    """Whether a source's table is the one written out: schema and name agree, and the database where both have one."""
    said = _yaml.scalar(_yaml.get(entry.owner, "schema")) or entry.source
    identifier = _yaml.scalar(_yaml.get(entry.node, "identifier")) or entry.name
    database = _yaml.scalar(_yaml.get(entry.owner, "database")) or ""
    parts = table.split(".")
    agrees = len(parts) < 3 or not database or "{" in database or parts[-3] == database.lower()
    return said.lower() == schema and identifier.lower() == name and agrees
