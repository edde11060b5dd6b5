"""A DAG selects a dbt model that the project does not have.

### Why it matters
`dbt run --select` with a name that matches nothing is no error: dbt warns that there is nothing to do and ends with
success. The task is green every night, and the table that it should build is never built again.

### Bad
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily"):
    BashOperator(task_id="orders", bash_command="cd dbt && dbt run --select stg_orders fct_order")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily"):
    BashOperator(task_id="orders", bash_command="cd dbt && dbt run --select stg_orders fct_orders")
```
"""

import ast
import shlex
from collections.abc import Iterator
from difflib import get_close_matches

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="XST001",
    standard=Standard.MONITORING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

COMMANDS = frozenset({"run", "build", "compile", "test"})
SELECTING = frozenset({"--select", "-s", "--models", "-m", "--model"})
ENDS = frozenset({"&&", "||", ";", "|", "&", ">", ">>"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Constant names after `--select`, in a file another of whose names is known to a project of the repository.

    The other name shows that the DAG runs that project, and not one that lies elsewhere.
    """
    if "dbt" not in source.text or not source.neighbours:
        return
    known = _known(source)
    selected = [(name, node) for node, words in _commands(source.python) for name in _selected(words)]
    if not any(name in known for name, _ in selected):
        return
    for name, node in selected:
        if name in known:
            continue
        close = get_close_matches(name, sorted(known), 1, 0.8)
        yield Hit(
            line=node.lineno,
            end_line=node.end_lineno,
            evidence=f"--select {name}",
            symbol="",
            explanation=(
                f"No model or folder of the dbt project in this repository is called `{name}`. dbt finds nothing to do,"
                " says so in its log and ends with success." + (f" Perhaps `{close[0]}` is meant." if close else "")
            ),
            remediation="Select the model by the name of its file, or drop the selection.",
        )


def _known(source: Source) -> frozenset[str]:
    """Whatever a bare selector may mean: files, folders and the projects themselves."""
    found: set[str] = set()
    for root, paths in source.neighbours.items():
        found.update(root.split("/"))
        for path in paths:
            *folders, file = path.split("/")
            found.update(folders)
            found.update((file.partition(".")[0], file))
    return frozenset(found)


def _commands(tree: ast.Module) -> Iterator[tuple[ast.expr, list[str]]]:
    """The words of each string or list of strings that calls dbt."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "dbt " in node.value:
            try:
                yield node, shlex.split(node.value, comments=True)
            except ValueError:
                continue
        elif isinstance(node, (ast.List, ast.Tuple)):
            words = [each.value if isinstance(each, ast.Constant) else "{" for each in node.elts]
            texts = [each for each in words if isinstance(each, str)]
            if "dbt" in texts:
                yield node, texts


def _selected(words: list[str]) -> Iterator[str]:
    """The bare names that a command selects: no method, no wildcard, no template."""
    is_dbt = selects = False
    for at, word in enumerate(words):
        if word in ENDS:
            is_dbt = selects = False
        elif word == "dbt":
            is_dbt = any(each in COMMANDS for each in words[at + 1 : at + 6])
        elif word.startswith("-"):
            name, has_value, value = word.partition("=")
            selects = is_dbt and name in SELECTING and not has_value
            if is_dbt and name in SELECTING and has_value:
                yield from _names(value)
        elif selects:
            yield from _names(word)


def _names(text: str) -> Iterator[str]:
    """The names in a selector, without what asks for parents and children: `2+orders`, `@orders`, `+orders+1`."""
    for part in text.replace(",", " ").split():
        for name in part.strip(";").lstrip("@").split("+"):
            if name.isidentifier():
                yield name
