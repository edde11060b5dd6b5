"""A comparison asks for text that its expression can never give.

### Why it matters
`LOWER(status) = 'Open'` is true for no row: what LOWER gives has no capital letter. `LEFT(code, 3) = 'ABCD'` cannot be
true either. Such a filter keeps nothing, such a branch of a CASE is never taken, and every row ends up in ELSE. It runs
without an error. A column that a CTE has folded to lower case is compared like that just as easily.

MySQL, SQL Server and Teradata are not spoken of where letters are concerned: they compare without regard to case.

### Bad
```sql
select
    order_id,
    case when lower(plan) like '%HMO%' then 'managed' else 'other' end as plan_type
from orders
```

### Good
```sql
select
    order_id,
    case when lower(plan) like '%hmo%' then 'managed' else 'other' end as plan_type
from orders
```
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from review.domain.artifact import SQL_KINDS, Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.queries import Queries
from review.rules.relations import alternatives
from review.rules.source import Source
from review.rules.sql._hits import is_written
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL062",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

BLIND_TO_CASE = frozenset({"mysql", "tsql", "fabric", "teradata", "sqlite", "singlestore", "doris", "starrocks"})
"""Where `'a' = 'A'`, or `'a' LIKE 'A'`, is true unless a column says otherwise."""
DBT = frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST, Kind.DBT_ANALYSIS})
"""Without a dialect these are a package's, made for several warehouses, most of which mind the case."""
COMPARISONS = (exp.EQ, exp.NEQ, exp.In, exp.Like)
PARTS = (exp.Left, exp.Right, exp.Substring)
KEEPS_CASE = (exp.Paren, exp.Trim, *PARTS)
"""What gives letters of its first operand as they are."""
PLACEHOLDERS = frozenset("{$<")
"""Signs of a text that a program completes."""
ESCAPE = "\\"
"""Begins what most databases read as one character, and sqlglot as two where the dialect is not known."""
MOST_STEPS = 20
"""CTEs through which a column is followed."""
MOST_SHOWN = 3


@dataclass(frozen=True)
class Limits:
    """What an expression can give at most."""

    letters: str = ""
    """`lower` or `upper` where all its letters are; empty for any."""
    length: int | None = None
    """Characters; None for any number."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Texts in comparisons with LOWER, UPPER, LEFT or SUBSTRING, of which one CASE or one condition is told once."""
    sql, queries = source.sql, source.queries
    minds_case = sql.dialect not in BLIND_TO_CASE if sql.dialect else source.kind in DBT
    found: dict[int, list[tuple[exp.Expr, str, str]]] = {}
    for node in _sql.walk(sql, *COMPARISONS):
        why, texts = _impossible(queries, node, minds_case)
        texts = [text for text in texts if not _is_taken(sql, node, text)]
        if texts:
            around = node.find_ancestor(exp.Case, exp.Where, exp.Select) or node
            found.setdefault(id(around), []).extend((node, why, text) for text in texts)
    for places in found.values():
        yield _hit(source, places)


def _hit(source: Source, places: list[tuple[exp.Expr, str, str]]) -> Hit:
    node, why, _ = places[0]
    line, end_line = _sql.lines(source.sql, node)
    texts = list(dict.fromkeys(text for _, _, text in places))
    shown = ", ".join(f"`'{text}'`" for text in texts[:MOST_SHOWN]) + (", …" if len(texts) > MOST_SHOWN else "")
    effect = "this condition is true for every row" if _is_denied(node) else "no row is found by it"
    return Hit(
        line=line,
        end_line=end_line,
        symbol=_sql.symbol(node),
        evidence=f"{_sql.text(source.sql, node.this)}: {', '.join(texts[:20])}",
        explanation=f"{why}, so it never matches {shown}: {effect}.",
        remediation="Write the text as the expression gives it, or take the function away.",
    )


def _is_denied(node: exp.Expr) -> bool:
    """Whether it asks for all but the text. sqlglot writes the NOT around some comparisons, and into others."""
    return isinstance(node, exp.NEQ) or isinstance(node.parent, exp.Not) or bool(node.args.get("negate"))


def _impossible(queries: Queries, node: exp.Expr, minds_case: bool) -> tuple[str, list[str]]:
    """Why some of the texts that a comparison asks for can never be, and these texts."""
    sql = queries.sql
    asked = node.expressions if isinstance(node, exp.In) else [node.args.get("expression")]
    texts = [each.name for each in asked if isinstance(each, exp.Literal) and _is_fixed(each) and is_written(sql, each)]
    if not texts or not isinstance(node.this, exp.Expression):
        return "", []
    made: exp.Expr = node.this
    limits = _limits(made)
    if limits == Limits() and isinstance(node.this, exp.Column):
        made = _made_by(queries, node.this)
        limits = _limits(made)
    name = _sql.text(sql, node.this)
    what = f"`{name}`" if made is node.this else f"`{name}` is made by `{_sql.text(sql, made)}` and"
    if limits.letters and minds_case:
        other = str.isupper if limits.letters == "lower" else str.islower
        wrong = [text for text in texts if any(letter.isascii() and other(letter) for letter in text)]
        if wrong:
            return f"{what} has no {'capital' if limits.letters == 'lower' else 'small'} letter", wrong
    if limits.length is not None and not isinstance(node, exp.Like):
        wrong = [text for text in texts if len(text.rstrip()) > limits.length and ESCAPE not in text]
        if wrong:
            return f"{what} has {limits.length} characters at most", wrong
    return "", []


def _is_taken(sql: ParsedSql, node: exp.Expr, text: str) -> bool:
    """Whether an earlier branch of the same CASE gives the rows meant, which have other letters, the same result."""
    branch = node
    while isinstance(branch.parent, (exp.Or, exp.Paren)):
        branch = branch.parent
    parent = branch.parent
    if not isinstance(parent, exp.If) or branch is not parent.this or not isinstance(parent.parent, exp.Case):
        return False
    made, result = _sql.text(sql, node.this), _sql.text(sql, parent.args["true"])
    for earlier in parent.parent.args["ifs"]:
        if earlier is parent:
            return False
        if _sql.text(sql, earlier.args["true"]) == result and any(
            _sql.text(sql, asked.this) == made and _asks_for(asked, text.lower())
            for asked in alternatives(earlier.this)
            if isinstance(asked.this, exp.Expr)
        ):
            return True
    return False


def _asks_for(asked: exp.Expr, text: str) -> bool:
    """Whether a comparison is true of a text, in whatever case."""
    if isinstance(asked, exp.In):
        return any(each.name.lower() == text for each in asked.expressions if isinstance(each, exp.Literal))
    if isinstance(asked, exp.EQ):
        return isinstance(asked.expression, exp.Literal) and asked.expression.name.lower() == text
    if not isinstance(asked, (exp.Like, exp.ILike)) or asked.args.get("negate"):
        return False
    given = () if isinstance(asked.expression, exp.All) else asked.expression.find_all(exp.Literal)
    return any(_fits(each.name.lower(), text) for each in given)


def _fits(pattern: str, text: str) -> bool:
    """Whether a pattern of LIKE with no other wildcard than `%` fits; a `_` stands for itself."""
    first, *rest = pattern.split("%")
    if not rest:
        return text == first
    *between, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in between:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _is_fixed(literal: exp.Literal) -> bool:
    return literal.is_string and PLACEHOLDERS.isdisjoint(literal.name)


def _limits(node: exp.Expr) -> Limits:
    """By the functions around the value, from the outermost inwards."""
    length: int | None = None
    while True:
        if isinstance(node, (exp.Lower, exp.Upper)):
            return Limits("lower" if isinstance(node, exp.Lower) else "upper", length)
        if isinstance(node, PARTS):
            most = node.args.get("length") if isinstance(node, exp.Substring) else node.args.get("expression")
            if isinstance(most, exp.Literal) and most.is_int:
                length = min(int(most.name), length if length is not None else int(most.name))
        if not isinstance(node, KEEPS_CASE) or not isinstance(node.this, exp.Expr):
            return Limits("", length)
        node = node.this


def _made_by(queries: Queries, column: exp.Column) -> exp.Expr:
    """The expression by which a CTE or subquery of one SELECT makes a column; itself where that is not known."""
    query, name = queries.around(column), column
    for _ in range(MOST_STEPS):
        origin = query.resolve(name) if query is not None else None
        branches = list(queries.branches(origin[0].body)) if origin is not None else []
        if origin is None or len(branches) != 1:
            break
        query = branches[0]
        made = [each.expression for each in query.outputs if each.name == origin[1]]
        if len(made) != 1 or made[0] is None:
            break
        if not isinstance(made[0], exp.Column):
            return made[0]
        name = made[0]
    return column
