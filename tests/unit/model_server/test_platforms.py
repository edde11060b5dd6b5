import base64
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from tests.model_server import wire
from tests.model_server.refusals import error
from tests.model_server.routes import AWS_KEY_ID, KEY, Kind
from tests.model_server.script import answer, broken, script_of
from tests.model_server.server import ModelServer
from tests.unit.model_server.asking import body, said, stream

DATA = {"quote": "prix «élevé»"}
VERSION = {"anthropic_version": "2026-10-21"}


@pytest.fixture
def vertex(server: ModelServer) -> Iterator[anthropic.AnthropicVertex]:
    server.script = script_of(answer(DATA))
    with anthropic.AnthropicVertex(
        access_token=KEY, project_id="p", region="europe-west1", base_url=f"{server.url}/v1", max_retries=0
    ) as made:
        yield made


@pytest.fixture
def bedrock(server: ModelServer) -> Iterator[anthropic.AnthropicBedrock]:
    server.script = script_of(answer(DATA))
    with anthropic.AnthropicBedrock(api_key=KEY, aws_region="eu-west-1", base_url=server.url, max_retries=0) as made:
        yield made


def invoke(server: ModelServer, authorization: str, *, how: str = "invoke", **changes: Any) -> httpx2.Response:
    """What Bedrock answers to a request made by hand: the SDK needs botocore for streams and signatures."""
    sent = {**body(model=None), **VERSION, **changes}
    url = f"{server.url}/model/eu.anthropic.claude-sonnet-5-5-v1:0/{how}"
    return httpx2.post(url, json=sent, headers={"Authorization": authorization})


def frames(content: bytes) -> Iterator[tuple[dict[str, str], Any]]:
    """Headers and payloads of a stream in AWS's framing, checksums checked."""
    while content:
        size, head, checksum = struct.unpack(">III", content[:12])
        message, content = content[:size], content[size:]
        assert checksum == zlib.crc32(message[:8])
        assert struct.unpack(">I", message[-4:])[0] == zlib.crc32(message[:-4])
        headers, rest = {}, message[12 : 12 + head]
        while rest:
            name, rest = rest[1 : 1 + rest[0]].decode(), rest[1 + rest[0] :]
            kind, length = struct.unpack(">BH", rest[:3])
            assert kind == 7
            headers[name], rest = rest[3 : 3 + length].decode(), rest[3 + length :]
        yield headers, json.loads(message[12 + head : -4])


def test_google_cloud_serves_streams_and_whole_answers(server: ModelServer, vertex: anthropic.AnthropicVertex) -> None:
    with vertex.messages.stream(**body(model="claude-sonnet-5-5@20260928")) as events:
        assert json.loads(said(events.get_final_message())) == DATA
    assert json.loads(said(vertex.messages.create(**body()))) == DATA
    assert vertex.messages.count_tokens(**body(max_tokens=None)).input_tokens > 0
    assert [request.kind for request in server.requests] == [Kind.MESSAGE, Kind.MESSAGE, Kind.COUNT]
    assert server.offences == []


def test_bedrock_serves_whole_answers(server: ModelServer, bedrock: anthropic.AnthropicBedrock) -> None:
    given = bedrock.messages.create(**body(model="anthropic.claude-sonnet-5-5"))
    assert (json.loads(said(given)), given.model) == (DATA, "claude-sonnet-5-5")
    assert server.calls[0].path == "/model/anthropic.claude-sonnet-5-5/invoke"
    assert server.offences == []


def test_bedrock_streams_in_aws_framing(server: ModelServer) -> None:
    server.script = script_of(answer(DATA))
    given = invoke(server, f"Bearer {KEY}", how="invoke-with-response-stream")
    found = list(frames(given.content))
    assert given.headers["content-type"] == "application/vnd.amazon.eventstream"
    assert {headers[":event-type"] for headers, _ in found} == {"chunk"}
    events = [json.loads(base64.b64decode(payload["bytes"])) for _, payload in found]
    assert (events[0]["type"], events[-1]["type"]) == ("message_start", "message_stop")
    deltas = [event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta"]
    assert json.loads("".join(deltas)) == DATA
    assert server.calls[0].usage["output_tokens"] > 1
    assert server.offences == []


def test_bedrocks_error_amid_a_stream_is_an_exception(server: ModelServer) -> None:
    server.script = script_of(broken(answer(DATA), 2))
    *_, (headers, payload) = frames(invoke(server, f"Bearer {KEY}", how="invoke-with-response-stream").content)
    assert headers[":message-type"] == "exception"
    assert payload == {"message": "Overloaded"}


def test_bedrock_takes_signatures(server: ModelServer) -> None:
    signed = "AWS4-HMAC-SHA256 Credential={}/20261122/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=0"
    assert invoke(server, signed.format(AWS_KEY_ID)).status_code == 200
    assert invoke(server, signed.format("AKIAOTHER")).status_code == 401


def test_bedrocks_refusals_are_aws_errors(server: ModelServer, bedrock: anthropic.AnthropicBedrock) -> None:
    with pytest.raises(anthropic.BadRequestError) as raised:
        bedrock.messages.create(**body(model="anthropic.claude-sonnet-5-5", max_tokens=0))
    assert raised.value.body == {"message": "max_tokens: Input should be greater than or equal to 1"}
    assert len(server.offences) == 1


def test_a_platform_has_its_own_names_for_models(
    server: ModelServer,
    client: anthropic.Anthropic,
    vertex: anthropic.AnthropicVertex,
    bedrock: anthropic.AnthropicBedrock,
) -> None:
    bedrock.messages.create(**body(model="global.anthropic.claude-haiku-4-5-20251001-v1:0"))
    client.messages.create(**body(model="claude-haiku-4-5-20251001"))
    assert server.offences == []
    asked: list[tuple[Any, str]] = [
        (bedrock, "claude-sonnet-5-5"),
        (vertex, "anthropic.claude-sonnet-5-5"),
        (client, "anthropic.claude-sonnet-5-5"),
    ]
    for made, name in asked:
        with pytest.raises(anthropic.NotFoundError):
            made.messages.create(**body(model=name))
    assert len(server.offences) == 3


@pytest.mark.parametrize("changes", [{"anthropic_version": None}, {"stream": True}, {"model": "claude-sonnet-5-5"}])
def test_bedrocks_body_has_no_more_and_no_less(server: ModelServer, changes: dict[str, Any]) -> None:
    assert invoke(server, f"Bearer {KEY}", **changes).status_code == 400
    assert len(server.offences) == 1


def test_an_error_in_aws_framing_can_be_read() -> None:
    assert [payload for _, payload in frames(wire.aws(error("x", "No.")))] == [{"message": "No."}]


IDENTITY = {
    "ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1",
    "ANTHROPIC_ORGANIZATION_ID": "00000000-0000-0000-0000-000000000000",
    "ANTHROPIC_SERVICE_ACCOUNT_ID": "svac_1",
}


@pytest.fixture
def workload(server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[anthropic.Anthropic]:
    """A client that knows no key, but the token of a workload's identity."""
    token = tmp_path / "token"
    token.write_text("head.body.signature", encoding="utf-8")
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_IDENTITY_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    given = {**IDENTITY, "ANTHROPIC_IDENTITY_TOKEN_FILE": str(token), "ANTHROPIC_BASE_URL": server.url}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with anthropic.Anthropic(max_retries=0) as made:
        yield made


def test_a_workload_gets_a_token_for_its_identity(server: ModelServer, workload: anthropic.Anthropic) -> None:
    assert said(stream(workload)) == said(stream(workload)) == "{}"
    exchange, *calls = server.requests
    assert (exchange.kind, exchange.path) == (Kind.TOKEN, "/v1/oauth/token")
    assert exchange.body["assertion"] == "head.body.signature"
    assert exchange.body["federation_rule_id"] == "fdrl_1"
    assert [call.headers["authorization"] for call in calls] == ["Bearer sk-ant-oat01-issued-1"] * 2
    assert server.offences == []


def test_an_identity_that_is_none_gets_no_token(
    server: ModelServer, workload: anthropic.Anthropic, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("nonsense", encoding="utf-8")
    with pytest.raises(anthropic.AnthropicError, match="Token exchange failed"):
        stream(workload)
    assert server.offences == ["POST /v1/oauth/token: the assertion is not a JWT"] * 2, "the SDK tries a 401 once more"


def test_a_token_alone_is_not_enough(server: ModelServer, client: anthropic.Anthropic) -> None:
    server.credentials.issued.add("token")
    with pytest.raises(anthropic.AuthenticationError):
        client.messages.create(**body(), extra_headers={"Authorization": "Bearer token"})
