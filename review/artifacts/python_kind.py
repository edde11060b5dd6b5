"""Whether a Python file is a DAG, a helper of DAGs, a Spark job or a dbt model: by what it imports and calls."""

import ast
import io
import tokenize
import warnings
from itertools import islice, pairwise
from posixpath import basename

from review.artifacts.words import mentions, words
from review.domain.artifact import Kind

_AIRFLOW = ("airflow", "airflow_provider", "cosmos", "astro", "gusty", "dagfactory", "astronomer")
_SPARK = ("pyspark", "awsglue", "delta", "databricks", "sedona", "graphframes", "glow", "pydeequ")
_SPARK_SQL = frozenset({("insert", "overwrite"), ("using", "delta"), ("using", "iceberg"), ("lateral", "view")})
"""Words that follow each other in Spark's SQL alone (Hive's is run by no Python)."""
_FACTORIES = ("create_dag", "make_dag", "build_dag", "load_yaml_dags", "dagfactory")
_SIGNS = "()[]{},;:.=+-*/\n"
_PARSED_SIGNS = 150_000
"""A syntax tree takes about a kilobyte for each sign, and this process has no limits: of files with more of them (no
file of 2,000 real ones has) the imports say what they are. The rules parse in a worker, which has limits."""
_TOKENS = 100_000
_DATABRICKS = "# Databricks notebook source"


def python_kind(path: str, text: str, *, in_model_paths: bool) -> Kind | None:
    """The kind, or None for a Python file that is none of ours (tests among them: they are no part of a platform)."""
    if not (in_model_paths or _may_be_ours(text)):
        return None
    tree = parsed(text) if sum(map(text.count, _SIGNS)) <= _PARSED_SIGNS else None
    if _is_named_test(path) and (tree is None or _is_among_tests(path) or _tests(tree)):
        return None
    if tree is None:
        return _by_imports(_imports_of_tokens(text), text)
    if in_model_paths and _defines_model(tree):
        return Kind.DBT_PYTHON_MODEL
    modules, names = _imports(tree)
    if _makes_dag(tree, modules, names):
        return Kind.DAG
    kind = _by_imports(modules, text)
    return Kind.PYSPARK if kind is None and _holds_spark_sql(tree) else kind


def _may_be_ours(text: str) -> bool:
    """Whether a name is in it without which no file is ours (models of dbt apart): others are not even parsed."""
    lowered = text.lower()
    if "dag" in lowered or "spark" in lowered or any(a in lowered and b in lowered for a, b in _SPARK_SQL):
        return True
    return any(mentions(text, name) for name in (*_AIRFLOW, *_SPARK, "Databricks"))


def parsed(text: str) -> ast.Module | None:
    """The syntax tree, or None for what is no Python 3 (Python 2, mixed tabs, too deep)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_named_test(path: str) -> bool:
    name = basename(path)
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


def _is_among_tests(path: str) -> bool:
    return basename(path) == "conftest.py" or not {"test", "tests"}.isdisjoint(path.split("/"))


def _tests(tree: ast.Module) -> bool:
    """Whether it holds tests: an `ab_test.py` that makes a DAG is none, whatever its name."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, defined) and node.name.lower().startswith("test") for node in ast.walk(tree))


def _by_imports(modules: set[str], text: str) -> Kind | None:
    tops = {module.partition(".")[0] for module in modules}
    if tops & set(_AIRFLOW):
        return Kind.DAG_HELPER
    if any(map(_is_spark, modules)) or text.startswith(_DATABRICKS):
        return Kind.PYSPARK
    return None


def _is_spark(module: str) -> bool:
    """Whether it is a library of Spark's, or by its name a team's own module about Spark: `jobs.spark_utils`."""
    parts = module.split(".")
    return parts[0] in _SPARK or any(
        part == "spark" or part.startswith("spark_") or part.endswith("_spark") for part in parts
    )


def _holds_spark_sql(tree: ast.Module) -> bool:
    """Whether a text of several lines in it says what only Spark's SQL does: the job that runs it is elsewhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            lowered = node.value.lower()
            near = any(a in lowered and b in lowered for a, b in _SPARK_SQL)
            if near and not _SPARK_SQL.isdisjoint(pairwise(words(node.value))):
                return True
    return False


def _imports(tree: ast.Module) -> tuple[set[str], dict[str, str]]:
    """The modules imported anywhere in the file, and the names that brings: as called here → as called there.

    A relative import keeps its dots: `from .delta import x` is the team's own, not the library's.
    """
    modules: set[str] = set()
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                modules.add(alias.name)
                names[alias.asname or alias.name.partition(".")[0]] = alias.name
        elif isinstance(node, ast.ImportFrom):
            modules.add("." * node.level + (node.module or ""))
            names.update((alias.asname or alias.name, alias.name) for alias in node.names)
    return modules, names


def _imports_of_tokens(text: str) -> set[str]:
    """The modules imported by a file that does not parse: by its tokens as far as it has any, then by its lines."""
    modules = set()
    previous, line = "", 0
    try:
        for token in islice(tokenize.generate_tokens(io.StringIO(text).readline), _TOKENS):
            if token.type == tokenize.NAME and previous in ("import", "from"):
                modules.add(token.string)
            previous, line = token.string, token.end[0]
    except (tokenize.TokenError, SyntaxError, ValueError):
        for words in (each.split(None, 2) for each in text.split("\n")[line:]):
            if len(words) > 1 and words[0] in ("import", "from"):
                modules.add(words[1].partition(".")[0])
    return modules


def _makes_dag(tree: ast.Module, modules: set[str], names: dict[str, str]) -> bool:
    """A call of `DAG`, a function decorated with `@dag`, or a call of a DAG factory that was imported."""
    is_airflow = any(module.partition(".")[0] in _AIRFLOW for module in modules)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if any(_is_factory(node.func, name, names, is_airflow) for name in _names(node.func, names)):
                return True
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_airflow and _is_dag_function(node, names):
            return True
    return False


def _is_factory(called: ast.expr, name: str, names: dict[str, str], is_airflow: bool) -> bool:
    """Whether calling this makes a DAG. Without Airflow beside it, only what is imported by name can."""
    is_name = isinstance(called, ast.Name)
    if name == "DAG" and (is_airflow or "DAG" in names):
        return True
    if _first_name(called) not in names or not (is_name or is_airflow):
        return False
    lowered = name.lower()
    if name[:1].isupper() and lowered.endswith("dag"):
        return True
    if is_airflow:
        return lowered in _FACTORIES
    return name[:1].islower() and "dag" in lowered.split("_")


def _is_dag_function(node: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, str]) -> bool:
    """Whether it is decorated with Airflow's `@dag`, called or not."""
    decorators = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    return any("dag" in _names(each, names) for each in decorators)


def _names(node: ast.expr, names: dict[str, str]) -> set[str]:
    """The last word of a dotted name, and what it was called before it was imported."""
    name = _last_name(node)
    return {name, names.get(name, name)} if isinstance(node, ast.Name) else {name}


def _first_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _defines_model(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "model" and len(node.args.args) == 2 for node in tree.body
    )
