"""What a worker says of a file or an edit is believed only where it is exactly of the agreed shape."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from review.domain.artifact import Kind
from review.domain.outline import Outline, Part
from review.evidence.collect import HANDLER, LIMITS
from review.evidence.describe import Edit, LinkFile, describe, edits_parse, links
from review.evidence.messages import MalformedAnswer, outline_answer, read_outline, read_problem
from review.evidence.outlines.base import MAX_NAMES, MAX_PARTS
from review.sandbox.pool import Pool
from tests.unit.evidence.builders import artifact, prepared

pytestmark = pytest.mark.usefixtures("forked_workers")

OUTLINE = Outline(
    (Part("dag", "nightly", 1, 9), Part("task", "load \N{PILE OF POO}", 3, 3)),
    ("ref:a", "table:shop.orders"),
    ("model:b",),
    trivial=True,
)
FILE = artifact("a.sql", "select 1\n", dialect="snowflake", base="select 1\n")


def edited(**changes: Any) -> dict[str, Any]:
    return {**outline_answer(OUTLINE), **changes}


MALFORMED: list[dict[str, Any]] = [
    {},
    {"findings": "many"},
    edited(parts=None),
    edited(parts={}),
    edited(parts="dag"),
    edited(parts=[None]),
    edited(parts=[["dag"]]),
    edited(parts=[["dag", "a", 1, 2, 3]]),
    edited(parts=[["poem", "a", 1, 2]]),
    edited(parts=[[["dag"], "a", 1, 2]]),
    edited(parts=[["dag", "", 1, 2]]),
    edited(parts=[["dag", None, 1, 2]]),
    edited(parts=[["dag", "a\nb", 1, 2]]),
    edited(parts=[["dag", "\N{RIGHT-TO-LEFT OVERRIDE}", 1, 2]]),
    edited(parts=[["dag", "a" * 201, 1, 2]]),
    edited(parts=[["dag", "a", 0, 2]]),
    edited(parts=[["dag", "a", 2, 1]]),
    edited(parts=[["dag", "a", 1, 10]]),
    edited(parts=[["dag", "a", True, 2]]),
    edited(parts=[["dag", "a", 1.0, 2]]),
    edited(parts=[["dag", "a", "1", 2]]),
    edited(parts=[["dag", "a", 1, 2]] * (MAX_PARTS + 1)),
    edited(reads=None),
    edited(reads="ref:a"),
    edited(reads=[None]),
    edited(reads=["a"]),
    edited(reads=["ref:"]),
    edited(reads=["ref:A"]),
    edited(reads=["ref:a\nb"]),
    edited(reads=["ref:" + "a" * 201]),
    edited(reads=["model:a"]),
    edited(reads=["ref:a"] * (MAX_NAMES + 1)),
    edited(writes=["ref:a"]),
    edited(writes=[["model:a"]]),
    edited(trivial=None),
    edited(trivial=1),
    edited(trivial="true"),
]


def test_an_outline_arrives_as_it_was() -> None:
    assert read_outline(9, json.loads(json.dumps(outline_answer(OUTLINE)))) == OUTLINE
    assert read_outline(1, outline_answer(Outline())) == Outline()
    assert read_outline(1, edited(parts=[], reads=["ref:b", "ref:a", "ref:b"])).reads == ("ref:a", "ref:b")


@pytest.mark.parametrize("data", MALFORMED)
def test_an_outline_of_another_shape_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        read_outline(9, data)


@pytest.mark.parametrize("data", [{}, {"problem": None}, {"problem": 1}, {"problem": "a\nb"}, {"problem": "a" * 201}])
def test_a_clause_of_another_shape_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        read_problem(data)
    assert read_problem({"problem": "a clause"}) == "a clause"


class Wrong(Pool):
    """A pool whose workers answer nonsense."""

    nonsense: Mapping[str, Any] = {}

    def run(self, jobs, shared=()):  # type: ignore[no-untyped-def]
        for reply in super().run(jobs, shared):
            yield type(reply)(reply.subject, dict(self.nonsense))


@pytest.fixture(scope="module")
def wrong() -> Iterator[Wrong]:
    with Wrong(HANDLER, 1, LIMITS) as working:
        working.prepare(prepared("snowflake"))
        yield working


@pytest.mark.parametrize("nonsense", [{"parts": "many"}, {"problem": ""}, {"findings": [], "skipped": []}])
def test_nonsense_about_a_file_is_an_empty_outline(wrong: Wrong, nonsense: Mapping[str, Any]) -> None:
    wrong.nonsense = nonsense
    assert describe([FILE], wrong) == {"a.sql": Outline()}
    assert links([LinkFile("b.sql", "select 1", Kind.SQL_QUERY)], wrong) == {"b.sql": Outline()}


@pytest.mark.parametrize("nonsense", [{"problem": None}, {"problem": "a\r\nb"}, outline_answer(Outline())])
def test_nonsense_about_an_edit_refuses_it(wrong: Wrong, nonsense: Mapping[str, Any]) -> None:
    wrong.nonsense = nonsense
    assert edits_parse([Edit(FILE, "select 2")], wrong) == (
        "could not be checked: the parser's answer could not be read",
    )


@pytest.mark.parametrize("data", [{"ask": "poem"}, {"ask": None}, {"ask": "edit", "base": None}, {"ask": "outline"}])
def test_a_worker_answers_no_other_question(data: dict[str, Any]) -> None:
    from review.evidence.messages import request
    from review.sandbox.pool import Job

    asked = {**request(artifact("a.sql", None, base=None), None).to_dict(), **data}
    with Pool(HANDLER, 1, LIMITS) as pool:
        pool.prepare(prepared())
        (reply,) = pool.run([Job("a.sql", asked)])
    assert (reply.answer, reply.failure) == (None, "the parser failed on it (ValueError)")
