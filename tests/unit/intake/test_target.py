from dataclasses import replace

from review.domain.target import PullRequest, Target
from review.github.facts import PullFacts
from review.intake.event import PullRequestEvent
from review.intake.target import target_of

BASE, HEAD, LATER = "b" * 40, "a" * 40, "c" * 40
EVENT = PullRequestEvent("octo/data", 7, "opened", HEAD, "ana")
FACTS = PullFacts(
    number=7,
    title="Now with refunds",
    is_draft=True,
    state="open",
    is_merged=False,
    url="https://github.com/octo/data/pull/7",
    author="ana",
    base_repository="octo/data",
    base_ref="main",
    base_sha=BASE,
    head_repository="octo/data",
    head_ref="refunds",
    head_sha=HEAD,
    clone_url="https://github.com/octo/data.git",
    default_branch="main",
)


def found(event: PullRequestEvent = EVENT, actor: str = "", **changes: object) -> Target:
    return target_of(event, replace(FACTS, **changes), actor=actor)[0]


def notices(event: PullRequestEvent = EVENT, **changes: object) -> tuple[str, ...]:
    return target_of(event, replace(FACTS, **changes))[1]


def test_facts_come_from_the_api() -> None:
    assert found() == Target(
        repository="octo/data",
        base_sha=BASE,
        head_sha=HEAD,
        pull_request=PullRequest(7, "Now with refunds", True, "open", FACTS.url, "main", "refunds"),
        is_fork=False,
        can_write=True,
        server_url="https://github.com",
    )
    assert notices() == ()


def test_a_head_that_moved_is_reviewed_and_said() -> None:
    assert found(head_sha=LATER).head_sha == LATER
    (notice,) = notices(head_sha=LATER)
    assert "moved from aaaaaaaaaaaa to cccccccccccc" in notice


def test_forks_and_deleted_forks_cannot_write() -> None:
    for head_repository in ("fork/data", None):
        target = found(head_repository=head_repository)
        assert (target.is_fork, target.can_write) == (True, False)


def test_case_of_the_repository_name_makes_no_fork() -> None:
    assert not found(head_repository="Octo/Data").is_fork


def test_dependabot_cannot_write_although_it_is_no_fork() -> None:
    for target in (found(replace(EVENT, actor="dependabot[bot]")), found(actor="dependabot[bot]")):
        assert (target.is_fork, target.can_write) == (False, False)


def test_renamed_repository_goes_by_its_new_name() -> None:
    assert found(base_repository="octo/new", head_repository="octo/new").repository == "octo/new"


def test_closed_by_now_is_said() -> None:
    assert notices(state="closed") == ("Pull request #7 is closed by now.",)


def test_server_url_is_taken_from_the_runner_where_it_is_known() -> None:
    target, _ = target_of(EVENT, FACTS, server_url="https://ghe.example.com/")
    assert target.server_url == "https://ghe.example.com"
