"""One pull request, one run of the action against a GitHub and a model of ours, and everything it publishes."""

import base64
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from review.render import markers
from review.reviewers.bundled import bundled
from tests.e2e.action import Action, Run
from tests.github_server.server import READS, WRITES
from tests.github_server.state import BOT
from tests.model_server.routes import KEY
from tests.unit.render.test_escape import GITHUB
from tests.unit.test_log import obeyed

SECRETS = {
    "a token of GitHub's": "ghp_" + "a1B2" * 9,
    "a key of AWS's": "AKIA" + "ABCD" * 4,
    "our key to the model": KEY,
    "our token": WRITES,
    "our other token": READS,
    "a password": "hunter2-hunter2",
}
PROMPTS = (
    *(files("review.reviewers").joinpath(name).read_text("utf-8") for name in ("harness.md", "sceptic.md")),
    *((bundled(name) or "").split("\n---\n", 1)[1] for name in ("data-engineer", "verifier")),
)
"""What the model is told, and must keep to itself."""
RUN_OF_WORDS = 9
_MARKS = (
    r"summary",
    r"state \{[^\n]*\}",
    r"(?:agent 1:[0-9a-f]{32}:[\w+/=]+)",
    r"finding [0-9a-f]{16} [\w:.%-]+ [a-z-]+",
)
_SUMMARY, _STATE, _AGENT, _FINDING = (f"<!-- data-review:{mark} -->" for mark in _MARKS)
OURS = rf"\n(?:{_SUMMARY}\n{_STATE}(?:\n{_AGENT})?|{_FINDING})\s*\Z"
"""How a text of ours ends; such a mark anywhere else is somebody else's."""
TAGS = "a b blockquote br code details em h3 h4 hr li ol p pre strong sub summary table tbody td th thead tr ul".split()
COMMANDS = {"notice", "warning", "error"}


@dataclass(frozen=True)
class Published:
    """Everything that a run wrote anywhere."""

    run: Run
    pages: dict[str, str]
    """Markdown: name → text."""
    data: dict[str, str]
    """What programs read: name → text, and the texts in it as they are once it is decoded."""

    @property
    def review(self) -> Any:
        """review.json."""
        return self.run.review

    def findings(self, sign: str) -> list[Any]:
        """The findings with this sign in their title."""
        return [each for each in self.review["findings"] if sign in each["title"]]

    def suppressed(self, sign: str) -> list[Any]:
        """The same of what was set aside."""
        return [each for each in self.review["suppressed"] if sign in each["title"]]

    def inline(self, sign: str) -> list[str]:
        """The comments on the diff that hold this sign."""
        return [text for name, text in self.pages.items() if name.startswith("inline") and sign in text]

    def everywhere(self) -> dict[str, str]:
        """All of it."""
        return {**self.pages, **self.data, "log": self.run.log}


def perform(action: Action, token: str = WRITES, **inputs: str) -> Published:
    """One run of the action."""
    run = action.run(token, max_cost_usd="50", max_inline_comments="100", **inputs)
    pages = {"job summary": run.summary, "review.md": run.report["review.md"]}
    ours = [comment.body for comment in action.summaries if comment.login == BOT]
    pages |= {f"summary {number}": body for number, body in enumerate(ours)}
    pages |= {f"inline {number}": comment.body for number, comment in enumerate(action.inline)}
    data = {"outputs": "\n".join(run.outputs.values())}
    for name in ("review.json", "review.sarif"):
        data[name] = run.report[name] + "\n".join(_texts(json.loads(run.report[name])))
    data |= {f"state {number}": state_of(body) for number, body in enumerate(ours)}
    return Published(run, pages, data)


def state_of(body: str) -> str:
    """What a summary keeps for the next run, as anybody can decode it."""
    packed = markers.read_agent(body).rpartition(":")[2]
    return "\n".join(_texts(json.loads(zlib.decompress(base64.b64decode(packed))))) if packed else ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def harm(published: Published, mark: str, server: str) -> list[str]:
    """What is wrong with all that was published, one line each; `mark` is what enclosed the data."""
    found = [f"{name}: {what}" for name, page in published.pages.items() for what in _in_page(page, server)]
    found += [f"log: {what}" for what in _in_log(published.run.log)]
    found += [f"{name}: half a character" for name, text in published.data.items() if not _is_text(text)]
    for name, text in published.everywhere().items():
        found += [f"{name}: {secret}" for secret, value in SECRETS.items() if value in text]
        if mark and mark in text:
            found.append(f"{name}: the mark around the data")
        found += [f"{name}: told by us: {words}" for words in sorted(shingles(text) & told())[:1]]
    return found


def _in_page(page: str, server: str) -> Iterator[str]:
    """What a page does beside being read."""
    rest = re.sub(OURS, "", page)
    if "<!--" in rest:
        yield f"a comment that is not ours: {_near(rest, '<!--')}"
    yield from (f"a command to a bot: {line[:80]}" for line in rest.split("\n") if re.match(r"\s*/[a-z]", line))
    if unseen := sorted({hex(ord(sign)) for sign in rest if not sign.isprintable() and sign not in "\n\u200b"}):
        yield f"characters that nobody sees: {unseen[:5]}"
    html = GITHUB.render(rest)
    yield from _in_html(html, server)
    words = re.sub(r"(?s)<code\b[^>]*>.*?</code>|<[^>]*>", "", html)
    for pattern in (r"@\w", r"(?<!&)#\d", r"(?i)gh-\d", r"\w://", r"(?i)www\.\w"):
        if match := re.search(pattern, words):
            yield f"{match[0]} works: {_near(words, match[0])}"


def _in_html(html: str, server: str) -> Iterator[str]:
    if tags := sorted(set(re.findall(r"<([A-Za-z][\w-]*)", html)) - set(TAGS)):
        yield f"tags: {tags}"
    for tag in ("details", "table", "sub", "summary"):
        if len(re.findall(rf"<{tag}\b", html)) != html.count(f"</{tag}>"):
            yield f"a torn <{tag}>"
    for address in re.findall(r'(?:href|src)="([^"]*)"', html):
        if not address.startswith((server, "https://github.com/acme/", "https://docs.sqlfluff.com/")):
            yield f"a link out: {address}"


def _in_log(log: str) -> Iterator[str]:
    if "##[" in log:
        yield "an old command"
        return
    for name, properties, _ in obeyed(log):
        if name not in COMMANDS or set(properties) - {"file", "line", "endLine", "title"}:
            yield f"a command: {name} {properties}"
    if unseen := sorted({hex(ord(sign)) for sign in log if not sign.isprintable() and sign != "\n"}):
        yield f"characters that nobody sees: {unseen[:5]}"


def _is_text(text: str) -> bool:
    """Whether every program can read it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _near(text: str, part: str) -> str:
    at = text.find(part)
    return repr(text[max(at - 30, 0) : at + 50])


def shingles(text: str) -> set[str]:
    """All runs of so many words of a text, however they are written."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u200b", "")
    words = re.findall(r"[^\W_]+", plain)
    return {" ".join(words[at : at + RUN_OF_WORDS]) for at in range(len(words) - RUN_OF_WORDS + 1)}


@cache
def told() -> frozenset[str]:
    """Those of everything the model is told."""
    return frozenset[str]().union(*map(shingles, PROMPTS))
