"""The break-glass label: who set it is looked up, and the review that it opens the gate for records it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from review import log
from review.domain.break_glass import BreakGlass
from review.domain.verdict import Review
from review.errors import GitHubError
from review.github.facts import WRITERS
from review.github.reader import Reader

if TYPE_CHECKING:
    from review.config.policy import Policy


def with_break_glass(reviewed: Review, policy: "Policy", reader: Reader, environ: Mapping[str, str]) -> Review:
    """The review, which no longer fails the run where somebody opened the gate by the policy's label.

    GitHub is asked only where the run fails and the label is on the pull request. What cannot be verified opens
    nothing. Either way a notice of the review says what came of the label.
    """
    label, pull = policy.break_glass, reviewed.target.pull_request
    if not label or pull is None or not reviewed.verdict.exit_status:
        return reviewed
    if label.casefold() not in (name.casefold() for name in pull.labels):
        return reviewed
    answer = _verified(label, reviewed.target.repository, pull.number, reader)
    if isinstance(answer, BreakGlass):
        said = f"Break-glass: {answer.by} set the label `{label}` at {answer.at}, so this verdict fails no run."
        verdict = replace(reviewed.verdict, break_glass=answer)
    else:
        said = f"The break-glass label `{label}` opens nothing: {answer}."
        verdict = reviewed.verdict
    log.warning(said, environ)
    return replace(reviewed, verdict=verdict, notices=(said, *reviewed.notices))


def _verified(label: str, repository: str, number: int, reader: Reader) -> BreakGlass | str:
    """Who set the label and may write to the repository; else why it opens nothing, in a clause."""
    try:
        labelling = reader.labelling(repository, number, label)
        if labelling is None or not labelling.by:
            return "GitHub does not say who set it; take it off and set it again"
        if not labelling.is_person:
            return f"{labelling.by} set it, and only a person may"
        role = reader.role(repository, labelling.by)
    except GitHubError as error:
        return f"who set it could not be verified ({str(error).removesuffix('.')})"
    if role not in WRITERS:
        return f"{labelling.by} set it, who may not write to the repository"
    return BreakGlass(label, labelling.by, labelling.at)
