"""A password is written into SQL, or into Python that is no DAG and no job.

### Why it matters
What is committed is readable to everyone who can read the repository, now and in its history. A user that a migration
makes has the same password wherever it runs, and nobody can change it without a new release.

A value counts where its name, or the word before it, says that it is secret and where it looks like a password somebody
chose or a key that a machine made; templates, defaults, what belongs to a database on this machine, tests and examples
are left alone. The value itself is never shown. SPK002 says the same of DAGs and Spark jobs.

### Bad
```sql
create user loader with password 'kU7-quay-Lantern';
```

### Good
```sql
create user loader with password '{{ env_var("SHOP_LOADER_PASSWORD") }}';
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trust._code import settings_of_python
from review.rules.trust._passwords import is_secret
from review.rules.trust._signs import is_python
from review.rules.trust._values import PASSING, digest, is_production, words_of

rule = Rule(
    module=__name__,
    code="TRU005",
    standard=Standard.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset(
        {Kind.SQL_QUERY, Kind.SQL_DDL, Kind.SQL_MIGRATION, Kind.DBT_MODEL, Kind.DBT_MACRO, Kind.DBT_SNAPSHOT},
    ),
)
_WORDS = ("passw", "identified", "secret", "_key", "pwd", "token")
"""Without one of them no statement gives a secret."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Strings behind a word for a secret in statements that make a user, a connection or a stage."""
    if not is_production(source.path, source.kind) or not any(word in source.text.lower() for word in _WORDS):
        return
    from review.rules.trust._statements import settings_of_sql

    for each in settings_of_sql(source):
        yield _hit(each.line, each.name, each.value)


def look(path: str, text: str, kind: Kind | None = None) -> Iterator[Hit]:
    """Assignments, arguments and entries of a Python file that is none of ours to review."""
    *folders, name = path.lower().split("/")
    parts = {*folders, *words_of(name)}
    if not is_python(path) or not is_production(path, kind) or not PASSING.isdisjoint(parts):
        return
    found = [each for each in settings_of_python(text) if is_secret(each)]
    for each in sorted(found, key=lambda each: each.line):
        yield _hit(each.line, each.name, each.value)


def _hit(line: int, name: str, value: str) -> Hit:
    return Hit(
        line=line,
        evidence=f"{name[:80]} {digest(value)}",
        explanation=(
            f"The value of `{name[:80]}` is written out here, so everyone who may read the repository or a copy of it "
            "can use it, from its history too after the line is gone, until it is changed."
        ),
        remediation=(
            "Change it now, and take the new one from the environment, an Airflow connection or a secret manager where "
            "this runs."
        ),
    )
