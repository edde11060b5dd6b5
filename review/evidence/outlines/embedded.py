"""SQL that stands in a string of another language."""

from review.evidence.outlines import statements, template
from review.evidence.outlines.base import Names
from review.rules.source import Source
from review.rules.trees import NotEvaluated
from review.sql.prepare import has_jinja


def names(source: Source) -> Names:
    """The tables that a file's strings and cells of SQL read and write, by names that are written there."""
    found = Names()
    for candidate in source.embedded:
        if candidate.source is None:
            continue
        found |= statements.names(candidate.source.sql)
        if has_jinja(candidate.text.value):
            try:
                found |= template.names(candidate.text.value, is_dbt=False)
            except NotEvaluated:
                continue
    return found
