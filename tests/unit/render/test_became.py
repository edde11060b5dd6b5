"""What the summary says of earlier comments, and what we say in threads that are over."""

from dataclasses import replace

import pytest

from review.domain.artifact import Kind
from review.domain.conversation import Account
from review.domain.finding import Location, Suggestion
from review.render import became, threads
from review.render.comment import LIMIT, TOO_LONG, inline_comment, says_all_of, summary_comment
from review.render.markers import read_closed, read_finding, read_retired
from tests.unit.render.builders import FCT, HEAD, artifact, finding, review
from tests.unit.render.examples import agent, everything
from tests.unit.render.test_comment import again

A, B, C = (finding(evidence=name, location=Location(FCT, 3 + n, 3 + n)) for n, name in enumerate("abc"))
WHOLE = review([A, B, C], [artifact(FCT, Kind.DBT_MODEL)])


def account(**changes: object) -> Account:
    return Account(**changes)  # type: ignore[arg-type]


def test_nothing_became_of_anything() -> None:
    assert became.lines(WHOLE, Account()) == []
    assert "Earlier comments" not in summary_comment(WHOLE, Account(commented=frozenset({A.fingerprint})))


def test_each_of_them_is_told_and_by_whom() -> None:
    told = account(
        dismissed={A.fingerprint: "ana", B.fingerprint: ""}, removed=frozenset({C.fingerprint, "f" * 16}), gone=2
    )
    text = summary_comment(WHOLE, told)
    assert "Earlier comments: 2 not found any more, 2 resolved by a person, 2 removed by a person" in text
    assert "thread resolved by `ana`" in text
    assert "thread resolved by somebody" in text
    assert text.count("comment removed by somebody") == 1
    assert "These still count." in text
    assert text.count("not found any more") == 1


def test_what_is_gone_is_told_once_and_opens_nothing() -> None:
    text = summary_comment(WHOLE, account(gone=1))
    assert "\n\nEarlier comments: 1 not found any more\n\n" in text
    assert text.count("not found any more") == 1


def test_a_name_mentions_nobody() -> None:
    assert "thread resolved by `@all`" in summary_comment(WHOLE, account(dismissed={A.fingerprint: "@all"}))


def test_a_run_that_reuses_answers_still_tells_what_people_did() -> None:
    """Its summary is kept where it says all there is to say."""
    whole = agent()
    told = account(posted={whole.findings[0].fingerprint: 7}, dismissed={whole.findings[0].fingerprint: "ana"})
    assert says_all_of(summary_comment(whole, told), again(whole), told)
    assert not says_all_of(summary_comment(whole), again(whole), told)
    assert not says_all_of(summary_comment(whole, account(posted=told.posted)), again(whole), told)
    assert not says_all_of(summary_comment(whole, told), again(whole), replace(told, folded=frozenset({7})))


def test_what_is_said_in_a_thread() -> None:
    print_of = A.fingerprint
    whole = everything()
    for text in (threads.gone(whole, print_of), threads.left(whole, print_of), threads.suppressed("x", print_of)):
        assert read_closed(text) == print_of
        assert read_finding(text) is None
    assert f"[`{HEAD[:7]}`](https://github.com/" in threads.gone(whole, print_of)
    assert read_retired(threads.retired(print_of)) == print_of


@pytest.mark.parametrize("on_file", [False, True])
def test_a_comment_fits_whatever_is_in_it(on_file: bool) -> None:
    """Signs that take five characters each, and an edit as long as any that is shown."""
    long = finding(
        **dict.fromkeys(("title", "explanation", "remediation", "cost", "scale"), "&" * 9000),
        suggestion=Suggestion("select 1\n" * 5_000),
    )
    text = inline_comment(long, review([long]), on_file=on_file)
    assert len(text) <= LIMIT
    assert (TOO_LONG in text) != on_file
    assert read_finding(text) == long.fingerprint


def test_a_short_edit_is_offered() -> None:
    short = finding(suggestion=Suggestion("select 1"))
    assert TOO_LONG not in inline_comment(short, review([short]))
