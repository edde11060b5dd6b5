"""Makes the orders inert that a SQL file can give to sqlfluff: the pull request is data, it configures nothing.

sqlfluff 4.5 reads `-- sqlfluff:key:value` out of any line of a file, inside block comments too, and obeys it even where
local configuration is ignored: `library_path` runs Python, `loader_search_path` reads files (CVE-2023-36830's class;
`FluffConfig.process_raw_file_for_config` splits by `str.splitlines` and looks at `-- sqlfluff` and `--sqlfluff` alone).

`-- noqa` is its other order. A change must not switch off its own review, so sqlfluff is run with `disable_noqa`, and
only a `noqa` that stood there before the change counts (`Accepted`). It is read from the stored text: a comment that a
template prints counts for nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from review.domain.linter_names import DIALECTS

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
    """The dialect a file says it is written in (`-- sqlfluff:dialect:postgres`), as the last such line has it.

    None where it names none, or one that sqlfluff does not know.
    """
    stated = None
    if "sqlfluff" in text:
        for line in text.splitlines():
            if line.startswith(PREFIXES):
                parts = [part.strip() for part in line.removeprefix("--").split(":")]
                if len(parts) == 3 and parts[:2] == ["sqlfluff", "dialect"]:
                    stated = parts[2].lower()
    return stated if stated in DIALECTS else None


@dataclass(frozen=True)
class Accepted:
    """The violations that the team had accepted by `-- noqa` before the change."""

    lines: Mapping[int, tuple[str, ...]]
    """Line → what its own comment names; nothing means every rule."""
    ranges: tuple[tuple[int, bool, tuple[str, ...]], ...]
    """Line, whether it disables, and what it names; nothing means every rule. In the order of the lines."""

    def holds(self, line: int, names: Collection[str]) -> bool:
        """Whether a violation on this line is accepted, of the rule that goes by these codes, names and groups."""
        if line in self.lines and _covers(self.lines[line], names):
            return True
        disabled = False
        for start, disables, what in self.ranges:
            if start <= line and _covers(what, names):
                disabled = disables
        return disabled


def accepted(head: str, added: Collection[int], removed: Iterable[str]) -> Accepted:
    """What of the file's `noqa` comments stood there before the change.

    `added` are the head's changed lines, 1-based; `removed` the text of the lines they replaced. A comment counts where
    its line is unchanged. On a changed line it counts where it names rules and a removed line had the same, each
    removed line once: so an edit does not undo what the team accepted, and a new blanket `noqa` accepts nothing.
    Where a removed line began or ended a range, no range counts: its other end would reach too far.
    """
    kept = [directive for line in removed if (directive := _noqa(line)) is not None]
    cut = any(action is not None for action, _names in kept)
    lines: dict[int, tuple[str, ...]] = {}
    ranges: list[tuple[int, bool, tuple[str, ...]]] = []
    if "noqa" in head:
        for number, directive in _directives(head):
            action, names = directive
            if number in added:
                if action is not None or not names or directive not in kept:
                    continue
                kept.remove(directive)
            if action is None:
                lines[number] = names
            elif not cut:
                ranges.append((number, action == "disable", names))
    return Accepted(lines, tuple(ranges))


def _directives(text: str) -> Iterator[tuple[int, tuple[str | None, tuple[str, ...]]]]:
    for number, line in enumerate(text.split("\n"), 1):
        directive = _noqa(line)
        if directive is not None:
            yield number, directive


def _noqa(line: str) -> tuple[str | None, tuple[str, ...]] | None:
    """The action (`disable`, `enable` or None) and the rules of a line's `noqa`, by `IgnoreMask._parse_noqa` of 4.5.

    Comments of one line are seen, after `--` or as `/* … */`: the two forms that all dialects have.
    """
    comment = line.rpartition("--")[2] if "--" in line else line.rpartition("/*")[2] if "/*" in line else ""
    comment = comment.strip().removesuffix("*/").strip()
    if not comment.startswith("noqa"):
        return None
    rest = comment.removeprefix("noqa")
    if not rest:
        return None, ()
    if not rest.startswith(":"):
        return None
    action, equals, names = rest[1:].strip().partition("=")
    if not equals:
        action, names = "", action
    if action not in ("", "disable", "enable") or names in ("disable", "enable"):
        return None
    rules = tuple(name.strip() for name in names.split(",") if name.strip())
    return action or None, () if rules == ("all",) else rules


def _covers(wanted: tuple[str, ...], names: Collection[str]) -> bool:
    return not wanted or any(fnmatchcase(name, pattern) for pattern in wanted for name in names)


def _inert(line: str) -> str:
    start = line.index("sqlfluff")
    return f"{line[:start]}_{line[start + 1 :]}"
