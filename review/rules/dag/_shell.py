"""The commands of a short shell script, as far as its words tell them apart."""

import ast
import shlex
from dataclasses import dataclass, field

from review.rules._python import code_of, text_of
from review.rules.trees import NotEvaluated, template

_ENDS = frozenset({";", "&&", "||", "|", "&", "(", ")", ";;", ";&", "|&"})
_MOST = 20_000
"""Characters of a script that is looked into."""
_FIRST, _LAST = 0x20000, 0x2A6DF
"""Letters to Jinja and to the shell, of an old Chinese hand, that stand for what is put in while a script is read."""


@dataclass(frozen=True)
class Command:
    """One command: its words with `x` for what is put in, what stands after it (`\\n` for the end of its line)."""

    words: tuple[str, ...]
    end: str
    text: str
    """Its words as they are written, the expressions of f-strings and templates among them."""

    @property
    def name(self) -> str:
        """The program's name."""
        return self.words[0].rpartition("/")[2]


@dataclass
class _Holes:
    """The expressions that are put into a script, each with a letter of its own."""

    written: list[str] = field(default_factory=list)

    def letter(self, expression: str) -> str:
        if _FIRST + len(self.written) > _LAST:
            return "x"
        self.written.append(expression)
        return chr(_FIRST + len(self.written) - 1)

    def shown(self, text: str) -> str:
        """With each letter replaced by its expression; a template's may hold that of an f-string."""
        for _ in range(2):
            text = "".join(self.written[ord(sign) - _FIRST] if self._is_hole(sign) else sign for sign in text)
        return text

    def plain(self, text: str) -> str:
        return "".join("x" if self._is_hole(sign) else sign for sign in text)

    def _is_hole(self, sign: str) -> bool:
        return _FIRST <= ord(sign) < _FIRST + len(self.written)


def commands(node: ast.expr | None) -> list[Command]:
    """The commands of a literal script in their order, each template a word.

    Nothing of what is no literal, and of a script whose quotes run over several lines.
    """
    holes = _Holes()
    script = _script(node, holes)
    text = _without_templates(script, holes) if len(script) <= _MOST else ""
    found: list[Command] = []
    for line in text.replace("\\\n", " ").split("\n"):
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:
            return []
        found.extend(_of_line(words, holes))
    return found


def _script(node: ast.expr | None, holes: _Holes) -> str:
    """The text of a literal, with a letter for each hole of an f-string."""
    if not isinstance(node, ast.JoinedStr):
        return text_of(node) or ""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else holes.letter(_written(part)) for part in node.values
    )


def _written(part: ast.expr) -> str:
    return f"{{{code_of(part.value)}}}" if isinstance(part, ast.FormattedValue) else "{…}"


def _of_line(words: list[str], holes: _Holes) -> list[Command]:
    found: list[Command] = []
    begun: list[str] = []
    for word in [*words, ""]:
        if word and word not in _ENDS:
            begun.append(word)
        elif begun:
            plain = tuple(map(holes.plain, begun))
            found.append(Command(plain, word or "\n", holes.shown(" ".join(begun))))
            begun = []
    return found


def _without_templates(script: str, holes: _Holes) -> str:
    """The script with a letter for each expression of a template; empty where a statement decides what is run."""
    from review.sql.jinja import grammar

    if "{" not in script:
        return script
    try:
        template(script)
    except NotEvaluated:
        return ""
    parts: list[str] = []
    inside: list[str] | None = None
    for _, token, value in grammar().lex(script):
        if token == "block_begin":
            return ""
        if token == "variable_begin":
            inside = [value]
        elif token == "variable_end" and inside is not None:
            parts.append(holes.letter("".join((*inside, value))))
            inside = None
        elif inside is not None:
            inside.append(value)
        elif token == "data":
            parts.append(value)
    return "".join(parts)
