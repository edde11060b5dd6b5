"""The DAGs, task groups and tasks that a Python file makes, and where each stands.

Only what the text says for certain is here. A DAG, a name or an id that cannot be told is None, and a rule about what
is absent or alike keeps silent there. Statements are walked as Python nests them: a function's body is a place of its
own, since nothing says how often it runs.
"""

import ast
from collections import Counter
from dataclasses import replace

from review.rules._python import dotted, keyword, last_name, text_of
from review.rules.dag._blocks import APART, always, arms, expressions
from review.rules.dag._parts import (
    DAG_CALLS,
    GROUP_CALLS,
    Dag,
    Function,
    Group,
    Place,
    Task,
    is_task_call,
    is_task_decorator,
)
from review.rules.dag._scope import Variable, variables_of
from review.rules.source import Source
from review.rules.trees import NotEvaluated

_MAX_DEPTH = 5
_MAX_DICTIONARIES = 50
"""How far names are followed: further than anyone writes, and an end for those that go round in a circle."""
_MAX_ARMS = 50
"""Branches of one block that are kept in mind: with more early exits than that nobody can tell either."""
_JUMPS = ast.Return | ast.Raise | ast.Continue | ast.Break
_With = ast.With | ast.AsyncWith
_Loop = ast.For | ast.AsyncFor | ast.While
_Repeated = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Model:
    """What one module makes. All lists are in the order of the text."""

    def __init__(self, tree: ast.Module, known: dict[ast.expr, Variable]) -> None:
        self.tree = tree
        self.variables = known
        self.dags: list[Dag] = []
        self.groups: list[Group] = []
        self.placed: list[tuple[ast.stmt, Place]] = []
        """Every statement with its place."""
        self.calls: list[tuple[ast.Call, Place]] = []
        """Every call that a statement itself makes, lambdas left out, with its place."""
        self._decorated: dict[Variable, Function] = {}
        self._times = Counter(
            variable
            for node, variable in self.variables.items()
            if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        )
        self._assigned = _assigned_once(tree, self.variables, self._times)
        self._entered_as: dict[Variable, list[Dag]] = {}
        self._known: dict[ast.expr, Dag] = {}
        self._block(tree.body, Place())
        self.tasks = [task for call, place in self.calls if (task := self._task(call, place)) is not None]

    def value_of(self, name: ast.expr) -> ast.expr | None:
        """What a name is bound to, where the file binds it just once; None for all else."""
        variable = self.variables.get(name)
        return self._assigned.get(variable) if variable is not None else None

    def constant(self, node: ast.expr | None) -> ast.expr | None:
        """The expression itself, or what the name it is stands for."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(node, ast.Name):
                break
            node = self.value_of(node)
        return node

    def argument(self, dag: Dag, *names: str) -> ast.expr | None:
        """What a DAG is given by one of these keywords, a name of a constant looked up; None for nothing."""
        given = (keyword(dag.call, name) for name in names) if dag.call is not None else ()
        return self.constant(next((each for each in given if each is not None), None))

    def default(self, dag: Dag, key: str) -> ast.expr | None:
        """What a DAG's `default_args` say of a key, as far as the file says; None for nothing or unknown."""
        return self._entry(self.argument(dag, "default_args"), key, {})

    def _entry(self, node: ast.expr | None, key: str, known: dict[ast.expr, ast.expr | None]) -> ast.expr | None:
        """The value of a key in a dictionary that is written out, copied or merged; each is looked into once."""
        node = self.constant(node)
        if node is None or node in known or len(known) > _MAX_DICTIONARIES:
            return known.get(node) if node is not None else None
        known[node] = None
        if isinstance(node, ast.Dict):
            for name, value in reversed(list(zip(node.keys, node.values, strict=True))):
                found = value if text_of(name) == key else self._entry(value, key, known) if name is None else None
                if found is not None:
                    known[node] = self.constant(found)
                    break
        elif isinstance(node, ast.Call) and dotted(node.func) == "dict":
            given = self.constant(keyword(node, key))
            known[node] = given if given is not None else self._entry_of_any(node.args, key, known)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy":
            known[node] = self._entry(node.func.value, key, known)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            known[node] = self._entry_of_any([node.right, node.left], key, known)
        return known[node]

    def _entry_of_any(self, nodes: list[ast.expr], key: str, known: dict[ast.expr, ast.expr | None]) -> ast.expr | None:
        found = (self._entry(each, key, known) for each in nodes)
        return next((each for each in found if each is not None), None)

    def length(self, node: ast.expr, depth: int = _MAX_DEPTH) -> int:
        """How many elements an expression certainly has: a literal, a name of one, `d.items()`, `range(3)`; else 0."""
        value = self.constant(node)
        if isinstance(value, ast.List | ast.Tuple | ast.Set):
            return sum(not isinstance(each, ast.Starred) for each in value.elts)
        if isinstance(value, ast.Dict):
            return sum(key is not None for key in value.keys)
        if not isinstance(value, ast.Call) or depth == 0:
            return 0
        if isinstance(value.func, ast.Attribute) and value.func.attr in ("items", "keys", "values"):
            return self.length(value.func.value, depth - 1)
        called = dotted(value.func)
        if called in ("enumerate", "sorted") and value.args:
            return self.length(value.args[0], depth - 1)
        count = value.args[0] if called == "range" and len(value.args) == 1 else None
        return count.value if isinstance(count, ast.Constant) and isinstance(count.value, int) else 0

    def context(self, entered: ast.expr) -> str | None:
        """`DAG` or `task group`, where `with` enters one that is made there; else None."""
        name = last_name(entered) if isinstance(entered, ast.Call) else ""
        return "DAG" if name in DAG_CALLS else "task group" if name in GROUP_CALLS else None

    def callables(self) -> list[tuple[Function, str]]:
        """The functions that tasks run, under `@task` or given as `python_callable`, each with its name."""
        named = {node.name: node for node in self.tree.body if isinstance(node, Function)}
        found = list(self._decorated.values())
        for call, _ in self.calls:
            given = keyword(call, "python_callable")
            if isinstance(given, ast.Name) and given.id in named and named[given.id] not in found:
                found.append(named[given.id])
        return [(function, function.name) for function in sorted(found, key=lambda each: each.lineno)]

    def plain_functions(self) -> dict[str, Function]:
        """Name → the function of the module's own level that nothing decorates and no other function is called like."""
        times = Counter(node.name for node in ast.walk(self.tree) if isinstance(node, Function))
        own = (node for node in self.tree.body if isinstance(node, Function))
        return {node.name: node for node in own if times[node.name] == 1 and not node.decorator_list}

    def taskflow(self, call: ast.Call) -> Function | None:
        """The function under `@task` that is called, `f.override(...)` and `f.expand` included."""
        called = call.func
        while isinstance(called, ast.Attribute) and called.attr in ("override", "partial", "expand", "expand_kwargs"):
            called = called.value
        if isinstance(called, ast.Call):
            return self.taskflow(called)
        return self.decorated(called)

    def decorated(self, name: ast.expr) -> Function | None:
        """The function under `@task` that a name stands for, or did before it was given to something else."""
        variable = self.variables.get(name) if isinstance(name, ast.Name) else None
        return self._decorated.get(variable) if variable is not None else None

    def is_rebound(self, name: ast.expr) -> bool:
        """Whether a name is assigned to anywhere in its scope, be it once, or is not known."""
        variable = self.variables.get(name)
        return variable is None or self._times[variable] > 0

    def _block(self, statements: list[ast.stmt], place: Place) -> None:
        for statement in statements:
            self.placed.append((statement, place))
            self._own_calls(statement, place)
            self._inside(statement, place)
            if isinstance(statement, ast.If) and statement.body and isinstance(statement.body[-1], _JUMPS):
                place = replace(place, arms=(*place.arms[-_MAX_ARMS:], (statement, 1)))

    def _inside(self, statement: ast.stmt, place: Place) -> None:
        if isinstance(statement, _With):
            self._block(statement.body, self._entered(statement, place))
        elif isinstance(statement, Function):
            self._function(statement, place)
        elif isinstance(statement, ast.ClassDef):
            self._block(statement.body, replace(place, functions=(*place.functions, statement)))
        elif isinstance(statement, _Loop):
            self._block(statement.body, replace(place, loops=(*place.loops, statement)))
            self._block(statement.orelse, place)
        else:
            for arm, block in enumerate(arms(statement)):
                self._block(block, replace(place, arms=(*place.arms, (statement, arm))))
            for block in always(statement):
                self._block(block, place)

    def _function(self, function: Function, place: Place) -> None:
        """A function is a place of its own: nothing says that it is called where it stands, and only there."""
        inner = Place(functions=(*place.functions, function))
        for decorator in function.decorator_list:
            name = last_name(decorator)
            if name in DAG_CALLS:
                call = decorator if isinstance(decorator, ast.Call) else None
                dag = Dag(call, function)
                self.dags.append(dag)
                inner = replace(inner, dag=dag)
            elif name in GROUP_CALLS:
                group = Group(function, None, tuple(function.body))
                self.groups.append(group)
                inner = replace(inner, groups=(group,), dag=place.dag)
            elif is_task_decorator(decorator):
                scope = place.functions[-1] if place.functions else self.tree
                self._decorated[scope, function.name] = function
        self._block(function.body, inner)

    def _entered(self, statement: _With, place: Place) -> Place:
        for item in statement.items:
            entered, name = item.context_expr, item.optional_vars
            called = last_name(entered).lower() if isinstance(entered, ast.Call) else ""
            variable = self.variables.get(name) if name is not None else None
            if isinstance(entered, ast.Call) and last_name(entered) in GROUP_CALLS:
                group = Group(entered, name.id if isinstance(name, ast.Name) else None, tuple(statement.body))
                self.groups.append(group)
                place = replace(place, groups=(*place.groups, group), loops=())
            elif isinstance(entered, ast.Call) and "dag" in called:
                dag = self._known.get(entered) or self._made(entered, entered, variable)
                place = replace(place, dag=dag, groups=(), loops=())
                if variable is not None:
                    self._entered_as.setdefault(variable, []).append(dag)
            elif isinstance(entered, ast.Name) and (found := self._dag_of(entered)) is not None:
                place = replace(place, dag=found, groups=(), loops=())
        return place

    def _made(self, node: ast.AST, call: ast.Call, variable: Variable | None) -> Dag:
        dag = Dag(call if last_name(call) in DAG_CALLS else None, node, variable)
        self._known[call] = dag
        self.dags.append(dag)
        return dag

    def _dag_of(self, name: ast.expr) -> Dag | None:
        """The DAG that a variable holds, where it is bound just once: by `dag = DAG(...)`, or by `with ... as dag`."""
        value = self.value_of(name)
        if value is not None:
            return self._known.get(value)
        variable = self.variables.get(name)
        entered = self._entered_as.get(variable, []) if variable is not None else []
        is_one = variable is not None and len(entered) == 1 and self._times[variable] == 1
        return entered[0] if is_one else None

    def _own_calls(self, statement: ast.stmt, place: Place) -> None:
        stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(each, ()) for each in reversed(expressions(statement))]
        while stack:
            node, repeated = stack.pop()
            if isinstance(node, ast.Call):
                self.calls.append((node, replace(place, loops=(*place.loops, *repeated)) if repeated else place))
                if last_name(node) in DAG_CALLS and not isinstance(statement, Function | _With):
                    self._made(node, node, None)
            repeated = (*repeated, node) if isinstance(node, _Repeated) else repeated
            children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, APART)]
            stack.extend((child, repeated) for child in reversed(children))

    def _task(self, call: ast.Call, place: Place) -> Task | None:
        function = self.taskflow(call) if not isinstance(call.func, ast.Attribute) else None
        if function is None and not is_task_call(call):
            return None
        return Task(call, place, self._dag_of_task(call, place), function)

    def _dag_of_task(self, call: ast.Call, place: Place) -> Dag | None:
        given = keyword(call, "dag")
        if given is None:
            return place.dag
        if place.dag is not None and place.dag.variable is not None and self.variables.get(given) == place.dag.variable:
            return place.dag
        return self._dag_of(given)


def model(source: Source) -> Model:
    """What the file makes, worked out once for all rules. Raises NotEvaluated where it does not parse."""
    return source.derived("dags", lambda: _modelled(source))


def _modelled(source: Source) -> Model:
    try:
        return Model(source.python, variables_of(source))
    except RecursionError as error:
        raise NotEvaluated("its code is nested too deeply") from error


def _assigned_once(
    tree: ast.Module, known: dict[ast.expr, Variable], times: Counter[Variable]
) -> dict[Variable, ast.expr]:
    """Variable → the expression it is bound to, of those that are bound once in the file and by a plain assignment."""
    found: dict[Variable, ast.expr] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                bound = known.get(target)
                if bound is not None and times[bound] == 1:
                    found[bound] = statement.value
    return found
