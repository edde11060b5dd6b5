import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from review.errors import (
    Forbidden,
    GitHubError,
    InputError,
    NoCommonHistory,
    NotFound,
    RateLimited,
)
from review.github import transport
from review.github.reader import Comment, PullFacts, Reader

Reply = tuple[int, dict[str, str], bytes | object]
TOKEN = "s3cret-token"


class Server:
    """A server whose answers are given by path: a list is used up one by one, its last one stays."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self._http.daemon_threads = True
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def port(self) -> int:
        return self._http.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        owner: Server = self.server.owner
        owner.requests.append((self.path, dict(self.headers)))
        replies = owner.replies.get(self.path, [(404, {}, {"message": "Not Found"})])
        status, headers, body = replies.pop(0) if len(replies) > 1 else replies[0]
        if status == 0:
            self.close_connection = True
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Clock:
    """Time that passes only while we sleep."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def other() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


ROLE_PATH = "/repos/octo/data/collaborators/a%2Fn%3Fa/permission"


def reader(server: Server, clock: Clock, path: str = "", **options: Any) -> Reader:
    settings = {"environ": {}, "sleep": clock.sleep, "clock": clock, "now": clock, "jitter": lambda: 0.0, **options}
    return Reader(server.url + path, TOKEN, **settings)


def ok(body: object, **headers: str) -> Reply:
    return 200, headers, body


PULL = {
    "number": 7,
    "title": "Refunds",
    "draft": True,
    "state": "open",
    "merged": False,
    "html_url": "https://github.com/octo/data/pull/7",
    "user": {"login": "ana"},
    "base": {
        "ref": "main",
        "sha": "b" * 40,
        "repo": {"full_name": "octo/data", "clone_url": "https://github.com/octo/data.git", "default_branch": "main"},
    },
    "head": {"ref": "refunds", "sha": "a" * 40, "repo": {"full_name": "fork/data"}},
}
PULL_PATH = "/repos/octo/data/pulls/7"
COMPARE = f"/repos/octo/data/compare/{'b' * 40}...{'a' * 40}?per_page=1"


def test_pull(server: Server, clock: Clock) -> None:
    server.on(PULL_PATH, ok(PULL))
    assert reader(server, clock).pull("octo/data", 7) == PullFacts(
        number=7,
        title="Refunds",
        is_draft=True,
        state="open",
        is_merged=False,
        url="https://github.com/octo/data/pull/7",
        author="ana",
        base_repository="octo/data",
        base_ref="main",
        base_sha="b" * 40,
        head_repository="fork/data",
        head_ref="refunds",
        head_sha="a" * 40,
        clone_url="https://github.com/octo/data.git",
        default_branch="main",
    )
    ((_, headers),) = server.requests
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["User-Agent"].startswith("data-architecture-review/")


def test_deleted_fork_and_deleted_author(server: Server, clock: Clock) -> None:
    server.on(PULL_PATH, ok({**PULL, "user": None, "head": {**PULL["head"], "repo": None}}))
    facts = reader(server, clock).pull("octo/data", 7)
    assert (facts.head_repository, facts.author) == (None, "")


def test_enterprise_servers_path_prefix(server: Server, clock: Clock) -> None:
    server.on("/api/v3" + PULL_PATH, ok(PULL))
    assert reader(server, clock, "/api/v3/").pull("octo/data", 7).number == 7


def test_merge_base_and_no_common_history(server: Server, clock: Clock) -> None:
    server.on(COMPARE, ok({"merge_base_commit": {"sha": "c" * 40}}))
    assert reader(server, clock).merge_base("octo/data", "b" * 40, "a" * 40) == "c" * 40
    server.on(COMPARE, (404, {}, {"message": f"No common ancestor between {'b' * 40} and {'a' * 40}."}))
    with pytest.raises(NoCommonHistory, match="share no ancestor"):
        reader(server, clock).merge_base("octo/data", "b" * 40, "a" * 40)
    server.on(COMPARE, (404, {}, {"message": "Not Found"}))
    with pytest.raises(NotFound, match="contents: read"):
        reader(server, clock).merge_base("octo/data", "b" * 40, "a" * 40)


@pytest.mark.parametrize(
    ("permission", "role_name", "expected"),
    [
        ("admin", "admin", "admin"),
        ("write", "maintain", "maintain"),
        ("read", "triage", "triage"),
        ("write", "data-steward", "write"),
        ("read", None, "read"),
        ("none", "", "none"),
        ("owner", "owner", "none"),
    ],
)
def test_roles(server: Server, clock: Clock, permission: str, role_name: object, expected: str) -> None:
    """A role that an organisation made has the permission of the one that it was made from."""
    server.on(ROLE_PATH, ok({"permission": permission, "role_name": role_name}))
    assert reader(server, clock).role("octo/data", "a/n?a") == expected


@pytest.mark.parametrize("answer", [{}, [], {"permission": None}, {"permission": 1}, {"role_name": "admin"}])
def test_a_role_that_cannot_be_read_is_an_error(server: Server, clock: Clock, answer: object) -> None:
    server.on(ROLE_PATH, ok(answer))
    with pytest.raises(GitHubError, match="not of the shape"):
        reader(server, clock).role("octo/data", "a/n?a")


def test_labels_and_locks(server: Server, clock: Clock) -> None:
    server.on(PULL_PATH, ok({**PULL, "locked": True, "labels": [{"name": "b"}, {"name": "a"}]}))
    facts = reader(server, clock).pull("octo/data", 7)
    assert (facts.is_locked, facts.labels) == (True, ("b", "a"))


@pytest.mark.parametrize("labels", ["b", [1], [{}], {"name": "b"}])
def test_odd_labels_are_an_error(server: Server, clock: Clock, labels: object) -> None:
    server.on(PULL_PATH, ok({**PULL, "labels": labels}))
    with pytest.raises(GitHubError, match="not of the shape"):
        reader(server, clock).pull("octo/data", 7)


@pytest.mark.parametrize("data", [{}, [7], [{"number": 7}], None])
def test_an_odd_list_of_pull_requests_is_an_error(server: Server, clock: Clock, data: object) -> None:
    server.on("/repos/octo/data/pulls?state=open&head=octo%3Aa%2Fb&per_page=100", ok(data))
    with pytest.raises(GitHubError, match="not of the shape"):
        reader(server, clock).open_pulls("octo/data", "a/b")


def comment(number: int, **changes: object) -> dict[str, object]:
    user = {"login": "github-actions[bot]", "type": "Bot"}
    return {"id": number, "user": user, "body": f"text {number}", "html_url": f"https://x/{number}", **changes}


def test_comments_of_all_pages(server: Server, clock: Clock) -> None:
    first = "/repos/octo/data/issues/7/comments?per_page=100"
    second = "/repositories/1/issues/7/comments?per_page=100&page=2"
    link = f'<{server.url}{second}>; rel="next", <{server.url}/last>; rel="last"'
    server.on(first, ok([comment(1), comment(2, user=None, body=None)], Link=link))
    server.on(second, ok([comment(3)], Link=f'<{server.url}{first}>; rel="prev"'))
    assert reader(server, clock).issue_comments("octo/data", 7) == (
        Comment(1, "github-actions[bot]", "Bot", "text 1", "https://x/1"),
        Comment(2, "", "", "", "https://x/2"),
        Comment(3, "github-actions[bot]", "Bot", "text 3", "https://x/3"),
    )
    assert all(headers["Authorization"] == f"Bearer {TOKEN}" for _, headers in server.requests)


def test_pages_elsewhere_and_without_end_are_refused(server: Server, other: Server, clock: Clock) -> None:
    first = "/repos/octo/data/issues/7/comments?per_page=100"
    server.on(first, ok([], Link=f'<{other.url}/next>; rel="next"'))
    with pytest.raises(GitHubError, match="not of the shape"):
        reader(server, clock).issue_comments("octo/data", 7)
    assert other.requests == []
    server.on(first, ok([comment(1)], Link=f'<{server.url}{first}>; rel="next"'))
    with pytest.raises(GitHubError, match="more than 10,000 entries for the comments of pull request #7"):
        reader(server, clock).issue_comments("octo/data", 7)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, Forbidden, "wrong or has expired"),
        (403, Forbidden, "permissions: pull-requests: read"),
        (404, NotFound, "permissions: pull-requests: read"),
        (410, GitHubError, "status 410"),
        (422, GitHubError, "status 422"),
    ],
)
def test_refusals_are_one_sentence(server: Server, clock: Clock, status: int, kind: type, said: str) -> None:
    server.on(PULL_PATH, (status, {}, {"message": "::error::evil\nword"}))
    with pytest.raises(kind) as caught:
        reader(server, clock).pull("octo/data", 7)
    assert type(caught.value) is kind
    assert said in str(caught.value)
    assert "pull request #7 of octo/data" in str(caught.value)
    assert "evil" not in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert len(server.requests) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[" * 100_000,
        [],
        None,
        {},
        {**PULL, "number": "7"},
        {**PULL, "number": True},
        {**PULL, "base": None},
        {**PULL, "title": None},
    ],
)
def test_answers_of_another_shape(server: Server, clock: Clock, body: object) -> None:
    server.on(PULL_PATH, ok(body))
    with pytest.raises(GitHubError, match="not of the shape"):
        reader(server, clock).pull("octo/data", 7)


@pytest.mark.parametrize("trouble", [(500, {}, b""), (502, {}, b"<html>"), (503, {}, {}), (0, {}, b"")])
def test_what_passes_is_tried_again(server: Server, clock: Clock, trouble: Reply) -> None:
    server.on(PULL_PATH, trouble, trouble, ok(PULL))
    assert reader(server, clock).pull("octo/data", 7).number == 7
    assert clock.slept == [1.0, 2.0]


def test_retries_spread_by_chance(server: Server, clock: Clock) -> None:
    server.on(PULL_PATH, (500, {}, b""), (500, {}, b""), ok(PULL))
    reader(server, clock, jitter=lambda: 0.5).pull("octo/data", 7)
    assert clock.slept == [1.5, 2.5]


def test_a_server_that_stays_down_is_one_sentence(server: Server, clock: Clock) -> None:
    server.on(PULL_PATH, (502, {}, b""))
    with pytest.raises(GitHubError, match=r"could not be asked for pull request #7 .*status 502, attempts: 6"):
        reader(server, clock, deadline=60.0).pull("octo/data", 7)
    assert sum(clock.slept) <= 60


def test_a_server_that_is_not_there_is_one_sentence(clock: Clock) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    asker = Reader(f"http://127.0.0.1:{port}", TOKEN, environ={}, sleep=clock.sleep, clock=clock, deadline=5.0)
    with pytest.raises(GitHubError, match="ConnectionRefusedError"):
        asker.pull("octo/data", 7)


@pytest.mark.parametrize(
    ("limit", "wait"),
    [
        ((403, {"Retry-After": "7"}, {"message": "You have exceeded a secondary rate limit"}), 7.0),
        ((429, {"Retry-After": "3"}, {}), 3.0),
        ((429, {}, {}), 60.0),
        ((403, {}, {"message": "You have exceeded a secondary rate limit. Please wait"}), 60.0),
        (
            (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1030"}, {"message": "API rate limit exceeded"}),
            30.0,
        ),
        ((429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "900"}, {}), 1.0),
    ],
)
def test_rate_limits_are_waited_for(server: Server, clock: Clock, limit: Reply, wait: float) -> None:
    server.on(PULL_PATH, limit, ok(PULL))
    assert reader(server, clock).pull("octo/data", 7).number == 7
    assert clock.slept == [wait]


@pytest.mark.parametrize("wait", ["0", "00"])
def test_a_limit_without_a_wait_is_not_hammered_against(server: Server, clock: Clock, wait: str) -> None:
    """With no time to sleep away, the deadline would come after thousands of requests."""
    server.on(PULL_PATH, *[(429, {"Retry-After": wait}, {})] * 5, ok(PULL))
    assert reader(server, clock).pull("octo/data", 7).number == 7
    assert clock.slept == [1.0] * 5


@pytest.mark.parametrize("number", ["\xb2", "soon"])
def test_a_limit_that_says_no_number_is_waited_for_as_any(server: Server, clock: Clock, number: str) -> None:
    exhausted = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": number, "Retry-After": number}
    server.on(PULL_PATH, (403, exhausted, {}), ok(PULL))
    assert reader(server, clock).pull("octo/data", 7).number == 7
    assert clock.slept == [60.0]


def test_a_limit_that_outlasts_the_deadline_ends_at_once(server: Server, clock: Clock) -> None:
    limit = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4600"}
    server.on(PULL_PATH, (403, limit, {"message": "API rate limit exceeded"}))
    with pytest.raises(RateLimited, match="another 3600 seconds"):
        reader(server, clock).pull("octo/data", 7)
    assert clock.slept == []


def test_the_deadline_is_of_each_request(server: Server, clock: Clock) -> None:
    asker = reader(server, clock, deadline=10.0)
    clock.time += 500
    server.on(PULL_PATH, (502, {}, b""), ok(PULL))
    assert asker.pull("octo/data", 7).number == 7


def test_redirects_on_the_same_server_keep_the_token(server: Server, clock: Clock) -> None:
    server.on(PULL_PATH, (301, {"Location": "/repositories/1/pulls/7"}, {"message": "Moved Permanently"}))
    server.on("/repositories/1/pulls/7", ok(PULL))
    assert reader(server, clock).pull("octo/data", 7).number == 7
    assert [headers["Authorization"] for _, headers in server.requests] == [f"Bearer {TOKEN}"] * 2


def test_redirects_elsewhere_lose_the_token(server: Server, other: Server, clock: Clock) -> None:
    server.on(PULL_PATH, (302, {"Location": f"{other.url}/7"}, b""))
    other.on("/7", ok(PULL))
    assert reader(server, clock).pull("octo/data", 7).number == 7
    ((_, headers),) = other.requests
    assert "Authorization" not in headers


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/", "http://[", "http://x:99999/"])
def test_redirects_to_odd_places(server: Server, clock: Clock, location: str) -> None:
    server.on(PULL_PATH, (302, {"Location": location}, b""))
    with pytest.raises(GitHubError, match="not http"):
        reader(server, clock).pull("octo/data", 7)


def test_redirects_in_a_circle(server: Server, clock: Clock) -> None:
    server.on(PULL_PATH, (302, {"Location": PULL_PATH}, b""))
    with pytest.raises(GitHubError, match="in a circle"):
        reader(server, clock).pull("octo/data", 7)
    assert len(server.requests) == 5


def test_an_answer_without_end_is_refused(server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_BODY_LIMIT", 1000)
    server.on(PULL_PATH, ok(b"x" * 2000))
    with pytest.raises(GitHubError, match="larger than"):
        reader(server, clock).pull("octo/data", 7)


@pytest.mark.parametrize(
    "url", ["", "api.github.com", "ftp://x", "http://", "https://u:p@host", "http://[", "http://x:99999"]
)
def test_only_web_addresses(url: str) -> None:
    with pytest.raises(InputError, match="GITHUB_API_URL"):
        Reader(url, TOKEN)


def test_token_is_in_no_representation() -> None:
    asker = Reader("https://api.github.com", TOKEN)
    assert TOKEN not in repr(asker)
    assert TOKEN not in repr(asker._transport)


def test_http_proxy(server: Server, other: Server, clock: Clock) -> None:
    """A proxy is asked with the whole address; the path that it sees is the whole address, too."""
    other.on(f"{server.url}{PULL_PATH}", ok(PULL))
    environ = {"HTTP_PROXY": f"http://us%40er:pw@127.0.0.1:{other.port}"}
    assert reader(server, clock, environ=environ).pull("octo/data", 7).number == 7
    ((_, headers),) = other.requests
    assert headers["Proxy-Authorization"] == "Basic dXNAZXI6cHc="
    assert headers["Host"] == f"127.0.0.1:{server.port}"
    assert server.requests == []


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "*", "example.com, 127.0.0.1:80"])
def test_no_proxy(server: Server, clock: Clock, no_proxy: str) -> None:
    server.on(PULL_PATH, ok(PULL))
    environ = {"http_proxy": "http://127.0.0.1:1", "NO_PROXY": no_proxy}
    assert reader(server, clock, environ=environ).pull("octo/data", 7).number == 7


def test_https_goes_through_the_proxy_by_a_tunnel(clock: Clock) -> None:
    """The proxy sees CONNECT and the API's host, never the token."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                seen.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

        thread = Thread(target=answer)
        thread.start()
        environ = {"HTTPS_PROXY": f"127.0.0.1:{listener.getsockname()[1]}"}
        asker = Reader("https://api.github.com", TOKEN, environ=environ, clock=clock, sleep=clock.sleep, deadline=0.5)
        with pytest.raises(GitHubError, match="could not be asked"):
            asker.pull("octo/data", 7)
        thread.join()
    assert seen[0].startswith(b"CONNECT api.github.com:443 ")
    assert TOKEN.encode() not in seen[0]


def test_a_proxy_that_is_no_address(server: Server, clock: Clock) -> None:
    with pytest.raises(InputError, match="HTTP_PROXY"):
        reader(server, clock, environ={"HTTP_PROXY": "socks5://x"}).pull("octo/data", 7)


def test_nothing_heavy_is_imported() -> None:
    import subprocess
    import sys

    heavy = "{'requests', 'github', 'urllib.request', 'urllib3'}"
    script = f"import sys, review.github.reader; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


HISTORY = "/repos/octo/data/issues/7/events?per_page=100"


def event(kind: str, label: str | None = None, by: str | None = "ana", at: str = "2027-01-15T09:30:00Z") -> Any:
    actor = by and {"login": by, "type": "Bot" if by.endswith("[bot]") else "User"}
    return {"event": kind, "actor": actor, "created_at": at, **({"label": {"name": label}} if label else {})}


@pytest.mark.parametrize(
    ("events", "by"),
    [
        ([], None),
        ([event("labeled", "urgent")], "ana"),
        ([event("labeled", "URGENT")], "ana"),
        ([event("labeled", "urgent-2"), event("renamed")], None),
        ([event("labeled", "urgent"), event("unlabeled", "urgent")], None),
        ([event("labeled", "urgent"), event("unlabeled", "bug")], "ana"),
        ([event("labeled", "urgent"), event("unlabeled", "urgent"), event("labeled", "urgent", "ben")], "ben"),
        ([event("labeled", "urgent", None)], ""),
        ([event("closed", by=None), event("labeled", "urgent", "app[bot]")], "app[bot]"),
    ],
)
def test_who_set_a_label_last(server: Server, clock: Clock, events: list[Any], by: str | None) -> None:
    server.on(HISTORY, (200, {}, events))
    found = reader(server, clock).labelling("octo/data", 7, "urgent")
    assert (found and found.by) == by
    assert found is None or found.is_person == (by in ("ana", "ben"))
    assert found is None or found.at == "2027-01-15T09:30:00Z"


def test_a_labels_history_of_several_pages(server: Server, clock: Clock) -> None:
    following = f"{server.url}/repos/octo/data/issues/7/events?per_page=100&page=2"
    server.on(HISTORY, (200, {"Link": f'<{following}>; rel="next"'}, [event("labeled", "urgent", "eve")] * 100))
    server.on(f"{HISTORY}&page=2", (200, {}, [event("unlabeled", "urgent"), event("labeled", "urgent", "ana")]))
    found = reader(server, clock).labelling("octo/data", 7, "urgent")
    assert found is not None
    assert found.by == "ana"


@pytest.mark.parametrize("reply", [{}, [5], [{"event": 5}], [{"event": "labeled"}], [{"event": "labeled", "label": 1}]])
def test_a_labels_history_of_another_shape(server: Server, clock: Clock, reply: Any) -> None:
    server.on(HISTORY, (200, {}, reply))
    with pytest.raises(GitHubError, match="not of the shape"):
        reader(server, clock).labelling("octo/data", 7, "urgent")
