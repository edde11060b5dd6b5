"""What we say in threads of ours that are over. One sentence each, and the hidden line by which it is said once."""

from review.domain.verdict import Review
from review.render import links, parts
from review.render.escape import REASON, code, prose
from review.render.markers import closed_marker, retired_marker


def gone(review: Review, fingerprint: str) -> str:
    """The reply where the finding was looked for and not found any more."""
    return _closing(f"✅ Not found any more at {_commit(review)}.", fingerprint)


def left(review: Review, fingerprint: str) -> str:
    """The reply where the pull request does not change the file any more."""
    return _closing(f"✅ This pull request does not change the file any more, as of {_commit(review)}.", fingerprint)


def suppressed(reason: str, fingerprint: str) -> str:
    """The reply where the finding is not wanted."""
    return _closing(f"➖ Does not count: {prose(reason, REASON)}.", fingerprint)


def retired(fingerprint: str) -> str:
    """What becomes of the text of a comment whose place another one took."""
    return f"*Another comment shows this finding now.*\n\n{retired_marker(fingerprint)}"


def _closing(sentence: str, fingerprint: str) -> str:
    return f"{sentence}\n\n{closed_marker(fingerprint)}"


def _commit(review: Review) -> str:
    sha = review.changeset.head_sha
    return parts.link(code(sha[:7]), links.commit_link(review, sha))
