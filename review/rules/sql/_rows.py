"""How many rows a query gives, as far as its text tells."""

from sqlglot import exp

from review.rules.queries import Queries, Query


def aggregates(query: Query) -> bool:
    """Whether the query's projections aggregate, other than over a window."""
    return any(
        isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window)
        for each in query.select.expressions
        for node in each.walk(prune=lambda inner: isinstance(inner, (exp.Query, exp.Window)))
    )


def is_one_row(queries: Queries, body: exp.Expr | None) -> bool:
    """Whether a query gives one row at most: an aggregate without groups, LIMIT 1, or no FROM."""
    found = list(queries.branches(body))
    if len(found) != 1:
        return False
    query = found[0]
    limit = query.select.args.get("limit")
    if isinstance(limit, exp.Limit) and limit.expression is not None and limit.expression.name == "1":
        return True
    return not query.groups and (not query.relations or aggregates(query))
