"""Each claim goes before a sceptic: confirmed, refuted with a quotation, or turned into a question for the author."""

from collections.abc import Mapping
from dataclasses import dataclass

from review.domain.agent import Question
from review.errors import ModelError
from review.model.base import Model
from review.reviewers.answer import Ruling, Verification, read_verification
from review.reviewers.brief import verify_request
from review.reviewers.checks import Checked, Subject
from review.reviewers.clamp import Standing
from review.reviewers.conversation import Limits, converse
from review.reviewers.leaks import Prompts
from review.reviewers.plan import Plan
from review.reviewers.quotes import LEAST, fold, unguttered
from review.reviewers.setup import Setup


@dataclass(frozen=True)
class Refuted:
    """The claim is contradicted by code."""

    quote: str
    reason: str
    """Empty where it would give away what the sceptic was told."""


Outcome = Standing | Refuted | Question


def verify(
    model: Model,
    checked: Checked,
    setup: Setup,
    planned: Plan,
    subjects: Mapping[str, Subject],
    limits: Limits,
    prompts: Prompts,
) -> tuple[Outcome, ModelError | None]:
    """What becomes of one claim, and what kept the sceptic from being heard."""
    subject = subjects[checked.finding.location.path]
    facts = [fact for fact in planned.facts if fact.path == checked.finding.location.path]
    body = verify_request(setup.verifier, setup.voice, checked, subject, facts, planned.sign)
    try:
        said = read_verification(converse(model, body, None, limits, turns=1))
    except ModelError as error:
        return Standing.UNVERIFIED, error
    return outcome(said, checked, subject, prompts), None


def outcome(said: Verification, checked: Checked, subject: Subject, prompts: Prompts) -> Outcome:
    """The sceptic's answer, held against the code like any other."""
    if said.ruling is Ruling.CONFIRMED:
        return Standing.CONFIRMED
    if said.ruling is Ruling.NEEDS_AUTHOR:
        if not said.question or prompts.are_in(said.question, said.reason):
            return Standing.UNVERIFIED
        return Question(said.topic, said.question, checked.finding.title, checked.finding.location.path)
    folded = fold(unguttered(said.quote))
    is_real = len(folded.replace(" ", "")) >= LEAST and (folded in subject.right.text or folded in subject.left.text)
    if not is_real:
        return Standing.UNVERIFIED
    return Refuted(said.quote, "" if prompts.are_in(said.reason) else said.reason)
