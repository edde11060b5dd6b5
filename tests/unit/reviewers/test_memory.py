"""What one run leaves for the next: whole, signed, and worth nothing once anybody has touched it."""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

import pytest

from review.domain.agent import Judged, Judgement, Question, Topic
from review.domain.changeset import Side
from review.domain.finding import Confidence, Location, Standard, Suggestion, Tier
from review.reviewers import memory
from review.reviewers.memory import MAX_DECODED, MAX_STATE, Memory, Said, file_key, review_key
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import MODEL, artifact

KEY = b"the key"
CLAIM = finding(
    source="agent:data-engineer",
    tier=Tier.CORROBORATED,
    confidence=Confidence.LOW,
    location=Location("models/ünï.sql", 3, 5, Side.LEFT),
    suggestion=Suggestion("a\n  b"),
    symbol="daily",
    ordinal=2,
    identity_path="models/old.sql",
    cost="One scan.",
    scale="Quadratic \u2192 slow.",
)
KNOWN = Memory(
    review="0123456789abcdef",
    files=frozenset({"bbbbbbbbbbbb", "aaaaaaaaaaaa", "cccccccccccc"}),
    findings=(CLAIM, finding(source="agent:data-engineer", title="Second")),
    rests_on={0: ("f" * 16, "e" * 16)},
    said=(
        Said(
            frozenset({"cccccccccccc", "aaaaaaaaaaaa"}),
            (
                Judgement(Standard.COST, Judged.NOT_APPLICABLE, "No query."),
                Judgement(Standard.TESTING, Judged.PASS, ""),
            ),
        ),
        Said(frozenset({"bbbbbbbbbbbb"}), (Judgement(Standard.COST, Judged.CONCERN, "A scan."),)),
        Said(frozenset(), ()),
    ),
    questions=(Question(Topic.VOLUME, "How much?", "It decides.", MODEL),),
)
NOTHING = Memory("", frozenset(), (), {}, (), ())


def forged(data: Any, key: bytes = KEY, version: str = "1") -> str:
    """A state with any content, signed as ours."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    body = base64.b64encode(zlib.compress(raw, 9)).decode()
    return f"{version}:{memory._sign(body, key)}:{body}"


def values() -> dict[str, Any]:
    return KNOWN._to_dict()


@pytest.mark.parametrize("known", [KNOWN, NOTHING])
def test_what_is_left_is_found_again(known: Memory) -> None:
    assert Memory.decoded(known.encoded(KEY), KEY) == known


def test_it_is_one_line_that_ends_no_comment() -> None:
    text = KNOWN.encoded(KEY)
    assert text.isascii()
    assert text.startswith("1:")
    assert not set(text) & set(" -<>\n")
    assert KNOWN.encoded(KEY) == text


@pytest.mark.parametrize(
    "tampered",
    [
        lambda text: "",
        lambda text: "1",
        lambda text: "1::",
        lambda text: text[:-1],
        lambda text: text[:40],
        lambda text: text + "A",
        lambda text: text.replace(":", ";"),
        lambda text: text.swapcase(),
        lambda text: f"2{text[1:]}",
        lambda text: f"01{text[1:]}",
        lambda text: f" {text}",
        lambda text: f"1:{'0' * 32}:{text.rpartition(':')[2]}",
        lambda text: f"1:{'é' * 32}:{text.rpartition(':')[2]}",
        lambda text: f"1:\ud800:{text.rpartition(':')[2]}",
        lambda text: f"{text[:35]}é",
        lambda text: f"{text[:35]}\udcff",
        lambda text: f"{text.rpartition(':')[0]}:{Memory.encoded(NOTHING, KEY).rpartition(':')[2]}",
    ],
)
def test_what_anybody_has_touched_is_none(tampered: Any) -> None:
    assert Memory.decoded(tampered(KNOWN.encoded(KEY)), KEY) is None


def test_with_another_key_it_is_none() -> None:
    assert Memory.decoded(KNOWN.encoded(KEY), b"another") is None
    assert Memory.decoded(KNOWN.encoded(b"another"), KEY) is None


def test_without_a_key_nothing_is_kept_or_believed() -> None:
    assert KNOWN.encoded(b"") == ""
    assert Memory.decoded(forged(values(), b""), b"") is None


@pytest.mark.parametrize(
    "data",
    [
        b"not JSON",
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        [],
        None,
        {},
        *({name: value for name, value in values().items() if name != key} for key in values()),
        {**values(), "n": [{}]},
        {**values(), "n": [{**CLAIM.to_dict(), "severity": "blocker"}]},
        {**values(), "n": [{**CLAIM.to_dict(), "location": None}]},
        {**values(), "o": []},
        {**values(), "o": {"first": []}},
        {**values(), "o": {"0": 3}},
        {**values(), "j": [["cost", "pass", ""]]},
        {**values(), "j": [[[0], [["cost", "fine", ""]]]]},
        {**values(), "j": [[[0], [["cost"]]]]},
        {**values(), "j": [[[3], []]]},
        {**values(), "j": [[["aaaaaaaaaaaa"], []]]},
        {**values(), "j": [[[0]]]},
        {**values(), "j": 3},
        {**values(), "q": [["weather", "", "", ""]]},
        {**values(), "f": 3},
    ],
)
def test_of_another_shape_it_is_none_though_it_is_signed(data: Any) -> None:
    assert Memory.decoded(forged(values()), KEY) == KNOWN
    assert Memory.decoded(forged(data), KEY) is None


def test_a_newer_version_is_none() -> None:
    assert Memory.decoded(forged(values(), version="2"), KEY) is None


def test_what_is_no_base64_or_not_compressed_is_none() -> None:
    for body in ("!!!", base64.b64encode(b"plain").decode(), KNOWN.encoded(KEY).rpartition(":")[2][:-8]):
        assert Memory.decoded(f"1:{memory._sign(body, KEY)}:{body}", KEY) is None


def test_a_bomb_is_none_before_it_goes_off() -> None:
    huge = json.dumps({**values(), "r": "x" * 5_000_000}).encode()
    text = forged(huge)
    assert len(text) <= MAX_STATE
    assert MAX_DECODED < 5_000_000
    assert Memory.decoded(text, KEY) is None


def noise(number: int) -> str:
    """Text that cannot be compressed by much."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def test_what_is_too_large_is_not_kept() -> None:
    many = tuple(finding(source="agent:x", explanation=noise(number)) for number in range(400))
    assert Memory("", frozenset(), many, {}, (), ()).encoded(KEY) == ""
    assert Memory("", frozenset(), many[:40], {}, (), ()).encoded(KEY) != ""
    keys = frozenset(review_key(str(number))[:10] for number in range(801))
    assert Memory("", keys, (), {}, (), ()).encoded(KEY) == ""
    assert Memory("", frozenset(sorted(keys)[:800]), (), {}, (), ()).encoded(KEY) != ""


def test_what_is_too_large_is_not_read() -> None:
    body = base64.b64encode(zlib.compress(json.dumps(values()).encode(), 0)).decode()
    long = body + base64.b64encode(b"\0" * 30_000).decode()
    assert Memory.decoded(f"1:{memory._sign(long, KEY)}:{long}", KEY) is None


# Keys

BASE = artifact(MODEL, "a\n", "b\n")


@pytest.mark.parametrize(
    ("other", "facts", "review"),
    [
        (artifact(MODEL, "a\n", "c\n"), ("x",), "r"),
        (artifact(MODEL, "c\n", "b\n"), ("x",), "r"),
        (artifact(MODEL, None, "b\n"), ("x",), "r"),
        (artifact(MODEL, "a\n", None), ("x",), "r"),
        (artifact("other.sql", "a\n", "b\n"), ("x",), "r"),
        (artifact(MODEL, "a\n", "b\n", old_path="old.sql"), ("x",), "r"),
        (artifact(MODEL, "a\nb", "\n"), ("x",), "r"),
        (BASE, (), "r"),
        (BASE, ("y",), "r"),
        (BASE, ("x", ""), "r"),
        (BASE, ("x",), "s"),
    ],
)
def test_a_file_is_another_with_any_change(other: Any, facts: tuple[str, ...], review: str) -> None:
    assert file_key(BASE, "r", ("x",), KEY) == file_key(artifact(MODEL, "a\n", "b\n"), "r", ("x",), KEY)
    assert len(file_key(BASE, "r", ("x",), KEY)) == 12
    assert file_key(other, review, facts, KEY) != file_key(BASE, "r", ("x",), KEY)


def test_a_files_key_can_be_made_by_nobody_else() -> None:
    assert file_key(BASE, "r", ("x",), b"another") != file_key(BASE, "r", ("x",), KEY)
    assert len(file_key(BASE, "r", ("x",), b"")) == 12


def test_a_review_key_tells_its_parts_apart() -> None:
    keys = {review_key(*parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",), ("ab", "c", ""), ("c", "ab"))}
    assert len(keys) == 5
    assert review_key("a\udcff") == review_key("a\udcff")


def test_a_mapping_of_any_order_is_the_same_state() -> None:
    rests: Mapping[int, tuple[str, ...]] = {1: ("b",), 0: ("a",)}
    said = (Said(frozenset({"b", "a"}), ()),)
    known = Memory("r", frozenset({"b", "a"}), (CLAIM, CLAIM), rests, said, ())
    assert Memory.decoded(known.encoded(KEY), KEY) == known
