"""Secrets that statements give to a user, a connection or a stage, by the words around them: parsers give many up."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlglot import TokenType

from review.rules import _tokens
from review.rules._tokens import Word
from review.rules.source import Source
from review.rules.trust._passwords import is_secret
from review.rules.trust._settings import Beside, Setting

STATEMENTS = frozenset({"CREATE", "ALTER", "GRANT", "SET", "COPY"})
"""How statements begin that give a secret to something; others compare with it."""
QUERIES = frozenset({"SELECT", "WHERE", "INSERT", "CASE"})
"""Words behind which a statement compares or writes rows."""
BETWEEN = frozenset({"=", ":=", "VALUE"})
"""Words that may stand between the name and the secret: `password = '…'`."""
IDENTIFIED = 4
"""Words before `by` among which `identified` stands: `identified with caching_sha2_password by '…'`."""
SQL_STRINGS = frozenset({TokenType.STRING, TokenType.NATIONAL_STRING})


def settings_of_sql(source: Source) -> Iterator[Setting]:
    """Strings behind a word for a secret that look like one. Raises NotEvaluated where the file cannot be rendered."""
    for words in _tokens.bodies(source):
        for is_end, group in groupby(words, key=lambda each: each.kind is TokenType.SEMICOLON):
            statement = [] if is_end else list(group)
            if statement and statement[0].word in STATEMENTS:
                yield from _of_statement(source, statement)


def _of_statement(source: Source, words: Sequence[Word]) -> Iterator[Setting]:
    for index, each in enumerate(words):
        if each.word in QUERIES:
            return
        if each.kind not in SQL_STRINGS or index < 1 or not _tokens.together(source.rendering, each, each):
            continue
        name = _name(words[max(0, index - IDENTIFIED - 1) : index])
        line, _ = _tokens.lines(source.rendering, each, each)
        found = Setting(name, each.text, line, Beside())
        if is_secret(found) and not each.text.startswith("*"):  # as MySQL's hashes do
            yield found


def _name(before: Sequence[Word]) -> str:
    """The name of what the words before a string give it to."""
    last = before[-1]
    if last.word == "BY":
        return "password" if any(each.word == "IDENTIFIED" for each in before) else ""
    if last.text in BETWEEN or last.word in BETWEEN:
        return before[-2].text if len(before) > 1 else ""
    return last.text
