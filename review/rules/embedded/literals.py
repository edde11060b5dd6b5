"""Python's string literals, cut into pieces that know their places (docs.python.org, "String and Bytes literals")."""

import ast

from review.rules.embedded.text import Piece


def pieces_of(text: str, start: int, end: int) -> list[Piece] | None:
    """The pieces of the string literals that stand one after the other; None where something else does."""
    found: list[Piece] = []
    at = start
    while at < end:
        if text[at] == "#":
            at = _next(text, "\n", at, end)
        elif text[at].isspace() or text[at] in "\\()":
            at += 1
        else:
            quote_at = at
            while quote_at < end and text[quote_at].isalpha():
                quote_at += 1
            if quote_at - at > 2 or text[quote_at : quote_at + 1] not in ("'", '"'):
                return None
            quote = text[quote_at] * (3 if text.startswith(text[quote_at] * 3, quote_at) else 1)
            at = _literal(text, quote_at + len(quote), end, text[at:quote_at].lower(), quote, found)
    return found


def _literal(text: str, at: int, end: int, prefix: str, quote: str, found: list[Piece]) -> int:
    """Add the pieces of one literal, whose contents begin at `at`; gives where it has ended."""
    run = at
    while at < end and not text.startswith(quote, at):
        sign = text[at]
        length, value = 0, ""
        if sign == "\\" and "r" not in prefix:
            length, value = _escape(text, at, end)
        elif sign == "\\":
            at += 2
            continue
        elif sign == "\r":
            length = 1
        elif sign in "{}" and "f" in prefix:
            length = 2 if text.startswith(sign * 2, at) else _hole(text, at, end) - at
            value = sign if text.startswith(sign * 2, at) else ""
        if not length:
            at += 1
            continue
        if at > run:
            found.append(Piece(text[run:at], run, at))
        if value or text[at] == "{":
            found.append(Piece(value, at, at + length, is_hole=not value))
        at = run = at + length
    if at > run:
        found.append(Piece(text[run:at], run, at))
    return at + len(quote)


def _escape(text: str, at: int, end: int) -> tuple[int, str]:
    """Length and value of an escape sequence (docs.python.org, "String and Bytes literals")."""
    sign = text[at + 1 : at + 2]
    if sign == "\n":
        return 2, ""
    if sign == "\r":
        return (3 if text[at + 2 : at + 3] == "\n" else 2), ""
    length = {"x": 4, "u": 6, "U": 10}.get(sign, 2)
    if sign == "N":
        length = _next(text, "}", at, end) - at
    elif sign in "01234567":
        length = 2 + sum(1 for _ in range(2) if text[at + 2 : at + 3] in "01234567" and text[at + 2 : at + 3])
        while length > 2 and not all(digit in "01234567" for digit in text[at + 1 : at + length]):
            length -= 1
    try:
        return length, str(ast.literal_eval(f'"{text[at : at + length]}"')) if sign not in "'\"" else sign
    except (SyntaxError, ValueError):
        return length, text[at : at + length]


def _hole(text: str, at: int, end: int) -> int:
    """Where the hole of an f-string that begins at `at` has ended."""
    depth = 0
    while at < end:
        sign = text[at]
        if sign in "'\"":
            quote = sign * 3 if text.startswith(sign * 3, at) else sign
            at = _next(text, quote, at + len(quote), end)
            continue
        depth += (sign in "{[(") - (sign in "}])")
        at += 1
        if depth == 0:
            return at
    return end


def _next(text: str, sign: str, at: int, end: int) -> int:
    """The place behind the next such sign."""
    found = text.find(sign, at, end)
    return end if found < 0 else found + len(sign)
