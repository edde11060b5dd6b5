"""A key, a token or a password in an address is committed.

### Why it matters
What is committed is readable to everyone who can read the repository, now and in its history; deleting the line later
takes it back from nobody. Such keys are found and used within minutes where a repository is public, and in a private
one they outlive the people who were meant to know them.

The forms are those that services give their keys; what says of itself that it is none (an example, a template, a
placeholder, a default of a local database), a key of Google that every browser gets, and tests are left alone. The
secret itself is never shown.

### Bad
```sql
select remote.order_id
from dblink(
    'postgres://loader:kU7-quay-Lantern@shop-db.acme.io/shop',
    'select order_id from orders'
) as remote
```

### Good
```sql
select remote.order_id
from dblink('shop_server', 'select order_id from orders') as remote
```
"""

from collections.abc import Iterator, Sequence

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trust._browsers import is_for_browsers
from review.rules.trust._secrets import Form, Found, found
from review.rules.trust._values import DEFAULTS, FEW, TEMPLATES, digest, is_here, is_production, is_stand_in

rule = Rule(
    module=__name__,
    code="TRU003",
    standard=Standard.SECURITY,
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    kinds=frozenset(Kind) - {Kind.DBT_SEED},
    reads_text=True,
)

CODE = frozenset(
    {Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER, Kind.DBT_PYTHON_MODEL},
)
"""Kinds in which SPK002 reads the properties of addresses."""
MIN_PROPERTY = 6
"""Characters of a password among the properties of an address."""
MIN_KEY = 64
"""Characters in base64 of the shortest private key there is (of an elliptic curve), less a few."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Forms of secrets, in any text, which no sign says to be anything else."""
    yield from look(source.path, source.text, source.kind)


def look(path: str, text: str, kind: Kind | None = None) -> Iterator[Hit]:
    """The same of any file, also of one that is none of ours to review: then it has no kind."""
    if not is_production(path, kind):
        return
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    told: set[tuple[int, str]] = set()
    for each in found(text):
        if each.form is Form.PROPERTY and kind in CODE:
            continue
        evidence = None if is_for_browsers(each, lines) else _evidence(each, lines)
        if evidence is not None and (each.line, evidence) not in told:
            told.add((each.line, evidence))
            yield Hit(
                line=each.line,
                evidence=evidence,
                title=_title(each),
                explanation=(
                    f"This line holds {each.what}. Everyone who may read the repository or a copy of it can use it, "
                    "from its history too after the line is gone, until it is revoked."
                ),
                remediation=(
                    "Revoke it now, and read a new one at run time from the environment, an Airflow connection or a "
                    "secret manager."
                ),
            )


def _title(each: Found) -> str:
    article, _, noun = each.what.partition(" ")
    return f"{article.capitalize()} {noun} is committed"


def _evidence(each: Found, lines: Sequence[str]) -> str | None:
    """What is there, by a name that gives nothing away and is another for another secret; None where it is none."""
    if each.form is Form.PASSWORD:
        return _address(lines[each.line - 1], each)
    if each.form is Form.PROPERTY:
        return _property(lines[each.line - 1], each)
    if each.form is Form.KEY:
        key = _key_after(lines, each)
        return None if len(key) < MIN_KEY or len(set(key)) <= FEW else f"private key {digest(key)}"
    line, end = lines[each.line - 1], each.start + len(each.secret)
    around = line[max(0, each.start - 1) : each.start] + line[end : end + 1]
    is_whole = not any(sign.isalnum() or sign == "_" for sign in around)
    value = (
        each.secret.rpartition("/")[2] if each.form is Form.WEBHOOK else each.secret.partition("Key=")[2] or each.secret
    )
    return f"{each.what} {digest(each.secret)}" if is_whole and not is_stand_in(value) else None


def _key_after(lines: Sequence[str], each: Found) -> str:
    """The first characters in base64 behind the words that begin a key, on its line or on the next few."""
    line = lines[each.line - 1][each.start + len(each.secret) :][:400]
    rest = "\n".join((line, *(after[:200] for after in lines[each.line : each.line + 4])))
    rest = rest.replace("\\n", "\n").replace("\\r", "\n").lstrip("-").lstrip()
    words = (word.strip("\"'#+,\\") for word in rest.split())
    key = ""
    for word in words:
        if not (len(word) >= 16 and all(sign.isalnum() or sign in "+/=" for sign in word)):
            break
        key += word
    return key


def _property(line: str, each: Found) -> str | None:
    """`jdbc:scheme://host…password=…` where that means something outside of this machine, else None."""
    address = line[: each.start].lower().rpartition("jdbc:")[2]
    scheme, _, rest = address.partition(":")
    host = rest.lstrip("/").rpartition("@")[2].lstrip("/")
    for stop in "/?;:&":
        host = host.partition(stop)[0]
    password = each.secret.lower()
    is_weak = password in DEFAULTS or len(password) < MIN_PROPERTY or not any(not sign.isalpha() for sign in password)
    if is_weak or is_here(host) or is_stand_in(each.secret):
        return None
    return f"jdbc:{scheme[:20]}://{host[:80]} password {digest(each.secret)}"


def _address(line: str, each: Found) -> str | None:
    """`scheme://user:…@host` of an address with a password that means something outside of this machine, else None."""
    before, _, after = line.partition(f":{each.secret}@")
    scheme, _, user = before.rpartition("://")
    host = after
    for stop in "/?#:,;\"'`)\\ \t":
        host = host.partition(stop)[0]
    host = host.rstrip(".").lower()
    if any(sign in user for sign in TEMPLATES) or is_here(host) or is_stand_in(each.secret):
        return None
    password = each.secret.lower()
    if password in DEFAULTS or password == user.lower() or len(password) < 6:
        return None
    words = "".join(sign if sign.isalnum() else " " for sign in scheme).split()
    return f"{words[-1] if words else ''}://{user[:40]}:…@{host[:80]}"
