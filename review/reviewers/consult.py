"""Ask the agent about the change: what comes back has been held against the code and has been before the sceptic.

Never raises because of the model: what it did not say, and why, is among the skips.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from review.domain.agent import AgentReport, Asked, Claim, Question, Tokens
from review.domain.consulted import Consulted
from review.domain.evidence import Skipped, Stage
from review.domain.severity import Severity
from review.domain.verdict import Suppressed
from review.errors import ModelError, ModelRefused, ModelUnavailable
from review.model.base import Model, Reply
from review.reviewers.answer import Answer, read_review
from review.reviewers.brief import HARNESS, SCEPTIC
from review.reviewers.checks import Checked, check, without_edit
from review.reviewers.clamp import Standing, clamp
from review.reviewers.clusters import Cluster
from review.reviewers.conversation import TURNS, Limits, converse
from review.reviewers.leaks import Prompts
from review.reviewers.memory import Memory
from review.reviewers.plan import Plan, forecast, plan, requests
from review.reviewers.remember import NOTHING, carried, kept
from review.reviewers.sceptic import Outcome, Refuted, verify
from review.reviewers.setup import Change, ParseEdits, Setup
from review.reviewers.side_by_side import SideBySide
from review.reviewers.tools import Toolbox
from review.reviewers.wording import (
    announcement,
    cut,
    questions_worth_asking,
    standards_judged,
    unnamed,
    unsent,
    unverified,
)

UNREADABLE = "could not be read"
SAID_TWICE = "it was said twice"
UNPROVEN = "it lies outside the change, and nothing proves it"
GIVE_UP = 2
"""Conversations in a row that the API would not serve, after which nothing more is sent."""


@dataclass(frozen=True)
class Heard:
    """What one cluster's conversation gave."""

    cluster: Cluster
    answer: Answer | None
    error: ModelError | None


class _Stop:
    """Whether it makes sense to send anything more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._in_a_row = 0
        self._reason = ""

    def note(self, error: ModelError | None) -> None:
        """Count what came of a conversation."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if isinstance(error, ModelUnavailable) else 0
            if isinstance(error, ModelRefused) or self._in_a_row >= GIVE_UP:
                self._reason = self._reason or str(error)

    def __call__(self) -> str:
        return self._reason


class _Announcing:
    """The model; calls back once its first answer is there, or will not come."""

    def __init__(self, model: Model, answered: Callable[[], None]) -> None:
        self._model = model
        self._answered = answered

    def ask(self, body: Mapping[str, object], until: float, spent: Callable[[Tokens], None]) -> Reply:
        """As the model."""
        try:
            return self._model.ask(body, until, spent)
        finally:
            self._answered()


@dataclass(frozen=True)
class _Session:
    """One run's conversations: what they are about, and what they share."""

    change: Change
    setup: Setup
    planned: Plan
    model: Model
    limits: Limits
    stop: _Stop
    prompts: Prompts

    @property
    def source(self) -> str:
        """What its findings name as theirs."""
        return f"agent:{self.setup.agent.name}"


def consult(change: Change, setup: Setup, parse_edits: ParseEdits) -> Consulted:
    """Everything the agent has to say of the change that may be published, and what it did not look at."""
    memory = setup.recall()
    planned = plan(change, setup, memory)
    if not planned.keys:
        return Consulted(AgentReport(setup.agent.name, setup.voice.model, Asked.NOT_NEEDED))
    if not planned.clusters:
        assert memory is not None
        return _reused(change, setup, planned, memory)
    setup.announce(announcement(planned, forecast(requests(planned, change, setup), planned.with_tools, setup.price)))
    stop = _Stop()
    limits = Limits(setup.ledger, time.monotonic() + setup.seconds, stop)
    prompts = Prompts.of((HARNESS, SCEPTIC, setup.agent.body, setup.verifier.body), (planned.sign, *setup.secrets))
    try:
        model = setup.connect()
    except ModelError as error:
        return _unheard(setup, planned, error)
    session = _Session(change, setup, planned, model, limits, stop, prompts)
    heard = _ask_all(session)
    checked, dropped = _held_against_the_code(session, heard, parse_edits)
    outcomes, errors = _before_the_sceptic(session, checked)
    judged = _judged(checked, outcomes, dropped)
    return _put_together(session, memory, heard, judged, dropped, errors)


def _ask_all(session: _Session) -> list[Heard]:
    """One conversation for each cluster, some side by side."""
    planned, setup = session.planned, session.setup
    bodies = requests(planned, session.change, setup)
    turns = min(setup.agent.max_turns or TURNS, TURNS)

    def ask(number: int, answered: Callable[[], None]) -> Heard:
        cluster = planned.clusters[number]
        toolbox = Toolbox(session.change.shelf) if planned.with_tools else None
        model = _Announcing(session.model, answered)
        try:
            answer = read_review(converse(model, bodies[number], toolbox, session.limits, turns))
            heard = Heard(cluster, answer, None)
        except ModelError as error:
            heard = Heard(cluster, None, error)
        session.stop.note(heard.error)
        return heard

    return SideBySide(ask, setup.at_once).run(range(len(bodies)))


def _held_against_the_code(
    session: _Session, heard: Iterable[Heard], parse_edits: ParseEdits
) -> tuple[list[Checked], Counter[str]]:
    """The claims that stand in the code, each once, and why the others were dropped. Edits that break a file go."""
    facts = {fact.id: fact for fact in session.planned.facts}
    subjects = session.change.subjects
    found: dict[str, Checked] = {}
    dropped: Counter[str] = Counter()
    for answer in (each.answer for each in heard if each.answer is not None):
        dropped[UNREADABLE] += answer.malformed
        for draft in answer.drafts:
            result = check(draft, session.source, subjects, facts, session.prompts)
            if isinstance(result, str):
                dropped[result] += 1
            elif result.finding.fingerprint in found:
                dropped[SAID_TWICE] += 1
            else:
                found[result.finding.fingerprint] = result
    edited = [checked for checked in found.values() if checked.edited]
    verdicts = parse_edits([(subjects[each.finding.location.path].artifact, each.edited) for each in edited])
    broken = {checked.finding.fingerprint for checked, why in zip(edited, verdicts, strict=True) if why}
    return [without_edit(each) if key in broken else each for key, each in found.items()], dropped


def _before_the_sceptic(session: _Session, checked: Sequence[Checked]) -> tuple[dict[str, Outcome], list[ModelError]]:
    """Fingerprint → what became of the claim, the worst claims first; and what kept the sceptic from being heard."""
    errors: list[ModelError] = []

    def ask(each: Checked, answered: Callable[[], None]) -> tuple[str, Outcome]:
        fingerprint = each.finding.fingerprint
        if each.finding.severity is Severity.LOW and session.limits.ledger.is_soft:
            return fingerprint, Standing.UNVERIFIED
        model = _Announcing(session.model, answered)
        subjects = session.change.subjects
        result, error = verify(model, each, session.setup, session.planned, subjects, session.limits, session.prompts)
        session.stop.note(error)
        if error is not None:
            errors.append(error)
        return fingerprint, result

    worst_first = sorted(checked, key=lambda each: each.finding.severity.rank)
    return dict(SideBySide(ask, session.setup.at_once).run(worst_first)), errors


@dataclass(frozen=True)
class _Judged:
    """What is left of the claims after the sceptic."""

    claims: tuple[Claim, ...]
    refuted: tuple[Suppressed, ...]
    questions: tuple[Question, ...]


def _judged(checked: Iterable[Checked], outcomes: Mapping[str, Outcome], dropped: Counter[str]) -> _Judged:
    """The claims with the weight they may have; what nothing holds up is counted in `dropped`."""
    claims: list[Claim] = []
    refuted: list[Suppressed] = []
    questions: list[Question] = []
    for each in checked:
        result = outcomes[each.finding.fingerprint]
        if isinstance(result, Refuted):
            said = ("refuted when it was verified:", result.reason, f"The code says `{result.quote}`")
            refuted.append(Suppressed(each.finding, " ".join(filter(None, said))))
        elif isinstance(result, Question):
            questions.append(result)
        elif (finding := clamp(each, result)) is not None:
            claims.append(Claim(finding, tuple(fact.finding for fact in each.facts if fact.finding is not None)))
        else:
            dropped[UNPROVEN] += 1
    return _Judged(tuple(claims), tuple(refuted), tuple(questions))


def _put_together(
    session: _Session,
    memory: Memory | None,
    heard: Sequence[Heard],
    judged: _Judged,
    dropped: Counter[str],
    errors: Sequence[ModelError],
) -> Consulted:
    """One value out of what all conversations gave, and of what an earlier run knew."""
    planned, setup, prompts = session.planned, session.setup, session.prompts
    old = carried(memory, planned, session.change) if memory is not None else NOTHING
    answered = [(each.cluster, each.answer) for each in heard if each.answer is not None]
    answers = [answer for _, answer in answered]
    claims = (*judged.claims, *old.claims)
    questions = [*judged.questions, *(each for answer in answers for each in answer.questions), *old.questions]
    left = {claim.finding.standard for claim in claims}
    gone = {draft.standard for answer in answers for draft in answer.drafts} - left
    spoken = [*(answer.judgements for answer in answers), old.judgements]
    judgements = standards_judged(spoken, gone, prompts)
    worth = questions_worth_asking(questions, session.change.about.context, session.change.subjects, prompts)
    name = setup.agent.name
    missed = unnamed(name, answered)
    skipped = (*_skips(setup, planned, heard), *cut(name, planned), *missed, *unverified(name, errors))
    reviewed = {path for cluster, _ in answered for path in cluster.paths} - {skip.subject for skip in missed}
    report = AgentReport(
        agent=name,
        model=setup.voice.model,
        asked=Asked.INCOMPLETE if planned.left or any(each.error for each in heard) else Asked.REVIEWED,
        judgements=judgements,
        questions=worth,
        spend=setup.ledger.spend,
        dropped={reason: number for reason, number in dropped.items() if number},
        carried=len(planned.carried),
        state=kept(planned, reviewed, claims, judgements, worth, setup.identity),
    )
    return Consulted(report, claims, judged.refuted, skipped)


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
        judgements=old.judgements,
        questions=old.questions,
        carried=len(planned.carried),
        state=kept(planned, (), old.claims, old.judgements, old.questions, setup.identity),
    )
    return Consulted(report, old.claims, skipped=tuple(cut(setup.agent.name, planned)))


def _unheard(setup: Setup, planned: Plan, error: ModelError) -> Consulted:
    """Nobody could be asked at all."""
    paths = [path for cluster in (*planned.clusters, *planned.left) for path in cluster.paths]
    skipped = (Skipped(Stage.AGENT.value, setup.agent.name, unsent(paths, str(error))),)
    report = AgentReport(setup.agent.name, setup.voice.model, Asked.INCOMPLETE, spend=setup.ledger.spend)
    return Consulted(report, skipped=skipped)
