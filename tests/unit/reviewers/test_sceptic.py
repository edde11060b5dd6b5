"""The sceptic's answer, held against the code: no refutation without a quotation that is there."""

from typing import Any

import pytest

from review.domain.agent import Question, Topic
from review.domain.finding import Location
from review.errors import AnswerIncomplete, ModelError, ModelRefused, ModelUnavailable
from review.model.ledger import Ledger
from review.reviewers.answer import Ruling, Verification
from review.reviewers.checks import Checked, Subject
from review.reviewers.clamp import Standing
from review.reviewers.conversation import Limits
from review.reviewers.leaks import Prompts
from review.reviewers.plan import plan
from review.reviewers.sceptic import Outcome, Refuted, outcome, verify
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import (
    MODEL,
    PRICE,
    Scripted,
    artifact,
    change,
    in_turn,
    looks,
    ruled,
    says,
    setup,
    soon,
    texts_of,
)

MADE = artifact(MODEL, "select distinct a\nfrom t\n", "select a\nfrom t\njoin u using (a)\nwhere b\n")
CHECKED = Checked(finding(source="agent:a", location=Location(MODEL, 3, 3)), (), in_diff=True)
TOLD = "You check one finding of a review of a pull request to a data platform"
PROMPTS = Prompts.of((TOLD,), ("f00d" * 8,))


def of(ruling: Ruling, **changes: Any) -> Outcome:
    fields: dict[str, Any] = {"quote": "", "reason": "Why.", "topic": Topic.VOLUME, "question": ""}
    return outcome(Verification(ruling, **{**fields, **changes}), CHECKED, Subject(MADE), PROMPTS)


def test_confirmed() -> None:
    assert of(Ruling.CONFIRMED) is Standing.CONFIRMED
    assert of(Ruling.CONFIRMED, quote="nowhere", question="?") is Standing.CONFIRMED


@pytest.mark.parametrize(
    "quote",
    [
        "join u using (a)",
        "R     3 + | join u using (a)",
        "from t\njoin u",
        "  JOIN".lower() + "  u",
        "select distinct a",
    ],
    ids=["new", "with the gutter", "two lines", "blanks", "old"],
)
def test_refuted_by_code_of_either_version(quote: str) -> None:
    assert of(Ruling.REFUTED, quote=quote) == Refuted(quote, "Why.")


@pytest.mark.parametrize("quote", ["", "join v using (a)", "t", "...", "where\nb\nlimit 1", "The join is fine."])
def test_refuted_by_nothing_it_is_unverified(quote: str) -> None:
    assert of(Ruling.REFUTED, quote=quote) is Standing.UNVERIFIED


def test_what_only_the_author_knows_becomes_a_question() -> None:
    assert of(Ruling.NEEDS_AUTHOR, topic=Topic.BUDGET, question="How much?") == Question(
        Topic.BUDGET, "How much?", "An incremental model has no unique key", MODEL
    )
    assert of(Ruling.NEEDS_AUTHOR, question="") is Standing.UNVERIFIED


def test_the_sceptics_instructions_are_not_repeated() -> None:
    for leak in (TOLD, "f00d" * 8):
        assert of(Ruling.NEEDS_AUTHOR, question=leak) is Standing.UNVERIFIED
        assert of(Ruling.NEEDS_AUTHOR, question="How much?", reason=leak) is Standing.UNVERIFIED
        assert of(Ruling.REFUTED, quote="join u", reason=leak) == Refuted("join u", "")


# The call


def asked(model: Scripted) -> tuple[Outcome, ModelError | None]:
    made = change(MADE, artifact("other.sql", None, "x\n"), findings=[finding(location=Location(MODEL, 1, 1))])
    chosen = setup(model)
    limits = Limits(Ledger(1.0, PRICE, "m"), soon())
    return verify(model, CHECKED, chosen, plan(made, chosen, None), made.subjects, limits, PROMPTS)


def test_it_is_one_call_that_sees_the_files_facts() -> None:
    model = in_turn(ruled("confirmed"))
    assert asked(model) == (Standing.CONFIRMED, None)
    (body,) = model.bodies
    assert "tools" not in body
    facts = texts_of(body).partition("\n\nfacts\n\n")[2]
    assert "rule:DBT001 found at RIGHT 1-1" in facts
    assert "other.sql" not in facts


@pytest.mark.parametrize(
    "error", [ModelUnavailable("overloaded"), ModelRefused("no credit"), AnswerIncomplete("refused by the model")]
)
def test_a_sceptic_that_cannot_be_heard_leaves_it_unverified(error: ModelError) -> None:
    assert asked(in_turn(error)) == (Standing.UNVERIFIED, error)


@pytest.mark.parametrize("reply", [says("I cannot say."), says("{}"), looks(("read_file", {}))])
def test_so_does_one_that_does_not_answer(reply: Any) -> None:
    result, error = asked(in_turn(reply))
    assert result is Standing.UNVERIFIED
    assert isinstance(error, AnswerIncomplete)
