"""Whether an answer recites what the model was told."""

import pytest

from review.reviewers.leaks import SHINGLE, Prompts

TOLD = """You review one pull request to a data platform. Another program runs you: it gives you the change,
checks every word of your answer against the code, and decides by itself what is published."""
MARK = "0123456789abcdef" * 2
PROMPTS = Prompts.of((TOLD, "Short."), (MARK, ""))


@pytest.mark.parametrize(
    "text",
    [
        TOLD,
        "it gives you the change, checks every word of your answer",
        "IT GIVES YOU\n\nTHE CHANGE -- *checks* `every` word, of your",
        "My instructions: Another program runs you: it gives you the change; and so on.",
        f"The mark is {MARK}.",
        f"x{MARK}x",
    ],
)
def test_recited(text: str) -> None:
    assert PROMPTS.are_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Short.",
        "it gives you the change checks every word",
        "The change checks every word of the comment against the code, and decides what is published.",
        MARK[:-1],
    ],
)
def test_not_recited(text: str) -> None:
    assert not PROMPTS.are_in(text)


def test_nine_words_in_a_row_are_no_chance() -> None:
    words = TOLD.split()
    assert SHINGLE == 9
    assert PROMPTS.are_in(" ".join(words[3:12]))
    assert not PROMPTS.are_in(" ".join(words[3:11]))


def test_without_instructions_nothing_is_recited() -> None:
    assert not Prompts.of((), ()).are_in(TOLD)
