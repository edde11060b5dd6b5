"""Python: functions and classes, Airflow's DAGs and tasks, and the tables that Spark, dbt and operators' SQL name."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from review.domain.artifact import Kind
from review.domain.outline import Part
from review.evidence.outlines import embedded
from review.evidence.outlines.base import Names, table
from review.rules._python import dotted, end_line, keyword, last_name, name_of, text_of
from review.rules.source import Source

_AIRFLOW = frozenset({Kind.DAG, Kind.DAG_HELPER})
_WRITERS = frozenset({"saveAsTable", "insertInto", "writeTo"})
_VIEWS = frozenset({"createOrReplaceTempView", "createTempView", "registerTempTable", "createOrReplaceGlobalTempView",
                    "createGlobalTempView"})  # fmt: skip
"""Methods that give a name to what exists in the job alone."""
_READERS = frozenset({"read", "readStream", "sqlContext", "session", "sc"})
"""Names that stand before `.table("x")` where it reads; any that ends with `spark` does too."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef
Texts = Mapping[str, str]
"""Name → the literal text it is bound to, once in the whole file."""
Bindings = Mapping[ast.expr, tuple[ast.stmt, str]]
"""Value → the statement that binds it, and the name it is bound to: of `x = …` and `with … as x`."""


def parts(source: Source) -> Iterator[Part]:
    """Functions and classes; of Airflow's files also DAGs, tasks and default arguments. Raises NotEvaluated."""
    tree = source.python
    if source.kind in _AIRFLOW:
        yield from _airflow(tree, _texts(tree))
        return
    for node in ast.walk(tree):
        if isinstance(node, _Function | ast.ClassDef):
            yield _definition(node)


def names(source: Source) -> Names:
    """Tables and dbt models read and written by a literal name or by literal SQL. Raises NotEvaluated."""
    tree = source.python
    texts = _texts(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = Names(frozenset(_reads(calls, texts)), frozenset(_writes(calls, texts)))
    found |= embedded.names(source)
    views = (_argument(call, texts) for call in calls if last_name(call) in _VIEWS)
    return found.without_tables(view.lower() for view in views if view)


def _definition(node: _Function | ast.ClassDef, kind: str = "", name: str = "") -> Part:
    """A function or class with its decorators."""
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    kind = kind or ("class" if isinstance(node, ast.ClassDef) else "function")
    return Part(kind, name or node.name, first, node.end_lineno or node.lineno)


def _airflow(tree: ast.Module, texts: Texts) -> Iterator[Part]:
    given = {each.id for call in _calls(tree) if isinstance(each := keyword(call, "default_args"), ast.Name)}
    around = dict(_around(tree))
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            yield _decorated(node, texts)
        elif isinstance(node, ast.ClassDef):
            yield _definition(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            name = _target(node)
            if (name in given or name.lower().endswith("default_args")) and _is_dict(node.value):
                yield Part("default_args", name, node.lineno, end_line(node))
    yield from _tasks(tree, around, texts)
    yield from _dags(tree, around, texts)


def _tasks(tree: ast.Module, around: Bindings, texts: Texts) -> Iterator[Part]:
    """Each call that makes a task, under its id, else under the name it is bound to."""
    decorators = {
        decorator for node in ast.walk(tree) if isinstance(node, _Function) for decorator in node.decorator_list
    }
    for call in _calls(tree):
        if _is_task(call) and call not in decorators:
            task, bound = keyword(call, "task_id"), around.get(call, (None, ""))[1]
            name = _text(task, texts) or name_of(task) or bound or last_name(call)
            yield Part("task", name, call.lineno, end_line(call))


def _dags(tree: ast.Module, around: Bindings, texts: Texts) -> Iterator[Part]:
    """Each DAG with the statement that makes it, and each `with` over one that was made before."""
    made: dict[str, str] = {}
    for call in filter(_is_dag, _calls(tree)):
        statement, name = around.get(call, (None, ""))
        identifier = _text(keyword(call, "dag_id") or next(iter(call.args), None), texts) or name or "dag"
        made[name] = identifier
        yield Part("dag", identifier, (statement or call).lineno, end_line(statement or call))
        given = keyword(call, "default_args")
        if given is not None and _is_dict(given):
            yield Part("default_args", "default_args", given.lineno, end_line(given))
    for value, (statement, _) in around.items():
        if isinstance(statement, ast.With | ast.AsyncWith) and isinstance(value, ast.Name) and value.id in made:
            yield Part("dag", made[value.id], statement.lineno, end_line(statement))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _around(tree: ast.Module) -> Iterator[tuple[ast.expr, tuple[ast.stmt, str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield node.value, (node, _target(node))
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                yield item.context_expr, (node, dotted(item.optional_vars) if item.optional_vars else "")


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    return last_name(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def _is_dict(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return last_name(node) in ("dict", "copy", "deepcopy")
    return isinstance(node, ast.Dict | ast.DictComp | ast.BinOp)


def _is_dag(call: ast.Call) -> bool:
    """Whether it makes a DAG: `DAG(…)`, or a class of the team's or of a library's whose name ends with it."""
    name = last_name(call.func)
    return name[:1].isupper() and name.lower().endswith("dag")


def _is_task(call: ast.Call) -> bool:
    """Whether it makes a task: a class or a function is given a `task_id`; `ti.xcom_pull(task_id=…)` only names one."""
    if keyword(call, "task_id") is None:
        return False
    name = last_name(call.func)
    return name[:1].isupper() or isinstance(call.func, ast.Name) or name in ("partial", "override")


def _decorated(node: _Function, texts: Texts) -> Part:
    """A function as what its decorator makes of it: `@dag`, `@task`, `@task.branch(task_id="x")`."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = dotted(call.func if call else decorator)
        if name.rpartition(".")[2] == "dag":
            given = keyword(call, "dag_id") or next(iter(call.args), None) if call else None
            return _definition(node, "dag", _text(given, texts) or "")
        if "task" in name.split(".")[-2:]:
            return _definition(node, "task", (_text(keyword(call, "task_id"), texts) if call else "") or "")
    return _definition(node)


def _reads(calls: Iterable[ast.Call], texts: Texts) -> Iterator[str]:
    for call in calls:
        name = last_name(call.func)
        given = [_text(argument, texts) for argument in call.args]
        if not given or given[-1] is None or not isinstance(call.func, ast.Attribute):
            continue
        if name == "table" and _reads_tables(call.func.value):
            yield table(*given[-1].split("."))
        elif dotted(call.func) == "dbt.ref":
            yield f"ref:{given[-1]}"
        elif dotted(call.func) == "dbt.source" and len(given) == 2 and given[0]:
            yield f"source:{given[0]}.{given[1]}"


def _reads_tables(before: ast.expr) -> bool:
    """Whether `.table("x")` behind it reads: somewhere in the chain is a session or a reader."""
    node: ast.expr = before
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute):
            if _is_reader(node.attr):
                return True
            node = node.value
        else:
            node = node.func
    return isinstance(node, ast.Name) and _is_reader(node.id)


def _is_reader(name: str) -> bool:
    return name in _READERS or name.lower().endswith("spark")


def _writes(calls: Iterable[ast.Call], texts: Texts) -> Iterator[str]:
    for call in calls:
        name = _argument(call, texts) if last_name(call.func) in _WRITERS else None
        if name:
            yield table(*name.split("."))


def _argument(call: ast.Call, texts: Texts) -> str | None:
    """The first argument, where it is a literal text."""
    return _text(call.args[0], texts) if call.args else None


def _text(node: ast.expr | None, texts: Texts) -> str | None:
    return texts.get(node.id) if isinstance(node, ast.Name) else text_of(node)


def _texts(tree: ast.Module) -> Texts:
    bindings: Counter[str] = Counter()
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bindings[node.id] += 1
        elif isinstance(node, ast.arg):
            bindings[node.arg] += 1
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            text = text_of(node.value)
            if isinstance(target, ast.Name) and text:
                found[target.id] = text
    return {name: text for name, text in found.items() if bindings[name] == 1}
