from dataclasses import replace

import pytest

from review.domain.target import PullRequest, Target
from review.errors import InputError
from review.github.facts import PullFacts, RepositoryFacts
from review.intake.payload import NotReviewable
from review.intake.target import closed, range_target, target_of
from review.intake.work import ReviewPull

BASE, HEAD, LATER = "b" * 40, "a" * 40, "c" * 40
WORK = ReviewPull("octo/data", 7, HEAD, "ana")
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


def found(work: ReviewPull = WORK, actor: str = "", **changes: object) -> Target:
    return target_of(work, replace(FACTS, **changes), actor=actor)[0]


def notices(work: ReviewPull = WORK, **changes: object) -> tuple[str, ...]:
    return target_of(work, replace(FACTS, **changes))[1]


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
    for target in (found(replace(WORK, actor="dependabot[bot]")), found(actor="dependabot[bot]")):
        assert (target.is_fork, target.can_write) == (False, False)


def test_renamed_repository_goes_by_its_new_name() -> None:
    assert found(base_repository="octo/new", head_repository="octo/new").repository == "octo/new"


def test_the_base_repositorys_token_writes_everywhere() -> None:
    work = replace(WORK, has_base_token=True)
    assert found(work, head_repository="fork/data").can_write
    assert found(replace(work, actor="dependabot[bot]")).can_write


def test_a_run_that_no_head_shows_says_nothing_of_moving() -> None:
    assert notices(replace(WORK, head_sha=""), head_sha=LATER) == ()


def test_only_an_open_pull_request_is_reviewed() -> None:
    assert closed(WORK, FACTS) is None
    for merged, word in ((True, "merged"), (False, "closed")):
        facts = replace(FACTS, state="closed", is_merged=merged)
        assert closed(WORK, facts) == NotReviewable(f"Nothing was reviewed: pull request #7 is {word} by now.")
        with pytest.raises(InputError, match=f"^input pull-request: #7 is {word}; name one that is open"):
            closed(replace(WORK, is_named=True), facts)


def test_two_commits_belong_to_no_pull_request_and_are_written_about_nowhere() -> None:
    facts = RepositoryFacts("octo/data", "main", "https://github.com/octo/data.git", "https://github.com/octo/data")
    target = range_target(facts, BASE, HEAD)
    assert target == Target("octo/data", BASE, HEAD, server_url="https://github.com")
    assert (target.pull_request, target.can_write) == (None, False)


def test_server_url_is_taken_from_the_runner_where_it_is_known() -> None:
    target, _ = target_of(WORK, FACTS, server_url="https://ghe.example.com/")
    assert target.server_url == "https://ghe.example.com"
