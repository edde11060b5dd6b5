"""dbt's YAML: the entries of each list, and the models and sources that tests and exposures name.

The lists: docs.getdbt.com, "About properties.yml files".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.outline import Part
from review.evidence.outlines import template
from review.evidence.outlines.base import Names
from review.rules import _yaml
from review.rules.source import Source
from review.rules.trees import NotEvaluated

if TYPE_CHECKING:
    import yaml

_KINDS = {
    "models": "model",
    "seeds": "seed",
    "snapshots": "snapshot",
    "macros": "macro",
    "exposures": "exposure",
    "unit_tests": "unit_test",
    "analyses": "analysis",
    "metrics": "metric",
    "semantic_models": "semantic_model",
    "saved_queries": "saved_query",
    "data_tests": "test",
}
_CALLS = ("ref(", "source(")
_MAX_CALL = 500
"""Characters of a value that is no more than a call of `ref` or `source`."""


def parts(source: Source) -> Iterator[Part]:
    """Every named entry of a list of properties; a source's tables as `source.table`. Raises NotEvaluated."""
    root = source.yaml
    for key, kind in _KINDS.items():
        for entry in _yaml.items(_yaml.get(root, key)):
            yield _part(kind, "", entry)
    for entry in _yaml.items(_yaml.get(root, "sources")):
        yield _part("source", "", entry)
        prefix = f"{_yaml.scalar(_yaml.get(entry, 'name')) or ''}."
        for table in _yaml.items(_yaml.get(entry, "tables")):
            yield _part("source", prefix, table)


def names(source: Source) -> Names:
    """What is read by `ref(…)` and `source(…)` as a value; a snapshot over a `relation` is written here.

    Raises NotEvaluated.
    """
    root = source.yaml
    found = Names()
    for text in _scalars(root):
        call = text.strip().removeprefix("{{").strip()
        if len(call) <= _MAX_CALL and call.startswith(_CALLS):
            found |= _called(call.removesuffix("}}"))
    for entry in _yaml.items(_yaml.get(root, "snapshots")):
        name = _yaml.scalar(_yaml.get(entry, "name"))
        if name and _yaml.get(entry, "relation") is not None:
            found |= Names(writes=frozenset({f"model:{name}"}))
    return found


def _part(kind: str, prefix: str, entry: "yaml.Node") -> Part:
    name = _yaml.scalar(_yaml.get(entry, "name")) or ""
    first = _yaml.line(entry)
    return Part(kind, name and f"{prefix}{name}", first, max(first, _yaml.last_line(entry)))


def _called(expression: str) -> Names:
    try:
        return template.names(f"{{{{ {expression} }}}}", is_dbt=False)
    except NotEvaluated:
        return Names()


def _scalars(root: "yaml.Node | None") -> Iterator[str]:
    """The text of every value in a tree, each node once, however often it is referred to."""
    import yaml

    seen, pending = set[int](), [root] if root is not None else []
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node.value
        elif isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            pending.extend(value for _, value in node.value)
