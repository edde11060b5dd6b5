"""A list of arguments is put into the argument list as one element.

### Why it matters
`["--keys"] + [keys]`, where `keys` is a list already, makes one argument that is a list itself. A command line wants
texts: the task fails when the pod or job is started (`TypeError`, or an API that refuses it), or the program is
given the list's printed form as one word.

### Bad
```python
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator


def export(table, keys=[]):
    return KubernetesPodOperator(
        task_id="export",
        arguments=["--table", table] + ["--keys"] + [keys],
    )
```

### Good
```python
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator


def export(table, keys=[]):
    return KubernetesPodOperator(
        task_id="export",
        arguments=["--table", table] + ["--keys"] + keys,
    )
```
"""

import ast
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules._python import dotted, last_name, text_of
from review.rules.base import Hit, Rule
from review.rules.dag._scope import Variable, variables_of
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DAG018",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.DBT_PYTHON_MODEL}),
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LISTS = frozenset({"list", "List", "typing.List", "Sequence", "typing.Sequence", "tuple", "Tuple"})

_COMMANDS = frozenset({"arguments", "cmds", "application_args"})
"""Arguments of operators that are lists of texts."""
_PROGRAMS = frozenset({f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """A name that is a list, as an element of a list or of a sum of lists whose other elements are texts."""
    known: dict[ast.expr, Variable] | None = None
    seen: set[ast.expr] = set()
    for node, symbol in source.scopes:
        names = _names(node, seen)
        if not names:
            continue
        if known is None:
            known = variables_of(source)
            lists = _lists(source.python, known)
        for name in names:
            why = lists.get(known[name])
            if why:
                yield _hit(name, why, symbol)


def _names(node: ast.AST, seen: set[ast.expr]) -> list[ast.expr]:
    """The names that stand where one argument does: `[name]` in a sum, or in the list that a command is given as."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and node not in seen:
        parts = _parts(node, seen)
        wrapped = [part for part in parts if isinstance(part, ast.List) and len(part.elts) == 1]
        names: list[ast.expr] = [part.elts[0] for part in wrapped if isinstance(part.elts[0], ast.Name)]
        return names if any(_has_words(part) for part in parts) else []
    if not isinstance(node, ast.Call):
        return []
    is_program = dotted(node.func) in _PROGRAMS
    is_task = last_name(node.func).endswith("Operator")
    given = [*node.args[:1]] if is_program else []
    given += [entry.value for entry in node.keywords if is_task and entry.arg in _COMMANDS]
    commands = [each for each in given if isinstance(each, ast.List) and _has_words(each)]
    return [each for command in commands for each in command.elts if isinstance(each, ast.Name)]


def _parts(node: ast.expr, seen: set[ast.expr]) -> list[ast.expr]:
    """The summands of `a + b + c`, each sum inside noted as seen."""
    parts: list[ast.expr] = []
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            seen.add(part)
            stack += [part.left, part.right]
        elif isinstance(part, ast.IfExp):
            stack += [part.body, part.orelse]
        else:
            parts.append(part)
    return parts


def _has_words(part: ast.expr) -> bool:
    """Whether it is a list with a text in it."""
    return isinstance(part, ast.List) and any(isinstance(each, ast.JoinedStr) or text_of(each) for each in part.elts)


def _lists(tree: ast.Module, known: dict[ast.expr, Variable]) -> dict[Variable, str]:
    """The variables that hold a list for certain → what says so: a default, an annotation, the only assignments."""
    found: dict[Variable, str] = {}
    others: set[Variable] = set()
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            found.update(((node, name), why) for name, why in _list_parameters(node))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                variable = known.get(target)
                if variable is not None and isinstance(node.value, ast.List | ast.ListComp):
                    found.setdefault(variable, f"it is assigned a list on line {node.lineno}")
                elif variable is not None:
                    others.add(variable)
        elif isinstance(node, ast.For | ast.comprehension):
            others.update(known[each] for each in ast.walk(node.target) if isinstance(each, ast.Name))
    return {variable: why for variable, why in found.items() if variable not in others}


def _list_parameters(function: _Function) -> Iterator[tuple[str, str]]:
    for parameter, default in _with_defaults(function):
        if isinstance(default, ast.List):
            yield parameter.arg, "its default is a list"
        elif _is_list_type(parameter.annotation):
            yield parameter.arg, "its annotation says list"


def _with_defaults(function: _Function) -> list[tuple[ast.arg, ast.expr | None]]:
    positional = [*function.args.posonlyargs, *function.args.args]
    missing = [None] * (len(positional) - len(function.args.defaults))
    return [
        *zip(positional, [*missing, *function.args.defaults], strict=True),
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]


def _is_list_type(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return annotation is not None and dotted(annotation) in _LISTS


def _hit(name: ast.expr, why: str, symbol: str) -> Hit:
    called = dotted(name)
    return Hit(
        line=name.lineno,
        symbol=symbol,
        evidence=f"[{called}]",
        explanation=(
            f"`{called}` is a list already ({why}), so here it is a list as one element of a list of texts: the "
            "program gets it as one argument, or the call is refused."
        ),
        remediation=f"Put its elements there: `*{called}`, or `+ {called}` without brackets.",
    )
