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
from review.rules._credentials import is_real, is_secret
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

SETTERS = frozenset({"option", "config", "set", "setProperty", "put", "setConf", "setdefault"})
"""Calls whose first argument names a setting and whose second is its value, in Spark, Hadoop and JDBC."""

VARIABLE = "PASSWORD"
"""How names of environment variables end whose value is one, be it without a sign before: `PGPASSWORD`."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal values of settings whose name says that the value is secret."""
    if is_test(source.path, source.kind):
        return
    pairs = _in_scala(source) if source.kind is Kind.SCALA_SPARK else _in_python(source)
    for name, value, line, symbol in pairs:
        is_named = is_secret(name) or (name.isupper() and name.endswith(VARIABLE))
        if is_named and is_real(value, name) and next(found(value), None) is None:  # else TRU003 tells it
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
    for node, symbol in source.scopes:
        for name, value in _python_pairs(node):
            literal = _python.text_of(value)
            if name and literal is not None:
                yield name, literal, value.lineno, symbol
        if isinstance(node, ast.Constant):
            literal = _python.text_of(node) or ""
            for name, text in (*_of_address(literal), *_of_command(literal)):
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
        elif node.type == "infix_expression" and _scala.text_of(node.child_by_field_name("operator")) == "->":
            key, value = (_scala.string_of(node.child_by_field_name(side)) for side in ("left", "right"))
            if key is not None and value is not None:
                yield key, value, _scala.line(node), symbol
        elif node.type == "call_expression" and _scala.callee(node) in SETTERS:
            given = [_scala.string_of(argument) for argument in _scala.arguments(node)]
            if len(given) == 2 and given[0] is not None and given[1] is not None:
                yield given[0], given[1], _scala.end_line(node), symbol


def _of_command(text: str) -> Iterator[tuple[str, str]]:
    """`PGPASSWORD=value psql`: variables that a shell command is given; none in any other text."""
    if f"{VARIABLE}=" not in text:
        return
    for part in text.split():
        name, sign, value = part.partition("=")
        if sign and name.isupper() and name.isidentifier() and name.endswith(VARIABLE):
            value = value.strip("'\";")
            if any(letter.isdigit() for letter in value):
                yield name, value


def _of_address(text: str) -> Iterator[tuple[str, str]]:
    """The properties in a JDBC address, `…?user=a&password=b` or `…;user=a;password=b`; none in any other text."""
    if not text.startswith("jdbc:"):
        return
    for part in text.replace("?", "&").replace(";", "&").split("&")[1:]:
        name, _, value = part.partition("=")
        yield name, value
