"""Hits of rules about one expression, the same in Python and Scala."""

from review.rules.base import Hit
from review.rules.spark._values import Value


def hit_at(value: Value, symbol: str, explanation: str, remediation: str) -> Hit:
    """A hit on the whole expression, which is its own evidence."""
    return Hit(
        line=value.line,
        end_line=value.end_line,
        symbol=symbol,
        evidence=value.text,
        explanation=explanation,
        remediation=remediation,
    )
