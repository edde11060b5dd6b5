"""Large pull requests: requests that do not grow with them, texts that GitHub takes, and nothing dropped in silence.

The same through the whole action, with its times: tests/evals/large_pull_requests.py.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from review.render.comment import UNFOLDED
from review.render.markdown import markdown
from review.render.summary import step_summary
from tests.attacks.publishing.change import SMELL, Branch, plain, review_of
from tests.attacks.publishing.history import History
from tests.attacks.publishing.stage import Stage, failures
from tests.github_server.server import GitHubServer
from tests.github_server.state import MAX_BODY

FINDINGS = 400
FILES = 3_000
INLINE = 20
READS = 7
"""Requests of a run that reads what stands there: whose the token is, threads, comments; again after it posted."""


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    made = History(tmp_path)
    yield made
    made.close()


def smelly(files: int, findings: int) -> dict[str, tuple[str, ...]]:
    """So many findings in so many files."""
    each = findings // files
    return {f"m/{file}.sql": tuple(f"{SMELL}{file}x{line}" for line in range(each)) for file in range(files)}


def test_400_findings_are_all_told_of(github: GitHubServer, history: History) -> None:
    stage = Stage(github, Branch(history, {"a.sql": plain("a")}, smelly(10, FINDINGS)))
    assert failures(stage.run()) == []
    assert len(stage.inline) == INLINE
    assert len(github.requests) <= READS + 2
    (summary,) = stage.conversation
    assert len(summary.body) < MAX_BODY
    assert f"{FINDINGS} findings block this pull request" in summary.body
    listed = len(re.findall(r"\*\*This is smell ", summary.body))
    more = re.search(
        r"\*\*(\d+) more findings .* would not fit here; the job summary and `review.md` list all", summary.body
    )
    assert more is not None
    assert listed >= INLINE
    assert listed + int(more[1]) == FINDINGS
    unfolded = summary.body.partition("<details>")[0]
    assert len(re.findall(r"\*\*This is smell ", unfolded)) == UNFOLDED, "a wall of lines"
    review = review_of(stage.branch)
    for everything in (markdown(review), step_summary(review, ())):
        assert [found.title for found in review.findings if found.title not in everything] == []


def test_many_fixed_findings_are_closed_in_bounded_requests(github: GitHubServer, history: History) -> None:
    stage = Stage(github, Branch(history, {"a.sql": plain("a")}, smelly(10, FINDINGS)))
    stage.run()
    for path in stage.branch.files:
        stage.branch.files[path] = ("select 1",)
    stage.branch.push()
    stage.show()
    github.requests.clear()
    assert failures(stage.run()) == []
    assert len(github.requests) <= READS + 2 * INLINE + 1
    assert len(stage.repository.resolved) == INLINE
    assert f"{INLINE} not found any more" in stage.conversation[0].body


@pytest.mark.parametrize("data_files", [1, 200])
def test_3000_changed_files_take_no_more_requests(github: GitHubServer, history: History, data_files: int) -> None:
    base = {f"t/{number % 30}/{number}.txt": (f"{number}",) for number in range(FILES - data_files)}
    head = {path: (*lines, "more") for path, lines in base.items()}
    stage = Stage(github, Branch(history, base, {**head, **smelly(data_files, data_files)}))
    assert failures(stage.run()) == []
    assert len(github.requests) <= READS + 2
    (summary,) = stage.conversation
    assert f"{data_files} data file{'s' * (data_files > 1)} of {FILES:,} changed files" in summary.body
    assert max(len(comment.body) for comment in (summary, *stage.inline)) < MAX_BODY
