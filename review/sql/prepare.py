"""Makes a SQL file parseable before any parser sees it, without moving a character."""

from string import ascii_lowercase

from review.sql.directives import neutralise

FENCE = "---"
_FOREIGN_TYPES = ("UINT256", "INT256")
_FOLDED = {ord(small): small.upper() for small in ascii_lowercase}
"""Letter by letter: `str.upper` makes two characters of some one."""


def prepare(text: str) -> str:
    """What is parsed instead of the stored text, character for character in place.

    Directives made inert, carriage returns made blanks (git counts lines by newlines alone), a YAML front matter and
    psql's commands blanked, `${…}` placeholders made words, several snapshots parted: no offset and no line moves.
    """
    text = _with_snapshots_apart(neutralise(text).replace("\r", " "))
    return _without_foreign_types(_without_placeholders(_without_client_commands(_without_front_matter(text))))


def has_jinja(text: str) -> bool:
    """Whether the text holds a Jinja tag."""
    return any(mark in text for mark in ("{{", "{%", "{#"))


def _with_snapshots_apart(text: str) -> str:
    """Several `{% snapshot %}` blocks of one file as statements with semicolons between them: dbt builds each alone.

    Their tags become comments of the same length. Where there is but one, it is left as it is.
    """
    if text.count("endsnapshot") < 2:
        return text
    tags: list[tuple[int, int, str]] = []
    start = text.find("{%")
    while start >= 0 and (end := text.find("%}", start)) >= 0:
        said = text[start + 2 : end].strip("-+").split(None, 1)
        if said and said[0] in ("snapshot", "endsnapshot"):
            tags.append((start, end + 2, said[0]))
        start = text.find("{%", end)
    last = max((start for start, _, word in tags if word == "endsnapshot"), default=0)
    kept: list[str] = []
    done = 0
    for start, end, word in tags:
        opener = ";{#" if word == "endsnapshot" and start != last else "{#"
        inside = "".join(each if each == "\n" else " " for each in text[start + len(opener) : end - 2])
        kept += text[done:start], opener, inside, "#}"
        done = end
    return "".join([*kept, text[done:]])


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
    kept: list[str] = []
    done, start = 0, text.find("${")
    while start >= 0:
        end = text.find("}", start)
        if end < 0 or "\n" in text[start:end]:
            break
        inside = text[start + 2 : end]
        word = "".join(character if character.isalnum() else "_" for character in inside)
        kept += text[done:start], f"x_{word}x"
        done = end + 1
        start = text.find("${", end)
    return "".join([*kept, text[done:]])


def _without_foreign_types(text: str) -> str:
    """`UINT256 '0'` becomes `DATE    '0'`, a type `uint256` becomes `bigint `: Dune's two types are in no grammar."""
    for word in _FOREIGN_TYPES if _FOREIGN_TYPES[-1] in text.upper() else ():
        folded = text.translate(_FOLDED)
        kept: list[str] = []
        done, start = 0, folded.find(word)
        while start >= 0:
            end = start + len(word)
            if not _is_word(text[start - 1 : start]) and not _is_word(text[end : end + 1]):
                stand_in = "DATE" if _first_sign(text, end) == "'" else "bigint"
                kept += text[done:start], stand_in.ljust(len(word))
                done = end
            start = folded.find(word, end)
        text = "".join([*kept, text[done:]])
    return text


def _first_sign(text: str, at: int) -> str:
    """The first character from there on that is no blank."""
    while text.startswith(" ", at):
        at += 1
    return text[at : at + 1]


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
