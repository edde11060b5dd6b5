"""The file holds characters that no reader sees.

### Why it matters
Controls of the direction of writing let a line show in another order than the one it runs in (CVE-2021-42574); a
zero-width character makes two names of what looks like one, and keeps a search from finding either; tag characters and
variation selectors carry whole sentences that a language model reads and a person does not. Whoever approves such a
line approves something else than what they saw. Emoji, scripts that need such characters, and a string that holds
nothing else, as in `replace(name, '…', '')`, are left alone.

### Bad
`[U+202E]` and the like stand here for the characters themselves.
```sql
select order_id
from shop.orders
where status = 'paid[U+200B]' /* [U+202E]not voided[U+2066] */
```

### Good
```sql
select order_id
from shop.orders
where status = 'paid' /* not voided */
```
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.domain.wording import shorten
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trust._text import IGNORABLE

rule = Rule(
    module=__name__,
    code="TRU002",
    standard=Standard.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset(Kind) - {Kind.DBT_SEED},
    reads_text=True,
)

MAX_RUN = 3
"""Invisible characters in a row that an accident can leave behind; more are a message."""
SHOWN = 50
"""Characters of the line before and after the first one that the evidence shows."""
MAX_EVIDENCE = 240

_RUN = re.compile(f"[{IGNORABLE}]+")
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAGS = re.compile("[\U000e0000-\U000e0fff]")
"""With the selectors beyond the sixteenth, which have a meaning behind Chinese signs alone."""
_FILLERS = re.compile("[\u115f\u1160\u3164\uffa0]")
"""Letters of Korean that show nothing: names can be made of them."""
_QUOTES = frozenset("'\"`")
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_MARKS_OF_DIRECTION = frozenset("\u061c\u200e\u200f")
_FLAG = re.compile("\U0001f3f4\U000e0067\U000e0062[\U000e0061-\U000e007a]{3}\U000e007f")
"""England, Scotland and Wales."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u0619\u061d-\u08ff\ufb1d-\ufefc]")
"""Letters of Hebrew, Arabic and their relatives."""
_QUOTATION = re.compile("[\u202a\u202b\u2066-\u2068][^\u202a-\u202e\u2066-\u2069A-Za-z]{1,200}+[\u202c\u2069]")
"""What controls are for, if it is Arabic or Hebrew: it ends on its line and holds no Latin letter."""


@dataclass(frozen=True)
class Place:
    """One line with what it hides."""

    line: int
    text: str
    """The line, the characters named in place."""
    hidden: str
    is_message: bool
    """Whether what is hidden can say something by itself."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Characters without a shape where nobody writes them by hand."""
    if source.text.isascii() or not _RUN.search(source.text):
        return
    is_notebook = source.path.lower().endswith(".ipynb")
    code = {number for cell in source.cells for number in cell.lines} if is_notebook else set()
    is_right_to_left = _RIGHT_TO_LEFT.search(source.text) is not None
    group: list[Place] = []
    for number, line in enumerate(source.lines, 1):
        place = None if line.isascii() else _look(number, line, is_notebook and number not in code, is_right_to_left)
        if group and (place is None or number > group[-1].line + 1):
            yield _hit(group)
            group = []
        if place is not None:
            group.append(place)
    if group:
        yield _hit(group)


def hides_a_message(text: str) -> bool:
    """Whether words that stand in no file, such as a pull request's title, say something that no reader sees."""
    return not text.isascii() and any(
        _look(number, line, True, True) for number, line in enumerate(text.split("\n"), 1)
    )


def _look(number: int, line: str, is_output: bool, is_right_to_left: bool) -> Place | None:
    """What the line hides; of a notebook's prose and output, only whole messages.

    `is_right_to_left` says whether the text has letters of such a script, and so uses for marks of direction.
    """
    if not _RUN.search(line):
        return None
    known = _FLAG.sub(lambda match: "\U0001f3f4" * len(match[0]), line)
    if is_right_to_left:
        known = _QUOTATION.sub(_without_controls, known)
    runs = [
        match
        for match in _RUN.finditer(known)
        if _is_message(match) or (not is_output and _deceives(match, is_right_to_left))
    ]
    if not runs:
        return None
    begin, end = max(0, runs[0].start() - SHOWN), runs[0].end() + SHOWN
    hidden = "".join(match[0] for match in runs)
    return Place(number, _RUN.sub(_named, line[begin:end]).strip(), hidden, any(map(_is_message, runs)))


def _without_controls(quotation: re.Match[str]) -> str:
    text = quotation[0]
    return f"\u05d0{text[1:-1]}\u05d0" if _RIGHT_TO_LEFT.search(text) else text


def _neighbours(run: re.Match[str]) -> tuple[str, str]:
    """The characters before and after it, empty at an end of the line."""
    line, (start, end) = run.string, run.span()
    return line[max(0, start - 1) : start], line[end : end + 1]


def _is_message(run: re.Match[str]) -> bool:
    """Whether it is long enough to say something, or made of characters that serve no other end."""
    return len(run[0]) > MAX_RUN or (_TAGS.search(run[0]) is not None and not _needs_it(_neighbours(run)[0]))


def _deceives(found: re.Match[str], is_right_to_left: bool) -> bool:
    """Whether it changes a word, a value or an order, unseen."""
    run = found[0]
    before, after = _neighbours(found)
    if _CONTROLS.search(run):
        return True
    if _needs_it(before) or _needs_it(after):
        return False
    if before in _QUOTES and before == after:  # the whole of a string, which is what a program looks for
        return False
    if _FILLERS.search(run):
        return True
    if run in _SELECTORS and not (before.isascii() and before.isalnum() and after.isalnum()):
        return False
    if "\u200d" in run and _is_symbol(before) and _is_symbol(after):
        return False
    if run == "\u00ad" and not before.isascii():  # or UTF-8 that was read as Latin-1
        return False
    if is_right_to_left and set(run) <= _MARKS_OF_DIRECTION:
        return False
    return before != "" and not before.isspace() and not _ends_there(found.string, found.end())


def _needs_it(letter: str) -> bool:
    """Whether it is of a script that has uses for such characters: Arabic, those of India, Thai, Chinese, Korean."""
    return letter >= "\u0590" and not "\u1e00" <= letter < "\u2000" and unicodedata.category(letter)[0] in "LM"


def _is_symbol(sign: str) -> bool:
    return sign != "" and unicodedata.category(sign)[0] == "S"


def _ends_there(line: str, at: int) -> bool:
    """Whether a word, a line, a sentence or a string of JSON ends here, so that nothing is parted."""
    following = line[at : at + 10].lstrip(".!?")[:1]
    return following in ("", "\\") or following.isspace()


def _named(run: re.Match[str]) -> str:
    """`[U+202E]` for one character, the number of the rest where there are many."""
    names = [f"[U+{ord(letter):04X}]" for letter in run[0]]
    return "".join(names) if len(names) <= MAX_RUN else f"{names[0]}[… {len(names) - 1} more]"


def _hit(group: Sequence[Place]) -> Hit:
    hidden = "".join(place.hidden for place in group)
    evidence = " … ".join(place.text for place in group)
    kinds = list(dict.fromkeys(hidden))
    names = ", ".join(f"U+{ord(letter):04X} ({unicodedata.name(letter, 'no name').lower()})" for letter in kinds[:3])
    return Hit(
        line=group[0].line,
        end_line=group[-1].line,
        evidence=shorten(evidence, MAX_EVIDENCE),
        explanation=f"{names}{f' and {len(kinds) - 3} more' if len(kinds) > 3 else ''}: {_harm(group)}",
        remediation=(
            "Delete it. Where a program needs it, write it so that it shows: `\\u202e` in Python, `chr(8238)` in SQL."
        ),
    )


def _harm(group: Sequence[Place]) -> str:
    if any(_CONTROLS.search(place.hidden) for place in group):
        return (
            "what shows here is in another order than what runs, so code can pass for a comment and a comment for code."
        )
    if any(place.is_message for place in group):
        return "such characters can carry text that a program or a language model reads and a person does not."
    return (
        "what is written here only looks like what it seems to be: it equals no name or value without that character."
    )
