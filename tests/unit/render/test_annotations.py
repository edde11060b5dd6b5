"""Annotations: the worst of each level, within what GitHub shows and takes."""

from review.domain.changeset import Side
from review.domain.finding import Location, Tier
from review.domain.severity import Severity
from review.render.annotations import MAX_MESSAGE, MAX_TITLE, PER_LEVEL, annotations
from tests.unit.render.builders import FCT, finding, review
from tests.unit.render.examples import clean


def test_levels() -> None:
    entries = [finding(severity=each, evidence=each.value) for each in Severity]
    entries.append(finding(severity=Severity.CRITICAL, tier=Tier.ADVISORY, evidence="advisory"))
    levels = [each.level for each in annotations(review(entries)).shown]
    assert sorted(levels) == ["error", "error", "notice", "warning", "warning"]
    assert [each.level for each in annotations(review(entries[3:4], fail_on=Severity.LOW)).shown] == ["error"]


def test_the_worst_of_each_level_are_shown_and_the_rest_is_counted() -> None:
    entries = [
        finding(severity=severity, evidence=f"{severity} {number}", location=Location(FCT, number, number))
        for severity in (Severity.LOW, Severity.MEDIUM, Severity.HIGH)
        for number in range(1, 16)
    ]
    found = annotations(review(entries))
    counts = {level: sum(each.level == level for each in found.shown) for level in ("error", "warning", "notice")}
    assert counts == dict.fromkeys(counts, PER_LEVEL)
    assert found.left_out == 45 - 3 * PER_LEVEL
    assert [each.line for each in found.shown[:3]] == [1, 2, 3]


def test_what_and_what_to_do() -> None:
    (shown,) = annotations(review([finding(location=Location(FCT, 3, 5))])).shown
    assert (shown.path, shown.line, shown.end_line) == (FCT, 3, 5)
    assert shown.title == "DBT001: An incremental model has no unique key"
    assert shown.message == "Rows that arrive twice are kept twice. Fix: Set `unique_key` in the model's config."


def test_removed_lines_have_no_place_at_head() -> None:
    (shown,) = annotations(review([finding(location=Location(FCT, 3, 5, Side.LEFT))])).shown
    assert (shown.line, shown.end_line) == (None, None)


def test_texts_are_plain_and_short() -> None:
    text = "a\nb\x1b[31m\u202e ghp_" + "a1B2" * 9
    (shown,) = annotations(review([finding(title=text * 99, explanation=text * 999)])).shown
    for each in (shown.title, shown.message):
        assert each.isprintable()
        assert "a1B2" not in each
    assert len(shown.title) <= MAX_TITLE
    assert len(shown.message) <= MAX_MESSAGE


def test_nothing_found() -> None:
    assert annotations(clean()).shown == ()
