"""A division is guarded against the zero of a column by which it does not divide.

### Why it matters
The line was copied from one that divides by the guarded column, and only the division was changed. The guard now keeps
rows away that need no guard, and the division by the other column fails, or gives NULL or infinity, where that one is
zero.

### Bad
```sql
select
    case when t.visits = 0 then 0 else t.orders / t.visits end as order_rate,
    case when t.visits = 0 then 0 else t.refunds / t.orders end as refund_rate
from totals as t
```

### Good
```sql
select
    case when t.visits = 0 then 0 else t.orders / t.visits end as order_rate,
    case when t.orders = 0 then 0 else t.refunds / t.orders end as refund_rate
from totals as t
```
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.sql._hits import hit, is_written
from review.sql.parse import ParsedSql

rule = Rule(
    module=__name__,
    code="SQL066",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

MOST_NAMED = 5
WRAPPED = (exp.Cast, exp.TryCast, exp.Paren)


@dataclass(frozen=True)
class Guarded:
    """A choice between a division and what stands for it where a column is zero."""

    choice: exp.Expr
    guard: str
    """The column's name alone: one of the two may be written without its table."""
    divisors: tuple[str, ...]
    """The names of the columns divided by; empty for any other divisor."""
    speaks_of_guard: bool
    """Whether the guarded column is in the branch that divides."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Divisions by another column than the guarded one, where the same SELECT divides by that under the same guard.

    Each other column is told once for a SELECT.
    """
    sql = source.sql
    for query in source.queries:
        found = [each for choice in query.find_all(exp.Case, exp.If) if (each := _guarded(choice)) is not None]
        proper = {each.guard for each in found if each.guard in each.divisors}
        alike: dict[tuple[str, ...], list[Guarded]] = {}
        for each in found:
            if each.guard not in proper or each.speaks_of_guard or "" in each.divisors:
                continue
            if is_written(sql, each.choice):
                alike.setdefault(each.divisors, []).append(each)
        for first, *others in alike.values():
            yield _hit(sql, first, others)


def _hit(sql: ParsedSql, found: Guarded, others: list[Guarded]) -> Hit:
    lines = list(dict.fromkeys(_sql.lines(sql, each.choice)[0] for each in others))
    named = ", ".join(map(str, lines[:MOST_NAMED])) + (", …" if len(lines) > MOST_NAMED else "")
    also = f" The same stands on line{'s' * (len(lines) > 1)} {named}." if lines else ""
    return hit(
        sql,
        found.choice,
        f"The guard asks for the zero of `{found.guard}`, as where this query divides by it, but the division here is "
        f"by `{found.divisors[0]}`, which can be zero as well.{also}",
        f"Guard `{found.divisors[0]}` instead, or divide by its NULLIF.",
    )


def _guarded(choice: exp.Expr) -> Guarded | None:
    """Such a choice; None of any other."""
    if isinstance(choice, exp.If):
        condition, chosen, other = choice.this, choice.args.get("true"), choice.args.get("false")
        if isinstance(choice.parent, exp.Case):
            return None
    else:
        branches = choice.args["ifs"]
        if choice.this is not None or len(branches) != 1:
            return None
        condition, chosen, other = branches[0].this, branches[0].args["true"], choice.args.get("default")
    guard = _asked_for_zero(condition)
    if guard is None:
        return None
    divides, instead = (other, chosen) if isinstance(condition, exp.EQ) else (chosen, other)
    if divides is None or not (instead is None or isinstance(instead, (exp.Literal, exp.Null))):
        return None
    name = guard.name.lower()
    by = [_column(division.expression) for division in divides.find_all(exp.Div)]
    divisors = tuple(each for each in by if each is not None)
    speaks = any(column.name.lower() == name for column in divides.find_all(exp.Column))
    return Guarded(choice, name, divisors, speaks) if divisors else None


def _asked_for_zero(condition: exp.Expr) -> exp.Column | None:
    """The column of `x = 0`, `x <> 0` or `x > 0`."""
    if not isinstance(condition, (exp.EQ, exp.NEQ, exp.GT)) or not isinstance(condition.left, exp.Column):
        return None
    right = condition.right
    return condition.left if isinstance(right, exp.Literal) and right.is_number and float(right.name) == 0 else None


def _column(divisor: exp.Expr) -> str | None:
    """A divisor's name; empty where it is no column, None where it is a number."""
    while isinstance(divisor, WRAPPED):
        divisor = divisor.this
    if isinstance(divisor, exp.Literal):
        return None
    return divisor.name.lower() if isinstance(divisor, exp.Column) else ""
