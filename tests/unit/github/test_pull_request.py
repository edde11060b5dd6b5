"""Our calls on one pull request against the strict fake: what is repeated, what is waited for, and what never is."""

from pathlib import Path
from typing import Any

import pytest

from review.errors import Forbidden, GitHubError, NotFound, RateLimited
from review.github.base import PostedComment
from review.github.pull_request import PullRequestClient
from review.github.pygithub import PATIENCE
from tests.github_server import graphql
from tests.github_server.faults import Fault
from tests.github_server.server import READS, RESOLVES, GitHubServer
from tests.unit.publish.scene import NAME, NUMBER, PATH, Scene, text

SPENT = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
LIMIT = "You have exceeded a secondary rate limit."
TROUBLE = [
    Fault("", "", 500),
    Fault("", "", 502),
    Fault("", "", 503),
    Fault("", "", kind="reset"),
    Fault("", "", kind="garbage"),
]


@pytest.fixture
def scene(tmp_path: Path, github: GitHubServer) -> Scene:
    """One finding and a summary, published."""
    made = Scene(tmp_path, github)
    made.push({PATH: text("a")})
    made.publish()
    github.requests.clear()
    return made


def fault(scene: Scene, kind: Fault, method: str, times: int = 1) -> None:
    scene.server.faults.append(
        Fault(method, ".*", kind.status, times, kind=kind.kind, seconds=kind.seconds, message=kind.message)
    )


@pytest.mark.parametrize("kind", TROUBLE, ids=lambda kind: f"{kind.kind} {kind.status}")
def test_what_may_be_repeated_is(scene: Scene, kind: Fault) -> None:
    waited: list[float] = []
    client = scene.client(sleep=waited.append)
    fault(scene, kind, "GET")
    (summary,) = client.summaries()
    fault(scene, kind, "POST")
    assert client.login() == "github-actions[bot]"
    fault(scene, kind, "PATCH")
    client.edit_summary(summary, "other words")
    assert scene.summary == "other words"
    assert [1 <= pause <= 2 for pause in waited] == [True] * 3


def test_only_writes_are_kept_apart(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """GraphQL's queries are POSTs too, and a run that only reads would wait a second for each."""
    waited: list[float] = []
    monkeypatch.setattr("github.Requester.time.sleep", waited.append)
    client = PullRequestClient(scene.server.api_url, RESOLVES, NAME, NUMBER, pause=30)
    client.login()
    (thread,) = client.threads()
    (summary,) = client.summaries()
    assert waited == []
    client.edit_summary(summary, "other words")
    client.resolve(thread)
    assert [29 < pause <= 30 for pause in waited] == [True]


def test_an_answer_that_does_not_come_is_asked_for_again(scene: Scene) -> None:
    scene.server.faults.append(Fault("GET", ".*", kind="silence", seconds=2.2))
    assert len(scene.client().summaries()) == 1
    assert len(scene.server.requests) == 2


@pytest.mark.parametrize("kind", TROUBLE, ids=lambda kind: f"{kind.kind} {kind.status}")
def test_a_post_is_sent_once(scene: Scene, kind: Fault) -> None:
    fault(scene, kind, "POST", times=9)
    for post in (
        lambda client: client.create_summary("words"),
        lambda client: client.create_review(scene.pull.head_sha, []),
        lambda client: client.create_file_comment(scene.pull.head_sha, PATH, "words"),
        lambda client: client.reply(scene.comment_of("a").id, "words"),
    ):
        scene.server.requests.clear()
        with pytest.raises(GitHubError, match="run the job again"):
            post(scene.client())
        assert len(scene.server.requests) == 1


def test_an_answer_that_is_not_what_was_posted_is_none(scene: Scene) -> None:
    """A proxy's page with status 200: PyGithub gives it as a value, and nothing need have been written."""
    number, sha = scene.comment_of("a").id, scene.pull.head_sha
    for write in (
        lambda client: client.create_summary("words"),
        lambda client: client.create_review(sha, []),
        lambda client: client.create_file_comment(sha, PATH, "words"),
        lambda client: client.reply(number, "words"),
        lambda client: client.edit_inline(number, "words"),
    ):
        scene.server.faults[:] = [Fault(method, ".*", 200) for method in ("POST", "PATCH")]
        with pytest.raises(GitHubError, match="shape"):
            write(scene.client())


@pytest.mark.parametrize(
    "answer", [{}, {"data": None}, {"data": {"resolveReviewThread": None, "minimizeComment": None}}]
)
def test_what_does_not_say_that_it_is_folded_away_is_an_error(
    scene: Scene, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be remembered as done, and never be tried again."""
    client = scene.client(RESOLVES)
    (thread,) = client.threads()
    monkeypatch.setattr(graphql, "answer", lambda server, token, body: answer)
    for call in (lambda: client.resolve(thread), lambda: client.minimize(thread.first)):
        with pytest.raises(GitHubError, match="shape"):
            call()


def test_a_server_that_stays_down_is_given_up(scene: Scene) -> None:
    fault(scene, TROUBLE[1], "GET", times=99)
    with pytest.raises(GitHubError, match=r"it failed there \(502\)"):
        scene.client().summaries()
    assert len(scene.server.requests) == 3


@pytest.mark.parametrize(
    ("given", "waits"),
    [
        (Fault("", "", 429, headers={"Retry-After": "7"}), 7.0),
        (Fault("", "", 403, headers={"Retry-After": "7"}), 7.0),
        (Fault("", "", 403, message=LIMIT), 60.0),
        (Fault("", "", 429, message=LIMIT), 60.0),
        (
            Fault("", "", 403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, message="rate limit"),
            1.0,
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_limit_is_waited_for_whatever_was_sent(scene: Scene, given: Fault, waits: float, method: str) -> None:
    waited: list[float] = []
    client = scene.client(sleep=waited.append)
    scene.server.faults.append(Fault(method, ".*", given.status, headers=given.headers, message=given.message))
    if method == "GET":
        client.summaries()
    else:
        client.create_summary("words")
    assert waited == [waits]


def test_limits_have_one_patience_for_the_whole_run(scene: Scene) -> None:
    waited: list[float] = []
    client = scene.client(sleep=waited.append)
    scene.server.faults.append(Fault("GET", ".*", 429, headers={"Retry-After": "50"}, times=99))
    with pytest.raises(RateLimited, match="the rate limit lasts too long"):
        client.summaries()
    with pytest.raises(RateLimited):
        client.summaries()
    assert waited == [50.0, 50.0]
    assert sum(waited) <= PATIENCE


def test_what_is_gone_is_not_found(scene: Scene) -> None:
    client = scene.client()
    for call in (
        lambda: client.edit_inline(1, "x"),
        lambda: client.delete_inline(1),
        lambda: client.reply(1, "x"),
        lambda: client.edit_summary(PostedComment(1, "", "", ""), "x"),
        lambda: client.delete_summary(PostedComment(1, "", "", "")),
    ):
        with pytest.raises(NotFound, match="not found, or not visible"):
            call()


def test_a_reader_may_not_write_nor_resolve(scene: Scene) -> None:
    client = scene.client(READS)
    (thread,) = client.threads()
    assert (thread.can_resolve, thread.first.can_minimize) == (False, False)
    with pytest.raises(Forbidden, match="pull-requests: write"):
        client.create_summary("words")
    for call in (lambda: client.resolve(thread), lambda: client.minimize(thread.first)):
        with pytest.raises(GitHubError):
            call()
    assert (scene.repository.resolved, scene.repository.minimized) == ({}, set())


def test_a_long_thread_is_known_to_be_cut(scene: Scene) -> None:
    for number in range(100):
        scene.say(scene.comment_of("a"), f"word {number}")
    (thread,) = scene.client().threads()
    assert (len(thread.remarks), thread.is_whole) == (100, False)


WRONG = {"message": "Something went wrong while executing your query. Please include `8C1E:1F` when reporting this."}
LASTING = [
    {"type": "FORBIDDEN", "locations": [], "message": "Resource not accessible by integration"},
    {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."},
    {"extensions": {"code": "undefinedField"}, "message": "Field 'fullDatabaseId' doesn't exist on type 'X'"},
]


def answers(monkeypatch: pytest.MonkeyPatch, error: object, times: int = 99) -> None:
    """GraphQL's next answers: status 200, that error, and a part of the data."""
    real, left = graphql.answer, [times]

    def answer(*given: Any) -> Any:
        left[0] -= 1
        return real(*given) if left[0] < 0 else {"data": {"viewer": None, "repository": None}, "errors": [error]}

    monkeypatch.setattr(graphql, "answer", answer)


@pytest.mark.parametrize("error", [WRONG, {"type": "SERVICE_UNAVAILABLE", "locations": [], "message": "x"}])
def test_graphql_that_fails_in_passing_is_asked_again(
    scene: Scene, error: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.server.login = "acme-review[bot]"
    answers(monkeypatch, error, times=2)
    client = scene.client()
    assert client.login() == "acme-review[bot]"
    answers(monkeypatch, error, times=2)
    (thread,) = client.threads()
    assert thread.node


def test_whose_the_token_is_is_no_guess_while_graphql_fails(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that took itself for the workflow's bot would post all of its comments again."""
    answers(monkeypatch, WRONG)
    with pytest.raises(GitHubError, match="run the job again"):
        scene.client().login()


@pytest.mark.parametrize("error", LASTING, ids=lambda error: error.get("type", "no such field"))
def test_what_graphql_will_not_tell_is_asked_of_rest(
    scene: Scene, error: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, error)
    client = scene.client()
    (thread,) = client.threads()
    assert (thread.node, client.login()) == ("", "github-actions[bot]")
    assert [path for _, path in scene.server.requests].count("/graphql") == 2


def test_a_limit_of_graphql_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    answers(monkeypatch, {"type": "RATE_LIMITED", "message": "API rate limit exceeded for installation 1."}, times=1)
    (thread,) = scene.client(sleep=waited.append).threads()
    assert (bool(thread.node), waited) == (True, [60.0])


def test_content_that_comes_too_fast_is_a_limit(scene: Scene) -> None:
    waited: list[float] = []
    scene.server.faults.append(Fault("POST", ".*", 422, message="Validation Failed: was submitted too quickly"))
    scene.client(sleep=waited.append).create_summary("words")
    assert waited == [60.0]


@pytest.mark.parametrize("answer", [{}, [], {"data": None}, {"data": {"repository": None}}, {"message": "x"}])
def test_an_answer_of_another_shape_is_an_error(scene: Scene, answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    client = scene.client()
    client.login()
    monkeypatch.setattr("tests.github_server.graphql.answer", lambda server, token, body: answer)
    with pytest.raises(GitHubError):
        client.threads()


def test_on_enterprise_server_graphql_is_beside_the_rest(scene: Scene) -> None:
    scene.server.prefix = "/api/v3"
    client = PullRequestClient(f"{scene.server.url}/api/v3", READS, NAME, NUMBER, pause=0)
    assert len(client.threads()) == len(client.summaries()) == 1
