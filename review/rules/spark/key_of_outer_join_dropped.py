"""An outer join's key is kept from the side where it can be NULL.

### Why it matters
A full outer join by a condition has two keys, and of a row that only one side has, the other side's key is NULL. To
keep one of them takes the key away from those rows: they are grouped, joined and written as rows of nobody. So does a
left join that keeps the right side's key.

### Bad
```python
from pyspark.sql import DataFrame


def balance(paid: DataFrame, owed: DataFrame) -> DataFrame:
    return paid.join(owed, paid.customer_id == owed.debtor_id, "outer").drop("debtor_id")
```

### Good
```python
from pyspark.sql import DataFrame


def balance(paid: DataFrame, owed: DataFrame) -> DataFrame:
    return paid.join(owed.withColumnRenamed("debtor_id", "customer_id"), "customer_id", "outer")
```
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.spark._chains import Chain, Step
from review.rules.spark._joins import ColumnOf, column_of, equations
from review.rules.spark._values import Value

rule = Rule(
    module=__name__,
    code="SPK036",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK}),
)

FULL = frozenset({"outer", "full", "fullouter"})
LEFT = frozenset({"left", "leftouter"})
RIGHT = frozenset({"right", "rightouter"})
KEEPING = frozenset({"where", "filter", "withColumn", "alias", "cache", "persist"})
"""Steps that leave both keys, unless they speak of one of them."""
MOST = 50
"""Equations of one condition, and steps after a join, that are looked at."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Outer joins by a condition, and a `drop` or a `select` after them that leaves one key of the two."""
    if "join" not in source.text or is_test(source.path, source.kind):
        return
    later: defaultdict[tuple[str, str], list[Chain]] = defaultdict(list)
    for chain in reversed(source.chains):
        later[chain.symbol, chain.root].append(chain)
    for chain in source.chains:
        for index, step in enumerate(chain.steps):
            if step.name == "join" and step.called:
                after = chain.steps[index + 1 : index + 1 + MOST] or _next(chain, later[chain.symbol, chain.target])
                yield from islice(_lost(chain, index, after[:MOST]), 1)


def _next(chain: Chain, later: list[Chain]) -> tuple[Step, ...]:
    """The steps of the next chain that starts from what the join is assigned to; `later` is last first."""
    while chain.target and later:
        if later[-1].line > chain.end_line:
            return later[-1].steps
        later.pop()
    return ()


def _lost(chain: Chain, index: int, after: tuple[Step, ...]) -> Iterator[Hit]:
    step = chain.steps[index]
    condition, how = step.given("on", 1) or step.given("joinExprs"), step.given("how", 2) or step.given("joinType")
    kind = (how.string or "").lower().replace("_", "") if how is not None else ""
    if condition is None or kind not in FULL | LEFT | RIGHT:
        return
    left, right = chain.root if index == 0 else "", step.arguments[0].text
    equated = list(islice((each for part in condition.items for each in equations(part)), MOST))
    if kind in FULL or len(equated) == 1:
        for one, other, _ in equated:
            if not one[1] or not other[1] or one == other:
                continue
            of_left, of_right = (one, other) if one[0] != right and other[0] != left else (other, one)
            sure = bool(left) and (of_left[0], of_right[0]) == (left, right)
            losing = [(of_left, of_right)] * (kind in FULL or (kind in LEFT and sure))
            losing += [(of_right, of_left)] * (kind in FULL or (kind in RIGHT and sure))
            for gone, kept in losing:
                place = _dropping(after, kept, gone)
                if place is not None:
                    yield _hit(chain, place, kept, gone)


def _dropping(after: tuple[Step, ...], kept: ColumnOf, gone: ColumnOf) -> Step | None:
    """The step that takes one key away and leaves the other, before anything else is made of the two."""
    for step in after:
        if step.name == "drop":
            given = [column_of(item) for value in step.arguments for item in value.items]
            if any(_is(each, kept, gone) for each in given):
                return None
            if any(_is(each, gone, kept) for each in given):
                return step
        elif step.name == "select":
            return step if _leaves_out(step, kept, gone) else None
        elif step.name not in KEEPING or any(_speaks(step, key) for key in (kept, gone)):
            return None
    return None


def _leaves_out(step: Step, kept: ColumnOf, gone: ColumnOf) -> bool:
    """Whether a `select` names one key and nothing in which the other may be."""
    items = [(column_of(item), item) for value in step.arguments for item in value.items]
    others = [(each, item) for each, item in items if not _is(each, kept, gone)]
    if len(others) == len(items) or any(each[1] == "*" or _is(each, gone, kept) for each, _ in others):
        return False
    return not any(_mentions(item, gone) or _mentions(item, ("", "*")) for _, item in others)


def _mentions(value: Value, key: ColumnOf) -> bool:
    return key[1] in value.names or any(key[1] in text for text in value.strings | {value.string or ""})


def _is(given: ColumnOf, key: ColumnOf, other: ColumnOf) -> bool:
    """Whether a dropped column is that key; one of both names is neither, or both."""
    return given[1] == key[1] and (given[0] == key[0] if key[1] == other[1] else given[0] in ("", key[0]))


def _speaks(step: Step, key: ColumnOf) -> bool:
    return any(_mentions(value, key) for value in step.arguments)


def _hit(chain: Chain, place: Step, kept: ColumnOf, gone: ColumnOf) -> Hit:
    names = [".".join(filter(None, key)) for key in (kept, gone)]
    return Hit(
        line=place.line,
        end_line=place.end_line,
        symbol=chain.symbol,
        evidence=f"{names[0]} kept, {names[1]} dropped",
        explanation=(
            f"A row that has `{names[1]}` and finds no match has NULL in `{names[0]}`, the one key that is kept: its "
            "key is lost."
        ),
        remediation=f"Keep `coalesce({names[0]}, {names[1]})`, or join by a column's name, which gives one key.",
    )
