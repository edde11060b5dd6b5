"""`review.json`: the machine's view of the review. `review.schema.json` beside this file says what it holds."""

import json
from typing import Any

from review.domain.agent import Spend
from review.domain.artifact import Artifact
from review.domain.evidence import Skipped
from review.domain.finding import Finding, Location
from review.domain.practice import Practice
from review.domain.redaction import redact
from review.domain.target import Target
from review.domain.verdict import Review, Suppressed, Verdict
from review.render.escape import MAX_INPUT

SCHEMA_VERSION = 1
"""Rises when a field goes or changes its meaning; a new field leaves it as it is."""


def review_json(review: Review) -> str:
    """The document as text, ASCII only (a terminal obeys nothing of it), ending in a newline."""
    return json.dumps(review_dict(review), indent=2) + "\n"


def review_dict(review: Review) -> dict[str, Any]:
    """The document as JSON values. Secrets are blotted out of its texts; paths are as git has them."""
    return {
        "schema_version": SCHEMA_VERSION,
        "target": _target(review.target, review.changeset.merge_base),
        "verdict": review.verdict.decision.value,
        "exit_status": review.verdict.exit_status,
        "gate": _gate(review.verdict),
        "checklist": [
            {"standard": item.standard.value, "status": item.status.value, "evidence": redact(item.evidence)}
            for item in review.verdict.checklist
        ],
        "projects": [
            {
                "kind": part.kind.value,
                "name": part.name,
                "verdict": part.decision.value,
                "findings": part.findings,
                "blocking": part.blocking,
                "not_checked": part.unseen,
            }
            for part in review.verdict.projects
        ],
        "findings": [_finding(finding, review) for finding in review.findings],
        "suppressed": [_suppressed(drop) for drop in review.suppressed],
        "questions": _questions(review),
        "skipped": [skip_dict(skip) for skip in review.skipped],
        "artifacts": [_artifact(artifact) for artifact in review.artifacts],
        "searched_for_secrets": review.searched,
        "practices": [practice_dict(practice) for practice in review.practices],
        "notices": [redact(notice) for notice in review.notices],
        "usage": {
            "seconds": {stage: round(seconds, 3) for stage, seconds in review.usage.seconds.items()},
            **_spend(review),
        },
        "agent": _agent(review),
    }


def _target(target: Target, merge_base: str) -> dict[str, Any]:
    pull = target.pull_request
    return {
        "repository": target.repository,
        "pull_request": None if pull is None else pull.number,
        "base_sha": target.base_sha,
        "merge_base": merge_base,
        "head_sha": target.head_sha,
    }


def _gate(verdict: Verdict) -> dict[str, Any]:
    """By which measure the verdict fails the run, and what exempts it."""
    opened = verdict.break_glass
    return {
        "fail_on": verdict.fail_on.value if verdict.fail_on is not None else "never",
        "varies_by_path": verdict.levels_vary,
        "shadow_until": verdict.shadow_until.isoformat() if verdict.shadow_until is not None else None,
        "break_glass": opened and {"label": redact(opened.label), "by": opened.by, "at": opened.at},
    }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """One finding as JSON values, with all that its fingerprint is computed from."""
    return {
        "fingerprint": finding.fingerprint,
        **_origin(finding),
        "source": finding.source,
        "standard": finding.standard.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "tier": finding.tier.value,
        "location": _location(finding.location),
        "title": redact(finding.title),
        "explanation": redact(finding.explanation),
        "remediation": redact(finding.remediation),
        "cost": redact(finding.cost),
        "scale": redact(finding.scale),
        "suggestion": _suggestion(finding),
        "evidence": finding.proof,
        "symbol": finding.scope,
        "ordinal": finding.ordinal,
        "identity_path": finding.identity_path,
        "help_url": finding.help_url,
    }


def skip_dict(skip: Skipped) -> dict[str, Any]:
    """One skip as JSON values."""
    return {
        "stage": skip.stage,
        "subject": skip.subject,
        "reason": redact(skip.reason),
        "standards": list(skip.standards),
        "harmless": skip.harmless,
    }


def practice_dict(practice: Practice) -> dict[str, Any]:
    """One thing that a standard asks of an artifact as JSON values."""
    return {
        "path": practice.path,
        "standard": practice.standard.value,
        "is_there": practice.is_there,
        "text": redact(practice.text),
        "line": practice.line,
    }


def _finding(finding: Finding, review: Review) -> dict[str, Any]:
    return {
        **finding_dict(finding),
        "inline": finding.fingerprint in review.inline,
        "blocking": finding.fingerprint in review.verdict.blocking,
    }


def _questions(review: Review) -> list[dict[str, str]]:
    return [
        {"topic": each.topic.value, "question": redact(each.text), "why": redact(each.why), "path": each.path}
        for each in (review.agent.questions if review.agent is not None else ())
    ]


def _spend(review: Review) -> dict[str, Any]:
    spend = review.agent.spend if review.agent is not None else Spend()
    return {
        "calls": spend.calls,
        "tokens": spend.tokens.sent + spend.tokens.output,
        "cache_read_tokens": spend.tokens.cache_read,
        "dollars": round(spend.dollars, 6),
    }


def _agent(review: Review) -> dict[str, Any] | None:
    """Who was asked and what became of it; None where nobody was."""
    report = review.agent
    if report is None:
        return None
    return {
        "name": report.agent,
        "model": report.model,
        "asked": report.asked.value,
        "judgements": [
            {"standard": each.standard.value, "judgement": each.judged.value, "rationale": redact(each.rationale)}
            for each in report.judgements
        ],
        "dropped": dict(report.dropped),
        "carried_files": report.carried,
    }


def _suppressed(drop: Suppressed) -> dict[str, Any]:
    return {**finding_dict(drop.finding), "reason": redact(drop.reason)}


def _origin(finding: Finding) -> dict[str, str]:
    return {"agent" if finding.source.startswith("agent:") else "rule": finding.code}


def _location(where: Location) -> dict[str, Any]:
    return {"path": where.path, "side": where.side.value, "line": where.line, "end_line": where.end_line}


def _suggestion(finding: Finding) -> str | None:
    """The exact edit, or None where a secret in it would have to be blotted out, which makes it another edit."""
    if finding.suggestion is None:
        return None
    text = finding.suggestion.replacement
    return text if len(text) <= MAX_INPUT and redact(text) == text else None


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "path": artifact.path,
        "kind": artifact.kind.value,
        "project": artifact.project,
        "dialect": artifact.dialect,
    }
