"""The doc blocks that descriptions in property files take."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.rules import _yaml
from review.rules.dbt import _mappings
from review.rules.project import jinja
from review.rules.source import NotEvaluated, Source, template

if TYPE_CHECKING:
    import yaml


def named(source: Source, own: str) -> Iterator[tuple[int, str, str]]:
    """Line, the entry around it and block of each `doc(…)` of this project in a description."""
    for place in _mappings.mappings(source):
        described = _yaml.get(place.node, "description")
        if described is not None:
            yield from ((_yaml.line(described), place.owner, name) for name in _blocks(described, own))


def _blocks(node: "yaml.Node", own: str) -> Iterator[str]:
    from jinja2 import nodes

    text = _yaml.scalar(node) or ""
    if "doc(" not in text:
        return
    try:
        calls = [call for name, call in jinja.calls(template(text)) if name == "doc"]
    except NotEvaluated:  # dbt says of such a template what is wrong with it
        return
    for call in calls:
        names = [each.value for each in call.args if isinstance(each, nodes.Const) and isinstance(each.value, str)]
        if len(names) == len(call.args) and (len(names) == 1 or (len(names) == 2 and names[0] == own)):
            yield names[-1]
