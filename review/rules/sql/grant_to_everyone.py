"""A privilege is granted to everyone.

### Why it matters
`PUBLIC` is every role of the database, also those that will be made later; `allUsers` and `allAuthenticatedUsers` are
everyone with a browser, or with a Google account. Personal data becomes readable to people nobody decided on, and no
review of roles shows it, since no role was given anything.

### Bad
```sql
grant select on table analytics.customers to public;
```

### Good
```sql
grant select on table analytics.customers to role_analyst;
```
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import Token, TokenType, exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.sql.parse import Opaque, ParsedSql, tokens

rule = Rule(
    module=__name__,
    code="SQL002",
    standard=Standard.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

PUBLIC = "public"
"""Every role there is or will be (SQL standard, PostgreSQL, Snowflake, Redshift, SQL Server, Oracle …)."""

NO_PUBLIC = frozenset({"bigquery", "mysql", "clickhouse"})
"""Where `public` is a user or a role like any other."""

SPECIAL_GROUP = "specialGroup:"
SPECIAL_GROUPS = frozenset({"allusers", "allauthenticatedusers"})
"""BigQuery's groups of everyone."""

ACCOUNT_USERS = "account users"
"""Databricks' group of all."""

HARMLESS = frozenset(
    {"EXECUTE", "USAGE", "USE CATALOG", "USE SCHEMA", "USE_CATALOG", "USE_SCHEMA", "BROWSE", "VIEW ANY DATABASE"}
    | {"VIEW ANY COLUMN ENCRYPTION KEY DEFINITION", "VIEW ANY COLUMN MASTER KEY DEFINITION"}
)
"""What PUBLIC has from the start (PostgreSQL: EXECUTE on functions, USAGE on types; SQL Server: VIEW ANY …), or what
reads nothing alone."""

HARMLESS_ON_DATABASES = frozenset({"CONNECT", "TEMP", "TEMPORARY"})
"""What PUBLIC has from the start on each of PostgreSQL's databases."""

ALL = frozenset({"ALL", "ALL PRIVILEGES"})
CALLABLE = frozenset({"FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE", "LANGUAGE", "TYPE", "DOMAIN"})
"""Things on which all privileges are EXECUTE, or USAGE."""

CATALOGUES = frozenset({"spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns"})
"""Tables of PostGIS that hold no data of anybody's, which it grants to PUBLIC itself; so dumps do."""

DEFAULT_PRIVILEGES = ("ALTER", "DEFAULT", "PRIVILEGES")

AFTER_GRANTEES = ("WITH", "GRANTED", "FOR", "AS", "COPY", "REVOKE")
"""What may follow those who are given something."""


@dataclass(frozen=True)
class Given:
    """What a GRANT says."""

    privileges: tuple[str, ...]
    """In upper case, without columns; roles, where a role is granted."""
    what: str
    """What they are on, as written; empty for roles and for privileges on nothing in particular."""
    kind: str
    """TABLE, SCHEMA, FUNCTION … in the singular, where the statement says."""
    name: str
    """The last part of its name."""
    everyone: str
    """The first of those who are given it that is everyone, or empty."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """GRANT statements with everyone among those who are given something."""
    text = source.text.lower()
    if "grant" not in text or not any(name in text for name in (PUBLIC, ACCOUNT_USERS, *SPECIAL_GROUPS)):
        return
    sql = source.sql
    for text, (line, end_line) in sorted(_grants(sql), key=lambda grant: grant[1]):
        given = _given(text, sql.dialect, source.dialect or "")
        if given is None or not given.everyone or _is_harmless(given):
            continue
        what = ", ".join(given.privileges) + (f" on `{given.what}`" if given.what else "")
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=given.name,
            evidence=" ".join(text.split()),
            explanation=(
                f"`{given.everyone}` is everyone who can reach this database, now and later: {what} is theirs from "
                "here on, and no list of roles shows it."
            ),
            remediation="Grant it to the role that needs it, and revoke it from everyone where it was granted before.",
        )
    _sql.refuse_opaque(sql, _may_grant_inside)


def _grants(sql: ParsedSql) -> Iterator[tuple[str, tuple[int, int]]]:
    """Text and lines of each statement that may grant something, first those that sqlglot parses."""
    for node in _sql.walk(sql, exp.Grant):
        yield _sql.text(sql, node), _sql.lines(sql, node)
    for statement in sql.opaque:
        if _may_grant(statement):
            yield statement.text, statement.lines


def _may_grant_inside(statement: Opaque) -> bool:
    """Whether a statement that is not parsed holds another that grants something to PUBLIC: `DO $$ … $$`."""
    return "GRANT" in statement.words[1:] and statement.says("TO", "PUBLIC") and not _may_grant(statement)


def _may_grant(statement: Opaque) -> bool:
    return statement.words[:1] == ("GRANT",) or statement.words[:3] == DEFAULT_PRIVILEGES


def _is_harmless(given: Given) -> bool:
    privileges = set(given.privileges)
    if given.kind in CALLABLE:
        privileges -= ALL
    if given.kind == "DATABASE":
        privileges -= HARMLESS_ON_DATABASES
    if given.name.lower() in CATALOGUES:
        privileges.discard("SELECT")
    return privileges <= HARMLESS


def _given(text: str, dialect: str, asked: str) -> Given | None:
    """What a statement of sqlglot's dialect grants; None where it grants nothing. `asked` is sqlfluff's dialect."""
    words = tokens(text, dialect)
    later = tuple(_word(token) for token in words[:3]) == DEFAULT_PRIVILEGES
    if later:
        words = words[next((at for at, token in enumerate(words) if _word(token) in ("GRANT", "REVOKE")), 0) :]
    if not words or _word(words[0]) != "GRANT":
        return None
    granted, to = _cut(words[1:], "TO")
    privileges, on = _cut(granted, "ON")
    kinds = [word for token in on if (word := _word(token)) not in ("ALL", "FUTURE")]
    thing = _cut(on, "(", ",")[0]
    grantees = [name for part in _parts(_cut(to, *AFTER_GRANTEES)[0]) if (name := _everyone(part, asked))]
    return Given(
        privileges=tuple(_text(text, _cut(part, "(")[0]).upper() for part in _parts(privileges)),
        what=_text(text, on) + " made later" * later,
        kind=kinds[0].removesuffix("S") if kinds and (later or len(on) > 1) else "",
        name=thing[-1].text if thing else "",
        everyone=grantees[0] if grantees else "",
    )


def _everyone(grantee: Sequence[Token], asked: str) -> str:
    """The name of one who is given something, where that is everyone; else empty."""
    (*kind, token) = grantee
    if [_word(each) for each in kind] not in ([], ["ROLE"], ["GROUP"]):
        return ""
    name = token.text.removeprefix(SPECIAL_GROUP)
    if name.lower() in SPECIAL_GROUPS and (asked == "bigquery" or name != token.text):
        return name
    is_public = asked not in NO_PUBLIC and (name.upper() if _word(token) else name) in (PUBLIC, PUBLIC.upper())
    return name if name == ACCOUNT_USERS or (is_public and token.token_type is not TokenType.STRING) else ""


def _cut(words: Sequence[Token], *at: str) -> tuple[Sequence[Token], Sequence[Token]]:
    """What stands before and after the first of these words that is in no brackets; all and nothing without one."""
    depth = 0
    for index, token in enumerate(words):
        if depth == 0 and _word(token) in at:
            return words[:index], words[index + 1 :]
        depth += {"(": 1, ")": -1}.get(_word(token), 0)
    return words, ()


def _parts(words: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The entries of a list."""
    while words:
        part, words = _cut(words, ",")
        if part:
            yield part


def _word(token: Token) -> str:
    """A word in upper case; empty for a quoted one."""
    return "" if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER) else token.text.upper()


def _text(text: str, words: Sequence[Token]) -> str:
    """The text from the first to the last word, on one line and without BigQuery's quotes."""
    return " ".join(text[words[0].start : words[-1].end + 1].replace("`", "").split()) if words else ""
