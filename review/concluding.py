"""What was found and said, weighed: the review, all but how long it took."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from review.artifacts.relevance import may_matter
from review.config.policy import Policy
from review.domain.changeset import Changeset
from review.domain.evidence import Skipped, Stage
from review.domain.target import Range
from review.domain.verdict import Review, Usage
from review.git.repository import Repository
from review.verdict.decide import decide
from review.verdict.quiet import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.artifacts.classify import Classification
    from review.domain.consulted import Consulted
    from review.domain.conversation import Ignores
    from review.evidence.collect import Evidence
    from review.evidence.secrets import Searched

LARGE = 8
"""Findings up to which a reader sees without help whose they are."""


def conclude(
    span: Range,
    searched: "Searched",
    found: "Classification",
    evidence: "Evidence",
    heard: "Consulted",
    policy: Policy,
    ignores_of: "Callable[[str], Ignores] | None" = None,
) -> Review:
    """Everything that was found and said in one review.

    `searched` brings what was found outside of the artifacts, and the change with those lines.
    """
    from review.domain.conversation import Ignores
    from review.findings.corroborate import corroborate
    from review.findings.funnel import funnel

    together = corroborate(evidence.findings, heard.claims)
    all_findings = (*together.findings, *searched.findings)
    ignores = ignores_of(policy.ignore_comments) if ignores_of is not None and all_findings else Ignores()
    changeset = searched.changeset
    funnelled = funnel(all_findings, changeset, lambda finding: policy.suppress(finding) or ignores.reason(finding))
    before = (*span.skipped, *changeset.skipped, *_left_out(changeset, policy))
    skipped = tuple(sorted({*before, *found.skipped, *evidence.skipped, *heard.skipped, *searched.skipped}))
    return Review(
        target=span.target,
        changeset=changeset,
        artifacts=found.artifacts,
        findings=funnelled.findings,
        inline=funnelled.inline,
        suppressed=(*funnelled.suppressed, *together.merged, *heard.suppressed),
        skipped=skipped,
        verdict=decide(
            found.artifacts,
            funnelled.findings,
            skipped,
            evidence.subjects,
            policy.fail_on,
            agent=heard.report,
            agent_can_block=policy.agent_can_block,
            lets_agent_fail=policy.lets_agent_fail,
            fail_on_at=policy.fail_on_at,
            shadow_until=policy.shadow,
            quiet=Quiet(evidence.off, funnelled.suppressed),
            practices=evidence.practices,
        ),
        usage=Usage(),
        notices=(*span.notices, *policy.notices, *heard.notices, *ignores.notices),
        agent=heard.report,
        practices=evidence.practices,
        rules={**searched.rules, **evidence.rules},
        is_claimed=evidence.is_claimed,
        searched=searched.files,
    )


def nothing_to_review(span: Range, searched: "Searched", policy: Policy, more: tuple[Skipped, ...]) -> Review:
    """The review of a change that touches no data file and holds no secret: eight times not applicable. `more` is what
    went unseen while that was found out."""
    changeset = searched.changeset
    before = (*span.skipped, *changeset.skipped, *_left_out(changeset, policy))
    skipped = tuple(sorted({*before, *more, *searched.skipped}))
    verdict = decide((), (), skipped, {}, policy.fail_on, fail_on_at=policy.fail_on_at, shadow_until=policy.shadow)
    return Review(
        target=span.target,
        changeset=changeset,
        artifacts=(),
        findings=(),
        inline=frozenset(),
        suppressed=(),
        skipped=skipped,
        verdict=verdict,
        usage=Usage(),
        notices=(*span.notices, *policy.notices),
        searched=searched.files,
    )


def owners(made: Review, repository: Repository) -> Mapping[str, tuple[str, ...]]:
    """Who owns the files of a large review's findings, by CODEOWNERS at the base commit."""
    if len(made.findings) <= LARGE:
        return {}
    from review.intake.codeowners import owners_of

    return owners_of((finding.location.path for finding in made.findings), repository.tree(made.target.base_sha))


def _left_out(changeset: Changeset, policy: Policy) -> tuple[Skipped, ...]:
    """How many changed files the team's paths leave out that could be data files."""
    number = sum(may_matter(file.path) and not policy.includes(file.path) for file in changeset)
    if not number:
        return ()
    files = f"{number:,} changed file{'s' * (number > 1)} that could be ours to review"
    return (
        Skipped(Stage.CLASSIFY.value, policy.source, f"its `paths` or `paths-ignore` leave out {files}", harmless=True),
    )
