"""A model reads the table of the day on which it happens to run.

### Why it matters
The name is made of the clock's date when dbt compiles. Today's table is still being filled, or does not exist yet; a
run that is late, repeated or done for an earlier day reads the wrong one. The rows in between are never read again.

### Bad
```sql
{% set today = modules.datetime.date.today() %}
select * from audit.access_{{ today.strftime('%Y%m%d') }}
```

### Good
```sql
{% set day = var('run_date') %}
select * from audit.access_{{ day }}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="DBT056",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT}),
    looks_around=False,
)

CLOCKS = frozenset(
    {f"modules.datetime.{call}" for call in ("date.today", "datetime.now", "datetime.utcnow", "datetime.today")}
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`strftime` of the present day, printed right behind a word of the SQL: the rest of a table's name."""
    from jinja2 import nodes

    if "strftime" not in source.text:
        return
    clocks = {"run_started_at"} | {
        given.target.name
        for given in source.jinja.find_all(nodes.Assign)
        if isinstance(given.target, nodes.Name) and _is_clock(given.node, frozenset())
    }
    for output in source.jinja.find_all(nodes.Output):
        for before, part in zip(output.nodes, output.nodes[1:], strict=False):
            if isinstance(before, nodes.TemplateData) and _ends_in_name(before.data) and _prints_day(part, clocks):
                name = before.data.split()[-1]
                yield Hit(
                    line=part.lineno,
                    symbol=source.path.rpartition("/")[2].partition(".")[0],
                    evidence=f"{name} of today",
                    explanation=(
                        f"Which `{name}…` table is read depends on the day and the hour dbt runs at: today's is not "
                        "complete, and a repeated run does not read what the first one should have."
                    ),
                    remediation="Take the day from a variable the scheduler sets, or read a day that is over.",
                )


def _is_clock(node: "nodes.Node", clocks: "frozenset[str] | set[str]") -> bool:
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return node.name in clocks
    return isinstance(node, nodes.Call) and _jinja.dotted(node.node) in CLOCKS


def _prints_day(node: "nodes.Node", clocks: set[str]) -> bool:
    from jinja2 import nodes

    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Getattr) or node.node.attr != "strftime":
        return False
    return _is_clock(node.node.node, clocks)


def _ends_in_name(text: str) -> bool:
    """Whether a text ends in the middle of a qualified name: `from shop.orders_`."""
    words = text.split()
    if not words or text[-1:].isspace() or not (text[-1].isalnum() or text[-1] in "_$"):
        return False
    return len(words) > 1 and words[-2].lower() in ("from", "join")
