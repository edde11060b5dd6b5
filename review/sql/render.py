"""Text with Jinja in, SQL out, and for every character of it the place in the file it came from."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from review.sql.prepare import has_jinja, prepare

if TYPE_CHECKING:
    from jinja2 import nodes

    from review.sql.macros import MacroIndex
    from review.sql.parse import CannotParse, ParsedSql
    from review.sql.positions import Place
    from review.sql.templates import Templates

MAX_VARIANTS = 4
"""Renderings of one file that are looked at: the first, and those through branches that it left out."""

MAX_TRIED = 10
"""Ways through its branches that are gone to find those."""

MAX_REMEMBERED = 64
"""Renderings of a project that are kept with the trees made of them."""
MAX_KEPT = 50_000
"""Characters of a file whose rendering is kept: what is larger is a rare thing, and large."""


ENDLESS = "a macro calls itself without end"


@dataclass(frozen=True)
class Slice:
    """A run of rendered characters and the source characters it came from."""

    rendered: tuple[int, int]
    source: tuple[int, int]
    literal: bool
    """Whether the author wrote these very characters, outside any tag."""


@dataclass(frozen=True)
class Rendering:
    """Rendered SQL. Offsets are characters from 0; lines are counted from 1 in the file as it is stored."""

    text: str
    source: str
    slices: tuple[Slice, ...] = ()
    """In rendered order; empty where nothing was rendered and the text is the source."""
    stood_in: tuple[str, ...] = ()
    """Names that were stood in for."""
    guesses: "Mapping[str, Place]" = field(default_factory=dict)
    """What some of them stand for, where the first guess did not parse."""
    numbers: tuple[int, ...] = ()
    """For each line of `source` the line of the file, where the source is only a part of it: a notebook's cell."""
    is_whole: bool = True
    """Whether it leaves no code of the source out: no branch was passed by."""
    is_certain: bool = False
    """Whether its branches and loops hang on nothing but what is written in it: every run goes the same way."""
    nothing: tuple[int, ...] = ()
    """Where in the text a tag printed nothing that may print something in another run."""
    unprinted: tuple[tuple[int, int], ...] = ()
    """Where the author's own text stands that is not in it, separators too."""
    parsed: "dict[str, ParsedSql | CannotParse]" = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `review.sql.parse` has made of it, by sqlglot's name of the dialect."""

    def source_offset(self, offset: int) -> int:
        """The source offset of a rendered one; for what a tag printed, where the tag begins."""
        if not self.slices:
            return min(offset, len(self.source))
        piece = self._at(offset)
        if piece.literal:
            return min(piece.source[0] + offset - piece.rendered[0], max(piece.source[0], piece.source[1] - 1))
        return piece.source[0]

    def source_line(self, offset: int) -> int:
        """The line of the file a rendered character came from."""
        return self._number(bisect_right(self._line_starts, self.source_offset(offset)))

    def is_literal(self, offset: int) -> bool:
        """Whether the author wrote this character, rather than a template."""
        return not self.slices or self._at(offset).literal

    def is_all_literal(self, start: int, end: int) -> bool:
        """Whether the author wrote every character from one place up to and including the other."""
        at = bisect_right(self._ends, start)
        while at < len(self.slices) and self.slices[at].rendered[0] <= end:
            if not self.slices[at].literal:
                return False
            at += 1
        return True

    def _at(self, offset: int) -> Slice:
        index = bisect_right(self._starts, offset) - 1
        return self.slices[max(index, 0)]

    @cached_property
    def literal_lines(self) -> frozenset[int]:
        """The lines of the file of which the author's own characters are in the rendering."""
        found: set[int] = set()
        for piece in self.slices:
            if piece.literal:
                start, end = (bisect_right(self._line_starts, offset) for offset in piece.source)
                found.update(map(self._number, range(start, end + 1)))
        return frozenset(found)

    @cached_property
    def left_out(self) -> frozenset[int]:
        """The lines of the file that hold some of the author's own text which is not in the rendering."""
        found: set[int] = set()
        for start, end in self.unprinted:
            first, last = (bisect_right(self._line_starts, offset) for offset in (start, end))
            found.update(map(self._number, range(first, last + 1)))
        return frozenset(found)

    def _number(self, line: int) -> int:
        return self.numbers[min(line, len(self.numbers)) - 1] if self.numbers else line

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [piece.rendered[0] for piece in self.slices]

    @cached_property
    def _ends(self) -> Sequence[int]:
        return [piece.rendered[1] for piece in self.slices]

    @cached_property
    def _line_starts(self) -> Sequence[int]:
        return line_starts(self.source)


def line_starts(text: str) -> list[int]:
    """The offset at which each line begins, lines split as git counts them."""
    starts = [0]
    while (end := text.find("\n", starts[-1])) >= 0:
        starts.append(end + 1)
    return starts


class CannotRender(Exception):
    """The template cannot be rendered; the text is a clause for the reader."""


@dataclass
class Renderer:
    """One project's templates. Everything it needs is in memory."""

    macros: Mapping[str, str] = field(default_factory=dict)
    """Path → text of the project's macro files."""
    adapter: str = "standin"
    variables: Mapping[str, Any] = field(default_factory=dict)
    index: "MacroIndex | None" = field(default=None, repr=False, compare=False)
    """That of the macros, where there is one already."""

    def adapted(self, adapter: str) -> "Renderer":
        """The same macros for files in another dialect than their project's."""
        return replace(self, adapter=adapter, index=self._indexed())

    def _indexed(self) -> "MacroIndex":
        from review.sql.macros import MacroIndex

        self.index = self.index or MacroIndex(self.macros)
        return self.index

    @cached_property
    def _made(self) -> dict[tuple[str, str], Rendering]:
        return {}

    @cached_property
    def templates(self) -> "Templates":
        """The templates, made when the first file with a tag comes."""
        from review.sql.templates import Templates

        return Templates(self._indexed(), self.adapter, self.variables)

    def render(self, path: str, text: str) -> Rendering:
        """The file as SQL, made once. Raises CannotRender where its Jinja is broken, or nothing is left of it.

        A model is asked for as the file under review, as another's neighbour, and before the change as after it.
        """
        key = (path, text)
        found = self._made.pop(key, None)
        if found is None:
            found = self.guessed(path, text, {})
            while len(self._made) >= MAX_REMEMBERED:
                del self._made[next(iter(self._made))]
        if len(text) <= MAX_KEPT:
            self._made[key] = found
        return found

    def places(self, path: str, text: str, names: Iterable[str]) -> "dict[str, Place]":
        """What these names of a file, which are stood in for, are taken for at first."""
        self.templates.begin(path, prepare(text))
        return {name: self.templates.place_of(name) for name in names}

    def guessed(self, path: str, text: str, guesses: "Mapping[str, Place]") -> Rendering:
        """As `render`, with these guesses at what some unknown names stand for. Raises CannotRender."""
        source = prepare(text)
        if not has_jinja(source):
            return Rendering(source, source)
        made = self._printed(path, source, guesses)
        if source.strip() and not made.text.strip():
            raise CannotRender("nothing is left of it once its Jinja is rendered")
        return made

    def branches(self, path: str, text: str, guesses: "Mapping[str, Place]") -> tuple[Rendering, ...]:
        """The file again, each time through branches that its first rendering left out; empty where that left out none.

        `guesses` are those of the first rendering. No more than a few are given: those that print the most of what it
        left out.
        """
        from review.sql.branches import ways

        found: list[tuple[int, Rendering]] = []
        try:
            first = self.guessed(path, text, guesses)
        except CannotRender:  # asked from deeper than the first time, it may have no room for its own calls
            return ()
        for way in islice(ways(self.templates.placed, first.unprinted), MAX_TRIED) if first.unprinted else ():
            with suppress(CannotRender):
                made = self._printed(path, first.source, guesses, way)
                new = {*first.unprinted} - {*made.unprinted}
                found += [(sum(end - start for start, end in new), made)] if new else []
        found.sort(key=lambda each: -each[0])
        return tuple(made for _, made in found[: MAX_VARIANTS - 1])

    def _printed(
        self, path: str, source: str, guesses: "Mapping[str, Place]", way: "Mapping[nodes.Node, int] | None" = None
    ) -> Rendering:
        templates = self.templates
        templates.begin(path, source, guesses)
        with _failures(endless="its tags are nested too deeply"):
            texts = templates.placed.texts
        with _failures():
            printed = templates.printed(way)
        placed = templates.placed
        unsure = {placed.spans[node] for node in placed.certainty.open if node in placed.spans}
        slices, nothing, end = [], [], 0
        for text, place, is_literal in printed:
            if text:
                slices.append(Slice((end, end + len(text)), place, is_literal))
                end += len(text)
            elif place in unsure:
                nothing.append(end)
        starts = [start for start, _ in texts]
        seen = {bisect_right(starts, piece.source[0]) - 1 for piece in slices if piece.literal}
        unprinted = tuple(span for at, span in enumerate(texts) if at not in seen)
        return Rendering(
            "".join(text for text, _, _ in printed),
            source,
            tuple(slices),
            tuple(templates.used),
            dict(guesses),
            is_whole=not any(texts[span] for span in unprinted),
            is_certain=placed.certainty.is_certain,
            nothing=tuple(nothing),
            unprinted=unprinted,
        )


@contextmanager
def _failures(endless: str = ENDLESS) -> Iterator[None]:
    """Whatever a template makes fail, as CannotRender; `endless` says what may be nested without an end."""
    from review.sql.templates import failure

    try:
        yield
    except (CannotRender, MemoryError):
        raise
    except Exception as error:
        raise CannotRender(jinja_clause(endless if isinstance(error, RecursionError) else failure(error))) from error


def jinja_clause(message: str) -> str:
    """sqlfluff's words, shortened to what tells the author something."""
    text = " ".join(message.split())
    for prefix in (
        "Failed to parse Jinja syntax. Correct the syntax or select an alternative templater. Error: ",
        "Unrecoverable failure in Jinja templating: ",
    ):
        text = text.removeprefix(prefix)
    return f"its Jinja cannot be rendered ({shorten(text.partition('. Have you')[0], 120, placeholder='…')})"
