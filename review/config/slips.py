"""What YAML's parser stumbles over, in words of the file: what stands there, and what to write instead."""

import yaml

_QUOTE = "a value begins with `{sign}`; put it in quotes"
_UNCLOSED = "the `{bracket}` of line {{line}} is not closed, or a comma is missing"

SLIPS = (
    ("another document", "", "a second document begins here; the policy is one document"),
    ("'<document start>'", "", "a second document begins here; the policy is one document"),
    ("cannot start any token", "\t", "a tab; indent with spaces, and put spaces before a value"),
    ("cannot start any token", "", _QUOTE),
    ("scanning an alias", "", "a value begins with `*`; put it in quotes"),
    ("scanning an anchor", "", "a value begins with `&`; put it in quotes"),
    ("a block node", "]},", _QUOTE),
    (
        "mapping values",
        "",
        "a colon where none can be; put a text that holds one in quotes, or add the one missing a line before",
    ),
    ("sequence entries", "", "a list begins behind its key; write each `- ` on a line of its own"),
    ("a quoted scalar", "", "the quote of line {line} is not closed"),
    ("a flow sequence", "", _UNCLOSED.format(bracket="[")),
    ("a flow mapping", "", _UNCLOSED.format(bracket="{{")),
    ("a flow node", "", "a bracket is not closed, or a comma is one too many"),
    ("escape character", "", "a backslash in double quotes begins an escape; use single quotes"),
    ("expected <block end>", "]}", "`{sign}` is one too many"),
    (
        "expected <block end>",
        "",
        "the line fits nothing above it; keys and entries that belong together begin in the same column",
    ),
)
"""A part of the parser's own wording, the characters of which it stopped at one (none: at any), and what is said.

The parser tells its errors apart by wording alone (PyYAML 6: scanner.py, parser.py, composer.py).
"""


def slip(error: yaml.MarkedYAMLError, text: str) -> str:
    """A clause for that error of that text, with the remedy where the slip is one of the usual ones."""
    worded = f"{error.context or ''}; {error.problem or ''}"
    mark = error.problem_mark
    sign = text[mark.index : mark.index + 1] if mark is not None else ""
    line = error.context_mark.line + 1 if error.context_mark is not None else 0
    for part, signs, said in SLIPS:
        if part in worded and (not signs or (sign and sign in signs)):
            return said.format(sign=sign, line=line)
    return " ".join((error.problem or error.context or "").split())
