"""dbt grants a relation to everyone.

### Why it matters
dbt applies `grants:` every time it builds the relation, so a grant that is taken back by hand returns with the next
run. `public` is every role of the database, those of other teams and tools among them; `allUsers` in BigQuery is the
internet.

### Bad
```sql
{{ config(materialized='table', grants={'select': ['public']}) }}
select order_id, amount from {{ ref('stg_orders') }}
```

### Good
```sql
{{ config(materialized='table', grants={'select': ['analysts']}) }}
select order_id, amount from {{ ref('stg_orders') }}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _mappings
from review.rules.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

rule = Rule(
    module=__name__,
    code="DBT052",
    standard=Standard.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_PROPERTIES, Kind.DBT_PROJECT}),
    looks_around=False,
)

EVERYONE = frozenset({"public", "allusers", "allauthenticatedusers", "specialgroup:allauthenticatedusers"})
GRANTS = frozenset({"grants", "+grants"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Grantees in `grants` that are nobody in particular."""
    if "grants" not in source.text:
        return
    found = list(_in_yaml(source) if source.is_yaml else _in_config(source))
    yield from sorted(found, key=lambda hit: hit.line)


def _in_yaml(source: Source) -> Iterator[Hit]:
    for place in _mappings.mappings(source):
        if place.key in GRANTS:
            for privilege, _, grantees in _yaml.pairs(place.node):
                for grantee in _yaml.items(grantees) or [grantees]:
                    yield from _everyone(_yaml.scalar(grantee), privilege, _yaml.line(grantee), place.owner)


def _in_config(source: Source) -> Iterator[Hit]:
    from jinja2 import nodes

    for name, call in _jinja.calls(source):
        for entry in call.kwargs if name == "config" else ():
            if entry.key == "grants" and isinstance(entry.value, nodes.Dict):
                for pair in entry.value.items:
                    for grantee in _listed(pair.value):
                        if isinstance(grantee, nodes.Const) and isinstance(pair.key, nodes.Const):
                            yield from _everyone(str(grantee.value), str(pair.key.value), grantee.lineno, "")


def _listed(value: "nodes.Expr") -> "list[nodes.Expr]":
    from jinja2 import nodes

    return value.items if isinstance(value, nodes.List | nodes.Tuple) else [value]


def _everyone(grantee: str | None, privilege: str, line: int, owner: str) -> Iterator[Hit]:
    if grantee is not None and grantee.strip().lower() in EVERYONE:
        yield Hit(
            line=line,
            symbol=owner,
            evidence=f"{privilege} to {grantee}",
            explanation=(
                f"dbt grants `{privilege.removeprefix('+')}` to `{grantee}` at each build: whoever can connect, now or "
                "later, has it."
            ),
            remediation="Name the roles that need it.",
        )
