"""What will be sent, decided before anything is: which files, in which clusters, how deep, and for how much."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from review.domain.agent import Tokens
from review.domain.artifact import Artifact, Kind
from review.domain.outline import Outline
from review.model.catalogue import Price, cost
from review.model.ledger import estimate
from review.reviewers.brief import HARNESS, SCEPTIC, mark, review_request
from review.reviewers.clusters import FILE_CHARACTERS, Cluster, clusters
from review.reviewers.conversation import size
from review.reviewers.diff import changed_lines, show
from review.reviewers.facts import Fact
from review.reviewers.memory import Memory, file_key, review_key
from review.reviewers.schemas import REVIEW_SCHEMA, VERIFY_SCHEMA
from review.reviewers.setup import Change, Setup

SMALL_CHARACTERS = 6_000
SMALL_LINES = 40
"""A change of one cluster within both is small: what is shown is all there is to see, so no tools."""
MAX_CLUSTERS = 40
"""Conversations of one run; more would take longer than the run may."""
CHECKS_VERSION = "1"
"""Raise it when the checks change in a way that makes earlier answers worth asking for again."""

_TURNS = 3
"""Turns of a conversation with tools, for the estimate: a guess, replaced by what runs report."""
_ANSWER = 1_800
"""Tokens of one turn's answer, thinking included, for the estimate."""
_TOOL_RESULT = 1_500
_FINDINGS = 3
"""Findings of a cluster to be verified, for the estimate."""
_VERIFY_CHARACTERS = 4_500
_VERIFY_ANSWER = 500


@dataclass(frozen=True)
class Estimate:
    """What the plan will probably take."""

    calls: int
    tokens: Tokens
    dollars: float | None
    """None where the model's prices are not known."""


@dataclass(frozen=True)
class Plan:
    """Which conversations there will be."""

    clusters: tuple[Cluster, ...]
    left: tuple[Cluster, ...]
    """The clusters of least risk, beyond what one run may ask."""
    facts: tuple[Fact, ...]
    sign: str
    """What encloses the data."""
    with_tools: bool
    trivial: tuple[str, ...]
    """Paths whose change needs no judgement."""
    carried: tuple[str, ...]
    """Paths that an earlier run reviewed as they are now."""
    cut: Mapping[str, int]
    """Path → changed lines that a reviewer would read and the agent did not get, of every file sent now or before."""
    keys: Mapping[str, str]
    """Path → `file_key`, of every file that is reviewed or carried."""
    review: str
    """`review_key` of this run."""

    def facts_of(self, cluster: Cluster) -> list[Fact]:
        """The facts about the cluster's files."""
        paths = set(cluster.paths)
        return [fact for fact in self.facts if fact.path in paths]


def plan(change: Change, setup: Setup, memory: Memory | None) -> Plan:
    """The plan for that change. Files that are trivial, or that `memory` knows as they are, are not sent again."""
    key = review_key(
        CHECKS_VERSION,
        HARNESS,
        SCEPTIC,
        json.dumps([REVIEW_SCHEMA, VERIFY_SCHEMA]),
        setup.agent.name,
        setup.agent.body,
        setup.verifier.body,
        setup.voice.model,
        setup.voice.effort,
        str(setup.agent.max_turns),
        str(setup.agent.tools),
        *(f"{topic}={text}" for topic, text in sorted(change.about.context.items())),
    )
    worth = [artifact for artifact in change.artifacts if not _is_trivial(artifact, change)]
    facts = change.facts
    texts: dict[str, list[str]] = {}
    for fact in facts:
        texts.setdefault(fact.path, []).append(fact.text)
    keys = {artifact.path: file_key(artifact, key, texts.get(artifact.path, ()), setup.identity) for artifact in worth}
    known = memory.files if memory is not None and memory.review == key else frozenset()
    fresh = [artifact for artifact in worth if keys[artifact.path] not in known]
    described = {path: [each[0] for each in parts] for path, parts in change.properties.items()}
    outlines = {path: subject.outline for path, subject in change.subjects.items()}
    made = clusters(fresh, outlines, change.lineage, change.findings, described)
    carried = [artifact for artifact in worth if keys[artifact.path] in known]
    sent = [shown for cluster in made for shown in cluster.files]
    sent += [show(each, outlines.get(each.path, Outline()), FILE_CHARACTERS) for each in carried]
    is_small = len(made) <= 1 and changed_lines(fresh) <= SMALL_LINES and _characters(made) <= SMALL_CHARACTERS
    return Plan(
        clusters=made[:MAX_CLUSTERS],
        left=made[MAX_CLUSTERS:],
        facts=facts,
        sign=mark(change.about, made, facts),
        with_tools=not is_small,
        trivial=tuple(artifact.path for artifact in change.artifacts if artifact.path not in keys),
        carried=tuple(artifact.path for artifact in carried),
        cut={each.artifact.path: each.left_out for each in sent if each.left_out and not _is_bulk(each.artifact)},
        keys=keys,
        review=key,
    )


def requests(planned: Plan, change: Change, setup: Setup) -> list[dict[str, Any]]:
    """The first request of each conversation, in their order."""
    total = len(planned.clusters)
    is_all = total == 1 and not (planned.carried or planned.trivial or planned.left)
    made = [
        review_request(
            setup.agent,
            setup.voice,
            change.about,
            cluster,
            planned.facts_of(cluster),
            planned.sign,
            "the whole change" if is_all else f"part {number} of {total} of what is to be reviewed of the change",
        )
        for number, cluster in enumerate(planned.clusters, 1)
    ]
    if not planned.with_tools:
        made = [{**body, "tool_choice": {"type": "none"}} if "tools" in body else body for body in made]
    return made


def forecast(bodies: list[dict[str, Any]], with_tools: bool, price: Price | None) -> Estimate:
    """What these conversations will probably take, the sceptic's included; the cache is counted as it works."""
    total, calls = Tokens(), 0
    for number, body in enumerate(bodies):
        prefix = estimate(size({key: body[key] for key in ("system", "tools", "output_config") if key in body}))
        mine = estimate(size(body)) - prefix
        turns = _TURNS if with_tools else 1
        first = Tokens(cache_write=prefix + mine) if number == 0 else Tokens(cache_read=prefix, cache_write=mine)
        total += first + Tokens(output=_ANSWER)
        for turn in range(1, turns):
            grown = _ANSWER + _TOOL_RESULT
            total += Tokens(cache_read=prefix + mine + (turn - 1) * grown, cache_write=grown, output=_ANSWER)
        total += Tokens(
            cache_read=_FINDINGS * estimate(_VERIFY_CHARACTERS),
            input=_FINDINGS * estimate(_VERIFY_CHARACTERS),
            output=_FINDINGS * _VERIFY_ANSWER,
        )
        calls += turns + _FINDINGS
    return Estimate(calls, total, cost(price, total) if price is not None else None)


def _is_trivial(artifact: Artifact, change: Change) -> bool:
    subject = change.subjects.get(artifact.path)
    return subject is not None and subject.outline.trivial


def _is_bulk(artifact: Artifact) -> bool:
    """Whether its lines are data that no reviewer reads one by one."""
    return artifact.kind is Kind.DBT_SEED


def _characters(made: tuple[Cluster, ...]) -> int:
    return sum(cluster.characters for cluster in made)
