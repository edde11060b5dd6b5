"""Which `/data-review ignore` on a pull request count, and for which findings."""

from dataclasses import replace

import pytest

from review.commands.ignoring import MOST_AUTHORS, standing_ignores
from review.domain.conversation import Ignores, Thread
from review.domain.finding import Finding, Location, Standard
from review.errors import GitHubError
from review.render.markers import retired_marker
from tests.unit.publish.conversations import US, answered, closed, first_body, ours, outdated, theirs
from tests.unit.publish.fake import FakeGitHub, posted
from tests.unit.render.builders import FCT, finding

A = finding(evidence="a")
B = finding(evidence="b")
LINT = finding(source="sqlfluff:AM04", standard=Standard.COST)
AGENT = finding(source="agent:data-engineer", location=Location(FCT, 4, 6))
REWORDED = replace(AGENT, evidence="in other words", location=Location(FCT, 6, 8))
ROLES = {"ana": "write", "mia": "maintain", "adm": "admin", "eve": "read", "tri": "triage"}


def ignores(threads: list[Thread] | None = None, *comments: tuple[str, str], least: str = "write") -> Ignores:
    """What counts; each comment is an author and a text."""
    github = FakeGitHub([posted(body, by, n) for n, (by, body) in enumerate(comments)], threads or [])
    return standing_ignores(github, lambda who: ROLES.get(who, "none"), least)


@pytest.mark.parametrize(
    ("comment", "covered"),
    [
        ("/data-review ignore DBT001 small table", {A, B}),
        ("/data-review ignore dbt001 small table", {A, B}),
        ("/data-review ignore AM04 small table", {LINT}),
        (f"/data-review ignore {A.fingerprint} small table", {A}),
        ("/data-review ignore DBT999 small table", set()),
        ("> /data-review ignore DBT001 small table", set()),
        ("please /data-review ignore DBT001 small table", set()),
    ],
)
def test_in_the_conversation_the_first_word_says_what(comment: str, covered: set[Finding]) -> None:
    found = ignores(None, ("ana", comment))
    assert {entry for entry in (A, B, LINT) if found.reason(entry)} == covered
    assert found.notices == ()
    for entry in covered:
        assert found.reason(entry) == "ignored on this pull request by ana: small table"


@pytest.mark.parametrize(
    "text", ["the table is small", "DBT001 the table is small", f"{A.fingerprint} the table is small"]
)
def test_in_a_thread_of_ours_the_text_is_the_reason(text: str) -> None:
    found = ignores([answered(ours(A), f"/data-review ignore {text}")])
    assert found.reason(A) == "ignored on this pull request by ana: the table is small"
    assert found.reason(B) is None


@pytest.mark.parametrize(
    "thread", [outdated(ours(A)), closed(A), first_body(ours(A), f"x\n{retired_marker(A.fingerprint)}")]
)
def test_it_counts_as_long_as_it_stands_there(thread: Thread) -> None:
    found = ignores([answered(thread, "Hm.", "/data-review ignore small")])
    assert found.reason(A) == "ignored on this pull request by ana: small"


def test_what_the_model_words_anew_stays_ignored() -> None:
    found = ignores([answered(ours(AGENT), "/data-review ignore small")])
    assert found.reason(REWORDED)
    assert found.reason(replace(REWORDED, standard=Standard.COST)) is None


@pytest.mark.parametrize(
    "thread",
    [
        theirs("/data-review ignore small"),
        answered(first_body(ours(A), ours(A).first.body, "eve"), "/data-review ignore small"),
        answered(theirs(), "/data-review ignore small"),
    ],
)
def test_a_thread_of_somebody_else_is_none(thread: Thread) -> None:
    assert ignores([thread]) == Ignores()


@pytest.mark.parametrize(
    ("least", "counting"),
    [
        ("write", ["ana", "mia", "adm"]),
        ("maintain", ["mia", "adm"]),
        ("admin", ["adm"]),
        ("never", []),
    ],
)
def test_who_may(least: str, counting: list[str]) -> None:
    for author in [*ROLES, "stranger"]:
        found = ignores(None, (author, "/data-review ignore DBT001 small"), least=least)
        assert (found.reason(A) is not None) == (author in counting), author
        assert bool(found.notices) == (author not in counting and least != "never")


@pytest.mark.parametrize(("least", "counts"), [("write", True), ("maintain", False), ("admin", False)])
def test_words_that_a_lesser_role_may_have_put_there(least: str, counts: bool) -> None:
    """Who may write can edit anybody's comment, and ours, whose marker says what a thread is about."""
    said = "/data-review ignore DBT001 small"
    thread = answered(ours(A), said, by="adm")
    first, reply = thread.remarks
    comment = replace(posted(said, "adm"), is_edited=True)
    for github in (
        FakeGitHub([comment]),
        FakeGitHub(standing=[replace(thread, remarks=(first, replace(reply, is_edited=True)))]),
        FakeGitHub(standing=[replace(thread, remarks=(replace(first, is_edited=True), reply))]),
    ):
        found = standing_ignores(github, ROLES.__getitem__, least)
        assert (found.reason(A) is not None) == counts
        assert any("was edited" in notice for notice in found.notices) != counts


@pytest.mark.parametrize("author", ["dependabot[bot]", US, ""])
def test_a_program_is_not_heard(author: str) -> None:
    github = FakeGitHub([posted("/data-review ignore DBT001 small", author)])
    assert standing_ignores(github, lambda login: "admin", "write") == Ignores()


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        ("/data-review ignore", "it gives no reason"),
        ("/data-review ignore DBT001", "it gives no reason"),
        ("/data-review ignore <b>x</b> because", "it names no rule"),
    ],
)
def test_what_lacks_something_is_told(comment: str, why: str) -> None:
    found = ignores(None, ("ana", comment), ("ana", comment))
    assert found.standing == ()
    assert found.notices == (f"`/data-review ignore` of ana does not count: {why}.",)


def test_a_code_alone_is_no_reason_in_a_thread() -> None:
    found = ignores([answered(ours(A), "/data-review ignore DBT001")])
    assert found.reason(A) is None
    assert found.notices == ("`/data-review ignore` of ana does not count: it gives no reason.",)


def test_each_author_is_asked_about_once_and_not_all_of_a_crowd() -> None:
    asked: list[str] = []

    def role_of(login: str) -> str:
        asked.append(login)
        return "write"

    crowd = [posted("/data-review ignore DBT001 x", f"u{n // 2}", n) for n in range(80)]
    found = standing_ignores(FakeGitHub(crowd), role_of, "write")
    assert asked == [f"u{n}" for n in range(MOST_AUTHORS)]
    assert len(found.standing) == 2 * MOST_AUTHORS
    assert "no more are looked up" in found.notices[0]


def test_who_cannot_be_asked_about_does_not_count() -> None:
    def role_of(login: str) -> str:
        raise GitHubError("GitHub answered with status 502.")

    found = standing_ignores(FakeGitHub([posted("/data-review ignore DBT001 x", "ana")]), role_of, "write")
    assert found.standing == ()
    assert "could not be read (GitHub answered with status 502)" in found.notices[0]


def test_a_conversation_that_cannot_be_read_ignores_nothing() -> None:
    class Down(FakeGitHub):
        def threads(self):  # type: ignore[no-untyped-def]
            raise GitHubError("It is down.")

    found = standing_ignores(Down(), ROLES.__getitem__, "write")
    assert found == Ignores(notices=("Ignores on this pull request could not be read, so none counts: It is down.",))


def test_without_ignores_nobody_is_asked_about() -> None:
    github = FakeGitHub([posted("LGTM", "ana")], [ours(A), theirs()])
    assert standing_ignores(github, {}.__getitem__, "write") == Ignores()
