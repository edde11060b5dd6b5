"""What a comment asks of us: `/data-review` and the words after it, from the comment's text alone.

A command stands at the very start of a comment, so that text which is quoted, fenced or merely mentions it is none.
Who wrote it, and whether they may, is not decided here.
"""

from dataclasses import dataclass

from review.domain.wording import shorten

NAME = "/data-review"
MAX_LINE = 2_000
"""Characters of the first line that are looked at."""
MAX_REASON = 300
"""Characters kept of a reason."""
MAX_WORD = 64
"""Characters of a code or fingerprint; longer ones are none of ours."""
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@dataclass(frozen=True)
class Again:
    """`/data-review`: review the pull request now."""


@dataclass(frozen=True)
class Explain:
    """`/data-review explain CODE`: show the rule's page."""

    code: str
    """As it was written, in our alphabet; there need not be such a rule."""


@dataclass(frozen=True)
class Ignore:
    """`/data-review ignore …`: leave findings out of this pull request's verdict.

    In a thread of ours all of the text is the reason; elsewhere its first word says which findings are meant.
    """

    text: str
    """One line, blanks made single, at most `MAX_REASON` characters; empty where nothing was said."""

    @property
    def subject(self) -> str:
        """The first word where it can be a code or a fingerprint, else empty."""
        word = self.text.partition(" ")[0]
        return word if _is_word(word) else ""

    @property
    def reason(self) -> str:
        """What follows the first word."""
        return self.text.partition(" ")[2]


@dataclass(frozen=True)
class Unknown:
    """Something else after `/data-review`."""

    text: str
    """One line, at most `MAX_WORD` characters: data of a stranger's."""


Command = Again | Explain | Ignore | Unknown


def parse_command(body: str) -> Command | None:
    """The command that a comment's text begins with, or None where it begins with none.

    Only the first line counts, and only its first `MAX_LINE` characters. Capitals make no difference.
    """
    line = (body[:MAX_LINE].splitlines() or [""])[0]
    if line[:1] != NAME[0]:
        return None
    name, *words = line.split()
    if name.lower() != NAME:
        return None
    if not words:
        return Again()
    verb, rest = words[0].lower(), words[1:]
    if verb == "ignore":
        return Ignore(shorten(" ".join(rest), MAX_REASON))
    if verb == "explain" and len(rest) == 1 and _is_word(rest[0]):
        return Explain(rest[0])
    return Unknown(shorten(" ".join(words), MAX_WORD))


def _is_word(text: str) -> bool:
    return 0 < len(text) <= MAX_WORD and _WORD.issuperset(text)
