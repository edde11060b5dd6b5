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

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
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
    looks_around=False,
)

PARENTS = (("models",), ("seeds",), ("snapshots",), ("sources", "tables"))
"""Where properties list things that have columns."""


MEASURES = frozenset(
    {"n", "num", "number", "cnt", "count", "counts", "total", "sum", "avg", "average", "mean", "median", "min", "max"}
    | {"pct", "percent", "percentage", "ratio", "share", "rate", "std", "stddev", "var", "variance"}
    | {"daily", "weekly", "monthly", "yearly", "hourly", "cumulative"}
)
"""Words that say how a thing is counted: one doc block often explains all the counts of a thing."""

IDENTIFIER, TIME = "identifier", "time"
KINDS = {
    **dict.fromkeys(("id", "ids", "key", "keys", "sk", "pk", "fk", "uuid", "guid", "hash", "by"), IDENTIFIER),
    **dict.fromkeys(("at", "on", "date", "day", "time", "timestamp", "ts", "tstamp", "datetime", "dt"), TIME),
    **dict.fromkeys(("month", "year", "week", "hour", "minute"), TIME),
    **dict.fromkeys(("status", "type", "category", "flag"), "class"),
    **dict.fromkeys(("name", "title", "description", "comment", "url", "email"), "text"),
    **dict.fromkeys(("amount", "price", "cost", "quantity", "qty", "balance", "fee"), "amount"),
}
"""Last word of a column's name → what its values are."""

ANY_TIME = frozenset({"event", "record"})
"""First word of a time that may be any of a row's times."""


@dataclass(frozen=True)
class Column:
    """One entry of a model's `columns:`."""

    name: str
    block: str
    """The doc block it is described by; empty where it is described otherwise."""
    text: str
    """Its description where that is plain text, on one line; empty for any other."""
    line: int
    """Where its `description:` begins."""
    end_line: int


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Columns described by what names another column of the same model and cannot mean both: a doc block, or a text."""
    if "columns:" not in source.text:
        return
    root = source.yaml
    for path in PARENTS:
        for owner in _yaml.descend(root, *path):
            entries = _yaml.items(_yaml.get(owner, "columns"))
            shared = Counter(_said(entry) for entry in entries)
            columns = [_column(entry, is_shared=shared[_said(entry)] > 1) for entry in entries]
            symbol = _yaml.scalar(_yaml.get(owner, "name")) or ""
            yield from _by_block(columns, symbol)
            yield from _by_text(columns, symbol)


def _by_block(columns: list[Column], symbol: str) -> Iterator[Hit]:
    owners = {each.block: at for at, each in reversed([*enumerate(columns)]) if each.block and _is_of(each)}
    for at, column in enumerate(columns):
        if column.block not in owners or _is_of(column):
            continue
        first = owners[column.block]
        between = columns[min(at, first) : max(at, first)]
        rightful = columns[first].name
        if _is_copy(column, rightful, all(each.block == column.block for each in between)):
            yield _hit(column, rightful, symbol, f"The doc block `{column.block}` describes the column `{rightful}`")


def _by_text(columns: list[Column], symbol: str) -> Iterator[Hit]:
    """Neighbours of one and the same text, all of whose words the name of one is made of, and not that of the other."""
    for pair in pairwise(columns):
        said = set(_words("".join(sign if sign.isalnum() else "_" for sign in pair[0].text)))
        meant = [each for each in pair if said and set(_words(each.name)) <= said]
        if pair[0].text != pair[1].text or len(meant) != 1:
            continue
        column = pair[1] if meant[0] is pair[0] else pair[0]
        if _is_copy(replace(column, block="_".join(said)), meant[0].name, side_by_side=True):
            yield _hit(column, meant[0].name, symbol, f"The text names the column `{meant[0].name}`")


def _hit(column: Column, rightful: str, symbol: str, reason: str) -> Hit:
    return Hit(
        line=column.line,
        end_line=column.end_line,
        symbol=symbol,
        evidence=f"{column.name}: {column.block or rightful}",
        title=f"`{column.name}` is documented as `{rightful}`"[:MAX_TITLE],
        explanation=(
            f"{reason} of the same model. Readers of the catalogue are told the same about `{column.name}`, which is "
            "something else."
        ),
        remediation=f"Say what `{column.name}` is, in a doc block or a text of its own.",
    )


def _said(entry: "yaml.Node") -> str:
    """What may be the name of the doc block that a column is described by, read from its letters alone."""
    _, _, given = (_yaml.scalar(_yaml.get(entry, "description")) or "").partition("doc(")
    return given.partition(")")[0].rpartition(",")[2].strip(" \"'")


def _column(entry: "yaml.Node", *, is_shared: bool) -> Column:
    """The doc block of a column that shares it with no other is nobody's copy, and is not looked for."""
    name = _yaml.scalar(_yaml.get(entry, "name")) or ""
    for key, key_node, value in _yaml.pairs(entry):
        if key == "description" and name:
            line = _yaml.line(key_node)
            said = _yaml.scalar(value) or ""
            text = "" if "{{" in said else " ".join(said.split())
            block = _jinja.doc_block(said) if is_shared else ""
            return Column(name, block, text, line, max(line, _yaml.last_line(value)))
    return Column(name, "", "", 0, 0)


def _is_of(column: Column) -> bool:
    """Whether its doc block is named after it: `orders__status` and `status`, `key_hash` and `ledger_key_hash`."""
    one, other = column.block.lower(), column.name.lower()
    return one == other or one.endswith(f"_{other}") or other.endswith(f"_{one}")


def _is_copy(column: Column, rightful: str, side_by_side: bool) -> bool:
    """Whether the doc block is there by a slip, rather than because it says what both columns are.

    One block is shared on purpose by the ways to count a thing (`n_trips`, `pct_trips`), by references to a thing in
    two roles (`user_id`, `created_by`), and by all dates where it is about dates (`date`, `shipped_on`). It is a slip
    where side by side the values are of different kinds (`order_id`, `status`), and where one word of the name is
    another, so that the block is about one of the two (`read_bytes_total`, `write_bytes_total`).
    """
    name, other, block = (_words(each) for each in (column.name, rightful, column.block))
    mine, theirs = (set(words) - MEASURES or set(words) for words in (name, other))
    if mine <= theirs or theirs <= mine:
        return False
    kinds = KINDS.get(name[-1], ""), KINDS.get(other[-1], "")
    if all(kinds) and kinds[0] != kinds[1]:
        return side_by_side and len(block) > 1
    different = [pair for pair in zip(name, other, strict=False) if pair[0] != pair[1]]
    if len(name) != len(other) or len(name) == 1 or len(different) != 1 or not KINDS.keys().isdisjoint(different[0]):
        return False
    if len(name) == 2:
        return side_by_side and kinds == (TIME, TIME) and other[0] not in ANY_TIME
    return IDENTIFIER not in kinds


def _words(name: str) -> list[str]:
    """The words of a name, without numbers."""
    return [word for word in name.lower().split("_") if word and not word.isdigit()] or [name]
