"""Every case of what may stand on a pull request when a review is made of it, in one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from review.domain.agent import AgentReport, Asked
from review.domain.artifact import Kind
from review.domain.changeset import Side, Status
from review.domain.conversation import Account, Thread
from review.domain.evidence import Stage
from review.domain.finding import Finding, Location, Standard
from review.domain.verdict import Review, Suppressed
from review.publish.reconcile import Close, Delete, Finish, Plan, Post, Retire, Step, reconcile
from review.render import markers
from tests.unit.publish.conversations import US, answered, closed, first_body, ours, outdated, resolved, theirs
from tests.unit.render.builders import FCT, artifact, changed, finding, review, skipped

OTHER = "models/other.sql"
A = finding(evidence="a")
B = finding(evidence="b", location=Location(FCT, 5, 6))
LINT = finding(source="sqlfluff:AM04", standard=Standard.COST, evidence="select *")
AGENT = finding(source="agent:data-engineer", evidence="as it said it first", location=Location(FCT, 4, 6))
REWORDED = replace(AGENT, evidence="in other words", location=Location(FCT, 6, 8))
ELSEWHERE = replace(AGENT, evidence="in other words", location=Location(FCT, 8, 9))
OTHERWISE = replace(AGENT, evidence="in other words", standard=Standard.COST)
MOVED = replace(A, location=Location(FCT, 9, 9))
RENAMED = replace(A, location=Location(OTHER, 3, 3), identity_path=FCT)
OUT_OF_DIFF = replace(A, location=Location(FCT, 500, 500))
SEEN = (artifact(FCT, Kind.DBT_MODEL),)
ASKED = AgentReport("data-engineer", "claude-sonnet-5", Asked.REVIEWED)


def whole(findings: Sequence[Finding] = (), **changes: Any) -> Review:
    """A review that looked at the one file, unless a case says otherwise."""
    return review(findings, **{"artifacts": SEEN, "agent": ASKED, **changes})


def old_form(entry: Finding, number: int = 1) -> Thread:
    """A comment whose marker has the fingerprint alone."""
    return first_body(ours(entry, number), f"x\n<!-- data-review:finding {entry.fingerprint} -->")


def retired(entry: Finding) -> Thread:
    """A comment whose place another one took."""
    return first_body(ours(entry), f"x\n{markers.retired_marker(entry.fingerprint)}")


@dataclass(frozen=True)
class Case:
    """What is found and what stands there, and what is to be done."""

    name: str
    review: Review
    threads: Sequence[Thread] = ()
    steps: Sequence[str] = ()
    posted: Mapping[str, int] = field(default_factory=dict)
    wanted: Sequence[Finding] | None = None
    """The findings that belong on their lines; all whose lines the diff shows by default."""
    folded: frozenset[int] = frozenset()


DEAD = {A.fingerprint: 1}
RULES_GAP = skipped(FCT, "the parser did not answer")
CASES = [
    Case("new", whole([A]), [], ["post a"]),
    Case("new, beyond the limit of comments", whole([A]), [], [], wanted=[]),
    Case("new, not on the diff", whole([OUT_OF_DIFF]), [], []),
    Case("open", whole([A]), [ours(A)], []),
    Case("open, old marker", whole([A]), [old_form(A)], []),
    Case("open, beyond the limit of comments", whole([A]), [ours(A)], [], wanted=[]),
    Case("open beside new", whole([A, B]), [ours(A)], ["post b"]),
    Case("moved: GitHub moves the thread", whole([MOVED]), [ours(A)], []),
    Case("outdated, still found on the diff: follows", whole([MOVED]), [outdated(ours(A))], ["post a"]),
    Case("followed: the old one is retired", whole([MOVED]), [outdated(ours(A)), ours(MOVED, 2)], ["retire 1"]),
    Case(
        "followed, a reply came meanwhile",
        whole([MOVED]),
        [answered(outdated(ours(A)), "Why?"), ours(MOVED, 2)],
        ["retire 1"],
    ),
    Case("outdated, a person answered", whole([MOVED]), [answered(outdated(ours(A)), "On it.")], []),
    Case("outdated, an app answered", whole([MOVED]), [answered(outdated(ours(A)), "Hm.", by="other[bot]")], []),
    Case("outdated, found off the diff", whole([OUT_OF_DIFF]), [outdated(ours(A))], []),
    Case("outdated, beyond the limit of comments", whole([MOVED]), [outdated(ours(A))], [], wanted=[]),
    Case("retired does not stand", whole([A]), [resolved(retired(A), US)], ["post a"]),
    Case("retired, stopped before it was folded away", whole([A]), [retired(A), ours(A, 2)], ["finish 1"]),
    Case("retired, a person wrote in it", whole([A]), [answered(retired(A), "Why?"), ours(A, 2)], []),
    Case("fixed", whole(), [ours(A)], ["close gone 1"]),
    Case("fixed, old marker", whole(), [old_form(A)], ["close gone 1"]),
    Case("fixed, outdated", whole(), [outdated(ours(A))], ["close gone 1"]),
    Case("fixed, a person answered", whole(), [answered(ours(A), "On it.")], ["close gone 1"]),
    Case("fixed, said already and resolved", whole(), [closed(A)], []),
    Case(
        "fixed, stopped before it was resolved", whole(), [closed(A, is_resolved=False, can_resolve=True)], ["finish 1"]
    ),
    Case("fixed, stopped before it was folded away", whole(), [closed(A, is_resolved=False)], ["finish 1"]),
    Case(
        "fixed, then opened again by a person with a word",
        whole(),
        [answered(closed(A, is_resolved=False, can_resolve=True), "No, it is not.")],
        [],
    ),
    Case(
        "fixed, then opened again by a person with our own words",
        whole(),
        [answered(closed(A, is_resolved=False, can_resolve=True), f"> x\n{markers.closed_marker(A.fingerprint)}")],
        [],
    ),
    Case(
        "fixed, then opened again by a person without a word",
        whole(),
        [closed(A, is_resolved=False, can_resolve=True)],
        [],
        folded=frozenset({1}),
    ),
    Case("retired, then opened again", whole([A]), [retired(A), ours(A, 2)], [], folded=frozenset({1})),
    Case("fixed, and the fix reverted: a new thread", whole([A]), [closed(A)], ["post a"]),
    Case("fixed, reverted, posted anew", whole([A]), [closed(A), ours(A, 2)], []),
    Case("fixed again", whole(), [closed(A), ours(A, 2)], ["close gone 2"]),
    Case(
        "the file is deleted",
        whole(artifacts=[artifact(FCT, Kind.DBT_MODEL, file=changed(FCT, status=Status.DELETED), head=None)]),
        [ours(A)],
        ["close gone 1"],
    ),
    Case(
        "the file is in the change no more",
        whole(artifacts=[artifact(OTHER, Kind.DBT_MODEL)]),
        [ours(A)],
        ["close left 1"],
    ),
    Case("nothing is in the change any more", review(), [ours(A)], ["close left 1"]),
    Case(
        "suppressed by the policy",
        whole(suppressed=[Suppressed(A, "waived until 2027-01-01 by dba")]),
        [ours(A)],
        ["close suppressed 1: waived until 2027-01-01 by dba"],
    ),
    Case("suppressed, said already", whole(suppressed=[Suppressed(A, "waived")]), [closed(A)], []),
    Case("suppressed no more", whole([A]), [closed(A)], ["post a"]),
    Case(
        "suppressed, worded anew",
        whole(suppressed=[Suppressed(REWORDED, "ignored")]),
        [ours(AGENT)],
        ["close suppressed 1: ignored"],
    ),
    Case("the rules did not get through the file", whole(skips=[RULES_GAP]), [ours(A)], []),
    Case(
        "a rule of another standard did not",
        whole(skips=[replace(RULES_GAP, standards=("cost",))]),
        [ours(A)],
        ["close gone 1"],
    ),
    Case(
        "a rule of this standard did not", whole(skips=[replace(RULES_GAP, standards=("data-quality",))]), [ours(A)], []
    ),
    Case("the rules did not, sqlfluff did", whole(skips=[RULES_GAP]), [ours(LINT)], ["close gone 1"]),
    Case("sqlfluff did not", whole(skips=[replace(RULES_GAP, stage=Stage.LINT.value)]), [ours(LINT)], []),
    Case(
        "sqlfluff did not, the rules did",
        whole(skips=[replace(RULES_GAP, stage=Stage.LINT.value)]),
        [ours(A)],
        ["close gone 1"],
    ),
    Case(
        "sqlfluff's own configuration is unreadable",
        whole(skips=[skipped(".sqlfluff", "x", stage=Stage.LINT.value)]),
        [ours(LINT)],
        [],
    ),
    Case(
        "more findings than are kept of the file",
        whole(skips=[skipped(FCT, "x", stage=Stage.FINDINGS.value)]),
        [ours(LINT)],
        [],
    ),
    Case(
        "another file was skipped",
        whole(skips=[skipped(OTHER, "x")], artifacts=[*SEEN, artifact(OTHER, Kind.DBT_MODEL)]),
        [ours(A)],
        ["close gone 1"],
    ),
    Case("a rule broke for all files", whole(skips=[skipped("DBT001", "it crashed")]), [ours(A)], []),
    Case("the file could not be read", whole(skips=[skipped(FCT, "x", stage=Stage.INTAKE.value)]), [ours(A)], []),
    Case(
        "the file is generated now",
        whole(
            artifacts=[],
            files=[changed(FCT)],
            skips=[skipped(FCT, "generated", stage=Stage.CLASSIFY.value, harmless=True)],
        ),
        [ours(A)],
        [],
    ),
    Case("the policy leaves the file out now", whole(artifacts=[], files=[changed(FCT)]), [ours(A)], []),
    Case("something was skipped, old marker", whole(skips=[RULES_GAP]), [old_form(A)], []),
    Case("the agent was not asked", whole(agent=None), [ours(AGENT)], []),
    Case("the agent was not asked, old marker", whole(agent=None), [old_form(A)], []),
    Case("the agent did not finish", whole(agent=replace(ASKED, asked=Asked.INCOMPLETE)), [ours(AGENT)], []),
    Case("the agent was not needed", whole(agent=replace(ASKED, asked=Asked.NOT_NEEDED)), [ours(AGENT)], []),
    Case("another agent was asked", whole(agent=replace(ASKED, agent="cost-hawk")), [ours(AGENT)], []),
    Case(
        "the agent did not see the file", whole(skips=[skipped(FCT, "x", stage=Stage.AGENT.value)]), [ours(AGENT)], []
    ),
    Case("the agent says it no more", whole(), [ours(AGENT)], ["close gone 1"]),
    Case(
        "the agent's answers are reused",
        whole(agent=replace(ASKED, asked=Asked.REUSED)),
        [ours(AGENT)],
        ["close gone 1"],
    ),
    Case("worded anew, on lines that overlap", whole([REWORDED]), [ours(AGENT)], []),
    Case("worded anew, of a thread that a person resolved", whole([REWORDED]), [resolved(ours(AGENT))], []),
    Case("worded anew, elsewhere", whole([ELSEWHERE]), [ours(AGENT)], ["post in other words", "close gone 1"]),
    Case("another standard", whole([OTHERWISE]), [ours(AGENT)], ["post in other words", "close gone 1"]),
    Case(
        "worded anew, on the other side",
        whole([replace(REWORDED, location=Location(FCT, 6, 6, Side.LEFT))]),
        [ours(AGENT)],
        ["post in other words", "close gone 1"],
    ),
    Case(
        "one thread is one finding", whole([REWORDED, replace(REWORDED, evidence="also")]), [ours(AGENT)], ["post also"]
    ),
    Case(
        "a rule's finding is never the same in other words",
        whole([replace(A, evidence="b")]),
        [ours(A)],
        ["post b", "close gone 1"],
    ),
    Case("resolved by a person", whole([A]), [resolved(ours(A))], []),
    Case("resolved by a person, outdated", whole([MOVED]), [resolved(outdated(ours(A)))], []),
    Case("resolved by a person, and fixed", whole(), [resolved(ours(A))], []),
    Case("resolved by a person, a second stands", whole([A]), [ours(A, 1), resolved(ours(A, 2))], ["delete 1"]),
    Case("edited, marker kept", whole([A]), [first_body(ours(A), f"I disagree\n{markers.finding_marker(A)}")], []),
    Case("edited, marker gone", whole([A]), [first_body(ours(A), "nothing")], [], DEAD),
    Case("deleted", whole([A]), [], [], DEAD),
    Case("deleted, and another state", whole([A]), [], ["post a"], {B.fingerprint: 1}),
    Case("closed by us before the state was written", whole([A]), [closed(A)], ["post a"], DEAD),
    Case("deleted, and replies were left", whole([A]), [theirs("I disagree", 101)], [], DEAD),
    Case("rebased or force-pushed", whole([A], files=None), [ours(A)], []),
    Case(
        "renamed: GitHub keeps the old path",
        whole(
            [RENAMED],
            artifacts=[artifact(OTHER, Kind.DBT_MODEL, file=changed(OTHER, status=Status.RENAMED, old_path=FCT))],
        ),
        [outdated(ours(A))],
        ["post a"],
    ),
    Case(
        "renamed and fixed",
        whole(artifacts=[artifact(OTHER, Kind.DBT_MODEL, file=changed(OTHER, status=Status.RENAMED, old_path=FCT))]),
        [outdated(ours(A))],
        ["close gone 1"],
    ),
    Case("two runs at once", whole([A]), [ours(A, 3), ours(A, 2), ours(A, 4)], ["delete 3", "delete 4"]),
    Case("two runs at once, answered", whole([A]), [ours(A, 2), answered(ours(A, 3), "Why?")], ["retire 3"]),
    Case("two runs at once, and fixed", whole(), [ours(A, 3), ours(A, 2)], ["close gone 2", "delete 3"]),
    Case("somebody else's marker", whole([A]), [first_body(ours(A), ours(A).first.body, "eve")], ["post a"]),
    Case("somebody else's marker, and fixed", whole(), [first_body(ours(A), ours(A).first.body, "eve")], []),
    Case(
        "a forged end", whole(), [answered(ours(A), markers.closed_marker(A.fingerprint), by="eve")], ["close gone 1"]
    ),
    Case("a deleted account's marker", whole([A]), [first_body(ours(A), ours(A).first.body, "")], ["post a"]),
    Case("threads of people", whole([A]), [theirs()], ["post a"]),
    Case("only REST was to be had, open", whole([A]), [ours(A, node="")], []),
    Case("only REST was to be had, outdated", whole([MOVED]), [outdated(ours(A, node=""))], []),
    Case("only REST was to be had, fixed", whole(), [ours(A, node="")], []),
    Case("a thread too long to be read", whole(), [ours(A, is_whole=False)], []),
]


def said(step: Step) -> str:
    match step:
        case Post(entry):
            return f"post {entry.evidence}"
        case Close(thread, over, reason):
            return f"close {over.value} {thread.id}" + (f": {reason}" if reason else "")
        case Finish(thread):
            return f"finish {thread.id}"
        case Retire(thread):
            return f"retire {thread.id}"
        case Delete(thread):
            return f"delete {thread.id}"


def plan(case: Case) -> Plan:
    made = case.review
    wanted = [each for each in made.findings if each.fingerprint in made.inline]
    earlier = Account(posted=case.posted, folded=case.folded)
    return reconcile(made, wanted if case.wanted is None else case.wanted, case.threads, US, earlier)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_steps(case: Case) -> None:
    assert [said(step) for step in plan(case).steps] == list(case.steps)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_order_of_threads_makes_no_difference(case: Case) -> None:
    other = replace(case, threads=list(reversed(case.threads)))
    assert sorted(map(said, plan(other).steps)) == sorted(map(said, plan(case).steps))
    assert plan(other).account == plan(case).account


@pytest.mark.parametrize(
    ("case", "commented", "dismissed", "removed", "gone"),
    [
        ("open", {A}, {}, set(), 0),
        ("resolved by a person", set(), {A: "ana"}, set(), 0),
        ("resolved by a person, and fixed", set(), {}, set(), 0),
        ("deleted", set(), {}, {A}, 0),
        ("outdated, a person answered", set(), {}, set(), 0),
        ("fixed", set(), {}, set(), 1),
        ("fixed, said already and resolved", set(), {}, set(), 1),
        ("fixed again", set(), {}, set(), 1),
        ("fixed, reverted, posted anew", {A}, {}, set(), 0),
        ("suppressed by the policy", set(), {}, set(), 0),
        ("suppressed, said already", set(), {}, set(), 0),
        ("worded anew, on lines that overlap", {REWORDED}, {}, set(), 0),
        ("worded anew, of a thread that a person resolved", set(), {REWORDED: "ana"}, set(), 0),
    ],
)
def test_the_account(
    case: str, commented: set[Finding], dismissed: dict[Finding, str], removed: set[Finding], gone: int
) -> None:
    account = plan(next(each for each in CASES if each.name == case)).account
    assert account.commented == {each.fingerprint for each in commented}
    assert account.dismissed == {each.fingerprint: by for each, by in dismissed.items()}
    assert account.removed == {each.fingerprint for each in removed}
    assert account.gone == gone


def test_what_the_next_run_has_to_know() -> None:
    posted = {A.fingerprint: 1, B.fingerprint: 2, "f" * 16: 3}
    account = plan(Case("", whole([A, B]), [ours(A, 1), closed(LINT, 3)], posted=posted)).account
    assert account.posted == {A.fingerprint: 1, B.fingerprint: 2}
    assert account.removed == {B.fingerprint}
    later = plan(Case("", whole([B]), [ours(A, 1)], posted=account.posted))
    assert [said(step) for step in later.steps] == ["close gone 1"]
    assert later.account.removed == {B.fingerprint}


@pytest.mark.parametrize(
    ("unseen", "standing"),
    [
        (whole(skips=[RULES_GAP]), ours(A)),
        (whole(), resolved(ours(A))),
        (whole(), ours(A, node="")),
    ],
    ids=["not looked at", "resolved by a person, and fixed", "only REST was to be had"],
)
def test_a_comment_is_remembered_as_long_as_it_stands_there(unseen: Review, standing: Thread) -> None:
    """Somebody may delete it after a run that did not find its finding, and before one that does."""
    between = plan(Case("", unseen, [standing], posted=DEAD)).account
    assert between.posted == DEAD
    after = plan(Case("", whole([A]), [], posted=between.posted))
    assert (after.steps, after.account.removed) == ((), {A.fingerprint})


def test_which_threads_were_folded_away_is_remembered_while_they_stand() -> None:
    threads = [closed(A, 1), closed(B, 2, is_resolved=False), resolved(retired(LINT), US), resolved(ours(AGENT, 4))]
    found = plan(Case("", whole(), threads, folded=frozenset({2, 9}))).account.folded
    assert found == {1, 2}, "the retired one has the number 1, too; a person resolved 4, and 9 is gone"
