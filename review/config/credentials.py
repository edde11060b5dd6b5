"""Who the model is asked as, and where: taken from inputs and environment once, checked, and kept out of sight.

The SDK would look for all of this itself, in the environment and in profiles below the home directory (reference:
anthropic-sdk-python, `Anthropic.__init__`). It is given everything by name instead, so that only what is read here
counts. Variables have the names that the SDK and Claude Code give them (https://code.claude.com/docs/en/env-vars).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from review.errors import InputError

BASE_URL = "https://api.anthropic.com"
_API_KEY, _PROVIDER, _BASE_URL = "input anthropic-api-key", "input provider", "input base-url"
_YES = ("1", "true", "yes", "on")


class Provider(Enum):
    """Who serves the model."""

    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    VERTEX = "vertex"


_SWITCHES = {"CLAUDE_CODE_USE_BEDROCK": Provider.BEDROCK, "CLAUDE_CODE_USE_VERTEX": Provider.VERTEX}


@dataclass(frozen=True)
class Federation:
    """Workload identity: a token of the workflow's own, which the API changes for one of its (no key anywhere)."""

    rule_id: str
    organization_id: str
    service_account_id: str = ""
    workspace_id: str = ""
    token_file: str = ""
    token: str = field(default="", repr=False)
    request_url: str = field(default="", repr=False)
    """Where GitHub gives a job with `id-token: write` its token; empty where it has not that permission."""
    request_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Credentials:
    """What one provider needs; the fields of the others are empty."""

    provider: Provider
    source: str
    """Where they come from, as somebody who has to check them would look for it."""
    base_url: str = ""
    """Without a slash at its end; empty for the provider's own address."""
    api_key: str = field(default="", repr=False)
    """Anthropic's, or Bedrock's (`AWS_BEARER_TOKEN_BEDROCK`)."""
    auth_token: str = field(default="", repr=False)
    federation: Federation | None = None
    region: str = ""
    project: str = ""
    aws_access_key: str = field(default="", repr=False)
    aws_secret_key: str = field(default="", repr=False)
    aws_session_token: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    """Google's; empty for its application default credentials."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything in here that no text may show."""
        known = self.federation
        federated = (known.token, known.request_token) if known else ()
        aws = (self.aws_access_key, self.aws_secret_key, self.aws_session_token)
        return tuple(filter(None, (self.api_key, self.auth_token, self.access_token, *aws, *federated)))

    @property
    def identity(self) -> bytes:
        """Key material by which a later run with the same secret knows what an earlier one wrote.

        Empty where no secret outlives the run: nothing can be told from a forgery then.
        """
        from hashlib import sha256  # here and below: the command line imports this module for `SECRETS` alone

        lasting = self.api_key or self.auth_token or ("" if self.aws_session_token else self.aws_secret_key)
        return sha256(b"data-review, what a run leaves for the next\0" + lasting.encode()).digest() if lasting else b""


def credentials_of(
    environ: Mapping[str, str], api_key: str = "", provider: str = "", base_url: str = ""
) -> Credentials | None:
    """What the three inputs and the environment say; None where there is no secret: then no model is asked.

    Raises InputError, naming the input or the variable and never its value.
    """
    chosen = _provider(environ, provider, api_key)
    if chosen is Provider.BEDROCK:
        return _bedrock(environ, _address(_BASE_URL, base_url) or _address_in(environ, "ANTHROPIC_BEDROCK_BASE_URL"))
    if chosen is Provider.VERTEX:
        return _vertex(environ, _address(_BASE_URL, base_url) or _address_in(environ, "ANTHROPIC_VERTEX_BASE_URL"))
    address = _address(_BASE_URL, base_url) or _address_in(environ, "ANTHROPIC_BASE_URL") or BASE_URL
    return _anthropic(environ, _secret(_API_KEY, api_key), address)


def is_wanted(environ: Mapping[str, str], api_key: str, provider: str) -> bool:
    """Whether somebody set this run up to ask a model, be it not completely. Raises nothing."""
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_FEDERATION_RULE_ID")
    return bool(
        api_key.strip()
        or provider.strip()
        or any(environ.get(name, "").strip() for name in names)
        or any(environ.get(name, "").strip().lower() in _YES for name in _SWITCHES)
    )


def _provider(environ: Mapping[str, str], given: str, api_key: str) -> Provider:
    given, names = given.strip(), [provider.value for provider in Provider]
    if given and given not in names:
        raise InputError(f"{_PROVIDER}: {given[:80]!r} is not accepted; use one of {', '.join(names)}.")
    if given:
        chosen = Provider(given)
        if api_key.strip() and chosen is not Provider.ANTHROPIC:
            raise InputError(f"{_PROVIDER}: {given} takes no anthropic-api-key; leave one of the two inputs out.")
        return chosen
    if api_key.strip():
        return Provider.ANTHROPIC
    on = [name for name in _SWITCHES if environ.get(name, "").strip().lower() in _YES]
    if len(on) > 1:
        raise InputError(f"{' and '.join(on)} are both set; leave one of them out, or say which in {_PROVIDER}.")
    return _SWITCHES[on[0]] if on else Provider.ANTHROPIC


def _anthropic(environ: Mapping[str, str], api_key: str, base_url: str) -> Credentials | None:
    if api_key:
        return Credentials(Provider.ANTHROPIC, "the secret behind input anthropic-api-key", base_url, api_key=api_key)
    if key := _secret_in(environ, "ANTHROPIC_API_KEY"):
        return Credentials(Provider.ANTHROPIC, "ANTHROPIC_API_KEY", base_url, api_key=key)
    if token := _secret_in(environ, "ANTHROPIC_AUTH_TOKEN"):
        return Credentials(Provider.ANTHROPIC, "ANTHROPIC_AUTH_TOKEN", base_url, auth_token=token)
    federation = _federation(environ)
    source = "ANTHROPIC_FEDERATION_RULE_ID and the rule it names"
    return Credentials(Provider.ANTHROPIC, source, base_url, federation=federation) if federation else None


def _federation(environ: Mapping[str, str]) -> Federation | None:
    """The federation that is set up, whether or not this job has a token for it: a run of a fork has none."""
    rule, organization = "ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID"
    token, token_file = "ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_IDENTITY_TOKEN_FILE"
    missing = [name for name in (rule, organization) if not _plain_in(environ, name)]
    if missing and not any(environ.get(name, "").strip() for name in (rule, organization, token, token_file)):
        return None
    if missing:
        raise InputError(f"{' and '.join(missing)} not set: workload identity federation needs both of its ids.")
    url, request_token = "ACTIONS_ID_TOKEN_REQUEST_URL", _secret_in(environ, "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    return Federation(
        _plain_in(environ, rule),
        _plain_in(environ, organization),
        _plain_in(environ, "ANTHROPIC_SERVICE_ACCOUNT_ID"),
        _plain_in(environ, "ANTHROPIC_WORKSPACE_ID"),
        token_file=_path_in(environ, token_file),
        token=_secret_in(environ, token),
        request_url=_address(url, environ.get(url, ""), query=True) if request_token else "",
        request_token=request_token,
    )


def _bedrock(environ: Mapping[str, str], base_url: str) -> Credentials | None:
    names = ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    bearer, access, secret, session = (_secret_in(environ, name) for name in names)
    if not (bearer or access or secret):
        return None
    region = _plain_in(environ, "AWS_REGION") or _plain_in(environ, "AWS_DEFAULT_REGION")
    if not _is_name(region):
        raise InputError("AWS_REGION: Amazon Bedrock needs the name of a region, such as us-east-1.")
    if bearer:
        return Credentials(Provider.BEDROCK, names[0], base_url, api_key=bearer, region=region)
    if not (access and secret):
        raise InputError(f"{names[2] if access else names[1]} not set: {names[1]} and {names[2]} belong together.")
    return Credentials(
        Provider.BEDROCK,
        f"{names[1]} and {names[2]}",
        base_url,
        region=region,
        aws_access_key=access,
        aws_secret_key=secret,
        aws_session_token=session,
    )


def _vertex(environ: Mapping[str, str], base_url: str) -> Credentials:
    region = _plain_in(environ, "CLOUD_ML_REGION")
    project = _plain_in(environ, "ANTHROPIC_VERTEX_PROJECT_ID") or _plain_in(environ, "GOOGLE_CLOUD_PROJECT")
    if not _is_name(region):
        raise InputError("CLOUD_ML_REGION: Google Cloud needs the name of a region, such as global or us-east5.")
    if not _is_name(project.replace(":", "-").replace(".", "-")):
        raise InputError("ANTHROPIC_VERTEX_PROJECT_ID: Google Cloud needs the id of a project.")
    token = _secret_in(environ, "GOOGLE_OAUTH_ACCESS_TOKEN")
    source = "GOOGLE_OAUTH_ACCESS_TOKEN" if token else "Google's application default credentials"
    return Credentials(Provider.VERTEX, source, base_url, region=region, project=project, access_token=token)


def _secret_in(environ: Mapping[str, str], name: str) -> str:
    return _secret(name, environ.get(name, ""))


def _secret(name: str, value: str) -> str:
    """Without blanks around it. A line break inside would reach the SDK as a header's, and look like a lost network."""
    value = value.strip()
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise InputError(f"{name}: not a key or a token; it holds blanks, line breaks or characters that none has.")
    return value


def _plain_in(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise InputError(f"{name}: holds blanks, line breaks or characters that do not belong there.")
    return value


def _path_in(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value.isprintable():
        raise InputError(f"{name}: holds a control character, which no path of ours has.")
    return value


def _is_name(value: str) -> bool:
    """Whether it can stand in a host's name or a path as it is."""
    return bool(value) and all(char.isascii() and (char.islower() or char.isdecimal() or char == "-") for char in value)


def _address_in(environ: Mapping[str, str], name: str) -> str:
    return _address(name, environ.get(name, ""))


def _address(name: str, value: str, query: bool = False) -> str:
    """A web address that keys may be sent to: encrypted, or on this machine. Empty where none is given."""
    value = value.strip().rstrip("/")
    if not value:
        return ""
    scheme, _, rest = value.partition("://")
    host, port = _host(rest.partition("/")[0])
    is_clean = value.isascii() and value.isprintable() and not any(char in "@#\\ " for char in value)
    if scheme not in ("http", "https") or not host or not is_clean or ("?" in rest and not query):
        raise InputError(f"{name}: not a web address such as {BASE_URL} (without user, query and fragment).")
    if port and not port.isdecimal():
        raise InputError(f"{name}: the port is not a number.")
    if scheme == "http" and not _is_this_machine(host):
        raise InputError(f"{name}: use https; over http the key and the code would travel in the open.")
    return value


def _host(authority: str) -> tuple[str, str]:
    """`[::1]:8080` → `::1` and `8080`."""
    if authority.startswith("["):
        host, _, port = authority[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = authority.partition(":")
    return host, port


def _is_this_machine(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
