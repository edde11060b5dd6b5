"""A template rendered once, with the place of every printed piece: for files of which no linter will ask anything.

sqlfluff renders a second template beside the first to learn what was printed where, which costs three times as much.
Here the parser wraps whatever a template prints in a filter that remembers where it stands, and what is printed within
a macro or a block that is bound to a name becomes part of the tag that prints it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, nodes, pass_context
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context

from review.sql.jinja import DbtParser

FILTER = "_piece"
"""Jinja looks filters up by name; no template can name one that begins like this and is not its environment's."""


class Piece(str):
    """What one place of a template printed."""

    __slots__ = ("is_literal", "source")

    source: tuple[int, int]
    """Where it stands: its own characters, or the tag."""
    is_literal: bool

    def __str__(self) -> str:
        return self


_SEPARATORS = frozenset({",", "and", "or", "union", "all", "distinct", "||", "+", ";"})
"""Words between the rounds of a loop: `{% if not loop.last %}, {% endif %}` holds nothing to be looked at."""


def is_separator(text: str) -> bool:
    """Whether a text is blanks and words between the rounds of a loop, and nothing else."""
    return _SEPARATORS.issuperset(text.lower().split())


@pass_context
def piece(_context: Context, value: Any, start: int, end: int, is_literal: bool) -> Piece:
    """The filter. That it takes the context keeps Jinja from working it out when it compiles."""
    made = Piece(value)
    made.source, made.is_literal = (start, end), is_literal
    return made


@dataclass(frozen=True)
class Placed:
    """A template that tells where its pieces stand."""

    tree: nodes.Template
    literals: frozenset[int]
    """Where each run of text outside of tags begins that says more than a separator."""


def placed(environment: Environment, text: str) -> Placed:
    """The tree of a text. Raises TemplateSyntaxError."""
    tokens = list(_with_offsets(text, environment.lexer.tokeniter(text, None)))
    ends = [at + len(value.rstrip()) for at, token, value in tokens if token == "block_end"]
    made = _Placing(environment, environment.lexer.wrap(tokens), ends)
    return Placed(made.parse(), frozenset(made.literals))


def pieces(printed: Iterable[str]) -> Iterator[tuple[str, tuple[int, int], bool]]:
    """Text, place and whether the author wrote it, of what a template printed, in order; of nothing empty.

    What a block prints by itself (`{% call %}`) has no place of its own, and is given that of the tag before it.
    """
    place = (0, 0)
    for each in printed:
        if isinstance(each, Piece):
            place = each.source
            if each:
                yield each, each.source, each.is_literal
        elif each:
            yield each, place, False


class _Placing(DbtParser):
    """With offsets in place of line numbers, and each printed thing wrapped in the filter."""

    def __init__(self, environment: Environment, tokens: Iterable[Token], block_ends: list[int]) -> None:
        super().__init__(environment, "")
        self.stream = TokenStream(tokens, None, None)
        self.literals: list[int] = []
        self._block_ends = block_ends

    def subparse(self, end_tokens: tuple[str, ...] | None = None) -> list[nodes.Node]:
        """As Jinja's."""
        if end_tokens is None:
            return self._body(())
        self._end_token_stack.append(end_tokens)
        try:
            return self._body(end_tokens)
        finally:
            self._end_token_stack.pop()

    def _body(self, end_tokens: tuple[str, ...]) -> list[nodes.Node]:
        body: list[nodes.Node] = []
        while self.stream:
            token = next(self.stream)
            if token.type == "data":
                body.append(self._literal(token))
            elif token.type == "variable_begin":
                body.append(self._printed(token))
            else:
                if end_tokens and self.stream.current.test_any(*end_tokens):
                    break
                found = self.parse_statement()
                if isinstance(found, nodes.CallBlock):
                    end = self._block_ends[bisect_right(self._block_ends, token.lineno)]
                    body.append(_output(nodes.TemplateData("", lineno=token.lineno), token.lineno, end, False))
                body.extend(found if isinstance(found, list) else [found])
                self.stream.expect("block_end")
        return body

    def _literal(self, token: Token) -> nodes.Output:
        if not is_separator(token.value):
            self.literals.append(token.lineno)
        text = nodes.TemplateData(token.value, lineno=token.lineno)
        return _output(text, token.lineno, token.lineno + len(token.value), True)

    def _printed(self, begin: Token) -> nodes.Output:
        value = self.parse_tuple(with_condexpr=True)
        end = self.stream.expect("variable_end")
        return _output(value, begin.lineno, end.lineno + len(end.value.rstrip()), False)


def _output(value: nodes.Expr, start: int, end: int, is_literal: bool) -> nodes.Output:
    arguments: list[nodes.Expr] = [nodes.Const(each, lineno=start) for each in (start, end, is_literal)]
    return nodes.Output([nodes.Filter(value, FILTER, arguments, [], None, None, lineno=start)], lineno=start)


def _with_offsets(text: str, tokens: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """The tokens with the offset at which each begins; Jinja leaves out the blanks before `{%-`."""
    at = 0
    for _line, token, value in tokens:
        while not text.startswith(value, at):
            if not text[at : at + 1].isspace():
                raise TemplateSyntaxError("its words cannot be found in it again", 1)
            at += 1
        yield at, token, value
        at += len(value)
