"""The other ways to the model: a workload's own identity, Amazon Bedrock, Google Cloud."""

import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from review.config.credentials import Credentials, credentials_of
from review.errors import AnswerIncomplete, InputError, ModelRefused, ModelUnavailable
from review.model import clients
from tests.model_server.routes import AWS_KEY_ID, KEY
from tests.model_server.script import answer, broken, dropped, failure, sequence, tool_use
from tests.model_server.server import ModelServer
from tests.unit.model.door import TOOL, Door

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvIn0.c2lnbmF0dXJl"
FEDERATION = {"ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1", "ANTHROPIC_ORGANIZATION_ID": "0a1b-2c3d"}
Opened = Callable[[Credentials], Door]


class GitHub:
    """Where the runner says that a job's identity token is to be had."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = [(200, json.dumps({"value": JWT}).encode())]
        """The last stays."""
        self.asked: list[tuple[str, str]] = []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.http.owner = self  # type: ignore[attr-defined]
        self.http.daemon_threads = True
        self.thread = Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def environ(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.http.server_address[1]}/token?api-version=2.0"
        return {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token-of-the-job"}

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        owner: GitHub = self.server.owner  # type: ignore[attr-defined]
        owner.asked.append((self.path, self.headers["Authorization"]))
        status, body = owner.answers.pop(0) if len(owner.answers) > 1 else owner.answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def github() -> Iterator[GitHub]:
    running = GitHub()
    yield running
    running.close()


def federated(server: ModelServer, **more: str) -> Credentials:
    found = credentials_of({**FEDERATION, **more}, base_url=server.url)
    assert found is not None
    return found


def test_a_job_is_known_by_github_s_token(server: ModelServer, github: GitHub, opened: Opened) -> None:
    door = opened(federated(server, **github.environ, ANTHROPIC_SERVICE_ACCOUNT_ID="svac_1"))
    door.ask()
    door.ask()
    assert github.asked == [
        (
            f"/token?api-version=2.0&audience={server.url.replace(':', '%3A').replace('/', '%2F')}",
            "Bearer request-token-of-the-job",
        )
    ]
    exchange, first, second = server.requests
    assert exchange.path == "/v1/oauth/token"
    assert exchange.body == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": JWT,
        "federation_rule_id": "fdrl_1",
        "organization_id": "0a1b-2c3d",
        "service_account_id": "svac_1",
    }
    assert first.headers["authorization"] == second.headers["authorization"] == "Bearer sk-ant-oat01-issued-1"
    assert server.offences == []


def test_a_token_may_lie_in_a_file_or_a_variable(server: ModelServer, opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{JWT}\n")
    opened(federated(server, ANTHROPIC_IDENTITY_TOKEN_FILE=str(path), ANTHROPIC_WORKSPACE_ID="wrkspc_1")).ask()
    opened(federated(server, ANTHROPIC_IDENTITY_TOKEN=JWT)).ask()
    assert [request.body["assertion"] for request in server.requests[::2]] == [JWT, JWT]
    assert server.requests[0].body["workspace_id"] == "wrkspc_1"
    missing = opened(federated(server, ANTHROPIC_IDENTITY_TOKEN_FILE=str(tmp_path / "none")))
    assert "Identity token file not found" in missing.failure(ModelRefused)


def test_a_job_without_the_permission_is_told_so(server: ModelServer, opened: Opened) -> None:
    clause = opened(federated(server)).failure(ModelRefused)
    assert clause.startswith("GitHub gives this job no identity token: it needs `permissions: id-token: write`")
    assert server.requests == []


@pytest.mark.parametrize("given", [(500, b""), (200, b"<html>"), (200, b"{}"), (200, b"[]"), (200, b'{"value": ""}')])
def test_github_may_fail_for_a_moment(
    server: ModelServer, github: GitHub, opened: Opened, given: tuple[int, bytes]
) -> None:
    github.answers.insert(0, given)
    door = opened(federated(server, **github.environ))
    door.ask()
    assert door.slept == [0.5]
    github.answers[:] = [given]
    assert "GitHub gave this job" in opened(federated(server, **github.environ)).failure(ModelUnavailable)


def test_github_may_refuse(server: ModelServer, github: GitHub, opened: Opened) -> None:
    github.answers[:] = [(403, b"")]
    clause = opened(federated(server, **github.environ)).failure(ModelRefused)
    assert clause == "GitHub gave this job no identity token (403)"
    assert len(github.asked) == 1


def test_an_identity_that_the_api_does_not_know_is_told(server: ModelServer, opened: Opened) -> None:
    door = opened(federated(server, ANTHROPIC_IDENTITY_TOKEN="not-a-jwt-at-all"))
    clause = door.failure(ModelRefused)
    assert "did not accept the job's identity: check ANTHROPIC_FEDERATION_RULE_ID and the rule it names" in clause
    assert "not-a-jwt-at-all" not in clause


def on_bedrock(server: ModelServer, **environ: str) -> Credentials:
    found = credentials_of({"AWS_REGION": "eu-west-1", **environ}, provider="bedrock", base_url=server.url)
    assert found is not None
    return found


SIGNED = {"AWS_ACCESS_KEY_ID": AWS_KEY_ID, "AWS_SECRET_ACCESS_KEY": "a/secret+of/the+tests"}


@pytest.mark.parametrize("environ", [{"AWS_BEARER_TOKEN_BEDROCK": KEY}, SIGNED, {**SIGNED, "AWS_SESSION_TOKEN": "s"}])
def test_amazon_bedrock(
    server: ModelServer, opened: Opened, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    pytest.importorskip("boto3")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "other")
    monkeypatch.setenv("ANTHROPIC_BEDROCK_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "Authorization: Bearer other\nX-Other: 1")
    server.script = sequence(tool_use("grep", {"a": "ö"}, thinking="Hm."), answer({"ok": "→"}))
    door = opened(on_bedrock(server, **environ))
    assert door.ask(tools=[TOOL]).tool_uses[0].arguments == {"a": "ö"}
    assert json.loads(door.ask().text) == {"ok": "→"}
    first = server.requests[0]
    assert first.path == "/model/anthropic.claude-sonnet-5-5/invoke-with-response-stream"
    assert first.body["anthropic_version"] == "2026-10-21"
    authorization = first.headers["authorization"]
    if "AWS_BEARER_TOKEN_BEDROCK" in environ:
        assert authorization == f"Bearer {KEY}"
    else:
        assert f"/{'eu-west-1'}/bedrock/aws4_request" in authorization
        assert first.headers.get("x-amz-security-token") == environ.get("AWS_SESSION_TOKEN")
    assert "x-other" not in first.headers
    assert server.offences == []


def test_amazon_bedrock_s_faults(server: ModelServer, opened: Opened) -> None:
    pytest.importorskip("boto3")
    door = opened(on_bedrock(server, AWS_BEARER_TOKEN_BEDROCK=KEY))
    server.script = lambda _: broken(answer({}), 2)
    assert "rate limit is reached (429) (Overloaded)" in door.failure(ModelUnavailable)
    server.script = lambda _: dropped(answer({}), 2)
    assert "broke off" in door.failure(AnswerIncomplete)
    server.script = lambda _: failure(404, message="The model does not exist.")
    assert "there is no model anthropic.claude-sonnet-5-5 here (404)" in door.failure(ModelRefused)
    server.script = lambda _: failure(403)
    assert "check what AWS_BEARER_TOKEN_BEDROCK may do" in door.failure(ModelRefused)


def test_what_amazon_s_own_packages_refuse_is_told(
    server: ModelServer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("boto3")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    clause = opened(on_bedrock(server, **SIGNED, AWS_SESSION_TOKEN="another")).failure(ModelRefused)
    assert clause.startswith(
        "no request could be made with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (ProfileNotFound"
    )


def on_vertex(server: ModelServer, **environ: str) -> Credentials:
    given = {"CLOUD_ML_REGION": "global", "ANTHROPIC_VERTEX_PROJECT_ID": "our-project", **environ}
    found = credentials_of(given, provider="vertex", base_url=f"{server.url}/v1")
    assert found is not None
    return found


def test_google_cloud(server: ModelServer, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLOUD_ML_REGION", "ANTHROPIC_VERTEX_PROJECT_ID", "ANTHROPIC_VERTEX_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "Authorization: Bearer other\nX-Other: 1")
    server.script = lambda _: answer({"ok": "→"})
    door = opened(on_vertex(server, GOOGLE_OAUTH_ACCESS_TOKEN=KEY))
    assert json.loads(door.ask().text) == {"ok": "→"}
    (request,) = server.requests
    assert request.path == (
        "/v1/projects/our-project/locations/global/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict"
    )
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert "x-other" not in request.headers
    assert server.offences == []


def test_google_cloud_without_credentials_is_told(
    server: ModelServer, opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("google.auth")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    clause = opened(on_vertex(server)).failure(ModelRefused)
    assert clause.startswith(
        "no request could be made with Google's application default credentials (DefaultCredentials"
    )


@pytest.mark.parametrize("region", ["global", "us", "eu", "us-east5", "europe-west1"])
def test_google_s_addresses_are_those_of_the_sdk(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import anthropic

    monkeypatch.delenv("ANTHROPIC_VERTEX_BASE_URL", raising=False)
    with anthropic.AnthropicVertex(region=region, project_id="p", access_token="t") as client:
        assert str(client.base_url).rstrip("/") == clients.google_address(region)


def test_bedrock_s_address_is_that_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    import anthropic

    pytest.importorskip("boto3")
    monkeypatch.delenv("ANTHROPIC_BEDROCK_BASE_URL", raising=False)
    found = credentials_of({"AWS_REGION": "eu-west-1", "AWS_BEARER_TOKEN_BEDROCK": "k"}, provider="bedrock")
    assert found is not None
    with anthropic.AnthropicBedrock(aws_region="eu-west-1", api_key="k") as theirs, clients.client_of(found) as ours:
        assert str(ours.base_url) == str(theirs.base_url)


@pytest.mark.parametrize(
    ("provider", "environ", "module"),
    [
        ("bedrock", {"AWS_REGION": "x", "AWS_BEARER_TOKEN_BEDROCK": "k"}, "boto3"),
        ("vertex", {"CLOUD_ML_REGION": "x", "GOOGLE_CLOUD_PROJECT": "p"}, "google.auth"),
    ],
)
def test_a_missing_package_is_named(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, provider: str, environ: dict[str, str], module: str
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("review.model.clients.importlib.import_module", missing)
    found = credentials_of(environ, provider=provider)
    assert found is not None
    with pytest.raises(InputError, match=re.escape(f"pip install 'data-architecture-review[{provider}]'")) as caught:
        opened(found)
    assert f"({module})" in str(caught.value)
