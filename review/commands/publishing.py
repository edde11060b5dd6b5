"""Where a review goes: report files, job summary, comments or annotations, outputs. No surface waits for another."""

import json
from collections.abc import Mapping

from review import log
from review.config.environment import Environment
from review.config.inputs import Inputs
from review.domain.redaction import redact
from review.domain.severity import Severity
from review.domain.verdict import Review
from review.github.reader import Reader
from review.publish.base import NotPublished, Outcome, Published
from review.publish.files import publish_outputs, publish_report, publish_step_summary
from review.render import markers
from review.render.json import review_json
from review.render.markdown import markdown
from review.render.sarif import sarif_json
from review.render.summary import step_summary
from review.render.words import NAME, is_irrelevant, verdict

REPORT = {"json": "review.json", "markdown": "review.md", "sarif": "review.sarif"}


def publish(review: Review, inputs: Inputs, env: Environment, reader: Reader, environ: Mapping[str, str]) -> None:
    """Write the review everywhere it belongs, and say in the log what could not be written and why."""
    report = publish_report(env.workspace, inputs.report_dir, _report(review))
    summary = publish_step_summary(env.step_summary, step_summary(review))
    comments = _publish_comments(review, inputs, env, reader)
    folder = inputs.report_dir if isinstance(report, Published) else ""
    url = next((outcome.url for outcome in comments if isinstance(outcome, Published) and outcome.url), "")
    outputs = publish_outputs(env.output, _outputs(review, folder, url))
    for outcome in (report, summary, *comments, outputs):
        if isinstance(outcome, NotPublished):
            log.warning(f"Not published: {outcome.surface}: {outcome.reason}", environ)
    if any(isinstance(outcome, NotPublished) for outcome in comments):
        _annotate(review, environ)
    conclusion = f"{NAME}: {verdict(review)}."
    if review.verdict.exit_status:
        log.error(conclusion, environ)
    else:
        log.line(conclusion, environ)


def _report(review: Review) -> dict[str, str]:
    """Name → text of the report's files."""
    return {
        REPORT["json"]: review_json(review),
        REPORT["markdown"]: markdown(review),
        REPORT["sarif"]: sarif_json(review),
    }


def _publish_comments(review: Review, inputs: Inputs, env: Environment, reader: Reader) -> list[Outcome]:
    """The comments on the pull request: inline ones first, so that the summary never points at what is not there."""
    pull_request = review.target.pull_request
    if pull_request is None or inputs.comments == "none":
        return []
    if not review.target.can_write:
        return [NotPublished("comments", _READ_ONLY)]
    if is_irrelevant(review) and not _has_earlier(review, reader):
        return []
    from review.github.pygithub import PullRequestClient
    from review.publish.comment import publish_summary
    from review.publish.inline import Draft, publish_inline
    from review.render.comment import inline_comment, summary_comment

    client = PullRequestClient(env.api_url, inputs.github_token, review.target.repository, pull_request.number)
    outcomes: list[Outcome] = []
    on_lines: list[str] = []
    if inputs.comments == "inline":
        chosen = [finding for finding in review.findings if finding.fingerprint in review.inline]
        chosen = chosen[: inputs.max_inline_comments]
        drafts = [Draft(finding, inline_comment(finding, review)) for finding in chosen]
        outcome = publish_inline(client, drafts, review.changeset.head_sha, markers.read_finding)
        outcomes.append(outcome)
        if isinstance(outcome, Published):
            on_lines = [
                draft.finding.fingerprint for draft in drafts if draft.finding.fingerprint not in outcome.left_out
            ]
    outcomes.append(publish_summary(client, summary_comment(review, on_lines), markers.is_summary))
    return outcomes


_READ_ONLY = (
    "the pull request comes from a fork or from Dependabot, so the token may only read; the findings are annotations of"
    " this run, and in the job summary and the report files."
)


def _has_earlier(review: Review, reader: Reader) -> bool:
    """Whether a summary of an earlier review stands on the pull request, to be brought up to date."""
    pull_request = review.target.pull_request
    assert pull_request is not None
    comments = reader.issue_comments(review.target.repository, pull_request.number)
    return any(comment.author_type == "Bot" and markers.is_summary(comment.body) for comment in comments)


def _annotate(review: Review, environ: Mapping[str, str]) -> None:
    from review.render.annotations import annotations

    found = annotations(review)
    for annotation in found.shown:
        log.annotate(annotation, environ)
    if found.left_out:
        log.notice(f"{found.left_out} more findings are in the job summary and in the report files.", environ)


def _outputs(review: Review, folder: str, url: str) -> dict[str, str]:
    return {
        "verdict": review.verdict.decision.value,
        "findings": str(len(review.findings)),
        **{severity.value: str(review.count(severity)) for severity in Severity},
        "blocking": str(len(review.verdict.blocking)),
        "checklist": json.dumps(
            [
                {"standard": item.standard.value, "status": item.status.value, "evidence": redact(item.evidence)}
                for item in review.verdict.checklist
            ]
        ),
        "comment-url": url,
        "report-json": f"{folder}/{REPORT['json']}" if folder else "",
        "report-sarif": f"{folder}/{REPORT['sarif']}" if folder else "",
    }
