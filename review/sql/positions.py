"""Where in the SQL an unknown macro stands, so that what stands in for it parses there.

The template is cut by Jinja's own lexer; between its tags lies SQL, of which only the last word before a tag and the
next one after it are looked at. That is a guess about syntax, not an analysis: a wrong guess costs one more attempt.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError


class Place(Enum):
    """What the grammar wants where a tag stands."""

    EXPRESSION = "expression"
    CONDITION = "condition"
    RELATION = "relation"
    LIST = "list"
    """After IN: values in brackets."""
    STATEMENT = "statement"
    NAME = "name"
    """Part of a longer word, or a word that another tag or a quote completes."""
    CLAUSE = "clause"
    """After something complete: a clause of its own, or nothing."""
    TYPE = "type"


ALTERNATIVES = (Place.EXPRESSION, Place.STATEMENT, Place.CLAUSE, Place.CONDITION, Place.TYPE)
"""What is tried where the first guess does not parse."""

_RELATION = frozenset({"from", "join", "into", "update", "table", "view", "using"})
_EXPRESSION = frozenset(
    "select distinct , by when then else between like set limit interval over = < > <> != <= >= + - * / % || (".split()
)
_BEFORE_STATEMENT = frozenset(["", ";", "union", "all", "intersect", "except", "with"])
_CONDITION = frozenset(["where", "and", "or", "on", "having", "not", "qualify", "filter", "if"])
_OPERATORS = frozenset("= < > ! + - * / % | : . is in like ilike between not and over collate".split())
_AFTER_CONDITION = frozenset(["and", "or", ")", "group", "order", "limit", "having", "union", "qualify", "then", ";"])


def places(source: str, environment: Environment) -> dict[str, Place]:
    """Dotted name → the place of its first occurrence, for the names that open a `{{ … }}` tag.

    Names set from another name (`{% set x = macro() %}`, `{% for x in macro() %}`) give their place to that one.
    """
    found: dict[str, Place] = {}
    aliases: dict[str, str] = {}
    try:
        pieces = list(_pieces(source, environment))
    except TemplateSyntaxError:
        return {}
    for number, (kind, content) in enumerate(pieces):
        if kind == "set":
            target, _, value = content.partition("=")
            aliases.setdefault(target, value)
        elif kind == "tag" and content:
            place = _place(pieces, number)
            found.setdefault(content, place)
            seen = {content}
            while content in aliases and aliases[content] not in seen:
                content = aliases[content]
                seen.add(content)
                found.setdefault(content, place)
    return found


def places_between(pieces: list[tuple[str, str]]) -> list[Place]:
    """The place of each ("tag", name) among ("sql", text) pieces, in order: the holes of another language's string."""
    return [_place(pieces, number) for number, (kind, _) in enumerate(pieces) if kind == "tag"]


def _pieces(source: str, environment: Environment) -> Iterator[tuple[str, str]]:
    """("sql", text), ("tag", dotted name) and ("set", "target=name") in the order of the source."""
    inside: list[tuple[str, str]] = []
    opened = ""
    for _line, token, value in environment.lex(source):
        if token in ("variable_begin", "block_begin"):
            inside, opened = [], token
        elif token == "variable_end":
            yield "tag", _name(inside)
        elif token == "block_end":
            yield from _bound(inside)
        elif token == "data":
            yield "sql", value
            opened = ""
        elif opened:
            inside.append((token, value))


def _bound(tokens: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each name that a `set` or `for` tag binds, with the name its value begins with."""
    words = [text for kind, text in tokens if kind != "whitespace"]
    sign = {"set": "=", "for": "in"}.get(words[0] if words else "", "")
    if sign in words:
        names = [pair for pair in tokens if pair[0] != "whitespace"]
        value = _name(names[words.index(sign) + 1 :])
        for target in words[1 : words.index(sign)]:
            yield "set", f"{target}={value}"


def _name(tokens: list[tuple[str, str]]) -> str:
    """The dotted name an expression begins with: `dbt_utils.star` of `dbt_utils.star(from=ref('x'))`."""
    words = [(kind, text) for kind, text in tokens if kind != "whitespace"]
    name = ""
    for kind, text in words:
        if kind == "name" and (not name or name.endswith(".")):
            name += text
        elif kind == "operator" and text == "." and name:
            name += "."
        else:
            break
    return name.removesuffix(".")


def _place(pieces: list[tuple[str, str]], number: int) -> Place:
    before = _sql_before(pieces, number)
    after = _sql_after(pieces, number)
    if _open_quote(before) or _touches(pieces, number):
        return Place.NAME
    last, previous = _last_words(before)
    following = _first_word(after)
    if _begins_statement(last, previous, following):
        return Place.STATEMENT
    if last == ":" or (last == "as" and following == ")"):
        return Place.TYPE
    if last in _RELATION:
        return Place.RELATION
    if last in _CONDITION:
        return Place.EXPRESSION if following in _OPERATORS else Place.CONDITION
    if last == "in":
        return Place.LIST
    if last in _EXPRESSION:
        return Place.EXPRESSION
    return Place.NAME if last in ("as", ".") else Place.CLAUSE


def _begins_statement(last: str, previous: str, following: str) -> bool:
    """Whether a whole statement or query stands between the word before (and the one before that) and the one after."""
    if last == "(":
        return previous in ("from", "join", "as", "exists")
    if last == "as":
        return following in ("with", "select", "")
    return last in _BEFORE_STATEMENT


def _sql_before(pieces: list[tuple[str, str]], number: int) -> str:
    parts: list[str] = []
    for kind, content in reversed(pieces[:number]):
        if kind == "sql":
            parts.append(content)
        elif kind == "tag":
            parts.append(" standin " if content not in ("config",) else "")
        if sum(map(len, parts)) > 400:
            break
    return "".join(reversed(parts))


def _sql_after(pieces: list[tuple[str, str]], number: int) -> str:
    return "".join(
        content if kind == "sql" else " standin " if kind == "tag" else ""
        for kind, content in pieces[number + 1 : number + 4]
    )


def _touches(pieces: list[tuple[str, str]], number: int) -> bool:
    """Whether the tag is part of a word: `tbl_{{ x }}`, `{{ schema }}.orders`, `{{ a }}_{{ b }}`."""
    left = pieces[number - 1][1] if number and pieces[number - 1][0] == "sql" else ""
    right = pieces[number + 1][1] if number + 1 < len(pieces) and pieces[number + 1][0] == "sql" else ""
    return _is_word(left[-1:]) or _is_word(right[:1]) or left[-1:] in (".", "`", '"') or right[:1] == "."


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _open_quote(text: str) -> bool:
    """Whether the text ends inside a quoted string of its last line."""
    line = _without_comments(text).rpartition("\n")[2]
    return line.count("'") % 2 == 1 or line.count('"') % 2 == 1 or line.count("`") % 2 == 1


def _without_comments(text: str) -> str:
    kept = [line.partition("--")[0] for line in text.split("\n")]
    text = "\n".join(kept)
    while "/*" in text:
        head, _, rest = text.partition("/*")
        text = head + " " + rest.partition("*/")[2]
    return text


def _last_words(text: str) -> tuple[str, str]:
    """The last word or sign before the tag, and the one before it, in lower case."""
    words = _words(_without_comments(text)[-200:])
    return (words[-1] if words else "", words[-2] if len(words) > 1 else "")


def _first_word(text: str) -> str:
    words = _words(_without_comments(text)[:200])
    return words[0] if words else ""


def _words(text: str) -> list[str]:
    words: list[str] = []
    word = ""
    for character in text.lower() + " ":
        if _is_word(character):
            word += character
            continue
        if word:
            words.append(word)
            word = ""
        if not character.isspace():
            words.append(character)
    return words


def stand_in_text(place: Place, name: str) -> str:
    """SQL that parses at that place and names what it stands for."""
    word = "".join(character if _is_word(character) else "_" for character in name).strip("_") or "standin"
    if word[:1].isdigit():
        word = f"x{word}"
    texts: Mapping[Place, str] = {
        Place.EXPRESSION: word,
        Place.CONDITION: f"{word} = 1",
        Place.RELATION: word,
        Place.LIST: f"({word})",
        Place.STATEMENT: f"select 1 as {word}",
        Place.NAME: word,
        Place.CLAUSE: "",
        Place.TYPE: "varchar",
    }
    return texts[place]
