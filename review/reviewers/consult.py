"""Ask the agent about the change: what comes back has been held against the code and has been before the sceptic.

Never raises because of the model: what it did not say, and why, is among the skips.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from review.domain.agent import AgentReport, Asked, Claim, Question
from review.domain.consulted import Consulted
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Standard
from review.domain.severity import Severity
from review.domain.verdict import Suppressed
from review.errors import ModelError
from review.reviewers.answer import Answer, read_review
from review.reviewers.brief import HARNESS, SCEPTIC
from review.reviewers.checks import Checked, Key, check, without_edit
from review.reviewers.clamp import Standing, clamp
from review.reviewers.clusters import Cluster
from review.reviewers.conversation import TURNS, Limits, converse
from review.reviewers.leaks import Prompts
from review.reviewers.memory import Memory, Said
from review.reviewers.plan import Plan, forecast, plan, requests
from review.reviewers.remember import Carried, carried, kept, recognised
from review.reviewers.sceptic import Outcome, Refuted, verify
from review.reviewers.session import Announcing, Mute, Session, Stop
from review.reviewers.setup import Change, ParseEdits, Setup
from review.reviewers.side_by_side import SideBySide
from review.reviewers.tools import Toolbox, tools_of
from review.reviewers.wording import (
    announcement,
    cut,
    questions_worth_asking,
    standards_judged,
    unnamed,
    unsent,
    unverified,
    what_holds,
)

UNREADABLE = "could not be read"
SAID_TWICE = "it was said twice"
UNPROVEN = "it lies outside the change, and nothing proves it"


@dataclass(frozen=True)
class Heard:
    """What one cluster's conversation gave."""

    cluster: Cluster
    answer: Answer | None
    error: ModelError | None


def consult(change: Change, setup: Setup, parse_edits: ParseEdits) -> Consulted:
    """Everything the agent has to say of the change that may be published, and what it did not look at."""
    memory = setup.recall()
    planned = plan(change, setup, memory)
    if not planned.keys:
        return Consulted(AgentReport(setup.agent.name, setup.voice.model, Asked.NOT_NEEDED))
    if not planned.clusters:
        assert memory is not None
        return _reused(change, setup, planned, memory)
    bodies = requests(planned, change, setup)
    setup.announce(announcement(planned, forecast(bodies, planned.with_tools, setup.price)))
    stop = Stop()
    limits = Limits(setup.ledger, time.monotonic() + setup.seconds, setup.voice.max_tokens, stop)
    prompts = Prompts.of((HARNESS, SCEPTIC, setup.agent.body, setup.verifier.body), (planned.sign, *setup.secrets))
    try:
        model = setup.connect()
    except ModelError as error:
        model = Mute(error)
    session = Session(change, setup, planned, model, limits, stop, prompts)
    heard = _ask_all(session, bodies)
    checked, dropped = _held_against_the_code(session, heard, parse_edits)
    verified = _before_the_sceptic(session, checked)
    old = carried(memory, planned, change)
    judged = _judged(session, heard, checked, verified, memory, old)
    return _put_together(session, heard, judged, verified, dropped, old)


def _ask_all(session: Session, bodies: Sequence[Mapping[str, Any]]) -> list[Heard]:
    """One conversation for each cluster, some side by side."""
    planned, setup = session.planned, session.setup
    turns = min(setup.agent.max_turns or TURNS, TURNS)

    def ask(number: int, answered: Callable[[], None]) -> Heard:
        cluster = planned.clusters[number]
        toolbox = Toolbox(session.change.shelf, tools_of(setup.agent)) if planned.with_tools else None
        model = Announcing(session.model, answered)
        try:
            answer = read_review(converse(model, bodies[number], toolbox, session.limits, turns))
            heard = Heard(cluster, answer, None)
        except ModelError as error:
            heard = Heard(cluster, None, error)
        session.stop.note(heard.error)
        return heard

    return SideBySide(ask, setup.at_once).run(range(len(bodies)))


def _held_against_the_code(
    session: Session, heard: Iterable[Heard], parse_edits: ParseEdits
) -> tuple[list[Checked], Counter[str]]:
    """The claims that stand in the code, each once, and why the others were dropped. Edits that break a file go."""
    facts = {fact.id: fact for fact in session.planned.facts}
    subjects = session.change.subjects
    found: dict[Key, Checked] = {}
    dropped: Counter[str] = Counter()
    for answer in (each.answer for each in heard if each.answer is not None):
        dropped[UNREADABLE] += answer.malformed
        for draft in answer.drafts:
            result = check(draft, session.source, subjects, facts, session.prompts)
            if isinstance(result, str):
                dropped[result] += 1
            elif result.key in found:
                dropped[SAID_TWICE] += 1
            else:
                found[result.key] = result
    edited = [checked for checked in found.values() if checked.edited]
    verdicts = parse_edits([(subjects[each.finding.location.path].artifact, each.edited) for each in edited])
    broken = {checked.key for checked, why in zip(edited, verdicts, strict=True) if why}
    return [without_edit(each) if key in broken else each for key, each in found.items()], dropped


@dataclass
class _Verified:
    """What the sceptic made of the claims, and of which it was not heard."""

    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    errors: dict[Key, ModelError] = field(default_factory=dict)
    spared: set[Key] = field(default_factory=set)
    """Claims of low severity that were left unverified for lack of money."""


def _before_the_sceptic(session: Session, checked: Sequence[Checked]) -> _Verified:
    """Every claim verified, the worst first, some side by side."""
    found = _Verified()

    def ask(each: Checked, answered: Callable[[], None]) -> Outcome:
        if each.finding.severity is Severity.LOW and session.limits.ledger.is_soft:
            found.spared.add(each.key)
            return Standing.UNVERIFIED
        model = Announcing(session.model, answered)
        change, setup, planned = session.change, session.setup, session.planned
        result, error = verify(model, each, change, setup, planned, session.limits, session.prompts)
        session.stop.note(error)
        if error is not None:
            found.errors[each.key] = error
        return result

    worst_first = sorted(checked, key=lambda each: each.finding.severity.rank)
    results = SideBySide(ask, session.setup.at_once).run(worst_first)
    found.outcomes.update(zip((each.key for each in worst_first), results, strict=True))
    return found


@dataclass(frozen=True)
class _Judged:
    """What is left of the claims after the sceptic."""

    claims: tuple[Claim, ...]
    refuted: tuple[Suppressed, ...]
    questions: tuple[Question, ...]
    """All that are worth asking, whoever asks them."""
    open: frozenset[Standard]
    """Of the claims that became a question."""
    unproven: int
    """Claims that nothing holds up."""


def _judged(
    session: Session,
    heard: Iterable[Heard],
    checked: Sequence[Checked],
    verified: _Verified,
    memory: Memory | None,
    old: Carried,
) -> _Judged:
    """The claims with the weight they may have. One that became a question nobody will see stays, unverified."""
    outcomes = verified.outcomes
    asked = {each.key: result for each in checked if isinstance(result := outcomes[each.key], Question)}
    others = [question for each in heard if each.answer is not None for question in each.answer.questions]
    change = session.change
    questions = questions_worth_asking(
        [*asked.values(), *others, *old.questions], change.about.context, change.subjects, session.prompts
    )
    claims: list[Claim] = []
    refuted: list[Suppressed] = []
    open_: set[Standard] = set()
    unproven = 0
    for each in checked:
        result = outcomes[each.key]
        if isinstance(result, Refuted):
            said = ("refuted when it was verified:", result.reason, f"The code says `{result.quote}`")
            refuted.append(Suppressed(each.finding, " ".join(filter(None, said))))
        elif isinstance(result, Question) and result in questions:
            open_.add(each.finding.standard)
        elif (finding := clamp(each, result if isinstance(result, Standing) else Standing.UNVERIFIED)) is not None:
            claims.append(Claim(finding, tuple(fact.finding for fact in each.facts if fact.finding is not None)))
        else:
            unproven += 1
    return _Judged(
        (*recognised(claims, memory, change), *old.claims), tuple(refuted), questions, frozenset(open_), unproven
    )


def _put_together(
    session: Session,
    heard: Sequence[Heard],
    judged: _Judged,
    verified: _Verified,
    dropped: Counter[str],
    old: Carried,
) -> Consulted:
    """One value out of what all conversations gave, and of what an earlier run knew."""
    planned, setup = session.planned, session.setup
    name = setup.agent.name
    answered = [(each.cluster, each.answer) for each in heard if each.answer is not None]
    said = [*_said(session, answered, judged), *old.said]
    missed = unnamed(name, answered)
    unsure = {skip.subject for skip in missed} | {path for _, path, _ in verified.errors}
    reviewed = {path for cluster, _ in answered for path in cluster.paths} - unsure
    dropped[UNPROVEN] += judged.unproven
    judgements = standards_judged(each.judgements for each in said)
    report = AgentReport(
        agent=name,
        model=setup.voice.model,
        asked=Asked.INCOMPLETE if planned.left or any(each.error for each in heard) else Asked.REVIEWED,
        judgements=judgements,
        questions=judged.questions,
        spend=setup.ledger.spend,
        dropped={reason: number for reason, number in dropped.items() if number},
        carried=len(planned.carried),
        state=kept(planned, reviewed, judged.claims, said, judged.questions, setup.identity),
    )
    skipped = (*_skips(setup, planned, heard), *cut(name, planned), *missed)
    notices = unverified(name, list(verified.errors.values()), len(verified.spared))
    return Consulted(report, judged.claims, judged.refuted, skipped, notices)


def _said(session: Session, answered: Iterable[tuple[Cluster, Answer]], judged: _Judged) -> list[Said]:
    """What each conversation says of the standards, as far as its findings, or questions about them, are left."""
    left = {claim.finding.standard for claim in judged.claims} | judged.open
    found = []
    for cluster, answer in answered:
        claimed = {draft.standard for draft in answer.drafts}
        held = what_holds(answer.judgements, claimed, left, session.prompts)
        found.append(Said(frozenset(session.planned.keys[path] for path in cluster.paths), held))
    return found


def _skips(setup: Setup, planned: Plan, heard: Iterable[Heard]) -> list[Skipped]:
    """The files of clusters that got no answer, and of those that were not sent, by what kept them from it."""
    too_many = f"was not asked: more than {len(planned.clusters)} conversations are too many for one run"
    failed = [(str(each.error), each.cluster) for each in heard if each.error is not None]
    by_reason: dict[str, list[str]] = {}
    for reason, cluster in (*failed, *((too_many, cluster) for cluster in planned.left)):
        by_reason.setdefault(reason, []).extend(cluster.paths)
    return [Skipped(Stage.AGENT.value, setup.agent.name, unsent(paths, reason)) for reason, paths in by_reason.items()]


def _reused(change: Change, setup: Setup, planned: Plan, memory: Memory) -> Consulted:
    """Every file is as an earlier run saw it, which said all there is to say."""
    old = carried(memory, planned, change)
    report = AgentReport(
        agent=setup.agent.name,
        model=setup.voice.model,
        asked=Asked.REUSED,
        judgements=standards_judged(each.judgements for each in old.said),
        questions=old.questions,
        carried=len(planned.carried),
        state=kept(planned, (), old.claims, old.said, old.questions, setup.identity),
    )
    return Consulted(report, old.claims, skipped=tuple(cut(setup.agent.name, planned)))
