"""Would a file still parse after an edit? Asked inside a worker, of the text before and after."""

from collections.abc import Callable

from review.rules.source import Source
from review.rules.trees import NotEvaluated

UNCHECKED = "could not be checked"


def problem(before: Source, after: Source, complaint: Callable[[Source], str]) -> str:
    """Why the edited file is refused, as a clause; empty where it parses as the file did before.

    A file that did not parse before is refused too: nothing would tell what the edit breaks. `complaint` is what a
    stricter grammar of SQL has against a file: sqlglot reads over a comma too many.
    """
    try:
        known = _parsed(before)
    except NotEvaluated as reason:
        return f"{UNCHECKED}: {reason}, even before the edit"
    try:
        statements, opaque = _parsed(after)
    except NotEvaluated as reason:
        return str(reason)
    if opaque > known[1]:
        return "has a statement that is beyond the parser"
    if known[0] and not statements:
        return "has no statement left"
    return complaint(after) if after.kind.is_sql and not complaint(before) else ""


def _parsed(source: Source) -> tuple[int, int]:
    """How many statements it has in all renderings, and how many of these sqlglot takes as they are.

    None where it is not SQL. Raises NotEvaluated.
    """
    source.parse()
    if not source.kind.is_sql:
        return 0, 0
    views = [source.sql, *(branch.sql for branch, _ in source.branches)]
    return sum(len(view.statements) for view in views), sum(len(view.opaque) for view in views)
