"""A template's tree, with the place of everything that it may print.

sqlfluff renders a second template beside the first to learn what was printed where. Here the parser itself notes where
each tag and each run of text stands; what is printed within a macro becomes part of the tag that prints it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Token, TokenStream

from review.sql.certainty import Certainty, certainty
from review.sql.jinja import DbtParser
from review.sql.printed import Span

_SEPARATORS = frozenset({",", "and", "or", "union", "all", "distinct", "||", "+", ";"})
"""Words between the rounds of a loop: `{% if not loop.last %}, {% endif %}` holds nothing to be looked at."""


def is_separator(text: str) -> bool:
    """Whether a text is blanks and words between the rounds of a loop, and nothing else."""
    return _SEPARATORS.issuperset(text.lower().split())


@dataclass(frozen=True)
class Placed:
    """A template that tells where its pieces stand."""

    tree: nodes.Template
    """With offsets for the numbers of lines."""
    spans: Mapping[nodes.Node, Span]
    """Of all that may print something."""
    certainty: Certainty
    texts: Mapping[Span, bool]
    """Where each run of text outside of tags stands, in order, and whether it says more than a separator."""


def placed(environment: Environment, text: str) -> Placed:
    """The tree of a text. Raises TemplateSyntaxError."""
    tokens = list(_with_offsets(text, environment.lexer.tokeniter(text, None)))
    ends = [at + len(value.rstrip()) for at, token, value in tokens if token == "block_end"]
    made = _Placing(environment, environment.lexer.wrap(tokens), ends)
    try:
        tree = made.parse()
        return Placed(tree, made.spans, certainty(tree), made.texts)
    except TemplateSyntaxError as error:
        raise TemplateSyntaxError(error.message or "", text.count("\n", 0, error.lineno) + 1) from error


class _Placing(DbtParser):
    """With offsets in place of line numbers."""

    def __init__(self, environment: Environment, tokens: Iterable[Token], block_ends: list[int]) -> None:
        super().__init__(environment, "")
        self.stream = TokenStream(tokens, None, None)
        self.spans: dict[nodes.Node, Span] = {}
        self.texts: dict[Span, bool] = {}
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
                if isinstance(found, (nodes.CallBlock, nodes.FilterBlock)):
                    end = self._block_ends[bisect_right(self._block_ends, token.lineno)]
                    self.spans[found] = token.lineno, end
                body.extend(found if isinstance(found, list) else [found])
                self.stream.expect("block_end")
        return body

    def _literal(self, token: Token) -> nodes.Output:
        span = token.lineno, token.lineno + len(token.value)
        self.texts[span] = not is_separator(token.value)
        return self._output(nodes.TemplateData(token.value, lineno=token.lineno), span)

    def _printed(self, begin: Token) -> nodes.Output:
        value = self.parse_tuple(with_condexpr=True)
        end = self.stream.expect("variable_end")
        return self._output(value, (begin.lineno, end.lineno + len(end.value.rstrip())))

    def _output(self, value: nodes.Expr, span: Span) -> nodes.Output:
        made = nodes.Output([value], lineno=span[0])
        self.spans[made] = span
        return made


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
