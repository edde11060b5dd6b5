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

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _doc_blocks
from review.rules.source import Source

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
    seen, own = set(), project.settings.name
    for line, owner, name in sorted(_doc_blocks.named(source, own, lambda names: not names <= known)):
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
