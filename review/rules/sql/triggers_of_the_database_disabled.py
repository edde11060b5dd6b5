"""A migration disables all triggers of a table, foreign keys included.

### Why it matters
`DISABLE TRIGGER ALL` also turns off the triggers with which PostgreSQL enforces foreign keys. Only a superuser may do
that, which the migration's role is not on a managed database: the deployment stops there. Where it may, rows written
meanwhile are never checked, not even when the triggers are enabled again. `DISABLE TRIGGER USER` leaves the
constraints alone and needs no more than the table's owner.

### Bad
```sql
alter table payments disable trigger all;
```

### Good
```sql
alter table payments disable trigger user;
```
"""

from collections.abc import Iterator

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.sql.parse import Opaque

rule = Rule(
    module=__name__,
    code="SQL051",
    standard=Standard.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`ALTER TABLE … DISABLE TRIGGER ALL`, as PostgreSQL writes it."""
    if source.dialect not in ("postgres", "ansi", "greenplum"):
        return
    for statement in source.sql.opaque:
        if statement.words[:2] != ("ALTER", "TABLE") or not statement.says("DISABLE", "TRIGGER", "ALL"):
            continue
        line, end_line = statement.lines
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=_table(statement),
            evidence=" ".join(statement.text.split()),
            explanation=(
                "This turns off the checks of foreign keys too: only a superuser may do it, so it fails with the "
                "role of most deployments, and what is written meanwhile is never checked."
            ),
            remediation="Write `DISABLE TRIGGER USER`, and the same where they are enabled again.",
            suggestion=_suggestion(source, line, end_line),
        )


def _table(statement: Opaque) -> str:
    words = [word for word in statement.words[2:] if word not in ("IF", "EXISTS", "ONLY")]
    return words[0].lower() if words else ""


def _suggestion(source: Source, line: int, end_line: int) -> str | None:
    """The line with USER for ALL; None where the statement spans several, or the line names ALL more than once."""
    written = source.lines[line - 1]
    words = written.split(" ")
    ends = [index for index, word in enumerate(words) if word.rstrip(";").lower() == "all"]
    if line != end_line or len(ends) != 1:
        return None
    word = words[ends[0]]
    words[ends[0]] = ("USER" if word[:1].isupper() else "user") + word[3:]
    return " ".join(words)
