"""The words of a SQL file without its comments, strings and Jinja: enough to tell kinds and dialects apart.

A lexer, not a parser: the main process only has to recognise what a file is; parsing happens in the sandbox.
"""

from collections.abc import Iterator

_CLOSERS = {"--": "\n", "#": "\n", "/*": "*/", "{{": "}}", "{%": "%}", "{#": "#}", "'": "'", '"': '"', "`": "`"}


def mentions(text: str, name: str) -> bool:
    """Whether the name stands in the text as a word of its own."""
    start = text.find(name)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(name) : start + len(name) + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            return True
        start = text.find(name, start + 1)
    return False


def words(text: str, limit: int = 200_000) -> Iterator[str]:
    """Words in lower case and single signs, in order; quoted names come with their quotes, no strings, no comments.

    Reads at most that many characters: a file says what it is at its beginning.
    """
    text = text[:limit]
    position, end = 0, len(text)
    while position < end:
        character = text[position]
        opener = text[position : position + 2]
        if opener not in _CLOSERS:
            opener = character if character in _CLOSERS else ""
        if opener:
            stop = text.find(_CLOSERS[opener], position + len(opener))
            stop = end if stop < 0 else stop + len(_CLOSERS[opener])
            if opener in ('"', "`"):
                yield text[position:stop].lower()
            position = stop
        elif character.isalnum() or character == "_":
            start = position
            while position < end and (text[position].isalnum() or text[position] == "_"):
                position += 1
            yield text[start:position].lower()
        else:
            if not character.isspace():
                yield opener_of(text, position)
            position += 2 if text[position : position + 2] in ("::", "$$") else 1


def opener_of(text: str, position: int) -> str:
    """The sign at that place: two characters for `::` and `$$`, which tell dialects apart."""
    pair = text[position : position + 2]
    return pair if pair in ("::", "$$") else text[position]


def statement_heads(found: Iterator[str]) -> list[str]:
    """The first word of each statement; what stands between `$$` and `$$`, or `$tag$` and `$tag$`, is one string."""
    heads = []
    fresh = True
    quoted = False
    before = ("", "")
    for word in found:
        if word == "$$" or (word == "$" and before[0] == "$" and before[1].isidentifier()):
            quoted = not quoted
            before = ("", "")
            continue
        before = (before[1], word)
        if quoted:
            continue
        if word == ";":
            fresh = True
        elif fresh and (word[0].isalpha() or word[0] == "_"):
            heads.append(word)
            fresh = False
    return heads
