"""What an agent says of the standards, beside what the tools say: shown with it, and never the reason of a `pass`."""

from collections.abc import Iterable
from dataclasses import replace

from review.domain.agent import AgentReport, Judged, Judgement
from review.domain.verdict import ChecklistItem, ItemStatus

_WORDS = {
    Judged.PASS: "no concern",
    Judged.CONCERN: "a concern",
    Judged.UNCLEAR: "cannot be told from the change",
    Judged.NOT_APPLICABLE: "does not apply",
}


def with_judgements(items: Iterable[ChecklistItem], agent: AgentReport) -> tuple[ChecklistItem, ...]:
    """The items with the agent's rationale. Its doubts take `pass` away; its praise of what has findings is dropped."""
    judged = {each.standard: each for each in agent.judgements}
    return tuple(
        item if item.standard not in judged else _with(item, judged[item.standard], agent.agent) for item in items
    )


def _with(item: ChecklistItem, judgement: Judgement, agent: str) -> ChecklistItem:
    doubts = judgement.judged in (Judged.CONCERN, Judged.UNCLEAR)
    if not doubts and item.status in (ItemStatus.FAIL, ItemStatus.ATTENTION):
        return item
    takes_pass = doubts and item.status in (ItemStatus.PASS, ItemStatus.NOT_APPLICABLE)
    said = f"{agent}: {judgement.rationale or _WORDS[judgement.judged]}"
    status = ItemStatus.ATTENTION if takes_pass else item.status
    return replace(item, status=status, evidence=f"{item.evidence}. {said}")
