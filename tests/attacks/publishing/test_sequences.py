"""Pushes, people and kills in any order: after each quiet run the pull request holds what it should, and only that."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attacks.publishing.history import History
from tests.attacks.publishing.world import DOINGS, PUSHES, RUNS, Step, World
from tests.github_server.server import GitHubServer

EXAMPLES = int(os.environ.get("DATA_REVIEW_SEQUENCES", "25"))
"""Sequences in one run; set it to thousands to look for what the suite has no time for."""
QUIET: Step = ("quiet", 0, 0)
NUMBERS = st.integers(0, 11)
STEPS = st.lists(
    st.tuples(st.sampled_from([*PUSHES, *DOINGS, *RUNS, *["quiet"] * 12, "touch", "touch", "fix"]), NUMBERS, NUMBERS),
    min_size=4,
    max_size=16,
)
SURE: Sequence[Sequence[Step]] = (
    [("resolve", 0, 1), QUIET, ("touch", 0, 0)],
    [("resolve", 0, 1), ("fix", 0, 0), QUIET, ("smell", 0, 0)],
    [("delete", 0, 0), QUIET, ("touch", 0, 0)],
    [("edit", 0, 0), QUIET, ("touch", 0, 0)],
    [("reply", 0, 0), ("touch", 0, 0), QUIET, ("fix", 0, 0)],
    [("forge", 0, 0), QUIET, ("fix", 0, 0), QUIET, ("smell", 0, 0)],
    [("shift", 0, 1), ("quiet", 1, 0), ("fix", 0, 0), ("quiet", 1, 0)],
    [("fix", 0, 0), QUIET, ("reopen", 0, 0), QUIET, ("smell", 0, 0)],
    [("ignore", 0, 0), QUIET, ("ignore", 0, 1), QUIET, ("touch", 0, 0)],
    [("touch", 0, 0), QUIET, ("ignore", 0, 1)],
    [("ignore rule", 1, 0), QUIET, ("ignore rule", 1, 1), ("quiet", 2, 0)],
    [("rename", 0, 0), QUIET, ("remove", 0, 0), QUIET, ("restore", 0, 0), ("smell", 0, 0)],
    [("delete summary", 0, 0), ("together", 6, 0), ("smell", 1, 1), ("together", 4, 0)],
    [("smell", 0, 4), ("overtaken", 3, 1), QUIET, ("overtaken", 4, 2)],
    *([("delete summary", 0, 0), ("together", number, 0)] for number in range(2, 8)),
    *([("touch", 0, 0), ("smell", 1, 2), ("killed", number, 0), ("touch", 1, 0)] for number in range(5)),
)
"""What a random sequence may miss."""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    made = History(Path(tmp_path_factory.mktemp("history")))
    yield made
    made.close()


@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == 25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS, st.booleans())
def test_any_sequence_ends_in_what_the_head_deserves(
    github: GitHubServer, history: History, steps: list[Step], may_resolve: bool
) -> None:
    take_all(github, history, steps, may_resolve)


@pytest.mark.parametrize("steps", SURE, ids=lambda steps: ", ".join(name for name, *_ in steps))
def test_what_is_known_to_be_hard_ends_so_too(github: GitHubServer, history: History, steps: list[Step]) -> None:
    take_all(github, history, steps)


def take_all(github: GitHubServer, history: History, steps: Sequence[Step], may_resolve: bool = True) -> None:
    """Once there was a first run, and before a last one."""
    world = World(github, history, may_resolve)
    for step in [QUIET, *steps]:
        world.take(step)
    world.quiet(0, 0)
    world.nothing_is_left()
