"""A source that moves loses its freshness check.

### Why it matters
`dbt source freshness` passes over a table that has no thresholds, without a word. Once its load stops, the models are
built from what is there on every run, all of them green, and nobody is told. A check is easily lost with the lines
around it, when its source moves to another schema or another file.

### Bad
```yaml
sources:
  - name: shop
    schema: lake
    tables:
      - name: orders
        loaded_at_field: _loaded_at
```

```yaml
# models/schema.yml before the change
sources:
  - name: shop
    schema: airbyte
    tables:
      - name: orders
        loaded_at_field: _loaded_at
        freshness:
          error_after: {count: 24, period: hour}
```

### Good
```yaml
sources:
  - name: shop
    schema: lake
    tables:
      - name: orders
        loaded_at_field: _loaded_at
        freshness:
          error_after: {count: 24, period: hour}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _nodes
from review.rules.project.model import Project
from review.rules.project.properties import Entry, Test, tests
from review.rules.project.uses import PROPERTIES
from review.rules.source import Source

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT068",
    standard=Standard.MONITORING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
    looks_back=True,
)

THRESHOLDS = ("warn_after", "error_after")
PLACE = ("database", "schema", "identifier")
RECENT = frozenset({"recency", "recent", "freshness"})
"""Words of the names of tests that do the same: `recency`, `expect_row_values_to_have_recent_data`."""
LISTED = 5


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """For each source of the file as it was, the tables that had thresholds then and that nothing checks now.

    Only where the declaration moves: whoever takes the check out of one that stays means it. And not where another
    table of the source has got thresholds instead.
    """
    project = source.dbt
    if "freshness" not in source.text or project.before is None or not project.could_be_read(PROPERTIES):
        return
    lost: dict[str, list[tuple[str, yaml.Node]]] = {}
    for entry in project.before.entries_in(source.path):
        thresholds = _thresholds(entry) if entry.kind == "sources" else None
        if thresholds is not None and _is_unchecked(project, entry):
            lost.setdefault(entry.source, []).append((entry.name, thresholds))
    for owner, tables in lost.items():
        if _checked(project, owner) - _checked(project.before, owner):
            continue  # the check goes over to another table, which takes the place of these
        names = sorted(name for name, _ in tables)
        yield Hit(
            line=min(_yaml.line(thresholds) for _, thresholds in tables),
            evidence=f"{owner}: freshness of {', '.join(names)}",
            symbol=owner,
            explanation=(
                f"`dbt source freshness` looked at {_nodes.listed(names, LISTED)} of the source `{owner}` by these "
                f"thresholds. After this change {'it has' if len(names) == 1 else 'they have'} none, neither of "
                f"{'its' if len(names) == 1 else 'their'} own nor of the source, and it passes over them."
            ),
            remediation="Keep `freshness:`, or write `freshness: null` where a table is not to be checked.",
        )


def _checked(project: Project, owner: str) -> set[str]:
    """The tables of a source that have thresholds."""
    declared = project.declared_sources.items()
    return {name for (source, name), entries in declared if source == owner and any(map(_thresholds, entries))}


def _is_unchecked(project: Project, entry: Entry) -> bool:
    """Whether a table is still declared, once, and no longer has thresholds or a test that does the same."""
    now = project.declared_sources.get((entry.source, entry.name), ())
    if len(now) != 1 or _thresholds(now[0]) is not None or not _has_moved(entry, now[0]):
        return False
    return not (_is_switched_off(now[0]) or any(_is_of_recency(test) for test in _tests(now[0])))


def _has_moved(entry: Entry, now: Entry) -> bool:
    """Whether a table is declared in another file now, or lies in another place of the warehouse."""
    return entry.path != now.path or any(
        _yaml.scalar(_yaml.get(before, name)) != _yaml.scalar(_yaml.get(after, name))
        for before, after in ((entry.node, now.node), (entry.owner, now.owner))
        for name in PLACE
    )


def _thresholds(entry: Entry) -> "yaml.Node | None":
    """The `freshness:` by which a table is checked: its own, else its source's; None where it is not checked."""
    own = _said(entry.node, "freshness")
    said = own if own is not None else _said(entry.owner, "freshness")
    return said if any(_yaml.pairs(_yaml.get(said, name)) for name in THRESHOLDS) else None


def _is_switched_off(entry: Entry) -> bool:
    """Whether somebody wrote down that the table is not checked, or is not there, or may be either of them."""
    words = [_said(node, name) for node in (entry.node, entry.owner) for name in ("freshness", "enabled")]
    return any(_yaml.scalar(word) is not None for word in words)


def _said(node: "yaml.Node | None", name: str) -> "yaml.Node | None":
    """What a source or a table says, beside its name or under `config:`."""
    return _yaml.get(node, name) or _yaml.get(_yaml.get(node, "config"), name)


def _tests(entry: Entry) -> Iterator[Test]:
    yield from tests(entry.node)
    for column in entry.columns:
        yield from column.tests


def _is_of_recency(test: Test) -> bool:
    return not RECENT.isdisjoint(test.name.lower().split("_"))
