"""Fetches objects over HTTP into our bare repository, with the token where no one can read it.

The token reaches git through `GIT_CONFIG_*` in the environment of the one child that fetches: never argv (any user
reads `/proc/*/cmdline`), never a file, never an error sentence. libcurl would send the header on to wherever the
server redirects, so redirects are refused while the token is on board; a redirected repository is tried once more
without it.
"""

import base64
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from review.errors import GitError, InputError
from review.git.command import Git, Output, printable

FETCH_TIMEOUT = 600.0
"""Seconds one fetch may take."""
_PAUSES = (1.0, 4.0)
"""Seconds before the second and the third attempt."""
_REDIRECTED = ("error: 301", "error: 302", "error: 303", "error: 307", "error: 308", "redirect")
_REFUSED = ("could not read Username", "could not read Password", "Authentication failed", "error: 401", "error: 403")
_ABSENT = ("not our ref", "couldn't find remote ref", "unadvertised object")
_PASSING = (
    "error: 5",
    "error: 429",
    "Could not resolve",
    "Failed to connect",
    "Couldn't connect",
    "Connection reset",
    "timed out",
    "early EOF",
    "RPC failed",
    "Empty reply",
    "hung up",
)

FETCH = (
    *("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
    *("--recurse-submodules=no", "--no-auto-maintenance"),
)
"""The command that fetches, up to what is fetched and from where."""
CONFIG = """
[remote "origin"]
    url = "{url}"
    promisor = true
    partialCloneFilter = blob:none
"""
"""Joins our repository's configuration while a fetch runs, and only then: reading must never reach for the network."""


@dataclass(frozen=True)
class Remote:
    """One repository on an HTTP server. `token` may be empty; it never shows in the representation."""

    url: str
    token: str = field(default="", repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises InputError for anything but a plain http(s) address."""
        scheme, _, rest = self.url.partition("://")
        host = rest.partition("/")[0]
        odd = any(char <= " " or char > "~" or char in '"\\#;' for char in self.url)
        if scheme not in ("http", "https") or not host or "@" in host or odd:
            raise InputError(f"The repository's address {printable(self.url)!r} is not a plain http(s) address.")

    @property
    def origin(self) -> str:
        """Scheme and host, with a slash: the token goes nowhere else."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}/"

    def fetch_commits(self, git: Git, commits: Iterable[str]) -> None:
        """Fetch these commits with their trees, without history and without blobs. Raises GitError."""
        wanted = sorted(set(commits))
        options = ("--depth=1", "--filter=blob:none", "--refmap=")
        self._fetch(git, *options, "origin", *wanted, task=f"fetch {' and '.join(name[:12] for name in wanted)}")

    def fetch_blobs(self, git: Git, blobs: Iterable[str]) -> None:
        """Fetch these blobs in one go. Raises GitError."""
        wanted = sorted(set(blobs))
        names = "".join(f"{name}\n" for name in wanted).encode("ascii")
        options = ("--filter=blob:none", "--refmap=", "--stdin")
        self._fetch(git, *options, "origin", stdin=names, task=f"fetch the content of {len(wanted)} files")

    def _fetch(self, git: Git, *arguments: str, task: str, stdin: bytes = b"") -> None:
        with_token = bool(self.token)
        pauses = iter(_PAUSES)
        while True:
            extra = self._environment(with_token=with_token)
            output = git.run(*FETCH, *arguments, stdin=stdin, timeout=FETCH_TIMEOUT, extra=extra)
            if output.ok:
                return
            if with_token and _says(output, _REDIRECTED):
                with_token = False
                continue
            pause = next(pauses, None) if _says(output, _PASSING) else None
            if pause is None:
                raise GitError(self._sentence(output, task))
            self.sleep(pause)

    def _environment(self, *, with_token: bool) -> dict[str, str]:
        settings = {"http.followRedirects": "false" if with_token else "initial"}
        if with_token:
            secret = base64.b64encode(f"x-access-token:{self.token}".encode()).decode("ascii")
            settings[f"http.{self.origin}.extraHeader"] = f"AUTHORIZATION: basic {secret}"
        extra = {"GIT_ALLOW_PROTOCOL": "http:https", "GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings.items()):
            extra[f"GIT_CONFIG_KEY_{number}"] = key
            extra[f"GIT_CONFIG_VALUE_{number}"] = value
        return extra

    def _sentence(self, output: Output, task: str) -> str:
        """What to tell the workflow's author, by what git says in the C locale."""
        if _says(output, _REFUSED):
            return (
                f"git could not {task} from {self.url}: the token may not read the repository;"
                " give the job `permissions: contents: read`."
            )
        if _says(output, _ABSENT):
            return (
                f"git could not {task} from {self.url}: the server does not have it (any more);"
                " after a force-push, run the workflow again."
            )
        if _says(output, ("not found", "error: 404")):
            return (
                f"git could not {task}: {self.url} does not exist, or the token may not see it;"
                " give the job `permissions: contents: read`."
            )
        return f"git could not {task} from {self.url}: {self._redacted(output.reason).rstrip('.')}."

    def _redacted(self, text: str) -> str:
        secret = base64.b64encode(f"x-access-token:{self.token}".encode()).decode("ascii")
        return text.replace(self.token, "***").replace(secret, "***") if self.token else text


def _says(output: Output, words: tuple[str, ...]) -> bool:
    return any(word in output.stderr for word in words)
