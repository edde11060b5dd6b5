"""A doc block is taken away that descriptions still take.

### Why it matters
dbt puts doc blocks into descriptions while it parses the project. One that does not exist stops it there: "depends on
doc … which was not found", and no model runs. The property files that still name it are not part of the change, so no
reviewer has them before their eyes.

### Bad
```yaml
# models/schema.yml, which the change that deletes models/docs.md leaves as it is
models:
  - name: fct_orders
    description: "{{ doc('orders') }}"
```

### Good
```yaml
# models/schema.yml, changed together with it
models:
  - name: fct_orders
    description: One row per order.
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _doc_blocks
from review.rules.project import jinja, uses
from review.rules.project.model import Project
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DBT072",
    standard=Standard.DOCUMENTATION,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_DOCS}),
    looks_back=True,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Blocks that the file had before the change, no file has after it, and unchanged property files take."""
    project = source.dbt
    known = None if project.has_foreign_models else project.doc_blocks
    if known is None or project.before is None:
        return
    for name in dict.fromkeys(jinja.doc_blocks(source.text)):
        found = list(_uses(project, name)) if name not in known else []
        if not found:
            continue
        yield Hit(
            line=_line(source, name),
            evidence=f"docs {name} is gone",
            symbol=name,
            explanation=(
                f"No file has a block `{{% docs {name} %}}` any more, and files that are not part of this change still "
                f"take it: {uses.told(found)}. dbt stops at the first of them before it runs any model of the project."
            ),
            remediation="Change what takes it in the same pull request, or keep the block.",
        )


def _uses(project: Project, name: str) -> Iterator[uses.Use]:
    """The first place in each unchanged property file that takes the block."""
    for path in project.mentioning(name, uses.PROPERTIES):
        if path in project.changed:
            continue
        try:
            named = _doc_blocks.named(project.source(path), project.settings.name, lambda names: name in names)
            lines = [line for line, _owner, block in named if block == name]
        except NotEvaluated:  # dbt stops at such a file for another reason
            continue
        if lines:
            yield uses.Use(path, min(lines), stops=True)


def _line(source: Source, name: str) -> int:
    """Where the block begins: the first line that names it within a tag."""
    begun = (number for number, line in enumerate(source.lines, 1) if name in set(jinja.doc_blocks(line)))
    return next(begun, 1)
