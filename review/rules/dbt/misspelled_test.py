"""A generic test has nearly the name of one that there is.

### Why it matters
dbt calls the macro of a generic test while it parses the project. A name that is defined nowhere stops it there:
"'test_not_nul' is undefined", and no model of the project runs until the name is corrected.

### Bad
```yaml
models:
  - name: fct_orders
    columns:
      - name: order_id
        data_tests: [unique, not_nul]
```

### Good
```yaml
models:
  - name: fct_orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
```
"""

from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _gone
from review.rules.project.properties import Test
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT073",
    standard=Standard.TESTING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)

DBTS_OWN = ("unique", "not_null", "accepted_values", "relationships")
PREFIX = "test_"
"""What dbt puts before the name of a generic test to call its macro."""
ALIKE = 0.83
"""How alike two names are of which one is a slip: `unqiue` and `unique`, not `accepted_range` and `accepted_values`."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Tests of no package that nothing defines, in a project read whole, of whose packages none brings such names."""
    project = source.dbt
    if not project.is_complete or project.has_foreign_models:
        return
    seen = set()
    for owner, test in _tests(source):
        macro = f"{PREFIX}{test.name}"
        if test.package or test.name in DBTS_OWN or (owner, test.name) in seen or _gone.is_macro(project, macro):
            continue
        own = [name.removeprefix(PREFIX) for name in project.macros if name.startswith(PREFIX)]
        close = get_close_matches(test.name, sorted({*DBTS_OWN, *own}), 1, ALIKE)
        if not close:
            continue
        seen.add((owner, test.name))
        yield Hit(
            line=test.line,
            evidence=f"test {test.name}",
            symbol=owner,
            explanation=(
                f"Nothing defines a generic test `{test.name}`; `{close[0]}` is the one that there is. dbt stops at it "
                "before it runs any model of the project."
            ),
            remediation=f"Write `{close[0]}`.",
        )


def _tests(source: Source) -> Iterator[tuple[str, Test]]:
    """Each test that the file applies, with its node or table."""
    for entry in source.dbt.entries_in(source.path):
        yield from ((entry.name, test) for test in entry.tests)
        yield from ((entry.name, test) for column in entry.columns for test in column.tests)
