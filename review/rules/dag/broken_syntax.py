"""The file is no valid Python: a bracket is left open, or a block is not one.

### Why it matters
Nothing in the file can be run or imported. The scheduler shows an import error where the DAG was and starts no more of
its runs; a helper takes all DAGs that import it along. Syntax errors come in with a merge that was resolved in a hurry,
or an edit in the browser just before the merge, when no test ran any more.

### Bad
```text
from airflow.providers.postgres.hooks.postgres import PostgresHook


def drop_orders_view():
    drop_view = (
        "DROP VIEW IF EXISTS public.orders_view"
    PostgresHook("warehouse").run(drop_view)
```

### Good
```python
from airflow.providers.postgres.hooks.postgres import PostgresHook


def drop_orders_view():
    drop_view = (
        "DROP VIEW IF EXISTS public.orders_view"
    )
    PostgresHook("warehouse").run(drop_view)
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trees import NotEvaluated

rule = Rule(
    module=__name__,
    code="DAG015",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.DBT_PYTHON_MODEL}),
    reads_text=True,
)

_CERTAIN = (
    "was never closed",
    "unmatched '",
    "does not match opening parenthesis",
    "unterminated triple-quoted string literal",
    "expected an indented block",
    "unindent does not match any outer indentation level",
    "unexpected indent",
)
"""What CPython says of errors that are errors to every Python, 2 and those to come among them."""
_TEMPLATES = ("{%", "{{cookiecutter", "{{ cookiecutter")
_MAGIC = "# Databricks notebook source"


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """The first syntax error, where it is one to every version of Python and the file is not a template of one."""
    if not source.path.endswith(".py") or any(mark in source.text for mark in _TEMPLATES):
        return
    if source.text.startswith(_MAGIC):
        return
    try:
        source.parse()
    except NotEvaluated as problem:
        error = problem.__cause__
        if not isinstance(error, SyntaxError) or error.lineno is None or error.msg.startswith("f-string"):
            return
        if any(words in error.msg for words in _CERTAIN):
            yield _hit(min(error.lineno, len(source.lines)), error.msg)


def _hit(line: int, message: str) -> Hit:
    return Hit(
        line=line,
        evidence=message.partition(" on line")[0],
        title="The file is no valid Python and cannot be imported",
        explanation=(
            f"Python stops here with `SyntaxError: {message}`. The file cannot be imported, so neither its DAGs and "
            "functions nor what imports them can run."
        ),
        remediation="Put the syntax right, and import the file once before it is merged (`python -m py_compile`).",
    )
