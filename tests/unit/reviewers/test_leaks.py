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


CODE = """Write it so that it can run again, and say in the model's description when it may not:

```sql
merge into orders as target using arrivals as source on target.order_id = source.order_id
```

Name what is missing: `a unique key that the model declares and that a test of its own proves` is one such thing, and
so is a window that the schedule fills a second time.
"""


@pytest.mark.parametrize(
    ("text", "is_recited"),
    [
        ("merge into orders as target using arrivals as source on target.order_id = source.order_id", False),
        ("a unique key that the model declares and that a test of its own proves", False),
        ("Write it so that it can run again, and say in the model's description", True),
        ("so is a window that the schedule fills a second time", True),
        ("is one such thing, and so is a window that the schedule fills", True),
    ],
    ids=["a block", "inline", "before", "after", "between"],
)
def test_code_in_the_instructions_is_nobodys_secret_and_what_stands_around_it_is(text: str, is_recited: bool) -> None:
    """A good remedy may well be the very code of the example."""
    prompts = Prompts.of([CODE])
    assert prompts.are_in(text) is is_recited
    assert prompts.are_in(f"Fix: `{text}`.") is is_recited


def test_without_instructions_nothing_is_recited() -> None:
    assert not Prompts.of((), ()).are_in(TOLD)


@pytest.mark.parametrize("fence", ["`", "```", "```sql\n"])
def test_a_fence_that_is_never_closed_hides_nothing(fence: str) -> None:
    prompts = Prompts.of([f"Short. {fence}{TOLD}"])
    assert prompts.are_in("checks every word of your answer against the code, and decides")
    closed = Prompts.of([f"`a` and {fence}{TOLD}"])
    assert closed.are_in("checks every word of your answer against the code, and decides")
