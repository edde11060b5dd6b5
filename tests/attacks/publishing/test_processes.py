"""Whole runs in processes of their own: two that write at once, and one that is ended by force after a write."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from review.render import markers
from tests.attacks.publishing.scenario import Portrait, portrait
from tests.e2e.action import SMALL, Action
from tests.github_server.server import RESOLVES, GitHubServer, _Handler
from tests.github_server.state import BOT

ALL = bool(os.environ.get("DATA_REVIEW_CAMPAIGN"))
"""Whether every write is tried, and not one of each kind of end."""
FIRST, SECOND = "first", "second"
WRITES = {FIRST: 2, SECOND: 6}
"""How many requests of each of the two runs change something."""
AFTER = "grant select on shop.refunds to public;\nselect 1 as one\n;grant all on shop.orders to public;\n"
"""The file of the second run: one finding is left, others are gone, one is new."""
ENDS = (signal.SIGKILL, signal.SIGTERM)
CASES = [(run, number, end) for run, writes in WRITES.items() for number in range(1, writes + 1) for end in ENDS]
SOME = [(FIRST, 1, signal.SIGKILL), (FIRST, 2, signal.SIGTERM)]


class MeetingServer(GitHubServer):
    """Lets no write of a kind through before two runs want to make it."""

    def __init__(self) -> None:
        super().__init__()
        self.meetings = {"/reviews": Barrier(2), "/issues/7/comments": Barrier(2)}
        self.met: list[str] = []

    def api(self, handler: _Handler, path: str, content: bytes) -> tuple[int, Any, dict[str, str]]:
        ending = next((each for each in self.meetings if path.endswith(each)), "")
        if handler.command == "POST" and ending:
            self.lock.release()
            try:
                with suppress(BrokenBarrierError):
                    self.meetings[ending].wait(20)
                    self.met.append(ending)
            finally:
                self.lock.acquire()
        return super().api(handler, path, content)


class KillingServer(GitHubServer):
    """Ends the process that makes the write of that number, before it hears of it."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 0
        self.end = signal.SIGKILL
        self.victim: subprocess.Popen[str] | None = None

    def api(self, handler: _Handler, path: str, content: bytes) -> tuple[int, Any, dict[str, str]]:
        answer = super().api(handler, path, content)
        is_write = handler.command != "GET" if path != "/graphql" else b"mutation" in content
        self.left -= is_write
        if is_write and self.left == 0 and self.victim is not None:
            self.victim.send_signal(self.end)
        return answer


@pytest.fixture
def meeting() -> Iterator[MeetingServer]:
    server = MeetingServer()
    yield server
    server.close()
    assert server.offences == []


@pytest.fixture
def killing() -> Iterator[KillingServer]:
    server = KillingServer()
    yield server
    server.close()
    assert server.offences == []


def test_two_runs_that_write_at_once_leave_one_of_each(tmp_path: Path, meeting: MeetingServer) -> None:
    one, two = Action(tmp_path / "one", meeting), Action(tmp_path / "two", meeting)
    (tmp_path / "two").mkdir()
    one.open_small()
    two.pull, two.repository = one.pull, one.repository
    processes = [one.start(), two.start()]
    logs = [process.communicate(timeout=100)[0] for process in processes]
    assert sorted(meeting.met) == ["/issues/7/comments"] * 2 + ["/reviews"] * 2, logs
    meeting.meetings.clear()
    third = one.run()
    assert third.status == 1
    shown = Counter(markers.read_finding(comment.body) for comment in one.inline)
    assert sorted(shown) == sorted(finding["fingerprint"] for finding in third.review["findings"])
    assert set(shown.values()) == {1}
    assert [comment.login for comment in one.summaries if markers.is_summary(comment.body)] == [BOT]
    assert one.run().writes == ()


@pytest.mark.parametrize(("run", "number", "end"), CASES if ALL else SOME)
def test_a_run_that_is_ended_by_force_is_made_whole(
    tmp_path: Path, killing: KillingServer, run: str, number: int, end: signal.Signals
) -> None:
    action = Action(tmp_path / "ended", killing)
    action.open_small()
    if run == SECOND:
        action.run(RESOLVES)
        action.push({SMALL: AFTER})
    killing.left, killing.end = number, end
    killing.victim = action.start(RESOLVES)
    log, _ = killing.victim.communicate(timeout=100)
    assert killing.left <= 0, f"the run makes fewer writes: {log}"
    assert killing.victim.returncode != 1 or end is signal.SIGTERM
    killing.victim = None
    again = action.run(RESOLVES)
    assert "Not published" not in again.log
    assert look(action) == undisturbed(tmp_path, run)


def look(action: Action) -> Portrait:
    """What stands on the pull request, without the addresses of one server."""
    text = json.dumps(portrait(action.repository)).replace(action.server.url, "https://github.com")
    return dict(json.loads(text))


def undisturbed(tmp_path: Path, run: str) -> Portrait:
    """What the same runs leave that nobody ends."""
    server = GitHubServer()
    try:
        action = Action(tmp_path / "undisturbed", server)
        action.open_small()
        action.run(RESOLVES)
        if run == SECOND:
            action.push({SMALL: AFTER})
            action.run(RESOLVES)
        return look(action)
    finally:
        server.close()
