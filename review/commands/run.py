"""`data-review run`, the GitHub Action: an event in, the review to the pull request and to the runner's files."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from review import log
from review.config.environment import Environment
from review.config.inputs import Inputs
from review.domain.target import Target
from review.errors import EventError
from review.git.repository import Repository
from review.github.reader import Reader
from review.intake.event import NotReviewable, read_event
from review.intake.target import target_of
from review.stopwatch import Stopwatch

if TYPE_CHECKING:
    from review.config.policy import Policy
    from review.reviewers.memory import Memory
    from review.reviewers.setup import Consultant

MAX_EVENT_BYTES = 30_000_000
"""GitHub caps webhook payloads at 25 MB (docs.github.com, "Webhook events and payloads")."""


def run(environ: Mapping[str, str], cores: int) -> int:
    """Review the event this workflow run was started by and publish the review. Returns the exit status.

    Raises ReviewError, with a sentence for the workflow's author, where nothing could be reviewed.
    """
    env = Environment.from_environ(environ)
    event = read_event(env.event_name, _payload(env.event_path))
    if isinstance(event, NotReviewable):
        log.notice(event.reason, environ)
        return 0
    inputs = Inputs.from_environ(environ)
    reader = Reader(env.api_url, inputs.github_token, environ=environ)
    facts = reader.pull(event.repository, event.number)
    target, remarks = target_of(event, facts, actor=env.actor, server_url=env.server_url)
    watch = Stopwatch(time.monotonic)
    with watch.stage("git"):
        repository, merge_base = _repository(target, facts.clone_url, inputs, env, reader)
    from review import pipeline
    from review.commands.publishing import publish

    with repository:
        policy = _policy(repository, target, inputs)
        span = pipeline.Range(target, merge_base, pages=env.action_url)
        reviewed = pipeline.review(
            span,
            repository,
            policy,
            watch,
            cores,
            lambda: _consultant(repository, target, inputs, env, reader, environ),
        )
    publish(reviewed, inputs, env, reader, environ, remarks)
    return reviewed.verdict.exit_status


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


def _repository(
    target: Target, clone_url: str, inputs: Inputs, env: Environment, reader: Reader
) -> tuple[Repository, str]:
    """A repository that holds the commits, and their merge base.

    GitHub says which commit that is: history is what the workspace most often lacks, and what could be forged there.
    """
    merge_base = reader.merge_base(target.repository, target.base_sha, target.head_sha)
    commits = dict.fromkeys((target.base_sha, merge_base, target.head_sha))
    importing = Thread(target=_import_the_rest, daemon=True)
    token = inputs.github_token
    return Repository.from_remote(clone_url, token, commits, importing.start, env.workspace), merge_base


def _policy(repository: Repository, target: Target, inputs: Inputs) -> "Policy":
    """The team's policy at the base commit, with what the workflow's inputs say on top."""
    from datetime import UTC, datetime

    from review.config.policy import Policy

    policy = Policy.at(repository.tree(target.base_sha), inputs.config, datetime.now(UTC).date())
    policy = policy.with_agent(can_block=inputs.agent_can_block, on_failure=inputs.on_agent_failure)
    return policy.with_fail_on(inputs.fail_on)


def _consultant(
    repository: Repository, target: Target, inputs: Inputs, env: Environment, reader: Reader, environ: Mapping[str, str]
) -> "Consultant | None":
    """Whoever is to be asked about the change; None where the workflow has no credentials for a model."""
    from review.config.credentials import credentials_of

    credentials = credentials_of(environ, inputs.anthropic_api_key, inputs.provider, inputs.base_url)
    if credentials is None:
        return None
    from review.commands.agent import AgentConsultant, Wish
    from review.commands.publishing import earlier_agent_state

    def recall(identity: bytes) -> "Memory | None":
        from review.reviewers.memory import Memory

        return Memory.decoded(earlier_agent_state(target, inputs, env, reader), identity)

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
