"""Makes the orders inert that a SQL file can give to sqlfluff: the pull request is data, it configures nothing.

sqlfluff 4.5 reads `-- sqlfluff:key:value` out of any line of a file, inside block comments too, and obeys it even where
local configuration is ignored: `library_path` runs Python, `loader_search_path` reads files (CVE-2023-36830's class;
`FluffConfig.process_raw_file_for_config` splits by `str.splitlines` and looks at `-- sqlfluff` and `--sqlfluff` alone).
"""

PREFIXES = ("-- sqlfluff", "--sqlfluff")


def neutralise(text: str) -> str:
    """The text with every directive made a plain comment; no character moves.

    The word loses its first letter (`--sqlfluff` → `--_qlfluff`), so that length, lines and columns stay. None is let
    through: `rules` and `exclude_rules` would let a pull request choose what it is reviewed for, `dialect` is read by
    `stated_dialect`, and the rest is style.
    """
    if "sqlfluff" not in text:
        return text
    return "".join(_inert(line) if line.startswith(PREFIXES) else line for line in text.splitlines(keepends=True))


def stated_dialect(text: str) -> str | None:
    """The dialect a file says it is written in (`-- sqlfluff:dialect:postgres`), as the last such line has it."""
    stated = None
    if "sqlfluff" in text:
        for line in text.splitlines():
            parts = line.removeprefix("--").strip().split(":")
            if line.startswith(PREFIXES) and len(parts) == 3 and parts[:2] == ["sqlfluff", "dialect"]:
                stated = parts[2].strip().lower() or None
    return stated


def _inert(line: str) -> str:
    start = line.index("sqlfluff")
    return f"{line[:start]}_{line[start + 1 :]}"
