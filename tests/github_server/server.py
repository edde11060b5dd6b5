"""The HTTP side of the fake: routes, tokens, pages, faults on demand."""

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from tests.github_server import graphql, state
from tests.github_server.faults import GARBAGE, Fault, reset
from tests.github_server.git_http import answer as answer_git
from tests.github_server.schema import check
from tests.github_server.state import BOT, Pull, Refused, Repository

WRITES = "ghs_mayWriteComments0000000000000000000"
"""A token that may do what `contents: read` and `pull-requests: write` allow."""
READS = "ghs_mayReadOnly0000000000000000000000000"
"""A fork's token."""
RESOLVES = "ghs_mayResolveThreads000000000000000000"
"""A token with `contents: write` as well, which GitHub asks for to resolve a thread."""


@dataclass(frozen=True)
class Token:
    """What a token may do."""

    may_write: bool
    may_resolve: bool


@dataclass(frozen=True)
class Request:
    """One request to the API, as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    login: str
    may_write: bool


class GitHubServer:
    """A GitHub on 127.0.0.1. `url` is the web address, and without a `prefix` the API's address too."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.login = BOT
        self.prefix = ""
        """Of the API's paths; GitHub Enterprise Server has `/api/v3`."""
        self.requests: list[tuple[str, str]] = []
        """Method and path of every request to the API, in order."""
        self.storage = ""
        """The host that keeps uploads (`uploads.storage`)."""
        self.fetches: list[str] = []
        """Path of every request of git's."""
        self.offences: list[str] = []
        """What GitHub would not know or its schema not allow."""
        self.faults: list[Fault] = []
        self.lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.owner = self  # type: ignore[attr-defined]
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def api_url(self) -> str:
        """The API's address, as GITHUB_API_URL has it."""
        return self.url + self.prefix

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that changed, or tried to change, something."""
        return [each for each in self.requests if each[0] != "GET" and each[1] != "/graphql"]

    def add(self, name: str, directory: Path, *pulls: Pull) -> Repository:
        """Serve a bare repository with these pull requests."""
        self.repositories[name] = Repository(name, directory, {pull.number: pull for pull in pulls})
        return self.repositories[name]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def api(self, handler: "_Handler", path: str, content: bytes) -> tuple[int, Any, dict[str, str]]:
        """The answer to a request: status, body, and the Link header where there are more pages."""
        return handler.api(path, content)

    def repository(self, name: str) -> Repository:
        """The repository of that name; GitHub answers 404 for what it does not have or will not show."""
        if name not in self.repositories:
            raise state.not_found()
        return self.repositories[name]

    def fault(self, method: str, path: str, content: bytes) -> Fault | None:
        """The fault that this request meets, used up by one."""
        return next((fault for fault in self.faults if fault.meets(method, path, content)), None)


Answer = tuple[int, str, Any]
"""Status, name of the schema the body has, body."""
_ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Answer], frozenset[str]]] = []


def route(
    method: str, path: str, parameters: tuple[str, ...] = ()
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Register a function for a path; `{}` is one segment and reaches the function as an argument.

    `parameters` are those of the query beside the ones for pages.
    """
    pattern = re.compile("^/repos/([^/]+/[^/]+)" + path.replace("{}", "([^/?]+)") + "$")

    def register(function: Callable[..., Answer]) -> Callable[..., Answer]:
        _ROUTES.append((method, pattern, function, frozenset(("per_page", "page", *parameters))))
        return function

    return register


def pull_of(repo: Repository, number: str) -> Pull:
    """The pull request of that number."""
    if not number.isdigit() or int(number) not in repo.pulls:
        raise state.not_found()
    return repo.pulls[int(number)]


def refuse_reader(request: Request) -> None:
    """403 for a token that may only read."""
    if not request.may_write:
        raise Refused(403, "error", {"message": "Resource not accessible by integration", "status": "403"})


@route("GET", "/pulls/{}")
def _get_pull(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    pull = pull_of(repo, number)
    shown = state.pull_request(repo, pull, server.url)
    pull.head_sha, pull.moves_to = pull.moves_to or pull.head_sha, ""
    return 200, "pull request", shown


@route("GET", "/compare/{}")
def _compare(server: GitHubServer, request: Request, repo: Repository, span: str) -> Answer:
    base, _, head = span.partition("...")
    return 200, "comparison", state.comparison(repo, base, head)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the client acknowledges the headers 40 ms late, and only then comes the body

    @property
    def owner(self) -> GitHubServer:
        owner: GitHubServer = self.server.owner  # type: ignore[attr-defined]
        return owner

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self._content())

    do_PATCH = do_PUT = do_DELETE = do_POST

    def _content(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _serve(self, content: bytes) -> None:
        path = urlsplit(self.path).path
        if ".git/" in path:
            self._git(path, content)
            return
        path = self._below_prefix(path)
        with self.owner.lock:
            self.owner.requests.append((self.command, path))
            fault = self.owner.fault(self.command, path, content)
            status, body, links = (0, {}, {}) if fault and not fault.after else self.owner.api(self, path, content)
        if fault:
            self._fail(fault)
        else:
            answer = b"" if status == 204 else json.dumps(body).encode()
            self._send(status, answer, {"Content-Type": "application/json", **links})

    def _fail(self, fault: Fault) -> None:
        if fault.kind == "garbage":
            self._send(200, GARBAGE, {"Content-Type": "application/json"})
        elif fault.kind == "status":
            body = json.dumps({"message": fault.message}).encode()
            self._send(fault.status, body, {"Content-Type": "application/json", **fault.headers})
        else:
            time.sleep(fault.seconds)
            reset(self)

    def api(self, path: str, content: bytes) -> tuple[int, Any, dict[str, str]]:
        """Status, body, and the Link header where there are more pages."""
        query = dict(parse_qsl(urlsplit(self.path).query))
        try:
            token = self._token()
            body = json.loads(content) if content else None
            if (self.command, path) == ("POST", "/graphql"):
                return 200, graphql.answer(self.owner, token, body), {}
            request = Request(self.command, path, query, body, self.owner.login, token.may_write)
            status, schema, answer = self._dispatch(request)
            links = {}
            if isinstance(answer, list):
                answer, links = self._page(answer, query)
        except Refused as error:
            status, schema, answer, links = error.status, error.schema, error.body, error.headers
        except ValidationError as error:
            self.owner.offences.append(f"{self.command} {path}: {error}")
            return 422, {"message": "Invalid request."}, {}
        check(schema, answer)
        return status, answer, links

    def _dispatch(self, request: Request) -> Answer:
        for method, pattern, function, parameters in _ROUTES:
            match = pattern.match(request.path)
            if method == request.method and match:
                if not parameters.issuperset(request.query):
                    self.owner.offences.append(f"{self.command} {self.path}: unknown parameter")
                return function(self.owner, request, self.owner.repository(match[1]), *match.groups()[1:])
        self.owner.offences.append(f"{self.command} {self.path}: no such endpoint")
        raise state.not_found()

    def _page(self, items: list[Any], query: dict[str, str]) -> tuple[list[Any], dict[str, str]]:
        size, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        address = f"{self.owner.url}{urlsplit(self.path).path}?per_page={size}&page={page + 1}"
        links = {"Link": f'<{address}>; rel="next"'} if len(items) > size * page else {}
        return items[size * (page - 1) : size * page], links

    def _below_prefix(self, path: str) -> str:
        """The path as github.com has it. Enterprise Server's GraphQL is beside `/api/v3`, not below it."""
        prefix = self.owner.prefix.removesuffix("/v3") if path.endswith("/graphql") else self.owner.prefix
        if not path.startswith(prefix + "/"):
            self.owner.offences.append(f"{self.command} {path}: not below {prefix}")
        return path.removeprefix(prefix)

    def _token(self) -> Token:
        """What the token may; 401 for one that GitHub never gave out."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme and token not in (WRITES, READS, RESOLVES):
            raise Refused(401, "error", {"message": "Bad credentials", "status": "401"})
        return Token(token in (WRITES, RESOLVES), token == RESOLVES)

    def _may_fetch(self) -> bool:
        """Whether the request brings a token of ours, as a private repository demands."""
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "basic" and base64.b64decode(given).decode() in {
            f"x-access-token:{token}" for token in (WRITES, READS, RESOLVES)
        }

    def _git(self, path: str, content: bytes) -> None:
        self.owner.fetches.append(path)
        name = path.lstrip("/").partition(".git/")[0]
        repo = self.owner.repositories.get(name)
        if repo is None:
            self._send(404, b"", {})
            return
        if not self._may_fetch():
            self._send(401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'})
            return
        status, headers, answer = answer_git(repo.directory, path.partition(".git")[2], self, content)
        self._send(status, answer, headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


from tests.github_server import conversation, labels, lookups  # noqa: E402, F401 - more routes
