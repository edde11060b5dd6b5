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
from review.rules._python import code_of, dotted, end_line, last_name
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


_READERS = frozenset(
    {
        *("zipfile.ZipFile", "ZipFile", "gzip.open", "gzip.decompress", "gzip.GzipFile", "GzipFile", "tarfile.open"),
        *("json.load", "json.loads", "shutil.unpack_archive", "ET.parse", "ET.fromstring", "etree.parse"),
        *("etree.fromstring", "ElementTree.parse", "ElementTree.fromstring", "load_workbook", "openpyxl.load_workbook"),
        *("xlrd.open_workbook", "ParquetFile", "pq.ParquetFile", "pq.read_table", "pyarrow.parquet.read_table"),
        *(f"{module}.{name}" for module in ("pd", "pandas") for name in ("read_parquet", "read_excel", "read_json")),
        *(f"{module}.{name}" for module in ("pd", "pandas") for name in ("read_xml", "read_orc", "read_feather")),
    }
)
"""What fails on a page of HTML; one line of it is a table of CSV."""
_SHORT = 3
"""Letters of a text that is the mode of a file, and not its name."""
_MOST = 50
"""Names of one call that are looked at."""
_OWN = frozenset({"self", "cls"})


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
    names: frozenset[str]
    """What the call says of the body and of the file, and what the file was opened by."""
    name: str
    """The response's name; empty where the request stands in the call."""
    writer: str


@dataclass
class Body:
    """What one function or module does with responses; names are its own."""

    responses: dict[str, Response] = field(default_factory=dict)
    saved: list[Saved] = field(default_factory=list)
    opened: dict[str, frozenset[str]] = field(default_factory=dict)
    """By the name of an open file, what it was opened by."""
    parsed: dict[str, int] = field(default_factory=dict)
    """By the names that what is parsed is given, the last line of such."""

    def is_parsed(self, saved: Saved) -> bool:
        """Whether the body or the file is parsed after it was saved, which fails where it is an error page."""
        return any(self.parsed.get(name, 0) > saved.call.lineno for name in saved.names)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Bodies of responses given to something that writes, the status of which the same function does not look at."""
    if "requests." not in source.text or is_test(source.path, source.kind):
        return
    for symbol, body in _bodies(list(source.scopes)).items():
        for saved in body.saved:
            response = body.responses.get(saved.name)
            is_looked_at = response is not None and (
                response.is_given_away
                or not response.asked.isdisjoint(_CHECKS)
                or response.bodies > sum(each.name == saved.name for each in body.saved)
            )
            if not is_looked_at and not body.is_parsed(saved):
                yield _hit(saved, symbol)


def _bodies(nodes: list[tuple[ast.AST, str]]) -> dict[str, Body]:
    """By function, its responses, what it asks of them and what it saves."""
    bodies: dict[str, Body] = {symbol: Body() for _, symbol in nodes}
    for node, symbol in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and _is_request(node.value):
            bodies[symbol].responses[target.id] = Response()
        elif isinstance(node, ast.Assign) and isinstance(target, ast.Name) and isinstance(node.value, ast.Call):
            bodies[symbol].opened[target.id] = _names(node.value)
        elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            bodies[symbol].opened[node.optional_vars.id] = _names(node.context_expr)
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
    if not isinstance(node, ast.Call):
        return
    if _is_parser(node, body):
        for name in _names(node):
            body.parsed[name] = max(node.lineno, body.parsed.get(name, 0))
    elif isinstance(node.func, ast.Attribute) and _is_writer(node.func):
        names = _names(node) | _names(node.func.value)
        names = names.union(*(body.opened.get(name, frozenset()) for name in names))
        for given in (*node.args, *(entry.value for entry in node.keywords)):
            owner = given.value if isinstance(given, ast.Attribute) and given.attr in _BODIES else None
            if isinstance(owner, ast.Name) and owner.id in body.responses:
                body.saved.append(Saved(node, names, owner.id, node.func.attr))
            elif owner is not None and _is_request(owner):
                body.saved.append(Saved(node, names, "", node.func.attr))


def _is_parser(node: ast.Call, body: Body) -> bool:
    """Whether it parses something; of a response, its body."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "json" else None
    return dotted(node.func) in _READERS or (isinstance(owner, ast.Name) and owner.id in body.responses)


def _names(node: ast.expr) -> frozenset[str]:
    """The variables, attributes of the object's own and longer texts that a call is given, or an expression has."""
    found: set[str] = set()
    stack: list[ast.expr] = (
        [*node.args, *(entry.value for entry in node.keywords)] if isinstance(node, ast.Call) else [node]
    )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        stack.append(node.func.value)  # a path's own `open`, a response's `json`
    while stack and len(found) < _MOST:
        each = stack.pop()
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in _OWN:
            found.add(f"self.{each.attr}")
        elif isinstance(each, ast.Name):
            found.add(each.id)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and len(each.value) > _SHORT:
            found.add(each.value)
        elif isinstance(each, ast.Call):
            stack += (*each.args, *(entry.value for entry in each.keywords))
        else:
            stack += (child for child in ast.iter_child_nodes(each) if isinstance(child, ast.expr))
    return frozenset(found)


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
            "that page as if it were the data, and this task ends as a success."
        ),
        remediation=f"Call `{saved.name or 'response'}.raise_for_status()` before it.",
    )
