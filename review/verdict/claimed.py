"""A verdict on the word of a run that the pull request's author can change."""

from dataclasses import replace

from review.domain.verdict import AS_CLAIMED, ChecklistItem, ItemStatus, Verdict


def as_claimed(verdict: Verdict) -> Verdict:
    """The same, but what reads as passed says whose word that is: nothing found is what such a run can claim."""
    return replace(verdict, checklist=tuple(map(_item, verdict.checklist)))


def _item(item: ChecklistItem) -> ChecklistItem:
    return replace(item, evidence=item.evidence + AS_CLAIMED) if item.status is ItemStatus.PASS else item
