"""Real git repositories for tests, and a real git server over HTTP."""

import base64
import os
import subprocess
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.github_server.git_http import answer as git_answer

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-05T09:00:00+0000",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.invalid",
    "GIT_COMMITTER_DATE": "2026-01-05T09:00:00+0000",
    "LC_ALL": "C.UTF-8",
}


class Checkout:
    """A repository with a working tree."""

    def __init__(self, path: Path, *, init: bool = True, object_format: str = "sha1") -> None:
        self.path = path
        if init:
            path.mkdir(parents=True, exist_ok=True)
            self.git("init", "-q", "-b", "main", f"--object-format={object_format}")

    def git(self, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**ENVIRONMENT, **environment},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.decode("utf-8", "replace").strip()

    def commit(
        self, files: Mapping[str, str | bytes] | None = None, delete: Iterable[str] = (), message: str = "change"
    ) -> str:
        """Write and delete files, commit everything, return the commit's name."""
        for name in delete:
            (self.path / name).unlink()
        for name, content in (files or {}).items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def blob(self, revision: str) -> str:
        return self.git("rev-parse", revision)

    def loose(self, name: str) -> Path:
        """The file of a loose object."""
        return self.path / ".git/objects" / name[:2] / name[2:]

    def remove_object(self, name: str) -> None:
        self.loose(name).unlink()

    def break_object(self, name: str) -> None:
        file = self.loose(name)
        file.chmod(0o644)
        file.write_bytes(b"\x78\x9c this is not zlib")


class _Handler(BaseHTTPRequestHandler):
    """One request; what it needs to know is on `self.server.owner`."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))) or self._chunks())

    def _chunks(self) -> bytes:
        body = b""
        while self.headers.get("Transfer-Encoding") == "chunked":
            size = int(self.rfile.readline(), 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                break
        return body

    def _plain(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, body: bytes) -> None:
        owner: GitServer = self.server.owner
        given = self.headers.get("Authorization")
        owner.requests.append((self.path, given))
        wanted = "basic " + base64.b64encode(f"x-access-token:{owner.token}".encode()).decode()
        if owner.redirect_to:
            self._plain(301, Location=owner.redirect_to + self.path)
        elif owner.failures:
            owner.failures -= 1
            self._plain(502)
        elif owner.token and given != wanted:
            self._plain(401, WWW_Authenticate='Basic realm="git"')
        else:
            self._backend(owner.root, body)

    def _backend(self, root: Path, body: bytes) -> None:
        status, headers, content = git_answer(root, self.path.partition("?")[0], self, body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class GitServer:
    """`git http-backend` behind an HTTP server. With a token, requests without it get 401."""

    def __init__(self, root: Path, token: str = "") -> None:
        self.root = root
        self.token = token
        self.requests: list[tuple[str, str | None]] = []
        """Path and Authorization header of every request, in order."""
        self.failures = 0
        """So many requests get 502 before the server recovers."""
        self.redirect_to = ""
        """When set, every request is redirected to the same path there."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve(checkout: Checkout, root: Path, name: str = "o/r.git") -> None:
    """Make a bare copy of the checkout below `root`, which serves filtered fetches of any commit, as GitHub does."""
    bare = root / name
    bare.parent.mkdir(parents=True, exist_ok=True)
    checkout.git("clone", "-q", "--bare", ".", str(bare))
    for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant", "http.getanyfile"):
        checkout.git("-C", str(bare), "config", setting, "true")
