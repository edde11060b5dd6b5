"""GitHub's official schema, as githubkit carries it: checks bodies, and makes examples of what we do not model."""

import types
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin

from githubkit_schemas.v2026_03_10 import models
from githubkit_schemas.v2026_03_10.webhooks import (
    issue_comment,
    merge_group,
    pull_request,
    pull_request_review_comment,
    workflow_dispatch,
    workflow_run,
)
from pydantic import BaseModel, TypeAdapter

NOW = "2026-01-05T09:00:00Z"
LATER = "2026-01-05T10:00:00Z"

REQUESTS: dict[str, Any] = {
    "POST issue comment": models.ReposOwnerRepoIssuesIssueNumberCommentsPostBody,
    "PATCH issue comment": models.ReposOwnerRepoIssuesCommentsCommentIdPatchBody,
    "POST review": models.ReposOwnerRepoPullsPullNumberReviewsPostBody,
    "POST inline comment": models.ReposOwnerRepoPullsPullNumberCommentsPostBody,
    "PATCH inline comment": models.ReposOwnerRepoPullsCommentsCommentIdPatchBody,
    "POST reaction": models.ReposOwnerRepoIssuesCommentsCommentIdReactionsPostBody,
    "POST reply": models.ReposOwnerRepoPullsPullNumberCommentsCommentIdRepliesPostBody,
}
ANSWERS: dict[str, Any] = {
    "pull request": models.PullRequest,
    "pull requests": list[models.PullRequestSimple],
    "repository": models.FullRepository,
    "commit": models.Commit,
    "permission": models.RepositoryCollaboratorPermission,
    "reaction": models.Reaction,
    "uploads": models.ReposOwnerRepoActionsRunsRunIdArtifactsGetResponse200,
    "comparison": models.CommitComparison,
    "issue comment": models.IssueComment,
    "issue comments": list[models.IssueComment],
    "review": models.PullRequestReview,
    "reviews": list[models.PullRequestReview],
    "review's comments": list[models.ReviewComment],
    "inline comment": models.PullRequestReviewComment,
    "inline comments": list[models.PullRequestReviewComment],
    "issue events": list[models.LabeledIssueEvent | models.UnlabeledIssueEvent],
    "nothing": None,
    "error": models.BasicError,
    "validation error": models.ValidationError,
    "simple validation error": models.ValidationErrorSimple,
}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def check(name: str, data: Any) -> None:
    """Raise pydantic's ValidationError where the data is not of that shape or has keys that GitHub does not know."""
    if name not in _ADAPTERS:
        _ADAPTERS[name] = TypeAdapter({**REQUESTS, **ANSWERS}[name])
    _ADAPTERS[name].validate_python(data, extra="forbid")


EVENTS: dict[str, Any] = {
    "pull_request": pull_request.PullRequestEvent,
    "pull_request_target": pull_request.PullRequestEvent,
    "merge_group": merge_group.MergeGroupEvent,
    "workflow_dispatch": workflow_dispatch.WorkflowDispatchEvent,
    "workflow_run": workflow_run.WorkflowRunEvent,
    "issue_comment": issue_comment.IssueCommentEvent,
    "pull_request_review_comment": pull_request_review_comment.PullRequestReviewCommentEvent,
}


def check_event(data: Any, name: str = "pull_request") -> None:
    """The same for the payload of an event."""
    TypeAdapter(EVENTS[name]).validate_python(data, extra="forbid")


def example(model: Any, **known: Any) -> dict[str, Any]:
    """An object with every required key of the model: what is known, and something allowed for the rest."""
    made = {
        field.alias or name: _example_of(field.annotation)
        for name, field in model.model_fields.items()
        if field.is_required() and (field.alias or name) not in known
    }
    return {**made, **known}


def _example_of(annotation: Any) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return None if type(None) in arguments else _example_of(arguments[0])
    if origin is Literal:
        return arguments[0]
    if origin is list:
        return []
    if hasattr(annotation, "__metadata__"):
        return _example_of(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example(annotation)
    simple: dict[Any, Any] = {str: "", int: 1, float: 1.0, bool: False, datetime: NOW, Any: "", type(None): None}
    return simple.get(annotation, {})
