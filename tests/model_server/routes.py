"""What a path asks for, on which platform, and whether the request brings what that platform demands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import unquote

from tests.model_server.models import known
from tests.model_server.refusals import Refused, invalid

KEY = "sk-ant-api03-a-key-of-the-tests"
"""The key that is accepted: as an API key, as Bedrock's bearer token and as Google's access token."""
AWS_KEY_ID = "AKIATESTSTESTSTESTS0"
"""The access key id whose signatures are accepted; the signature itself is not checked."""
VERSIONS = frozenset({"2023-06-01", "2026-10-21"})
OAUTH_BETA = "oauth-2025-04-20"
FEDERATION_BETA = "oidc-federation-2026-04-01"


class Kind(Enum):
    """What is asked for."""

    MESSAGE = "a message"
    COUNT = "a count of tokens"
    TOKEN = "an access token"
    MODEL = "a model's card"


class Platform(Enum):
    """Who serves the model."""

    ANTHROPIC = "Claude API"
    BEDROCK = "Amazon Bedrock"
    VERTEX = "Google Cloud"


@dataclass(frozen=True)
class Route:
    """What a path asks for."""

    kind: Kind
    platform: Platform = Platform.ANTHROPIC
    model: str = ""
    """The model's name where the path has it."""
    streams: bool = False
    """Whether the path itself asks for a stream."""


_VERTEX = r"(?:/v1)?/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/"
_ROUTES: list[tuple[str, str, Route]] = [
    ("POST", r"/v1/messages", Route(Kind.MESSAGE)),
    ("POST", r"/v1/messages/count_tokens", Route(Kind.COUNT)),
    ("POST", r"/v1/oauth/token", Route(Kind.TOKEN)),
    ("GET", r"/v1/models/([^/]+)", Route(Kind.MODEL)),
    ("POST", r"/model/([^/]+)/invoke", Route(Kind.MESSAGE, Platform.BEDROCK)),
    ("POST", r"/model/([^/]+)/invoke-with-response-stream", Route(Kind.MESSAGE, Platform.BEDROCK, streams=True)),
    ("POST", _VERTEX + r"count-tokens:rawPredict", Route(Kind.COUNT, Platform.VERTEX)),
    ("POST", _VERTEX + r"([^/:]+):rawPredict", Route(Kind.MESSAGE, Platform.VERTEX)),
    ("POST", _VERTEX + r"([^/:]+):streamRawPredict", Route(Kind.MESSAGE, Platform.VERTEX, streams=True)),
]


def find(method: str, path: str) -> Route:
    """What the path asks for; 404 where it is no path of the API's."""
    for wanted, pattern, route in _ROUTES:
        match = re.fullmatch(pattern, path)
        if method == wanted and match:
            model = unquote(match[1]) if match.groups() else ""
            return Route(route.kind, route.platform, model, route.streams)
    raise Refused(404, f"Not found: {method} {path}")


_NAMES = {
    Platform.ANTHROPIC: r"(.*)",
    Platform.BEDROCK: r"(?:[a-z]+\.)?anthropic\.(.*?)(?:-v\d+(?::\d+)?)?",
    Platform.VERTEX: r"([^@]*)(?:@\d{8})?",
}
"""Platform → what it makes of a model's id: `eu.anthropic.claude-sonnet-5-5-v1:0`, `claude-sonnet-5-5@20260928`."""


def model_of(route: Route, body: Mapping[str, Any]) -> str:
    """The id of the model that a request names in its path or its body."""
    name = route.model or body.get("model", "")
    if not name:
        raise invalid("model: Field required")
    match = re.fullmatch(_NAMES[route.platform], str(name))
    model = known(match[1]) if match else None
    if model is None:
        raise Refused(404, f"model: {name}")
    return model


def plain_body(route: Route, headers: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the Claude API has it, after taking off what a platform adds."""
    if route.platform is Platform.ANTHROPIC:
        _check_version("anthropic-version header", headers.get("anthropic-version"))
        return {**body, "model": model_of(route, body)}
    _check_version("anthropic_version", body.get("anthropic_version"))
    if route.model and "model" in body:
        raise invalid("model: Extra inputs are not permitted")
    if route.platform is Platform.BEDROCK and "stream" in body:
        raise invalid("stream: Extra inputs are not permitted")
    if route.platform is Platform.VERTEX and bool(body.get("stream")) != route.streams:
        raise invalid("stream: does not go with the method of the path")
    kept = {name: value for name, value in body.items() if name not in ("anthropic_version", "anthropic_beta")}
    return {**kept, "model": model_of(route, body), **({"stream": True} if route.streams else {})}


def _check_version(where: str, version: Any) -> None:
    if version not in VERSIONS:
        raise invalid(f"{where}: one of {sorted(VERSIONS)} is required, found {version!r}")


@dataclass
class Credentials:
    """What lets a request in: the key, and the tokens given out for a workload's identity."""

    issued: set[str] = field(default_factory=set)

    def check(self, route: Route, headers: Mapping[str, str]) -> None:
        """401 for a request that brings nothing, or nothing that is known."""
        given = headers.get("authorization", "")
        scheme, _, token = given.partition(" ")
        if route.platform is Platform.BEDROCK and given.startswith(f"AWS4-HMAC-SHA256 Credential={AWS_KEY_ID}/"):
            return
        if scheme != "Bearer" or token not in {KEY, *self.issued}:
            raise Refused(
                401, "invalid credentials" if given else "no credentials: an Authorization header is required"
            )
        if token in self.issued and OAUTH_BETA not in headers.get("anthropic-beta", ""):
            raise Refused(401, f"OAuth tokens need the beta {OAUTH_BETA}")

    def exchange(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a workload that shows its identity: an access token."""
        needed = {"grant_type", "assertion", "federation_rule_id", "organization_id"}
        allowed = needed | {"service_account_id", "workspace_id"}
        if not needed <= set(body) <= allowed:
            raise invalid(f"needed are {sorted(needed)}, allowed {sorted(allowed)}, found {sorted(body)}")
        if body["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise invalid("unsupported_grant_type")
        if FEDERATION_BETA not in headers.get("anthropic-beta", ""):
            raise invalid(f"the exchange needs the beta {FEDERATION_BETA}")
        if not re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", body["assertion"]):
            raise Refused(401, "the assertion is not a JWT")
        token = f"sk-ant-oat01-issued-{len(self.issued) + 1}"
        self.issued.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": "user:inference"}
