"""What a server answered is saved without asking whether it was an error.

### Why it matters
`requests` raises nothing for status 404 or 500: the body is then an error page, and it is written where the data
belong. The task is green, and the file is found to be one line of HTML by whoever loads it, or by nobody.

### Bad
```python
import requests
from airflow.decorators import task


@task
def download(url: str) -> None:
    response = requests.get(url, timeout=60)
    with open("/data/orders.csv", "wb") as file:
        file.write(response.content)
```

### Good
```python
import requests
from airflow.decorators import task


@task
def download(url: str) -> None:
    response = requests.get(url, timeout=60)
    response.raise_for_status()
    with open("/data/orders.csv", "wb") as file:
        file.write(response.content)
```
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import code_of, dotted, end_line, last_name, scopes
from review.rules._tests import is_test
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG076",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK}),
)

_REQUESTS = frozenset({"requests.get", "requests.post", "requests.request"})
_BODIES = frozenset({"content", "text"})
_CHECKS = frozenset({"raise_for_status", "status_code", "ok", "reason", "headers", "json"})
"""What tells an error; the type of content, or what the body says, may be looked at in place of the status."""
_WRITERS = frozenset(
    {"write", "write_bytes", "write_text", "upload_from_string", "put_object", "load_string", "load_bytes", "put"}
)


@dataclass
class Response:
    """One name that holds a response."""

    asked: set[str] = field(default_factory=set)
    """Attributes of it that the function reads."""
    bodies: int = 0
    """How often it reads the body."""
    is_given_away: bool = False
    """Whether something else gets it, and may look at its status."""


@dataclass(frozen=True)
class Saved:
    """A body that is written: the call that writes it, and where it is from."""

    call: ast.Call
    name: str
    """The response's name; empty where the request stands in the call."""
    writer: str


@dataclass
class Body:
    """What one function or module does with responses; names are its own."""

    responses: dict[str, Response] = field(default_factory=dict)
    saved: list[Saved] = field(default_factory=list)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Bodies of responses given to something that writes, the status of which the same function does not look at."""
    if "requests." not in source.text or is_test(source.path, source.kind):
        return
    for symbol, body in _bodies(list(scopes(source.python))).items():
        for saved in body.saved:
            response = body.responses.get(saved.name)
            is_looked_at = response is not None and (
                response.is_given_away
                or not response.asked.isdisjoint(_CHECKS)
                or response.bodies > sum(each.name == saved.name for each in body.saved)
            )
            if not is_looked_at:
                yield _hit(saved, symbol)


def _bodies(nodes: list[tuple[ast.AST, str]]) -> dict[str, Body]:
    """By function, its responses, what it asks of them and what it saves."""
    bodies: dict[str, Body] = {symbol: Body() for _, symbol in nodes}
    for node, symbol in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and _is_request(node.value):
            bodies[symbol].responses[target.id] = Response()
    read: set[int] = set()
    for node, symbol in nodes:
        _note(node, bodies[symbol], read)
    for node, symbol in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in read:
            response = bodies[symbol].responses.get(node.id)
            if response is not None:
                response.is_given_away = True
    return bodies


def _is_request(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) in _REQUESTS


def _note(node: ast.AST, body: Body, read: set[int]) -> None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        read.add(id(node.value))
        if node.value.id in body.responses:
            body.responses[node.value.id].asked.add(node.attr)
            body.responses[node.value.id].bodies += node.attr in _BODIES
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_writer(node.func):
        for given in (*node.args, *(entry.value for entry in node.keywords)):
            owner = given.value if isinstance(given, ast.Attribute) and given.attr in _BODIES else None
            if isinstance(owner, ast.Name) and owner.id in body.responses:
                body.saved.append(Saved(node, owner.id, node.func.attr))
            elif owner is not None and _is_request(owner):
                body.saved.append(Saved(node, "", node.func.attr))


def _is_writer(method: ast.Attribute) -> bool:
    """Whether a method saves what it is given: not one of a queue, nor of what a terminal shows."""
    owner = last_name(method.value).lower()
    return method.attr in _WRITERS and owner not in ("stdout", "stderr", "q") and "queue" not in owner


def _hit(saved: Saved, symbol: str) -> Hit:
    what = f"`{saved.name}`" if saved.name else "the response"
    return Hit(
        line=saved.call.lineno,
        end_line=end_line(saved.call),
        symbol=symbol,
        evidence=code_of(saved.call, 200),
        explanation=(
            f"Nothing looks at the status of {what}: where the server answers with an error, `{saved.writer}` saves "
            "that page as if it were the data, and the run ends as a success."
        ),
        remediation=f"Call `{saved.name or 'response'}.raise_for_status()` before it.",
    )
