"""A password or key stands in a file of settings.

### Why it matters
What is committed is readable to everyone who can read the repository, now and in its history, and one value serves test
and production. A `profiles.yml`, a `.env` or a `values.yaml` is copied from project to project with what stands in it.

A value counts where its name says that it is secret and where it looks like a password somebody chose or a key that a
machine made; references, templates, defaults, and what belongs to a database on this machine are left alone, as are
tests and examples. The value itself is never shown.

### Bad
```yaml
shop:
  outputs:
    prod:
      type: postgres
      host: shop-db.internal.acme.io
      user: loader
      password: kU7-quay-Lantern
```

### Good
```yaml
shop:
  outputs:
    prod:
      type: postgres
      host: shop-db.internal.acme.io
      user: loader
      password: "{{ env_var('SHOP_DB_PASSWORD') }}"
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trust._passwords import is_secret, may_name_a_secret
from review.rules.trust._settings import Setting, settings
from review.rules.trust._signs import is_of_settings
from review.rules.trust._values import PASSING, digest, is_production, words_of

rule = Rule(
    module=__name__,
    code="TRU004",
    standard=Standard.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG_CONFIG, Kind.DBT_PROJECT, Kind.DBT_PROPERTIES, Kind.DBT_PACKAGES}),
    reads_text=True,
)

PRODUCTION = frozenset({"prod", "production", "prd"})
"""Words that say the contrary: `docker-compose.prod.yml`."""
LISTED = 5
"""Secrets of one line that are named."""
TRANSLATED = frozenset({"i18n", "l10n", "lang", "langs", "language", "languages", "locale", "locales", "translations"})
"""Folders of what a program says to people: `password` is a word there."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal values of settings whose names say that they are secret."""
    yield from look(source.path, source.text, source.kind)


def look(path: str, text: str, kind: Kind | None = None) -> Iterator[Hit]:
    """The same of any file of settings, also of one that is none of ours to review: then it has no kind."""
    if not is_production(path, kind) or (kind is None and not _is_of_a_platform(path)):
        return
    found: dict[int, list[Setting]] = {}
    for each in settings(path, text) if may_name_a_secret(text) else ():
        if is_secret(each):
            found.setdefault(each.line, []).append(each)
    for line in sorted(found):
        yield _hit(line, found[line])


def _hit(line: int, found: list[Setting]) -> Hit:
    """One for all secrets of a line."""
    names = list(dict.fromkeys(each.name[:80] for each in found))
    listed = ", ".join(f"`{name}`" for name in names[:LISTED]) + (", …" if len(names) > LISTED else "")
    if len(names) == 1:
        said, it, one = f"The value of {listed} is", "it", "one"
    else:
        said, it, one = f"The values of {listed} are", "them", "ones"
    return Hit(
        line=line,
        evidence=", ".join(dict.fromkeys(f"{each.name[:80]} {digest(each.value)}" for each in found[:LISTED])),
        explanation=(
            f"{said} written out here, so everyone who may read the repository or a copy of it can use {it}, from its "
            "history too after the line is gone, until changed."
        ),
        remediation=(
            f"Change {it} now, and take the new {one} from the environment at run time (`env_var()` in dbt), an "
            "Airflow connection or a secret manager."
        ),
    )


def _is_of_a_platform(path: str) -> bool:
    """Whether it holds settings of something that lasts."""
    *folders, name = path.lower().split("/")
    is_elsewhere = ".github" in folders or not TRANSLATED.isdisjoint(folders)
    named = words_of(name)
    is_passing = not PASSING.isdisjoint(named) and PRODUCTION.isdisjoint(named)
    return is_of_settings(path) and not is_elsewhere and not is_passing
