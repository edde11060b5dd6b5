"""The funnel: what is merged, numbered, left out of scope or suppressed, and that nothing gets lost on the way."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from review.domain.changeset import ChangedFile, Changeset, Hunk, Side, Status
from review.domain.finding import Finding, Location, Standard, Tier
from review.domain.severity import Severity
from review.findings.funnel import Funnelled, Scope, can_be_inline, funnel
from tests.unit.render.builders import FCT, HEAD, MERGE_BASE, finding

FILE = ChangedFile(
    FCT, Status.MODIFIED, hunks=(Hunk(1, 5, 1, 6), Hunk(40, 3, 41, 5)), added=frozenset({4}), removed=frozenset({41})
)
CHANGESET = Changeset(MERGE_BASE, HEAD, (FILE,))


def at(line: int, end: int | None = None, side: Side = Side.RIGHT, path: str = FCT) -> Location:
    return Location(path, line, end or line, side)


def funnelled(findings: Iterable[Finding], reason: str | None = None, scope: Scope = Scope.FILE) -> Funnelled:
    return funnel(findings, CHANGESET, lambda _: reason, scope)


def test_worst_first_then_as_a_reader_goes() -> None:
    low = finding(severity=Severity.LOW, location=at(1))
    late = finding(location=at(9), evidence="late")
    early = finding(location=at(2), evidence="early")
    first = finding(location=at(9, path="a.sql"))
    worst = finding(severity=Severity.CRITICAL, location=at(99), evidence="worst")
    for order in ([low, late, early, first, worst], [worst, first, early, late, low]):
        assert funnelled(order).findings == (worst, first, early, late, low)


def test_of_one_line_the_best_proven_comes_first() -> None:
    claim = finding(source="agent:a", tier=Tier.ADVISORY, standard=Standard.COST)
    assert funnelled([claim, finding()]).findings == (finding(), claim)


def test_what_one_source_says_twice_counts_once() -> None:
    mild = finding(severity=Severity.LOW)
    result = funnelled([mild, finding(), mild])
    assert result.findings == (finding(),)
    assert [(drop.finding, drop.reason) for drop in result.suppressed] == [
        (mild, "repeats DBT001 (medium) of the same lines"),
        (mild, "repeats DBT001 (medium) of the same lines"),
    ]


def test_findings_alike_on_other_lines_are_numbered_by_line() -> None:
    result = funnelled([finding(location=at(9)), finding(location=at(3)), finding(location=at(5))])
    assert [(each.location.line, each.ordinal) for each in result.findings] == [(3, 0), (5, 1), (9, 2)]
    assert len({each.fingerprint for each in result.findings}) == 3


def test_an_agents_findings_alike_are_two_that_keep_their_numbers() -> None:
    """Two like lines, one claim on each: neither repeats the other, today or when a line above has moved them."""
    first, second = (finding(source="agent:data-engineer", tier=Tier.ADVISORY, location=at(line)) for line in (2, 6))
    assert first.fingerprint == second.fingerprint
    for order in ([first, second], [second, first]):
        result = funnelled(order)
        assert [(each.location.line, each.ordinal) for each in result.findings] == [(2, 0), (6, 1)]
        assert result.inline == {each.fingerprint for each in result.findings}
        assert (len(result.inline), result.suppressed) == (2, ())
    moved = [replace(each, location=at(each.location.line + 40)) for each in (first, second)]
    assert [each.fingerprint for each in funnelled(moved).findings] == [
        each.fingerprint for each in funnelled([first, second]).findings
    ]


def test_a_number_that_counts_findings_at_base_stays() -> None:
    """One was there before the change: the new one is the second, whether or not the old one is among the findings."""
    assert [each.ordinal for each in funnelled([finding(ordinal=1)]).findings] == [1]
    again = funnelled([finding(ordinal=1, location=at(2)), finding(ordinal=1, location=at(4))])
    assert [(each.location.line, each.ordinal) for each in again.findings] == [(2, 1), (4, 2)]


def test_a_line_inserted_above_keeps_every_fingerprint() -> None:
    before = funnelled([finding(location=at(line)) for line in (3, 5)])
    after = funnelled([finding(location=at(line + 30)) for line in (3, 5)])
    assert [each.fingerprint for each in before.findings] == [each.fingerprint for each in after.findings]


LINT = finding(source="sqlfluff:AM04", severity=Severity.LOW)


def test_two_tools_on_the_same_lines_are_merged() -> None:
    result = funnelled([LINT, finding()])
    assert result.findings == (finding(),)
    (drop,) = result.suppressed
    assert (drop.finding, drop.reason) == (LINT, "merged into DBT001 (medium), which says it of the same lines")


@pytest.mark.parametrize(
    "other",
    [
        finding(source="sqlfluff:AM04", standard=Standard.COST),
        finding(source="sqlfluff:AM04", location=at(3, 4)),
        finding(source="sqlfluff:AM04", location=at(3, side=Side.LEFT)),
        finding(source="rule:DBT002", evidence="another fact"),
    ],
    ids=["another standard", "other lines", "the other side", "the same tool"],
)
def test_what_says_something_else_is_kept(other: Finding) -> None:
    assert set(funnelled([finding(), other]).findings) == {finding(), other}


@pytest.mark.parametrize("at_one_place", [False, True])
def test_of_many_findings_each_is_held_against_few(at_one_place: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile report names ten thousand places, or one place ten thousand times."""
    found = [finding(location=at(1 if at_one_place else number), evidence=str(number)) for number in range(1, 501)]
    compared = 0
    equal = Location.__eq__

    def counted(one: Location, other: object) -> bool:
        nonlocal compared
        compared += 1
        return equal(one, other)

    monkeypatch.setattr(Location, "__eq__", counted)
    assert len(funnelled(found).findings) == 500
    assert compared <= 10 * len(found)


def test_no_merge_opens_the_gate() -> None:
    """A worse but unproven claim does not swallow the proof that blocks."""
    claim = finding(source="agent:a", severity=Severity.CRITICAL, tier=Tier.ADVISORY)
    proof = finding(severity=Severity.HIGH)
    assert funnelled([proof, claim]).findings == (claim, proof)


def test_what_is_suppressed_swallows_nothing() -> None:
    result = funnel([finding(), LINT], CHANGESET, lambda each: "waived" if each == finding() else None)
    assert result.findings == (LINT,)
    assert [(drop.finding, drop.reason) for drop in result.suppressed] == [(finding(), "waived")]


@pytest.mark.parametrize(
    ("where", "scopes"),
    [
        (at(4), {Scope.ADDED, Scope.DIFF_CONTEXT, Scope.FILE}),
        (at(3, 5), {Scope.ADDED, Scope.DIFF_CONTEXT, Scope.FILE}),
        (at(41, side=Side.LEFT), {Scope.ADDED, Scope.DIFF_CONTEXT, Scope.FILE}),
        (at(1), {Scope.DIFF_CONTEXT, Scope.FILE}),
        (at(20), {Scope.FILE}),
        (at(4, path="unchanged.sql"), {Scope.FILE}),
    ],
    ids=["added", "reaches an added line", "removed", "context", "elsewhere in the file", "another file"],
)
def test_scopes(where: Location, scopes: set[Scope]) -> None:
    for scope in Scope:
        result = funnelled([finding(location=where)], scope=scope)
        assert bool(result.findings) == (scope in scopes)
        if scope not in scopes:
            assert result.suppressed[0].reason == (
                f"outside the scope {scope.value}: the change does not touch its lines"
            )


@pytest.mark.parametrize(
    ("where", "inline"),
    [
        (at(1), True),
        (at(6), True),
        (at(7), False),
        (at(41, 45), True),
        (at(45, 46), False),
        (at(6, 41), False),
        (at(5, side=Side.LEFT), True),
        (at(6, side=Side.LEFT), False),
        (at(1, path="unchanged.sql"), False),
    ],
    ids=[
        "first line",
        "last line",
        "just after",
        "a whole hunk",
        "past its end",
        "across two hunks",
        "left side",
        "left side, after",
        "unchanged file",
    ],
)
def test_inline_only_where_one_hunk_shows_all_lines(where: Location, inline: bool) -> None:
    entry = finding(location=where)
    assert can_be_inline(entry, CHANGESET) is inline
    assert funnelled([entry]).inline == ({entry.fingerprint} if inline else frozenset())


def test_what_is_dropped_is_never_inline() -> None:
    assert funnelled([finding()], reason="waived").inline == frozenset()


def test_nothing_is_lost() -> None:
    sources = ("rule:DBT001", "rule:DBT002", "sqlfluff:AM04")
    several = [
        finding(source=source, location=at(line), severity=severity)
        for source in sources
        for line in (1, 1, 3, 20)
        for severity in (Severity.HIGH, Severity.LOW)
    ]
    for scope in Scope:
        result = funnel(several, CHANGESET, lambda each: "waived" if each.code == "DBT002" else None, scope)
        assert len(result.findings) + len(result.suppressed) == len(several)
        assert len({each.fingerprint for each in result.findings}) == len(result.findings)
        assert all(drop.reason for drop in result.suppressed)


def test_no_findings() -> None:
    assert funnelled([]) == Funnelled((), frozenset(), ())
