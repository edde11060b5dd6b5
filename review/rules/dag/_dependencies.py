"""Which task of a file comes before which: `>>`, `<<`, `set_downstream`, `chain`, and data handed from task to task.

What cannot be told is said too: a task that is tied to something unknown has an open end, and a rule about what comes
first or last keeps silent there.
"""

import ast
from dataclasses import dataclass, field
from itertools import pairwise

from review.rules._python import dotted, last_name
from review.rules.dag._model import Model
from review.rules.dag._parts import Task

_MAX_DEPTH = 5
_SETTERS = {"set_downstream": True, "set_upstream": False}


@dataclass
class Dependencies:
    """Edges between the tasks of one file, and where they cannot be followed."""

    found: Model
    downstream: dict[Task, set[Task]] = field(default_factory=dict)
    open_ends: set[Task] = field(default_factory=set)
    """Tasks tied to something that is not to be seen."""
    is_whole: bool = True
    """Whether everything that is tied anywhere is a task of the file."""

    def __post_init__(self) -> None:
        self._by_call = {task.call: task for task in self.found.tasks}
        self._chained: set[ast.AST] = set()
        self._bound: dict[ast.expr, tuple[set[Task], bool]] = {}
        for statement, _ in self.found.placed:
            for node in ast.walk(statement) if not hasattr(statement, "body") else ():
                if isinstance(node, ast.BinOp) and node not in self._chained:
                    self._order(node)
        for call, _ in self.found.calls:
            self._call(call)

    def edges(self) -> list[tuple[Task, Task]]:
        """Pairs of a task and one right after it, in the order of the text."""
        position = {task: number for number, task in enumerate(self.found.tasks)}
        pairs = [(before, after) for before, each in self.downstream.items() for after in each]
        return sorted(pairs, key=lambda pair: (position[pair[0]], position[pair[1]]))

    def _order(self, node: ast.BinOp) -> tuple[set[Task], bool]:
        """Ties what a chain ties; what it gives is its right side, and whether all of that is known."""
        parts: list[tuple[ast.expr, bool]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.RShift | ast.LShift):
            self._chained.add(left)
            parts.append((left.right, isinstance(left.op, ast.RShift)))
            left = left.left
        if not parts:
            return set(), False
        before = self._tasks(left, _MAX_DEPTH)
        for part, is_after in reversed(parts):
            after = self._tasks(part, _MAX_DEPTH)
            self._tie(before, after) if is_after else self._tie(after, before)
            before = after
        return before

    def _tie(self, before: tuple[set[Task], bool], after: tuple[set[Task], bool]) -> None:
        for task in before[0]:
            self.downstream.setdefault(task, set()).update(after[0])
        if not (before[1] and after[1]):
            self.is_whole = False
            self.open_ends |= before[0] | after[0]

    def _call(self, call: ast.Call) -> None:
        name = last_name(call)
        if name in _SETTERS and isinstance(call.func, ast.Attribute) and len(call.args) == 1:
            ends = self._tasks(call.func.value, _MAX_DEPTH), self._tasks(call.args[0], _MAX_DEPTH)
            self._tie(*(ends if _SETTERS[name] else ends[::-1]))
        elif name in ("chain", "cross_downstream") and call.args:
            groups = [self._tasks(each, _MAX_DEPTH) for each in call.args]
            for before, after in pairwise(groups):
                self._tie(before, after)
        task = self._by_call.get(call)
        if task is not None:
            for value in (*call.args, *(entry.value for entry in call.keywords)):
                given = self._data(value) - {task}  # `load = PythonOperator(python_callable=load)`
                if given:
                    self._tie((given, True), ({task}, True))

    def _data(self, value: ast.expr) -> set[Task]:
        """The tasks whose output an argument is."""
        values = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        found: set[Task] = set()
        for each in values:
            inner = each.value if isinstance(each, ast.Attribute) and each.attr == "output" else each
            if isinstance(inner, ast.Name | ast.Call):
                tasks, is_known = self._tasks(inner, _MAX_DEPTH)
                found |= tasks if is_known else set()
        return found

    def _tasks(self, node: ast.expr, depth: int) -> tuple[set[Task], bool]:
        """The tasks an expression stands for, and whether those are all."""
        if isinstance(node, ast.Call) and node in self._by_call:
            return {self._by_call[node]}, True
        if isinstance(node, ast.Call) and last_name(node) in ("expand", "expand_kwargs", "partial"):
            return self._tasks(node.func.value, depth) if isinstance(node.func, ast.Attribute) else (set(), False)
        if isinstance(node, ast.List | ast.Tuple):
            each = [self._tasks(part, depth) for part in node.elts]
            return {task for tasks, _ in each for task in tasks}, all(known for _, known in each)
        if isinstance(node, ast.Name) and depth > 0:
            bound = self.found.value_of(node)
            if bound is None:
                return set(), False
            if bound not in self._bound:
                self._bound[bound] = (set(), False)  # what a name in a circle stands for
                self._bound[bound] = self._tasks(bound, depth - 1)
            return self._bound[bound]
        if isinstance(node, ast.BinOp) and depth > 0:
            return self._order(node)
        return set(), False


def written(call: ast.Call, name: str) -> str:
    """A keyword argument as it is written, for comparison; empty where it is not given."""
    return next((ast.unparse(entry.value) for entry in call.keywords if entry.arg == name), "")


def mentions_output(call: ast.Call, of: Task) -> bool:
    """Whether an argument takes something that the other task left: by XCom, or by its `output`."""
    for node in ast.walk(call):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "xcom" in node.value:
            return True
        if isinstance(node, ast.Attribute) and node.attr == "output":
            return True
        if isinstance(node, ast.Call) and "xcom" in dotted(node.func):
            return True
    return of.function is not None
