"""A macro of the project is called with arguments that it does not take.

### Why it matters
dbt compiles a model by calling its macros. A keyword that the macro does not have, or one argument too many, ends the
compilation of every model that calls it so: the name was changed in the macro and not here, or was never right.

### Bad
```sql
select {{ cents_to_dollars('amount', digits=2) }} as amount
from {{ ref('stg_payments') }}
```

```sql
-- macros/money.sql
{% macro cents_to_dollars(column, scale=2) %}round({{ column }} / 100, {{ scale }}){% endmacro %}
```

### Good
```sql
select {{ cents_to_dollars('amount', scale=2) }} as amount
from {{ ref('stg_payments') }}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _nodes
from review.rules.project import jinja
from review.rules.project.jinja import Macro
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="DBT022",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST, Kind.DBT_MACRO}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Calls of macros that the project defines once, whose arguments can be counted and do not fit."""
    if "{" not in source.text:
        return
    seen: set[tuple[int, str]] = set()
    own = jinja.bound(source.jinja)
    for name, call in _jinja.calls(source):
        if not name or "." in name or name in own:
            continue
        found = source.dbt.macros.get(name, ())
        wrong = problem(found[0], call) if len(found) == 1 else ""
        if not wrong or (call.lineno, wrong) in seen:
            continue
        seen.add((call.lineno, wrong))
        takes = ", ".join(f"`{each}`" for each in found[0].arguments) or "nothing"
        yield Hit(
            line=call.lineno,
            evidence=f"{name}: {wrong}",
            symbol=_nodes.stem(source.path),
            explanation=(
                f"`{name}` is called with {wrong}; the macro (`{found[0].path}`) takes {takes}, so this file does "
                "not compile."
            ),
            remediation="Call the macro with the arguments it has, or change it and its callers together.",
        )


def problem(macro: Macro, call: "nodes.Call") -> str:
    """What of a call does not fit, as a clause; empty for a call that fits or cannot be counted."""
    if macro.takes_more or call.dyn_args is not None or call.dyn_kwargs is not None:
        return ""
    unknown = [each.key for each in call.kwargs if each.key not in macro.arguments]
    if unknown:
        return f"the unknown argument `{unknown[0]}`"
    if len(call.args) > len(macro.arguments):
        return f"{len(call.args)} arguments instead of at most {len(macro.arguments)}"
    twice = [each.key for each in call.kwargs if each.key in macro.arguments[: len(call.args)]]
    return f"two values for `{twice[0]}`" if twice else ""
