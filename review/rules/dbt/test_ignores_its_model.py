"""A generic test never reads the model it is given.

### Why it matters
A generic test is put on a model in a properties file, and gets that model as its first argument. One that queries a
hard-coded `ref()` instead tests the same table wherever it is put: the model that lists it is never looked at, and its
test is green.

### Bad
```sql
{% test has_recent_rows(model) %}
select 1 from {{ ref('fct_orders') }}
having count(*) = 0 or max(created_at) < current_date - 3
{% endtest %}
```

### Good
```sql
{% test has_recent_rows(model) %}
select 1 from {{ model }}
having count(*) = 0 or max(created_at) < current_date - 3
{% endtest %}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _macros
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="DBT047",
    standard=Standard.TESTING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST}),
    looks_around=False,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Tests with a parameter `model` that they never read, and with a `ref()` or `source()` of their own.

    One that takes values of its own looks for these in a fixed table, wherever it is listed, and means to.
    """
    for macro in _macros.macros(source):
        names = [each.name for each in _macros.parameters(macro)]
        read = _macros.reads(macro)
        if not macro.name.startswith("test_") or "model" not in names or "model" in read:
            continue
        if not read.isdisjoint(set(names) - {"model", "column_name"}):
            continue
        tables = [line for name, line in _calls(macro) if name in ("ref", "source")]
        if tables:
            yield Hit(
                line=macro.lineno,
                symbol=macro.name,
                evidence=f"{macro.name} never reads model",
                explanation=(
                    f"`model` is not used in the body, which queries a fixed table (line {min(tables)}). Wherever this "
                    "test is listed it tests that table, and the model it is listed under is not tested."
                ),
                remediation="Query `{{ model }}`, or make it a singular test, which is bound to no model.",
            )


def _calls(macro: "nodes.Macro") -> Iterator[tuple[str, int]]:
    from jinja2 import nodes

    return ((_jinja.dotted(call.node), call.lineno) for part in macro.body for call in part.find_all(nodes.Call))
