"""What tells a secret from what only looks like one: where it stands, and what it says of itself."""

import hashlib

from review.domain.artifact import Kind
from review.rules._tests import is_test

STAND_INS = (
    *("example", "placeholder", "redacted", "changeme", "change_me", "dummy", "fake", "sample", "your", "xxxx", "****"),
    *("0000", "....", "1234567890", "0123456789", "abcdefgh", "password", "passwd", "secret", "token"),
)
"""Parts of values that say they are none."""
DEFAULTS = frozenset(
    {"admin", "airflow", "dbt", "guest", "hive", "mysql", "pass", "postgres", "pwd", "root", "spark", "test", "user"}
)
"""Passwords of databases that run on one machine for a day; what else there is has one of its own."""
TEMPLATES = ("{", "}", "$", "<", ">", "%(", "%s", "[", "]")
"""Signs that something else is put here before it is used."""
LOCAL = (".local", ".localhost", ".test", ".example", ".invalid", "example.com", "example.org", "example.net")
EXAMPLES = frozenset({"doc", "docs", "example", "examples", "sample", "samples", "tutorial", "tutorials"})
"""Folders of files that show how something is done."""
PATTERNS = frozenset({"dist", "example", "sample", "template", "tmpl"})
"""Words in names of files that somebody copies and fills in: `.env.example`, `config.py.sample`."""
PASSING = frozenset({"compose", "local", "test", "tests", "unittest", "unittests", "dev", "demo", "ci"})
"""Words in names of files for what runs on one machine, or for a few minutes: `docker-compose.yml`, `.env.local`."""
FOR_CHECKS = frozenset({".ci", ".circleci", ".gitlab", "ci"})
"""Folders of what a build starts for a few minutes, with passwords of its own."""
FEW = 6
"""Different characters of a value that somebody typed to fill a gap."""


def is_production(path: str, kind: Kind | None) -> bool:
    """Whether a secret in this file would be a real one: it is no test and shows nobody how something is done."""
    *folders, name = path.lower().split("/")
    if is_test(path, kind) or not EXAMPLES.isdisjoint(folders):
        return False
    return kind is not None or (FOR_CHECKS.isdisjoint(folders) and PATTERNS.isdisjoint(words_of(name)))


def words_of(name: str) -> frozenset[str]:
    """The parts of a file's name between signs."""
    return frozenset("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())


def digest(secret: str) -> str:
    """Tells one secret from another of the file; far too short to find out which one it is."""
    return f"({hashlib.sha256(secret.encode('utf-8', 'replace')).hexdigest()[:4]})"


def is_stand_in(value: str) -> bool:
    """Whether a value says of itself that it is none."""
    lowered = value.lower()
    return (
        any(part in lowered for part in STAND_INS)
        or any(sign in value for sign in TEMPLATES)
        or len(set(lowered)) <= FEW
    )


def is_here(host: str) -> bool:
    """Whether no other machine is meant, or none that exists: `localhost`, `db`, `example.com`, a template."""
    return (
        "." not in host
        or host in ("127.0.0.1", "0.0.0.0")  # noqa: S104 - an address in a text, which nothing listens on
        or host.startswith(("host.docker.", "www.example."))
        or host.endswith(LOCAL)
        or any(sign in host for sign in TEMPLATES)
        or any(part in host for part in ("example", "hostname", "yourhost", "my-host"))
    )
