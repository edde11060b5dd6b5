"""Whatever a worker does, every job gets one reply with the right sentence, and the next job is answered."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.errors import SandboxError
from review.sandbox.pool import Job, Limits, Pool, Reply
from review.sandbox.process import WorkerProcess

HANDLER = "tests.unit.sandbox.misbehaving"
LIMITS = Limits(
    wall_seconds=10, cpu_seconds=10, memory_mb=64, start_seconds=20, payload_bytes=1 << 20, answer_bytes=1 << 20
)
ECHO = Job("after", {"do": "echo"})


def job(subject: str, do: str, weight: int = 0, **data: Any) -> Job:
    return Job(subject, {"do": do, **data}, weight)


def replies(limits: Limits, *jobs: Job, size: int = 1, shared: tuple[dict[str, Any], ...] = ()) -> dict[str, Reply]:
    """Subject → reply, of a pool that is prepared and closed again."""
    with Pool(HANDLER, size, limits) as pool:
        pool.prepare({})
        found = list(pool.run(jobs, shared))
    assert Counter(reply.subject for reply in found) == Counter(each.subject for each in jobs)
    return {reply.subject: reply for reply in found}


def lives(pid: int) -> bool:
    """Whether the process runs. One that waits to be reaped does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def ends(pid: int) -> bool:
    """Whether the process ends within five seconds."""
    until = time.monotonic() + 5
    while lives(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not lives(pid)


SHORT = replace(LIMITS, wall_seconds=0.3)


@pytest.mark.parametrize(
    ("limits", "bad", "failure"),
    [
        pytest.param(SHORT, job("x", "sleep"), "took longer than 0.3 s", id="sleep"),
        pytest.param(SHORT, job("x", "loop"), "took longer than 0.3 s", id="loop"),
        pytest.param(
            replace(LIMITS, cpu_seconds=1), job("x", "loop"), "took more than 1 s of processor time", id="processor"
        ),
        pytest.param(LIMITS, job("x", "take", mb=500), "the parser failed on it (OSError)", id="mapping"),
        pytest.param(LIMITS, job("x", "hold", mb=500), "needed more than 64 MB", id="memory"),
        pytest.param(
            LIMITS, job("x", "echo", say="x" * (1 << 20)), "is larger than 1 MB with what belongs to it", id="payload"
        ),
        pytest.param(LIMITS, job("x", "large", size=1 << 20), "gave an answer of more than 1 MB", id="answer"),
        pytest.param(LIMITS, job("x", "recurse"), "is nested too deeply to be parsed", id="recursion"),
        pytest.param(LIMITS, job("x", "raise", name="Odd"), "the parser failed on it (Odd)", id="exception"),
        pytest.param(
            LIMITS,
            job("x", "raise", name="a\n::error::b"),
            "the parser failed on it (a::error::b)",
            id="exception name",
        ),
        pytest.param(LIMITS, job("x", "exit", status=3), "the parser crashed (status 3)", id="exit"),
        pytest.param(LIMITS, job("x", "leave", status=0), "the parser crashed (status 0)", id="leave"),
        pytest.param(LIMITS, job("x", "kill", signal="SIGKILL"), "the parser crashed (SIGKILL)", id="killed"),
        pytest.param(LIMITS, job("x", "crash"), "the parser crashed (SIGSEGV)", id="crash"),
        pytest.param(LIMITS, job("x", "no mapping"), "the parser's answer could not be read", id="no mapping"),
        pytest.param(LIMITS, job("x", "no json"), "the parser failed on it (TypeError)", id="no json"),
        pytest.param(LIMITS, job("x", "unknown"), "the parser failed on it (KeyError)", id="unknown"),
        pytest.param(
            LIMITS, job("x", "forge", text='{"answer":{}}\n{"answer":{}}\n'), "the parser spoke out of turn", id="two"
        ),
        pytest.param(LIMITS, job("x", "forge", text="no json\n"), "the parser's answer could not be read", id="noise"),
        pytest.param(SHORT, job("x", "forge", text='{"answer":'), "took longer than 0.3 s", id="half a line"),
    ],
)
def test_a_bad_job_costs_only_itself(limits: Limits, bad: Job, failure: str) -> None:
    found = replies(limits, replace(bad, weight=9), ECHO)
    assert (found["x"].answer, found["x"].failure) == (None, failure)
    assert found["after"].failure is None
    assert found["after"].answer is not None


@pytest.mark.parametrize(("do", "same"), [("echo", True), ("raise", True), ("recurse", True), ("exit", False)])
def test_a_worker_serves_until_it_dies(do: str, same: bool) -> None:
    with Pool(HANDLER, 1, LIMITS) as pool:
        greeting = pool.prepare({})
        jobs = [job("one", "echo", 9), job("two", do, 5, name="Odd", status=1), job("three", "echo")]
        found = {reply.subject: reply.answer for reply in pool.run(jobs)}
        (again,) = pool.run([ECHO])
    assert found["one"]["pid"] == greeting["pid"]
    assert (found["three"]["pid"] == greeting["pid"]) is same
    assert again.answer["pid"] == found["three"]["pid"]
    assert found["three"]["jobs"] == (3 if same else 1)


def test_every_job_gets_exactly_one_reply_whatever_its_neighbours_do() -> None:
    bad = [
        job(f"{index} {do}", do, index % 3, name="Odd", status=1, signal="SIGTERM", mb=500, size=1 << 21, text="?\n")
        for index, do in enumerate(["exit", "leave", "crash", "raise", "hold", "large", "no mapping", "forge", "kill"])
    ]
    good = [job(f"good {index}", "echo", index % 4, say=index) for index in range(20)]
    found = replies(LIMITS, *bad, *good, size=2)
    assert all(found[each.subject].failure for each in bad)
    assert [found[each.subject].answer["said"] for each in good] == list(range(20))


def test_the_largest_job_goes_first() -> None:
    with Pool(HANDLER, 1, LIMITS) as pool:
        pool.prepare({})
        jobs = [job("b", "echo", 1), job("a", "echo", 1), job("z", "echo", 7), job("m", "echo", 3)]
        assert [reply.subject for reply in pool.run(jobs)] == ["z", "m", "a", "b"]


def test_jobs_are_done_at_the_same_time() -> None:
    with Pool(HANDLER, 2, SHORT) as pool:
        pool.prepare({})
        list(pool.run([ECHO]))
        begin = time.monotonic()
        found = list(pool.run([job("a", "sleep"), job("b", "sleep")]))
        assert time.monotonic() - begin < sum(reply.seconds for reply in found)


def test_a_file_is_not_blamed_for_memory_that_an_earlier_one_took() -> None:
    found = replies(
        LIMITS, job("first", "hold", 9, mb=40), job("second", "hold", 5, mb=40), job("third", "hold", mb=500)
    )
    assert found["first"].failure is None
    assert found["second"].failure is None
    assert found["second"].answer["pid"] != found["first"].answer["pid"]
    assert found["third"].failure == "needed more than 64 MB"


def test_what_is_printed_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    with Pool(HANDLER, 1, LIMITS) as pool:
        greeting = pool.prepare({"do": "print"})
        (reply,) = pool.run([job("x", "print")])
    assert set(greeting) == {"pid", "home"}
    assert reply.answer == {"pid": greeting["pid"]}
    assert capfd.readouterr() == ("", "")


def test_text_travels_unchanged() -> None:
    text = "a\n\r\u2028\u0085\0\udcff😀" * 1000
    assert replies(LIMITS, job("x", "echo", say=text))["x"].answer["said"] == text


def test_each_worker_is_told_what_is_shared_before_its_first_job() -> None:
    shared = ({"shared": 1}, {"shared": 2})
    jobs = [job("1", "echo", 9), job("2", "exit", 5, status=1), job("3", "echo", 2), job("4", "echo", 1)]
    found = replies(LIMITS, *jobs, shared=shared)
    assert [found[each].answer["shared"] for each in "134"] == [[1, 2]] * 3


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"shared": "x" * (1 << 20)}, "is larger than 1 MB with what belongs to it"),
        ({"shared": 2, "do": "exit", "status": 1}, "the parser crashed (status 1)"),
        ({"shared": 2, "do": "sleep"}, "took longer than 0.3 s"),
        ({"shared": 2, "do": "raise", "name": "Odd"}, "the parser failed on it (Odd)"),
    ],
    ids=["size", "exit", "sleep", "raise"],
)
def test_a_shared_message_nobody_can_take_is_named_and_left_out(message: dict[str, Any], reason: str) -> None:
    with Pool(HANDLER, 1, SHORT) as pool:
        pool.prepare({})
        (reply,) = pool.run([ECHO], [{"shared": 1}, message, {"shared": 3}])
        assert pool.refused == {1: reason}
        assert reply.answer is not None
        assert [each for each in reply.answer["shared"] if each != 2] == [1, 3]
        list(pool.run([ECHO]))
        assert pool.refused == {}


@pytest.mark.parametrize(
    ("handler", "prepared", "reason"),
    [
        (HANDLER, {"do": "raise"}, "LookupError: 'no such dialect'|LookupError: no such dialect"),
        (HANDLER, {"do": "exit"}, r"the parser crashed \(status 7\)"),
        (HANDLER, {"do": "sleep"}, "it did not start in time"),
        (HANDLER, {"do": "no mapping"}, "the parser's answer could not be read"),
        ("tests.unit.sandbox.absent", {}, "ModuleNotFoundError"),
        ("json", {}, "AttributeError"),
    ],
    ids=["raise", "exit", "sleep", "no mapping", "absent", "no handler"],
)
def test_workers_that_cannot_be_prepared_are_one_error(handler: str, prepared: dict[str, Any], reason: str) -> None:
    limits = replace(LIMITS, start_seconds=0.7 if prepared.get("do") == "sleep" else 20)
    with Pool(handler, 2, limits) as pool, pytest.raises(SandboxError, match=reason) as error:
        pool.prepare(prepared)
    assert str(error.value).startswith("no worker process could be jailed (")
    assert "\n" not in str(error.value)


def test_a_worker_that_cannot_be_started_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(SandboxError, match=r"^no worker process could be started \(No such file or directory\)\.$"):
        Pool(HANDLER, 1, LIMITS).start()


def test_no_job_is_begun_when_the_time_of_all_is_over() -> None:
    found = replies(replace(LIMITS, run_seconds=0), job("a", "echo"), job("b", "echo"))
    assert {reply.failure for reply in found.values()} == {
        "was not begun: all files together took longer than 0 s",
    }


def test_no_process_and_no_directory_is_left_when_the_pool_closes() -> None:
    with Pool(HANDLER, 2, LIMITS) as pool:
        pool.prepare({})
        jobs = [job(str(index), "echo", say="x" * 1000) for index in range(6)]
        pids = {reply.answer["pid"] for reply in pool.run(jobs)}
        homes = [Path(slot.worker._home.name) for slot in pool._slots]
        before = [slot.worker._process.pid for slot in pool._slots]
        assert pids <= set(before)
        assert all(home.is_dir() for home in homes)
    assert not any(lives(pid) for pid in before)
    assert not any(home.exists() for home in homes)


def test_a_busy_worker_ends_with_the_pool_and_its_jobs_are_answered() -> None:
    with Pool(HANDLER, 1, LIMITS) as pool:
        pid = pool.prepare({})["pid"]
        running = pool.run([job("a", "echo", 9), job("b", "loop", 5), job("c", "echo")])
        assert next(running).subject == "a"
        pool.close()
        rest = list(running)
    assert not lives(pid)
    assert all(reply.failure == "was not begun: the workers were stopped" for reply in rest)


def test_nothing_stays_open_in_the_parent() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    replies(LIMITS, ECHO)
    before = descriptors()
    replies(LIMITS, job("a", "exit", status=1), job("b", "hold", mb=500), ECHO, size=2)
    assert descriptors() == before


PARENT = """
import os, sys
from review.sandbox.pool import Job, Limits, Pool
pool = Pool("tests.unit.sandbox.misbehaving", 1, Limits(start_seconds=20))
print(pool.prepare({})["pid"], flush=True)
if sys.argv[1] == "busy":
    list(pool.run([Job("x", {"do": "loop"})]))
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_worker_dies_with_a_parent_that_was_killed(state: str) -> None:
    root = str(Path(__file__).parents[3])
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, state],
        env={"PATH": os.defpath, "PYTHONPATH": root},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if state == "busy":
            time.sleep(0.1)
        assert lives(pid)
        parent.send_signal(signal.SIGKILL)
        assert parent.wait(5) == -signal.SIGKILL
        assert ends(pid)


def test_killing_a_worker_twice_is_no_error() -> None:
    worker = WorkerProcess(HANDLER, LIMITS)
    worker.kill()
    worker.kill()


def test_workers_that_greet_in_one_breath_all_work() -> None:
    """A greeting that was read and not taken left its worker idle for the whole run."""

    class Patient(Pool):
        """Looks only when every worker has something to say."""

        def _events(self) -> Any:
            until = time.monotonic() + 10
            while not all(select.select([slot.worker.reader], [], [], 0)[0] for slot in self._slots):
                assert time.monotonic() < until
                for slot in self._slots:
                    if slot.worker.writer is not None:
                        slot.worker.write_some()
            return super()._events()

    with Patient(HANDLER, 2, LIMITS) as pool:
        pool.prepare({})
        assert all(slot.is_free for slot in pool._slots)
