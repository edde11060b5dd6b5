"""`review.sarif`: SARIF 2.1.0, in the subset that GitHub's code scanning reads.

What it wants of a file is on docs.github.com, "SARIF support for code scanning": every rule with short and full
description and help, every result with a line in a file under `%SRCROOT%` and `primaryLocationLineHash`, by which an
alert is known again in the next run (ours does not depend on the line). What was not looked at is a notification of the
invocation.
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from review import __version__
from review.domain.changeset import Side
from review.domain.evidence import Skipped
from review.domain.finding import Finding, Location, Standard
from review.domain.severity import Severity
from review.domain.verdict import Decision, Review, Suppressed
from review.render.escape import plain, prose
from review.render.links import help_page
from review.render.words import NAME, place

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS = 5_000
"""Results of one run that code scanning shows (of 25,000 that it takes); the worst are kept."""
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SECURITY = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""`security-severity`, within GitHub's bands: over 9.0 critical, 7.0 high, 4.0 medium."""


def sarif_json(review: Review) -> str:
    """The document as text, ASCII only, ending in a newline."""
    return json.dumps(sarif(review), indent=2) + "\n"


def sarif(review: Review) -> dict[str, Any]:
    """The document as JSON values."""
    entries: list[tuple[Finding, Suppressed | None]] = [(finding, None) for finding in review.findings]
    entries += [(drop.finding, drop) for drop in review.suppressed]
    shown = entries[:MAX_RESULTS]
    rules = _rules([finding for finding, _ in shown], review.rules)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {"driver": {"name": NAME, "semanticVersion": __version__, "rules": rules}},
        "automationDetails": {"id": "data-review/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The repository's root."}}},
        "invocations": [_invocation(review, len(entries) - len(shown))],
        "results": [_result(finding, drop, index[_rule_id(finding)], review) for finding, drop in shown],
    }
    if review.target.server_url:
        address = f"{review.target.server_url.rstrip('/')}/{quote(review.target.repository)}"
        run["versionControlProvenance"] = [{"repositoryUri": address, "revisionId": review.changeset.head_sha}]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(findings: list[Finding], said: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """One descriptor for each rule that found something, in the order of their identifiers."""
    by_source: dict[str, list[Finding]] = {}
    for finding in findings:
        by_source.setdefault(_rule_id(finding), []).append(finding)
    return [_rule(source, by_source[source], said) for source in sorted(by_source)]


def _rule(source: str, findings: list[Finding], said: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The rule's texts are its own, not those of one finding: an alert's do not change with what else is found."""
    sample = min(findings, key=lambda finding: (finding.title, finding.explanation))
    usual = Counter(finding.title for finding in sorted(findings, key=_title)).most_common(1)[0][0]
    title, why = said.get(source, (usual, ""))
    page = help_page(sample)
    text = why or _of_nobody(sample)
    security = sample.standard is Standard.SECURITY
    worst = min((finding.severity for finding in findings), key=lambda severity: severity.rank)
    properties: dict[str, Any] = {
        "tags": [sample.standard.value],
        "precision": {"high": "very-high", "medium": "medium", "low": "low"}[sample.confidence.value],
        "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[_LEVELS[worst]],
    }
    if security:
        properties["security-severity"] = _SECURITY[worst]
    descriptor: dict[str, Any] = {
        "id": source,
        "name": sample.code,
        "shortDescription": {"text": _message(title)},
        "fullDescription": {"text": _message(text)},
        "help": {
            "text": f"{_message(text)} {page or ''}".strip(),
            "markdown": f"{prose(text)}\n\n[{sample.code}]({page})" if page else prose(text),
        },
        "defaultConfiguration": {"level": _LEVELS[worst]},
        "properties": properties,
    }
    if page:
        descriptor["helpUri"] = page
    return descriptor


def _of_nobody(sample: Finding) -> str:
    """What is said of a rule that says nothing of itself: an agent's standard, a linter's rule that the team chose."""
    kind, _, name = sample.source.partition(":")
    if kind == "agent":
        standard = sample.standard.title.lower()
        return (
            f"What the agent {name} judges by the standard {standard}. Each alert says what it found, and what helps."
        )
    return f"{name} is a rule of {'ours' if kind == 'rule' else kind}. Each alert says what it found, and what helps."


def _rule_id(finding: Finding) -> str:
    """The rule, or the agent with the standard it judges by: its findings have nothing else in common."""
    is_agents = finding.source.startswith("agent:")
    return f"{finding.source}/{finding.standard.value}" if is_agents else finding.source


def _title(finding: Finding) -> str:
    return finding.title


def _result(finding: Finding, drop: Suppressed | None, rule: int, review: Review) -> dict[str, Any]:
    before = "" if finding.location.side is Side.RIGHT else f" (Before the change: {place(finding)}.)"
    text = f"{finding.title}. {finding.explanation} {finding.remediation}{before}"
    result: dict[str, Any] = {
        "ruleId": _rule_id(finding),
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(text)},
        "locations": [{"physicalLocation": _physical(finding.location)}],
        "partialFingerprints": {
            "dataReview/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:1",
        },
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "tier": finding.tier.value,
            "standard": finding.standard.value,
            "blocking": finding.fingerprint in review.verdict.blocking,
        },
    }
    if drop is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": plain(drop.reason)}]
    return result


def _physical(where: Location) -> dict[str, Any]:
    """Removed lines are not in the head version: the file's first line stands for them."""
    line, end = (where.line, where.end_line) if where.side is Side.RIGHT else (1, 1)
    return {
        "artifactLocation": {"uri": quote(where.path, safe="/", errors="replace"), "uriBaseId": _ROOT},
        "region": {"startLine": line, "endLine": end},
    }


def _invocation(review: Review, left_out: int) -> dict[str, Any]:
    undecided = frozenset(review.verdict.undecided)
    notes = [_notification(skip, skip in undecided) for skip in review.skipped]
    if left_out:
        notes.append({"level": "warning", "message": {"text": f"{left_out} results more than are kept in this file."}})
    return {
        "executionSuccessful": review.verdict.decision is not Decision.INCOMPLETE,
        "exitCode": review.verdict.exit_status,
        "toolExecutionNotifications": notes,
    }


def _notification(skip: Skipped, is_undecided: bool) -> dict[str, Any]:
    level = "error" if is_undecided else "note" if skip.harmless else "warning"
    return {"level": level, "message": {"text": _message(f"{skip.stage}: {skip.subject}: {skip.reason}")}}


def _message(text: str) -> str:
    """Plain text in which no link can stand (SARIF 2.1.0, 3.11.6: `[text](target)`)."""
    return plain(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
