"""A branch of a template adds AND without a WHERE, or a second WHERE.

### Why it matters
The text between `{% if %}` and `{% endif %}` is SQL only together with what stands before it. A branch that begins with
`and` needs a condition to go on with. As long as the branch is not taken everything works; the first run that takes it
(the second run of an incremental model, the first user of an option) fails with a syntax error.

### Bad
```sql
select id, amount
from {{ ref('stg_orders') }}
{% if var('only_paid', false) %}
and status = 'paid'
{% endif %}
```

### Good
```sql
select id, amount
from {{ ref('stg_orders') }}
{% if var('only_paid', false) %}
where status = 'paid'
{% endif %}
```
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.dbt import _skeleton
from review.rules.dbt._skeleton import Choice, Word
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT042",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset(
        {Kind.DBT_MODEL, Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST, Kind.DBT_TEST, Kind.DBT_SNAPSHOT, Kind.SQL_QUERY}
    ),
)

START, SELECT, FROM, RELATION, WHERE, OTHER, UNKNOWN = (
    "start", "select", "from", "relation", "where", "other", "unknown"
)  # fmt: skip
"""The clause a query is in. FROM still waits for a table; RELATION has one, and no condition yet."""

CLAUSES = {
    **dict.fromkeys(("SELECT", "WITH", "UNION", "INTERSECT", "EXCEPT", ";", "INSERT", "UPDATE"), SELECT),
    **dict.fromkeys(("FROM", "JOIN"), FROM),
    "WHERE": WHERE,
    **dict.fromkeys(
        ("ON", "USING", "GROUP BY", "ORDER BY", "HAVING", "QUALIFY", "PREWHERE", "GROUP", "ORDER", "LIMIT", "WINDOW"),
        OTHER,
    ),
    **dict.fromkeys(("SET", "WHEN", "CASE", "BETWEEN", "MATCH_RECOGNIZE", "VALUES", "CONNECT"), OTHER),
}

SHOWN = 200
"""Characters of a line that tell it from others."""

MAX_BRACKETS = 50
"""Brackets within brackets that are told apart."""

State = tuple[str, ...]
"""The clause of each open bracket, the innermost last."""


@dataclass
class _Walk:
    """What is found on all ways through one unit."""

    found: list[tuple[Word, str]] = field(default_factory=list)

    def run(self, parts: "Sequence[Word | Choice]", state: State, optional: bool) -> State:
        """The state behind these parts. `optional`: whether the first of them is the first word of a branch."""
        previous = ""
        for part in parts:
            if isinstance(part, Choice):
                state = self._choose(part, state)
                previous = ""
                continue
            if optional and self._misfits(part, state):
                self.found.append((part, state[-1]))
            state = _after(part, state, previous)
            previous, optional = part.upper, False
        return state

    def _choose(self, choice: Choice, state: State) -> State:
        states = [self.run(way, state, optional=not choice.loop) for way in choice.ways]
        first = states[0]
        if any(len(each) != len(first) for each in states):
            return (UNKNOWN,) * max(map(len, states))
        return tuple(
            clause if all(each[at] == clause for each in states) else UNKNOWN for at, clause in enumerate(first)
        )

    @staticmethod
    def _misfits(word: Word, state: State) -> bool:
        return (word.upper in ("AND", "OR") and state[-1] == RELATION) or (word.upper == "WHERE" and state[-1] == WHERE)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Branches whose first word cannot follow what stands before them on every way there."""
    if "{%" not in source.text:
        return
    for unit in _skeleton.units(source):
        walk = _Walk()
        walk.run(unit.parts, (START,), optional=False)
        for word, clause in walk.found:
            yield _hit(source, unit.name, word, clause)


def _after(word: Word, state: State, previous: str) -> State:
    """The state behind a word; `previous` is the word before it."""
    *outer, clause = state
    said = word.upper
    if said == "(" and len(state) == MAX_BRACKETS:
        return (UNKNOWN,) * MAX_BRACKETS
    if said == "(":
        return (*outer, RELATION if clause == FROM else clause, START)
    if said == ")":
        return (*outer,) if outer else (UNKNOWN,)
    if said == "FROM" and previous == "DISTINCT":
        return state
    if said in CLAUSES:
        return (*outer, CLAUSES[said])
    if said in ("AND", "OR") and clause == RELATION:
        return (*outer, UNKNOWN)
    if said == "," and clause == RELATION:
        return (*outer, FROM)
    if clause == FROM:
        return (*outer, RELATION)
    if _skeleton.PRINTED in word.text and clause in (RELATION, START):
        return (*outer, UNKNOWN)
    return state


def _hit(source: Source, name: str, word: Word, clause: str) -> Hit:
    said = word.text
    if clause == RELATION:
        what = f"The branch goes on with `{said}`, but the query before it has no condition yet: it ends at its FROM."
        fix = f"Begin the branch with `where` instead of `{said}`, or put a condition before it."
    else:
        what = f"The branch begins with `{said}`, but the query before it already has its WHERE."
        fix = f"Go on with `and` instead of `{said}`."
    return Hit(
        line=word.line,
        evidence=" ".join(source.lines[word.line - 1][:SHOWN].split()),
        symbol=name or source.path.rpartition("/")[2].partition(".")[0],
        explanation=f"{what} A run that takes the branch fails with a syntax error.",
        remediation=fix,
    )
