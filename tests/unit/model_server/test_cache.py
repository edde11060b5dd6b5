from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import anthropic
import httpx2
import pytest

from tests.model_server.blocks import tokens
from tests.model_server.cache import PromptCache
from tests.model_server.script import Answer, answer, by_turn, dropped, failure, sequence, tool_use
from tests.model_server.server import ModelServer
from tests.unit.model_server.asking import EPHEMERAL, FORMAT, GREP, LONG, body, result, stream

HOUR = {"type": "ephemeral", "ttl": "1h"}
SYSTEM = [{"type": "text", "text": LONG, "cache_control": EPHEMERAL}]
PREFIX = tokens(SYSTEM[0])


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def user(*blocks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(blocks)}]


def counted(cache: PromptCache, **changes: Any) -> tuple[int, int, int]:
    """Read, written and other tokens of a request whose response begins at once."""
    found = cache.count(body(**changes))
    cache.write(found)
    return found.read, sum(found.written.values()), found.input


def test_the_second_request_reads_what_the_first_wrote(server: ModelServer, client: anthropic.Anthropic) -> None:
    first, second = (stream(client, system=SYSTEM).usage for _ in range(2))
    rest = tokens(text("Review this."))
    assert (first.input_tokens, first.cache_creation_input_tokens, first.cache_read_input_tokens) == (rest, PREFIX, 0)
    assert (second.input_tokens, second.cache_creation_input_tokens, second.cache_read_input_tokens) == (
        rest,
        0,
        PREFIX,
    )
    assert first.cache_creation is not None
    assert first.cache_creation.ephemeral_5m_input_tokens == PREFIX
    assert first.cache_creation.ephemeral_1h_input_tokens == 0
    assert server.calls[1].usage["cache_read_input_tokens"] == PREFIX


def test_turns_read_all_that_was_said_before(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = by_turn(tool_use("grep", {"pattern": "a"}, thinking="Hm."), answer({}))
    given: dict[str, Any] = {"system": SYSTEM, "tools": [GREP], "cache_control": EPHEMERAL}
    first = stream(client, **given)
    second = stream(client, **given, messages=[*body()["messages"], first.to_param(), result(first)]).usage
    assert second.cache_read_input_tokens == first.usage.cache_creation_input_tokens
    assert second.cache_creation_input_tokens
    assert second.input_tokens == 0


def test_an_entry_is_there_once_its_response_has_begun(server: ModelServer, client: anthropic.Anthropic) -> None:
    meet = Barrier(2, timeout=30)

    def together(_: dict[str, Any]) -> Answer:
        meet.wait()
        return answer({})

    server.script = together
    with ThreadPoolExecutor(2) as pool:
        usages = [each.usage for each in pool.map(lambda _: stream(client, system=SYSTEM), range(2))]
    assert [usage.cache_read_input_tokens for usage in usages] == [0, 0]


def test_a_failed_response_writes_nothing(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.script = sequence(failure(529), dropped(answer({}), 0), dropped(answer({}), 1), answer({}))
    for _ in range(3):
        with pytest.raises((anthropic.OverloadedError, httpx2.RemoteProtocolError)):
            stream(client, system=SYSTEM)
    assert stream(client, system=SYSTEM).usage.cache_read_input_tokens == PREFIX
    assert [call.usage.get("cache_creation_input_tokens") for call in server.calls] == [None, None, PREFIX, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "claude-opus-5-5"},
        {"tools": [GREP]},
        {"output_config": {"format": FORMAT}},
        {"system": [text(f"{LONG}!", cache_control=EPHEMERAL)]},
    ],
)
def test_another_prefix_is_not_read(changes: dict[str, Any]) -> None:
    cache = PromptCache()
    counted(cache, system=SYSTEM)
    assert counted(cache, **{"system": SYSTEM, **changes})[0] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"tool_choice": {"type": "none"}},
        {"thinking": {"type": "adaptive", "display": "summarized"}},
        {"output_config": {"effort": "low"}},
    ],
)
def test_how_to_answer_is_part_of_the_messages_prefix_alone(changes: dict[str, Any]) -> None:
    given: dict[str, Any] = {"system": SYSTEM, "tools": [GREP], "cache_control": EPHEMERAL}
    cache = PromptCache()
    _, written, _ = counted(cache, **given)
    assert counted(cache, **given)[0] == written
    read, again, _ = counted(cache, **given, **changes)
    assert (read + again, read) == (written, written - tokens(text("Review this.")))


def test_breakpoints_are_no_part_of_the_prefix() -> None:
    cache = PromptCache()
    counted(cache, system=LONG, cache_control=EPHEMERAL)
    assert counted(cache, system=LONG, messages=user(text("Review this.", cache_control=EPHEMERAL)))[1] == 0


def test_a_short_prefix_is_not_cached() -> None:
    assert counted(PromptCache(), cache_control=EPHEMERAL)[1] == 0


@pytest.mark.parametrize(("more", "hit"), [(19, True), (20, False)])
def test_a_breakpoint_looks_back_20_positions(more: int, hit: bool) -> None:
    cache = PromptCache()
    before = text(LONG, cache_control=EPHEMERAL)
    counted(cache, messages=user(before))
    after = [text(f"block {number}") for number in range(more)]
    read, _, _ = counted(cache, messages=user(text(LONG), *after), cache_control=EPHEMERAL)
    assert (read > 0) is hit


def test_a_run_of_tool_uses_is_one_position() -> None:
    cache = PromptCache()
    asked = [{"type": "tool_use", "id": f"t{number}", "name": "grep", "input": {}} for number in range(30)]
    answered = [{"type": "tool_result", "tool_use_id": each["id"], "content": "x"} for each in asked]
    counted(cache, messages=user(text(LONG)), cache_control=EPHEMERAL)
    spoken = [*user(text(LONG)), {"role": "assistant", "content": asked}, *user(*answered)]
    assert counted(cache, messages=spoken, cache_control=EPHEMERAL)[0] > 0


def test_an_earlier_breakpoint_finds_what_the_last_does_not() -> None:
    cache = PromptCache()
    counted(cache, system=SYSTEM)
    many = [text(f"block {number}") for number in range(30)]
    assert counted(cache, system=SYSTEM, messages=user(*many), cache_control=EPHEMERAL)[0] == PREFIX


def test_tokens_are_written_for_as_long_as_their_breakpoint_says() -> None:
    system = [text(LONG, cache_control=HOUR)]
    found = PromptCache().count(body(system=system, cache_control=EPHEMERAL))
    assert found.written == {"1h": PREFIX, "5m": tokens(text("Review this."))}
    assert found.input == 0
