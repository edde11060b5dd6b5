"""The one funnel: findings of every source are merged, scoped, suppressed, sorted and counted here, and nowhere else.

Nothing is lost on the way: what does not come out as a finding comes out as `Suppressed`, with its reason.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from review.domain.changeset import ChangedFile, Changeset, Side
from review.domain.finding import Finding, Location, Standard, Tier
from review.domain.verdict import Suppressed

SuppressionReason = Callable[[Finding], str | None]
"""Why the team does not want to see a finding (a waiver, an ignored rule), or None: `Policy.suppress`."""


class Scope(Enum):
    """Where a finding must lie to count (reviewdog's filter modes, under its names)."""

    ADDED = "added"
    """On a line that the change added, or removed."""
    DIFF_CONTEXT = "diff_context"
    """On a line that the diff shows."""
    FILE = "file"
    """Anywhere in a changed file: a change can break what it does not touch, and only what it introduces gets here."""


@dataclass(frozen=True)
class Funnelled:
    """What came out: see the fields of the same name of `Review`."""

    findings: tuple[Finding, ...]
    inline: frozenset[str]
    suppressed: tuple[Suppressed, ...]


def funnel(
    findings: Iterable[Finding], changeset: Changeset, suppress: SuppressionReason, scope: Scope = Scope.FILE
) -> Funnelled:
    """Merge, number, scope, suppress and sort; each fingerprint comes out once, worst first, then by path and line."""
    kept: list[Finding] = []
    dropped: list[Suppressed] = []
    single, repeated = _without_repetition(findings)
    dropped.extend(repeated)
    neighbours: dict[tuple[Location, Standard], dict[tuple[str, Tier], Finding]] = {}
    for finding in sorted(_numbered(single), key=_order):
        reason = suppress(finding) or _out_of_scope(finding, changeset, scope)
        near = neighbours.setdefault((finding.location, finding.standard), {})
        if reason is None and (twin := _twin(finding, near.values())) is not None:
            reason = f"merged into {twin.code} ({twin.severity.value}), which says it of the same lines"
        if reason is None:
            kept.append(finding)
            near.setdefault((_tool(finding), finding.tier), finding)
        else:
            dropped.append(Suppressed(finding, reason))
    inline = frozenset(finding.fingerprint for finding in kept if can_be_inline(finding, changeset))
    return Funnelled(tuple(kept), inline, tuple(dropped))


def can_be_inline(finding: Finding, changeset: Changeset) -> bool:
    """Whether GitHub takes a comment there: all of the finding's lines lie in one hunk of the diff."""
    where = finding.location
    file = changeset.file(where.path)
    if file is None:
        return False
    hunk = file.hunk_of(where.side, where.line)
    return hunk is not None and hunk.holds(where.side, where.end_line)


def _without_repetition(findings: Iterable[Finding]) -> tuple[list[Finding], list[Suppressed]]:
    """One of those that one source made of one place with one evidence: the most severe."""
    first: dict[tuple[str, object], Finding] = {}
    repeated = []
    for finding in sorted(findings, key=_order):
        key = (finding.with_ordinal(0).fingerprint, finding.location)
        if key in first:
            repeated.append(
                Suppressed(finding, f"repeats {finding.code} ({first[key].severity.value}) of the same lines")
            )
        else:
            first[key] = finding
    return list(first.values()), repeated


def _numbered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings whose fingerprints differ: those alike are numbered in the order of their lines.

    A number given already stays where it can: it counts the findings alike that the file had before the change.
    """
    seen: dict[str, int] = {}
    numbered = []
    for finding in sorted(findings, key=lambda found: (found.location.path, found.ordinal, found.location.line)):
        plain = finding.with_ordinal(0).fingerprint
        ordinal = max(finding.ordinal, seen.get(plain, 0))
        seen[plain] = ordinal + 1
        numbered.append(finding.with_ordinal(ordinal))
    return numbered


def _order(finding: Finding) -> tuple[int, str, int, int, str, int, str]:
    """Worst first, then as a reader goes through the files; among findings of one line the best proven first."""
    where = finding.location
    proof = list(Tier).index(finding.tier)
    return finding.severity.rank, where.path, where.line, proof, finding.source, finding.ordinal, finding.fingerprint


def _out_of_scope(finding: Finding, changeset: Changeset, scope: Scope) -> str | None:
    if scope is Scope.FILE:
        return None
    where = finding.location
    file = changeset.file(where.path)
    lines = range(where.line, where.end_line + 1)
    if file is not None and any(_shown(file, where.side, line, scope) for line in lines):
        return None
    return f"outside the scope {scope.value}: the change does not touch its lines"


def _shown(file: ChangedFile, side: Side, line: int, scope: Scope) -> bool:
    if scope is Scope.DIFF_CONTEXT:
        return file.hunk_of(side, line) is not None
    return line in (file.added if side is Side.RIGHT else file.removed)


def _twin(finding: Finding, near: Iterable[Finding]) -> Finding | None:
    """One that says the same: of those kept of this standard at exactly these lines, the first one by another tool.

    It must be at least as severe (it is: findings are kept in that order) and as well proven, so that no merge opens
    the gate.
    """
    tiers = list(Tier)
    return next(
        (
            other
            for other in near
            if _tool(other) != _tool(finding) and tiers.index(other.tier) <= tiers.index(finding.tier)
        ),
        None,
    )


def _tool(finding: Finding) -> str:
    return finding.source.partition(":")[0]
