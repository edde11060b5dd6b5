"""Payloads of the events, each checked against GitHub's own schema before it is used."""

from typing import Any

from githubkit_schemas.v2026_03_10 import models

from tests.e2e.action import NAME, NUMBER, RUN_ID, Action, common, fitting
from tests.github_server import state
from tests.github_server.schema import check_event, example
from tests.github_server.state import Comment


def pull_request(action: Action, activity: str, login: str = "ana", **more: Any) -> dict[str, Any]:
    """A `pull_request` event of that activity type; `more` are members of the payload beside the usual ones."""
    model = getattr(models, f"WebhookPullRequest{activity.title().replace('_', '')}")
    shown = state.pull_request(action.repository, action.pull, action.server.url)
    repository = _repository(action)
    keys = ("number", "title", "draft", "state", "user", "html_url", "merged")
    known = {
        **{key: shown[key] for key in keys},
        "head": {**shown["head"], "repo": repository},
        "base": {**shown["base"], "repo": repository},
    }
    inner = model.model_fields["pull_request"].annotation
    return _checked(
        "pull_request",
        example(
            model,
            action=activity,
            number=NUMBER,
            pull_request=fitting(inner, known),
            repository=repository,
            sender=state.user(login),
            **more,
        ),
    )


def merge_group(action: Action, base_sha: str, head_sha: str, activity: str = "checks_requested") -> dict[str, Any]:
    """A merge queue's request, or its word that the group is gone."""
    model = models.WebhookMergeGroupChecksRequested
    if activity == "destroyed":
        model = models.WebhookMergeGroupDestroyed
    group = example(
        models.MergeGroup,
        base_sha=base_sha,
        head_sha=head_sha,
        base_ref="refs/heads/main",
        head_ref=f"refs/heads/gh-readonly-queue/main/pr-{NUMBER}-{base_sha}",
    )
    made = example(
        model,
        action=activity,
        merge_group=group,
        repository=_repository(action),
        sender=state.user("github-merge-queue"),
    )
    return _checked("merge_group", made)


def dispatch(action: Action, ref: str = "refs/heads/refunds") -> dict[str, Any]:
    """A run by hand, started on that branch or tag."""
    made = example(
        models.WebhookWorkflowDispatch,
        inputs=None,
        ref=ref,
        repository=_repository(action),
        sender=state.user("ana"),
        workflow=".github/workflows/review.yml",
    )
    return _checked("workflow_dispatch", made)


def workflow_run(action: Action, actor: str = "eve", **more: Any) -> dict[str, Any]:
    """The pull request's own workflow run has ended; `more` are members of the run beside the usual ones."""
    inner = models.WebhookWorkflowRunCompletedPropWorkflowRun
    source = action.pull.fork or NAME
    owner = models.WebhookWorkflowRunCompletedPropWorkflowRunPropHeadRepositoryPropOwner
    head_repository = example(
        models.WebhookWorkflowRunCompletedPropWorkflowRunPropHeadRepository,
        name=source.partition("/")[2],
        full_name=source,
        owner=example(owner, login=source.partition("/")[0]),
    )
    run = example(
        inner,
        id=int(RUN_ID),
        event="pull_request",
        status="completed",
        **{
            "conclusion": "failure",
            "head_branch": action.pull.head_ref,
            "head_sha": action.pull.head_sha,
            "head_repository": head_repository,
            "actor": example(models.WebhookWorkflowRunCompletedPropWorkflowRunPropActor, login=actor),
            **more,
        },
    )
    made = example(
        models.WebhookWorkflowRunCompleted,
        action="completed",
        workflow=None,
        workflow_run=run,
        repository=_repository(action),
        sender=state.user(actor),
    )
    return _checked("workflow_run", made)


def issue_comment(action: Action, comment: Comment, *, on_issue: bool = False) -> dict[str, Any]:
    """Somebody wrote this comment in the conversation."""
    model = models.WebhookIssueCommentCreated
    inner = models.WebhookIssueCommentCreatedPropIssue
    issue = {"number": NUMBER, "state": action.pull.state, "title": action.pull.title, "user": state.user("ana")}
    if not on_issue:
        issue["pull_request"] = example(models.WebhookIssueCommentCreatedPropIssueAllof0PropPullRequest)
    made = example(
        model,
        action="created",
        comment=fitting(models.WebhookIssueCommentCreatedPropComment, _shown(action, comment)),
        issue=fitting(inner, issue),
        repository=_repository(action),
        sender=state.user(comment.login),
    )
    return _checked("issue_comment", made)


def review_comment(action: Action, comment: Comment) -> dict[str, Any]:
    """Somebody wrote this comment on the diff."""
    shown = state.pull_request(action.repository, action.pull, action.server.url)
    repository = _repository(action)
    pull = {
        **{key: shown[key] for key in ("number", "title", "draft", "state", "user", "html_url")},
        "head": {**shown["head"], "repo": repository},
        "base": {**shown["base"], "repo": repository},
    }
    known = {**_shown(action, comment), "path": comment.place["path"]}
    if "in_reply_to_id" in comment.place:
        known["in_reply_to_id"] = comment.place["in_reply_to_id"]
    made = example(
        models.WebhookPullRequestReviewCommentCreated,
        action="created",
        comment=fitting(models.WebhookPullRequestReviewCommentCreatedPropComment, known),
        pull_request=fitting(models.WebhookPullRequestReviewCommentCreatedPropPullRequest, pull),
        repository=repository,
        sender=state.user(comment.login),
    )
    return _checked("pull_request_review_comment", made)


def _shown(action: Action, comment: Comment) -> dict[str, Any]:
    return {"id": comment.id, "body": comment.body, "user": state.user(comment.login)}


def _repository(action: Action) -> dict[str, Any]:
    return example(models.RepositoryWebhooks, **common(NAME, action.server.url))


def _checked(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    check_event(payload, name)
    return payload
