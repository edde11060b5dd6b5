"""Whether a file of SQL could be read by our rules, and what of it is data."""

from review.domain.evidence import Skipped, Stage
from review.evidence.lint import MANY_ROWS
from review.rules.project.jinja import holds_sql
from review.rules.source import Source
from review.rules.trees import NotEvaluated
from review.sql.linter import LintResult
from review.sql.parse import TOO_DEEP, sqlglot_dialect, tokens
from review.sql.prepare import has_jinja

MAX_TRIED = 50_000
"""Characters of a file that is read anew in other dialects."""
_SMALL = 3 * MANY_ROWS
"""Characters below which a file has not so many rows."""


def problem_of(source: Source) -> str:
    """Why our rules cannot parse a file of SQL, as a clause; empty where they can."""
    try:
        _ = source.sql
    except NotEvaluated as reason:
        return str(reason)
    return ""


def is_broken(source: Source | None) -> bool:
    """Whether a file of SQL cannot be cut into words (an open quote or comment), or is nested too deeply."""
    if source is None or not source.kind.is_sql:
        return False
    problem = problem_of(source)
    if not problem or problem == TOO_DEEP:
        return bool(problem)
    try:
        text = source.rendering.text
    except NotEvaluated:
        return False
    return bool(text.strip()) and not any(tokens(text, name) for name in {"", sqlglot_dialect(source.dialect)})


def rows_of(source: Source | None) -> int:
    """The rows that the INSERT statements of a large file of SQL write out; 0 where it does not parse, or is small."""
    if source is None or not source.kind.is_sql or len(source.text) < _SMALL or problem_of(source):
        return 0
    return source.sql.rows


def is_blank(source: Source | None) -> bool:
    """Whether a file of SQL has none: it is empty but for a `config`, a comment or what is set in its Jinja."""
    if source is None or not source.kind.is_sql or not has_jinja(source.text):
        return False
    try:
        return not holds_sql(source.jinja)
    except NotEvaluated:
        return False


def is_foreign(head: Source, linted: LintResult | None) -> bool:
    """Whether SQL does not parse as what it was taken for: by sqlfluff, or where that was not asked by ours."""
    if not head.kind.is_sql:
        return False
    return bool(problem_of(head)) if linted is None else linted.is_foreign


def unread(head: Source, linted: LintResult | None) -> str:
    """Why the rules' own parser could not read a file of SQL, whatever sqlfluff makes of it. Empty where it did.

    Where sqlfluff could not either, statements of which our parser knows the words alone are not read.
    """
    if not head.kind.is_sql:
        return ""
    problem = problem_of(head)
    if (
        not problem
        and linted is not None
        and not linted.is_parsed
        and len(head.sql.opaque) == len(head.sql.statements) > 0
    ):
        return "its statements are none that could be analysed"
    return problem


def told_once(skipped: tuple[Skipped, ...], head: Source | None, unread: str) -> tuple[Skipped, ...]:
    """The skips where a file could not be read at all (`unread` says why), or has nothing to read, said of the whole.

    A rule asks for the SQL where a word it looks for occurs: in a file without any, none would say that it could not be
    read.
    """
    if head is None:
        return skipped
    if is_blank(head):
        reason = "it holds no SQL, only Jinja that prints nothing, so there is nothing to look at"
        whole, problem = Skipped(Stage.LINT.value, head.path, reason, harmless=True), problem_of(head)
    elif unread:
        whole, problem = Skipped(Stage.RULES.value, head.path, unread), unread
    else:
        return skipped
    return (whole, *(each for each in skipped if (each.stage, each.reason) != (Stage.RULES.value, problem)))
