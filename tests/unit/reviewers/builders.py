"""Changes made of two texts, agents, and a model in memory that says what a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from review.domain.agent import Tokens
from review.domain.artifact import Artifact, Kind, Version
from review.domain.changeset import ChangedFile, Changeset, Hunk, Status
from review.domain.finding import Finding, Standard
from review.domain.outline import Outline, Part
from review.model.base import Reply, ToolUse
from review.model.catalogue import Price
from review.model.ledger import Ledger
from review.reviewers.agent_file import Agent
from review.reviewers.brief import HARNESS, About, Voice
from review.reviewers.checks import Subject
from review.reviewers.lineage import Lineage
from review.reviewers.setup import Change, ParseEdits, Setup
from review.reviewers.tools import Shelf

MODEL = "models/marts/fct_orders.sql"
PRICE = Price(input=2, output=10, cache_write=2.5, cache_read=0.1)
AGENT = Agent("data-engineer", "Reviews.", "You are the data engineer of the shop.")
VERIFIER = Agent("verifier", "Doubts.", "You are the sceptic of the shop.")
VOICE = Voice("claude-sonnet-5-5", thinking=True, effort="medium")


def git_lines(text: str | None) -> list[str]:
    """The lines as git counts and compares them, each with its end."""
    whole = (text or "").split("\n")
    return [f"{line}\n" for line in whole[:-1]] + ([whole[-1]] if whole[-1] else [])


def artifact(
    path: str,
    base: str | None,
    head: str | None,
    kind: Kind = Kind.DBT_MODEL,
    *,
    old_path: str | None = None,
    project: str | None = None,
    dialect: str | None = None,
) -> Artifact:
    """A changed file with the lines and hunks that a diff of its two texts has."""
    before, after = git_lines(base), git_lines(head)
    added: set[int] = set()
    removed: set[int] = set()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            removed.update(range(i1 + 1, i2 + 1))
            added.update(range(j1 + 1, j2 + 1))
    hunks = [
        Hunk(*_span(group[0][1], group[-1][2]), *_span(group[0][3], group[-1][4]))
        for group in matcher.get_grouped_opcodes(3)
    ]
    status = Status.MODIFIED if old_path is None else Status.RENAMED
    if base is None or head is None:
        status = Status.ADDED if base is None else Status.DELETED
    file = ChangedFile(path, status, old_path, hunks=tuple(hunks), added=frozenset(added), removed=frozenset(removed))
    return Artifact(
        file,
        kind,
        project,
        dialect,
        None if base is None else Version(old_path or path, base),
        None if head is None else Version(path, head),
    )


def _span(start: int, end: int) -> tuple[int, int]:
    return (start + 1 if end > start else start), end - start


class Tree:
    """`review.domain.tree.Tree` of a mapping; NUL bytes make a file binary, as they do in git's."""

    def __init__(self, files: Mapping[str, str] | None = None, sha: str = "base") -> None:
        self._files = dict(files or {})
        self.sha = sha
        self.asked: list[str] = []

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def has(self, path: str) -> bool:
        self.asked.append(path)
        return path in self._files

    def entry(self, path: str) -> str:
        return repr(self.text(path))

    def is_link(self, path: str) -> bool:
        return False

    def text(self, path: str) -> str | None:
        self.asked.append(path)
        text = self._files.get(path)
        return None if text is None or "\0" in text else text

    def texts(self, paths: Iterable[str]) -> dict[str, str]:
        return {path: text for path in paths if (text := self.text(path)) is not None}


def shelf(
    base: Mapping[str, str] | None = None,
    head: Mapping[str, str] | None = None,
    gone: Iterable[str] = (),
    lineage: Lineage | None = None,
) -> Shelf:
    """Where tools look: `head` holds what the change adds or modifies, `gone` names what it takes away."""
    changed = frozenset(head or {})
    return Shelf(
        Tree({**(base or {}), **(head or {})}, "head"),
        Tree(base, "base"),
        changed,
        frozenset(gone),
        lineage or Lineage({}),
        threading.Lock(),
    )


def about(*artifacts: Artifact, others: Sequence[ChangedFile] = (), **changes: Any) -> About:
    """What all clusters share; `others` are changed files that are no data files."""
    files = (*(each.file for each in artifacts), *others)
    fields: dict[str, Any] = {"changeset": Changeset("a" * 40, "b" * 40, files), "artifacts": artifacts, "context": {}}
    return About(**{**fields, **changes})


def change(
    *artifacts: Artifact,
    findings: Sequence[Finding] = (),
    outlines: Mapping[str, Outline] | None = None,
    properties: Mapping[str, tuple[tuple[str, str, Part], ...]] | None = None,
    base: Mapping[str, str] | None = None,
    **said: Any,
) -> Change:
    """Everything known of a change; `base` holds files that it leaves alone, `said` goes to `About`."""
    known = outlines or {}
    lineage = Lineage(known)
    before = {each.base.path: each.base.text for each in artifacts if each.base is not None}
    after = {each.head.path: each.head.text for each in artifacts if each.head is not None}
    return Change(
        about=about(*artifacts, **said),
        subjects={each.path: Subject(each, known.get(each.path, Outline())) for each in artifacts},
        lineage=lineage,
        findings=tuple(findings),
        properties=properties or {},
        shelf=shelf({**before, **(base or {})}, after, set(before) - set(after), lineage),
    )


Say = Callable[[Mapping[str, Any]], Reply | Exception]


class Scripted:
    """A `review.model.base.Model`: says what `say` makes of each request, and keeps the requests as they came."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._lock = threading.Lock()
        self.bodies: list[dict[str, Any]] = []

    def ask(self, body: Mapping[str, Any], until: float, spent: Callable[[Tokens], None]) -> Reply:
        with self._lock:
            self.bodies.append(deepcopy(dict(body)))
        said = self._say(body)
        if isinstance(said, Exception):
            raise said
        spent(said.tokens)
        return said

    @property
    def reviews(self) -> list[dict[str, Any]]:
        """Requests for a review, without the sceptic's."""
        return [body for body in self.bodies if is_review(body)]

    @property
    def verifications(self) -> list[dict[str, Any]]:
        """The sceptic's requests."""
        return [body for body in self.bodies if not is_review(body)]


def in_turn(*said: Reply | Exception) -> Scripted:
    """A model that says these, one after the other."""
    left = list(said)
    return Scripted(lambda body: left.pop(0))


def by_role(review: Say | Reply | Exception, verify: Say | Reply | Exception | None = None) -> Scripted:
    """A model that reviews in one way, and verifies in another: it confirms, unless a test says otherwise."""
    sceptic = verify if verify is not None else ruled()

    def say(body: Mapping[str, Any]) -> Reply | Exception:
        said = review if is_review(body) else sceptic
        return said(body) if callable(said) else said

    return Scripted(say)


def is_review(body: Mapping[str, Any]) -> bool:
    return bool(body["system"][0]["text"] == HARNESS)


def texts_of(body: Mapping[str, Any]) -> str:
    """What the user says in the first message."""
    return "\n".join(block["text"] for block in body["messages"][0]["content"])


def says(text: str, tokens: Tokens = Tokens(input=1_000, output=100)) -> Reply:  # noqa: B008
    """A whole answer."""
    return Reply("end_turn", ({"type": "text", "text": text},), text, (), tokens, "req_1")


def looks(*uses: tuple[str, dict[str, Any]]) -> Reply:
    """A turn that asks for tools."""
    made = tuple(ToolUse(f"toolu_{number}", name, arguments) for number, (name, arguments) in enumerate(uses, 1))
    blocks = [{"type": "tool_use", "id": use.id, "name": use.name, "input": use.arguments} for use in made]
    thought = {"type": "thinking", "thinking": "", "signature": "sealed"}
    return Reply("tool_use", (thought, *blocks), "", made, Tokens(input=500, output=50), "req_1")


def reviewed(
    *findings: Mapping[str, Any],
    judged: Mapping[Standard, str] | None = None,
    questions: Sequence[Mapping[str, Any]] = (),
    paths: Sequence[str] = (),
) -> Reply:
    """A review's answer: every standard passes, unless `judged` says otherwise."""
    return says(json.dumps(answer(*findings, judged=judged, questions=questions, paths=paths)))


def answer(
    *findings: Mapping[str, Any],
    judged: Mapping[Standard, str] | None = None,
    questions: Sequence[Mapping[str, Any]] = (),
    paths: Sequence[str] = (),
) -> dict[str, Any]:
    """The same as JSON values."""
    return {
        "findings": list(findings),
        "standards": [
            {
                "standard": standard.value,
                "rationale": f"What was seen of {standard.value}.",
                "judgement": (judged or {}).get(standard, "pass"),
            }
            for standard in Standard
        ],
        "questions": list(questions),
        "reviewed_paths": list(paths),
    }


def claim(**changes: Any) -> dict[str, Any]:
    """A finding as a model gives it, on the second line of `MODEL`."""
    fields: dict[str, Any] = {
        "standard": "data-quality",
        "path": MODEL,
        "side": "RIGHT",
        "line": 2,
        "end_line": 2,
        "evidence": "join customers using (customer_id)",
        "title": "A join may multiply rows",
        "explanation": "Each order comes out once for every match.",
        "remediation": "Test `customer_id` for uniqueness.",
        "cost": "",
        "scale": "",
        "facts": [],
        "edit": [],
        "confidence": "medium",
        "severity": "high",
    }
    assert set(changes) <= set(fields)
    return {**fields, **changes}


def edit(line: int, end_line: int, original: str, replacement: str) -> list[dict[str, Any]]:
    return [{"line": line, "end_line": end_line, "original": original, "replacement": replacement}]


def ruled(verdict: str = "confirmed", **changes: str) -> Reply:
    """The sceptic's answer."""
    fields = {
        "reason": "The code shows it.",
        "quote": "",
        "verdict": verdict,
        "edit": "right",
        "topic": "volume",
        "question": "",
    }
    assert set(changes) <= set(fields)
    return says(json.dumps({**fields, **changes}), Tokens(input=200, output=20))


def setup(model: Scripted, **changes: Any) -> Setup:
    """Who is asked, with a dollar to spend."""
    made = Setup(AGENT, VERIFIER, VOICE, Ledger(1.0, PRICE, VOICE.model), lambda: model, price=PRICE)
    return replace(made, **changes)


def all_parse(edits: Sequence[tuple[Artifact, str]]) -> Sequence[str]:
    """Of `ParseEdits`: every file parses after its edit."""
    return [""] * len(edits)


PARSES: ParseEdits = all_parse


def soon(seconds: float = 5.0) -> float:
    """A `time.monotonic` moment."""
    return time.monotonic() + seconds
