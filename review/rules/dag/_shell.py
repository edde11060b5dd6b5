"""The commands of a short shell script, as far as its words tell them apart."""

import shlex
from dataclasses import dataclass

from review.rules.source import NotEvaluated, template

_ENDS = frozenset({";", "&&", "||", "|", "&", "(", ")", ";;", ";&", "|&"})
_MOST = 20_000
"""Characters of a script that is looked into."""


@dataclass(frozen=True)
class Command:
    """One command: its words, and what stands after it (`\\n` for the end of its line)."""

    words: tuple[str, ...]
    end: str

    @property
    def name(self) -> str:
        """The program's name."""
        return self.words[0].rpartition("/")[2]


def commands(script: str) -> list[Command]:
    """The commands in their order, each template a word; nothing of a script whose quotes run over several lines."""
    text = _without_templates(script) if len(script) <= _MOST else ""
    found: list[Command] = []
    for line in text.replace("\\\n", " ").split("\n"):
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:
            return []
        found.extend(_of_line(words))
    return found


def _of_line(words: list[str]) -> list[Command]:
    found: list[Command] = []
    begun: list[str] = []
    for word in words:
        if word not in _ENDS:
            begun.append(word)
        elif begun:
            found.append(Command(tuple(begun), word))
            begun = []
    return [*found, Command(tuple(begun), "\n")] if begun else found


def _without_templates(script: str) -> str:
    """The script with `x` for each expression of a template; empty where a statement decides what is run."""
    from jinja2 import nodes

    if "{" not in script:
        return script
    try:
        body = template(script).body
    except NotEvaluated:
        return ""
    parts: list[str] = []
    for output in body:
        if not isinstance(output, nodes.Output):
            return ""
        parts.extend(each.data if isinstance(each, nodes.TemplateData) else "x" for each in output.nodes)
    return "".join(parts)
