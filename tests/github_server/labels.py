"""The labels of a pull request, and the history that tells who set them."""

from typing import Any

from githubkit_schemas.v2026_03_10 import models

from tests.github_server import state
from tests.github_server.schema import NOW, example
from tests.github_server.server import Answer, GitHubServer, Request, pull_of, route
from tests.github_server.state import Pull, Repository


def set_label(pull: Pull, label: str, login: str) -> None:
    """Somebody sets a label on the pull request."""
    pull.labels = (*pull.labels, label)
    pull.history.append(("labeled", label, login))


def take_off(pull: Pull, label: str, login: str) -> None:
    """Somebody takes it off."""
    pull.labels = tuple(each for each in pull.labels if each != label)
    pull.history.append(("unlabeled", label, login))


@route("GET", "/issues/{}/events")
def _list_events(server: GitHubServer, request: Request, repo: Repository, number: str) -> Answer:
    return 200, "issue events", [_event(*entry) for entry in pull_of(repo, number).history]


def _event(kind: str, label: str, login: str) -> dict[str, Any]:
    model, inner = {
        "labeled": (models.LabeledIssueEvent, models.LabeledIssueEventPropLabel),
        "unlabeled": (models.UnlabeledIssueEvent, models.UnlabeledIssueEventPropLabel),
    }[kind]
    shown = example(inner, name=label)
    return example(model, event=kind, actor=state.user(login), created_at=NOW, label=shown)
