"""The door to detect-secrets: the forms of tokens and keys it knows, and by its own means those it lacks.

Its detectors give their expressions and nothing else: its files, settings and verification over the network are left
alone, and its `analyze_string` gives only a part of the token where an expression has a group (1.5, GitHub's).
Detectors of entropy and of names are not among them, for they are wrong more often than right, and of the rest those
are left out whose form is that of many another thing (a Twilio SID, a Telegram token).
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from types import ModuleType

from review.rules.trust import _signs


@contextmanager
def _offline() -> Iterator[None]:
    """The library imports requests, to verify tokens by, which takes longer than all the rest of it."""
    hides = "requests" not in sys.modules
    if hides:
        sys.modules["requests"] = ModuleType("requests")
    try:
        yield
    finally:
        if hides:
            del sys.modules["requests"]


with _offline():
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.base import RegexBasedDetector
    from detect_secrets.plugins.basic_auth import BasicAuthDetector
    from detect_secrets.plugins.github_token import GitHubTokenDetector
    from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
    from detect_secrets.plugins.openai import OpenAIDetector
    from detect_secrets.plugins.private_key import PrivateKeyDetector
    from detect_secrets.plugins.pypi_token import PypiTokenDetector
    from detect_secrets.plugins.sendgrid import SendGridDetector
    from detect_secrets.plugins.slack import SlackDetector
    from detect_secrets.plugins.stripe import StripeDetector

MAX_PIECE = 1024
"""Characters of a line that are looked at together: some of the library's expressions take the square of it."""
OVERLAP = 256
"""What a piece shares with the next one; only a private key, which its first words tell, is longer."""


class _Platforms(RegexBasedDetector):
    """Tokens of services that data platforms use, by the forms their documentation gives."""

    secret_type = "Token of a data platform"
    denylist = (
        re.compile(r"dapi[0-9a-f]{32}(?:-\d)?"),  # docs.databricks.com, "Personal access tokens"
        re.compile(r"dbt[cu]_[A-Za-z0-9_+/-]{30,200}={0,2}"),  # docs.getdbt.com, "Service account tokens"
        re.compile(r"AIza[0-9A-Za-z_-]{35}"),  # cloud.google.com, "API keys"
        re.compile(r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}"),  # docs.github.com, "Token formats"
        re.compile(r"sk-ant-(?:api|admin)\d\d-[\w-]{80,200}"),  # docs.anthropic.com, "API keys"
        re.compile(r"npm_[0-9A-Za-z]{36}"),  # docs.npmjs.com, "About access tokens"
    )


class _Azure(RegexBasedDetector):
    """What opens an account or a queue of Azure's, and what a signed address is signed with.

    By learn.microsoft.com, "Configure Azure Storage connection strings" and "Create a service SAS". The library knows
    the first alone.
    """

    secret_type = "Key of an Azure service"
    denylist = (
        re.compile(r"(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{40,100}={0,2}"),
        re.compile(r"(?<=[?&]sig=)[A-Za-z0-9%+/_-]{43,90}={0,1}"),
    )


class _WithoutUser(RegexBasedDetector):
    """The password of an address that names no user, as Redis has it."""

    secret_type = "Password of an address"
    denylist = (re.compile(r"://:([^\s:/?#@\[\]\"']{1,256})@"),)


class _Jdbc(RegexBasedDetector):
    """The password among the properties of a JDBC address, behind `?`, `&` or `;`."""

    secret_type = "Password of a JDBC address"
    denylist = (re.compile(r"(?i)jdbc:[a-z][^\s\"'`,]{4,400}?[?&;](?:password|pwd)=([^\s\"'`&;,)\\]{1,256})"),)


class Form(Enum):
    """What a detector's find is, as far as it takes to judge it."""

    TOKEN = auto()
    """The secret alone."""
    WEBHOOK = auto()
    """A token or an address whose last part is one."""
    KEY = auto()
    """The words before a private key, which goes on behind them."""
    PASSWORD = auto()
    """The password in an address."""
    PROPERTY = auto()
    """The password among the properties of an address."""


@dataclass(frozen=True)
class Found:
    """One secret as the library sees it."""

    what: str
    """What a reader calls it, with its article."""
    line: int
    """1-based."""
    start: int
    """Where in the line it begins."""
    secret: str
    """Never shown, nor put into anything that is."""
    form: Form
    """How to tell whether it is one."""


_DETECTORS: tuple[tuple[RegexBasedDetector, str, tuple[str, ...]], ...] = (
    (AWSKeyDetector(), "an AWS access key", _signs.AWS),
    (_Azure(), "a signed address of Azure", _signs.AZURE),
    (GitHubTokenDetector(), "a GitHub token", _signs.GITHUB),
    (GitLabTokenDetector(), "a GitLab token", _signs.GITLAB),
    (OpenAIDetector(), "an OpenAI key", _signs.OPENAI),
    (PypiTokenDetector(), "a PyPI token", _signs.PYPI),
    (SendGridDetector(), "a SendGrid key", _signs.SENDGRID),
    (SlackDetector(), "a Slack token or webhook", _signs.SLACK),
    (StripeDetector(), "a Stripe key", _signs.STRIPE),
    (_Platforms(), "an access token", (*_signs.PLATFORMS, *_signs.NPM)),
    (PrivateKeyDetector(), "a private key", _signs.PRIVATE_KEY),
    (BasicAuthDetector(), "the password of an address", _signs.ADDRESS),
    (_WithoutUser(), "the password of an address", _signs.ADDRESS),
    (_Jdbc(), "the password of an address", _signs.JDBC),
)
"""Detector, what it finds, and the words without one of which it finds nothing."""

_FORMS = {
    PrivateKeyDetector: Form.KEY,
    BasicAuthDetector: Form.PASSWORD,
    _WithoutUser: Form.PASSWORD,
    _Jdbc: Form.PROPERTY,
    SlackDetector: Form.WEBHOOK,
}
_NAMES = {
    "dapi": "a Databricks token",
    "dbt": "a dbt Cloud token",
    "AIza": "a Google API key",
    "github_pat_": "a GitHub token",
    "sk-ant-": "an Anthropic key",
    "npm_": "an npm token",
    "AccountKey": "the access key of an Azure storage account",
    "SharedAccessKey": "a shared access key of Azure",
}


def found(text: str) -> Iterator[Found]:
    """Everything in a text that has the form of a secret, line by line; whether it is one is the caller's to judge."""
    asked = [each for each in _DETECTORS if any(word in text for word in each[2])]
    for number, line in enumerate(text.split("\n") if asked else (), 1):
        for detector, what, words in asked:
            if not any(word in line for word in words):
                continue
            seen: set[int] = set()
            for offset in range(0, max(1, len(line) - OVERLAP), MAX_PIECE - OVERLAP):
                piece = line[offset : offset + MAX_PIECE]
                for match in _matches(detector, piece) if any(word in piece for word in words) else ():
                    form = _FORMS.get(type(detector), Form.TOKEN)
                    group = 1 if form in (Form.PASSWORD, Form.PROPERTY) else 0
                    start = offset + match.start(group)
                    if start not in seen:
                        seen.add(start)
                        named = next((name for begin, name in _NAMES.items() if match[0].startswith(begin)), what)
                        yield Found(named, number, start, match[group], form)


def _matches(detector: RegexBasedDetector, piece: str) -> Iterator[re.Match[str]]:
    """Where the detector's expressions match, but for the one of AWS that goes by a variable's name."""
    for expression in list(detector.denylist)[: 1 if isinstance(detector, AWSKeyDetector) else None]:
        yield from expression.finditer(piece)
