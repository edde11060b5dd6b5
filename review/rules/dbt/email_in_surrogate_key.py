"""A surrogate key hashes an e-mail address as it was typed.

### Why it matters
`Ann@example.com` and `ann@example.com` are one person and two hashes. Systems that are joined by the address differ
in its case, so the person gets two keys: a row too many in the dimension, and facts that find neither or the wrong
one. In a hash nobody sees why.

### Bad
```sql
select {{ dbt_utils.generate_surrogate_key(['email']) }} as customer_key, email
from {{ ref('stg_customers') }}
```

### Good
```sql
select {{ dbt_utils.generate_surrogate_key(['lower(email)']) }} as customer_key, email
from {{ ref('stg_customers') }}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja, _skeleton
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT055",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    kinds=frozenset({Kind.DBT_MODEL}),
)

KEYS = frozenset({"surrogate_key", "generate_surrogate_key"})
FOLDING = frozenset({"LOWER", "UPPER", "LCASE", "UCASE"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first key of a file that is made of an e-mail column alone, where the file folds no case at all."""
    from jinja2 import nodes

    if "surrogate_key" not in source.text:
        return
    found: list[tuple[int, str]] = []
    for name, call in _jinja.calls(source):
        if name.rpartition(".")[2] in KEYS and call.args and isinstance(call.args[0], nodes.List):
            parts = [each.value if isinstance(each, nodes.Const) else None for each in call.args[0].items]
            column = parts[0] if len(parts) == 1 else None
            if isinstance(column, str) and _is_email(column):
                found.append((call.lineno, column))
    if not found or any(word.upper in FOLDING for unit in _skeleton.units(source) for word in unit.words()):
        return
    line, column = min(found)
    others = len(found) - 1
    yield Hit(
        line=line,
        symbol=source.path.rpartition("/")[2].partition(".")[0],
        evidence=f"key of {column}",
        explanation=(
            f"The key is a hash of `{column}`, and nothing in this model brings the address to one case: the same "
            "person written in two ways gets two keys." + (f" So do {others} more keys below." if others else "")
        ),
        remediation=f"Hash `lower({column})`, here and wherever the key is looked up.",
    )


def _is_email(column: str) -> bool:
    """Whether a plain column holds an e-mail address by its name: `email`, `o.user_email`."""
    words = column.rpartition(".")[2].lower().split("_")
    return column.replace(".", "").isidentifier() and (words[-1] == "email" or words[-2:] == ["email", "address"])
