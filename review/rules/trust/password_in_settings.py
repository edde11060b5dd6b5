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
from itertools import pairwise

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._credentials import AZURE_KEY, is_reference, words
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trust._settings import Setting, settings
from review.rules.trust._signs import is_of_settings, may_hold_a_secret
from review.rules.trust._values import DEFAULTS, digest, is_production, is_stand_in, words_of

rule = Rule(
    module=__name__,
    code="TRU004",
    standard=Standard.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG_CONFIG, Kind.DBT_PROJECT, Kind.DBT_PROPERTIES, Kind.DBT_PACKAGES}),
    reads_text=True,
)

CHOSEN = frozenset({"password", "passwd", "passphrase", "pwd", "pass"})
"""Last words of a setting's name whose value a person may have chosen."""
WRITTEN_TOGETHER = ("password", "passwd", "passphrase")
"""The same at the end of a word: `PGPASSWORD`, `dbpassword`."""
MADE = (
    *(("secret", "key"), ("access", "key"), ("account", "key"), ("api", "key"), ("private", "key"), ("fernet", "key")),
    *(("client", "secret"), ("app", "secret"), ("jwt", "secret"), ("access", "token"), ("auth", "token")),
    *(("session", "token"), ("api", "token"), ("bot", "token"), ("refresh", "token"), ("encryption", "key")),
)
"""Last words of a setting's name whose value a machine made."""
PASSES = frozenset({"first", "second", "third", "final", "last", "next", "single", "one", "two", "multi", "boarding"})
"""Words with which `pass` is no password."""
FILES = (".pem", ".p8", ".key", ".crt", ".cer", ".json", ".ppk", ".jks", ".p12")
"""How names of files of keys end."""
PASSING = frozenset({"compose", "local", "test", "tests", "unittest", "unittests", "dev", "demo", "ci"})
"""Words in names of files for what runs on one machine, or for a few minutes: `docker-compose.yml`, `.env.local`."""
PRODUCTION = frozenset({"prod", "production", "prd"})
"""Words that say the contrary: `docker-compose.prod.yml`."""
TRANSLATED = frozenset({"i18n", "l10n", "lang", "langs", "language", "languages", "locale", "locales", "translations"})
"""Folders of what a program says to people: `password` is a word there."""
MIN_CHOSEN, MIN_MADE = 8, 16
MORE_STAND_INS = (
    *("passw0rd", "p@ss", "p4ss", "welcome", "replace", "insert", "todo", "test", "demo", "local", "none", "change"),
    *("1234", "admin", "api-key", "api_key", "access-key", "access_key"),
)
NO_SECRETS = (
    *("enc[", "enc(", "aqica", "vault:", "sops", "sha256", "sha1", "md5", "pbkdf2", "scram-", "gaaaaa", "agb", "pk."),
    *("pk_", "alias/", "arn:"),
)
"""How values begin, in small letters, that are encrypted, hashed or meant for everybody (a key of Mapbox or Stripe)."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal values of settings whose names say that they are secret."""
    yield from look(source.path, source.text, source.kind)


def look(path: str, text: str, kind: Kind | None = None) -> Iterator[Hit]:
    """The same of any file of settings, also of one that is none of ours to review: then it has no kind."""
    if not is_production(path, kind) or (kind is None and not _is_of_a_platform(path)):
        return
    found = [each for each in settings(path, text) if _is_secret(each)]
    for each in sorted(found, key=lambda each: each.line):
        yield Hit(
            line=each.line,
            evidence=f"{each.name[:80]} {digest(each.value)}",
            explanation=(
                f"The value of `{each.name[:80]}` is written out here, so everyone who may read the repository or a "
                "copy of it can use it, from its history too after the line is gone, until it is changed."
            ),
            remediation=(
                "Change it now, and take the new one from the environment at run time (`env_var()` in dbt), an Airflow "
                "connection or a secret manager."
            ),
        )


def _is_of_a_platform(path: str) -> bool:
    """Whether it holds settings of something that lasts."""
    *folders, name = path.lower().split("/")
    is_elsewhere = ".github" in folders or not TRANSLATED.isdisjoint(folders)
    named = words_of(name)
    is_passing = not PASSING.isdisjoint(named) and PRODUCTION.isdisjoint(named)
    return is_of_settings(path) and not is_elsewhere and not is_passing


def _is_secret(each: Setting) -> bool:
    name = words(each.name)
    if not name:
        return False
    value = each.value
    if name[-1] in CHOSEN or name[-1].endswith(WRITTEN_TOGETHER):
        if name[-1] == "pass" and not PASSES.isdisjoint(name):
            return False
        fits = len(value) >= MIN_CHOSEN and _is_mixed(value)
    else:
        is_made = name[-2:] in MADE or any(name[at : at + 4] == AZURE_KEY for at in range(len(name) - 3))
        fits = is_made and len(value) >= MIN_MADE and _is_made(value)
    return fits and not (_says_it_is_none(each) or each.beside.is_of_this_machine or _is_of_known_form(value))


def _is_of_known_form(value: str) -> bool:
    """Whether it is one that TRU003 tells by its form."""
    if not may_hold_a_secret(value):
        return False
    from review.rules.trust._secrets import found

    return next(found(value), None) is not None


def _is_mixed(value: str) -> bool:
    """Whether it has letters, and digits or signs among them, as a password that was thought about has.

    A word with the sign at its end that ends a sentence is no more than a word: `Forgotten?`.
    """
    value = value.rstrip("?!")
    return any(sign.isalpha() for sign in value) and any(sign.isdigit() or sign in "!@#%^&*+=?~" for sign in value)


def _is_made(value: str) -> bool:
    """Whether letters and digits are mixed as no person would."""
    pairs = ((one, other) for one, other in pairwise(value) if one.isalnum() and other.isalnum())
    turns = sum(one.isdigit() != other.isdigit() for one, other in pairs)
    return turns >= 4 and any(sign.isalpha() for sign in value)


def _says_it_is_none(each: Setting) -> bool:
    lowered = each.value.lower()
    return (
        any(sign.isspace() for sign in each.value)
        or "://" in each.value
        or is_stand_in(each.value)
        or is_reference(each.value)
        or lowered.startswith(NO_SECRETS)
        or lowered.rstrip("0123456789!") in DEFAULTS
        or any(part in lowered for part in MORE_STAND_INS)
        or lowered in each.name.lower()
        or lowered.endswith(FILES)
        or (lowered.endswith(")") and "(" in lowered)
    )
