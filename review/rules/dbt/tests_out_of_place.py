"""Tests stand where dbt never runs them.

### Why it matters
dbt reads `data_tests:` (or `tests:`) of a model, a seed, a snapshot, a source table and of their columns. One level too
deep, under `config:` or `meta:`, they are settings nobody reads: `dbt build` is green, the tests are in the file for
everyone to see, and not one of them has ever run.

### Bad
```yaml
models:
  - name: orders
    config:
      materialized: table
      data_tests:
        - dbt_utils.expression_is_true:
            arguments:
              expression: "amount >= 0"
```

### Good
```yaml
models:
  - name: orders
    config:
      materialized: table
    data_tests:
      - dbt_utils.expression_is_true:
          arguments:
            expression: "amount >= 0"
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
    code="DBT002",
    standard=Standard.TESTING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
    looks_around=False,
)

TESTS = frozenset({"tests", "data_tests"})
BUILT_IN = frozenset({"unique", "not_null", "accepted_values", "relationships"})
RESOURCES = ("models", "seeds", "snapshots", "sources", "analyses", "exposures", "metrics", "semantic_models", "macros")


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Lists called tests in places that dbt gives to settings or to nothing."""
    if not any(f"{name}:" in source.text for name in TESTS):
        return
    root = source.yaml
    for kind in RESOURCES:
        for resource in _yaml.items(_yaml.get(root, kind)):
            yield from _in_resource(source, kind, resource)


def _in_resource(source: Source, kind: str, resource: "yaml.Node") -> Iterator[Hit]:
    name = _yaml.scalar(_yaml.get(resource, "name")) or ""
    yield from _in_settings(source, resource, name)
    if kind in ("sources", "exposures", "metrics", "semantic_models", "macros"):
        yield from _misplaced(source, resource, name, f"of a {kind.removesuffix('s')}", None)
    for table in _yaml.items(_yaml.get(resource, "tables")):
        inside = f"{name}.{_yaml.scalar(_yaml.get(table, 'name')) or ''}"
        yield from _in_settings(source, table, inside)
        yield from _in_columns(source, table, inside)
    for version in _yaml.items(_yaml.get(resource, "versions")):
        yield from _in_settings(source, version, name)
        yield from _in_columns(source, version, name)
    yield from _in_columns(source, resource, name)


def _in_columns(source: Source, owner: "yaml.Node", name: str) -> Iterator[Hit]:
    for column in _yaml.items(_yaml.get(owner, "columns")):
        yield from _in_settings(source, column, f"{name}.{_yaml.scalar(_yaml.get(column, 'name')) or ''}")


def _in_settings(source: Source, owner: "yaml.Node", name: str) -> Iterator[Hit]:
    for setting in ("config", "meta"):
        yield from _misplaced(source, _yaml.get(owner, setting), name, f"under `{setting}:`", owner)
    nested = _yaml.get(_yaml.get(owner, "config"), "meta")
    yield from _misplaced(source, nested, name, "under `meta:`", None)


def _misplaced(
    source: Source, place: "yaml.Node | None", name: str, where: str, owner: "yaml.Node | None"
) -> Iterator[Hit]:
    for key, key_node, value in _yaml.pairs(place):
        tests = _yaml.items(value)
        if key not in TESTS or not tests or ("meta" in where and not any(map(_is_dbt_test, tests))):
            continue
        first = _yaml.line(key_node)
        last = max(first, _yaml.last_line(value))
        yield Hit(
            line=first,
            end_line=last,
            symbol=name,
            evidence=f"{key} {where}: {', '.join(sorted(map(_test_name, tests)))}",
            explanation=(
                f"dbt runs no tests that stand {where}, so {_count(len(tests))} of `{name}` never ran and will never "
                "fail, whatever the data look like."
            ),
            remediation=f"Move `{key}:` out, to the level of `name:`, and run it once: it may fail at first.",
            suggestion=_moved_out(source, place, owner, key_node, value),
        )


def _is_dbt_test(test: "yaml.Node") -> bool:
    """Whether an entry reads as a test of dbt's or a package's: under `meta:` a team may keep lists of anything."""
    name = _test_name(test)
    package, _, called = name.partition(".")
    return name in BUILT_IN or (package.isidentifier() and called.isidentifier())


def _test_name(test: "yaml.Node") -> str:
    return _yaml.scalar(test) or next((key for key, _, _ in _yaml.pairs(test)), "?")


def _count(number: int) -> str:
    return "this test" if number == 1 else f"these {number} tests"


def _moved_out(
    source: Source, place: "yaml.Node | None", owner: "yaml.Node | None", key: "yaml.Node", value: "yaml.Node"
) -> str | None:
    """The block one level further out, where it is the last of its mapping and its owner has no tests yet."""
    if owner is None or place is None or any(name in TESTS for name, _, _ in _yaml.pairs(owner)):
        return None
    entries = _yaml.pairs(place)
    first, last = _yaml.line(key), _yaml.last_line(value)
    if entries[-1][1] is not key or len(entries) == 1 or source.lines[first - 1][: key.start_mark.column].strip():
        return None
    shift = key.start_mark.column - owner.start_mark.column
    lines = source.lines[first - 1 : last]
    if shift <= 0 or not lines or any(line[:shift].strip() for line in lines):
        return None
    return "\n".join(line[shift:] for line in lines)
