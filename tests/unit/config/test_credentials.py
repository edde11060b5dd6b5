"""Who the model is asked as: what counts, in which order, and what is refused without being shown."""

import pytest

from review.config.credentials import BASE_URL, Credentials, Federation, Provider, credentials_of
from review.config.secret_names import SECRETS
from review.errors import InputError

KEY = "sk-ant-api03-0123456789"
FEDERATION = {"ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1", "ANTHROPIC_ORGANIZATION_ID": "org-1"}
GITHUB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://run.actions/t?v=2", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job-token"}
AWS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIA0", "AWS_SECRET_ACCESS_KEY": "shh/+="}
GOOGLE = {"CLOUD_ML_REGION": "global", "ANTHROPIC_VERTEX_PROJECT_ID": "example.com:our-project"}


def found(environ: dict[str, str], api_key: str = "", provider: str = "", base_url: str = "") -> Credentials:
    credentials = credentials_of(environ, api_key, provider, base_url)
    assert credentials is not None
    return credentials


@pytest.mark.parametrize(
    "environ", [{}, {"ANTHROPIC_API_KEY": " "}, GITHUB, {"ANTHROPIC_BASE_URL": "https://gateway.example"}, AWS]
)
def test_without_a_secret_no_model_is_asked(environ: dict[str, str]) -> None:
    assert credentials_of(environ, " ", "", "") is None
    assert credentials_of(environ, "", "anthropic", "") is None


def test_the_order_is_input_key_token_federation() -> None:
    environ = {**FEDERATION, **GITHUB}
    assert found(environ).federation is not None
    environ["ANTHROPIC_AUTH_TOKEN"] = "token"
    assert (found(environ).auth_token, found(environ).federation) == ("token", None)
    environ["ANTHROPIC_API_KEY"] = KEY
    assert (found(environ).api_key, found(environ).auth_token) == (KEY, "")
    given = found(environ, "sk-input\n")
    assert (given.api_key, given.source) == ("sk-input", "the secret behind input anthropic-api-key")


def test_the_base_url_is_the_input_s_then_the_environment_s_then_the_api_s() -> None:
    assert found({}, KEY).base_url == BASE_URL
    environ = {"ANTHROPIC_BASE_URL": "https://gateway.example/claude/"}
    assert found(environ, KEY).base_url == "https://gateway.example/claude"
    assert found(environ, KEY, base_url="http://localhost:8080").base_url == "http://localhost:8080"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://[::1]:8080", "http://localhost", "https://x.example:443/a"]
)
def test_addresses_that_a_key_may_go_to(url: str) -> None:
    assert found({}, KEY, base_url=url).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "gateway.example",
        "ftp://gateway.example",
        "https://",
        "https://user:hidden-word@gateway.example",
        "https://gateway.example?hidden-word",
        "https://gateway.example/#hidden-word",
        "https://gateway.example\\hidden-word",
        "https://hidden word.example",
        "https://hidden\nword.example",
        "https://hidden-wörd.example",
        "https://gateway.example:hidden-word",
        "http://hidden-word.example",
        "http://127.hidden-word.example",
        "http://0.0.0.0",
        "http://127.0.0.1.hidden-word.example",
        "http://localhost.hidden-word.example",
    ],
)
def test_addresses_that_no_key_may_go_to(url: str) -> None:
    for environ, given, name in (({}, url, "input base-url"), ({"ANTHROPIC_BASE_URL": url}, "", "ANTHROPIC_BASE_URL")):
        with pytest.raises(InputError) as caught:
            credentials_of(environ, KEY, "", given)
        assert str(caught.value).startswith(f"{name}: ")
        assert "word" not in str(caught.value)


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "ключ", "nul\x00", "tab\there"])
def test_a_secret_that_is_none_is_refused_without_being_shown(value: str) -> None:
    cases = [
        ({}, value, "", "input anthropic-api-key"),
        ({"ANTHROPIC_API_KEY": value}, "", "", "ANTHROPIC_API_KEY"),
        ({"ANTHROPIC_AUTH_TOKEN": value}, "", "", "ANTHROPIC_AUTH_TOKEN"),
        ({**FEDERATION, "ANTHROPIC_IDENTITY_TOKEN": value}, "", "", "ANTHROPIC_IDENTITY_TOKEN"),
        ({**FEDERATION, **GITHUB, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": value}, "", "", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
        ({**AWS, "AWS_SECRET_ACCESS_KEY": value}, "", "bedrock", "AWS_SECRET_ACCESS_KEY"),
        ({**GOOGLE, "GOOGLE_OAUTH_ACCESS_TOKEN": value}, "", "vertex", "GOOGLE_OAUTH_ACCESS_TOKEN"),
    ]
    for environ, key, provider, name in cases:
        with pytest.raises(InputError) as caught:
            credentials_of(environ, key, provider, "")
        assert str(caught.value).startswith(f"{name}: ")
        assert value not in str(caught.value)
        assert str(caught.value).isprintable()


def test_federation_takes_its_token_from_where_it_is() -> None:
    ids = {"ANTHROPIC_SERVICE_ACCOUNT_ID": "svac_1", "ANTHROPIC_WORKSPACE_ID": "wrkspc_1"}
    assert found({**FEDERATION, **GITHUB, **ids}).federation == Federation(
        "fdrl_1",
        "org-1",
        "svac_1",
        "wrkspc_1",
        request_url=GITHUB["ACTIONS_ID_TOKEN_REQUEST_URL"],
        request_token="job-token",
    )
    assert found({**FEDERATION, "ANTHROPIC_IDENTITY_TOKEN": "jwt"}).federation == Federation(
        "fdrl_1", "org-1", token="jwt"
    )
    assert found({**FEDERATION, "ANTHROPIC_IDENTITY_TOKEN_FILE": "/run/a b"}).federation == Federation(
        "fdrl_1", "org-1", token_file="/run/a b"
    )


def test_a_job_that_gets_no_token_is_no_mistake_of_the_workflow_s() -> None:
    """Runs of forks get none: the review goes on, and says so."""
    url = {"ACTIONS_ID_TOKEN_REQUEST_URL": GITHUB["ACTIONS_ID_TOKEN_REQUEST_URL"]}
    assert found({**FEDERATION, **url}).federation == Federation("fdrl_1", "org-1")


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1"}, "ANTHROPIC_ORGANIZATION_ID"),
        ({"ANTHROPIC_ORGANIZATION_ID": "org-1"}, "ANTHROPIC_FEDERATION_RULE_ID"),
        ({"ANTHROPIC_IDENTITY_TOKEN": "x"}, "ANTHROPIC_FEDERATION_RULE_ID and ANTHROPIC_ORGANIZATION_ID"),
        ({"ANTHROPIC_IDENTITY_TOKEN_FILE": "x"}, "ANTHROPIC_FEDERATION_RULE_ID and ANTHROPIC_ORGANIZATION_ID"),
    ],
)
def test_half_a_federation_is_refused(environ: dict[str, str], missing: str) -> None:
    with pytest.raises(InputError, match=f"^{missing} not set: "):
        credentials_of(environ)
    assert found(environ, KEY).federation is None


def test_github_s_own_address_must_be_safe_too() -> None:
    with pytest.raises(InputError, match="ACTIONS_ID_TOKEN_REQUEST_URL: use https"):
        credentials_of({**FEDERATION, **GITHUB, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://run.actions/t?v=2"})


def test_bedrock() -> None:
    assert found(AWS, provider="bedrock") == Credentials(
        Provider.BEDROCK,
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        region="us-east-1",
        aws_access_key="AKIA0",
        aws_secret_key="shh/+=",
    )
    assert found({**AWS, "AWS_SESSION_TOKEN": "s"}, provider="bedrock").aws_session_token == "s"
    bearer = found({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_BEARER_TOKEN_BEDROCK": "b"}, provider="bedrock")
    assert (bearer.api_key, bearer.region, bearer.source) == ("b", "eu-west-1", "AWS_BEARER_TOKEN_BEDROCK")
    assert found({**AWS, "ANTHROPIC_BASE_URL": "https://a.example"}, provider="bedrock").base_url == ""
    assert found({**AWS, "ANTHROPIC_BEDROCK_BASE_URL": "https://b.example"}, provider="bedrock").base_url[8:9] == "b"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, "AWS_REGION: "),
        ({**AWS, "AWS_REGION": "evil.example/"}, "AWS_REGION: "),
        ({**AWS, "AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY not set: "),
        ({**AWS, "AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID not set: "),
    ],
)
def test_half_of_bedrock_is_refused(environ: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=f"^{said}"):
        credentials_of(environ, provider="bedrock")


def test_bedrock_without_any_secret_is_a_run_without_one() -> None:
    assert credentials_of({"AWS_REGION": "us-east-1"}, provider="bedrock") is None


def test_vertex() -> None:
    given = found({**GOOGLE, "GOOGLE_OAUTH_ACCESS_TOKEN": "ya29.x"}, provider="vertex")
    assert (given.region, given.project, given.access_token) == ("global", "example.com:our-project", "ya29.x")
    fallback = found({"CLOUD_ML_REGION": "us-east5", "GOOGLE_CLOUD_PROJECT": "p-1"}, provider="vertex")
    assert (fallback.project, fallback.source) == ("p-1", "Google's application default credentials")
    for name in GOOGLE:
        with pytest.raises(InputError, match=f"^{name}: "):
            credentials_of({**GOOGLE, name: ""}, provider="vertex")
        with pytest.raises(InputError, match=f"^{name}: "):
            credentials_of({**GOOGLE, name: "a/../b"}, provider="vertex")


def test_the_provider_is_the_input_s_or_claude_code_s() -> None:
    switched = {**AWS, **GOOGLE, "CLAUDE_CODE_USE_VERTEX": "1"}
    assert found(switched).provider is Provider.VERTEX
    assert (
        found({**switched, "CLAUDE_CODE_USE_VERTEX": "0", "CLAUDE_CODE_USE_BEDROCK": "true"}).provider.value
        == "bedrock"
    )
    assert found(switched, provider="bedrock").provider is Provider.BEDROCK
    assert found(switched, KEY).provider is Provider.ANTHROPIC
    with pytest.raises(InputError, match="CLAUDE_CODE_USE_BEDROCK and CLAUDE_CODE_USE_VERTEX are both set"):
        credentials_of({**switched, "CLAUDE_CODE_USE_BEDROCK": "1"})
    with pytest.raises(
        InputError, match="input provider: 'azure' is not accepted; use one of anthropic, bedrock, vertex"
    ):
        credentials_of({}, provider="azure")
    with pytest.raises(InputError, match="input provider: bedrock takes no anthropic-api-key"):
        credentials_of(AWS, KEY, "bedrock")


def test_no_representation_holds_a_secret() -> None:
    for credentials in (
        found({}, KEY),
        found({"ANTHROPIC_AUTH_TOKEN": "auth-token"}),
        found({**FEDERATION, **GITHUB, "ANTHROPIC_IDENTITY_TOKEN": "jwt-token"}),
        found({**AWS, "AWS_SESSION_TOKEN": "session-token"}, provider="bedrock"),
        found({**GOOGLE, "GOOGLE_OAUTH_ACCESS_TOKEN": "ya29.token"}, provider="vertex"),
    ):
        assert credentials.secrets
        assert not any(secret in repr(credentials) for secret in credentials.secrets)


def test_a_later_run_knows_the_same_secret_again() -> None:
    first, again, other = found({}, KEY), found({"ANTHROPIC_API_KEY": KEY}), found({}, KEY + "x")
    assert first.identity == again.identity != other.identity
    assert len(first.identity) == 32
    assert KEY.encode() not in first.identity
    assert found(AWS, provider="bedrock").identity
    for passing in (
        found({**FEDERATION, **GITHUB}),
        found({**AWS, "AWS_SESSION_TOKEN": "s"}, provider="bedrock"),
        found({**GOOGLE, "GOOGLE_OAUTH_ACCESS_TOKEN": "ya29.token"}, provider="vertex"),
    ):
        assert passing.identity == b""


def test_every_variable_with_a_secret_is_taken_out_of_the_environment() -> None:
    named = [name for name in SECRETS if not name.startswith("INPUT_")]
    assert {"ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"} < set(named)
    assert sorted(named) == named
