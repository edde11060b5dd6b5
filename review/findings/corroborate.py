"""What an agent and a tool both say becomes one finding: the tool's, which the agent's word makes surer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from review.domain.agent import Claim
from review.domain.finding import Confidence, Finding, Tier
from review.domain.verdict import Suppressed

NEAR = 3
"""Lines between a claim and the finding it cites that may still be one; others must share a line."""


@dataclass(frozen=True)
class Corroborated:
    """The findings of tools, some of them surer, then those of the agent that no tool made; and what was merged."""

    findings: tuple[Finding, ...]
    merged: tuple[Suppressed, ...]


def corroborate(proven: Iterable[Finding], claims: Iterable[Claim]) -> Corroborated:
    """Merge each claim into the tool's finding that says the same.

    That is one of the same standard on the same lines (or near them, where the claim cites it), or one that it cites
    on the same lines. A tool's advisory finding that a verified claim repeats counts as corroborated; none gets to
    block by itself.
    """
    tools = list(proven)
    own: list[Finding] = []
    merged: list[Suppressed] = []
    for claim in claims:
        at = next((number for number, tool in enumerate(tools) if _is_same(claim, tool)), None)
        if at is None:
            own.append(claim.finding)
            continue
        tool = tools[at]
        tools[at] = _surer(tool, claim.finding) if tool.standard is claim.finding.standard else tool
        does = "confirms" if tool.standard is claim.finding.standard else "cites, on the same lines"
        merged.append(Suppressed(claim.finding, f"merged into {tool.code}, which it {does}"))
    return Corroborated((*tools, *own), tuple(merged))


def _is_same(claim: Claim, tool: Finding) -> bool:
    mine, its = claim.finding.location, tool.location
    if (mine.path, mine.side) != (its.path, its.side):
        return False
    apart = max(mine.line - its.end_line, its.line - mine.end_line)
    cited = any((each.source, each.location) == (tool.source, tool.location) for each in claim.rests_on)
    if tool.standard is claim.finding.standard:
        return apart <= (NEAR if cited else 0)
    return cited and apart <= 0


def _surer(tool: Finding, word: Finding) -> Finding:
    """One level more of confidence; the tier rises only on a verified word."""
    levels = list(Confidence)
    confidence = levels[max(levels.index(tool.confidence) - 1, 0)]
    rises = tool.tier is Tier.ADVISORY and word.tier is Tier.CORROBORATED
    return replace(tool, confidence=confidence, tier=Tier.CORROBORATED if rises else tool.tier)
