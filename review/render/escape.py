"""Every text that the pull request or a worker had a hand in passes here on its way out; nothing else publishes it.

Allow-list: what comes out shows as words and as code, and does nothing. No image, HTML, link, mention, reference to an
issue, heading, table or comment marker survives, no control, bidirectional or zero-width character of theirs either,
and secrets of known forms are blotted out. GitHub looks for mentions, references and bare addresses in the rendered
text, where a backslash is gone already: those are broken by a zero-width space instead.
"""

import re

from review.domain.redaction import redact
from review.domain.wording import shorten

GAP = "\u200b"
"""Zero-width space: shows nothing, and breaks a mention, an address or a marker in two."""
UNPRINTABLE = "\ufffd"
MAX_INPUT = 50_000
"""Characters looked at: a longer text is cut before anything else, so that no pattern runs over megabytes."""

PATH = 300
TITLE = 160
PROSE = 1_200
REASON = 400
"""Characters shown of a text of that sort."""


def plain(text: str, limit: int = PROSE) -> str:
    """One line of printable text, secrets blotted out, at most that many characters: for surfaces that are no markdown.

    Line breaks and blanks become one space each; characters that do not print become U+FFFD.
    """
    return shorten(_printable(" ".join(redact(text[:MAX_INPUT]).split())), limit)


def lines(text: str) -> list[str]:
    """The same for a text of several lines, as many as git counts: tabs become four spaces, indentation stays."""
    return [_printable(line.expandtabs(4)).rstrip() for line in redact(text[:MAX_INPUT]).split("\n")]


def prose(text: str, limit: int = PROSE, in_table: bool = False) -> str:
    """Words for markdown, where code between backticks stays code. `in_table` where it goes into a table's cell."""
    text = plain(text, limit)
    parts: list[str] = []
    position = 0
    for begin, end, ticks in _code_spans(text):
        parts += (_words(text[position:begin]), code(text[begin + ticks : end - ticks], limit, in_table))
        position = end
    parts.append(_words(text[position:]))
    return _harmless_start("".join(parts))


def code(text: str, limit: int = PATH, in_table: bool = False) -> str:
    """A code span for markdown: a path, a name, an expression."""
    text = _no_commands(plain(text, limit)) or " "
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return fence + pad + (text.replace("|", "\\|") if in_table else text) + pad + fence


def exact_block(text: str, language: str) -> str | None:
    """A fenced block that shows exactly this text, or None where it could not be shown as it is."""
    if len(text) > MAX_INPUT or redact(text) != text or "<!--" in text or not _is_printable(text):
        return None
    if re.search(r"(?m)^\s*/[A-Za-z]", text):  # other bots read `/approve` there, and nothing can be put before it
        return None
    fence = "`" * max(3, _longest_run(text) + 1)
    body = text + "\n" if text else ""
    return f"{fence}{language}\n{body}{fence}"


def _words(text: str) -> str:
    """Markdown that shows these words and nothing else."""
    text = _no_commands(text).replace("\\", "\\\\")
    for sign in "`*[]|~$":
        text = text.replace(sign, "\\" + sign)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@" + GAP)
    text = text.replace("://", f":{GAP}//")
    text = re.sub(r"(?i)\bwww\.", lambda match: match[0][:-1] + GAP + ".", text)
    text = re.sub(r"(?i)(#|\bgh-)(?=\d)", rf"\1{GAP}", text)
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)


def _harmless_start(text: str) -> str:
    """The same where it begins a line: no heading, list, rule, quotation, or command to a bot such as `/approve`."""
    if text[:1] in ("#", "-", "+", "=", "/"):
        return "\\" + text
    return re.sub(r"\A(\d+)([.)])", r"\1\\\2", text)


def _no_commands(text: str) -> str:
    """Without what means something to a program: our own markers, and the runner's commands should a log show it."""
    text = text.replace("<!--", f"<{GAP}!--").replace("##[", f"#{GAP}#[")
    return f":{GAP}:" + text[2:] if text.startswith("::") else text


def _code_spans(text: str) -> list[tuple[int, int, int]]:
    """Begin, end and number of backticks of each code span, as CommonMark pairs them."""
    runs = [(match.start(), match.end()) for match in re.finditer("`+", text)]
    spans = []
    index = 0
    while index < len(runs):
        begin, end = runs[index]
        closing = next((other for other in range(index + 1, len(runs)) if _length(runs[other]) == end - begin), None)
        if closing is None:
            index += 1
        else:
            spans.append((begin, runs[closing][1], end - begin))
            index = closing + 1
    return spans


def _length(run: tuple[int, int]) -> int:
    return run[1] - run[0]


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _is_printable(text: str) -> bool:
    return all(sign.isprintable() or sign in "\n\t" for sign in text)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else UNPRINTABLE for sign in text)
