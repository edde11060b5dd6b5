"""A macro returns a value on some ways through it, and nothing on another.

### Why it matters
A macro that ends without `return` gives its caller the text it has printed: blanks and line breaks, as a string. `is
none` is false for it and `if value` is true for it, so the caller goes on with a relation or a list that is none, and
fails or writes `from   ` into its SQL far from here.

### Bad
```sql
{% macro target_relation(name) %}
    {% set relation = adapter.get_relation(target.database, target.schema, name) %}
    {% if relation is not none %}{{ return(relation) }}{% endif %}
    {% set old = adapter.get_relation(target.database, 'legacy', name) %}
    {% if old is not none %}{{ return(old) }}{% endif %}
{% endmacro %}
```

### Good
```sql
{% macro target_relation(name) %}
    {% set relation = adapter.get_relation(target.database, target.schema, name) %}
    {% if relation is not none %}{{ return(relation) }}{% endif %}
    {% set old = adapter.get_relation(target.database, 'legacy', name) %}
    {{ return(old) }}
{% endmacro %}
```
"""

from collections.abc import Iterable, Iterator
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
    code="DBT048",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MACRO}),
    looks_around=False,
)

SILENT = frozenset({"return", "log", "print"}) | _macros.RAISING
"""Calls in `{{ … }}` that print nothing."""

MANY_LINES = 30
"""More lines than this are not marked: the last return alone is."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Macros that print nothing and return values in two places, and whose end can be reached all the same."""
    if "return" not in source.text:
        return
    for macro in _macros.macros(source):
        lines = sorted(_value_lines(macro))
        if len(lines) < 2 or _prints(macro) or not _reaches_end(macro.body):
            continue
        first, last = lines[0], lines[-1]
        yield Hit(
            line=first if last - first < MANY_LINES else last,
            end_line=last,
            symbol=macro.name,
            evidence=f"{macro.name} may end without return",
            explanation=(
                f"`{macro.name}` returns a value here, but where none of these conditions holds it ends without one. "
                "Its caller then gets a string of blanks, which is neither none nor false."
            ),
            remediation="End the macro with an explicit `{{ return(none) }}`, or raise an error there.",
        )


def _value_lines(macro: "nodes.Macro") -> Iterator[int]:
    """The lines on which something other than nothing is returned."""
    from jinja2 import nodes

    for call in macro.find_all(nodes.Call):
        if _jinja.dotted(call.node) == "return" and call.args:
            given = call.args[0]
            if not (isinstance(given, nodes.Const) and given.value in (None, "")):
                yield call.lineno


def _prints(macro: "nodes.Macro") -> bool:
    """Whether the macro gives text, for which it needs no `return`."""
    from jinja2 import nodes

    for output in macro.find_all(nodes.Output):
        for part in output.nodes:
            if isinstance(part, nodes.TemplateData):
                if part.data.strip():
                    return True
            elif not (isinstance(part, nodes.Call) and _jinja.dotted(part.node) in SILENT):
                return True
    return False


def _reaches_end(body: "Iterable[nodes.Node]") -> bool:
    """Whether there is a way through these nodes without a `return`; that while dbt only parses (`execute`) is none."""
    from jinja2 import nodes

    for node in body:
        if _macros.returns(node):
            return False
        if isinstance(node, nodes.If):
            ways = [node.body, *(each.body for each in node.elif_)]
            if node.else_ or not _asks_execute(node.test):
                ways.append(node.else_)
            if not any(_reaches_end(way) for way in ways):
                return False
    return True


def _asks_execute(test: "nodes.Node") -> bool:
    from jinja2 import nodes

    names = [test] if isinstance(test, nodes.Name) else list(test.find_all(nodes.Name))
    return any(name.name == "execute" for name in names)
