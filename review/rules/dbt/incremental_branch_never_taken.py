"""A model with `is_incremental()` is not materialised as incremental.

### Why it matters
`is_incremental()` is true only for a model whose materialisation is incremental. In a table or a view the branch is
never taken: the filter in it does nothing, and every run, or every query of the view, reads the whole history.

### Bad
```sql
{{ config(materialized='table', unique_key='id') }}
select id, amount, updated_at from {{ ref('stg_orders') }}
{% if is_incremental() %}
where updated_at > (select max(updated_at) from {{ this }})
{% endif %}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='id') }}
select id, amount, updated_at from {{ ref('stg_orders') }}
{% if is_incremental() %}
where updated_at > (select max(updated_at) from {{ this }})
{% endif %}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT054",
    standard=Standard.COST,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_MODEL}),
    looks_around=False,
)

NEVER = frozenset({"table", "view", "ephemeral", "materialized_view"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Models whose own config says table or view, with an `if is_incremental()` outside of comments."""
    from jinja2 import nodes

    if "is_incremental" not in source.text:
        return
    materialized, line = _jinja.config(source).get("materialized", (None, 0))
    if materialized not in NEVER:
        return
    branches = [
        test.lineno
        for test in source.jinja.find_all(nodes.If)
        if isinstance(test.test, nodes.Call) and _jinja.dotted(test.test.node) == "is_incremental"
    ]
    live = [at for at in branches if not source.lines[at - 1].lstrip().startswith("--")]
    if live:
        yield Hit(
            line=line,
            symbol=source.path.rpartition("/")[2].partition(".")[0],
            evidence=f"materialized = {materialized} with is_incremental()",
            explanation=(
                f"The model is a {materialized.replace('_', ' ')}, so `is_incremental()` on line {live[0]} is always "
                "false and what is filtered there never is."
            ),
            remediation="Materialise it as incremental, or remove the branch.",
        )
