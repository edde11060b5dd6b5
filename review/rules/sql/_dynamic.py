"""SQL that routines put together as text and run: which expressions become statements, of which parameters.

Looked at as words, since the bodies of routines are strings to the parser, and scripts are beyond it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlglot import TokenType

from review.rules import _tokens
from review.rules._tokens import CLOSING, OPENING, Word
from review.rules.source import Source
from review.rules.trees import NotEvaluated
from review.sql.parse import sqlglot_dialect, tokens

TEXTS = frozenset(
    "TEXT VARCHAR CHARACTER CHAR STRING NVARCHAR NCHAR SYSNAME CITEXT NAME VARCHAR2 NVARCHAR2 CLOB BPCHAR".split()
)
"""Types that hold any text."""
ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "PROC"})
MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
STRINGS = frozenset({TokenType.STRING, TokenType.NATIONAL_STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING})
RUN = frozenset({"EXECUTE", "EXEC"})
NOT_RUN = frozenset({"FUNCTION", "PROCEDURE", "ON", "AS"})
"""What follows EXECUTE where it runs no text: triggers, grants, and T-SQL's EXECUTE AS."""
ENDS = frozenset(
    "INTO USING LOOP BULK BEGIN IF SET SELECT EXEC EXECUTE DECLARE PRINT RETURN GO WHILE FETCH DO OPEN INSERT".split()
)
"""Words with which a statement goes on, or the next begins, outside of brackets and CASE."""
MAX_TYPE = 6
"""Words of a declared variable's type."""
BEGINNINGS = frozenset({"BEGIN", "THEN", "ELSE", "LOOP", "DECLARE", "LET", "AS", "DO", ""})
MAX_NESTING = 4
"""Commands within commands that are cut into words."""
MAX_WORDS = 200_000
"""Words of one file that are looked at, once as such and once in its expressions."""
MAX_EXPRESSION = 3_000
"""Words of one expression."""


@dataclass(frozen=True)
class Routine:
    """A function or procedure: its name, its parameters that take text, and where it stands in the rendering."""

    name: str
    start: int
    end: int
    parameters: frozenset[str]
    """In lower case, without T-SQL's at sign."""


@dataclass
class Code:
    """What a routine runs and what its variables are set to, each as the words of an expression."""

    routine: Routine
    runs: list[Sequence[Word]] = field(default_factory=list)
    sets: dict[str, list[Sequence[Word]]] = field(default_factory=dict)

    @property
    def remade(self) -> frozenset[str]:
        """The variables that a function's result is given to, which may have made them safe."""
        return frozenset(
            name
            for name, expressions in self.sets.items()
            if any(word.kind is TokenType.L_PAREN for words in expressions for word in words)
        )

    def run_texts(self) -> Iterator[Sequence[Word]]:
        """The expressions that are run, with those of the variables in them, each once."""
        seen: set[str] = set()
        pending = list(reversed(self.runs))
        while pending:
            words = pending.pop()
            yield words
            for word in words:
                name = word.text.lower()
                if word.kind not in STRINGS and name in self.sets and name not in seen:
                    seen.add(name)
                    pending += reversed(self.sets[name])


def codes(source: Source) -> Iterator[Code]:
    """The routines of a file that take text and run some, by place. Raises NotEvaluated where it cannot be rendered."""
    lists = [_cut_up(source, words) for words in _tokens.bodies(source)]
    routines = sorted((each for words in lists for each in _routines(words)), key=lambda each: each.start)
    found = [Code(routine) for routine in routines]
    if sum(map(len, lists)) > MAX_WORDS:
        raise NotEvaluated("its routines hold too many words")
    left = MAX_WORDS
    for words in lists:
        at = -1
        for index, word in enumerate(words):
            while at + 1 < len(found) and found[at + 1].routine.start <= word.start:
                at += 1
            if at >= 0 and word.start < found[at].routine.end:
                left -= _note(found[at], words, index)
                if left < 0:
                    raise NotEvaluated("the expressions of its routines hold too many words")
    yield from (each for each in found if each.routine.parameters and each.runs)


def _cut_up(source: Source, words: Sequence[Word], nesting: int = MAX_NESTING) -> list[Word]:
    """The words, with what sqlglot keeps as one string behind a command cut into words as well."""
    text = source.rendering.text
    found: list[Word] = []
    for word in words:
        before = found[-1] if found else None
        if (
            before is not None
            and nesting
            and word.kind is TokenType.STRING
            and text[before.end + 1 : before.end + 2].isspace()
        ):
            start = before.end + 1
            while start < len(text) and text[start].isspace():
                start += 1
            if word.text and text.startswith(word.text, start):
                inner = [
                    Word(each.token_type, each.text, each.start + start, each.end + start)
                    for each in tokens(word.text, sqlglot_dialect(source.dialect))
                ]
                found += _cut_up(source, inner, nesting - 1)
                continue
        found.append(word)
    return found


def _routines(words: Sequence[Word]) -> Iterator[Routine]:
    """What CREATE FUNCTION and CREATE PROCEDURE make, each up to the next one."""
    brackets = _tokens.matching(words)
    heads = [index for index in range(len(words)) if words[index].word in ROUTINES and _is_made(words, index)]
    for number, index in enumerate(heads):
        end = words[heads[number + 1]].start if number + 1 < len(heads) else words[-1].end + 1
        start = index + 1
        while start < len(words) and words[start].kind not in OPENING and words[start].word not in {"@", "AS", "BEGIN"}:
            start += 1
        named = last = start
        if start < len(words) and words[start].word == "@":
            while last < len(words) and words[last].word not in {"AS", "BEGIN"}:
                last += 1
        elif start < len(words) and start in brackets:
            start, last = start + 1, brackets[start]
        name = words[named - 1].text
        yield Routine(name, words[index].start, end, frozenset(_texts(words[start:last])))


def _is_made(words: Sequence[Word], index: int) -> bool:
    """Whether CREATE or ALTER stands up to four words before, in the same statement."""
    for at in range(index - 1, max(-1, index - 5), -1):
        if words[at].word in {"CREATE", "ALTER"}:
            return True
        if words[at].kind is TokenType.SEMICOLON:
            return False
    return False


def _texts(words: Sequence[Word]) -> Iterator[str]:
    """The parameters that hold text, by name."""
    depth = 0
    parts: list[list[Word]] = [[]]
    for word in words:
        depth += (word.kind in OPENING) - (word.kind in CLOSING)
        if word.kind is TokenType.COMMA and depth == 0:
            parts.append([])
        elif word.word not in {*MODES, "@"}:
            parts[-1].append(word)
    for name, *rest in filter(None, parts):
        types = [each for each in rest if each.word != "AS"]
        if types and types[0].word in TEXTS and not any(each.text == "[" for each in types):
            yield name.text.lower()


def _note(code: Code, words: Sequence[Word], index: int) -> int:
    """Add the expression that begins here, where a statement runs one or gives one to a variable; how many words."""
    word = words[index]
    start = _run(words, index + 1) if word.word in RUN else 0
    if start:
        code.runs.append(_expression(words, start))
        return len(code.runs[-1])
    if word.kind is TokenType.COLON_EQ:
        name, start = _assigned(words, index), index + 1
    elif word.word in {"SET", "SELECT", "DECLARE"}:
        name, start = _set(words, index + 1, is_declared=word.word == "DECLARE")
    elif word.kind is TokenType.COMMA and index + 1 < len(words) and words[index + 1].word == "@":
        name, start = _set(words, index + 1, is_declared=False)
    else:
        return 0
    if not name:
        return 0
    expression = _expression(words, start)
    code.sets.setdefault(name, []).append(expression)
    return len(expression)


def _set(words: Sequence[Word], index: int, *, is_declared: bool) -> tuple[str, int]:
    """What SET, SELECT or DECLARE gives a value by `=` or `+=`, and where that begins; empty where there is none."""
    at = index + 1 if index < len(words) and words[index].word == "@" else index
    equals = at + 1
    last = equals + (MAX_TYPE if is_declared else 2)
    while equals < min(last, len(words) - 1) and words[equals].kind not in {TokenType.EQ, TokenType.SEMICOLON}:
        equals += 1
    if equals < len(words) - 1 and words[equals].kind is TokenType.EQ:
        return words[at].text.lower(), equals + 1
    return "", 0


def _run(words: Sequence[Word], index: int) -> int:
    """Where the text begins that EXECUTE runs; 0 where it runs none."""
    if index < len(words) and words[index].word == "IMMEDIATE":
        return index + 1
    if index >= len(words) or words[index].word in NOT_RUN:
        return 0
    for at in range(index, min(index + 5, len(words))):
        if words[at].word == "SP_EXECUTESQL":
            return at + 1
        if words[at].kind is not TokenType.DOT and words[at].kind is not TokenType.VAR:
            break
    return index


def _assigned(words: Sequence[Word], index: int) -> str:
    """The variable before `:=`, in lower case; in a declaration its type stands between."""
    at = index
    while at > 0 and words[at - 1].kind is not TokenType.SEMICOLON and words[at - 1].word not in BEGINNINGS:
        at -= 1
        if index - at > 8:
            return ""
    return words[at].text.lower() if at < index else ""


def _expression(words: Sequence[Word], start: int) -> Sequence[Word]:
    """The words of an expression: up to where its statement goes on or ends."""
    depth = 0
    for index in range(start, min(start + MAX_EXPRESSION, len(words))):
        word = words[index]
        if word.kind is TokenType.SEMICOLON:
            return words[start:index]
        if depth == 0 and (word.kind in CLOSING or word.kind is TokenType.COMMA or word.word in ENDS | {"END"}):
            return words[start:index]
        if word.kind in OPENING or word.word == "CASE":
            depth += 1
        elif word.kind in CLOSING or word.word == "END":
            depth -= 1
    return words[start : start + MAX_EXPRESSION]
