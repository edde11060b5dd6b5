"""From what a run is to review to the very commits, by what GitHub says now."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.commands.session import Session
from review.domain.target import Target
from review.errors import InputError, NotFound
from review.github.facts import PullFacts, RepositoryFacts
from review.intake.payload import NotReviewable
from review.intake.target import closed, range_target, target_of
from review.intake.work import ReviewCommits, ReviewPull, ReviewRefs, Work


@dataclass(frozen=True)
class Task:
    """The commits of one review, and where git finds them."""

    target: Target
    merge_base: str
    clone_url: str
    remarks: tuple[str, ...] = ()
    """What a reader of this run should know about how they were found."""
    asks_agent: bool = True
    notices: tuple[str, ...] = ()
    """What a reader of the review should know before anything else."""
    is_check: bool = True
    """Whether this run is the check of those commits. Another one says what was found, and does not fail for it."""


def task_of(work: Work, session: Session) -> Task | NotReviewable:
    """The commits to review for this work. Raises GitHubError, NoCommonHistory, or InputError where the inputs lead
    to no change.
    """
    if isinstance(work, ReviewPull):
        return _pull(work, session.reader.pull(work.repository, work.number), session)
    facts = session.reader.repository(work.repository)
    if isinstance(work, ReviewCommits):
        return _commits(work, facts, session)
    pulls = _pulls(work, facts, session)
    if not pulls:
        return _refs(work, facts, session)
    return _pull(ReviewPull(facts.name, pulls[0].number, has_base_token=True), pulls[0], session)


def _pull(work: ReviewPull, facts: PullFacts, session: Session) -> Task | NotReviewable:
    reason = closed(work, facts)
    if reason is not None:
        return reason
    target, remarks = target_of(work, facts, actor=session.env.actor, server_url=session.env.server_url)
    return Task(target, _merge_base(target, session), facts.clone_url, remarks)


def _commits(work: ReviewCommits, facts: RepositoryFacts, session: Session) -> Task:
    target = range_target(facts, work.base_sha, work.head_sha, server_url=session.env.server_url)
    from review.config.credentials import is_wanted

    remark = "A merge group is reviewed by rules and linters alone; the agent judges pull requests."
    is_news = is_wanted(session.environ, session.inputs.anthropic_api_key, session.inputs.provider)
    remarks = (remark,) if is_news else ()
    return Task(target, _merge_base(target, session), facts.clone_url, remarks, asks_agent=False)


def _pulls(work: ReviewRefs, facts: RepositoryFacts, session: Session) -> Sequence[PullFacts]:
    """The one open pull request that brings this head to that base, or none. Raises InputError for several."""
    if not work.branch:
        return ()
    base = work.base.removeprefix("heads/")
    found = session.reader.open_pulls(facts.name, work.branch)
    pulls = [pull for pull in found if base in ("", pull.base_ref)]
    if len(pulls) > 1:
        numbers = ", ".join(f"#{pull.number}" for pull in pulls)
        raise InputError(
            f"{work.branch} is the head of several open pull requests ({numbers}); give input pull-request one of these"
            " numbers."
        )
    return pulls


def _refs(work: ReviewRefs, facts: RepositoryFacts, session: Session) -> Task:
    if not work.base and work.branch == facts.default_branch:
        raise InputError(
            f"{work.branch} is the default branch, and no base was given to compare it with; give input base a branch,"
            " tag or commit, or pull-request a number, or run the workflow on another branch."
        )
    base = work.base or f"heads/{facts.default_branch}"
    base_sha, head_sha = _sha(base, "base", facts, session), _sha(work.head, "head", facts, session)
    shown_base, shown_head = base.removeprefix("heads/"), work.head.removeprefix("heads/")
    target = range_target(facts, base_sha, head_sha, server_url=session.env.server_url)
    merge_base = _merge_base(target, session)
    if merge_base == head_sha:
        raise InputError(
            f"{shown_base} holds all of {shown_head} ({head_sha[:12]}) already, so there is no change to review; give"
            " other values to the inputs base and head."
        )
    remark = (
        f"No open pull request was found for it, so {shown_head} ({head_sha[:12]}) was compared with {shown_base}"
        f" ({base_sha[:12]}); the review is in this summary and in the report files."
    )
    return Task(target, merge_base, facts.clone_url, (remark,))


def _sha(ref: str, name: str, facts: RepositoryFacts, session: Session) -> str:
    try:
        return session.reader.commit_sha(facts.name, ref)
    except NotFound as error:
        raise InputError(
            f"input {name}: {facts.name} has no branch, tag or commit {ref.removeprefix('heads/')}, or the token may"
            " not see it (permissions: contents: read)."
        ) from error


def _merge_base(target: Target, session: Session) -> str:
    """GitHub says which commit that is: history is what the workspace most often lacks, and could be forged there."""
    return session.reader.merge_base(target.repository, target.base_sha, target.head_sha)
