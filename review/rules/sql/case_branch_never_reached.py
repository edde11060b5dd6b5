"""A branch of a CASE is never reached, because an earlier one takes all its rows.

### Why it matters
CASE takes the first branch whose condition is true. Where `amount > 10` stands before `amount > 100`, or the same
condition stands twice with two results, the later branch is dead: its rows get the earlier result, and no error says
so. It is a branch in the wrong place, or one that was copied and not changed.

Branches that give the same result are not spoken of: there the order does no harm.

### Bad
```sql
select
    case
        when amount > 10 then 'normal'
        when amount > 100 then 'large'
        else 'small'
    end as size
from orders
```

### Good
```sql
select
    case
        when amount > 100 then 'large'
        when amount > 10 then 'normal'
        else 'small'
    end as size
from orders
```
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.relations import alternatives, conjuncts
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL063",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

MOST = 400
"""Ways into all branches of one CASE that are held against each other."""
UNSTEADY = (exp.Rand, exp.Randn, exp.Uuid, exp.Query, exp.Placeholder)
"""What may differ each time it is asked for."""
PLACES = ("{", "%s", "%d", "%(")
"""What Python and shells replace in a text."""
ABOVE = (exp.GT, exp.GTE)
BELOW = (exp.LT, exp.LTE)


@dataclass(frozen=True)
class Fact:
    """One condition, as far as another can follow from it."""

    operand: str
    """What it asks of, as text; the whole condition where no more than its text is known."""
    test: str = ""
    """`=`, `>`, `>=`, `<`, `<=` or `has` (LIKE '%…%'); empty for the whole condition."""
    value: str = ""
    number: Decimal | None = None

    def follows_from(self, other: "Fact") -> bool:
        """Whether this is true wherever the other is."""
        if self == other:
            return True
        if self.operand != other.operand or not self.test or not other.test:
            return False
        if self.test == "has":
            return other.test in ("has", "=", "like") and self.value in other.value
        if self.number is None or other.number is None:
            return False
        if self.test in (">", ">="):
            strict = self.test == ">" and other.test in ("=", ">=")
            fits = other.number > self.number if strict else other.number >= self.number
            return other.test in ("=", ">", ">=") and fits
        if self.test in ("<", "<="):
            strict = self.test == "<" and other.test in ("=", "<=")
            fits = other.number < self.number if strict else other.number <= self.number
            return other.test in ("=", "<", "<=") and fits
        return False


Way = tuple[Fact, ...]
"""Conditions that hold together: one way into a branch."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Each branch of which every way into it is a way into an earlier branch with another result."""
    sql = source.sql
    for case in _sql.walk(sql, exp.Case):
        branches = case.args.get("ifs") or []
        if len(branches) > 1 and case.find(*UNSTEADY) is None:
            yield from _dead(sql, case, branches)


def _dead(sql: ParsedSql, case: exp.Case, branches: list[exp.Expr]) -> Iterator[Hit]:
    taken: dict[str, list[tuple[Way, exp.Expr]]] = {}
    count = 0
    for branch in branches:
        if not is_written(sql, branch.this) or _is_filled_later(branch.this):
            continue
        ways = _ways(sql, case.this, branch.this)
        count += len(ways)
        if count > MOST:
            return
        takers = [_taker(taken, way) for way in ways]
        result = _sql.text(sql, branch.args["true"])
        first = takers[0] if takers else None
        if first is not None and all(
            taker is not None and _sql.text(sql, taker.args["true"]) != result for taker in takers
        ):
            yield hit(
                sql,
                branch.this,
                f"{_why(sql, branch.this, first)}, so `{_short(result)}` is never given.",
                "Put the narrower condition first, or correct the one that was copied.",
            )
            continue
        for way in ways:
            taken.setdefault(way[0].operand, []).append((way, branch))


def _why(sql: ParsedSql, condition: exp.Expr, taker: exp.Expr) -> str:
    """How an earlier branch takes a condition's rows: without their texts where one condition contains the other."""
    line, _ = _sql.lines(sql, taker)
    asked, taken = ({_sql.text(sql, part) for part in conjuncts(each)} for each in (condition, taker.this))
    if asked == taken:
        return f"The branch on line {line} has the same condition"
    if asked > taken:
        more = _short(" AND ".join(sorted(asked - taken)))
        return f"The branch on line {line} asks the same without `{more}` and takes all these rows"
    return (
        f"Every row that meets `{_short(_sql.text(sql, condition))}` is taken by the branch on line {line} "
        f"(`{_short(_sql.text(sql, taker.this))}`)"
    )


def _is_filled_later(condition: exp.Expr) -> bool:
    """Whether a program puts something into its texts: `'%s'`, `'{}'`, `'$day'`."""
    return any(
        literal.is_string and (any(sign in literal.name for sign in PLACES) or literal.name.startswith("$"))
        for literal in condition.find_all(exp.Literal)
    )


def _taker(taken: dict[str, list[tuple[Way, exp.Expr]]], way: Way) -> exp.Expr | None:
    """The first earlier branch into which this way leads."""
    for operand in dict.fromkeys(fact.operand for fact in way):
        for earlier, branch in taken.get(operand, ()):
            if all(any(asked.follows_from(fact) for fact in way) for asked in earlier):
                return branch
    return None


def _ways(sql: ParsedSql, operand: exp.Expr | None, condition: exp.Expr) -> list[Way]:
    """The ways into a branch; of `case x when 1` the one that `x = 1` is."""
    if operand is not None:
        return [(_equal(sql, operand, condition),)]
    found: list[Way] = []
    for alternative in alternatives(condition):
        parts = conjuncts(alternative)
        listed = parts[0] if len(parts) == 1 else None
        if isinstance(listed, exp.In) and listed.expressions and not isinstance(listed.this, exp.Tuple):
            found += [(_equal(sql, listed.this, value),) for value in listed.expressions]
        else:
            found.append(tuple(fact for part in parts for fact in _facts(sql, part)))
    return found


def _facts(sql: ParsedSql, condition: exp.Expr) -> Iterator[Fact]:
    if condition.args.get("negate"):
        yield Fact(_sql.text(sql, condition))
    elif isinstance(condition, exp.EQ) and isinstance(condition.right, exp.Literal):
        yield _equal(sql, condition.left, condition.right)
    elif isinstance(condition, (*ABOVE, *BELOW)) and _is_number(condition.right):
        sign = {exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}[type(condition)]
        yield Fact(_sql.text(sql, condition.left), sign, number=_number(condition.right))
    elif (
        isinstance(condition, exp.Between) and _is_number(condition.args["low"]) and _is_number(condition.args["high"])
    ):
        name = _sql.text(sql, condition.this)
        yield Fact(name, ">=", number=_number(condition.args["low"]))
        yield Fact(name, "<=", number=_number(condition.args["high"]))
    elif isinstance(condition, exp.Like) and isinstance(condition.expression, exp.Literal):
        pattern = condition.expression.name
        inner = pattern[1:-1] if len(pattern) > 2 and pattern[0] == pattern[-1] == "%" else ""
        plain = inner and not set("%_\\") & set(inner)
        yield Fact(_sql.text(sql, condition.this), "has" if plain else "like", inner if plain else pattern)
    else:
        yield Fact(_sql.text(sql, condition))


def _equal(sql: ParsedSql, operand: exp.Expr, value: exp.Expr) -> Fact:
    name = _sql.text(sql, operand)
    if not isinstance(value, exp.Literal):
        return Fact(f"{name} = {_sql.text(sql, value)}")
    return Fact(name, "=", _sql.text(sql, value), _number(value) if _is_number(value) else None)


def _is_number(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_number


def _number(node: exp.Expr) -> Decimal:
    return Decimal(node.name)


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
