"""sqlfluff's tracer of what a template prints, for files of thousands of tags: the same answers in linear time."""

from functools import cached_property
from typing import Any, Self

from review.sql.fluff import JinjaAnalyzer, JinjaTracer


class Tracer(JinjaTracer):
    """As sqlfluff's, which goes through all pieces of a file for each tag, and copies all of them for each branch."""

    @cached_property
    def _indices(self) -> dict[str | None, int]:
        """Identifier of a piece → its index."""
        return {self.raw_slice_info[piece].unique_alternate_id: at for at, piece in enumerate(self.raw_sliced)}

    def find_slice_index(self, slice_identifier: int | str) -> int:
        """The index of the piece of that identifier."""
        return self._indices[str(slice_identifier)]

    def __deepcopy__(self, _memory: dict[int, Any]) -> Self:
        """A tracer that can be moved on and given other code; pieces and successors are never changed."""
        info = {piece: type(each)(**vars(each)) for piece, each in self.raw_slice_info.items()}
        twin = type(self)(self.raw_str, self.raw_sliced, info, list(self.sliced_file), self.render_func)
        twin.program_counter, twin.source_idx = self.program_counter, self.source_idx
        return twin


class Analyzer(JinjaAnalyzer):
    """As sqlfluff's, with our tracer."""

    def _get_jinja_tracer(self, *parts: Any, **named: Any) -> Tracer:
        return Tracer(*parts, **named)
