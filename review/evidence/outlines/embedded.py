"""SQL that stands in a string of another language."""

from functools import cache

from review.domain.artifact import Kind, Version
from review.evidence.outlines import statements, template
from review.evidence.outlines.base import Names
from review.rules.source import NotEvaluated, Source
from review.sql.prepare import has_jinja
from review.sql.render import Renderer

SPARK = "sparksql"
"""The dialect of `spark.sql`; every worker has loaded it (`analyse.warm`)."""

_MAX_CHARACTERS = 100_000


def of_text(path: str, text: str, dialect: str) -> Names:
    """The tables that a string reads and writes; none where it is not SQL (a file's name, a fragment)."""
    if len(text) > _MAX_CHARACTERS or len(text.split(None, 2)) < 2:
        return Names()
    found = Names()
    try:
        if has_jinja(text):
            found |= template.names(text, is_dbt=False)
        source = Source(Version(path, text), Kind.SQL_QUERY, dialect, render=_renderer().render)
        return found | statements.names(source.sql)
    except NotEvaluated:
        return found


@cache
def _renderer() -> Renderer:
    return Renderer()
