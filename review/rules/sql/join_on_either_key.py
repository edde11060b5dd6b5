"""A join matches rows by either of two keys.

### Why it matters
`ON a.x = b.x OR a.y = b.y` matches a row with every row that shares one key or the other. Where one of the two is not
unique (a run, a session, an account), a row comes back many times, and sums over it grow. No warehouse can hash or sort
such a join either: it compares every row with every row.

Alternatives of which a constant lets only one apply (`kind = 'a' and … or kind = 'b' and …`) are not spoken of.

### Bad
```sql
select e.*, m.owner
from executions as e
left join models as m
    on e.invocation_id = m.invocation_id or e.run_id = m.run_id
```

### Good
```sql
select e.*, m.owner
from executions as e
left join models as m
    on e.invocation_id = m.invocation_id
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.relations import Relation, alternatives, columns
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.rules.sql._nulls import asks_null

rule = Rule(
    module=__name__,
    code="SQL012",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The file's first condition of a join that is equalities of different columns with OR between them."""
    sql = source.sql
    for query in source.queries:
        if query.distinct or query.groups:
            continue
        alone = {column.table.lower() for each in query.where if asks_null(each) for column in columns(each)}
        for relation, join in query.joins:
            for condition in join.on if relation.alias not in alone else ():
                keys = _keys(query, relation, condition)
                if len(keys) > 1 and is_written(sql, condition):
                    names = " or ".join(f"`{key}`" for key in keys)
                    yield hit(
                        sql,
                        condition,
                        f"A row matches every row of `{relation.alias}` that shares {names} with it. Where these are "
                        "several rows it comes back several times, and the warehouse cannot use a hash join.",
                        "Join by the key that is unique, or join once for each key and take the first match with "
                        "COALESCE.",
                    )
                    return


def _keys(query: Query, relation: Relation, condition: exp.Expr) -> list[str]:
    """The columns of the relation that are each enough for a match; empty for alternatives of another kind."""
    keys: list[str] = []
    others: list[str] = []
    for part in alternatives(condition):
        sides = (part.left, part.right) if isinstance(part, exp.EQ) else ()
        found = [query.resolve(each) for each in sides if isinstance(each, exp.Column)]
        mine = [each for each in found if each is not None and each[0] is relation]
        foreign = [each for each in found if each is not None and each[0] is not relation]
        if len(mine) != 1 or len(foreign) != 1:
            return []
        keys.append(mine[0][1])
        others.append(foreign[0][1])
    return list(dict.fromkeys(keys)) if len(set(others)) > 1 else []
