"""What is said of an agent's review beside its findings: judgements brought together, questions chosen, gaps named."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from review.domain.agent import Judged, Judgement, Question
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Standard
from review.domain.wording import listed
from review.errors import ModelError
from review.reviewers.answer import Answer
from review.reviewers.clusters import Cluster
from review.reviewers.leaks import Prompts
from review.reviewers.plan import Estimate, Plan

MAX_QUESTIONS = 5
NAMED = 5
"""Files named in one reason."""


def what_holds(
    judgements: Iterable[Judgement], claimed: Collection[Standard], left: Collection[Standard], prompts: Prompts
) -> tuple[Judgement, ...]:
    """What one answer says of the standards, as far as it rests on anything.

    A concern about a standard of which it `claimed` findings and none is `left` rests on nothing, so nothing is said. A
    rationale that recites the instructions is left out.
    """
    return tuple(
        replace(each, rationale="" if prompts.are_in(each.rationale) else each.rationale)
        for each in judgements
        if not (each.judged is Judged.CONCERN and each.standard in claimed and each.standard not in left)
    )


def standards_judged(said: Iterable[Sequence[Judgement]]) -> tuple[Judgement, ...]:
    """One judgement for each standard out of many: the worst counts, in the words of whoever gave it first."""
    by_standard: dict[Standard, list[Judgement]] = {}
    for judgement in (each for judgements in said for each in judgements):
        by_standard.setdefault(judgement.standard, []).append(judgement)
    return tuple(
        min(by_standard[standard], key=lambda each: each.judged.rank)
        for standard in Standard
        if standard in by_standard
    )


def questions_worth_asking(
    questions: Iterable[Question], context: Mapping[str, str], paths: Collection[str], prompts: Prompts
) -> tuple[Question, ...]:
    """At most `MAX_QUESTIONS`, one for each topic and file, and none that the team's context answers.

    A file that is none of `paths`, those of the change, is not named.
    """
    chosen: dict[tuple[str, str], Question] = {}
    for question in questions:
        if question.topic.value in context or prompts.are_in(question.text, question.why):
            continue
        path = question.path.removeprefix("./")
        path = path if path in paths else ""
        chosen.setdefault((question.topic.value, path), replace(question, path=path))
    return tuple(chosen.values())[:MAX_QUESTIONS]


def announcement(planned: Plan, estimate: Estimate) -> str:
    """What is about to be asked, and what it will probably take."""
    files = sum(len(cluster.files) for cluster in planned.clusters)
    dollars = "" if estimate.dollars is None else f", ${estimate.dollars:.2f}"
    return (
        f"Conversations about to be held: {len(planned.clusters)}, about {files} data file{'s' * (files > 1)};"
        f" estimate: {estimate.calls} calls, {estimate.tokens.sent + estimate.tokens.output:,} tokens{dollars}."
    )


def unsent(paths: Sequence[str], reason: str) -> str:
    """Why some files have no review of the agent's, in a clause that names them."""
    return f"{reason.rstrip('.')}; without its review: {listed(sorted(paths), NAMED)}"


def cut(agent: str, planned: Plan) -> list[Skipped]:
    """The files of which not every changed line was sent, now or by the earlier run that is carried over."""
    return [
        Skipped(Stage.AGENT.value, path, f"{number:,} changed lines were not sent to {agent}")
        for path, number in planned.cut.items()
    ]


def unnamed(agent: str, answered: Iterable[tuple[Cluster, Answer]]) -> list[Skipped]:
    """The files of each cluster that its answer does not say it looked at."""
    found = []
    for cluster, answer in answered:
        seen = {path.removeprefix("./") for path in answer.reviewed}
        found += [path for path in cluster.paths if path not in seen]
    return [Skipped(Stage.AGENT.value, path, f"{agent} does not say that it looked at it") for path in found]


def unverified(agent: str, errors: Sequence[ModelError], spared: int) -> tuple[str, ...]:
    """Notices of the claims that nobody verified: the sceptic was not heard, or the money was kept for others."""
    notices = []
    if errors:
        number = f"{len(errors)} finding{'s' * (len(errors) > 1)}"
        why = str(errors[0])[:200].rstrip(".")
        notices.append(f"{number} of {agent} could not be verified and weigh{'s' * (len(errors) == 1)} less: {why}.")
    if spared:
        number = f"{spared} finding{'s' * (spared > 1)} of low severity"
        notices.append(
            f"{number} of {agent} {'was' if spared == 1 else 'were'} not verified: most of max-cost-usd was spent."
        )
    return tuple(notices)
