"""Every surface of six reviews, kept whole: a change of wording shows in the diff of tests/golden.

`UPDATE_GOLDEN=1 pytest tests/unit/render/test_golden.py` writes them anew; look at them before you keep them.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from review import __version__
from review.domain.conversation import Account
from review.domain.verdict import Review
from review.render.annotations import annotations
from review.render.comment import inline_comment, summary_comment
from review.render.json import review_json
from review.render.markdown import markdown
from review.render.sarif import sarif_json
from review.render.summary import step_summary
from review.render.terminal import plain_text
from tests.unit.render import examples

GOLDEN = Path(__file__).parents[2] / "golden"


def annotated(review: Review) -> str:
    found = annotations(review)
    return json.dumps({"shown": list(map(asdict, found.shown)), "left_out": found.left_out}, indent=2) + "\n"


def comments(review: Review) -> str:
    """The inline comments one below the other."""
    texts = [inline_comment(entry, review) for entry in review.findings if entry.fingerprint in review.inline]
    return "\n\n---\n\n".join(texts) + "\n"


def commented(review: Review) -> str:
    """The summary beside inline comments that were posted."""
    return summary_comment(review, Account(commented=review.inline)) + "\n"


SURFACES: dict[str, Callable[[Review], str]] = {
    "summary-comment.md": lambda review: summary_comment(review) + "\n",
    "summary-comment-beside-inline.md": commented,
    "inline-comments.md": comments,
    "step-summary.md": step_summary,
    "review.md": markdown,
    "terminal.txt": plain_text,
    "annotations.json": annotated,
    "review.json": review_json,
    "review.sarif": sarif_json,
}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("example", examples.ALL, ids=lambda example: example.__name__)
def test_golden(example: Callable[[], Review], surface: str) -> None:
    text = SURFACES[surface](example()).replace(__version__, "VERSION")
    path = GOLDEN / example.__name__ / surface
    if not text.strip():
        assert not path.exists()
        return
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_no_golden_is_left_over() -> None:
    names = {f"{example.__name__}/{surface}" for example in examples.ALL for surface in SURFACES}
    assert {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.glob("*/*")} <= names


@pytest.mark.parametrize("example", examples.ALL, ids=lambda example: example.__name__)
def test_the_same_review_gives_the_same_text(example: Callable[[], Review]) -> None:
    for render in SURFACES.values():
        assert render(example()) == render(example())
