"""A list of a dbt setting holds the same entry twice.

### Why it matters
The second entry does nothing, so the list is one short of what its author meant: a role that gets no grant, a value
that fails the test, a column that is missing from the key. It happens when a line is copied and the copy is never
changed.

### Bad
```yaml
models:
  - name: fct_orders
    config:
      grants:
        select: [analysts, finance, finance, reporting]
```

### Good
```yaml
models:
  - name: fct_orders
    config:
      grants:
        select: [analysts, finance, marketing, reporting]
```
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules._tests import is_test
from review.rules.base import MAX_TITLE, Hit, Rule
from review.rules.dbt import _mappings
from review.rules.source import Source

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT041",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES, Kind.DBT_PROJECT}),
)

SETS = {
    "unique_key": "column",
    "combination_of_columns": "column",
    "column_list": "column",
    "compare_columns": "column",
    "group_by_columns": "column",
    "check_cols": "column",
    "cluster_by": "column",
    "values": "value",
    "value_set": "value",
}
"""Settings whose lists are sets → what an entry is."""

GRANTS = frozenset({"grants", "+grants"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Repeated scalars in lists that mean a set, and columns of a model that are listed twice."""
    if is_test(source.path, source.kind):
        return
    found: list[Hit] = []
    for place in _mappings.mappings(source):
        for key, _, value in _yaml.pairs(place.node):
            plain = key.removeprefix("+")
            noun = "grantee" if place.key in GRANTS else SETS.get(plain)
            if noun:
                found.extend(_repeated(_yaml.items(value), place.owner, plain, noun))
            elif plain == "columns":
                found.extend(_repeated_columns(value, place.owner))
    lines: set[int] = set()
    for hit in sorted(found, key=lambda hit: hit.line):
        if hit.line not in lines:
            yield hit
        lines.add(hit.line)


def _repeated_columns(columns: "yaml.Node", owner: str) -> Iterator[Hit]:
    """Columns listed twice with something different said of each: the name of one of them is wrong."""
    names: dict[str, list[yaml.Node]] = {}
    for column in _yaml.items(columns):
        name = _yaml.get(column, "name")
        if name is not None and len(_yaml.pairs(column)) > 1:
            names.setdefault(_yaml.scalar(name) or "", []).append(column)
    for alike in names.values():
        described = {_yaml.scalar(_yaml.get(column, "description")) for column in alike}
        if len(described) == len(alike):
            found = [_yaml.get(column, "name") for column in alike]
            yield from _repeated([name for name in found if name is not None], owner, "columns", "column")


def _repeated(entries: "Iterable[yaml.Node]", name: str, key: str, noun: str) -> Iterator[Hit]:
    counts = Counter(_yaml.scalar(entry) for entry in entries)
    seen: set[str] = set()
    for entry in entries:
        text = _yaml.scalar(entry)
        if text in seen and text:
            yield Hit(
                line=_yaml.line(entry),
                symbol=name,
                evidence=f"{key}: {text} x{counts[text]}",
                title=f"`{text}` stands twice in `{key}`"[:MAX_TITLE],
                explanation=(
                    f"`{text}` is in this list already. If the second was meant to be another {noun}, that one is "
                    "missing, and nothing says so."
                ),
                remediation=f"Put the {noun} that was meant in its place, or remove it.",
            )
        if text:
            seen.add(text)
