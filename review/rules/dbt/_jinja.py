"""What a model's Jinja says, read from its syntax tree, without rendering it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from review.rules.project import jinja
from review.rules.source import Source
from review.rules.trees import NotEvaluated, template

if TYPE_CHECKING:
    from jinja2 import nodes


PLAIN = frozenset(
    {"config", "ref", "source", "var", "env_var", "set", "return", "log", "doc", "print", "range", "fromjson", "tojson"}
)
"""dbt's own functions, none of which filters rows or gives columns."""

PLAIN_PACKAGES = frozenset({"dbt_utils", "dbt", "adapter", "target", "modules", "exceptions", "builtins"})
"""Whose macros make expressions and columns, not filters over time."""


dotted = jinja.dotted


def calls(source: Source) -> Iterator[tuple[str, "nodes.Call"]]:
    """Every call with its dotted name: `config`, `dbt_utils.star`; the empty string where it has none."""
    return jinja.calls(source.jinja)


def names(source: Source) -> frozenset[str]:
    """Every name the template reads."""
    from jinja2 import nodes

    return frozenset(name.name for name in source.jinja.find_all(nodes.Name) if name.ctx == "load")


def config(source: Source) -> dict[str, tuple[Any, int]]:
    """Each setting of `config(...)` → its value where it is a literal or a list of such (else None), and its line."""
    from jinja2 import nodes

    found: dict[str, tuple[Any, int]] = {}
    for name, call in calls(source):
        if name != "config":
            continue
        for argument in call.args:
            if isinstance(argument, nodes.Dict):
                for pair in argument.items:
                    if isinstance(pair.key, nodes.Const):
                        found[str(pair.key.value)] = (_literal(pair.value), pair.lineno)
        for entry in call.kwargs:
            found[entry.key] = (_literal(entry.value), entry.lineno)
    return found


def _literal(node: "nodes.Node") -> Any:
    from jinja2 import nodes

    if isinstance(node, nodes.List | nodes.Tuple):
        return [_literal(item) for item in node.items]
    return node.value if isinstance(node, nodes.Const) else None


def is_plain(called: str) -> bool:
    """Whether a call by that name filters no rows: dbt's own or a known package's, not a macro of the project's."""
    return not called or called in PLAIN or called.partition(".")[0] in PLAIN_PACKAGES


def doc_block(text: str) -> str:
    """The one doc block that a description consists of: `key_hash` of `{{ doc("key_hash") }}`; else empty."""
    from jinja2 import nodes

    if "doc(" not in text or not text.strip().startswith("{{"):
        return ""
    try:
        found = [call for call in template(text).find_all(nodes.Call) if dotted(call.node) == "doc"]
    except NotEvaluated:
        return ""
    block = _literal(found[0].args[-1]) if len(found) == 1 and found[0].args else None
    return block if isinstance(block, str) else ""
