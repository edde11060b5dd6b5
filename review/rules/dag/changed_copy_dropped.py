"""A changed copy of a text or a table is made and dropped, so nothing has changed.

### Why it matters
`df.drop_duplicates()` and `name.replace("-", "_")` leave `df` and `name` as they are and return a new one. As a
statement of their own they do nothing: the duplicates are loaded, the name keeps its dash, and the line that was to
prevent it stands there and reassures the reader.

### Bad
```python
import pandas as pd
from airflow.decorators import task


@task
def load(path: str) -> None:
    orders = pd.read_csv(path)
    orders.drop_duplicates()
    orders.to_parquet("/data/orders.parquet")
```

### Good
```python
import pandas as pd
from airflow.decorators import task


@task
def load(path: str) -> None:
    orders = pd.read_csv(path)
    orders = orders.drop_duplicates()
    orders.to_parquet("/data/orders.parquet")
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import code_of, dotted, end_line, keyword, text_of
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG082",
    standard=Standard.DATA_QUALITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK}),
)

_TABLES = frozenset({"drop_duplicates", "dropna", "fillna", "sort_values", "reset_index", "set_index", "sort_index"})
"""Methods of pandas that hardly anything else has, and that change nothing without `inplace`."""
_WITH_COLUMNS = frozenset({"rename", "drop"})
"""Those of pandas where a keyword of columns says so."""
_TEXTS = frozenset({"replace", "removeprefix", "removesuffix", "zfill"})
"""Methods of texts where a literal says so."""
_MAY_BE_A_STORE = frozenset({"os", "shutil", "cache", "client", "memcache", "mc", "db", "collection", "fs", "store"})
"""What `replace` is asked of where it changes something: files, documents, entries."""
_OF_ANYTHING = frozenset({"reset_index", "set_index"})
"""Methods that an index of search or of vectors has as well."""
_WHOLE = frozenset({"strip", "lstrip", "rstrip", "lower", "upper"})
"""Methods of texts that other things hardly have; `encode` is called to ask whether a text can be encoded."""
_SPARK = frozenset({"fillna", "dropna"})
"""Of Spark's frames as well, of which SPK029 speaks."""
_FIRST_LINE = "# Databricks notebook source"


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Statements that are such a call; Databricks shows a cell's last line."""
    if is_test(source.path, source.kind) or source.text.startswith(_FIRST_LINE):
        return
    for node, symbol in source.scopes:
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not _makes_a_copy(call):
            continue
        method, owner = call.func.attr, dotted(call.func.value)
        if method in _OF_ANYTHING and "pandas" not in source.text:
            continue
        if source.kind is Kind.PYSPARK and method in _SPARK:
            continue
        yield Hit(
            line=call.lineno,
            end_line=end_line(call),
            symbol=symbol,
            evidence=code_of(call),
            explanation=(
                f"`{method}` returns a changed copy and leaves `{owner or 'the value'}` as it is; nothing takes the "
                "copy, so the line has no effect."
            ),
            remediation=f"Keep the result: `{owner or 'value'} = {owner or 'value'}.{method}(…)`.",
        )


def _words(method: ast.expr) -> list[str]:
    """The words of what a method is asked of: `mongo_client.orders` has three."""
    owner = dotted(method.value) if isinstance(method, ast.Attribute) else ""
    return owner.lower().replace("_", ".").split(".")


def _makes_a_copy(call: ast.Call) -> bool:
    """Whether the method, by its name and arguments, is one of a text or a table of pandas that changes nothing."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    names = {entry.arg for entry in call.keywords}
    if method in _TABLES:
        return keyword(call, "inplace") is None and None not in names
    if method in _WITH_COLUMNS:
        return "inplace" not in names and "columns" in names
    if method == "replace":
        are_texts = len(call.args) in (2, 3) and any(text_of(each) is not None for each in call.args[:2])
        return not names and are_texts and not _MAY_BE_A_STORE & {*_words(call.func)}
    if method in _TEXTS:
        return not names and bool(call.args) and text_of(call.args[0]) is not None
    return method in _WHOLE and not names and all(text_of(each) is not None for each in call.args[:1])
