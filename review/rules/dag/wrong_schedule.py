"""A cron schedule is not valid, never comes, or comes every minute of an hour.

### Why it matters
`"0 24 * * *"` is not valid: there is no hour 24, so Airflow refuses it and the DAG does not appear. `"0 6 31 2 *"` is
valid, but 31 February never comes. And `"* 6 * * *"` does not mean "at six": a star for the minute means every minute,
so the DAG starts sixty times between six and seven, each run with an interval of one minute.

### Bad
```python
from airflow import DAG

with DAG("orders_daily", schedule="* 6 * * *"):
    ...
```

### Good
```python
from airflow import DAG

with DAG("orders_daily", schedule="0 6 * * *"):
    ...
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import text_of
from review.rules._tests import is_test
from review.rules._yaml import scalar
from review.rules.base import Hit, Rule
from review.rules.dag._configured import configured, with_shared_defaults
from review.rules.dag._model import model
from review.rules.dag._schedule import KNOWN, fields, never
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG022",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_CONFIG}),
)

_ARGUMENTS = ("schedule", "schedule_interval")
_FIELDS = 5
_MOST_FIELDS = 7
"""croniter's: seconds and years come after the five."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal schedules that cannot be meant as they are written."""
    if "schedule" not in source.text or is_test(source.path, source.kind):
        return
    if source.is_yaml:
        dags = ((each.name, each.own) for each in configured(source.yaml))
        for name, own in (*dags, *with_shared_defaults(source.yaml)):
            for entry in own:
                if entry.key in _ARGUMENTS:
                    yield from _judged(scalar(entry.value), entry.line, name)
        return
    found = model(source)
    for dag in found.dags:
        given = found.argument(dag, *_ARGUMENTS)
        if given is not None:
            yield from _judged(text_of(given), given.lineno, dag.dag_id or "")


def _judged(text: str | None, line: int, symbol: str) -> Iterator[Hit]:
    why = _problem(" ".join((text or "").split()))
    if why:
        yield Hit(
            line=line,
            symbol=symbol,
            evidence=text or "",
            explanation=f"The schedule is `{(text or '')[:60]}`: {why}.",
            remediation="Write the schedule that is meant: minute, hour, day of the month, month, day of the week.",
        )


def _problem(text: str) -> str:
    """What is wrong with a schedule; empty for nothing, or where it is no plain cron text."""
    words = text.split()
    if not words or any(letter in text for letter in "{%$<"):
        return ""
    if text.startswith("@"):
        return "" if text in KNOWN or len(words) > 1 else "Airflow knows no such preset, and refuses the DAG"
    if not all(letter.isalnum() or letter in "*/,-?#" for word in words for letter in word):
        return ""
    if not (words[0][0].isdigit() or words[0][0] == "*") or len(words) > _MOST_FIELDS:
        return ""
    if 1 < len(words) < _FIELDS:
        return f"it has {len(words)} fields of the five that cron needs, and Airflow refuses the DAG"
    found = fields(text)
    if found is None:
        return ""
    broken = next((field.problem for field in found if field.problem), "")
    if broken:
        return f"{broken}, and Airflow refuses the DAG"
    if found[0].is_any and found[1].values and not set("*?-/") & set(found[1].text):  # `* 9-17` is meant
        return f"a star for the minute starts a run every minute while the hour is {found[1].text}, sixty in each hour"
    return never(found)
