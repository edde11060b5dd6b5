"""A join that is meant as a filter returns a row once per match.

### Why it matters
The query takes columns of one table only; the other is there to pick rows: inside an area, within a range, like a
pattern. Nothing makes such a match unique, so a row that has three of them comes back three times, and whatever is
joined or counted after that is wrong. `EXISTS`, or DISTINCT, asks whether there is a match.

### Bad
```sql
select s.stop_id, s.location
from stops as s
cross join highway_areas as h
where st_dwithin(s.location, h.area, 0)
```

### Good
```sql
select distinct s.stop_id, s.location
from stops as s
cross join highway_areas as h
where st_dwithin(s.location, h.area, 0)
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.queries import Query
from review.rules.relations import Relation, Side, columns
from review.rules.source import Source
from review.rules.sql._hits import hit
from review.rules.sql._rows import aggregates, is_one_row

rule = Rule(
    module=__name__,
    code="SQL013",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

JOINING = (Side.COMMA, Side.CROSS, Side.INNER, Side.LEFT)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Queries over two relations, linked by no equality, that give columns of one of them only."""
    sql = source.sql
    queries = source.queries
    for query in queries:
        if len(query.relations) != 2 or query.distinct or query.groups or query.qualify or aggregates(query):
            continue
        kept = _kept(query)
        if kept is None:
            continue
        other = next(each for each in query.relations if each is not kept)
        join = query.relations[1].join
        if join is None or join.side not in JOINING or join.using or join.natural or is_one_row(queries, other.body):
            continue
        links = [each for each in (*join.on, *query.where) if _links(query, each)]
        if links and not any(each.find(exp.EQ, exp.NullSafeEQ, exp.In) for each in links) and not _is_bounded(links):
            yield hit(
                sql,
                links[0],
                f"Only columns of `{kept.alias}` are selected, and nothing makes its match in `{other.alias}` unique: "
                "a row that matches several of them is returned several times.",
                f"Ask with EXISTS whether `{other.alias}` has a match, or select DISTINCT.",
            )


def _kept(query: Query) -> Relation | None:
    """The only relation of which the query gives columns; None where there are more, or it is not certain."""
    found: set[str] = set()
    for node in query.select.expressions:
        if isinstance(node, exp.Star) or node.find(exp.Query):
            return None
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            found.add(node.table.lower())
            continue
        for column in columns(node):
            origin = query.resolve(column)
            if origin is None:
                return None
            found.add(origin[0].alias)
    return query.by_alias.get(found.pop()) if len(found) == 1 else None


def _links(query: Query, condition: exp.Expr) -> bool:
    """Whether a condition speaks of both relations."""
    found = [query.resolve(column) for column in columns(condition)]
    return len({each[0].alias for each in found if each is not None}) == 2


def _is_bounded(links: list[exp.Expr]) -> bool:
    """Whether the condition is a range with two bounds, which may well be met by one row only."""
    comparisons = [each for each in links if isinstance(each, (exp.GT, exp.GTE, exp.LT, exp.LTE))]
    return len(comparisons) > 1 or any(isinstance(each, exp.Between) for each in links)
