"""A column is documented with the description of another column.

### Why it matters
Whoever looks the column up in dbt's docs or in the catalogue is told something false, which is worse than nothing: a
hash is filtered like an entry type, a date is taken for a file's name. It happens when an entry is copied and only its
`name:` is changed, and no tool complains.

### Bad
```yaml
models:
  - name: stg_ledger_entries
    columns:
      - name: key_hash
        description: '{{ doc("key_hash") }}'
      - name: entry_type
        description: '{{ doc("key_hash") }}'
```

### Good
```yaml
models:
  - name: stg_ledger_entries
    columns:
      - name: key_hash
        description: '{{ doc("key_hash") }}'
      - name: entry_type
        description: '{{ doc("entry_type") }}'
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import MAX_TITLE, Hit, Rule
from review.rules.dbt import _jinja
from review.rules.source import Source

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT003",
    standard=Standard.DOCUMENTATION,
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)

PARENTS = (("models",), ("seeds",), ("snapshots",), ("sources", "tables"))
"""Where properties list things that have columns."""


MEASURES = frozenset(
    {"n", "num", "number", "cnt", "count", "counts", "total", "sum", "avg", "average", "mean", "median", "min", "max"}
    | {"pct", "percent", "percentage", "ratio", "share", "rate", "std", "stddev", "var", "variance"}
    | {"daily", "weekly", "monthly", "yearly", "hourly", "cumulative"}
)
"""Words that say how a thing is counted: one doc block often explains all the counts of a thing."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns described by a doc block that is named after another column of the same model."""
    if "doc(" not in source.text:
        return
    root = source.yaml
    for path in PARENTS:
        for owner in _yaml.descend(root, *path):
            yield from _in_columns(owner)


def _in_columns(owner: "yaml.Node") -> Iterator[Hit]:
    columns = [
        (name, block, described)
        for column in _yaml.items(_yaml.get(owner, "columns"))
        if (name := _yaml.scalar(_yaml.get(column, "name")))
        and (described := _yaml.get(column, "description")) is not None
        and (block := _jinja.doc_block(_yaml.scalar(described) or ""))
    ]
    owners = {block: name for name, block, _ in reversed(columns) if _is_of(block, name)}
    for name, block, described in columns:
        rightful = owners.get(block)
        if rightful is None or _is_of(block, name) or _are_variants(name, rightful):
            continue
        yield Hit(
            line=_yaml.line(described),
            end_line=_yaml.last_line(described),
            symbol=_yaml.scalar(_yaml.get(owner, "name")) or "",
            evidence=f"{name}: {block}",
            title=f"`{name}` is documented as `{rightful}`"[:MAX_TITLE],
            explanation=(
                f"The doc block `{block}` describes the column `{rightful}` of the same model. Readers of the "
                f"catalogue are told the same about `{name}`, which is something else."
            ),
            remediation=f"Reference the doc block of `{name}`, or write one.",
        )


def _is_of(block: str, column: str) -> bool:
    """Whether a doc block is named after a column: `orders__status` and `status`, `key_hash` and `ledger_key_hash`."""
    one, other = block.lower(), column.lower()
    return one == other or one.endswith(f"_{other}") or other.endswith(f"_{one}")


def _are_variants(one: str, other: str) -> bool:
    """Whether all words of one name are in the other: `on_latitude` and `latitude`, `pct_trips` and `n_trips`."""
    named = [{word for word in name.lower().split("_") if not word.isdigit()} for name in (one, other)]
    words = [each - MEASURES or each for each in named]
    return words[0] <= words[1] or words[1] <= words[0]
