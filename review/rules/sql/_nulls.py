"""What becomes of an expression or a condition where some of its columns are NULL."""

from collections.abc import Callable

from sqlglot import exp

from review.rules.relations import alternatives, conjuncts

IsNull = Callable[[exp.Column], bool]
"""Whether a column is taken to be NULL."""

COMPARISONS = (
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.RegexpLike),
    *(exp.SimilarTo, exp.StartsWith),
)
STRICT = (
    *COMPARISONS,
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Sqrt, exp.Pow),
    *(exp.Lower, exp.Upper, exp.Substring, exp.Length, exp.Replace, exp.Left, exp.Right, exp.DPipe),
    *(exp.DateDiff, exp.DateAdd, exp.DateSub, exp.TimestampDiff, exp.TimestampAdd, exp.TimestampSub, exp.DatetimeDiff),
    *(exp.TsOrDsAdd, exp.TsOrDsDiff),
)
"""NULL where any operand is."""

STRICT_IN_FIRST = (
    *(exp.Paren, exp.Neg, exp.Not, exp.Cast, exp.Trim, exp.Date, exp.TsOrDsToDate, exp.TsOrDsToTimestamp),
    *(exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc, exp.Extract, exp.Year, exp.Month, exp.Day),
    *(exp.JSONExtract, exp.JSONExtractScalar, exp.Between, exp.In, exp.Timestamp, exp.UnixToTime, exp.StrToDate),
    *(exp.StrToTime, exp.TimeToStr, exp.AtTimeZone, exp.Bracket),
)
"""NULL where the first operand is."""


def becomes_null(node: exp.Expr, is_null: IsNull) -> bool:
    """Whether an expression is certainly NULL where these columns are; False also means that it is not known."""
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, exp.Column):
            if is_null(each):
                return True
        elif isinstance(each, exp.Null):
            return True
        elif isinstance(each, STRICT):
            stack += [operand for operand in (each.this, each.args.get("expression")) if isinstance(operand, exp.Expr)]
        elif isinstance(each, STRICT_IN_FIRST) and isinstance(each.this, exp.Expr):
            stack.append(each.this)
    return False


def never_true(condition: exp.Expr, is_null: IsNull) -> bool:
    """Whether a condition lets no row through in which these columns are NULL; False also means not known."""
    parts = conjuncts(condition)
    if len(parts) > 1:
        return any(never_true(part, is_null) for part in parts)
    parts = alternatives(condition)
    if len(parts) > 1:
        return all(never_true(part, is_null) for part in parts)
    (part,) = parts
    asked = asks_not_null(part)
    if asked is not None:
        return becomes_null(asked, is_null)
    if isinstance(part, exp.Not):
        inner = part.this.unnest()
        return not isinstance(inner, (exp.Connector, exp.Is)) and becomes_null(inner, is_null)
    if isinstance(part, exp.Is):
        truth = isinstance(part.expression, exp.Boolean) and not part.args.get("negate")
        return truth and becomes_null(part.this, is_null)
    return becomes_null(part, is_null)


def asks_not_null(condition: exp.Expr) -> exp.Expr | None:
    """The operand of `x is not null`; None for any other condition."""
    return _asked(condition, denied=True)


def asks_null(condition: exp.Expr) -> exp.Expr | None:
    """The operand of `x is null`; None for any other condition."""
    return _asked(condition, denied=False)


def _asked(condition: exp.Expr, denied: bool) -> exp.Expr | None:
    """The operand of IS NULL or IS NOT NULL: for some dialects sqlglot writes the NOT around it, for others into it."""
    is_denied = isinstance(condition, exp.Not)
    inner = condition.this.unnest() if is_denied else condition
    if not isinstance(inner, exp.Is) or not isinstance(inner.expression, exp.Null):
        return None
    operand: exp.Expr = inner.this
    return operand if (is_denied != bool(inner.args.get("negate"))) is denied else None
