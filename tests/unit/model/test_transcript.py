"""What is kept of what was said: everything, in order, and no secret of it."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from review.domain.agent import Tokens
from review.errors import InputError, ModelUnavailable
from review.model.base import Model, Reply
from review.model.transcript import Transcript

SECRET = "ghp_" + "a1B2" * 9
BODY = {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": f"a\n'{SECRET}' ünï"}]}]}
REPLY = Reply("end_turn", ({"type": "text", "text": f"{SECRET}!"},), f"{SECRET}!", (), Tokens(1, 2, 3, 4), "req_7")


class Parrot:
    """A model that says the same whatever it is asked, or fails."""

    def __init__(self, said: Reply | Exception = REPLY) -> None:
        self.said = said
        self.heard: list[tuple[Mapping[str, Any], float]] = []

    def ask(self, body: Mapping[str, Any], until: float, spent: Callable[[Tokens], None]) -> Reply:
        self.heard.append((body, until))
        spent(Tokens(input=9))
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def asked(model: Model, spent: Callable[[Tokens], None] = lambda tokens: None) -> Reply:
    return model.ask(BODY, time.monotonic() + 5, spent)


def files(directory: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text("ascii")) for path in sorted(directory.iterdir())}


def test_it_is_the_model(tmp_path: Path) -> None:
    parrot, spent = Parrot(), list[Tokens]()
    assert Transcript(parrot, tmp_path).ask(BODY, 12.5, spent.append) is REPLY
    assert parrot.heard == [(BODY, 12.5)]
    assert spent == [Tokens(input=9)]


def test_requests_and_answers_without_their_secrets(tmp_path: Path) -> None:
    asked(Transcript(Parrot(), tmp_path / "a" / "b"))
    assert files(tmp_path / "a" / "b") == {
        "001-request.json": {
            "model": "m",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "a\n'(redacted)' ünï"}]}],
        },
        "001-answer.json": {
            "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "(redacted)!"}],
            "tokens": {"input": 1, "output": 2, "cache_read": 3, "cache_write": 4},
            "request_id": "req_7",
        },
    }


def test_what_was_sent_still_holds_what_it_held(tmp_path: Path) -> None:
    parrot = Parrot()
    asked(Transcript(parrot, tmp_path))
    assert SECRET in json.dumps(parrot.heard[0][0])


def test_a_failure_is_kept_and_raised(tmp_path: Path) -> None:
    error = ModelUnavailable(f"overloaded ({SECRET})")
    with pytest.raises(ModelUnavailable) as caught:
        asked(Transcript(Parrot(error), tmp_path))
    assert caught.value is error
    kept = files(tmp_path)
    assert list(kept) == ["001-error.json", "001-request.json"]
    assert kept["001-error.json"] == {"error": "ModelUnavailable", "message": "overloaded ((redacted))"}


def test_a_defect_of_ours_is_raised(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        asked(Transcript(Parrot(ZeroDivisionError()), tmp_path))


def test_calls_are_numbered_though_they_are_made_side_by_side(tmp_path: Path) -> None:
    transcript = Transcript(Parrot(), tmp_path)
    threads = [threading.Thread(target=asked, args=(transcript,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [f"{number:03}" for number in range(1, 13)]
    assert sorted(files(tmp_path)) == [f"{number}-{what}.json" for number in numbers for what in ("answer", "request")]


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match=r"--save-transcript .*file: cannot be made \(File exists\)"):
        Transcript(Parrot(), tmp_path / "file")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    transcript = Transcript(Parrot(), tmp_path / "kept")
    (tmp_path / "kept" / "001-request.json").mkdir()
    with pytest.raises(InputError, match=r"001-request\.json cannot be written \(Is a directory\)"):
        asked(transcript)


def test_each_run_has_a_directory_of_its_own_for_nobody_elses_eyes(tmp_path: Path) -> None:
    asked(Transcript(Parrot(), tmp_path / "kept"))
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    before = files(tmp_path / "kept")
    with pytest.raises(InputError, match=r"kept: is not empty; each run needs a directory of its own\."):
        Transcript(Parrot(), tmp_path / "kept")
    assert files(tmp_path / "kept") == before
