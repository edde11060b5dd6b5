"""What was found, counted: recall on known defects, noise on real pull requests. Pure."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NEAR = 5
"""Lines between a hit and a defect that still count as the same place."""
SMALL = 10
"""Data files up to which the number of findings is promised."""


@dataclass(frozen=True)
class Hit:
    """One finding."""

    rule: str
    is_rule: bool
    """Whether it is one of our rules'; else it is the linter's."""
    repo: str
    sha: str
    base: str
    path: str
    line: int
    end_line: int
    fingerprint: str
    confidence: str = ""
    title: str = ""
    explanation: str = ""
    remediation: str = ""
    suggestion: str | None = None

    @property
    def url(self) -> str:
        """The place on GitHub."""
        lines = f"L{self.line}" if self.line == self.end_line else f"L{self.line}-L{self.end_line}"
        return f"https://github.com/{self.repo}/blob/{self.sha}/{self.path.replace(' ', '%20')}#{lines}"

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What tells it from every other hit."""
        return self.rule, self.repo, self.sha, self.path, self.fingerprint


@dataclass(frozen=True)
class Outcome:
    """What came of one change."""

    repo: str
    base: str
    head: str
    is_range: bool
    files: int = 0
    """Data files of the change."""
    added: int = 0
    """Lines that it adds to them."""
    seconds: float = 0.0
    """Of the rules."""
    seconds_with_linter: float | None = None
    """Of rules and linter; None where that did not run."""
    hits: tuple[Hit, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""
    """Why it could not be looked at; empty where it was."""

    @property
    def rule_hits(self) -> tuple[Hit, ...]:
        """Those of our rules."""
        return tuple(hit for hit in self.hits if hit.is_rule)


def is_at(hit: Hit, defect: Mapping[str, Any]) -> bool:
    """Whether a hit lies on a known defect, or at most `NEAR` lines off."""
    return hit.path == defect["path_in_introducing_version"] and any(
        hit.line - NEAR <= line <= hit.end_line + NEAR for line in defect["lines_in_introducing_version"]
    )


def caught(outcomes: Iterable[Outcome], defects: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Id of each defect → the codes that hit it at the commit that brought it; none is an empty tuple."""
    hits: dict[tuple[str, str], list[Hit]] = defaultdict(list)
    for outcome in outcomes:
        hits[outcome.repo, outcome.head].extend(outcome.rule_hits)
    return {
        defect["id"]: tuple(
            sorted({hit.rule for hit in hits[defect["repo"], defect["introduced_sha"]] if is_at(hit, defect)})
        )
        for defect in defects
    }


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> float:
        """In per cent; of nothing nought."""
        return 100 * self.part / self.whole if self.whole else 0.0

    def __str__(self) -> str:
        return f"{self.part} of {self.whole} ({self.percent:.0f} %)"


def recall(found: Mapping[str, Sequence[str]], defects: Iterable[Mapping[str, Any]], by: str) -> dict[str, Share]:
    """Value of a field of the defects → how many of those are caught; the last entry is of `all`."""
    counted: dict[str, list[bool]] = defaultdict(list)
    every = []
    for defect in defects:
        is_caught = bool(found.get(defect["id"]))
        counted[str(defect[by])].append(is_caught)
        every.append(is_caught)
    shares = {value: Share(sum(each), len(each)) for value, each in sorted(counted.items())}
    return {**shares, "all": Share(sum(every), len(every))}


@dataclass(frozen=True)
class Noise:
    """What reviewers of real pull requests would have seen."""

    ranges: int
    silent: Share
    """Ranges without any finding."""
    median_small: float
    """Findings per range of those with at most `SMALL` data files."""
    per_hundred_lines: float
    findings: int
    most: int
    """Findings of the loudest range."""


def noise(outcomes: Iterable[Outcome], *, with_linter: bool = False) -> Noise:
    """Over the ranges that could be looked at and hold data files."""
    ranges = [each for each in outcomes if each.is_range and not each.problem and each.files]
    counts = [len(each.hits if with_linter else each.rule_hits) for each in ranges]
    small = [count for each, count in zip(ranges, counts, strict=True) if each.files <= SMALL]
    added = sum(each.added for each in ranges)
    return Noise(
        ranges=len(ranges),
        silent=Share(counts.count(0), len(counts)),
        median_small=statistics.median(small) if small else 0.0,
        per_hundred_lines=100 * sum(counts) / added if added else 0.0,
        findings=sum(counts),
        most=max(counts, default=0),
    )


def hits_by_rule(outcomes: Iterable[Outcome], *, in_ranges: bool) -> Counter[str]:
    """Code → hits in the ranges, or in every change."""
    return Counter(hit.rule for each in outcomes if each.is_range or not in_ranges for hit in each.rule_hits)
