"""A macro hard-codes the default of its own parameter.

### Why it matters
The parameter promises a choice that the body does not give. Whoever passes another value gets a mix: half of the macro
follows the argument, the other half the default. As long as everybody uses the default, nobody notices.

### Bad
```sql
{% macro has_column(model, column_name, transform="upper") %}
    {% set wanted = column_name | upper %}
    {% set present = column_names(model) | map(transform) | list %}
    {{ return(wanted in present) }}
{% endmacro %}
```

### Good
```sql
{% macro has_column(model, column_name, transform="upper") %}
    {% set wanted = [column_name] | map(transform) | first %}
    {% set present = column_names(model) | map(transform) | list %}
    {{ return(wanted in present) }}
{% endmacro %}
```
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _macros, _skeleton
from review.rules.dbt._macros import Parameter
from review.rules.dbt._skeleton import Word
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="DBT046",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Filters and column names in a macro's body that are the default of a parameter the body reads as well."""
    from jinja2 import nodes

    units = {unit.name: unit for unit in _skeleton.units(source)}
    for macro in _macros.macros(source):
        read = _macros.reads(macro)
        written: dict[str, set[int]] = {}
        words = list(units[macro.name].words()) if macro.name in units else []
        own = _named(words)
        for word in words:
            if "_" in word.text and word.text not in own:
                written.setdefault(word.text, set()).add(word.line)
        for part in macro.body:
            for applied in part.find_all(nodes.Filter):
                written.setdefault(applied.name, set()).add(applied.lineno)
        for parameter in _macros.parameters(macro):
            default = parameter.default.value if isinstance(parameter.default, nodes.Const) else None
            if not isinstance(default, str) or not default.isidentifier() or parameter.name not in read:
                continue
            decided = _decided_by(macro, parameter.name)
            for line in sorted(written.get(default, ())):
                if not any(first <= line <= last for first, last in decided):
                    yield _hit(macro.name, parameter, default, line)


def _named(words: list[Word]) -> set[str]:
    """What the SQL itself gives a name: `{{ source(…) }} orders`, `(…) orders`, `sum(amount) as total`."""
    return {
        word.text for before, word in pairwise(words) if before.is_printed or before.text == ")" or before.upper == "AS"
    }


def _decided_by(macro: "nodes.Macro", name: str) -> list[tuple[int, int]]:
    """The lines of branches that a parameter decides on: what is written there is written for one value of it."""
    from jinja2 import nodes

    return [
        (branch.lineno, _last_line(branch.body))
        for part in macro.body
        for found in _macros.every(part, nodes.If)
        for branch in (found, *found.elif_)
        if any(each.name == name for each in _macros.every(branch.test, nodes.Name))
    ]


def _last_line(body: "list[nodes.Node]") -> int:
    from jinja2 import nodes

    ends = [text.lineno + text.data.count("\n") for part in body for text in _macros.every(part, nodes.TemplateData)]
    return max([part.lineno for part in body] + ends, default=0)


def _hit(macro: str, parameter: Parameter, default: str, line: int) -> Hit:
    return Hit(
        line=line,
        symbol=macro,
        evidence=f"{parameter.name}: {default}",
        explanation=(
            f"`{default}` is the default of the parameter `{parameter.name}`, and is written out here. A caller who "
            f"passes another `{parameter.name}` gets it in the rest of the macro and `{default}` here."
        ),
        remediation=f"Use `{parameter.name}` here too.",
    )
