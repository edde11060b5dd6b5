"""A password or key is written into the code.

### Why it matters
What is committed is readable to everyone who can read the repository, now and in its history, and to every log that
prints the Spark configuration. It cannot be rotated without a release, and one value serves test and production.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = (
    spark.read.format("jdbc")
    .option("url", "jdbc:postgresql://db.example.com/shop")
    .option("user", "etl")
    .option("password", "pX4-harbour-7")
    .load()
)
```

### Good
```python
import os

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = (
    spark.read.format("jdbc")
    .option("url", "jdbc:postgresql://db.example.com/shop")
    .option("user", "etl")
    .option("password", os.environ["SHOP_DB_PASSWORD"])
    .load()
)
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _python, _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trust._secrets import found

rule = Rule(
    module=__name__,
    code="SPK002",
    standard=Standard.SECURITY,
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.PYSPARK, Kind.NOTEBOOK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER, Kind.DBT_PYTHON_MODEL}),
)

SECRET_WORDS = ("password", "passwd", "passphrase")
SECRET_ENDINGS = (
    ("secret", "key"),
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("private", "key"),
    ("client", "secret"),
    ("access", "token"),
    ("auth", "token"),
    ("session", "token"),
    ("api", "token"),
)
"""Last words of a setting's name that make its value a secret: `fs.s3a.secret.key`, `AWS_SECRET_ACCESS_KEY`."""

AZURE_KEY = ("fs", "azure", "account", "key")
"""Hadoop's setting for a storage account's key goes on with the account's name (hadoop.apache.org, "Azure Blob")."""

SETTERS = frozenset({"option", "config", "set", "setProperty", "put", "setConf", "setdefault"})
"""Calls whose first argument names a setting and whose second is its value, in Spark, Hadoop and JDBC."""

STAND_INS = (
    *("password", "passwd", "secret", "token", "example", "dummy", "fake", "test", "change", "your", "xxx"),
    *("placeholder", "redacted", "null", "none", "todo", "insert", "***", "..."),
)
"""Parts of values that say they are none."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal values of settings whose name says that the value is secret."""
    if is_test(source.path, source.kind):
        return
    pairs = _in_scala(source) if source.kind is Kind.SCALA_SPARK else _in_python(source)
    for name, value, line, symbol in pairs:
        if _is_secret(name) and _is_real(value, name) and next(found(value), None) is None:  # else TRU003 tells it
            yield Hit(
                line=line,
                symbol=symbol,
                evidence=f"{name} = <{len(value)} characters>",
                explanation=(
                    f"The value of `{name}` is in the code, so it is in the repository's history and in every copy of "
                    "it, for everyone who may read them, and stays valid there until it is rotated."
                ),
                remediation=(
                    "Rotate it now, and read it at run time from the environment, an Airflow connection or a secret "
                    "manager."
                ),
            )


Pair = tuple[str, str, int, str]
"""Name of a setting, its literal value, line, enclosing symbol."""


def _in_python(source: Source) -> Iterator[Pair]:
    for node, symbol in _python.scopes(source.python):
        for name, value in _python_pairs(node):
            literal = _python.text_of(value)
            if name and literal is not None:
                yield name, literal, value.lineno, symbol
        if isinstance(node, ast.Constant):
            for name, text in _of_address(_python.text_of(node) or ""):
                yield name, text, node.lineno, symbol


def _python_pairs(node: ast.AST) -> Iterator[tuple[str | None, ast.expr]]:
    """Everything in Python that gives a name a value: settings, keywords, dictionary entries, assignments, defaults."""
    if isinstance(node, ast.arguments):
        yield from _defaults(node)
    elif isinstance(node, ast.Call):
        if _python.last_name(node.func) in SETTERS and len(node.args) == 2:
            yield _python.name_of(node.args[0]), node.args[1]
        for entry in node.keywords:
            yield entry.arg, entry.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield _python.name_of(key), value
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            key = target.slice if isinstance(target, ast.Subscript) else None
            yield _python.last_name(target) if key is None else _python.text_of(key), node.value


def _defaults(parameters: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """Name and default value of the parameters of a function that have one."""
    positional = [*parameters.posonlyargs, *parameters.args]
    with_default = positional[len(positional) - len(parameters.defaults) :]
    named = (
        *zip(with_default, parameters.defaults, strict=True),
        *zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True),
    )
    return ((parameter.arg, value) for parameter, value in named if value is not None)


def _in_scala(source: Source) -> Iterator[Pair]:
    for node, symbol in _scala.walk(source.scala):
        if node.type in ("val_definition", "var_definition"):
            value = _scala.string_of(node.child_by_field_name("value"))
            if value is not None:
                yield _scala.text_of(node.child_by_field_name("pattern")), value, _scala.line(node), symbol
        elif node.type == "string":
            for name, text in _of_address(_scala.string_of(node) or ""):
                yield name, text, _scala.line(node), symbol
        elif node.type == "call_expression" and _scala.callee(node) in SETTERS:
            given = [_scala.string_of(argument) for argument in _scala.arguments(node)]
            if len(given) == 2 and given[0] is not None and given[1] is not None:
                yield given[0], given[1], _scala.end_line(node), symbol


def _of_address(text: str) -> Iterator[tuple[str, str]]:
    """The properties in a JDBC address, `…?user=a&password=b` or `…;user=a;password=b`; none in any other text."""
    if not text.startswith("jdbc:"):
        return
    for part in text.replace("?", "&").replace(";", "&").split("&")[1:]:
        name, _, value = part.partition("=")
        yield name, value


def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in snake_case, kebab-case, camelCase or with dots."""
    spaced = "".join(
        f" {letter}"
        if letter.isupper() and index and name[index - 1].islower()
        else letter
        if letter.isalnum()
        else " "
        for index, letter in enumerate(name)
    )
    return tuple(spaced.lower().split())


def _is_secret(name: str) -> bool:
    parts = words(name)
    if not parts:
        return False
    return parts[-1] in SECRET_WORDS or _is_generated(parts)


def _is_generated(parts: tuple[str, ...]) -> bool:
    """Whether a machine made the value of a setting with such a name: a key or token, and no word one could say."""
    return parts[-2:] in SECRET_ENDINGS or parts[:4] == AZURE_KEY


def _is_real(value: str, name: str) -> bool:
    """Whether the value could be a secret: not a reference, a template, an address, or an obvious stand-in."""
    if len(value) < 4 or any(letter.isspace() for letter in value):
        return False
    if any(mark in value for mark in ("{", "}", "$", "<", ">", "%(", "://")) or _is_reference(value):
        return False
    lowered = value.lower()
    if lowered in name.lower() or any(part in lowered for part in STAND_INS):
        return False
    return not _is_generated(words(name)) or _could_be_generated(value)


def _is_reference(value: str) -> bool:
    """Whether it says where the secret is: a path, `arn:…`, `vault/data/spark#tok`, the name of a variable."""
    if value.startswith(("/", "./", "../", "~")):
        return True
    scheme, colon, _ = value.partition(":")
    if colon and scheme.isalpha():
        return True
    if "/" in value and _is_of_words(value):
        return True
    return value.isupper() and value.isidentifier() and _is_of_words(value.lower())


def _could_be_generated(value: str) -> bool:
    """Whether it is long and mixed enough for a key or a token, and no name such as `orders-api-prod-2`."""
    is_mixed = any(letter.isdigit() for letter in value) and any(letter.isalpha() for letter in value)
    return len(value) >= 12 and is_mixed and "#" not in value and not _is_of_words(value)


def _is_of_words(value: str) -> bool:
    """Whether it is two or more lower-case words or numbers with signs between them: `vault/data/spark`, `key-v2`."""
    parts = "".join(letter if letter.isalnum() else " " for letter in value).split()
    return len(parts) > 1 and all(_is_word(part) for part in parts)


def _is_word(part: str) -> bool:
    """Letters with at most four digits behind them, or a number."""
    letters = part.rstrip("0123456789")
    return not letters or (letters.isalpha() and letters.islower() and len(part) - len(letters) <= 4)
