"""Which expressions and blocks a statement of Python has, and which of those one run enters."""

import ast

APART = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
"""What a statement defines and does not run."""


def expressions(statement: ast.stmt) -> list[ast.AST]:
    """The expressions that a statement runs itself, those of its blocks left out."""
    found: list[ast.AST] = []
    for field, value in ast.iter_fields(statement):
        if field in ("body", "orelse", "finalbody", "handlers", "cases"):
            continue
        found.extend(each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST))
    return found


def arms(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of which a run enters one: a `try` that fails half way has made what stands before, so none there."""
    if isinstance(statement, ast.If):
        return [statement.body, statement.orelse]
    if isinstance(statement, ast.Match):
        return [case.body for case in statement.cases]
    if isinstance(statement, ast.Try | ast.TryStar):
        return [statement.body, *(handler.body for handler in statement.handlers)]
    return []


def always(statement: ast.stmt) -> list[list[ast.stmt]]:
    if isinstance(statement, ast.Try | ast.TryStar):
        return [statement.orelse, statement.finalbody]
    return []
