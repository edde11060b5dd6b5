"""Makes a SQL file parseable before any parser sees it, without moving a character."""

from review.sql.directives import neutralise

FENCE = "---"
_FOREIGN_TYPES = ("UINT256", "INT256")


def prepare(text: str) -> str:
    """What is parsed instead of the stored text, character for character in place.

    Directives made inert, carriage returns made blanks (git counts lines by newlines alone), a YAML front matter and
    psql's commands blanked, `${…}` placeholders made words: no offset and no line moves.
    """
    text = neutralise(text).replace("\r", " ")
    return _without_foreign_types(_without_placeholders(_without_client_commands(_without_front_matter(text))))


def has_jinja(text: str) -> bool:
    """Whether the text holds a Jinja tag."""
    return any(mark in text for mark in ("{{", "{%", "{#"))


def _without_front_matter(text: str) -> str:
    """Operator settings that some teams put above the SQL, between two lines of three dashes (gusty's form)."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return text
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == FENCE:
            return "\n".join([*(" " * len(each) for each in lines[: number + 1]), *lines[number + 1 :]])
    return text


def _without_client_commands(text: str) -> str:
    """Lines such as `\\connect shop` are psql's own (postgresql.org, "psql: Meta-Commands"), at the start of a line."""
    if "\n\\" not in f"\n{text}":
        return text
    return "\n".join(" " * len(line) if line[:1] == "\\" and line[1:2].isalpha() else line for line in text.split("\n"))


def _without_placeholders(text: str) -> str:
    """`${name}` and `${hiveconf:name}` become a word of the same length (Hive, Databricks, shell-made SQL)."""
    start = text.find("${")
    while start >= 0:
        end = text.find("}", start)
        if end < 0 or "\n" in text[start:end]:
            break
        inside = text[start + 2 : end]
        word = "".join(character if character.isalnum() else "_" for character in inside)
        text = f"{text[:start]}x_{word}x{text[end + 1 :]}"
        start = text.find("${", end)
    return text


def _without_foreign_types(text: str) -> str:
    """`UINT256 '0'` becomes `DATE    '0'`, a type `uint256` becomes `bigint `: Dune's two types are in no grammar."""
    for word in _FOREIGN_TYPES:
        folded = "".join(character.upper() if character.isascii() else character for character in text)
        start = folded.find(word)
        while start >= 0:
            end = start + len(word)
            if not _is_word(text[start - 1 : start]) and not _is_word(text[end : end + 1]):
                stand_in = "DATE" if text[end:].lstrip(" ").startswith("'") else "bigint"
                text = text[:start] + stand_in.ljust(len(word)) + text[end:]
            start = folded.find(word, end)
    return text


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
