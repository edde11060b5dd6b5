"""What became of earlier comments on the diff, for the summary: who closed what, and what is over."""

from review.domain.conversation import Account
from review.domain.verdict import Review
from review.render import parts
from review.render.escape import TITLE, code


def title(account: Account) -> str:
    """`Earlier comments: 2 not found any more, 1 resolved by a person`."""
    counted = (
        (account.gone, "not found any more"),
        (len(account.dismissed), "resolved by a person"),
        (len(account.removed), "removed by a person"),
    )
    return "Earlier comments: " + ", ".join(f"{number} {what}" for number, what in counted if number)


def lines(review: Review, account: Account) -> list[str]:
    """One line each; none where nothing became of anything, and the title alone where it says everything.

    A finding that a person closed has no comment any more and stays in the verdict: only a reason takes it out.
    """
    told = []
    for finding in review.findings:
        line = parts.finding_line(finding, review)
        if finding.fingerprint in account.dismissed:
            by = account.dismissed[finding.fingerprint]
            told.append(f"{line}: thread resolved by {code(by, TITLE) if by else 'somebody'}")
        elif finding.fingerprint in account.removed:
            told.append(f"{line}: comment removed by somebody")
    if told:
        told.append("- These still count. To take one out, answer with `/data-review ignore` and the reason.")
    return told or ([title(account)] if account.gone else [])
