"""A text that another language's string makes, each character with its place in the host, and whether it may be SQL.

Whether it is SQL is for the parser to say (`candidate.Candidate.source`). What costs nothing comes before: its first
word must begin a statement.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlglot.tokens import Tokenizer

from review.sql.positions import Place, places_between, stand_in_text
from review.sql.render import Rendering, Slice

FIRST_WORDS = frozenset(
    {"select", "with", "insert", "update", "delete", "merge", "create", "alter", "drop", "truncate", "replace", "copy"}
    | {"grant", "revoke", "unload", "export"}
)
"""Statements that read, write or define; `SET x` or `USE y` is nothing a rule would look at."""
MAX_CHARACTERS = 100_000
_LONGEST = 80
"""Characters of a placeholder's name."""
_KEYWORDS = frozenset(word.lower() for word in Tokenizer.KEYWORDS if word.isalpha())
_JINJA_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_JINJA = tuple(_JINJA_ENDS)


@dataclass(frozen=True)
class Piece:
    """A run of one string's value, and the characters of the host it came from."""

    text: str
    """The value; of a hole, the name of what stands in it."""
    start: int
    end: int
    is_hole: bool = False
    """Whether another value is put there when the program runs."""

    @property
    def is_copy(self) -> bool:
        """Whether the host holds these very characters."""
        return not self.is_hole and self.end - self.start == len(self.text)


@dataclass(frozen=True)
class Text:
    """The value of one string expression."""

    pieces: tuple[Piece, ...]

    @cached_property
    def value(self) -> str:
        """The text with nothing where its holes are."""
        return "".join("" if piece.is_hole else piece.text for piece in self.pieces)

    @property
    def has_holes(self) -> bool:
        """Whether any part of it is known only when the program runs."""
        return any(piece.is_hole for piece in self.pieces)

    def rendering(self, host: str, *, as_names: bool = False) -> Rendering:
        """The text with stand-ins in its holes, by their place in the SQL, or each a name; `host` is the file."""
        given = [("tag" if piece.is_hole else "sql", piece.text) for piece in self.pieces]
        guesses = [Place.NAME] * len(given) if as_names else places_between(given)
        places = iter(guesses)
        rendered: list[str] = []
        slices: list[Slice] = []
        at = 0
        for piece in self.pieces:
            shown = stand_in_text(next(places), named(piece.text)) if piece.is_hole else piece.text
            if shown:
                slices.append(Slice((at, at + len(shown)), (piece.start, piece.end), not piece.is_hole))
                rendered.append(shown)
                at += len(shown)
        stood_in = tuple(piece.text for piece in self.pieces if piece.is_hole)
        return Rendering("".join(rendered), host, tuple(slices), stood_in)


def named(name: str) -> str:
    """A name that no grammar takes for a word of its own: a variable `table` stands in as `table_`."""
    return f"{name}_" if name.lower() in _KEYWORDS else name


def with_placeholders(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, those of a driver's parameters (`%s`, `%(day)s`) and of a format's fields (`{day}`) made holes.

    Within quotes and comments they stay what they are, for there they are text to SQL too.
    """
    inside = ""
    for piece in pieces:
        text, done, at = piece.text, 0, 0
        while not piece.is_hole and at < len(text):
            inside = _inside(text, at, inside)
            found = _placeholder(text, at) if text[at] in "%{" and not inside and piece.is_copy else None
            if found is not None:
                if at > done:
                    yield Piece(text[done:at], piece.start + done, piece.start + at)
                yield Piece(found[0], piece.start + at, piece.start + at + found[1], is_hole=True)
                done = at = at + found[1]
            elif text[at] == "{" and text.startswith(_JINJA, at):
                end = text.find(_JINJA_ENDS[text[at : at + 2]], at)
                at = len(text) if end < 0 else end + 2
            else:
                at += 1
        if done == 0:
            yield piece
        elif done < len(text):
            yield Piece(text[done:], piece.start + done, piece.end)


def _inside(text: str, at: int, inside: str) -> str:
    """The sign that ends the quote or comment which the character there is in; empty outside any."""
    if inside:
        return "" if text[at] == inside else inside
    if text[at] in "'\"":
        return text[at]
    return "\n" if text[at] == "-" and text.startswith("--", at) else ""


def _placeholder(text: str, at: int) -> tuple[str, int] | None:
    """Name and length of the parameter or field that begins there, or None."""
    if text.startswith("%s", at):
        return None if _is_word(text[at + 2 : at + 3]) else ("parameter", 2)
    if text.startswith("%(", at):
        end = text.find(")s", at, at + _LONGEST)
        name = text[at + 2 : end] if end > at else ""
        return (name, len(name) + 4) if _is_dotted(name) else None
    if text[at] == "{" and not text.startswith(_JINJA, at):
        end = text.find("}", at, at + _LONGEST)
        name = text[at + 1 : end].partition(":")[0]
        if end > at and (not name or name.isdigit() or _is_dotted(name)):
            return (name if _is_dotted(name) else "value"), end + 1 - at
    return None


def _is_dotted(name: str) -> bool:
    return bool(name) and all(part.isidentifier() for part in name.replace("[", ".").replace("]", "").split("."))


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def may_be_sql(text: str) -> bool:
    """Whether its first word begins a statement and is written as code is: `select` or `SELECT`, not `Select`."""
    if len(text) > MAX_CHARACTERS:
        return False
    word, rest = _first_word(text)
    if word.startswith(_JINJA):
        return "select" in text.lower()
    return word.lower() in FIRST_WORDS and (word.islower() or word.isupper()) and bool(rest.strip())


def _first_word(text: str) -> tuple[str, str]:
    """The first word or Jinja sign behind blanks, comments and brackets, and what follows it."""
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] == "(":
            at += 1
        elif text.startswith("--", at):
            at = _after(text, "\n", at)
        elif text.startswith("/*", at):
            at = _after(text, "*/", at)
        elif text.startswith(_JINJA, at):
            return text[at : at + 2], text[at + 2 :]
        else:
            break
    end = at
    while end < len(text) and end - at < 12 and text[end].isalpha():
        end += 1
    is_apart = end < len(text) and (text[end].isspace() or text[end] in "(*'\"`/{")
    return (text[at:end], text[end:]) if is_apart else ("", "")


def _after(text: str, sign: str, at: int) -> int:
    end = text.find(sign, at)
    return len(text) if end < 0 else end + len(sign)
