"""Whether a text gives away what the model was told: an answer that recites its instructions is no review."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

SHINGLE = 9
"""Words in a row that nobody shares with the instructions by chance."""


@dataclass(frozen=True)
class Prompts:
    """The instructions of a run, as the sets of their runs of words."""

    shingles: frozenset[tuple[str, ...]]
    secrets: tuple[str, ...]
    """Texts that must appear nowhere, such as the mark around the pull request's data."""

    @classmethod
    def of(cls, instructions: Iterable[str], secrets: Iterable[str] = ()) -> "Prompts":
        """Those of these texts."""
        found = {shingle for text in instructions for shingle in _shingles(_prose(text))}
        return cls(frozenset(found), tuple(_folded(secret) for secret in secrets if secret))

    def are_in(self, *texts: str) -> bool:
        """Whether these texts, read one after the other, hold a passage of the instructions, or one of the secrets."""
        text = _folded("\n".join(texts))
        return any(secret in text for secret in self.secrets) or not self.shingles.isdisjoint(_shingles(text))


def _prose(text: str) -> str:
    """The text without its code: an example of good code in the instructions is nobody's secret."""
    return _outside(_outside(text, "```"), "`")


def _outside(text: str, fence: str) -> str:
    """The text without what stands between two fences; one that is never closed hides nothing."""
    parts = text.split(fence)
    open_end = parts[-1:] if len(parts) % 2 == 0 else []
    return " ¶ ".join((*parts[::2], *open_end))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", _folded(text))
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}


def _folded(text: str) -> str:
    """However it is written: in capitals, in full-width letters, with characters in it that show nothing."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isprintable() or sign.isspace())
