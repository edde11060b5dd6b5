"""What a model may answer, and what is none: the schemas, and the text read into values."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from review.domain.agent import Judged, Judgement, Question, Topic
from review.domain.changeset import Side
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.errors import AnswerIncomplete
from review.reviewers.answer import MAX_FINDINGS, Draft, Edit, Verification, read_review, read_verification, texts
from review.reviewers.schemas import REVIEW_SCHEMA, VERIFY_SCHEMA, Ruling
from review.reviewers.tools import TOOLS
from tests.unit.reviewers.builders import MODEL, answer, claim, edit

RULING = {"reason": "r", "quote": "q", "verdict": "refuted", "edit": "none", "topic": "volume", "question": ""}


def read(**changes: Any) -> Any:
    return read_review(json.dumps({**answer(), **changes}))


def drafts(*findings: Any) -> tuple[Draft, ...]:
    return read_review(json.dumps(answer(*findings))).drafts


# The schemas


def schemas(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every schema in a schema."""
    yield value
    for each in value.get("properties", {}).values():
        yield from schemas(each)
    if "items" in value:
        yield from schemas(value["items"])


@pytest.mark.parametrize("schema", [REVIEW_SCHEMA, VERIFY_SCHEMA, *(tool["input_schema"] for tool in TOOLS)])
def test_the_schemas_keep_to_what_structured_outputs_take(schema: Mapping[str, Any]) -> None:
    """No union, no bound, nothing optional: platform.claude.com, "Structured outputs"."""
    for each in schemas(schema):
        kind = each["type"]
        assert kind in ("object", "array", "string", "integer")
        allowed = {"object": {"properties", "required", "additionalProperties"}, "array": {"items"}, "string": {"enum"}}
        assert set(each) <= {"type", "description"} | allowed.get(kind, set())
        if kind == "object":
            assert each["additionalProperties"] is False
            assert each["required"] == list(each["properties"])
        assert len(each.get("enum", [])) == len(set(each.get("enum", [])))


def test_the_reasons_come_before_what_they_lead_to() -> None:
    """The model writes the properties in the order of the schema."""
    finding = list(REVIEW_SCHEMA["properties"]["findings"]["items"]["properties"])
    assert finding.index("evidence") < finding.index("title") < finding.index("severity")
    assert list(REVIEW_SCHEMA["properties"]["standards"]["items"]["properties"])[-2:] == ["rationale", "judgement"]
    assert list(VERIFY_SCHEMA["properties"])[:3] == ["reason", "quote", "verdict"]


def test_the_enums_are_ours() -> None:
    finding = REVIEW_SCHEMA["properties"]["findings"]["items"]["properties"]
    assert finding["side"]["enum"] == ["LEFT", "RIGHT"]
    assert finding["severity"]["enum"] == ["critical", "high", "medium", "low"]
    assert len(finding["standard"]["enum"]) == 8
    assert VERIFY_SCHEMA["properties"]["verdict"]["enum"] == ["confirmed", "refuted", "needs-author"]


# A review


def test_a_whole_answer() -> None:
    asked = {"topic": "freshness", "path": MODEL, "question": "How late may it be?", "why": "It decides the schedule."}
    found = read_review(
        json.dumps(
            answer(
                claim(facts=["F1", "F12"], cost="One scan.", edit=edit(2, 3, "  a", "  b")),
                judged={Standard.COST: "unclear"},
                questions=[asked],
                paths=[MODEL, "dags/a.py"],
            )
        )
    )
    assert found.drafts == (
        Draft(
            standard=Standard.DATA_QUALITY,
            path=MODEL,
            side=Side.RIGHT,
            line=2,
            end_line=2,
            evidence="join customers using (customer_id)",
            title="A join may multiply rows",
            explanation="Each order comes out once for every match.",
            remediation="Test `customer_id` for uniqueness.",
            cost="One scan.",
            scale="",
            facts=("F1", "F12"),
            confidence=Confidence.MEDIUM,
            severity=Severity.HIGH,
            edit=Edit(2, 3, "  a", "  b"),
        ),
    )
    assert [each.standard for each in found.judgements] == list(Standard)
    assert found.judgements[5] == Judgement(Standard.COST, Judged.UNCLEAR, "What was seen of cost.")
    assert found.questions == (Question(Topic.FRESHNESS, "How late may it be?", "It decides the schedule.", MODEL),)
    assert found.reviewed == {MODEL, "dags/a.py"}
    assert found.malformed == 0


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"side": "left"}, "side", Side.LEFT),
        ({"severity": "CRITICAL"}, "severity", Severity.CRITICAL),
        ({"confidence": " High "}, "confidence", Confidence.HIGH),
        ({"standard": "Data_Quality"}, "standard", Standard.DATA_QUALITY),
        ({"standard": "Error Handling"}, "standard", Standard.ERROR_HANDLING),
    ],
)
def test_the_case_of_an_enum_does_not_matter(changes: dict[str, str], name: str, value: object) -> None:
    assert getattr(drafts(claim(**changes))[0], name) is value


def test_nor_does_it_in_judgements_and_questions() -> None:
    standards = [{**each, "judgement": "NOT_APPLICABLE"} for each in answer()["standards"]]
    asked = [{"topic": "Volume", "path": "", "question": "How much?", "why": ""}]
    found = read(standards=standards, questions=asked)
    assert {each.judged for each in found.judgements} == {Judged.NOT_APPLICABLE}
    assert found.questions[0].topic is Topic.VOLUME


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", '"text"', "3", "Here it is: {}", "{} {}", "```json\n", "[" * 100_000, '{"a": ' * 50_000],
    ids=lambda text: text[:12],
)
def test_what_is_no_object_is_no_answer(text: str) -> None:
    with pytest.raises(AnswerIncomplete, match=r"the answer is (not JSON|no JSON object)"):
        read_review(text)
    with pytest.raises(AnswerIncomplete, match=r"the answer is (not JSON|no JSON object)"):
        read_verification(text)


@pytest.mark.parametrize(("before", "after"), [("```json\n", "\n```"), ("```", "```\n"), (" \n", "\n\n")])
def test_a_code_fence_around_the_object_is_no_harm(before: str, after: str) -> None:
    assert len(read_review(before + json.dumps(answer(claim())) + after).drafts) == 1


@pytest.mark.parametrize("key", ["findings", "standards", "questions", "reviewed_paths"])
@pytest.mark.parametrize("value", [None, "text", 3, {}])
def test_a_key_that_is_no_list_makes_it_no_answer(key: str, value: object) -> None:
    with pytest.raises(AnswerIncomplete, match="not the shape that was asked for"):
        read(**{key: value})
    with pytest.raises(AnswerIncomplete, match="not the shape that was asked for"):
        read_review(json.dumps({name: each for name, each in answer().items() if name != key}))


@pytest.mark.parametrize("missing", Standard)
def test_all_eight_standards_must_be_judged(missing: Standard) -> None:
    standards = [each for each in answer()["standards"] if each["standard"] != missing.value]
    with pytest.raises(AnswerIncomplete, match=rf"judges no {missing.value}\Z"):
        read(standards=standards)
    with pytest.raises(AnswerIncomplete, match="judges no error-handling, no monitoring, no data-quality"):
        read(standards=[])


@pytest.mark.parametrize(
    "entry",
    [
        {"standard": "cost", "rationale": "r", "judgement": "fine"},
        {"standard": "beauty", "rationale": "r", "judgement": "pass"},
        {"standard": "cost", "judgement": "pass"},
        {"standard": "cost", "rationale": None, "judgement": "pass"},
        {"standard": "cost", "rationale": "r"},
        "cost: pass",
    ],
)
def test_a_judgement_that_is_none_makes_it_no_answer(entry: object) -> None:
    with pytest.raises(AnswerIncomplete, match="not the shape"):
        read(standards=[*answer()["standards"], entry])


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (("concern",), "concern"),
        (("concern", "pass"), "concern"),
        (("pass", "concern"), "concern"),
        (("unclear", "pass", "not-applicable"), "unclear"),
        (("unclear", "concern", "unclear"), "concern"),
        (("not-applicable", "pass"), "pass"),
        (("not-applicable",), "not-applicable"),
    ],
)
def test_judgements_come_in_our_order_and_the_gravest_of_several_counts(said: tuple[str, ...], counts: str) -> None:
    """Whoever talks a model into a second judgement takes no doubt away by it."""
    entries = [{"standard": "cost", "rationale": f"{each} {at}", "judgement": each} for at, each in enumerate(said)]
    others = [entry for entry in reversed(answer()["standards"]) if entry["standard"] != "cost"]
    for standards in ([*others, *entries], [*entries, *others], [*entries[:1], *others, *entries[1:]]):
        found = read(standards=standards)
        assert [each.standard for each in found.judgements] == list(Standard)
        assert found.judgements[5].judged is Judged(counts)
        assert found.judgements[5].rationale.startswith(f"{counts} ")


def test_of_two_judgements_as_grave_one_is_taken() -> None:
    again = {"standard": "cost", "rationale": "After all.", "judgement": "pass"}
    found = read(standards=[*answer()["standards"], again])
    assert found.judgements[5] == Judgement(Standard.COST, Judged.PASS, "After all.")
    assert len(found.judgements) == 8


@pytest.mark.parametrize(
    "entry",
    [
        *({name: value for name, value in claim().items() if name != key} for key in claim()),
        claim(standard="beauty"),
        claim(severity="blocker"),
        claim(confidence="90 %"),
        claim(side="BOTH"),
        claim(line="2"),
        claim(line=2.0),
        claim(line=True),
        claim(line=-1),
        claim(end_line=10_000_001),
        claim(end_line=None),
        claim(evidence=None),
        claim(title=["A", "B"]),
        claim(facts="F1"),
        claim(edit={}),
        claim(edit=["text"]),
        claim(edit=[{"line": 1, "end_line": 1, "original": "a"}]),
        claim(edit=[{"line": 1, "end_line": 1, "original": "a", "replacement": None}]),
        claim(edit=[{"line": "1", "end_line": 1, "original": "a", "replacement": "b"}]),
        "a finding",
        None,
        [],
        7,
    ],
    ids=str,
)
def test_a_finding_that_cannot_be_read_is_counted_and_the_rest_kept(entry: object) -> None:
    found = read(findings=[claim(title="before"), entry, claim(title="after")])
    assert [draft.title for draft in found.drafts] == ["before", "after"]
    assert found.malformed == 1


def test_too_many_findings_are_counted() -> None:
    found = read(findings=[claim(line=line) for line in range(70)])
    assert [draft.line for draft in found.drafts] == list(range(MAX_FINDINGS)) == list(range(60))
    assert found.malformed == 10


@pytest.mark.parametrize("edits", [[], edit(1, 1, "a", "b") * 2])
def test_two_edits_are_as_good_as_none(edits: list[object]) -> None:
    assert drafts(claim(edit=edits))[0].edit is None


def test_texts_are_cut_and_stripped_but_not_the_lines_of_an_edit() -> None:
    found = drafts(claim(title=" \nt\n ", explanation="x" * 5_000, edit=edit(1, 1, "  a  ", "  b\n")))[0]
    assert (found.title, len(found.explanation)) == ("t", 4_000)
    assert found.edit == Edit(1, 1, "  a  ", "  b\n")


def test_half_a_character_is_named_and_breaks_nothing() -> None:
    """JSON may hold one; UTF-8, and so every file and request we write, may not."""
    half = "a\ud83d b"
    (draft,) = drafts(claim(title=half, explanation=half, remediation=half, cost=half, scale=half))
    assert list(texts(draft)) == ["a? b"] * 5
    found = read_verification(json.dumps({**RULING, "reason": half, "question": half}))
    assert (found.reason, found.question) == ("a? b", "a? b")
    assert drafts(claim(title="\ud83d\ude42"))[0].title == "🙂"


def test_keys_that_nobody_asked_for_are_not_read() -> None:
    assert read(approved=True).drafts == ()
    assert drafts({**claim(), "tier": "proven"})[0].title == "A join may multiply rows"


def test_at_most_twelve_questions_and_none_without_a_text() -> None:
    asked = [{"topic": "volume", "path": "", "question": f"{n or ''}", "why": ""} for n in range(20)]
    assert [question.text for question in read(questions=asked).questions] == [f"{n}" for n in range(1, 12)]


def test_the_texts_of_a_draft_are_those_that_a_reader_sees() -> None:
    draft = drafts(claim(title="1", explanation="2", remediation="3", cost="4", scale="5"))[0]
    assert list(texts(draft)) == ["1", "2", "3", "4", "5"]


# A verification


def test_a_whole_verification() -> None:
    assert read_verification(json.dumps(RULING)) == Verification(Ruling.REFUTED, "q", "r", Topic.VOLUME, "")
    changed = {**RULING, "verdict": "Needs_Author", "topic": "BUDGET", "question": "How much?"}
    found = read_verification(json.dumps(changed))
    assert (found.ruling, found.topic, found.question) == (Ruling.NEEDS_AUTHOR, Topic.BUDGET, "How much?")


@pytest.mark.parametrize(
    ("said", "is_right"),
    [("right", True), ("Right", True), (" RIGHT ", True), ("wrong", False), ("none", False), ("None", False)],
)
def test_an_edit_is_right_where_it_is_said(said: str, is_right: bool) -> None:
    assert read_verification(json.dumps({**RULING, "edit": said})).edit_is_right is is_right
    assert not Verification(Ruling.CONFIRMED, "", "", Topic.VOLUME, "").edit_is_right


@pytest.mark.parametrize("value", ["rightly", "", "right or wrong", True, ["right"], {"edit": "right"}])
def test_any_other_word_on_the_edit_makes_it_no_answer(value: object) -> None:
    with pytest.raises(AnswerIncomplete, match="not the shape that was asked for"):
        read_verification(json.dumps({**RULING, "edit": value}))


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, value) for key in RULING for value in (None, 3, [], "absent") if (key, value) != ("edit", None)],
)
def test_a_verification_with_a_key_that_is_wrong_is_none(key: str, value: object) -> None:
    changed: dict[str, Any] = {**RULING, key: value}
    if value == "absent":
        del changed[key]
    with pytest.raises(AnswerIncomplete, match="not the shape that was asked for"):
        read_verification(json.dumps(changed))
