"""The one funnel: findings of every source are merged, suppressed, sorted and counted here, and nowhere else.

Nothing is lost on the way: what does not come out as a finding comes out as `Suppressed`, with its reason.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from review.domain.changeset import Changeset
from review.domain.finding import Confidence, Finding
from review.domain.verdict import Suppressed

SuppressionReason = Callable[[Finding], str | None]
"""Why the team does not want to see a finding (a waiver, an ignored rule), or None."""


@dataclass(frozen=True)
class Funnelled:
    """What came out: see the fields of the same name of `Review`."""

    findings: tuple[Finding, ...]
    inline: frozenset[str]
    suppressed: tuple[Suppressed, ...]


def funnel(findings: Iterable[Finding], changeset: Changeset, suppress: SuppressionReason) -> Funnelled:
    """Merge, suppress and sort; each fingerprint comes out once, worst first, then by path and line."""
    kept: list[Finding] = []
    dropped: list[Suppressed] = []
    for finding in sorted(_numbered(findings), key=_order):
        reason = suppress(finding)
        twin = _twin(finding, kept) if reason is None else None
        if reason is not None:
            dropped.append(Suppressed(finding, reason))
        elif twin is not None:
            dropped.append(Suppressed(finding, f"says the same of the same line as {twin.code}"))
        else:
            kept.append(finding)
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


def _numbered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings whose fingerprints differ: those alike are numbered in the order of their lines."""
    seen: dict[str, int] = {}
    numbered = []
    for finding in sorted(findings, key=lambda found: (found.location.path, found.location.line)):
        plain = replace(finding, ordinal=0).fingerprint
        ordinal = max(finding.ordinal, seen.get(plain, 0))
        seen[plain] = ordinal + 1
        numbered.append(finding.with_ordinal(ordinal))
    return numbered


def _order(finding: Finding) -> tuple[int, int, str, int, str, str]:
    where = finding.location
    certainty = list(Confidence).index(finding.confidence)
    return finding.severity.rank, certainty, where.path, where.line, finding.source, finding.fingerprint


def _twin(finding: Finding, kept: Iterable[Finding]) -> Finding | None:
    """A finding kept already that another source made of the same standard at exactly the same lines."""
    return next(
        (
            other
            for other in kept
            if other.location == finding.location
            and other.standard is finding.standard
            and other.source.partition(":")[0] != finding.source.partition(":")[0]
        ),
        None,
    )
