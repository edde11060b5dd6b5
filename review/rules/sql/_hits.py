"""A hit on a node of a syntax tree."""

from sqlglot import exp

from review.rules import _sql
from review.rules.base import Hit
from review.sql.parse import ParsedSql


def hit(sql: ParsedSql, node: exp.Expr, explanation: str, remediation: str, evidence: str = "") -> Hit:
    """A hit on the lines of a node, which is its evidence where none is given."""
    line, end_line = _sql.lines(sql, node)
    return Hit(
        line=line,
        end_line=end_line,
        symbol=_sql.symbol(node),
        evidence=evidence or _sql.text(sql, node),
        explanation=explanation,
        remediation=remediation,
    )


def is_written(sql: ParsedSql, node: exp.Expr) -> bool:
    """Whether the author wrote all of a node, rather than a template."""
    return isinstance(node, exp.Expression) and sql.is_literal(node)
