"""From what a run is to review to the commits, against a real HTTP server: every answer that GitHub may give."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from review.commands.session import Session
from review.commands.tasks import Task, task_of
from review.config.environment import Environment
from review.config.inputs import Inputs
from review.errors import GitHubError, InputError, NoCommonHistory
from review.github.reader import Reader
from review.intake.event import NotReviewable
from review.intake.work import ReviewCommits, ReviewPull, ReviewRefs
from tests.e2e.action import NAME, NUMBER, Action
from tests.github_server.server import WRITES, Fault, GitHubServer
from tests.github_server.state import Pull


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Action]:
    """The repository, made once: no test moves its branches."""
    server = GitHubServer()
    made = Action(tmp_path_factory.mktemp("opened"), server)
    made.open_small()
    yield made
    server.close()


@pytest.fixture
def action(opened: Action, github: GitHubServer) -> Action:
    made = Action(opened.root, github)
    made.checkout, made.pull = opened.checkout, replace(opened.pull)
    made.repository = github.add(NAME, opened.repository.directory, made.pull)
    return made


def session(action: Action, **inputs: Any) -> Session:
    environ = action.variables(WRITES, {}, str(action.root), str(action.root))
    env = Environment.from_environ(environ)
    reader = Reader(env.api_url, WRITES, environ={}, deadline=0.0)
    return Session(env, Inputs(WRITES, **inputs), reader, environ, 1)


def task(action: Action, work: Any) -> Task:
    made = task_of(work, session(action))
    assert isinstance(made, Task)
    return made


def refs(base: str = "", head: str = "heads/refunds", branch: str = "refunds") -> ReviewRefs:
    return ReviewRefs(NAME, base, head, branch)


def another(action: Action, number: int, **changes: Any) -> None:
    action.repository.pulls[number] = replace(action.pull, number=number, **changes)


def test_a_pull_request_is_found_with_its_merge_base(action: Action) -> None:
    made = task(action, ReviewPull(NAME, NUMBER))
    assert (made.target.head_sha, made.merge_base) == (action.pull.head_sha, action.pull.base_sha)
    assert made.clone_url == f"{action.server.url}/{NAME}.git"
    assert (made.remarks, made.asks_agent) == ((), True)


def test_a_closed_one_is_left_unless_it_was_asked_for(action: Action) -> None:
    action.pull.state = "closed"
    assert isinstance(task_of(ReviewPull(NAME, NUMBER), session(action)), NotReviewable)
    with pytest.raises(InputError, match=r"^input pull-request: #7 is closed"):
        task(action, ReviewPull(NAME, NUMBER, is_named=True))


def test_a_pull_request_that_is_not_there(action: Action) -> None:
    with pytest.raises(GitHubError, match="pull request #99 of shop/data-platform"):
        task(action, ReviewPull(NAME, 99, is_named=True))


def test_a_merge_group_has_no_agent(action: Action) -> None:
    made = task(action, ReviewCommits(NAME, action.pull.base_sha, action.pull.head_sha))
    assert not made.asks_agent
    assert (made.target.pull_request, made.target.can_write) == (None, False)


def test_a_branch_is_its_open_pull_request_and_writes_even_for_dependabots(action: Action) -> None:
    made = task(action, refs())
    assert made.target.pull_request is not None
    assert made.target.can_write


@pytest.mark.parametrize("base", ["main", "heads/main"])
def test_a_base_that_is_the_pull_requests_own_leads_to_it(action: Action, base: str) -> None:
    assert task(action, refs(base)).target.pull_request is not None


def test_another_base_is_a_comparison_of_commits(action: Action) -> None:
    action.repository.git("branch", "release/1", action.pull.base_sha)
    made = task(action, refs("release/1"))
    assert made.target.pull_request is None
    (remark,) = made.remarks
    assert f"was compared with release/1 ({action.pull.base_sha[:12]})" in remark


def test_of_several_pull_requests_one_has_to_be_named(action: Action) -> None:
    another(action, 9, base_ref="release")
    with pytest.raises(InputError, match=r"several open pull requests \(#7, #9\); give input pull-request"):
        task(action, refs())
    found = task(action, refs("release")).target.pull_request
    assert found is not None
    assert found.number == 9


def test_a_forks_branch_of_the_same_name_is_another_branch(action: Action) -> None:
    """GitHub looks for `owner:branch`; an organisation may hold a fork of its own repository."""
    action.pull.fork = f"{NAME.split('/')[0]}/fork"
    assert task(action, refs()).target.pull_request is None


def test_the_default_branch_may_be_somebodys_head(action: Action) -> None:
    action.repository.pulls[8] = Pull(8, action.pull.base_sha, action.pull.head_sha, base_ref="prod", head_ref="main")
    found = task(action, refs(head="heads/main", branch="main")).target.pull_request
    assert found is not None
    assert found.number == 8


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (refs(head="heads/main", branch="main"), "main is the default branch, and no base was given"),
        (
            refs(base="nowhere", head="x", branch="x"),
            "input base: shop/data-platform has no branch, tag or commit nowhere",
        ),
        (
            refs(head="heads/x/y#z", branch="x/y#z"),
            "input head: shop/data-platform has no branch, tag or commit x/y#z,",
        ),
        (refs(base="refunds", head="main", branch=""), "refunds holds all of main ("),
        (refs(base="main", head="main", branch=""), "main holds all of main ("),
    ],
)
def test_what_leads_to_no_change_is_one_sentence(action: Action, work: ReviewRefs, said: str) -> None:
    with pytest.raises(InputError) as caught:
        task(action, work)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_commits_without_a_common_ancestor(action: Action) -> None:
    action.checkout.git("checkout", "-q", "--orphan", "alone")
    head = action.checkout.commit({"b.sql": "select 2\n"}, message="alone")
    action.checkout.git("push", "-q", str(action.repository.directory), "HEAD:refs/heads/alone")
    with pytest.raises(NoCommonHistory):
        task(action, refs(head=head, branch=""))


@pytest.mark.parametrize("path", [r"^/repos/shop/data-platform$", r"/pulls$", r"/commits/", r"/compare/"])
@pytest.mark.parametrize("status", [403, 500])
def test_a_failing_server_is_one_sentence(action: Action, path: str, status: int) -> None:
    action.pull.state = "closed"
    action.server.faults.append(Fault("GET", path, status, times=99))
    with pytest.raises(GitHubError) as caught:
        task(action, refs())
    assert "\n" not in str(caught.value)
