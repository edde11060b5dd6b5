"""A routine puts its parameter between the quotes of SQL that it runs.

### Why it matters
Text that is pasted between quotes ends where it has a quote of its own, and what follows is run as SQL, with the rights
of whoever owns the routine: that is SQL injection. Without any ill will the routine fails on the first `O'Brien`.

### Bad
```sql
create function count_customers(wanted text) returns bigint as $$
declare
    found bigint;
begin
    execute 'select count(*) from customers where city = ''' || wanted || '''' into found;
    return found;
end;
$$ language plpgsql;
```

### Good
```sql
create function count_customers(wanted text) returns bigint as $$
declare
    found bigint;
begin
    execute 'select count(*) from customers where city = $1' into found using wanted;
    return found;
end;
$$ language plpgsql;
```
"""

from collections.abc import Iterator, Sequence

from sqlglot import TokenType

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _tests, _tokens
from review.rules._tokens import CLOSING, OPENING, Word
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.sql import _dynamic

rule = Rule(
    module=__name__,
    code="SQL070",
    standard=Standard.SECURITY,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)

HARMLESS = frozenset(
    "UPPER LOWER TRIM LTRIM RTRIM COALESCE ISNULL NVL IFNULL CONCAT CAST CONVERT IIF IF EXECUTE EXEC IMMEDIATE".split()
)
"""Functions that leave quotes in a text as they are, and words before a bracket that is none of a function."""
JOINS = frozenset({TokenType.DPIPE, TokenType.PLUS, TokenType.COMMA})
BRANCHES = frozenset({"WHEN", "THEN", "ELSE", "END"})
FORMATS = frozenset({"FORMAT"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Parameters of text inside an open quote of a text that is run: joined to it, or as `%s` of `format`."""
    if "exec" not in source.text.lower() or _tests.is_test(source.path, source.kind):
        return
    for code in _dynamic.codes(source):
        safe = code.remade
        found: dict[str, Word] = {}
        for words in code.run_texts():
            for first, parameter in (*_joined(words), *_formatted(words)):
                name = parameter.text.lower()
                known = name in code.routine.parameters and name not in safe
                if known and _tokens.together(source.rendering, first, parameter):
                    found.setdefault(name, parameter)
        if found:
            yield _hit(source, code.routine, list(found.values()))


def _joined(words: Sequence[Word]) -> Iterator[tuple[Word, Word]]:
    """The names joined to a text whose last quote is open, each with that text."""
    is_open = False
    opener: Word | None = None
    calls: list[str] = []
    for index, word in enumerate(words):
        if word.kind in OPENING:
            calls.append(words[index - 1].word if index and words[index - 1].kind not in JOINS else "")
        elif word.kind in CLOSING:
            del calls[-1:]
        elif word.word in BRANCHES:
            is_open = False
        elif word.kind in _dynamic.STRINGS and _plain(calls):
            if word.text.count("'") % 2:
                is_open = not is_open
                opener = word
        elif is_open and opener is not None and _plain(calls) and _is_operand(words, index):
            yield opener, word


def _plain(calls: Sequence[str]) -> bool:
    return all(not call or call in HARMLESS for call in calls)


def _is_operand(words: Sequence[Word], index: int) -> bool:
    """Whether a name stands by itself, or in a harmless function, behind an operator that joins texts."""
    behind = words[index + 1] if index + 1 < len(words) else None
    if behind is not None and (behind.kind is TokenType.DOT or behind.kind in OPENING):
        return False
    at = index - 1
    while at > 0 and (
        words[at].word in {"@", ":"} or words[at].kind is TokenType.L_PAREN or words[at].word in HARMLESS
    ):
        at -= 1
    return at > 0 and words[at].kind in JOINS


def _formatted(words: Sequence[Word]) -> Iterator[tuple[Word, Word]]:
    """The names that `format` prints by `%s` inside quotes, each with the text."""
    brackets = _tokens.matching(words)
    for index, word in enumerate(words[:-2]):
        if word.word not in FORMATS or index + 1 not in brackets or words[index + 2].kind not in _dynamic.STRINGS:
            continue
        arguments = _arguments(words[index + 3 : brackets[index + 1]])
        for place in _quoted_places(words[index + 2].text):
            if place < len(arguments):
                names = [each for each in arguments[place] if each.word not in {"@", ":"}]
                if len(names) == 1:
                    yield words[index + 2], names[0]


def _arguments(words: Sequence[Word]) -> list[list[Word]]:
    """What follows the first argument of a call, without the commas."""
    depth = 0
    found: list[list[Word]] = []
    for word in words:
        depth += (word.kind in OPENING) - (word.kind in CLOSING)
        if word.kind is TokenType.COMMA and depth == 0:
            found.append([])
        elif found:
            found[-1].append(word)
    return found


def _quoted_places(text: str) -> Iterator[int]:
    """The numbers, from 0, of the arguments that stand as a plain `%s` inside quotes; none where they have numbers."""
    is_open = False
    place = -1
    at = 0
    while at < len(text):
        if text[at] == "'":
            is_open = not is_open
        elif text[at] == "%":
            at += 1
            kind = text[at : at + 1]
            if kind != "%":
                place += 1
            if kind.isdigit():
                return
            if kind == "s" and is_open:
                yield place
        at += 1


def _hit(source: Source, routine: _dynamic.Routine, parameters: Sequence[Word]) -> Hit:
    first = min(parameters, key=lambda each: each.start)
    line, end_line = _tokens.lines(source.rendering, first, first)
    names = " and ".join(f"`{each.text}`" for each in parameters[:2])
    rest = f", and {len(parameters) - 2} more," if len(parameters) > 2 else ""
    verb = "is" if len(parameters) == 1 else "are"
    return Hit(
        line=line,
        end_line=end_line,
        symbol=routine.name,
        evidence=f"{routine.name}: {', '.join(sorted(each.text for each in parameters))} between quotes",
        explanation=(
            f"{names}{rest} {verb} pasted between quotes as given: a quote in the text ends it, and `{routine.name}` "
            "runs the rest as SQL. A plain `O'Brien` makes the statement fail."
        ),
        remediation=_remedy(source.dialect),
    )


def _remedy(dialect: str | None) -> str:
    """How the dialect hands a value over, or quotes it."""
    if dialect == "tsql":
        return "Hand the value over as a parameter of `sp_executesql`, or double its quotes with `REPLACE`."
    if dialect == "bigquery":
        return "Hand the value over with `USING`, or write it with `FORMAT('%T', …)` where the statement takes none."
    if dialect == "snowflake":
        return "Hand the value over with a `?` and `USING`, or double its quotes with `REPLACE`."
    return "Hand the value over with `USING`, or quote it: `quote_literal(…)`, or `format` with `%L`."
