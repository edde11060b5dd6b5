"""What inputs say of the agent where nobody can be asked: refused where it is wrong, and missed where it is meant."""

from dataclasses import replace
from pathlib import Path

import pytest

from review.commands.agent import Wish, check
from review.commands.run import published
from review.commands.tasks import Task, task_of
from review.domain.verdict import Review
from review.errors import ReviewError
from review.intake.work import ReviewPull
from tests.e2e.action import NAME, NUMBER, Action
from tests.github_server.server import GitHubServer
from tests.unit.commands.test_tasks import session


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("nobody"), "input agent: no agent 'nobody' comes with the action"),
        (Wish("verifier"), "input agent: no agent 'verifier' comes with the action"),
        (Wish("data-engineer", "two words"), "is no model's name"),
        (Wish("data-engineer", model_price="1,2"), "input model-price: '1,2' is not accepted"),
    ],
)
def test_what_no_run_can_use_is_refused_without_a_key(wish: Wish, said: str) -> None:
    with pytest.raises(ReviewError) as caught:
        check(wish, {})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "wish",
    [Wish("data-engineer"), Wish(".github/agents/mine.md", "opus", "2,10,2.5,0.1"), Wish("data-engineer", "x-1")],
)
def test_what_some_run_can_use_is_not(wish: Wish) -> None:
    check(wish, {})


def made(action: Action, **changes: bool) -> Review:
    """The review of the small change with a provider named, and no credentials."""
    asked = session(action, provider="bedrock", comments="none")
    task = task_of(ReviewPull(NAME, NUMBER, has_base_token=True), asked)
    assert isinstance(task, Task)
    return published(replace(task, **changes), asked)[0]


def test_a_provider_without_credentials_is_missed(
    tmp_path: Path, github: GitHubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    action = Action(tmp_path, github)
    action.open_small()
    said = "The agent was not asked: input provider names bedrock, and this run has no credentials for it."
    assert said in made(action).notices
    assert f"::warning::{said}\n" in capsys.readouterr().out
    assert said not in made(action, asks_agent=False).notices
