"""What is taken over from an earlier run, and what is kept for a later one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from review.domain.agent import Claim, Judged, Judgement, Question
from review.domain.finding import Finding
from review.reviewers.checks import Subject
from review.reviewers.memory import Memory
from review.reviewers.plan import Plan
from review.reviewers.setup import Change


@dataclass(frozen=True)
class Carried:
    """What an earlier run said of the files that are as they were."""

    claims: tuple[Claim, ...]
    judgements: tuple[Judgement, ...]
    questions: tuple[Question, ...]


NOTHING = Carried((), (), ())
"""Of a first run."""


def carried(memory: Memory, planned: Plan, change: Change) -> Carried:
    """The earlier claims on files that have not changed since, and the judgements that still hold.

    A concern whose finding lay in a file that did change is gone with it: the new answer speaks of that file.
    """
    paths = set(planned.carried)
    tools = {finding.fingerprint: finding for finding in change.findings}
    claims = []
    lost = set()
    for number, finding in enumerate(memory.findings):
        if finding.location.path in paths and _still_stands(finding, change.subjects[finding.location.path]):
            prints = memory.rests_on.get(number, ())
            claims.append(Claim(finding, tuple(tools[each] for each in prints if each in tools)))
        else:
            lost.add(finding.standard)
    held = {claim.finding.standard for claim in claims}
    judgements = tuple(
        each
        for each in memory.judgements
        if paths and not (each.judged is Judged.CONCERN and each.standard in lost - held)
    )
    questions = tuple(question for question in memory.questions if not question.path or question.path in paths)
    return Carried(tuple(claims), judgements, questions if paths else ())


def kept(
    planned: Plan,
    reviewed: Iterable[str],
    claims: Sequence[Claim],
    judgements: Sequence[Judgement],
    questions: Sequence[Question],
    identity: bytes,
) -> str:
    """The state for the next run: of every file reviewed now or before. Empty where nothing was, or it is too much."""
    paths = {*planned.carried, *reviewed}
    if not paths:
        return ""
    memory = Memory(
        review=planned.review,
        files=frozenset(planned.keys[path] for path in paths if path in planned.keys),
        findings=tuple(claim.finding for claim in claims),
        rests_on={
            number: tuple(finding.fingerprint for finding in claim.rests_on)
            for number, claim in enumerate(claims)
            if claim.rests_on
        },
        judgements=tuple(judgements),
        questions=tuple(questions),
    )
    return memory.encoded(identity)


def _still_stands(finding: Finding, subject: Subject) -> bool:
    """Whether its line is there: the file is the same, so that only a state not of our making says otherwise."""
    lines = subject.text(finding.location.side).split("\n")
    where = finding.location
    return 1 <= where.line <= where.end_line <= len(lines)
