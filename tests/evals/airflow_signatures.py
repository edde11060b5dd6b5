"""Writes review/rules/dag/_signatures.py: what each core operator's constructor takes in any version of Airflow.

    python tests/evals/airflow_signatures.py DIRECTORY

The directory holds wheels of apache-airflow, apache-airflow-core, apache-airflow-task-sdk and providers, of as many
versions as were thought of (`pip download --no-deps`). They are read, never imported. An argument counts as known where
one version of the class has it, or of a class that it hands its keywords on to: no team is told off for its version.
"""

import ast
import sys
import textwrap
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

OUT = Path(__file__).parents[2] / "review" / "rules" / "dag" / "_signatures.py"
WANTED = (
    "BashOperator BashSensor BigQueryCheckOperator BigQueryExecuteQueryOperator BigQueryInsertJobOperator "
    "BigQueryTableExistenceSensor BigQueryToGCSOperator BigQueryValueCheckOperator BranchDateTimeOperator "
    "BranchDayOfWeekOperator BranchExternalPythonOperator BranchPythonOperator BranchPythonVirtualenvOperator "
    "BranchSQLOperator DataprocSubmitJobOperator DateTimeSensor DateTimeSensorAsync DayOfWeekSensor DummyOperator "
    "EmailOperator EmptyOperator ExternalPythonOperator ExternalTaskMarker ExternalTaskSensor FileSensor "
    "GCSObjectExistenceSensor GCSToBigQueryOperator GKEStartPodOperator HttpOperator HttpSensor KubernetesPodOperator "
    "LatestOnlyOperator PostgresOperator PythonOperator PythonSensor PythonVirtualenvOperator ShortCircuitOperator "
    "SimpleHttpOperator SlackAPIPostOperator SlackWebhookOperator SnowflakeOperator SQLCheckOperator "
    "SQLColumnCheckOperator SQLExecuteQueryOperator SQLIntervalCheckOperator SQLTableCheckOperator "
    "SQLThresholdCheckOperator SQLValueCheckOperator SqlSensor TimeDeltaSensor TimeDeltaSensorAsync TimeSensor "
    "TriggerDagRunOperator"
).split()
PLAIN = {"object", "ABC", "Generic", "Protocol", "LoggingMixin"}
"""Bases that take nothing."""
ROOTS = {"BaseOperator", "DAG"}
"""What their own bases take is not for whoever makes a task or a DAG."""


@dataclass
class Class:
    """One name, over all versions and modules that have it."""

    own: set[str] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)
    """Those that get the keywords which the constructor does not name."""
    uses: bool = False
    """Whether a version does something with such keywords that cannot be followed."""


def main(directory: Path) -> None:
    known, wheels = read(directory)
    base, _ = taken("BaseOperator", known)
    dag, _ = taken("DAG", known)
    classes = {}
    for name in WANTED:
        arguments, is_open = taken(name, known)
        if is_open or not arguments >= {"task_id", "retries"}:
            print(f"{name}: left out (open: {is_open}, {len(arguments)} arguments)")
        else:
            classes[name] = arguments - base
    OUT.write_text(page(dag, base, classes, wheels), "utf-8")


def read(directory: Path) -> tuple[dict[str, Class], list[str]]:
    """Every class of every wheel, and the wheels' names with versions."""
    known: dict[str, Class] = defaultdict(Class)
    wheels = []
    for path in sorted(directory.glob("apache_airflow*.whl")):
        wheels.append(
            " ".join(path.name.split("-")[:2]).replace("apache_airflow_", "").replace("apache_airflow", "core")
        )
        with zipfile.ZipFile(path) as wheel:
            for name in wheel.namelist():
                if name.endswith(".py") and name.startswith("airflow/") and "/example_dags/" not in name:
                    nodes = list(ast.walk(ast.parse(wheel.read(name))))
                    imported = [alias for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
                    called = {alias.asname: alias.name for alias in imported if alias.asname}
                    for node in nodes:
                        if isinstance(node, ast.ClassDef):
                            add(node, known[node.name], called)
    return known, wheels


def add(node: ast.ClassDef, to: Class, called: dict[str, str]) -> None:
    bases = {called.get(last(base), last(base)) for base in node.bases} - {"", node.name}
    init = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if init is None:
        to.bases |= bases
        if any("define" in ast.unparse(each) for each in node.decorator_list):
            to.own |= set(fields(node))
        return
    arguments = init.args
    to.own |= {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)} - {"self"}
    if arguments.kwarg is not None:
        to.bases |= bases
        names, followed = keywords(init, arguments.kwarg.arg)
        to.own |= names
        to.uses |= not followed and node.name not in ROOTS


def fields(node: ast.ClassDef) -> Iterator[str]:
    """The parameters that attrs makes of a class's fields."""
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            given = (
                {entry.arg: entry.value for entry in each.value.keywords} if isinstance(each.value, ast.Call) else {}
            )
            init, alias = given.get("init"), given.get("alias")
            if not (isinstance(init, ast.Constant) and init.value is False):
                yield alias.value if isinstance(alias, ast.Constant) else each.target.id.lstrip("_")


def keywords(init: ast.FunctionDef, name: str) -> tuple[set[str], bool]:
    """The names that the constructor takes out of its `**kwargs`, and whether all other uses only hand them on."""
    found, handed = set(), 0
    for node in ast.walk(init):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and is_name(node.func.value, name) and node.args:
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
                handed += 1
            is_base = isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"
            handed += sum(is_base and entry.arg is None and is_name(entry.value, name) for entry in node.keywords)
        elif isinstance(node, ast.Compare) and any(is_name(each, name) for each in node.comparators):
            found |= {node.left.value} if isinstance(node.left, ast.Constant) else set()
            handed += 1
        elif isinstance(node, ast.Subscript) and is_name(node.value, name):
            found |= {node.slice.value} if isinstance(node.slice, ast.Constant) else set()
            handed += 1
        elif isinstance(node, ast.If) and is_name(node.test, name):
            handed += 1
    uses = sum(is_name(node, name) for node in ast.walk(init))
    return {each for each in found if isinstance(each, str)}, handed >= uses


def is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def last(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def taken(name: str, known: dict[str, Class]) -> tuple[set[str], bool]:
    """The arguments that a class takes, and whether it may take others."""
    seen, pending, arguments, is_open = {name}, [name], set[str](), False
    while pending:
        current = pending.pop()
        if current not in known:
            if current not in PLAIN:
                print(f"  {name}: {current} is nowhere to be found")
                is_open = True
            continue
        arguments |= known[current].own
        if known[current].uses:
            print(f"  {name}: {current} uses its keywords")
        is_open |= known[current].uses
        if current in ROOTS:
            continue
        pending.extend(known[current].bases - seen)
        seen |= known[current].bases
    return {each for each in arguments - {"args", "kwargs", "self"} if not each.startswith("_")}, is_open


def page(dag: set[str], base: set[str], classes: dict[str, set[str]], wheels: list[str]) -> str:
    sources = textwrap.fill(f"Read off the wheels on PyPI of {', '.join(wheels)}.", 119)
    text = '"""The arguments of Airflow\'s DAG and of its core operators, in any version that was looked at.\n\n'
    text += f"Written by `tests/evals/airflow_signatures.py`, not by hand.\n\n{sources}\n" + '"""\n\n'
    text += f"DAG = frozenset(\n{words(dag)}\n)\n\n"
    text += f"OPERATOR = frozenset(\n{words(base)}\n)\n" + '"""Of every operator."""\n\n'
    text += "OPERATORS = {\n"
    for name, arguments in sorted(classes.items()):
        text += (
            f'    "{name}": frozenset(\n{words(arguments, 8)}\n    ),\n'
            if arguments
            else f'    "{name}": frozenset[str](),\n'
        )
    return text + "}\n" + '"""Class → the arguments that it has besides."""\n'


def words(names: set[str], indent: int = 4) -> str:
    lines = textwrap.wrap(" ".join(sorted(names)), 110 - indent)
    space = " " * indent
    quoted = [f'{space}    "{line}{" " if line is not lines[-1] else ""}"' for line in lines]
    return f"{space}(\n" + "\n".join(quoted) + f"\n{space}).split()"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
