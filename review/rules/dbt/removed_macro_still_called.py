"""A macro or generic test is taken away that other files still call.

### Why it matters
dbt compiles a model by calling its macros. A name that is defined nowhere ends that with "… is undefined", for every
model that calls it and for every model that applies the test. The files that still name what is gone are not part of
the change, so no reviewer has them before their eyes.

### Bad
```sql
-- models/staging/stg_payments.sql, which the change that deletes the macro leaves as it is
select {{ cents_to_dollars('amount') }} as amount
from {{ source('shop', 'payments') }}
```

### Good
```sql
-- models/staging/stg_payments.sql, changed together with it
select amount / 100.0 as amount
from {{ source('shop', 'payments') }}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _gone, _jinja, _macros
from review.rules.project import uses
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT061",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST}),
    looks_back=True,
)

TEST = "test_"
"""What dbt puts before the name of a generic test to call its macro."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Macros that the file defined before the change, nothing defines after it, and files not part of it call."""
    project = source.dbt
    if project.before is None:
        return
    for macro in _macros.macros(source):
        if macro.name in project.macros or macro.name in _jinja.PLAIN:
            continue  # a project's own `ref` stood before dbt's, which is there again
        found = [*uses.of_macro(project, macro.name, lambda _call: True)]
        if macro.name.startswith(TEST):
            found += uses.of_generic_test(project, macro.name.removeprefix(TEST))
        found = [use for use in found if use.path not in project.changed]
        if not found or _gone.is_macro(project, macro.name):
            continue
        yield Hit(
            line=macro.lineno,
            evidence=f"macro {macro.name} is gone",
            symbol=macro.name,
            explanation=(
                f"Nothing defines `{macro.name}` any more, and files that are not part of this change still call it: "
                f"{uses.told(found)}. dbt cannot compile them."
            ),
            remediation="Change what calls it in the same pull request, or keep it.",
        )
