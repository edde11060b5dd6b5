"""Names and literal values in a Python program that is none of ours to review, by its tokens: nothing is parsed.

A syntax tree takes about a kilobyte for each sign, and the process that looks at such files has no limits of its own.
"""

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from tokenize import TokenInfo

from review.rules.trust._settings import MAX_VALUE, Beside, Setting

MAX_DEPTH = 100
"""Brackets within brackets that are told apart."""
_LAYOUT = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})
_ENDS = frozenset({",", ")", "}", "]", ";", ""})
"""What a literal that is the whole value is followed by; a line's end has no sign."""
_LAST = 6
"""Tokens before a value that tell its name: `os.environ["NAME"]`, `name: str =`."""


@dataclass
class _Bracket:
    found: list[tuple[str, str, int]] = field(default_factory=list)

    def settings(self) -> Iterator[Setting]:
        beside = Beside((name.lower(), value) for name, value, _ in self.found)
        return (Setting(name, value, line, beside) for name, value, line in self.found)


def settings_of_python(text: str) -> Iterator[Setting]:
    """Assignments, keywords, defaults and entries of dictionaries whose value is one literal string.

    What stands between the same brackets is beside each other, and what stands between none. Ends where the text is no
    Python any more.
    """
    brackets = [_Bracket()]
    last: list[TokenInfo] = []
    for token in _tokens(text):
        if last and last[-1].type == tokenize.STRING and token.string.strip() in _ENDS:
            name, value = _name(last[:-1]), _value(last[-1].string)
            if name and value:
                brackets[-1].found.append((name, value, last[-1].start[0]))
        if token.string in ("(", "[", "{") and token.type == tokenize.OP and len(brackets) <= MAX_DEPTH:
            brackets.append(_Bracket())
        elif token.string in (")", "]", "}") and token.type == tokenize.OP and len(brackets) > 1:
            yield from brackets.pop().settings()
        last = [*last[-_LAST:], token]
    for bracket in brackets:
        yield from bracket.settings()


def _tokens(text: str) -> Iterator[TokenInfo]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in _LAYOUT:
                yield token
    except (tokenize.TokenError, SyntaxError):
        return


def _name(before: Sequence[TokenInfo]) -> str:
    """The name that is given the value behind these tokens; empty for none."""
    if len(before) < 2:
        return ""
    sign, named = before[-1].string, before[-2]
    if sign == ":":
        return _value(named.string) if named.type == tokenize.STRING else ""
    if sign != "=":
        return ""
    if named.string == "]" and len(before) >= 4 and before[-3].type == tokenize.STRING and before[-4].string == "[":
        return _value(before[-3].string)
    if len(before) >= 4 and before[-3].string == ":" and before[-4].type == tokenize.NAME:
        return before[-4].string  # with an annotation
    return named.string if named.type == tokenize.NAME else ""


def _value(literal: str) -> str:
    """The text of a literal that is short and no template of Python's; empty for any other."""
    if len(literal) > MAX_VALUE or literal[:1].lower() not in ("'", '"', "r", "u"):
        return ""
    try:
        value = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return ""
    return value if isinstance(value, str) else ""
