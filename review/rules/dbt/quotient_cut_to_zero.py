"""A quotient is cut to a whole number, so that a small one becomes zero.

### Why it matters
`/` in Jinja gives a fraction and `| int` cuts it off: two hours are `2 / 24 = 0.08` days, and `0.08 | int` is 0. A
window of no days reads nothing; it neither fails nor warns. Values that happen to divide well hide it.

### Bad
```sql
{% macro in_days(count, unit) %}
    {% if unit == 'hour' %}
        {% set count = count / 24 %}
    {% endif %}
    {% set count = count | int %}
    {{ return(count) }}
{% endmacro %}
```

### Good
```sql
{% macro in_days(count, unit) %}
    {% if unit == 'hour' %}
        {% set count = count / 24 %}
    {% endif %}
    {% set count = count | round(0, 'ceil') | int %}
    {{ return(count) }}
{% endmacro %}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _macros
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="DBT049",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST}),
    looks_around=False,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`| int` on a name that is divided by a number in one branch of the macro and not in another."""
    from jinja2 import nodes

    for macro in _macros.macros(source):
        divided = dict(_divided_in_a_branch(macro))
        for cut in macro.find_all(nodes.Filter):
            if (
                cut.name != "int"
                or not isinstance(cut.node, nodes.Name)
                or cut.lineno < divided.get(cut.node.name, cut.lineno + 1)
            ):
                continue
            name = cut.node.name
            yield Hit(
                line=cut.lineno,
                symbol=macro.name,
                evidence=f"{name} | int",
                explanation=(
                    f"`{name}` may be a fraction here: it is divided on line {divided[name]}. `int` cuts it off, so "
                    "anything below 1 becomes 0."
                ),
                remediation=f"Say how to round: `({name} | round(0, 'ceil')) | int`.",
            )


def _divided_in_a_branch(macro: "nodes.Macro") -> Iterator[tuple[str, int]]:
    """Names that are set to a quotient inside an `if`, with the line of it."""
    from jinja2 import nodes

    for branch in macro.find_all(nodes.If):
        for given in branch.find_all(nodes.Assign):
            value = given.node
            if isinstance(given.target, nodes.Name) and isinstance(value, nodes.Div) and _exceeds_one(value.right):
                yield given.target.name, given.lineno


def _exceeds_one(divisor: "nodes.Expr") -> bool:
    """Whether a divisor is a product of numbers alone, and more than 1."""
    from jinja2 import nodes

    factors, product = [divisor], 1.0
    while factors:
        factor = factors.pop()
        if isinstance(factor, nodes.Mul):
            factors.extend((factor.left, factor.right))
        elif isinstance(factor, nodes.Const) and isinstance(factor.value, int | float):
            product *= min(factor.value, 1e9)
        else:
            return False
    return product > 1
