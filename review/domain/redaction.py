"""Secrets blotted out of any text: by their known forms, and by the names they are given to."""

import re
from functools import lru_cache

MASK = "(redacted)"

_SECRETS = (
    r"(?<=://)(?:AKIA|ASIA)[A-Z0-9]{16}:[^\s@]+(?=@)",
    r"(?<=://)[^\s/:@]*:[^\s/@]+(?=@)",
    r"\bgh[pousr]_[A-Za-z0-9]{16,}",
    r"\bgithub_pat_\w{16,}",
    r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[A-Z0-9]{16}\b",
    r"\bsk-(?:ant-|proj-)?[\w-]{16,}",
    r"\bx(?:ox[abeoprs]|app)-[\w-]{10,}",
    r"hooks\.slack\.com/services/[\w/]+",
    r"\bAIza[\w-]{30,}",
    r"\bya29\.[\w-]{10,}",
    r"\bglpat-[\w-]{16,}",
    r"\bdapi[0-9a-f]{32}",
    r"\b[sr]k_(?:live|test)_\w{10,}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    r"\bpypi-[\w-]{30,}",
    r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
    r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]*",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"(?<=\bBearer )[\w.~+/=-]{12,}",
)
"""Those in addresses come first: where the user is a key of a known form, its secret goes with it."""
_NAME = r"(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|account|secret|private)[_.]?key|credential)s?"
_ASSIGNED = rf"(\b\w*{_NAME}[\"'`]?\s*(?:=>|[=:,])\s*)([\"'])(?:(?!\2).)+\2"
_WORDED = r"""(\b(?:password|identified\s+by)\s+)(["'])(?:(?!\2).)+\2"""
"""As SQL gives a role its password."""
_VALUE = r"[\w!#$%*+/@^~-]"
_MIXED = rf"(?=(?-i:{_VALUE}*[a-z]))(?=(?-i:{_VALUE}*[A-Z]))(?={_VALUE}*\d)"
_BARE = rf"(\b\w*{_NAME}=){_MIXED}{_VALUE}{{8,}}+={{0,2}}(?![(\[]|\.\w)"
"""A value of small and capital letters and digits, as prose, shells and connection strings have it: hardly a name."""
_PARAMETER = rf"([?&;]\w*{_NAME}=)[^\s&;\"'`]+"


def redact(text: str) -> str:
    """The text without what looks like a token, a private key, a password in an address or after its name."""
    tokens, quoted, plain = _patterns()
    text = tokens.sub(_mask, text)
    for pattern in quoted:
        text = pattern.sub(rf"\1\2{MASK}\2", text)
    for pattern in plain:
        text = pattern.sub(rf"\1{MASK}", text)
    return text


def _mask(match: re.Match[str]) -> str:
    """As many lines as there were, so that the lines after it keep their numbers."""
    return MASK + "\n" * match[0].count("\n")


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    """Tokens, quoted values and plain ones. Compiled at first use: a run that shows no text of others needs none."""
    quoted = tuple(re.compile(each, re.IGNORECASE) for each in (_ASSIGNED, _WORDED))
    plain = tuple(re.compile(each, re.IGNORECASE) for each in (_PARAMETER, _BARE))
    return re.compile("|".join(_SECRETS), re.DOTALL), quoted, plain
