"""Where a quotation stands in a file: compared without regard to blanks, so that no reformatting hides it."""

from bisect import bisect_right
from dataclasses import dataclass

from review.reviewers.diff import visible

SLACK = 3
"""Lines by which a model may be off and still mean the place it quotes."""
LEAST = 8
"""Characters of code that a quotation holds at least, unless it is a whole line; less is found anywhere."""
MOST = 1_000
"""Places of one quotation that are looked at."""
REACH = 40
"""Lines that a place may name: a wider one would make any quotation near."""


@dataclass(frozen=True)
class Indexed:
    """The lines of one version, joined with single blanks, and where each begins."""

    text: str
    starts: tuple[int, ...]
    numbers: tuple[int, ...]
    """Line numbers, one for each entry of `starts`: blank lines have none."""

    def line_at(self, offset: int) -> int:
        """The 1-based line that holds this character."""
        return self.numbers[bisect_right(self.starts, offset) - 1]

    def is_whole(self, start: int, end: int) -> bool:
        """Whether these characters are all of one line or of several."""
        at = bisect_right(self.starts, start) - 1
        after = bisect_right(self.starts, end)
        last = self.starts[after] - 1 if after < len(self.starts) else len(self.text)
        return at >= 0 and self.starts[at] == start and last == end


def index(text: str) -> Indexed:
    """The text ready to be searched."""
    parts: list[str] = []
    starts: list[int] = []
    numbers: list[int] = []
    position = 0
    for number, line in enumerate(text.split("\n"), 1):
        folded = fold(line.rstrip("\r"))
        if folded:
            parts.append(folded)
            starts.append(position)
            numbers.append(number)
            position += len(folded) + 1
    return Indexed(" ".join(parts), tuple(starts), tuple(numbers))


def fold(text: str) -> str:
    """The text as quotations are compared: runs of blanks are one, hidden characters are named."""
    return " ".join(visible(text.replace("\r\n", " ").replace("\n", " ")).split())


def unguttered(quote: str) -> str:
    """The quotation without the gutter, should the model have copied it as well."""
    return "\n".join(_without_gutter(line) for line in quote.split("\n"))


def _without_gutter(line: str) -> str:
    head, bar, rest = line.partition("|")
    words = head.split()
    is_gutter = bool(bar) and 2 <= len(words) <= 3 and words[0] in ("L", "R") and words[1].isdecimal()
    return rest.removeprefix(" ") if is_gutter and (len(words) == 2 or words[2] in ("+", "-")) else line


def find(indexed: Indexed, quote: str, line: int, end_line: int) -> tuple[int, int] | None:
    """First and last line of the quotation: near the lines that were named, else where it is unique; None elsewhere.

    Of several places near by, the one closest to `line`.
    """
    folded = fold(unguttered(quote))
    is_short = len(folded.replace(" ", "")) < LEAST
    end_line = min(end_line, line + REACH)
    places: list[tuple[int, int]] = []
    start = indexed.text.find(folded) if folded else -1
    looked = 0
    while start >= 0 and looked < MOST:
        looked += 1
        if not is_short or indexed.is_whole(start, start + len(folded)):
            places.append((indexed.line_at(start), indexed.line_at(start + len(folded) - 1)))
        start = indexed.text.find(folded, start + 1)
    near = [place for place in places if place[0] <= end_line + SLACK and place[1] >= line - SLACK]
    if near:
        return min(near, key=lambda place: abs(place[0] - line))
    distinct = list(dict.fromkeys(places))
    return distinct[0] if len(distinct) == 1 else None
