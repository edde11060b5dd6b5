"""Readers' verdicts: which hits are to be read, what a reader gets, and the precision that follows.

`judgements.jsonl` holds one verdict a line: the hit's key, whether it is true and worth saying, why, in our own words,
and who read it. A reader sees the rule's page, the change and the file around it, and nothing of what others said.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.evals.changes import clone_of, git, rows
from tests.evals.metrics import Hit, Share

TABLE = Path(__file__).parent / "judgements.jsonl"
CONTEXT = 15
"""Lines of the file shown on both sides of a hit."""
LONGEST = 400
"""Characters of a line that are shown."""
_MAX_WHY = 300


@dataclass(frozen=True)
class Judgement:
    """What one reader says of one hit."""

    rule: str
    repo: str
    sha: str
    path: str
    line: int
    fingerprint: str
    verdict: bool
    """True and worth saying."""
    why: str
    reader: str

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Of the hit; as `Hit.key`."""
        return self.rule, self.repo, self.sha, self.path, self.fingerprint


def read(row: Mapping[str, Any]) -> Judgement:
    """One verdict of JSON values. Raises ValueError where something is missing or is no verdict."""
    try:
        made = Judgement(**{name: row[name] for name in Judgement.__dataclass_fields__})
    except KeyError as missing:
        raise ValueError(f"a verdict without {missing}: {row.get('path')}:{row.get('line')}") from missing
    if not isinstance(made.verdict, bool):
        raise ValueError(f"neither true nor false: {made.path}:{made.line}")
    if not made.why.strip() or "\n" in made.why or len(made.why) > _MAX_WHY:
        raise ValueError(f"say why in one line of at most {_MAX_WHY} characters: {made.path}:{made.line}")
    return made


def merged(known: Iterable[Judgement], more: Iterable[Judgement]) -> list[Judgement]:
    """The table with new verdicts; a reader's later verdict on a hit takes the place of the earlier one."""
    kept = {(each.key, each.reader): each for each in (*known, *more)}
    return sorted(kept.values(), key=lambda each: (each.rule, each.repo, each.path, each.line, each.reader))


def draw(hits: Iterable[Hit], judged: Iterable[Judgement], most: int, seed: str) -> list[Hit]:
    """At most so many hits of each rule, by chance, without those that were judged; each finding once.

    By the digest of seed and hit, so that who draws again after a change of a rule gets the same ones as far as they
    are still there.
    """
    known = {each.key for each in judged}
    by_rule: dict[str, dict[tuple[str, ...], Hit]] = defaultdict(dict)
    for hit in hits:
        if hit.is_rule:
            by_rule[hit.rule].setdefault(hit.key, hit)
    chosen = []
    for _, found in sorted(by_rule.items()):
        ranked = sorted(found.values(), key=lambda hit: _rank(hit, seed))[:most]
        chosen.extend(hit for hit in ranked if hit.key not in known)
    return sorted(chosen, key=lambda hit: (hit.rule, hit.repo, hit.path, hit.line))


def _rank(hit: Hit, seed: str) -> str:
    return hashlib.sha256("\0".join((seed, *hit.key)).encode()).hexdigest()


@dataclass(frozen=True)
class Precision:
    """How many of the hits that were judged are true and worth saying."""

    rules: Mapping[str, Share]
    overall: Share
    unjudged: Mapping[str, int]
    gone: int
    """Verdicts on what is found no more."""


def precision(hits: Iterable[Hit], judged: Sequence[Judgement]) -> Precision:
    """Of the hits there are now. Where readers disagree, a hit is true only if all say so."""
    verdicts: dict[tuple[str, ...], bool] = {}
    for each in judged:
        verdicts[each.key] = verdicts.get(each.key, True) and each.verdict
    now = {hit.key: hit.rule for hit in hits if hit.is_rule}
    counted: dict[str, list[bool]] = defaultdict(list)
    unjudged: dict[str, int] = defaultdict(int)
    for key, rule in now.items():
        if key in verdicts:
            counted[rule].append(verdicts[key])
        else:
            unjudged[rule] += 1
    shares = {rule: Share(sum(each), len(each)) for rule, each in sorted(counted.items())}
    overall = Share(sum(each.part for each in shares.values()), sum(each.whole for each in shares.values()))
    return Precision(shares, overall, dict(sorted(unjudged.items())), len(set(verdicts) - set(now)))


def table(file: Path = TABLE) -> list[Judgement]:
    """The verdicts so far."""
    return [read(row) for row in rows(file)] if file.exists() else []


def keep(judged: Iterable[Judgement], file: Path = TABLE) -> None:
    """Write the table."""
    file.write_text("".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in judged), encoding="utf-8")


def reading_list(hits: Sequence[Hit], pages: Mapping[str, str], clones: Path) -> Iterator[str]:
    """The markdown a reader gets of a rule's hits: its page, then of each hit what it says, the hunk and the file."""
    yield f"{pages[hits[0].rule].strip()}\n"
    for number, hit in enumerate(hits, 1):
        yield f"\n---\n\n## Hit {number}: `{hit.path}` line {hit.line}\n\n{hit.url}\n\n**{hit.title}**\n"
        yield f"\n{hit.explanation}\n\n{hit.remediation}\n"
        if hit.suggestion is not None:
            yield f"\n```suggestion\n{hit.suggestion}\n```\n"
        yield f"\n```diff\n{hunk(hit, clones)}\n```\n\n```text\n{around(hit, clones)}\n```\n"


def answers(hits: Iterable[Hit], reader: str) -> str:
    """JSON lines to be filled in: `verdict` and `why`."""
    blank = ("rule", "repo", "sha", "path", "line", "fingerprint")
    return "".join(
        json.dumps({**{name: getattr(hit, name) for name in blank}, "verdict": None, "why": "", "reader": reader})
        + "\n"
        for hit in hits
    )


def hunk(hit: Hit, clones: Path) -> str:
    """The part of the change's diff around the hit; a sentence where the change does not touch its lines."""
    clone = clone_of(clones, hit.repo)
    diff = git(clone, "diff", "-U6", "-M", "-l3000", "--no-ext-diff", hit.base, hit.sha, "--", hit.path)
    for each in ("\n" + diff).split("\n@@ ")[1:]:
        start, _, count = each.split("+", 1)[1].split(" @@", 1)[0].partition(",")
        lines = range(int(start), int(start) + int(count or 1))
        if hit.line in lines or hit.end_line in lines:
            shown = f"@@ {each}".split("\n")
            at = min(len(shown), max(0, hit.line - lines.start))
            return "\n".join(line[:LONGEST] for line in shown[max(0, at - 40) : at + 60])
    return "(the change does not touch these lines)"


def around(hit: Hit, clones: Path) -> str:
    """The hit's lines in the file after the change, marked, with those around."""
    lines = git(clone_of(clones, hit.repo), "show", f"{hit.sha}:{hit.path}").split("\n")
    first, last = max(1, hit.line - CONTEXT), min(len(lines), hit.end_line + CONTEXT)
    return "\n".join(
        f"{'>' if hit.line <= number <= hit.end_line else ' '}{number:6} {lines[number - 1][:LONGEST]}"
        for number in range(first, last + 1)
    )
