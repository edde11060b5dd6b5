"""Attempts that only show how a script is called."""

import ast
from collections.abc import Iterator
from itertools import chain

from review.rules import _python
from review.rules.spark._functions import words

_STAND_INS = frozenset({"your", "yours", "placeholder", "changeme", "xxx", "example"})
_PATHS = ("path/to/", "/path/to/")


def examples(tree: ast.Module) -> frozenset[ast.Try]:
    """The attempts of `if __name__ == "__main__"` that call something with a made-up place: `"your-bucket"`."""
    made_up = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_stand_in(_python.text_of(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return frozenset(
        attempt
        for guard in tree.body
        if isinstance(guard, ast.If) and any(getattr(node, "id", "") == "__name__" for node in ast.walk(guard.test))
        for attempt in chain.from_iterable(map(ast.walk, guard.body))
        if isinstance(attempt, ast.Try) and any(_is_made_up(node, made_up) for node in _given(attempt))
    )


def _given(attempt: ast.Try) -> Iterator[ast.expr]:
    for statement in attempt.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                yield from (*node.args, *(each.value for each in node.keywords))


def _is_made_up(node: ast.expr, names: set[str]) -> bool:
    return node.id in names if isinstance(node, ast.Name) else _is_stand_in(_python.text_of(node))


def _is_stand_in(text: str | None) -> bool:
    if not text or " " in text.strip():
        return False
    return text.startswith(_PATHS) or not _STAND_INS.isdisjoint(words(text))
