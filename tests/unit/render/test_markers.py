"""Hidden state: what was written is read again, and nothing else is."""

import json

import pytest

from review.domain.conversation import Account, Subject
from review.render.comment import inline_comment, summary_comment
from review.render.markers import (
    MAX_FINGERPRINTS,
    MAX_FOLDED,
    MAX_STATE,
    SUMMARY,
    State,
    closed_marker,
    finding_marker,
    is_summary,
    kept_folded,
    kept_posted,
    read_agent,
    read_closed,
    read_finding,
    read_retired,
    read_state,
    read_subject,
    retired_marker,
    summary_markers,
)
from tests.unit.render.builders import HEAD, finding, review
from tests.unit.render.examples import agent, everything, irrelevant, many

PRINT = "0123456789abcdef"
OLD = {"v": 1, "head": HEAD, "fingerprints": [PRINT], "complete": True}
GOOD = {**OLD, "v": 2, "posted": {PRINT: 7}}


def body(state: object) -> str:
    return f"text\n{SUMMARY}\n<!-- data-review:state {state if isinstance(state, str) else json.dumps(state)} -->"


def test_round_trip() -> None:
    whole = everything()
    assert read_state(summary_comment(whole)) == State(HEAD, tuple(each.fingerprint for each in whole.findings), True)
    assert read_state(summary_comment(irrelevant())) == State(HEAD, (), True)
    assert read_state(body(GOOD)) == State(HEAD, (PRINT,), True, ((PRINT, 7),))
    assert read_state(body(OLD)) == State(HEAD, (PRINT,), True)
    assert read_state(summary_markers(everything(), Account(posted={PRINT: 7}))).posted == ((PRINT, 7),)  # type: ignore[union-attr]


def test_as_github_hands_it_back() -> None:
    text = summary_comment(everything()).replace("\n", "\r\n") + "\r\n  "
    assert is_summary(text)
    assert read_state(text) == read_state(summary_comment(everything()))
    entry = finding()
    assert read_finding(inline_comment(entry, review([entry])).replace("\n", "\r\n")) == entry.fingerprint


def test_a_large_state_keeps_the_worst() -> None:
    state = read_state(summary_markers(many(500)))
    assert state is not None
    assert state.fingerprints == tuple(each.fingerprint for each in many(500).findings)[:MAX_FINGERPRINTS]
    assert not state.complete
    posted = {f"{number:016x}": 10**12 + number for number in range(500)}
    assert kept_posted(posted) == tuple(posted.items())[-MAX_FINGERPRINTS:]
    folded = frozenset(posted.values())
    text = summary_markers(many(500), Account(posted=posted, folded=folded))
    found = read_state(text)
    assert found is not None
    assert found.folded == kept_folded(folded) == tuple(sorted(folded))[-MAX_FOLDED:]
    assert max(map(len, text.splitlines())) < MAX_STATE


@pytest.mark.parametrize(
    "state",
    [
        {**GOOD, "v": 3},
        {**GOOD, "v": 0},
        {**GOOD, "v": "1"},
        {**GOOD, "v": True},
        {**GOOD, "head": "HEAD"},
        {**GOOD, "head": HEAD.upper()},
        {**GOOD, "head": 7},
        {**GOOD, "fingerprints": PRINT},
        {**GOOD, "fingerprints": [PRINT, 7]},
        {**GOOD, "fingerprints": [PRINT + "0"]},
        {**GOOD, "fingerprints": ["<!-- x -->xxxxxx"]},
        {**GOOD, "fingerprints": [PRINT] * (MAX_FINGERPRINTS + 1)},
        {**GOOD, "complete": "yes"},
        {**OLD, "v": 2},
        {**GOOD, "posted": [PRINT]},
        {**GOOD, "posted": {PRINT: "7"}},
        {**GOOD, "posted": {PRINT: True}},
        {**GOOD, "posted": {PRINT: -7}},
        {**GOOD, "posted": {"<!-- x -->xxxxxx": 7}},
        {**GOOD, "posted": {f"{number:016x}": number + 1 for number in range(MAX_FINGERPRINTS + 1)}},
        {**GOOD, "folded": {PRINT: 7}},
        {**GOOD, "folded": ["7"]},
        {**GOOD, "folded": [True]},
        {**GOOD, "folded": [0]},
        {**GOOD, "folded": list(range(1, MAX_FOLDED + 2))},
        {"v": 1},
        [GOOD],
        None,
        "",
        "{",
        json.dumps(GOOD)[:-1],
        "[" * 5_000,
        json.dumps({**GOOD, "x": "x" * MAX_STATE}),
    ],
)
def test_a_forged_or_damaged_state_reads_as_none(state: object) -> None:
    assert read_state(body(state)) is None
    assert is_summary(body(state))


def test_two_states_are_none() -> None:
    assert read_state(body(GOOD) + body(GOOD)) is not None, "the second is within a line"
    assert read_state(f"{body(GOOD)}\n{body(GOOD)}") is None


@pytest.mark.parametrize(
    "text", ["", "data-review:summary", f"`{SUMMARY}`", f"> {SUMMARY}", f"a {SUMMARY}", "<!-- data-review:summary-->"]
)
def test_what_is_no_summary(text: str) -> None:
    assert not is_summary(text)
    assert read_state(text) is None


def test_a_state_of_other_length_of_commit() -> None:
    """SHA-256 repositories have longer names."""
    state = read_state(body({**GOOD, "head": "a" * 64}))
    assert state is not None
    assert state.head_sha == "a" * 64


def old_marker(fingerprint: str) -> str:
    """As comments of version 0.3 have it."""
    return f"<!-- data-review:finding {fingerprint} -->"


def test_a_finding_marker() -> None:
    entry = finding(source="agent:Kosten-Prüfer 2 -->")
    assert read_subject(f"text\n\n{finding_marker(entry)}\n") == Subject(
        entry.fingerprint, entry.source, "data-quality"
    )
    assert finding_marker(entry).count("-->") == 1
    assert read_subject(f"text\n\n{old_marker(PRINT)}\n") == Subject(PRINT)
    assert read_finding(f"{old_marker('f' * 16)}\n{old_marker(PRINT)}") == PRINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        old_marker("f" * 15),
        old_marker("G" * 16),
        f"> {old_marker(PRINT)}",
        old_marker(""),
        old_marker(f"{PRINT} rule:DBT001"),
        old_marker(f"{PRINT} rule:DBT001 beauty"),
        old_marker(f"{PRINT} rule:DBT001 cost more"),
        old_marker(f"{PRINT} {'x' * 5_000} cost"),
    ],
)
def test_what_is_no_finding_marker(text: str) -> None:
    assert read_finding(text) is None


def test_other_markers_of_a_thread() -> None:
    for make, read, others in (
        (closed_marker, read_closed, (read_retired, read_finding)),
        (retired_marker, read_retired, (read_closed, read_finding)),
    ):
        assert read(f"text\r\n\r\n{make(PRINT)}\r\n") == PRINT
        assert read(f"> {make(PRINT)}") is None
        assert read(make(PRINT + "0")) is None
        assert [other(make(PRINT)) for other in others] == [None, None]


def test_what_the_agent_left_is_found_again() -> None:
    whole = agent()
    assert whole.agent is not None
    text = summary_comment(whole)
    assert read_agent(text.replace("\n", "\r\n")) == whole.agent.state
    assert read_state(text) == State(HEAD, tuple(each.fingerprint for each in whole.findings), True)
    assert read_agent(summary_comment(everything())) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<!-- data-review:agent 1:ab:cd -->", "1:ab:cd"),
        ("  <!-- data-review:agent 1:ab:cd -->  ", "1:ab:cd"),
        ("<!-- data-review:agent 1:ab:cd", ""),
        ("say <!-- data-review:agent 1:ab:cd -->", ""),
        ("<!-- data-review:agent 1 -->\n<!-- data-review:agent 2 -->", ""),
        (f"<!-- data-review:agent {'x' * MAX_STATE} -->", ""),
        ("", ""),
    ],
)
def test_what_else_may_stand_there(text: str, found: str) -> None:
    assert read_agent(f"text\n{SUMMARY}\n{text}") == found
