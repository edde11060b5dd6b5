"""Where a function or module of Python gives its names a value, and where it reads them."""

import ast
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from review.rules import _python

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_Use = tuple[int, int, bool]
"""Line, column, and whether the name is read there rather than given a value."""


@dataclass(frozen=True)
class Uses:
    """The uses of each name in the order in which they run, as far as the text tells."""

    by_name: dict[str, list[_Use]]
    elsewhere: frozenset[str]
    """Names that functions inside it read, whenever they are called."""

    @classmethod
    def of(cls, scope: ast.AST) -> "Uses":
        """Those of a function or module; a name that a comprehension or an inner function has of its own is none."""
        by_name: dict[str, list[_Use]] = {}
        elsewhere: set[str] = set()
        late: set[int] = set()
        stack = list(ast.iter_child_nodes(scope))
        while stack:
            node = stack.pop()
            if isinstance(node, _FUNCTIONS):
                elsewhere.update(name.id for name in _borrowed(node))
                continue
            if isinstance(node, _COMPREHENSIONS):
                for name in _borrowed(node):
                    by_name.setdefault(name.id, []).append((name.lineno, name.col_offset, True))
                continue
            if isinstance(node, ast.Assign | ast.AnnAssign):
                # the value is read before the names are given it
                end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for part in (part for target in targets for part in ast.walk(target)):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        by_name.setdefault(part.id, []).append((*end, False))
                        late.add(id(part))
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                by_name.setdefault(node.target.id, []).append((node.lineno, node.col_offset, True))
            elif isinstance(node, ast.Name) and id(node) not in late:
                is_read = isinstance(node.ctx, ast.Load)
                by_name.setdefault(node.id, []).append((node.lineno, node.col_offset, is_read))
            stack.extend(ast.iter_child_nodes(node))
        return cls({name: sorted(uses) for name, uses in by_name.items()}, frozenset(elsewhere))

    def are_used(self, names: Collection[str], attempt: ast.Try, loop: int) -> bool:
        """Whether one of the names that an attempt gives a value is read outside of it before it has another one.

        `loop` is the first line of the loop around the attempt, 0 for none.
        """
        if not self.elsewhere.isdisjoint(names):
            return True
        end = _python.end_line(attempt.body[-1])
        for name in names:
            uses = self.by_name.get(name, [])
            after = bisect_left(uses, (end + 1, 0, False))
            round_again = bisect_left(uses, (loop, 0, False)) if loop else len(uses)
            for place in (after, round_again):
                is_outside = place < len(uses) and not attempt.lineno <= uses[place][0] <= end
                if is_outside and uses[place][2]:
                    return True
        return False


def _borrowed(node: ast.AST) -> Iterator[ast.Name]:
    """The names that an inner function or comprehension reads and does not give a value itself."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Name | ast.arg)]
    own = {part.arg for part in parts if isinstance(part, ast.arg)}
    own |= {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return (part for part in parts if isinstance(part, ast.Name) and part.id not in own)
