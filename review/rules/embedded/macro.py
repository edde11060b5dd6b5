"""The bodies of a dbt macro file's macros and generic tests, each a text that may be a query."""

from collections.abc import Iterator

from review.rules.embedded.text import Piece, Text

BLOCKS = {"macro": "endmacro", "test": "endtest"}
"""What holds SQL that is printed as it stands; a materialization holds statements that it runs."""


def bodies(text: str) -> Iterator[tuple[Text, str]]:
    """Each body with the name of its macro, in the order of the file, as far as its tags are closed."""
    opened: tuple[str, str, int] | None = None
    for words, start, end in _tags(text):
        if opened is None and len(words) > 1 and words[0] in BLOCKS:
            opened = (BLOCKS[words[0]], words[1].partition("(")[0], end)
        elif opened is not None and words[:1] == [opened[0]]:
            _, name, begin = opened
            if text[begin:start].strip():
                yield Text((Piece(text[begin:start], begin, start),)), name
            opened = None


def _tags(text: str) -> Iterator[tuple[list[str], int, int]]:
    """Each block tag outside comments: its first words, and where it begins and ends."""
    at = 0
    while (start := text.find("{", at)) >= 0:
        if text.startswith("{#", start):
            end = text.find("#}", start)
        elif text.startswith("{%", start):
            end = text.find("%}", start)
        else:
            at = start + 1
            continue
        if end < 0:
            return
        if text[start + 1] == "%":
            yield text[start + 2 : end].strip("-+ \t\r\n").split(None, 2)[:2], start, end + 2
        at = end + 2
