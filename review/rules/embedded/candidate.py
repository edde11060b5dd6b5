"""One string that begins as SQL does, and the `Source` that rules look at where it is SQL indeed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

from sqlglot import exp

from review.domain.artifact import Kind, Version
from review.rules.embedded.text import Text, may_be_sql
from review.rules.source import Source
from review.rules.trees import NotEvaluated
from review.sql.parse import CannotParse, ParsedSql, parse
from review.sql.prepare import has_jinja, prepare
from review.sql.render import CannotRender, Renderer, Rendering, Slice

SPARK = "sparksql"
DIALECTS = ("ansi", SPARK, "bigquery", "postgres", "redshift", "snowflake", "trino")
"""Those that a host's own words tell; every worker has loaded them (`analyse.warm`)."""
_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Alias)
_STATEMENTS = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Alter, exp.Drop, exp.TruncateTable,
               exp.Copy, exp.Grant)  # fmt: skip


_MAX_PIECES = 5_000
_QUERY = "\nselect count(*) from standin"


@dataclass(frozen=True)
class Candidate:
    """A string of a host: a `Source`'s file in another language than SQL."""

    host: Version
    """The file; of a notebook's cell, the cell's text under the notebook's path."""
    text: Text
    symbol: str
    """The dotted name of the functions and classes around it."""
    dialect: str
    """sqlfluff's name of the one it is written in, as far as anything tells; ANSI else."""
    numbers: tuple[int, ...] = ()
    """For each line of the host's text the line of the file, where the text is a part of it."""

    @cached_property
    def lines(self) -> range:
        """The lines of the file from the string's first to its last."""
        first, last = (self.host.text.count("\n", 0, place) for place in self._span)
        if self.numbers:
            return range(self.numbers[first], self.numbers[min(last, len(self.numbers) - 1)] + 1)
        return range(first + 1, last + 2)

    @cached_property
    def source(self) -> Source | None:
        """The SQL as a rule sees it, with line numbers of the file; None where the string is no SQL."""
        for rendering in self._renderings():
            dialect = "bigquery" if self.dialect == "ansi" and "`" in rendering.text else self.dialect
            try:
                parsed = parse(rendering, dialect)
            except CannotParse:
                continue
            if parsed.statements and all(map(_is_sql, parsed.statements)):
                return _Embedded(self.host, dialect, parsed)
        return None

    @property
    def _span(self) -> tuple[int, int]:
        return self.text.pieces[0].start, max(self.text.pieces[0].start, self.text.pieces[-1].end - 1)

    def _renderings(self) -> Iterator[Rendering]:
        """By the places of its holes; with each hole a name; with a query behind CTEs that are given theirs later."""
        for as_names in (False, True) if self.text.has_holes else (False,):
            rendering = replace(self.text.rendering(self.host.text, as_names=as_names), numbers=self.numbers)
            if has_jinja(rendering.text):
                try:
                    yield _through(rendering, _renderer().render(self.host.path, rendering.text))
                except (CannotRender, RecursionError):
                    continue
            else:
                yield replace(rendering, text=prepare(rendering.text))
        if self.text.value.lstrip()[:4].lower() == "with":
            rendering = replace(self.text.rendering(self.host.text), numbers=self.numbers)
            end = len(rendering.text)
            tail = Slice((end, end + len(_QUERY)), (self._span[1],) * 2, literal=False)
            yield replace(rendering, text=prepare(rendering.text) + _QUERY, slices=(*rendering.slices, tail))


def made(host: Version, text: Text, symbol: str, dialect: str, numbers: tuple[int, ...] = ()) -> tuple[Candidate, ...]:
    """The candidate that a text is, if it is one."""
    is_one = 0 < len(text.pieces) <= _MAX_PIECES and may_be_sql(text.value)
    return (Candidate(host, text, symbol, dialect, numbers),) if is_one else ()


class _Embedded(Source):
    """SQL in another file: its text and lines are the whole file's, its statements the string's."""

    def __init__(self, host: Version, dialect: str, parsed: ParsedSql) -> None:
        super().__init__(host, Kind.SQL_QUERY, dialect)
        no_template = NotEvaluated("is SQL in a string of another language")
        self._views.update(sql=parsed, rendering=parsed.rendering, branches=())
        self._views.update(jinja=no_template, python=no_template, scala=no_template)


def _is_sql(statement: exp.Expr) -> bool:
    """Whether a parsed text is a statement nobody writes by chance: it reads, writes or defines something."""
    if isinstance(statement, _QUERIES):
        return statement.find(exp.From) is not None
    if isinstance(statement, exp.Insert):
        return statement.expression is not None
    if isinstance(statement, exp.Update):
        return bool(statement.expressions)
    return isinstance(statement, (*_STATEMENTS, exp.Semicolon))


def _through(outer: Rendering, inner: Rendering) -> Rendering:
    """A rendering of a rendering, with its places in the outermost source."""
    slices = []
    for piece in inner.slices or (Slice((0, len(inner.text)), (0, len(inner.text)), literal=True),):
        at, end = piece.source[0], max(piece.source)
        if not piece.literal:
            slices.append(Slice(piece.rendered, (outer.source_offset(at),) * 2, literal=False))
            continue
        shift = piece.rendered[0] - at
        for under in outer.slices:
            start, stop = max(at, under.rendered[0]), min(end, under.rendered[1])
            if start < stop:
                moved = start - under.rendered[0] if under.literal else 0
                source = (under.source[0] + moved, under.source[0] + moved + (stop - start if under.literal else 0))
                slices.append(Slice((start + shift, stop + shift), source, under.literal))
    return replace(outer, text=inner.text, slices=tuple(slices), stood_in=(*outer.stood_in, *inner.stood_in))


@cache
def _renderer() -> Renderer:
    return Renderer()
