"""Each claim goes before a sceptic: confirmed, refuted with a quotation, or turned into a question for the author."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.domain.agent import Question
from review.domain.changeset import Side
from review.errors import ModelError
from review.model.base import Model
from review.reviewers.answer import Verification, read_verification
from review.reviewers.brief import VERIFY_CONTEXT, facts_shown, verify_request
from review.reviewers.checks import Checked, Subject
from review.reviewers.clamp import Standing
from review.reviewers.conversation import Limits, converse
from review.reviewers.diff import around
from review.reviewers.facts import Fact
from review.reviewers.leaks import Prompts
from review.reviewers.plan import Plan
from review.reviewers.quotes import fold, unguttered
from review.reviewers.schemas import Ruling
from review.reviewers.setup import Change, Setup


@dataclass(frozen=True)
class Refuted:
    """The claim is contradicted by code."""

    quote: str
    reason: str
    """Empty where it would give away what the sceptic was told."""


LEAST = 8
"""Characters of code that refute a finding at least: `from` or `join` contradicts nothing."""

Outcome = Standing | Refuted | Question


def verify(
    model: Model, checked: Checked, change: Change, setup: Setup, planned: Plan, limits: Limits, prompts: Prompts
) -> tuple[Outcome, ModelError | None]:
    """What becomes of one claim, and what kept the sceptic from being heard."""
    subject = change.subjects[checked.finding.location.path]
    facts = [fact for fact in planned.facts if fact.path == checked.finding.location.path]
    body = verify_request(setup.verifier, setup.voice, checked, subject, facts, change.about.context, planned.sign)
    try:
        said = read_verification(converse(model, body, None, limits, turns=1))
    except ModelError as error:
        return Standing.UNVERIFIED, error
    return outcome(said, checked, shown(checked, subject, facts), prompts), None


def shown(checked: Checked, subject: Subject, facts: Sequence[Fact]) -> tuple[str, ...]:
    """What a verification shows, folded as quotations are: the new code, the old code, and each fact."""
    where = checked.finding.location
    near = around(subject.rows, where.side, where.line, where.end_line, VERIFY_CONTEXT)
    new = [row.text for row in near if row.side is Side.RIGHT]
    old = [row.text for row in near if row.mark != "+"]
    said = [fact.text.split("\n") for fact in facts_shown(checked, facts)]
    return tuple(" ".join(filter(None, map(_folded, lines))) for lines in (new, old, *said))


def _folded(line: str) -> str:
    return fold(unguttered(line.rstrip("\r")))


def outcome(said: Verification, checked: Checked, code: Sequence[str], prompts: Prompts) -> Outcome:
    """The sceptic's answer, held against the code that it was shown (see `shown`) like any other."""
    if said.ruling is Ruling.CONFIRMED:
        is_whole = said.edit_is_right or checked.finding.suggestion is None
        return Standing.CONFIRMED if is_whole else Standing.WITHOUT_EDIT
    if said.ruling is Ruling.NEEDS_AUTHOR:
        if not said.question or prompts.are_in(said.question, said.reason):
            return Standing.UNVERIFIED
        return Question(said.topic, said.question, checked.finding.title, checked.finding.location.path)
    folded = fold(unguttered(said.quote))
    if len(folded.replace(" ", "")) < LEAST or not any(folded in text for text in code):
        return Standing.UNVERIFIED
    return Refuted(said.quote, "" if prompts.are_in(said.reason) else said.reason)
