"""Findings without the secrets of the file they are about: the one place that all of the tools' findings pass.

A rule or a linter quotes the code it speaks of, and a line of that can hold a secret under no name at all, which
another line gives the name of one. So what the file says somewhere to be a secret is blotted out of every field,
before the fingerprint is computed: it is the same in each run, whoever computes it.
"""

from dataclasses import replace

from review.domain.artifact import Artifact
from review.domain.finding import Finding
from review.domain.redaction import digested, redact, secrets_of


def without_secrets(finding: Finding, artifact: Artifact) -> Finding:
    """The finding with each secret of either version of the file replaced: in its identity by a digest of it.

    An edit that holds a secret is another edit without it, so there is none then.
    """
    versions = (artifact.head, artifact.base)
    known = frozenset(secret for version in versions if version is not None for secret in secrets_of(version.text))
    edit = finding.suggestion
    if edit is not None and redact(edit.replacement, known) != edit.replacement:
        edit = None
    if not known:
        return replace(finding, suggestion=edit)
    return replace(
        finding,
        title=redact(finding.title, known),
        explanation=redact(finding.explanation, known),
        remediation=redact(finding.remediation, known),
        cost=redact(finding.cost, known),
        scale=redact(finding.scale, known),
        evidence=digested(finding.evidence, known),
        symbol=digested(finding.symbol, known),
        suggestion=edit,
    )
