"""A description takes a doc block that the project does not have.

### Why it matters
dbt puts doc blocks into descriptions while it parses the project. One that does not exist stops it there: "depends on
doc … which was not found", and no model runs until the name is corrected.

### Bad
```yaml
models:
  - name: fct_orders
    columns:
      - name: status
        description: "{{ doc('order_state') }}"
```

```jinja
# models/docs.md
{% docs order_status %}
Where the order is: placed, paid, shipped or returned.
{% enddocs %}
```

### Good
```yaml
models:
  - name: fct_orders
    columns:
      - name: status
        description: "{{ doc('order_status') }}"
```
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _mappings
from review.rules.project import jinja
from review.rules.source import NotEvaluated, Source, template

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT063",
    standard=Standard.DOCUMENTATION,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PROPERTIES}),
)

DBTS_OWN = ("__overview__", "__dbt")
"""What blocks that dbt brings begin with."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Constant names of doc blocks, each once a file, in a project without packages that may bring blocks."""
    if "doc(" not in source.text:
        return
    project = source.dbt
    known = None if project.has_foreign_models else project.doc_blocks
    if known is None:
        return
    seen = set()
    for line, owner, name in sorted(_named(source, project.settings.name)):
        if name in known or name in seen or name.startswith(DBTS_OWN):
            continue
        seen.add(name)
        close = get_close_matches(name, sorted(known), 1, 0.75)
        yield Hit(
            line=line,
            evidence=f"doc {name}",
            symbol=owner,
            explanation=(
                f"No Markdown file of this project has a block `{{% docs {name} %}}`, so dbt stops here before it runs "
                f"any model.{f' Perhaps `{close[0]}` is meant.' if close else ''}"
            ),
            remediation="Name a block that is there, or add it in the same change.",
        )


def _named(source: Source, own: str) -> Iterator[tuple[int, str, str]]:
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
