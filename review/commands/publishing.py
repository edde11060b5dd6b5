"""Where a review goes: report files, job summary, comments or annotations, outputs. No surface waits for another."""

import json
from collections.abc import Mapping, Sequence

from review import log
from review.config.environment import Environment
from review.config.inputs import Inputs
from review.domain.evidence import Stage
from review.domain.redaction import redact
from review.domain.severity import Severity
from review.domain.target import Target
from review.domain.verdict import Review
from review.errors import GitHubError
from review.github.reader import Reader
from review.publish.base import EARLIER, NotPublished, Outcome, Published
from review.publish.files import publish_outputs, publish_report, publish_step_summary
from review.render import markers
from review.render.json import review_json
from review.render.markdown import markdown
from review.render.sarif import sarif_json
from review.render.summary import step_summary
from review.render.words import NAME, is_irrelevant, verdict

REPORT = {"json": "review.json", "markdown": "review.md", "sarif": "review.sarif"}


def publish(
    review: Review,
    inputs: Inputs,
    env: Environment,
    reader: Reader,
    environ: Mapping[str, str],
    remarks: Sequence[str] = (),
    is_check: bool = True,
) -> list[Outcome]:
    """Write the review everywhere it belongs, and say in the log what could not be written and why.

    Gives what came of the comments on the pull request. `remarks` are about this run and not about the change: they go
    to the log and the job summary, and to no comment. Where the run `is_check` of the commits, a verdict that fails it
    is an error in the log.
    """
    for remark in remarks:
        log.notice(remark, environ)
    report = publish_report(env.workspace, inputs.report_dir, _report(review))
    summary = publish_step_summary(env.step_summary, step_summary(review, remarks))
    comments = _publish_comments(review, inputs, env, reader)
    folder = inputs.report_dir if isinstance(report, Published) else ""
    url = next((outcome.url for outcome in comments if isinstance(outcome, Published) and outcome.url), "")
    outputs = publish_outputs(env.output, _outputs(review, folder, url))
    for outcome in (report, summary, *comments, outputs):
        if isinstance(outcome, NotPublished):
            log.warning(f"Not published: {outcome.surface}: {outcome.reason}", environ)
    if any(isinstance(outcome, NotPublished) and outcome.surface != EARLIER for outcome in comments):
        _annotate(review, environ)
    for skip in review.skipped:
        if skip.stage == Stage.AGENT.value and not skip.harmless:
            log.warning(f"{skip.subject}: {skip.reason}.", environ)
    conclusion = f"{NAME}: {verdict(review)}."
    if review.verdict.exit_status and is_check:
        log.error(conclusion, environ)
    else:
        log.line(conclusion, environ)
    return comments


def _report(review: Review) -> dict[str, str]:
    """Name → text of the report's files."""
    return {
        REPORT["json"]: review_json(review),
        REPORT["markdown"]: markdown(review),
        REPORT["sarif"]: sarif_json(review),
    }


def _publish_comments(review: Review, inputs: Inputs, env: Environment, reader: Reader) -> list[Outcome]:
    """The comments on the pull request, unless they may not be written or a newer head's stand there already."""
    pull_request = review.target.pull_request
    if pull_request is None or inputs.comments == "none":
        return []
    if not review.target.can_write:
        return [NotPublished("comments", _READ_ONLY)]
    repository, number, reviewed = review.target.repository, pull_request.number, review.changeset.head_sha
    try:
        if is_irrelevant(review) and not _has_earlier_comments(reader, repository, number):
            return []
    except GitHubError as error:
        return [NotPublished("comments", str(error))]
    from review.github.pull_request import PullRequestClient
    from review.publish.pull_request import Wish, publish_review

    def obstacle() -> str:
        """Why a run of this head must not write now. The pull request may have moved on while it was reviewed."""
        facts = reader.pull(repository, number)
        if facts.head_sha != reviewed:
            return _SUPERSEDED.format(head=facts.head_sha[:12], reviewed=reviewed[:12])
        return "" if facts.state == "open" else _CLOSED.format(state=facts.state)

    client = PullRequestClient(env.api_url, inputs.github_token, repository, number)
    return publish_review(client, review, Wish(inputs.comments == "inline", inputs.max_inline_comments), obstacle)


def earlier_agent_state(target: Target, inputs: Inputs, env: Environment, reader: Reader) -> str:
    """What the agent's last review left in our summary comment; empty where there is none to be had."""
    if target.pull_request is None or not target.can_write or inputs.comments == "none":
        return ""
    repository, number = target.repository, target.pull_request.number
    try:
        if not _may_have_earlier(reader, repository, number):
            return ""
        from review.github.pull_request import PullRequestClient
        from review.publish.comment import ours

        client = PullRequestClient(env.api_url, inputs.github_token, repository, number)
        earlier = ours(client.summaries(), client.login(), markers.is_summary)
    except GitHubError:  # without it, the agent is asked anew
        return ""
    return markers.read_agent(earlier.body) if earlier is not None else ""


_READ_ONLY = (
    "the pull request comes from a fork or from Dependabot, so the token may only read; the findings are annotations of"
    " this run, and in the job summary and the report files."
)


_SUPERSEDED = (
    "the head of the pull request is {head} by now, so this review of {reviewed} is not written there; the newer commit"
    " gets its own."
)
_CLOSED = "the pull request is {state} by now, so the review is not written there."


def _has_earlier_comments(reader: Reader, repository: str, number: int) -> bool:
    """Whether anything stands there that may be ours, to be brought up to date. Raises GitHubError.

    A run that was stopped before its summary has left comments on the diff alone.
    """
    return _may_have_earlier(reader, repository, number) or any(
        markers.read_subject(comment.body) for comment in reader.inline_comments(repository, number)
    )


def _may_have_earlier(reader: Reader, repository: str, number: int) -> bool:
    """Whether a summary stands on the pull request that may be ours, to be brought up to date. Raises GitHubError."""
    return any(markers.is_summary(comment.body) for comment in reader.issue_comments(repository, number))


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
        "cost-usd": f"{review.agent.spend.dollars if review.agent is not None else 0:.4f}",
        "comment-url": url,
        "report-json": f"{folder}/{REPORT['json']}" if folder else "",
        "report-sarif": f"{folder}/{REPORT['sarif']}" if folder else "",
    }
