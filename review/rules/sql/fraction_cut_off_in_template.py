"""A template divides a number and cuts its fraction off with | int.

### Why it matters
`| int` does not round: 2 hours, converted to days by `/ 24`, are 0.08 and become 0. A window of zero days, a limit of
zero rows or a batch of zero size is no error; the query just reads nothing, or everything, and the test or the load
built on it passes.

### Bad
```jinja
{% macro period_in_days(count, unit) %}
  {% if unit == 'hour' %}{% set count = count / 24 %}{% endif %}
  {{ return(count | int) }}
{% endmacro %}
```

### Good
```jinja
{% macro period_in_days(count, unit) %}
  {% if unit == 'hour' %}{% set count = count / 24 %}{% endif %}
  {{ return(count | round(0, 'ceil') | int) }}
{% endmacro %}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL057",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MACRO}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`name | int` in a macro that sets the name to a quotient by a constant, and rounds nowhere."""
    if "int" not in source.text or "/" not in source.text or "{%" not in source.text:
        return
    from jinja2 import nodes

    for macro in source.jinja.find_all(nodes.Macro):
        divided = {
            each.target.name: each.node.right.value
            for each in macro.find_all(nodes.Assign)
            if isinstance(each.target, nodes.Name)
            and isinstance(each.node, nodes.Div)
            and isinstance(each.node.right, nodes.Const)
        }
        for cut in macro.find_all(nodes.Filter):
            if cut.name != "int" or not isinstance(cut.node, nodes.Name) or cut.node.name not in divided:
                continue
            name = cut.node.name
            yield Hit(
                line=cut.lineno,
                symbol=macro.name,
                evidence=f"{name} | int",
                explanation=(
                    f"`{name}` was divided by {divided[name]}, and `| int` drops the fraction: everything below "
                    f"{divided[name]} comes out as 0."
                ),
                remediation="Round it the way it is meant, as with `| round(0, 'ceil') | int`, or keep the fraction.",
            )
