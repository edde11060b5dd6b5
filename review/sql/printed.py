"""What a template prints, piece by piece, and where each stands in it."""

Span = tuple[int, int]
"""First offset in the template, and the one behind the last."""

Piece = tuple[str, Span, bool]
"""What was printed, where that stands, and whether the author wrote these very characters."""

NOWHERE = (0, 0)


class Text(str):
    """What a block printed that is bound to a name or handed to a macro: printed as it is, it stands where it stood.

    What a template could reach of it begins with an underscore, which Jinja's sandbox keeps it from.
    """

    __slots__ = ("_pieces",)

    _pieces: list[Piece]

    def __str__(self) -> str:
        return self


def joined(pieces: list[Piece]) -> Text:
    """The pieces as one text."""
    made = Text("".join(text for text, _, _ in pieces))
    made._pieces = pieces
    return made


def pieces_of(text: Text) -> list[Piece]:
    """What a text was joined of."""
    return text._pieces


def kept(block: Text, value: str) -> list[Piece]:
    """The pieces of a block of which a filter has changed no more than its letters' case, and cut off its ends.

    None where it has done more: then nobody can tell what stands where.
    """
    start = block.lower().find(value.lower())
    if start < 0 or not value or len(block.lower()) != len(block):
        return []
    found, at = [], 0
    for text, (begin, end), is_literal in pieces_of(block):
        first, last = max(at, start), min(at + len(text), start + len(value))
        if first < last:
            place = (begin + first - at, begin + last - at) if is_literal else (begin, end)
            found.append((value[first - start : last - start], place, is_literal))
        at += len(text)
    return found
