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

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL002",
    standard=Standard.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

EVERYONE = frozenset({"public", "allusers", "allauthenticatedusers", "account users"})
"""PUBLIC (SQL standard, PostgreSQL, Snowflake, Redshift …), BigQuery's special groups, Databricks' group of all."""

HARMLESS = frozenset({"EXECUTE", "USAGE"})
"""What PUBLIC has from the start (PostgreSQL: EXECUTE on functions, USAGE on types), or what reads nothing alone."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """GRANT statements with everyone among those who are given something."""
    if "grant" not in source.text.lower() or not any(name in source.text.lower() for name in EVERYONE):
        return
    sql = source.sql
    for node in _sql.walk(sql, exp.Grant):
        privileges = [entry.name.upper() for entry in node.args.get("privileges") or []]
        everyone = [name for name in map(_principal, node.args.get("principals") or []) if name.lower() in EVERYONE]
        if not everyone or HARMLESS.issuperset(privileges):
            continue
        line, end_line = _sql.lines(sql, node)
        what = node.args["securable"]
        yield Hit(
            line=line,
            end_line=end_line,
            symbol=what.name if what is not None else "",
            evidence=_sql.text(sql, node),
            explanation=(
                f"`{everyone[0]}` is everyone who can reach this database, now and later: {', '.join(privileges)} on "
                f"`{_sql.text(sql, what)}` is theirs from here on, and no list of roles shows it."
            ),
            remediation="Grant it to the role that needs it, and revoke it from everyone where it was granted before.",
        )


def _principal(node: exp.Expr) -> str:
    return node.name.removeprefix("specialGroup:")
