"""The words that all surfaces share."""

from review.domain.artifact import Kind
from review.render import words
from tests.unit.render.builders import artifact, review, skipped


def test_a_file_missed_in_two_ways_is_one_file() -> None:
    ways = [
        skipped("models/a.sql", "one reason", standards=("cost",)),
        skipped("models/a.sql", "another", standards=("security",)),
    ]
    made = review(artifacts=[artifact("models/a.sql", Kind.DBT_MODEL)], skips=ways)
    assert words.numbers(made).endswith("; 1 checked only in part")
