"""`data-review run`, the GitHub Action: an event in, the review to the pull request and to the runner's files."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from review import log
from review.commands.session import Session
from review.commands.tasks import Task, task_of
from review.config.environment import Environment
from review.config.inputs import Inputs
from review.domain.target import Range, Target
from review.errors import EventError
from review.git.repository import Repository
from review.intake.event import CommentEvent, Event, NotReviewable, WorkflowRunEvent, read_event
from review.intake.work import work_of
from review.stopwatch import Stopwatch

if TYPE_CHECKING:
    from review.commands.policies import Policies
    from review.domain.conversation import Ignores
    from review.domain.verdict import Review
    from review.pipeline import Gather
    from review.publish.base import Outcome
    from review.reviewers.memory import Memory
    from review.reviewers.setup import Consultant

MAX_EVENT_BYTES = 30_000_000
"""GitHub caps webhook payloads at 25 MB (docs.github.com, "Webhook events and payloads")."""


def run(environ: Mapping[str, str], cores: int) -> int:
    """Review what started this workflow run and publish the review. Returns the exit status.

    Raises ReviewError, with a sentence for the workflow's author, where nothing could be reviewed.
    """
    env = Environment.from_environ(environ)
    event = read_event(env.event_name, _payload(env.event_path))
    if isinstance(event, NotReviewable):
        return _leave(event, environ)
    session = Session.start(env, environ, cores)
    _check_agent(session)
    if isinstance(event, WorkflowRunEvent):
        from review.commands.posting import post

        return post(event, session)
    if isinstance(event, CommentEvent):
        from review.commands.answering import obey

        outcome = obey(event, session, lambda: _carry_out(event, session))
    else:
        outcome = _carry_out(event, session)
    return _leave(outcome, environ) if isinstance(outcome, NotReviewable) else outcome


def _check_agent(session: Session) -> None:
    """Raise ReviewError where an input says of the agent what no run can use."""
    inputs = session.inputs
    if (inputs.agent, inputs.model, inputs.model_price) == (Inputs.agent, Inputs.model, Inputs.model_price):
        return
    from review.commands.agent import Wish, check

    check(Wish(inputs.agent, inputs.model, inputs.model_price), session.environ)


def _carry_out(event: Event, session: Session) -> int | NotReviewable:
    """Find the commits that the event is about, and do with them what the inputs say. Gives the exit status."""
    task = task_of(work_of(event, session.inputs), session)
    if isinstance(task, NotReviewable):
        return task
    if isinstance(event, CommentEvent):
        task = replace(task, is_check=False)
    if session.inputs.mode != "review":
        from review.commands.sharding import carry_out

        return carry_out(task, session)
    return review(task, session)


def review(task: Task, session: Session, gather: "Gather | None" = None) -> int:
    """Review these commits and publish the review. Returns the exit status. Raises ReviewError as `run` does.

    `gather` gives the evidence where another run collected it.
    """
    made, _ = published(task, session, gather)
    return made.verdict.exit_status if task.is_check else 0


def published(task: Task, session: Session, gather: "Gather | None" = None) -> "tuple[Review, list[Outcome]]":
    """The same: the review, and what came of its comments on the pull request."""
    target, env, inputs = task.target, session.env, session.inputs
    watch = Stopwatch(time.monotonic)
    with watch.stage("git"):
        repository = repository_of(task, session)
    from review import pipeline
    from review.commands.break_glass import with_break_glass
    from review.commands.publishing import publish

    with repository:
        read = policies_of(repository, task, inputs)
        policy, notices = read.policy, (*task.notices, *read.notices)
        span = Range(target, task.merge_base, notices, env.action_url, read.skipped)
        reviewed = pipeline.review(
            span,
            repository,
            policy,
            watch,
            session.cores,
            lambda: _consultant(repository, task, session),
            gather,
            lambda least: _ignores(target, session, least),
        )
    reviewed = _with_missing_credentials(reviewed, task, session)
    reviewed = with_break_glass(reviewed, policy, session.reader, session.environ)
    return reviewed, publish(reviewed, inputs, env, session.reader, session.environ, task.remarks, task.is_check)


def _with_missing_credentials(made: "Review", task: Task, session: Session) -> "Review":
    """With a notice where a provider is named and nobody could be asked: somebody wanted it otherwise."""
    provider = session.inputs.provider
    if not (provider and task.asks_agent and made.artifacts and made.agent is None):
        return made
    notice = f"The agent was not asked: input provider names {provider}, and this run has no credentials for it."
    log.warning(notice, session.environ)
    return replace(made, notices=(*made.notices, notice))


def _leave(nothing: NotReviewable, environ: Mapping[str, str]) -> int:
    if nothing.reason:
        log.notice(nothing.reason, environ)
    return 0


def _import_the_rest() -> None:
    """Import what is needed after the fetch, while we wait for it: a third of a short run's own time."""
    import shutil  # noqa: F401

    import review.commands.publishing
    import review.pipeline  # noqa: F401
    from review.domain.redaction import redact

    redact("")  # compiles its patterns


def _payload(path: Path) -> object:
    """The event's payload. Raises EventError where the file is missing, larger than GitHub makes it, or no JSON."""
    try:
        with path.open("rb") as file:
            payload = file.read(MAX_EVENT_BYTES + 1)
    except OSError as error:
        raise EventError(
            f"The event's payload cannot be read: GITHUB_EVENT_PATH names {path} ({error.strerror})."
            " GitHub writes it, so run the action from a workflow."
        ) from error
    if len(payload) > MAX_EVENT_BYTES:
        raise EventError(f"The event's payload {path} is larger than any that GitHub sends.")
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise EventError(
            f"The event's payload {path} is not JSON; GitHub writes it, so run from a workflow."
        ) from error


def repository_of(task: Task, session: Session) -> Repository:
    """A repository that holds the commits. Raises GitError."""
    commits = dict.fromkeys((task.target.base_sha, task.merge_base, task.target.head_sha))
    importing = Thread(target=_import_the_rest, daemon=True)
    token, workspace = session.inputs.github_token, session.env.workspace
    return Repository.from_remote(task.clone_url, token, commits, importing.start, workspace)


def policies_of(repository: Repository, task: Task, inputs: Inputs) -> "Policies":
    """The team's policy, with what the workflow's inputs say on top. Raises PolicyError."""
    from datetime import UTC, datetime

    from review.commands.policies import policies

    base, start, head = map(repository.tree, (task.target.base_sha, task.merge_base, task.target.head_sha))
    is_named = inputs.config != Inputs.config
    read = policies(base, start, head, inputs.config, datetime.now(UTC).date(), is_named=is_named)
    policy = read.policy.with_agent(can_block=inputs.agent_can_block, on_failure=inputs.on_agent_failure)
    return replace(read, policy=policy.with_fail_on(inputs.fail_on))


def _ignores(target: Target, session: Session, least: str) -> "Ignores":
    """What people with at least that role ignore on the pull request."""
    from review.domain.conversation import Ignores

    if target.pull_request is None:
        return Ignores()
    from review.commands.ignoring import standing_ignores
    from review.github.pull_request import PullRequestClient

    name, env = target.repository, session.env
    client = PullRequestClient(env.api_url, session.inputs.github_token, name, target.pull_request.number)
    return standing_ignores(client, lambda login: session.reader.role(name, login), least)


def _consultant(repository: Repository, task: Task, session: Session) -> "Consultant | None":
    """Whoever is to be asked about the change; None where nobody is, or there are no credentials for a model."""
    target, env, inputs, environ = task.target, session.env, session.inputs, session.environ
    if not task.asks_agent:
        return None
    from review.config.credentials import credentials_of

    credentials = credentials_of(environ, inputs.anthropic_api_key, inputs.provider, inputs.base_url)
    if credentials is None:
        return None
    from review.commands.agent import AgentConsultant, Wish
    from review.commands.publishing import earlier_agent_state

    def recall(identity: bytes) -> "Memory | None":
        from review.reviewers.memory import Memory

        return Memory.decoded(earlier_agent_state(target, inputs, env, session.reader), identity)

    wish = Wish(inputs.agent, inputs.model, inputs.model_price, inputs.max_cost_usd)
    made = AgentConsultant(
        wish,
        credentials,
        repository.tree(target.base_sha),
        environ,
        recall,
        announce=lambda text: log.line(text, environ),
    )
    setup = made.setup
    log.line(f"The agent: {setup.agent.name} on {setup.voice.model}.", environ)
    for clause in setup.agent.notices:
        log.notice(f"{inputs.agent}: {clause}.", environ)
    return made
