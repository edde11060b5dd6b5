"""Which hits are read, what a reader gets, and how often rules are right."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.evals import judging
from tests.evals.changes import ROOT, outside
from tests.evals.judging import Judgement, draw, merged, precision, read
from tests.evals.metrics import Hit, Share
from tests.unit.evals.builders import hit


def judged(of: Hit, verdict: bool = True, reader: str = "ada", why: str = "it is") -> Judgement:
    return Judgement(of.rule, of.repo, of.sha, of.path, of.line, of.fingerprint, verdict, why, reader)


HITS = [hit("SQL001", line) for line in range(1, 101)] + [hit("SQL002", line) for line in range(1, 4)]


def test_at_most_so_many_of_each_rule() -> None:
    drawn = draw(HITS, [], 50, "x")
    assert [sum(each.rule == rule for each in drawn) for rule in ("SQL001", "SQL002")] == [50, 3]
    assert drawn == draw(reversed(HITS), [], 50, "x")
    assert drawn != draw(HITS, [], 50, "y")


def test_those_judged_are_left_out_and_nothing_takes_their_place() -> None:
    drawn = draw(HITS, [], 50, "x")
    assert draw(HITS, map(judged, drawn[:20]), 50, "x") == drawn[20:]


def test_a_hit_that_is_gone_makes_room_for_one_and_leaves_the_others() -> None:
    drawn = draw(HITS, [], 50, "x")
    again = draw([each for each in HITS if each != drawn[0]], [], 50, "x")
    assert set(drawn[1:]) < set(again)
    assert len(again) == len(drawn)


def test_the_linters_are_not_drawn_and_none_twice() -> None:
    assert draw([hit(), hit(), hit("LT01", is_rule=False)], [], 50, "x") == [hit()]


def test_precision() -> None:
    verdicts = [
        judged(HITS[0]),
        judged(HITS[1], verdict=False),
        judged(HITS[2]),
        judged(HITS[2], verdict=False, reader="bob"),
        judged(HITS[100]),
        judged(hit("SQL009")),
    ]
    counted = precision(HITS, verdicts)
    assert counted.rules == {"SQL001": Share(1, 3), "SQL002": Share(1, 1)}
    assert counted.overall == Share(2, 4)
    assert counted.unjudged == {"SQL001": 97, "SQL002": 2}
    assert counted.gone == 1


def test_a_later_verdict_of_a_reader_replaces_the_earlier() -> None:
    known = [judged(HITS[0]), judged(HITS[0], reader="bob")]
    later = judged(HITS[0], verdict=False)
    assert merged(known, [later]) == [later, known[1]]


@pytest.mark.parametrize(
    "change",
    [{"verdict": None}, {"verdict": "yes"}, {"why": " "}, {"why": "a\nb"}, {"why": "x" * 301}, {"reader": ...}],
)
def test_what_is_no_verdict(change: dict[str, object]) -> None:
    row = {**vars(judged(HITS[0])), **change}
    with pytest.raises(ValueError, match=r"models/orders.sql:1"):
        read({name: value for name, value in row.items() if value is not ...})


def test_the_table_is_kept_and_read(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    assert judging.table(file) == []
    judging.keep([judged(HITS[0])], file)
    assert judging.table(file) == [judged(HITS[0])]


def test_our_own_table_can_be_read() -> None:
    assert all(each.why for each in judging.table())


def test_answers_are_to_be_filled_in() -> None:
    (row,) = map(json.loads, judging.answers([HITS[0]], "ada").splitlines())
    with pytest.raises(ValueError, match="neither true nor false"):
        read(row)
    assert read({**row, "verdict": True, "why": "it is"}) == judged(HITS[0])


def test_what_a_reader_gets(tmp_path: Path) -> None:
    clone = tmp_path / "shop+warehouse" / "repo"
    clone.mkdir(parents=True)
    who = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    shas = []
    for lines in (range(60), [*range(40), 1000, *range(40, 60)]):
        (clone / "a.sql").write_text("".join(f"select {number}\n" for number in lines))
        subprocess.run([*who, "add", "-A"], check=True)
        subprocess.run([*who, "commit", "-qm", "x"], check=True)
        head = subprocess.run([*who, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        shas.append(head.stdout.strip())
    found = hit(line=41, base=shas[0], sha=shas[1], path="a.sql", title="It is odd", explanation="So.", suggestion="x")
    page = "".join(judging.reading_list([found], {"SQL001": "The page."}, tmp_path))
    assert page.startswith("The page.\n")
    assert "\n+select 1000\n select 40\n" in page
    assert ">    41 select 1000" in page
    assert "```suggestion\nx\n```" in page
    assert judging.hunk(hit(line=1, base=shas[0], sha=shas[1], path="a.sql"), tmp_path).startswith("(the change")


def test_corpus_code_goes_nowhere_into_this_repository(tmp_path: Path) -> None:
    assert outside(tmp_path / "new").is_dir()
    with pytest.raises(ValueError, match="outside"):
        outside(ROOT / "tests" / "out")
