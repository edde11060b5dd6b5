"""The sceptic's answer, held against the code: no refutation without a quotation that is there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from review.domain.agent import Question, Topic
from review.domain.artifact import Artifact
from review.domain.finding import Location, Suggestion
from review.errors import AnswerIncomplete, ModelError, ModelRefused, ModelUnavailable
from review.model.ledger import Ledger
from review.reviewers.answer import Verification
from review.reviewers.brief import VERIFY_CONTEXT, VERIFY_FACTS
from review.reviewers.checks import Checked, Subject
from review.reviewers.clamp import Standing
from review.reviewers.conversation import Limits
from review.reviewers.facts import Fact
from review.reviewers.leaks import Prompts
from review.reviewers.plan import plan
from review.reviewers.sceptic import LEAST, Outcome, Refuted, outcome, shown, verify
from review.reviewers.schemas import Ruling
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
FACTS = (
    Fact("F1", MODEL, "is described in m.yml:\nR     7   | - name: a\nR     8   |   tests: [unique]"),
    Fact("F2", MODEL, "is read by m/b.sql"),
)
CODE = shown(CHECKED, Subject(MADE), FACTS)


def of(ruling: Ruling, code: Sequence[str] = CODE, **changes: Any) -> Outcome:
    fields: dict[str, Any] = {"quote": "", "reason": "Why.", "topic": Topic.VOLUME, "question": ""}
    return outcome(Verification(ruling, **{**fields, **changes}), CHECKED, code, PROMPTS)


def test_confirmed() -> None:
    assert of(Ruling.CONFIRMED) is Standing.CONFIRMED
    assert of(Ruling.CONFIRMED, quote="nowhere", question="?") is Standing.CONFIRMED


@pytest.mark.parametrize(
    ("has_edit", "is_right", "standing"),
    [
        (True, True, Standing.CONFIRMED),
        (True, False, Standing.WITHOUT_EDIT),
        (False, True, Standing.CONFIRMED),
        (False, False, Standing.CONFIRMED),
    ],
)
def test_an_edit_is_confirmed_by_itself(has_edit: bool, is_right: bool, standing: Standing) -> None:
    """It is applied at a click, by somebody who trusts the finding."""
    edit = Suggestion("join u using (a, b)") if has_edit else None
    checked = replace(CHECKED, finding=replace(CHECKED.finding, suggestion=edit))
    said = Verification(Ruling.CONFIRMED, "", "Why.", Topic.VOLUME, "", edit_is_right=is_right)
    assert outcome(said, checked, CODE, PROMPTS) is standing


@pytest.mark.parametrize("is_right", [True, False])
def test_of_a_finding_that_is_not_confirmed_no_word_on_the_edit_counts(is_right: bool) -> None:
    checked = replace(CHECKED, finding=replace(CHECKED.finding, suggestion=Suggestion("x")))
    for ruling, quote, question, expected in (
        (Ruling.REFUTED, "join u using (a)", "", Refuted("join u using (a)", "Why.")),
        (Ruling.REFUTED, "", "", Standing.UNVERIFIED),
        (Ruling.NEEDS_AUTHOR, "", "", Standing.UNVERIFIED),
    ):
        said = Verification(ruling, quote, "Why.", Topic.VOLUME, question, edit_is_right=is_right)
        assert outcome(said, checked, CODE, PROMPTS) == expected


@pytest.mark.parametrize(
    "quote",
    [
        "join u using (a)",
        "R     3 + | join u using (a)",
        "R     3 + | join u using (a)\nR     4 + | where b",
        "from t\njoin u",
        "  join   u\tusing ",
        "select distinct a",
        "tests: [unique]",
        "R     7   | - name: a\nR     8   |   tests: [unique]",
    ],
    ids=[
        "new",
        "with the gutter",
        "two lines with the gutter",
        "two lines",
        "blanks",
        "old",
        "a fact",
        "a fact with the gutter",
    ],
)
def test_refuted_by_code_that_was_shown(quote: str) -> None:
    assert of(Ruling.REFUTED, quote=quote) == Refuted(quote, "Why.")


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "join v using (a)",
        "JOIN U USING (A)",
        "t",
        "...",
        "where\nb\nlimit 1",
        "The join is fine.",
        CHECKED.finding.title,
        CHECKED.finding.explanation,
    ],
)
def test_refuted_by_nothing_it_is_unverified(quote: str) -> None:
    assert of(Ruling.REFUTED, quote=quote) is Standing.UNVERIFIED


@pytest.mark.parametrize(
    ("quote", "is_enough"),
    [
        ("join u usi", True),
        ("join u us", False),
        ("  join   u   us  ", False),
        ("R     3 + | join u us", False),
        ("R     3 + | join u usi", True),
        ("from t", False),
        ("where b", False),
        ("select a", False),
        ("from t\njoin", True),
    ],
)
def test_less_than_eight_characters_of_code_contradict_nothing(quote: str, is_enough: bool) -> None:
    assert LEAST == 8
    expected = Refuted(quote, "Why.") if is_enough else Standing.UNVERIFIED
    assert of(Ruling.REFUTED, quote=quote) == expected


def test_where_nothing_was_shown_nothing_is_refuted() -> None:
    for code in ((), ("", "")):
        assert of(Ruling.REFUTED, code, quote="join u using (a)") is Standing.UNVERIFIED
        assert of(Ruling.CONFIRMED, code) is Standing.CONFIRMED


def test_what_only_the_author_knows_becomes_a_question() -> None:
    assert of(Ruling.NEEDS_AUTHOR, topic=Topic.BUDGET, question="How much?") == Question(
        Topic.BUDGET, "How much?", "An incremental model has no unique key", MODEL
    )
    assert of(Ruling.NEEDS_AUTHOR, question="") is Standing.UNVERIFIED


def test_the_sceptics_instructions_are_not_repeated() -> None:
    for leak in (TOLD, "f00d" * 8):
        assert of(Ruling.NEEDS_AUTHOR, question=leak) is Standing.UNVERIFIED
        assert of(Ruling.NEEDS_AUTHOR, question="How much?", reason=leak) is Standing.UNVERIFIED
        assert of(Ruling.REFUTED, quote="join u using", reason=leak) == Refuted("join u using", "")


# What was shown


def test_both_versions_and_the_facts_folded_and_without_the_gutter() -> None:
    assert CODE == (
        "select a from t join u using (a) where b",
        "select distinct a from t",
        "is described in m.yml: - name: a tests: [unique]",
        "is read by m/b.sql",
    )
    assert shown(CHECKED, Subject(MADE), ()) == CODE[:2]


@pytest.mark.parametrize(
    ("quote", "is_one"),
    [
        ("select distinct a\nfrom t", True),
        ("select a\nfrom t", True),
        ("select distinct a\nselect a", False),
        ("select a\nselect distinct a", False),
        ("where b\nselect distinct a", False),
        ("where b\nis described in m.yml", False),
        ("tests: [unique]\nis read by m/b.sql", False),
    ],
)
def test_a_quotation_is_of_one_version_or_of_one_fact(quote: str, is_one: bool) -> None:
    """Across two of them it would be a sentence that nobody wrote."""
    assert of(Ruling.REFUTED, quote=quote) == (Refuted(quote, "Why.") if is_one else Standing.UNVERIFIED)


def test_of_many_facts_no_more_than_were_sent_can_be_quoted_and_those_that_are_cited_come_first() -> None:
    many = [Fact(f"F{number}", MODEL, f"the fact of number {number:02}") for number in range(1, 31)]
    texts = shown(replace(CHECKED, facts=(many[20],)), Subject(MADE), many)[2:]
    assert VERIFY_FACTS == 12
    assert texts == (many[20].text, *(fact.text for fact in many[:11]))


def test_windows_line_ends_part_no_words() -> None:
    made = artifact(MODEL, "a\r\n", "select a\r\nfrom t\r\nwhere b\r\n")
    fact = Fact("F1", MODEL, "is described in m.yml:\r\nR     7   | - name: a\r\nR     8   |   tests: [unique]\r")
    assert shown(CHECKED, Subject(made), (fact,)) == ("select a from t where b", "a", CODE[2])


def test_blanks_and_hidden_characters_are_as_in_quotations_and_secrets_are_out() -> None:
    secret = "ghp_" + "a1B2" * 9
    made = artifact(MODEL, None, f"select\t a\n  -- \u202e {secret}\nfrom  t\n")
    assert shown(CHECKED, Subject(made), ()) == ("select a -- <U+202E> (redacted) from t", "")


LONG = artifact(MODEL, None, "".join(f"the line {number:03}\n" for number in range(1, 61)))


@pytest.mark.parametrize(
    ("line", "end_line", "first", "last"), [(30, 30, 15, 45), (30, 34, 15, 49), (3, 3, 1, 18), (60, 60, 45, 60)]
)
def test_no_more_than_stands_around_the_finding(line: int, end_line: int, first: int, last: int) -> None:
    assert VERIFY_CONTEXT == 15
    checked = Checked(finding(source="agent:a", location=Location(MODEL, line, end_line)), (), in_diff=True)
    code = shown(checked, Subject(LONG), ())
    assert code == (" ".join(f"the line {number:03}" for number in range(first, last + 1)), "")


# The call


def asked(model: Scripted, at: Checked = CHECKED, of: Artifact = MADE) -> tuple[Outcome, ModelError | None]:
    elsewhere = artifact("other.sql", None, "select elsewhere\n")
    rules = [finding(location=Location(path, 1, 1)) for path in (MODEL, "other.sql")]
    made = change(of, elsewhere, findings=rules, context={"volume": "two terabytes a day"})
    chosen = setup(model)
    limits = Limits(Ledger(1.0, PRICE, "m"), soon())
    return verify(model, at, made, chosen, plan(made, chosen, None), limits, PROMPTS)


def test_it_is_one_call_that_sees_the_files_facts() -> None:
    model = in_turn(ruled("confirmed"))
    assert asked(model) == (Standing.CONFIRMED, None)
    (body,) = model.bodies
    assert "tools" not in body
    facts = texts_of(body).partition("\n\nfacts\n\n")[2]
    assert "rule:DBT001 found at RIGHT 1-1" in facts
    assert "other.sql" not in facts
    assert "two terabytes a day" in texts_of(body)


@pytest.mark.parametrize(
    ("quote", "is_shown"),
    [
        ("the line 015", True),
        ("the line 014", False),
        ("the line 045", True),
        ("the line 046", False),
        ("the line 014\nthe line 015", False),
        ("the line 015\nthe line 016", True),
        ("rule:DBT001 found at RIGHT 1-1", True),
        ("select elsewhere", False),
        ("An index is missing", False),
        ("two terabytes a day", False),
    ],
)
def test_it_refutes_by_what_its_request_shows_and_by_nothing_else(quote: str, is_shown: bool) -> None:
    """What it did not see it can only have guessed, even where the file does hold it."""
    claim = finding(source="agent:a", location=Location(MODEL, 30, 30), title="An index is missing")
    model = in_turn(ruled("refuted", quote=quote))
    expected = Refuted(quote, "The code shows it.") if is_shown else Standing.UNVERIFIED
    assert asked(model, Checked(claim, (), in_diff=True), LONG) == (expected, None)
    text = texts_of(model.bodies[0]).partition("\n\ncode of ")[2]
    assert all((line in text) is is_shown for line in quote.split("\n") if line != "the line 015")


def test_a_cut_verification_is_asked_for_once_more_as_far_as_the_model_can() -> None:
    model = in_turn(AnswerIncomplete("cut", is_cut=True), ruled("confirmed"))
    assert asked(model) == (Standing.CONFIRMED, None)
    assert [body["max_tokens"] for body in model.bodies] == [6_000, 12_000]


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
