"""The doc blocks that descriptions in property files take."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from review.domain.named import words
from review.rules import _yaml
from review.rules.dbt import _mappings
from review.rules.project import jinja
from review.rules.source import Source
from review.rules.trees import NotEvaluated, template

if TYPE_CHECKING:
    import yaml


def named(source: Source, own: str, may_matter: Callable[[frozenset[str]], bool]) -> Iterator[tuple[int, str, str]]:
    """Line, the entry around it and block of each `doc(…)` of this project in a description.

    Only descriptions are parsed whose words, as far as they may be in such a call, may matter.
    """
    for place in _mappings.mappings(source):
        described = _yaml.get(place.node, "description")
        if described is not None and may_matter(_words(_yaml.scalar(described) or "")):
            yield from ((_yaml.line(described), place.owner, name) for name in _blocks(described, own))


def _words(text: str) -> frozenset[str]:
    """The words from each `doc(` on to the next bracket."""
    return words(" ".join(part.partition(")")[0] for part in text.split("doc(")[1:]))


def _blocks(node: "yaml.Node", own: str) -> Iterator[str]:
    from jinja2 import nodes

    try:
        calls = [call for name, call in jinja.calls(template(_yaml.scalar(node) or "")) if name == "doc"]
    except NotEvaluated:  # dbt says of such a template what is wrong with it
        return
    for call in calls:
        names = [each.value for each in call.args if isinstance(each, nodes.Const) and isinstance(each.value, str)]
        if len(names) == len(call.args) and (len(names) == 1 or (len(names) == 2 and names[0] == own)):
            yield names[-1]
