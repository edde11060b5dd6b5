"""Whether a Python file is a DAG, a helper of DAGs, a Spark job or a dbt model: by what it imports and calls."""

import ast
import io
import tokenize
import warnings
from posixpath import basename

from review.domain.artifact import Kind

_AIRFLOW = ("airflow", "airflow_provider", "cosmos", "astro", "gusty", "dagfactory", "astronomer")
_SPARK = ("pyspark", "awsglue", "delta", "databricks", "sedona", "graphframes", "glow", "pydeequ")
_DATABRICKS = "# Databricks notebook source"


def python_kind(path: str, text: str, *, in_model_paths: bool) -> Kind | None:
    """The kind, or None for a Python file that is none of ours (tests among them: they are no part of a platform)."""
    name = basename(path)
    if name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py":
        return None
    tree = parsed(text)
    if tree is None:
        return _by_imports(_imports_of_tokens(text), text)
    if in_model_paths and _defines_model(tree):
        return Kind.DBT_PYTHON_MODEL
    modules = _imports(tree)
    if _makes_dag(tree, modules):
        return Kind.DAG
    return _by_imports(set(modules), text)


def parsed(text: str) -> ast.Module | None:
    """The syntax tree, or None for what is no Python 3 (Python 2, mixed tabs, too deep)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _by_imports(modules: set[str], text: str) -> Kind | None:
    tops = {module.partition(".")[0] for module in modules}
    if tops & set(_AIRFLOW):
        return Kind.DAG_HELPER
    if tops & set(_SPARK) or text.startswith(_DATABRICKS):
        return Kind.PYSPARK
    return None


def _imports(tree: ast.Module) -> dict[str, set[str]]:
    """Module → the names taken from it, anywhere in the file."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name, set())
        elif isinstance(node, ast.ImportFrom):
            names = found.setdefault(node.module or "", set())
            names.update(alias.asname or alias.name for alias in node.names)
    return found


def _imports_of_tokens(text: str) -> set[str]:
    """The modules imported by a file that does not parse, as far as it can be cut into tokens."""
    modules = set()
    previous = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and previous in ("import", "from"):
                modules.add(token.string)
            previous = token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        return modules
    return modules


def _makes_dag(tree: ast.Module, modules: dict[str, set[str]]) -> bool:
    """A call of `DAG`, a function decorated with `@dag`, or a call of a DAG factory that was imported."""
    is_airflow = any(module.partition(".")[0] in _AIRFLOW for module in modules)
    imported = {name for names in modules.values() for name in names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _last_name(node.func)
            if name == "DAG" and (is_airflow or "DAG" in imported):
                return True
            if name in imported and name[:1].islower() and "dag" in name.lower().split("_") and not is_airflow:
                return True
            if name in imported and name[:1].isupper() and name.lower().endswith("dag"):
                return True
            if (
                name in imported
                and is_airflow
                and name.lower() in ("create_dag", "make_dag", "build_dag", "load_yaml_dags")
            ):
                return True
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_airflow and _is_dag_function(node):
            return True
    return False


def _is_dag_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is decorated with Airflow's `@dag`, called or not."""
    return any(_last_name(each.func if isinstance(each, ast.Call) else each) == "dag" for each in node.decorator_list)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _defines_model(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "model" and len(node.args.args) == 2 for node in tree.body
    )
