"""Secrets blotted out of any text: by their known forms, and by the names they are given to."""

import hashlib
import re
from collections.abc import Iterable, Iterator
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
    r"\bdbt[cu]_[\w+/-]{30,}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    r"\bpypi-[\w-]{30,}",
    r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
    r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]*",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"(?<=\bBearer )[\w.~+/=-]{12,}",
)
"""Those in addresses come first: where the user is a key of a known form, its secret goes with it."""
_NAME = r"(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|account|secret|private)[_.-]?key|credential)s?"
_SUFFIX = r"(?:(?<=key)\.[\w.-]{1,200})?"
"""Hadoop's setting for the key of an Azure account goes on with the account's name."""
_BEHIND = r"""\s?:\s?[\w.\[\]| ]{1,60}?(?=\s*=)|\)(?=\s*=)|\\?["'`]\](?=\s*=)|\\?["'`]"""
"""What may stand between: a type, the end of a call, of a subscript, of a quoted name."""
_GIVEN = rf"\b\w*{_NAME}{_SUFFIX}(?:{_BEHIND})?\s*(?:[=-]>|:?=|[:,])\s*"
"""A name and what gives it a value: `password: str = `, `env["DB_PASSWORD"] = `, `"password" -> `, `"secret.key", `."""
_QUOTED = r"""(\\?(?:\"{3}|'{3}|["']))(?:(?!\2)(?:\\.|[^\\\n]))++\2"""
_MORE = r"""(?:\s{0,100}+[+\\]?\s{0,100}+[rbuf]{0,2}(?P<q>["'])[^"'\n]++(?P=q)(?!\s*+[:=]))*+"""
"""The strings that Python joins to the first one."""
_ASSIGNED = rf"({_GIVEN}(?:\(\s*)?[rbuf]{{0,2}}){_QUOTED}(?P<more>{_MORE})"
_WORDED = rf"""(\b(?:password|identified\s+by)\s+){_QUOTED}(?P<more>)"""
"""As SQL gives a role its password."""
_LOGIN = rf"""(\bauth\s*=\s*(?:[\w.]*Auth)?\(\s*["'][^"'\n]*+["']\s*,\s*){_QUOTED}(?P<more>)"""
"""As `requests` is given a user and a password."""
_VALUE = r"[\w!#$%*+/@^~-]"
_MIXED = rf"(?=(?-i:{_VALUE}*[a-z]))(?=(?-i:{_VALUE}*[A-Z]))(?={_VALUE}*\d)"
_BARE = rf"(\b\w*{_NAME}{_SUFFIX}=){_MIXED}{_VALUE}{{8,}}+={{0,2}}(?![(\[]|\.\w)"
"""A value of small and capital letters and digits, as prose, shells and connection strings have it: hardly a name."""
_MADE = rf"(\b\w*{_NAME}{_SUFFIX}=)(?=(?:[a-z+/_-]{{0,64}}\d){{4}}){_VALUE}{{16,}}+={{0,2}}(?![(\[]|\.\w)"
"""A long one with many digits: a machine made it."""
_SIGNS = r"[^\s\"'`{}<>$,()\[\]]"
_LINE = (
    rf"((?<![\w.-])[\w.-]{{0,100}}{_NAME}:[ \t]+)(?={_SIGNS}{{0,100}}?[a-z])(?={_SIGNS}{{0,100}}?\d)"
    rf"(?={_SIGNS}{{0,100}}?[!#%*+/@^~-]|(?:[^\s\d]{{0,100}}\d){{3}}){_SIGNS}{{8,}}+(?=[ \t]*(?:[,}}#\r\n]|\Z))"
)
"""As YAML has it: with a sign or many digits, for `token: OAuth2Token` is a type of Python's."""
_PARAMETER = rf"([?&;]\w*{_NAME}=)[^\s&;\"'`]+"
_SIGNED = (
    r"([?&](?:sig|(?:x-(?:amz|goog)-)?(?:signature|credential|security-token)|key)=)(?=[^\s&\"'`]{0,200}?\d)[^\s&\"'`]+"
)
"""What signs an address: whoever has it has what it leads to. (Azure's shared access, presigned ones of S3 and GCS.)"""
_QUERY = r"(\b(?:wasbs?|abfss?|s3[an]?|gs|adl|dbfs|hdfs|file)://[^\s?\"'`]{1,500}+\?)[^\s\"'`]+"
"""A path of a storage has no questions, but for such a signature."""
_LITERAL = r"(?![$%{<\\-])[^\s\"'`|;&<>]"
"""The first sign of a word that a shell puts nothing else in the place of."""
_COMMANDS = (
    rf"(\bcurl\b[^\n|;]{{0,300}}?\s(?:-u|--user)[ =]?\\?[\"']?[^\s:\"']+:){_LITERAL}+",
    rf"(\bmysql(?:dump|admin|import)?\b[^\n|;]{{0,300}}?\s-p){_LITERAL}+",
    rf"(\bsqlplus\s(?:[^\n|;]{{0,60}}?\s)?[\w$#]+/){_LITERAL}[^\s@\"']*(?=@)",
    rf"(\b(?:sshpass\s+-p|redis-cli\b[^\n|;]{{0,200}}?\s-a|beeline\b[^\n|;]{{0,300}}?\s-p)\s*){_LITERAL}+",
    rf"(\b(?:sqlcmd|bcp)\b[^\n|;]{{0,300}}?\s-P\s*){_LITERAL}+",
    rf"(\s--?[\w-]*(?:{_NAME}|pw)[ =])(?=[^\s\"'`]{{0,100}}?\d){_LITERAL}{{6,}}+",
)
"""Passwords in the arguments of programs, of some by their own flags, of any by the name of the flag."""
_SHOWS = 12
"""Characters of a secret that give it away where the rest was cut off."""
_LEAST = 8
"""Characters of a value that is looked for in the rest of its file."""


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text without what looks like a token, a private key, a password in an address or after its name.

    `known` are secrets by themselves, wherever they stand in it: those of the file that the text speaks of.
    """
    for secret in sorted(known, key=len, reverse=True):
        text = _without(text, secret, MASK)
    tokens, quoted, plain = _patterns()
    text = tokens.sub(_mask, text)
    for pattern in quoted:
        text = pattern.sub(_quoted_mask, text)
    for pattern in plain:
        text = pattern.sub(rf"\1{MASK}", text)
    return text


@lru_cache(maxsize=64)
def secrets_of(text: str) -> tuple[str, ...]:
    """The values that a file's text gives to names of secrets, to be blotted out in what else is shown of that file.

    Only those that no word of the language could be: of eight characters at least, letters and digits.
    """
    _tokens, quoted, plain = _patterns()
    values: dict[str, None] = {}
    for pattern in quoted:
        for match in pattern.finditer(text):
            values.update(dict.fromkeys(map(_unquoted, _parts(match))))
    for pattern in plain:
        values.update(dict.fromkeys(match[0][len(match[1]) :] for match in pattern.finditer(text)))
    return tuple(value for value in values if _could_be_one(value))


@lru_cache(maxsize=32)
def redact_file(text: str) -> str:
    """A whole file's text without secrets, each wherever it stands; as many lines as there were."""
    return redact(text, secrets_of(text))


def digested(text: str, known: Iterable[str]) -> str:
    """The text with each known secret replaced by what tells it from another: for what is part of an identity."""
    for secret in sorted(known, key=len, reverse=True):
        digest = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:4]
        text = _without(text, secret, f"(redacted {digest})")
    return text


def _without(text: str, secret: str, mark: str) -> str:
    """The text with a mark for each place of the secret, also where the text was cut within it."""
    text = text.replace(secret, mark)
    begin = secret[:_SHOWS]
    at = text.find(begin) if len(secret) > _SHOWS else -1
    while at >= 0:
        end = at + len(begin)
        while end < len(text) and end - at < len(secret) and text[end] == secret[end - at]:
            end += 1
        text = text[:at] + mark + text[end:]
        at = text.find(begin, at + len(mark))
    return text


def _parts(match: re.Match[str]) -> Iterator[str]:
    """The quoted strings of a value, as they stand there."""
    yield match[0][len(match[1]) : match.start("more") - match.start()]
    yield from (each[0] for each in re.finditer(r"""(["'])[^"'\n]*+\1""", match["more"]))


def _unquoted(string: str) -> str:
    return string.strip("\\").strip("\"'").rstrip("\\")


def _could_be_one(value: str) -> bool:
    return (
        len(value) >= _LEAST
        and "\n" not in value
        and not any(sign.isspace() or sign in "{}<>$" for sign in value)
        and any(sign.isdigit() for sign in value)
        and any(sign.isalpha() for sign in value)
    )


def _quoted_mask(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{MASK}{match[2]}" + "\n" * match["more"].count("\n")


def _mask(match: re.Match[str]) -> str:
    """As many lines as there were, so that the lines after it keep their numbers."""
    return MASK + "\n" * match[0].count("\n")


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    """Tokens, quoted values and plain ones. Compiled at first use: a run that shows no text of others needs none."""
    quoted = tuple(re.compile(each, re.IGNORECASE) for each in (_ASSIGNED, _WORDED, _LOGIN))
    plain = tuple(
        re.compile(each, re.IGNORECASE) for each in (_PARAMETER, _QUERY, _SIGNED, *_COMMANDS, _BARE, _MADE, _LINE)
    )
    return re.compile("|".join(_SECRETS), re.DOTALL), quoted, plain
