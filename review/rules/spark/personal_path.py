"""A job reads or writes in a person's home directory.

### Why it matters
The path was right while its author tried the job. In production it needs that person's rights, mixes production data
with experiments, ignores the path that the job was configured with, and disappears with the account.

### Bad
```python
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("hdfs:///data/orders/")
orders.write.mode("overwrite").parquet("/user/msmith/orders_clean/")
```

### Good
```python
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("hdfs:///data/orders/")
orders.write.mode("overwrite").parquet(sys.argv[1])
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _scala
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SPK013",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.PYSPARK, Kind.SCALA_SPARK, Kind.DAG, Kind.DAG_HELPER}),
)

HOMES = frozenset({"user", "home", "Users"})
"""Folders of homes: HDFS, Linux, macOS and Databricks."""
SCHEMES = frozenset({"", "hdfs:", "file:", "dbfs:", "viewfs:"})
"""File systems whose `/user` is a folder of homes; in a bucket it may be of rows about users."""
ACCOUNTS = (
    *("hive", "spark", "hdfs", "hadoop", "yarn", "oozie", "livy", "hue", "impala", "hbase", "root", "presto", "trino"),
    *("airflow", "astro", "jovyan", "ubuntu", "ec2-user", "centos", "admin", "sagemaker-user", "circleci", "runner"),
    *("analytics", "etl", "jupyter", "zeppelin", "dagster", "prefect", "docker", "vscode", "app", "data", "shared"),
    *("local", "public", "common", "system", "share", "bin", "lib", "node", "default", "tmp", "dbt", "worker"),
    *("service", "svc", "job", "jobs", "prod", "production", "dev", "staging", "test", "user", "username", "warehouse"),
)
"""Accounts that are no person's, or stand for one."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Literal paths, or literal beginnings of paths, below a home that is not a known service's."""
    if is_test(source.path, source.kind) or not any(f"/{home}/" in source.text for home in HOMES):
        return
    for path, line, symbol in _texts(source):
        person = _person(path)
        if person:
            yield Hit(
                line=line,
                symbol=symbol,
                evidence=path,
                explanation=(
                    f"`{path}` lies in the home of `{person}`: the job depends on that account and its rights, and "
                    "what others configure as its path does not count."
                ),
                remediation="Take the path from the job's parameters or configuration, with a default that all share.",
            )


def _texts(source: Source) -> Iterator[tuple[str, int, str]]:
    """Text, line and symbol of every string that is a value, so no docstring and no help text's sentence."""
    if source.kind is Kind.SCALA_SPARK:
        for node, symbol in _scala.walk(source.scala):
            if node.type in ("string", "interpolated_string"):
                yield _scala.text_of(node).strip('"'), _scala.line(node), symbol
        return
    for part, symbol in source.scopes:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value, part.lineno, symbol


def _person(path: str) -> str:
    """The name in a path of a home; empty for other texts and for accounts of services."""
    if any(letter.isspace() for letter in path):
        return ""
    scheme, _, rest = path.rpartition("://") if "://" in path else ("", "", path)
    if "://" in path and f"{scheme}:" not in SCHEMES:
        return ""
    parts = rest.split("/")
    if "://" in path and parts[0]:
        parts[0] = ""
    if parts[0] not in SCHEMES or len(parts) < 4 or parts[1] not in HOMES:
        return ""
    name = parts[2]
    is_name = bool(name) and all(letter.isalnum() or letter in "._-@" for letter in name) and name[0].isalpha()
    is_service = any(word in ACCOUNTS for word in (name.lower(), *name.lower().replace("_", "-").split("-")))
    return name if is_name and not is_service else ""
