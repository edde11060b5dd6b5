"""A key stands twice in one YAML mapping; only the last one counts.

### Why it matters
YAML has no second value for a key: dbt's parser keeps the last and drops the first without a word. Two `data_tests:`
under one column mean that the tests of the first never run; two `columns:` mean that half of the columns have no
documentation and no tests.

### Bad
```yaml
models:
  - name: fct_orders
    columns:
      - name: order_id
        data_tests:
          - unique
        description: Number of the order.
        data_tests:
          - not_null
```

### Good
```yaml
models:
  - name: fct_orders
    columns:
      - name: order_id
        description: Number of the order.
        data_tests:
          - unique
          - not_null
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import MAX_TITLE, Hit, Rule
from review.rules.dbt import _mappings
from review.rules.source import Source

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT043",
    standard=Standard.TESTING,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES, Kind.DBT_PROJECT, Kind.DBT_PACKAGES}),
    looks_around=False,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Mappings with two values for a key, where the two are not the same."""
    found: list[Hit] = []
    for place in _mappings.mappings(source):
        first: dict[str, tuple[yaml.Node, str | None]] = {}
        for key, key_node, value in _yaml.pairs(place.node):
            lost, said = first.get(key, (None, None))
            if lost is not None and key != "<<" and (said is None or said != _yaml.scalar(value)):
                found.append(_hit(key, lost, key_node, place.owner))
            first[key] = (key_node, _yaml.scalar(value))
    yield from sorted(found, key=lambda hit: hit.line)


def _hit(key: str, lost: "yaml.Node", kept: "yaml.Node", name: str) -> Hit:
    return Hit(
        line=_yaml.line(kept),
        symbol=name,
        evidence=f"{key} twice",
        title=f"`{key}:` stands twice; only the last one counts"[:MAX_TITLE],
        explanation=(
            f"`{key}:` is given on line {_yaml.line(lost)} already. YAML keeps the last of the two, so what stands "
            "there is dropped without an error."
        ),
        remediation=f"Make one `{key}:` of the two.",
    )
