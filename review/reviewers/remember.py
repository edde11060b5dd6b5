"""What is taken over from an earlier run, and what is kept for a later one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from review.domain.agent import Claim, Question
from review.domain.finding import Finding
from review.domain.redaction import redact_file
from review.reviewers.checks import Subject
from review.reviewers.memory import Memory, Said
from review.reviewers.plan import Plan
from review.reviewers.quotes import SLACK
from review.reviewers.setup import Change


@dataclass(frozen=True)
class Carried:
    """What an earlier run said of the files that are as they were."""

    claims: tuple[Claim, ...] = ()
    said: tuple[Said, ...] = ()
    questions: tuple[Question, ...] = ()


def carried(memory: Memory | None, planned: Plan, change: Change) -> Carried:
    """The earlier claims on files that have not changed since, and the judgements that were about such files alone.

    What a conversation said of the standards holds as long as all of its files do.
    """
    paths = set(planned.carried)
    if memory is None or not paths:
        return Carried()
    keys = {planned.keys[path] for path in paths}
    tools = {finding.fingerprint: finding for finding in change.findings}
    claims = []
    for number, finding in enumerate(memory.findings):
        if finding.location.path in paths and _still_stands(finding, change.subjects[finding.location.path]):
            prints = memory.rests_on.get(number, ())
            claims.append(Claim(finding, tuple(tools[each] for each in prints if each in tools)))
    return Carried(
        claims=tuple(claims),
        said=tuple(said for said in memory.said if said.files <= keys),
        questions=tuple(question for question in memory.questions if not question.path or question.path in paths),
    )


def recognised(claims: Iterable[Claim], memory: Memory | None, change: Change) -> tuple[Claim, ...]:
    """The same claims; one that says again what an earlier run said of its file has the identity it had then.

    Asked again about a file, a model may quote the line above, or file the same defect under another standard: to a
    reader it is the same finding, which has its comment already.
    """
    claims = tuple(claims)
    same = {claim.finding.fingerprint for claim in claims}
    earlier_ones = memory.findings if memory is not None else ()
    unused = [earlier for earlier in earlier_ones if earlier.with_ordinal(0).fingerprint not in same]
    found = []
    for claim in claims:
        finding = claim.finding
        subject = change.subjects[finding.location.path]
        again = [earlier for earlier in unused if _is_again(finding, earlier, subject)]
        if again:
            earlier = min(again, key=lambda each: (each.standard is not finding.standard, each.location.line))
            unused.remove(earlier)
            finding = replace(
                finding,
                evidence=earlier.evidence,
                symbol=earlier.symbol,
                identity_path=earlier.identity_path or _other_path(earlier, finding),
            )
        found.append(replace(claim, finding=finding))
    return tuple(found)


def _is_again(finding: Finding, earlier: Finding, subject: Subject) -> bool:
    """Whether an earlier finding's line stands where this one is, or near it with the same standard."""
    where, old = finding.location, earlier.location
    paths = {subject.artifact.path, subject.artifact.file.base_path}
    if old.path not in paths or old.side is not where.side:
        return False
    anchor = earlier.evidence.partition(": ")[2]
    lines = redact_file(subject.text(where.side)).split("\n")
    places = [number for number, line in enumerate(lines, 1) if " ".join(line.split()) == anchor]
    reach = SLACK if earlier.standard is finding.standard else 0
    return any(where.line - reach <= number <= where.end_line + reach for number in places)


def _other_path(earlier: Finding, finding: Finding) -> str:
    """The earlier path, where the file was renamed since."""
    return earlier.location.path if earlier.location.path != finding.location.path else ""


def kept(
    planned: Plan,
    reviewed: Iterable[str],
    claims: Sequence[Claim],
    said: Iterable[Said],
    questions: Sequence[Question],
    identity: bytes,
) -> str:
    """The state for the next run: of every file reviewed now or before. Empty where nothing was, or it is too much."""
    files = frozenset(planned.keys[path] for path in {*planned.carried, *reviewed} if path in planned.keys)
    if not files:
        return ""
    memory = Memory(
        review=planned.review,
        files=files,
        findings=tuple(claim.finding for claim in claims),
        rests_on={
            number: tuple(finding.fingerprint for finding in claim.rests_on)
            for number, claim in enumerate(claims)
            if claim.rests_on
        },
        said=tuple(each for each in said if each.files <= files),
        questions=tuple(questions),
    )
    return memory.encoded(identity)


def _still_stands(finding: Finding, subject: Subject) -> bool:
    """Whether its line is there: the file is the same, so that only a state not of our making says otherwise."""
    lines = subject.text(finding.location.side).split("\n")
    where = finding.location
    return 1 <= where.line <= where.end_line <= len(lines)
