"""Which expressions of PySpark code are certainly columns: what a function of Spark gives, and what is made of that."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from review.rules import _python

FUNCTIONS = "pyspark.sql.functions"
NO_COLUMNS = frozenset({"udf", "pandas_udf", "udtf", "broadcast", "PandasUDFType", "UserDefinedFunction"})
"""What the module of functions has that gives no column."""
_TRUTHS = frozenset({"isNull", "isNotNull", "isin", "like", "rlike", "ilike", "startswith", "endswith", "contains"})
_TRUTHS_OF_SPARK = frozenset({"isnull", "isnan", "array_contains", "exists", "forall"})
_MAX_DEPTH = 30
"""Levels of an expression that are looked into."""


@dataclass(frozen=True)
class Columns:
    """What a file calls Spark's functions."""

    modules: frozenset[str]
    """Names of the module: `F` of `import pyspark.sql.functions as F`."""
    functions: frozenset[str]
    """Names of functions imported from it that give a column."""
    frames: frozenset[str] = field(default_factory=frozenset)
    """Names of data frames, of which an attribute or an item is a column."""

    def of(self, frame: str) -> "Columns":
        """The same where a name is known to be a data frame."""
        return Columns(self.modules, self.functions, self.frames | {frame}) if frame else self

    def has(self, node: ast.expr, depth: int = 0) -> bool:
        """Whether an expression is certainly a column."""
        if depth > _MAX_DEPTH:
            return False
        if isinstance(node, ast.Call):
            return self._is_function(node.func) or self._is_method(node.func, depth)
        if isinstance(node, ast.BinOp):
            return self.has(node.left, depth + 1) or self.has(node.right, depth + 1)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.has(node.operand, depth + 1)
        if isinstance(node, ast.Compare):
            plain = len(node.ops) == 1 and not isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn)
            return plain and (self.has(node.left, depth + 1) or self.has(node.comparators[0], depth + 1))
        if isinstance(node, ast.Subscript | ast.Attribute):
            return self._is_of_frame(node)
        return False

    def is_truth(self, node: ast.expr) -> bool:
        """Whether a column is certainly one of true and false."""
        if isinstance(node, ast.Compare):
            return True
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.Invert)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.BitAnd | ast.BitOr)
        return isinstance(node, ast.Call) and _python.last_name(node.func) in _TRUTHS | _TRUTHS_OF_SPARK

    def _is_function(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Name):
            return function.id in self.functions
        if not isinstance(function, ast.Attribute) or function.attr in NO_COLUMNS:
            return False
        return _python.dotted(function.value) in self.modules

    def _is_method(self, function: ast.expr, depth: int) -> bool:
        """A method of a column, each of which gives a column; `df["x"].alias` is one, `df.count` is none."""
        if not isinstance(function, ast.Attribute):
            return False
        owner = function.value
        return isinstance(owner, ast.Call | ast.BinOp | ast.Compare | ast.UnaryOp | ast.Subscript) and self.has(
            owner, depth + 1
        )

    def _is_of_frame(self, node: ast.Subscript | ast.Attribute) -> bool:
        if not isinstance(node.value, ast.Name) or node.value.id not in self.frames:
            return False
        return isinstance(node, ast.Attribute) or _python.text_of(node.slice) is not None


def columns_of(tree: ast.AST) -> Columns:
    """What the imports of a file say."""
    modules: set[str] = set()
    functions: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules.update(each.asname or each.name for each in node.names if each.name == FUNCTIONS)
        elif isinstance(node, ast.ImportFrom) and node.module == "pyspark.sql":
            modules.update(each.asname or each.name for each in node.names if each.name == "functions")
        elif isinstance(node, ast.ImportFrom) and node.module == FUNCTIONS:
            functions.update(_imported(node))
    return Columns(frozenset(modules), frozenset(functions))


def _imported(node: ast.ImportFrom) -> Iterator[str]:
    """Names that the file has for functions; of a star those that nothing else is called by."""
    for each in node.names:
        if each.name == "*":
            yield from ("col", "lit", "when", "expr")
        elif each.name not in NO_COLUMNS:
            yield each.asname or each.name
