"""What is taken over from an earlier run, what is recognised of it, and what is kept for the next."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from review.domain.agent import Claim, Judged, Judgement, Question, Topic
from review.domain.changeset import Side
from review.domain.finding import Finding, Location, Standard, Tier
from review.reviewers.memory import Memory, Said
from review.reviewers.plan import Plan, plan
from review.reviewers.remember import Carried, carried, kept, recognised
from review.reviewers.setup import Change
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import artifact, change, in_turn, setup

A, B = "a/a.sql", "b/b.sql"
RULE = finding(location=Location(A, 1, 1))
CHANGE = change(artifact(A, "a\n", "b\nc\n"), artifact(B, "a\n", "b\n"), findings=[RULE])
KEY = b"the key"


def said(path: str, standard: Standard = Standard.COST, line: int = 1) -> Finding:
    return finding(source="agent:data-engineer", standard=standard, location=Location(path, line, line), title=path)


def judgement(standard: Standard, judged: Judged) -> Judgement:
    return Judgement(standard, judged, "Why.")


def key_of(path: str) -> str:
    return plan(CHANGE, setup(in_turn()), None).keys[path]


def spoken(*paths: str, judged: Judged = Judged.CONCERN) -> Said:
    """What one conversation about these files said."""
    return Said(frozenset(map(key_of, paths)), (judgement(Standard.COST, judged),))


def known(*reviewed: str, findings: tuple[Finding, ...] = (), **more: object) -> Memory:
    first = plan(CHANGE, setup(in_turn()), None)
    fields: dict[str, object] = {"rests_on": {}, "said": (), "questions": (), **more}
    return Memory(first.review, frozenset(map(key_of, reviewed)), findings, **fields)  # type: ignore[arg-type]


def taken_over(memory: Memory | None, made: Change = CHANGE) -> Carried:
    return carried(memory, plan(made, setup(in_turn()), memory), made)


def test_claims_on_files_that_are_as_they_were() -> None:
    memory = known(A, findings=(said(B), said(A), said(A, line=2)), rests_on={1: (RULE.fingerprint, "gone" * 4)})
    assert taken_over(memory).claims == (Claim(said(A), (RULE,)), Claim(said(A, line=2), ()))


def test_a_line_that_is_not_there_is_no_claim() -> None:
    """Only a state that we did not make says so: the file is the same."""
    memory = known(A, findings=(said(A, line=4), said(A, line=0), said("c.sql"), said(A, line=2)))
    assert taken_over(memory).claims == (Claim(said(A, line=2)),)


@pytest.mark.parametrize("judged", Judged)
def test_what_was_said_of_the_standards_holds_as_long_as_all_of_its_files_do(judged: Judged) -> None:
    """A conversation speaks of its files together: one that changed may be the one that it spoke of."""
    of_a, of_b, of_both = (spoken(*paths, judged=judged) for paths in ((A,), (B,), (A, B)))
    assert taken_over(known(A, said=(of_b, of_both, of_a))).said == (of_a,)
    assert taken_over(known(B, said=(of_b, of_both, of_a))).said == (of_b,)
    assert taken_over(known(A, B, said=(of_b, of_both, of_a))).said == (of_b, of_both, of_a)


def test_what_was_said_of_a_file_is_gone_once_it_changes() -> None:
    changed = change(artifact(A, "a\n", "other\n"), artifact(B, "a\n", "b\n"), findings=[RULE])
    found = taken_over(known(A, B, said=(spoken(A), spoken(B))), changed)
    assert found.said == (spoken(B),)


def test_questions_about_files_that_are_as_they_were_and_about_the_whole() -> None:
    questions = tuple(Question(Topic.VOLUME, "How much?", "", path) for path in (A, B, ""))
    found = taken_over(known(A, questions=questions))
    assert [question.path for question in found.questions] == [A, ""]


EVERYTHING: dict[str, Any] = {
    "findings": (said(A),),
    "said": (spoken(A),),
    "questions": (Question(Topic.VOLUME, "How much?", ""),),
}


def test_of_another_reviewer_nothing_is_taken_over() -> None:
    memory = known(A, **EVERYTHING)
    assert taken_over(memory) != Carried()
    assert taken_over(replace(memory, review="another")) == Carried()


def test_where_no_file_is_as_it_was_and_without_a_memory_nothing_is_taken_over() -> None:
    assert taken_over(known(**EVERYTHING)) == Carried()
    assert taken_over(None) == Carried() == Carried((), (), ())


# Recognised

BEFORE = "select a,\n  sum(b) as b\nfrom t\njoin u using (a)\ngroup by 1\n"
NAME = "m/a.sql"


def claimed(line: int, of: str, standard: Standard = Standard.COST, **changes: Any) -> Finding:
    """A finding with the identity that the checks give it: the line it stands on, and the standard."""
    anchor = " ".join(of.split("\n")[line - 1].split())
    fields: dict[str, Any] = {
        "source": "agent:data-engineer",
        "standard": standard,
        "tier": Tier.CORROBORATED,
        "location": Location(NAME, line, line),
        "evidence": f"{standard.value}: {anchor}",
    }
    return finding(**{**fields, **changes})


def again(
    *claims: Finding, earlier: Sequence[Finding], text: str = BEFORE, base: str | None = None, old: str | None = None
) -> list[Finding]:
    """The claims of a run that looks at the file anew, after one that said `earlier`."""
    made = change(artifact(NAME, base, text, old_path=old))
    memory = Memory("any", frozenset(), tuple(earlier), {}, (), ())
    found = recognised([Claim(each, (RULE,)) for each in claims], memory, made)
    assert [each.rests_on for each in found] == [(RULE,)] * len(claims)
    return [each.finding for each in found]


def test_without_a_memory_every_claim_is_new() -> None:
    claims = [Claim(claimed(4, BEFORE)), Claim(claimed(2, BEFORE))]
    assert recognised(claims, None, change(artifact(NAME, None, BEFORE))) == tuple(claims)
    assert again(claimed(4, BEFORE), earlier=[]) == [claimed(4, BEFORE)]


@pytest.mark.parametrize("line", [1, 2, 3, 4, 5])
def test_what_is_said_again_near_its_line_is_the_finding_of_then(line: int) -> None:
    earlier = claimed(4, BEFORE, symbol="daily")
    (found,) = again(claimed(line, BEFORE, title="Other words"), earlier=[earlier])
    assert found.fingerprint == earlier.fingerprint
    assert (found.evidence, found.symbol) == (earlier.evidence, "daily")
    assert (found.title, found.location.line) == ("Other words", line), "all but its identity is what is said now"


def test_wherever_its_line_is_by_now() -> None:
    moved = "-- one\n-- two\n" * 5 + BEFORE
    earlier = claimed(4, BEFORE)
    (found,) = again(claimed(13, moved), earlier=[earlier], text=moved)
    assert found.fingerprint == earlier.fingerprint
    (other,) = again(claimed(4, moved), earlier=[earlier], text=moved)
    assert other.fingerprint != earlier.fingerprint


@pytest.mark.parametrize(
    ("now", "is_again"),
    [
        (claimed(4, BEFORE, Standard.SCALABILITY), True),
        (claimed(3, BEFORE, Standard.SCALABILITY, location=Location(NAME, 3, 4)), True),
        (claimed(3, BEFORE, Standard.SCALABILITY), False),
        (claimed(5, BEFORE, Standard.SCALABILITY), False),
    ],
    ids=["its line", "lines with it", "the line above", "the line below"],
)
def test_under_another_standard_it_is_the_same_on_its_very_line(now: Finding, is_again: bool) -> None:
    earlier = claimed(4, BEFORE)
    (found,) = again(now, earlier=[earlier])
    assert (found.fingerprint == earlier.fingerprint) is is_again
    assert found.standard is Standard.SCALABILITY


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        (claimed(4, BEFORE), BEFORE.replace("using (a)", "using (b)")),
        (claimed(4, BEFORE), BEFORE.replace("join u using (a)\n", "")),
        (replace(claimed(4, BEFORE), location=Location("m/b.sql", 4, 4)), BEFORE),
        (replace(claimed(4, BEFORE), location=Location(NAME, 4, 4, Side.LEFT)), BEFORE),
    ],
    ids=["another line", "a line that is gone", "another file", "the other version"],
)
def test_of_what_is_not_there_any_more_nothing_is_said_again(earlier: Finding, text: str) -> None:
    now = claimed(4, text)
    assert again(now, earlier=[replace(earlier, symbol="daily")], text=text) == [now]


def test_four_lines_away_it_is_another() -> None:
    text = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
    earlier = claimed(5, text)
    same = [
        again(claimed(line, text), earlier=[earlier], text=text)[0].evidence == earlier.evidence
        for line in range(1, 10)
    ]
    assert same == [False, *[True] * 7, False]


def test_blanks_make_no_other_line_and_secrets_stay_out() -> None:
    secret = "ghp_" + "a1B2" * 9
    text = f"select 1\n   token   = '{secret}'\n"
    earlier = claimed(2, "select 1\ntoken = '(redacted)'\n")
    (found,) = again(claimed(1, text), earlier=[earlier], text=text)
    assert found.fingerprint == earlier.fingerprint
    assert secret not in found.evidence


def test_each_finding_of_then_is_said_again_once() -> None:
    earlier = claimed(4, BEFORE)
    first, second = again(claimed(3, BEFORE), claimed(5, BEFORE), earlier=[earlier])
    assert first.fingerprint == earlier.fingerprint
    assert second == claimed(5, BEFORE)


def test_of_several_the_one_of_its_standard() -> None:
    cost, testing = claimed(4, BEFORE), claimed(4, BEFORE, Standard.TESTING)
    for earlier in ([cost, testing], [testing, cost]):
        found = again(claimed(4, BEFORE, Standard.TESTING), claimed(4, BEFORE), earlier=earlier)
        assert [each.fingerprint for each in found] == [testing.fingerprint, cost.fingerprint]


def test_two_places_alike_stay_two() -> None:
    text = "from t\njoin u using (a)\nwhere x\nunion all\nfrom t\njoin u using (a)\nwhere y\n"
    pair = [claimed(2, text), claimed(6, text)]
    assert again(*pair, earlier=pair, text=text) == pair


def test_a_file_that_was_renamed_since_keeps_its_findings() -> None:
    earlier = replace(claimed(4, BEFORE), location=Location("m/old.sql", 4, 4))
    (found,) = again(claimed(4, BEFORE), earlier=[earlier], base=BEFORE, old="m/old.sql")
    assert found.fingerprint == earlier.fingerprint
    assert (found.identity_path, found.location.path) == ("m/old.sql", NAME)
    renamed = replace(earlier, location=Location(NAME, 4, 4), identity_path="m/older.sql")
    (found,) = again(claimed(4, BEFORE), earlier=[renamed], base=BEFORE, old="m/old.sql")
    assert (found.identity_path, found.fingerprint) == ("m/older.sql", renamed.fingerprint)


def test_of_the_old_version_what_is_said_of_it() -> None:
    left = Location(NAME, 4, 4, Side.LEFT)
    earlier = claimed(4, BEFORE, location=left)
    (found,) = again(claimed(3, BEFORE, location=replace(left, line=3)), earlier=[earlier], text="x\n", base=BEFORE)
    assert found.fingerprint == earlier.fingerprint


# Kept


def plan_of(memory: Memory | None = None) -> Plan:
    return plan(CHANGE, setup(in_turn()), memory)


def test_what_is_kept_is_found_by_the_next_run() -> None:
    claims = (Claim(said(B)), Claim(said(A), (RULE,)))
    of_both = (spoken(A), spoken(A, B))
    questions = (Question(Topic.VOLUME, "How much?", "It decides.", A),)
    memory = Memory.decoded(kept(plan_of(), [A, B], claims, of_both, questions, KEY), KEY)
    assert memory is not None
    found = plan_of(memory)
    assert (found.clusters, found.carried) == ((), (A, B))
    assert carried(memory, found, CHANGE) == Carried(claims, of_both, questions)


def test_only_what_was_reviewed_is_kept() -> None:
    memory = Memory.decoded(kept(plan_of(), [B], (), (spoken(A), spoken(A, B), spoken(B)), (), KEY), KEY)
    assert memory is not None
    assert plan_of(memory).carried == (B,)
    assert memory.said == (spoken(B),)


def test_what_was_carried_is_carried_on() -> None:
    memory = Memory.decoded(kept(plan_of(known(A)), [], (), (spoken(A),), (), KEY), KEY)
    assert memory is not None
    assert plan_of(memory).carried == (A,)
    assert memory.said == (spoken(A),)


def test_where_nothing_was_reviewed_nothing_is_kept() -> None:
    assert kept(plan_of(), [], (Claim(said(A)),), (), (), KEY) == ""
    assert kept(plan_of(), ["of another change.sql"], (), (), (), KEY) == ""
    assert kept(plan_of(), [A], (), (), (), b"") == ""


@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_exactly_the_same_goes_before_what_is_like_it(is_first: bool) -> None:
    """Else the other would take its identity, and the two be merged into one."""
    earlier = claimed(4, BEFORE, Standard.DATA_QUALITY)
    same, other = claimed(4, BEFORE, Standard.DATA_QUALITY), claimed(4, BEFORE, title="New")
    order = [same, other] if is_first else [other, same]
    assert again(*order, earlier=[earlier]) == order
    assert same.fingerprint == earlier.fingerprint != other.fingerprint


def test_of_places_alike_the_ordinal_of_then_does_not_matter() -> None:
    same, other = claimed(4, BEFORE), claimed(3, BEFORE)
    assert again(other, same, earlier=[same.with_ordinal(2)]) == [other, same]
