"""A client of the SDK for each provider, made of what `Credentials` holds and of nothing else.

The SDK's constructors look into the environment for whatever they are not given (2.14, `_client.py`,
`lib/bedrock/_client.py`, `lib/vertex/_client.py`): every such argument is given here. What remains of the environment
is what a machine needs to reach the network at all: proxies and certificates.
"""

import importlib
import logging
import ssl
from collections.abc import Callable
from functools import cache

import anthropic
import httpx2

from review.config.credentials import BASE_URL, Credentials, Federation, Provider
from review.errors import InputError

Client = anthropic.Anthropic | anthropic.AnthropicBedrock | anthropic.AnthropicVertex
CONNECT = 10.0
"""Seconds to reach a server."""
_EXCHANGE = 20.0
"""Seconds that the API, or GitHub, may take to give a token."""
_LOGGERS = ("anthropic", "httpx2", "httpcore2", "botocore", "boto3", "google", "urllib3")


class NoIdentity(Exception):
    """The job could not get the token by which it is known. `str(error)` is a clause for the reader."""

    def __init__(self, clause: str, is_passing: bool) -> None:
        super().__init__(clause)
        self.is_passing = is_passing
        """Whether it may work in a moment."""


def client_of(credentials: Credentials) -> Client:
    """A client that never repeats a request by itself. Raises InputError where a package is missing that it needs."""
    _silence()
    timeout = httpx2.Timeout(_EXCHANGE, connect=CONNECT)
    http = anthropic.DefaultHttpxClient(timeout=timeout, follow_redirects=False, verify=_certificates())
    if credentials.provider is Provider.BEDROCK:
        client: Client = _bedrock(credentials, http)
    elif credentials.provider is Provider.VERTEX:
        client = _vertex(credentials, http)
    else:
        client = _anthropic(credentials, http)
    # There is no argument that keeps ANTHROPIC_CUSTOM_HEADERS out, and a header of it could replace the key.
    client._custom_headers = gateway_headers(credentials)
    return client


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust, as the SDK has it; left to itself it reads the machine's certificates for every proxy anew."""
    return httpx2.create_ssl_context()


def gateway_headers(credentials: Credentials) -> dict[str, str]:
    """The key once more where gateways look for it: the API reads `Authorization: Bearer`, they what it used to."""
    is_gateway = credentials.provider is Provider.ANTHROPIC and credentials.base_url not in ("", BASE_URL)
    return {"X-Api-Key": credentials.api_key} if is_gateway and credentials.api_key else {}


def _silence() -> None:
    """With `ANTHROPIC_LOG=debug` the SDK writes whole requests to stderr, where the runner obeys what looks like it."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _anthropic(credentials: Credentials, http: httpx2.Client) -> anthropic.Anthropic:
    base_url = credentials.base_url or BASE_URL
    federation = credentials.federation
    return anthropic.Anthropic(
        api_key=credentials.api_key or None,
        auth_token=credentials.auth_token or None,
        credentials=_workload(federation, base_url, http) if federation else None,
        webhook_key="",
        base_url=base_url,
        http_client=http,
        max_retries=0,
        open_telemetry=False,
    )


def _bedrock(credentials: Credentials, http: httpx2.Client) -> anthropic.AnthropicBedrock:
    _need("bedrock", "boto3", "botocore.eventstream")
    client = anthropic.AnthropicBedrock(
        api_key=credentials.api_key,
        aws_region=credentials.region,
        base_url=credentials.base_url or f"https://bedrock-runtime.{credentials.region}.amazonaws.com",
        http_client=http,
        max_retries=0,
        open_telemetry=False,
    )
    if not credentials.api_key:  # an empty one was given, or the constructor would look for one in the environment
        client.api_key = None
        client.aws_access_key, client.aws_secret_key = credentials.aws_access_key, credentials.aws_secret_key
        client.aws_session_token = credentials.aws_session_token or None
    return client


def _vertex(credentials: Credentials, http: httpx2.Client) -> anthropic.AnthropicVertex:
    if not credentials.access_token:
        _need("vertex", "google.auth", "google.auth.transport.requests")
    return anthropic.AnthropicVertex(
        region=credentials.region,
        project_id=credentials.project,
        access_token=credentials.access_token or None,
        base_url=credentials.base_url or google_address(credentials.region),
        http_client=http,
        max_retries=0,
        open_telemetry=False,
    )


def google_address(region: str) -> str:
    """As the SDK has it where it is given none; it would ask the environment first."""
    if region == "global":
        return "https://aiplatform.googleapis.com/v1"
    if region in ("us", "eu"):
        return f"https://aiplatform.{region}.rep.googleapis.com/v1"
    return f"https://{region}-aiplatform.googleapis.com/v1"


def _need(extra: str, *modules: str) -> None:
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise InputError(
                f"input provider: {extra} needs packages that are not installed ({module});"
                f" pip install 'data-architecture-review[{extra}]'."
            ) from error


def _workload(federation: Federation, base_url: str, http: httpx2.Client) -> anthropic.WorkloadIdentityCredentials:
    return anthropic.WorkloadIdentityCredentials(
        identity_token_provider=_identity(federation, _origin(base_url), http),
        federation_rule_id=federation.rule_id,
        organization_id=federation.organization_id,
        service_account_id=federation.service_account_id or None,
        workspace_id=federation.workspace_id or None,
        http_client=http,
    )


def _origin(address: str) -> str:
    """Who a job's token is for (https://platform.claude.com/docs/en/manage-claude/wif-providers/github-actions)."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _identity(federation: Federation, audience: str, http: httpx2.Client) -> Callable[[], str]:
    """How to get the job's token, as often as it is needed: each holds for some minutes."""
    if federation.token_file:
        return anthropic.IdentityTokenFile(federation.token_file)
    if federation.token:
        return lambda: federation.token
    return lambda: _ask_github(federation, audience, http)


def _ask_github(federation: Federation, audience: str, http: httpx2.Client) -> str:
    """Source: https://docs.github.com/en/actions/reference/security/oidc, "Methods for requesting the OIDC token"."""
    if not federation.request_url:
        raise NoIdentity(
            "GitHub gives this job no identity token: it needs `permissions: id-token: write`, and runs of forks and of"
            " Dependabot get none",
            is_passing=False,
        )
    try:
        response = http.get(
            httpx2.URL(federation.request_url).copy_merge_params({"audience": audience}),
            headers={"Authorization": f"Bearer {federation.request_token}", "Accept": "application/json"},
        )
        response.raise_for_status()
        token = response.json()["value"]
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        raise NoIdentity(f"GitHub gave this job no identity token ({status})", is_passing=status >= 500) from error
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        raise NoIdentity(f"GitHub gave this job no identity token ({type(error).__name__})", is_passing=True) from error
    if not isinstance(token, str) or not token:
        raise NoIdentity("GitHub gave this job an empty identity token", is_passing=True)
    return token
