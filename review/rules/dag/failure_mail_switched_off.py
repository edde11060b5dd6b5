"""An address is given for alerts and mail on failure is switched off.

### Why it matters
`email` in `default_args` says who is to be told; `email_on_failure: False` beside it says that nobody is. A reader, and
the one whose address it is, believes that failures are mailed. They are not: without an `on_failure_callback` a failed
run is noticed when someone misses the data.

### Bad
```python
from airflow import DAG

default_args = {
    "owner": "data-platform",
    "email": ["data-platform@orders.io"],
    "email_on_failure": False,
}

with DAG("orders_daily", default_args=default_args, schedule="@daily"):
    ...
```

### Good
```python
from airflow import DAG

default_args = {
    "owner": "data-platform",
    "email": ["data-platform@orders.io"],
    "email_on_failure": True,
}

with DAG("orders_daily", default_args=default_args, schedule="@daily"):
    ...
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.dag._configured import configured, is_false
from review.rules.dag._default_args import Argument, Owner, default_args
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG014",
    standard=Standard.MONITORING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG}),
)

_OTHER_WAYS = ("on_failure_callback", "sla_miss_callback", "slack", "pagerduty", "opsgenie", "jira", "teams")
"""Words of a file that alerts some other way than by Airflow's own mails."""
_PLACEHOLDER = "@example."


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`email_on_failure` false beside an address, in a file that alerts in no other way."""
    text = source.text.lower()
    if "email_on_failure" not in text or any(way in text for way in _OTHER_WAYS) or is_test(source.path, source.kind):
        return
    if source.is_yaml:
        yield from _in_yaml(source)
        return
    owners: dict[Owner, dict[str, Argument]] = {}
    for argument in default_args(source).arguments():
        owners.setdefault(argument.owner, {})[argument.key] = argument
    for given in owners.values():
        switch, address = given.get("email_on_failure"), given.get("email")
        if switch is None or address is None or not _is_address(address.value):
            continue
        if _is_off(switch) and not (_is_off(given.get("email_on_retry")) and _is_one(address.value)):
            yield _hit(switch.node.lineno, switch.symbol)


def _in_yaml(source: Source) -> Iterator[Hit]:
    for dag in configured(source.yaml):
        switch, address = dag.default("email_on_failure"), dag.default("email")
        if switch is None or address is None or not is_false(switch.value) or not address.value.value:
            continue
        if _PLACEHOLDER not in str(address.value.value):
            yield _hit(switch.line, dag.name)


def _is_off(switch: Argument | None) -> bool:
    return switch is not None and isinstance(switch.value, ast.Constant) and switch.value.value is False


def _is_one(address: ast.expr) -> bool:
    """Whether it is one address: with both switches off beside it, that is the tutorial's block with a name put in."""
    return isinstance(address, ast.Constant) or (isinstance(address, ast.List) and len(address.elts) == 1)


def _is_address(node: ast.expr) -> bool:
    """Whether it names someone: no empty list or text, no None, none of the tutorial's made-up addresses."""
    if isinstance(node, ast.List | ast.Tuple):
        return any(_is_address(each) for each in node.elts)
    if isinstance(node, ast.Constant):
        text = text_of(node)
        return bool(text) and _PLACEHOLDER not in (text or "")
    return True


def _hit(line: int, symbol: str) -> Hit:
    return Hit(
        line=line,
        symbol=symbol,
        evidence="email_on_failure False",
        explanation=(
            "`email` beside it names who is to be told, and this switches the mail off; nothing else in this file "
            "alerts either. A failed task is noticed when somebody misses the data."
        ),
        remediation="Set it to true. Where failures are told in another way, leave `email` out, or say that way here.",
    )
