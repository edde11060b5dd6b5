"""The step summary of the workflow run: all of `review.md`, as far as GitHub takes it."""

from collections.abc import Sequence
from dataclasses import replace

from review.domain.verdict import Review
from review.render import parts, words
from review.render.markdown import markdown

LIMIT = 1_000_000
"""Bytes; GitHub drops a step summary of more than 1,048,576 whole (actions/runner, FileCommandManager)."""


def step_summary(review: Review, remarks: Sequence[str] = ()) -> str:
    """Markdown of at most `LIMIT` bytes, with `remarks` about the run first.

    A review too large for it is cut as the comment is, and says so.
    """
    review = replace(review, notices=(*remarks, *review.notices))
    if words.is_irrelevant(review):
        return "\n\n".join((parts.one_line(review), *parts.notices(review))) + "\n"
    page = markdown(review)
    if len(page.encode("utf-8", "replace")) <= LIMIT:
        return page
    from review.render.comment import summary_comment

    return summary_comment(review, limit=LIMIT // 4, elsewhere="`review.md` lists all of them") + "\n"
