"""What a run leaves for the next one: which files it reviewed, in which words, and what came of it.

It stands in our summary comment, where people can edit it, so it is compressed, bounded, and signed with a key that is
derived from the API key: what nobody with that key wrote reads as none, and so does anything corrupt, cut or newer. A
file counts as reviewed before if its two versions, the agent, the model and the team's context are the very same.
"""

import base64
import binascii
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from review.domain.agent import Judged, Judgement, Question, Topic
from review.domain.artifact import Artifact
from review.domain.finding import Finding, Standard

VERSION = 1
MAX_STATE = 12_000
"""Characters it may take of the comment's 65,536; a larger one is not kept, and the next run asks anew."""
MAX_DECODED = 400_000
"""Characters after decompression."""
MAX_FILES = 800
_KEY = 12
"""Hexadecimal digits of a file's key."""


@dataclass(frozen=True)
class Said:
    """What one conversation said of the standards, and of which files."""

    files: frozenset[str]
    """Their keys: see `file_key`."""
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True)
class Memory:
    """An earlier run's review by the agent."""

    review: str
    """Key of agent, model and context: see `review_key`."""
    files: frozenset[str]
    """Keys of the files that were reviewed: see `file_key`."""
    findings: tuple[Finding, ...]
    """Those that survived every check, as they were before the funnel."""
    rests_on: Mapping[int, tuple[str, ...]]
    """Index of a finding → fingerprints of the tools' findings it rests on."""
    said: tuple[Said, ...]
    questions: tuple[Question, ...]

    def encoded(self, key: bytes) -> str:
        """As a line of ASCII without blanks, signed; empty where it is too long to be kept, or there is no key."""
        if not key or len(self.files) > MAX_FILES:
            return ""
        packed = zlib.compress(json.dumps(self._to_dict(), separators=(",", ":")).encode("utf-8", "replace"), 9)
        body = base64.b64encode(packed).decode("ascii")  # without hyphens: two would end the comment that it stands in
        whole = f"{VERSION}:{_sign(body, key)}:{body}"
        return whole if len(whole) <= MAX_STATE else ""

    @classmethod
    def decoded(cls, text: str, key: bytes) -> Self | None:
        """What `encoded` gave, if it was signed with that key; else None."""
        version, _, rest = text.partition(":")
        signature, _, body = rest.partition(":")
        if (
            not key
            or version != str(VERSION)
            or not text.isascii()
            or len(text) > MAX_STATE
            or not hmac.compare_digest(signature, _sign(body, key))
        ):
            return None
        try:
            inflater = zlib.decompressobj()
            raw = inflater.decompress(base64.b64decode(body, validate=True), MAX_DECODED)
            data = json.loads(raw)
            return cls._from_dict(data) if inflater.eof else None
        except (ValueError, binascii.Error, zlib.error, LookupError, TypeError, AttributeError, RecursionError):
            return None

    def _to_dict(self) -> dict[str, Any]:
        files = sorted(self.files)
        number = {key: at for at, key in enumerate(files)}
        return {
            "r": self.review,
            "f": files,
            "n": [finding.to_dict() for finding in self.findings],
            "o": {str(index): list(prints) for index, prints in self.rests_on.items()},
            "j": [
                [
                    sorted(number[key] for key in said.files),
                    [[each.standard.value, each.judged.value, each.rationale] for each in said.judgements],
                ]
                for said in self.said
            ],
            "q": [[each.topic.value, each.text, each.why, each.path] for each in self.questions],
        }

    @classmethod
    def _from_dict(cls, data: Mapping[str, Any]) -> Self:
        files = list(map(str, data["f"]))
        return cls(
            review=str(data["r"]),
            files=frozenset(files),
            findings=tuple(map(Finding.from_dict, data["n"])),
            rests_on={int(index): tuple(map(str, prints)) for index, prints in data["o"].items()},
            said=tuple(
                Said(
                    frozenset(files[at] for at in numbers),
                    tuple(Judgement(Standard(standard), Judged(judged), str(text)) for standard, judged, text in each),
                )
                for numbers, each in data["j"]
            ),
            questions=tuple(
                Question(Topic(topic), str(text), str(why), str(path)) for topic, text, why, path in data["q"]
            ),
        )


def review_key(*parts: str) -> str:
    """Of everything beside the files that an answer depends on: our version, agent, model, the team's context."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def file_key(artifact: Artifact, review: str, facts: Iterable[str], identity: bytes) -> str:
    """Of one changed file: its path, both versions and what is known of it, under a `review_key`.

    `identity` is what the state is signed with: nobody without it can make a file whose key stands in one.
    """
    digest = hmac.new(identity, review.encode(), hashlib.sha256)
    versions = (artifact.base, artifact.head)
    for text in (
        artifact.path,
        *("\0none" if version is None else f"{version.path}\0{version.text}" for version in versions),
        *facts,
    ):
        digest.update(hashlib.sha256(text.encode("utf-8", "replace")).digest())
    return digest.hexdigest()[:_KEY]


def _sign(body: str, key: bytes) -> str:
    return hmac.new(key, f"{VERSION}:{body}".encode(), hashlib.sha256).hexdigest()[:32]
