"""A template cut at its tags, in one pass and without its grammar: ten times as quick as Jinja's own lexer.

For a look at the thousands of files of a project, of which it is asked what they may say. Where a tag ends is told as
Jinja tells it: not within a string, nor within braces of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_CLOSING = {"{": "}}", "%": "%}", "#": "#}"}


@dataclass(frozen=True)
class Cut:
    """A run of text, and the tag behind it."""

    data: str
    """Without the blanks that a hyphen takes away."""
    begin: int
    """Where the tag begins."""
    tag: str
    """What stands in it, without its hyphens; empty for a comment, and behind the last run."""
    strings: tuple[str, ...]
    """The strings in it."""
    is_behind: bool
    """Whether another tag stands before the data."""
    is_before: bool
    """Whether there is a tag behind it."""


def cuts(text: str) -> Iterator[Cut]:
    """The template from its beginning to its end; what stands between `raw` and `endraw` is data."""
    scan = _Scan(text)
    at, hyphen, is_raw = 0, "", False
    while True:
        begin, closing = scan.endraw(at) if is_raw else scan.opening(at)
        data = text[at:begin].lstrip() if hyphen else text[at:begin]
        data = data.rstrip() if closing and text.startswith("-", begin + 2) else data
        if not closing:
            yield Cut(data, begin, "", (), at > 0, False)
            return
        end, strings = scan.tag(begin + 2, closing)
        tag = text[begin + 2 : end]
        said = tag.strip("-+ \t\r\n") if closing != "#}" else ""
        yield Cut(data, begin, said, tuple(strings), at > 0, True)
        at, hyphen, is_raw = end + 2, tag[-1:] if tag.endswith("-") else "", closing == "%}" and said == "raw"


class _Scan:
    """Where the next of each mark is: each is looked for once on the way through the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def opening(self, at: int) -> tuple[int, str]:
        """Where the next tag begins, and what closes it; the end of the text, and nothing, where there is none."""
        while (begin := self._find("{", at)) < len(self._text):
            closing = _CLOSING.get(self._text[begin + 1 : begin + 2])
            if closing:
                return begin, closing
            at = begin + 1
        return begin, ""

    def endraw(self, at: int) -> tuple[int, str]:
        """The same for the tag that ends a raw block."""
        while (begin := self._find("{%", at)) < len(self._text):
            if self._text[begin + 2 : begin + 80].lstrip("-+ \t\r\n").startswith("endraw"):
                return begin, "%}"
            at = begin + 2
        return begin, ""

    def tag(self, at: int, closing: str) -> tuple[int, list[str]]:
        """Where a tag ends, and the strings in it; one that does not end goes on to the end of the text."""
        strings: list[str] = []
        if closing == "#}":
            return self._find(closing, at), strings
        depth = 0
        marks = ("'", '"', closing) if closing == "%}" else ("'", '"', "{", "}")
        while (place := min(self._find(mark, at) for mark in marks)) < len(self._text):
            sign = self._text[place]
            at = place + 1
            if sign in "'\"":
                end = self._end_of_string(sign, at)
                strings.append(self._text[at:end])
                at = end + 1
            elif sign == "{":
                depth += 1
            elif depth:
                depth -= 1
            elif self._text.startswith(closing, place):
                return place, strings
        return place, strings

    def _end_of_string(self, quote: str, at: int) -> int:
        while (end := self._find(quote, at)) < len(self._text):
            before = self._text[at:end]
            if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
                return end
            at = end + 1
        return end

    def _find(self, mark: str, at: int) -> int:
        if self._next.get(mark, -1) < at:
            found = self._text.find(mark, at)
            self._next[mark] = found if found >= 0 else len(self._text)
        return self._next[mark]
