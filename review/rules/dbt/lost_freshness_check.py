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
PLACE = ("database", "schema")
RECENT = frozenset({"recency", "recent", "freshness"})
"""Words of the names of tests that do the same: `recency`, `expect_row_values_to_have_recent_data`."""
LISTED = 5


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The tables of the file as it was that had thresholds then and that nothing checks now, told as one.

    Only where the declaration moves: whoever takes the check out of one that stays means it. And not where another
    table of the source has got thresholds instead.
    """
    project = source.dbt
    if "freshness" not in source.text or project.before is None or not project.could_be_read(PROPERTIES):
        return
    entries = [(entry, _thresholds(entry)) for entry in project.before.entries_in(source.path)]
    found = [(entry, said) for entry, said in entries if said is not None and _is_unchecked(project, entry)]
    gained = {owner for owner, _ in _checked(project) - _checked(project.before)} if found else set()
    lost = {f"{entry.source}.{entry.name}": said for entry, said in found if entry.source not in gained}
    if lost:
        names, is_one = sorted(lost), len(lost) == 1
        yield Hit(
            line=min(_yaml.line(thresholds) for thresholds in lost.values()),
            evidence=f"freshness of {', '.join(names)}",
            symbol=names[0].partition(".")[0],
            explanation=(
                f"`dbt source freshness` looked at {_nodes.listed(names, LISTED)} by these thresholds. The declaration "
                f"moves in this change, and {'the table has' if is_one else 'the tables have'} none any more, neither "
                f"of {'its' if is_one else 'their'} own nor of the source, so {'it is' if is_one else 'they are'} "
                "passed over."
            ),
            remediation="Take `freshness:` along, or write `freshness: null` where a table is not to be checked.",
        )


def _checked(project: Project) -> set[tuple[str, str]]:
    """The sources and tables that have thresholds."""
    return {names for names, entries in project.declared_sources.items() if any(map(_thresholds, entries))}


def _is_unchecked(project: Project, entry: Entry) -> bool:
    """Whether a table is still declared, once, and no longer has thresholds or a test that does the same."""
    now = project.declared_sources.get((entry.source, entry.name), ())
    if len(now) != 1 or _thresholds(now[0]) is not None or not _has_moved(entry, now[0]):
        return False
    return not (_is_switched_off(now[0]) or any(_is_of_recency(test) for test in _tests(now[0])))


def _has_moved(entry: Entry, now: Entry) -> bool:
    """Whether a table is declared in another file now, or its source lies in another place of the warehouse."""
    return entry.path != now.path or any(
        _yaml.scalar(_yaml.get(entry.owner, name)) != _yaml.scalar(_yaml.get(now.owner, name)) for name in PLACE
    )


def _thresholds(entry: Entry) -> "yaml.Node | None":
    """The `freshness:` by which a source's table is checked, its own or the source's; None where nothing checks it."""
    if entry.kind != "sources":
        return None
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
