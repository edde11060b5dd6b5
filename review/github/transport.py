"""GET over `http.client`: retries, rate limits, redirects, proxies; the token goes to GitHub's own server only."""

import base64
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from review import __version__
from review.errors import GitHubError, InputError, RateLimited

DEADLINE = 120.0
"""Seconds one request may take with all its retries, waiting included."""
_SOCKET_TIMEOUT = 20.0
_BODY_LIMIT = 32 * 1024 * 1024
_REDIRECTS = 5
_SECONDARY_WAIT = 60.0
"""What GitHub asks for where a secondary limit comes without `retry-after`
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)."""


@dataclass(frozen=True)
class Answer:
    """What the server answered at last."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def message(self) -> str:
        """GitHub's own word for what went wrong; empty where there is none. It can quote the pull request."""
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        message = data.get("message") if isinstance(data, dict) else None
        return message if isinstance(message, str) else ""


@dataclass
class Transport:
    """Asks one server. Every dependency on time and chance can be replaced."""

    api_url: str
    token: str = field(repr=False)
    deadline: float = DEADLINE
    environ: Mapping[str, str] | None = field(default=None, repr=False)
    """Where proxies are named (HTTPS_PROXY, HTTP_PROXY, NO_PROXY); None: our own environment."""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    now: Callable[[], float] = field(default=time.time, repr=False)
    """Seconds since the epoch, in which GitHub says when a limit ends."""
    jitter: Callable[[], float] = field(default=random.random, repr=False)
    """A number from 0 to 1 that spreads the retries of many runs."""

    def __post_init__(self) -> None:
        """Raises InputError where the address is not http(s)."""
        self.api_url = self.api_url.rstrip("/")
        parts = _split(self.api_url)
        if parts is None or parts.username is not None:
            raise InputError("GITHUB_API_URL is not an http(s) address, such as https://api.github.com.")
        self._home = _server(parts)

    def get(self, url: str, what: str) -> Answer:
        """GET until an answer comes that repeating would not change. `what` is named in errors: "the comments of …".

        Raises RateLimited where a limit outlasts the deadline, GitHubError where the server cannot be reached.
        """
        end = self.clock() + self.deadline
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._follow(url, end)
                limited, trouble = self._limited_for(answer), f"status {answer.status}"
                if limited is None and answer.status < 500:
                    return answer
            except (OSError, HTTPException) as error:
                limited, trouble = None, type(error).__name__
            pause = limited if limited is not None else min(2.0 ** (attempt - 1), 30.0)
            pause += self.jitter() * min(pause, 1.0)
            if self.clock() + pause > end:
                if limited is not None:
                    raise RateLimited(
                        f"GitHub's rate limit stops us from reading {what} for another {limited:.0f} seconds;"
                        " run the workflow again later."
                    )
                raise GitHubError(
                    f"GitHub could not be asked for {what} ({trouble}, attempts: {attempt});"
                    " run the workflow again when the server can be reached."
                )
            self.sleep(pause)

    def is_ours(self, url: str) -> bool:
        """Whether an address is on the API's own server: same scheme, host and port."""
        parts = _split(url)
        return parts is not None and _server(parts) == self._home

    def _follow(self, url: str, end: float) -> Answer:
        """GET through redirects. GitHub answers so for a renamed repository."""
        for _ in range(_REDIRECTS):
            answer = self._request(url, end)
            if answer.status not in (301, 302, 307, 308) or "location" not in answer.headers:
                return answer
            try:
                url = urljoin(url, answer.headers["location"])
            except ValueError as error:
                raise GitHubError("GitHub redirects to an address that is not http(s).") from error
        raise GitHubError("GitHub redirects in a circle.")

    def _limited_for(self, answer: Answer) -> float | None:
        """Seconds until a rate limit ends; None where the answer is not about one."""
        if answer.status not in (403, 429):
            return None
        retry_after = answer.headers.get("retry-after", "")
        if retry_after.isdecimal():
            return max(float(retry_after), 1.0)
        if answer.headers.get("x-ratelimit-remaining") == "0":
            reset = answer.headers.get("x-ratelimit-reset", "")
            return max(float(reset) - self.now(), 1.0) if reset.isdecimal() else _SECONDARY_WAIT
        is_secondary = answer.status == 429 or "secondary rate limit" in answer.message.lower()
        return _SECONDARY_WAIT if is_secondary else None

    def _request(self, url: str, end: float) -> Answer:
        """One GET, with the token for our own server and for no other."""
        parts = _split(url)
        if parts is None:
            raise GitHubError("GitHub redirects to an address that is not http(s).")
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": f"data-architecture-review/{__version__}",
        }
        if self.token and _server(parts) == self._home:
            headers["Authorization"] = f"Bearer {self.token}"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        timeout = max(min(_SOCKET_TIMEOUT, end - self.clock()), 1.0)
        connection, prefix, extra = _connection(parts, os.environ if self.environ is None else self.environ, timeout)
        try:
            connection.request("GET", prefix + target, headers={**headers, **extra})
            response = connection.getresponse()
            body = response.read(_BODY_LIMIT + 1)
            if len(body) > _BODY_LIMIT:
                raise GitHubError(f"GitHub's answer is larger than {_BODY_LIMIT // 1024 // 1024} MB.")
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
        finally:
            connection.close()


def _connection(
    parts: SplitResult, environ: Mapping[str, str], timeout: float
) -> tuple[HTTPConnection, str, dict[str, str]]:
    """A connection for that address, through a proxy where one is named.

    With it, what to put before the request's path, and the headers that the proxy itself wants.
    """
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    proxy = _proxy(parts, environ)
    if proxy is None:
        return kind(parts.hostname or "", parts.port, timeout=timeout), "", {}
    secret = _proxy_secret(proxy)
    address = (proxy.hostname or "", proxy.port or 80)
    if parts.scheme == "http":
        return HTTPConnection(*address, timeout=timeout), f"http://{parts.netloc}", secret
    connection = kind(*address, timeout=timeout)
    connection.set_tunnel(parts.hostname or "", parts.port, secret)
    return connection, "", {}


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address; None for any other text."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        return None
    return parts if is_web else None


def _server(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _proxy(parts: SplitResult, environ: Mapping[str, str]) -> SplitResult | None:
    """The proxy for an address by the usual variables, lower case first; None where there is none to use."""
    host = (parts.hostname or "").lower()
    for entry in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").lower().split(","):
        name = entry.strip().partition(":")[0].lstrip(".")
        if name == "*" or (name and (host == name or host.endswith(f".{name}"))):
            return None
    named = environ.get(f"{parts.scheme}_proxy") or environ.get(f"{parts.scheme.upper()}_PROXY")
    if not named:
        return None
    proxy = _split(named if "://" in named else f"http://{named}")
    if proxy is None:
        raise InputError(f"{parts.scheme.upper()}_PROXY is not an http(s) address, such as http://proxy:3128.")
    return proxy


def _proxy_secret(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
