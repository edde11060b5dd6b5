"""A macro no longer takes the arguments with which other files call it.

### Why it matters
dbt compiles a model by calling its macros. A parameter that is renamed or removed here ends the compilation of every
model that still gives it. Those files are not part of the change, so no reviewer has them before their eyes.

### Bad
```sql
-- models/staging/stg_payments.sql, which the change that renames `scale` to `digits` in the macro leaves as it is
select {{ cents_to_dollars('amount', scale=4) }} as amount
from {{ source('shop', 'payments') }}
```

### Good
```sql
-- models/staging/stg_payments.sql, changed together with it
select {{ cents_to_dollars('amount', digits=4) }} as amount
from {{ source('shop', 'payments') }}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _macros
from review.rules.dbt.macro_arguments import problem
from review.rules.project import uses
from review.rules.project.jinja import Macro
from review.rules.project.model import Project
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="DBT062",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MACRO}),
    looks_back=True,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Macros defined once on both sides whose callers, not part of the change, fitted before it and do not after it."""
    project = source.dbt
    before = project.before
    if before is None:
        return
    for macro in _macros.macros(source):
        old, new = _only(before, macro.name), _only(project, macro.name)
        if old is None or new is None or (old.arguments, old.takes_more) == (new.arguments, new.takes_more):
            continue
        found = [use for use in _broken(project, old, new) if use.path not in project.changed]
        if not found:
            continue
        takes = ", ".join(f"`{each}`" for each in new.arguments) or "nothing"
        yield Hit(
            line=macro.lineno,
            evidence=f"arguments of {macro.name}",
            symbol=macro.name,
            explanation=(
                f"`{macro.name}` takes {takes} after this change, and files that are not part of it still call it as "
                f"before: {uses.told(found)}. dbt cannot compile them."
            ),
            remediation="Change the callers in the same pull request, or let the macro take both.",
        )


def _only(project: Project, name: str) -> Macro | None:
    found = project.macros.get(name, ())
    return found[0] if len(found) == 1 else None


def _broken(project: Project, old: Macro, new: Macro) -> tuple[uses.Use, ...]:
    """The callers that gave the macro what it took, and no longer takes."""

    def is_broken(call: "nodes.Call") -> bool:
        return bool(problem(new, call)) and not problem(old, call)

    return uses.of_macro(project, old.name, is_broken)
