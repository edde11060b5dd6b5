"""A source says when it was loaded, and its freshness is never checked.

### Why it matters
`loaded_at_field` alone does nothing: `dbt source freshness` skips every table that has no `freshness:` with
`warn_after` or `error_after`. The source stops being loaded, the models are built from what is there, and nobody is
told.

### Bad
```yaml
sources:
  - name: shop
    loaded_at_field: _loaded_at
    tables:
      - name: orders
```

### Good
```yaml
sources:
  - name: shop
    loaded_at_field: _loaded_at
    freshness:
      error_after: {count: 24, period: hour}
    tables:
      - name: orders
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.source import Source

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT057",
    standard=Standard.MONITORING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
    looks_around=False,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Sources in which a `loaded_at_field` is given, on them or on their tables, and a `freshness` nowhere."""
    for origin in _yaml.items(_yaml.get(source.yaml, "sources")):
        entries = [origin, *_yaml.items(_yaml.get(origin, "tables"))]
        fields = [field for field in (_setting(entry, "loaded_at_field") for entry in entries) if field is not None]
        given = [field for field in fields if _yaml.scalar(field) not in (None, "", "null", "~")]
        if given and all(_setting(entry, "freshness") is None for entry in entries):
            yield _hit(_yaml.scalar(_yaml.get(origin, "name")) or "", given)


def _setting(entry: "yaml.Node", key: str) -> "yaml.Node | None":
    """A setting of a source or a table, which stands beside its name or under `config:`; a null is one too."""
    return _yaml.get(entry, key) or _yaml.get(_yaml.get(entry, "config"), key)


def _hit(name: str, fields: "list[yaml.Node]") -> Hit:
    others = f", as on {len(fields) - 1} more lines below" if len(fields) > 1 else ""
    return Hit(
        line=_yaml.line(fields[0]),
        symbol=name,
        evidence=f"{name}: loaded_at_field without freshness",
        explanation=(
            f"The source `{name}` has a `loaded_at_field` here{others}, but no `freshness:` that would use it, so "
            "`dbt source freshness` passes over its tables however old their rows are."
        ),
        remediation="Add `freshness:` with `warn_after` or `error_after` to the source.",
    )
