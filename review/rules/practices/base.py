"""How one thing that a standard asks is told."""

from collections.abc import Iterator
from dataclasses import dataclass

from review.domain.finding import Standard
from review.domain.practice import Practice


@dataclass(frozen=True)
class Seen:
    """A practice of the file at hand."""

    standard: Standard
    is_there: bool
    text: str
    line: int | None = None

    def of(self, path: str) -> Practice:
        """The same with its file."""
        return Practice(path, self.standard, self.is_there, self.text, self.line)


def asked(standard: Standard, line: int | None, there: str, missing: str) -> Seen:
    """What is there where a line shows it, else what is missing."""
    return Seen(standard, True, there, line) if line is not None else Seen(standard, False, missing)


def found(standard: Standard, line: int | None, there: str) -> Iterator[Seen]:
    """What is worth telling where it is there, and no fault where it is not."""
    if line is not None:
        yield Seen(standard, True, there, line)
