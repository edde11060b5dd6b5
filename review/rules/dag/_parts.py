"""What a DAG file is made of: DAGs, task groups and tasks, and the place where each stands."""

import ast
from dataclasses import dataclass

from review.rules._python import dotted, keyword, last_name, text_of
from review.rules.dag._scope import Variable

DAG_CALLS = frozenset({"DAG", "dag"})
"""What makes a DAG: the class, and the decorator."""
GROUP_CALLS = frozenset({"TaskGroup", "task_group"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Dag:
    """One DAG; each is equal to itself only."""

    call: ast.Call | None
    """`DAG(...)` or `@dag(...)`; None for a bare `@dag` and for a context that only looks like a DAG."""
    node: ast.AST
    """The call, the function under `@dag`, or the context expression."""
    variable: Variable | None = None

    @property
    def dag_id(self) -> str | None:
        """The id as written: the first argument or `dag_id`; of a decorated function its name; None where unknown."""
        if self.call is None:
            return self.node.name if isinstance(self.node, Function) else None
        given = keyword(self.call, "dag_id") or (self.call.args[0] if self.call.args else None)
        if given is None and isinstance(self.node, Function):
            return self.node.name
        return text_of(given)


@dataclass(frozen=True, eq=False)
class Group:
    """One task group: `with TaskGroup(...)`, or a function under `@task_group`."""

    node: ast.AST
    name: str | None
    """What `as` calls it."""
    body: tuple[ast.stmt, ...]


@dataclass(frozen=True)
class Place:
    """Where a statement or a call stands."""

    dag: Dag | None = None
    groups: tuple[Group, ...] = ()
    functions: tuple[ast.AST, ...] = ()
    """The functions and classes around it, the outermost first."""
    loops: tuple[ast.AST, ...] = ()
    """The loops and comprehensions around it inside its DAG's, group's or function's block."""
    arms: tuple[tuple[ast.AST, int], ...] = ()
    """The branches it lies in, each with the number of its arm."""

    @property
    def symbol(self) -> str:
        """The dotted name of the functions and classes around it."""
        return ".".join(getattr(each, "name", "") for each in self.functions)

    def excludes(self, other: "Place") -> bool:
        """Whether one run reaches only one of the two: they lie in different arms of one branch."""
        mine = dict(self.arms)
        return any(node in mine and mine[node] != arm for node, arm in other.arms)


@dataclass(frozen=True, eq=False)
class Task:
    """One call that makes a task: an operator, a sensor, something that takes a `task_id`, or a TaskFlow function."""

    call: ast.Call
    place: Place
    dag: Dag | None
    function: Function | None = None
    """The TaskFlow function that is called."""

    @property
    def operator(self) -> str:
        """The name of what is called: `BashOperator`, also of `BashOperator.partial(...)`."""
        return operator_of(self.call)

    @property
    def task_id(self) -> str | None:
        """The literal id; of a TaskFlow function what its decorator says, else its name; None where unknown."""
        if self.function is None:
            return text_of(keyword(self.call, "task_id"))
        for decorator in self.function.decorator_list:
            if isinstance(decorator, ast.Call) and is_task_decorator(decorator):
                given = keyword(decorator, "task_id")
                return self.function.name if given is None else text_of(given)
        return self.function.name


def is_task_call(call: ast.Call) -> bool:
    """Whether a call makes a task for certain, as far as its name and arguments tell."""
    name = operator_of(call)
    if name.endswith(("Operator", "Sensor", "SensorAsync", "OperatorAsync")):
        return True
    is_function = isinstance(call.func, ast.Name) and call.func.id[:1].islower()
    return is_function and text_of(keyword(call, "task_id")) is not None


def operator_of(call: ast.Call) -> str:
    """The name of what is called: `BashOperator`, also of `BashOperator.partial(...)`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "partial":
        return last_name(call.func.value)
    return last_name(call.func)


def is_task_decorator(node: ast.expr) -> bool:
    """`@task`, `@task(...)`, `@task.branch(...)`, `@airflow.decorators.task`."""
    chain = dotted(node.func if isinstance(node, ast.Call) else node).split(".")
    return "task" in chain[-2:]
