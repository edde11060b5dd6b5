"""A template uses an attribute of its loop variable as if it were a variable.

### Why it matters
In `{% for channel in channels %}` the loop's value is `channel`; `{{ dataset }}` where `{{ channel.dataset }}` was
meant is undefined. Jinja prints nothing for it: the column becomes an empty string or a table loses its name, for every
turn of the loop, and a template that does render runs without an error.

### Bad
```sql
{% for channel in channels %}
select '{{ dataset }}' as origin, amount
from {{ channel.dataset }}.orders
{% if not loop.last %}union all{% endif %}
{% endfor %}
```

### Good
```sql
{% for channel in channels %}
select '{{ channel.dataset }}' as origin, amount
from {{ channel.dataset }}.orders
{% if not loop.last %}union all{% endif %}
{% endfor %}
```
"""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import SQL_KINDS, Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="SQL056",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS | {Kind.DBT_MACRO},
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Names that are read in one loop only, are set nowhere, and are asked of the loop's variable in the same loop."""
    if "{%" not in source.text or " for " not in source.text:
        return
    from jinja2 import nodes

    template = source.jinja
    known = {name.name for name in template.find_all(nodes.Name) if name.ctx != "load"}
    known.update(macro.name for macro in template.find_all(nodes.Macro))
    read = Counter(name.name for name in template.find_all(nodes.Name) if name.ctx == "load")
    for loop in template.find_all(nodes.For):
        if not isinstance(loop.target, nodes.Name):
            continue
        variable = loop.target.name
        attributes = {
            asked.attr
            for asked in loop.find_all(nodes.Getattr)
            if isinstance(asked.node, nodes.Name) and asked.node.name == variable
        }
        inside = [name for name in _names(loop) if name.name in attributes - known]
        counted = Counter(name.name for name in inside)
        for name in inside:
            if counted[name.name] == read[name.name]:
                yield _hit(source, variable, name)


def _names(loop: "nodes.For") -> "Iterator[nodes.Name]":
    from jinja2 import nodes

    for node in loop.body:
        if isinstance(node, nodes.Name):
            yield node
        yield from node.find_all(nodes.Name)


def _hit(source: Source, variable: str, name: "nodes.Name") -> Hit:
    meant = f"{variable}.{name.name}"
    return Hit(
        line=name.lineno,
        evidence=name.name,
        symbol=variable,
        explanation=(
            f"`{name.name}` is set nowhere in this template, while the same loop takes `{meant}`: as an undefined "
            "variable it prints nothing, in each turn of the loop."
        ),
        remediation=f"Write `{meant}`; if it is a variable of its own, give it another name.",
    )
