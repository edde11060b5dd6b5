"""Pieces of work done side by side, in threads that no exit has to wait for.

`concurrent.futures` joins its threads at exit, and a SIGTERM would then wait for a model's answer. The first piece
begins alone: what it sends is in the API's cache for the others once its first answer is under way.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_BEAT = 0.2
"""Seconds between two looks at the threads: signals are handled by the main thread, which must not sleep for long."""


class SideBySide(Generic[Work, Result]):
    """Runs `do` over pieces of work. `do` gets the piece and a call that lets the others begin; it raises nothing."""

    def __init__(self, do: Callable[[Work, Callable[[], None]], Result], at_once: int) -> None:
        self._do = do
        self._at_once = at_once
        self._lock = threading.Lock()
        self._may_go = threading.Event()
        self._waiting: deque[tuple[int, Work]] = deque()
        self._results: dict[int, Result] = {}
        self._failures: list[BaseException] = []

    def run(self, pieces: Sequence[Work]) -> list[Result]:
        """The results, in the order of the pieces. Raises what a piece raised, once all that began have ended."""
        self._waiting.extend(enumerate(pieces))
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(min(self._at_once, len(pieces)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(_BEAT)
        if self._failures:
            raise self._failures[0]
        return [self._results[number] for number in range(len(pieces))]

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            number, work = piece
            if number > 0:
                self._may_go.wait()
            try:
                self._results[number] = self._do(work, self._may_go.set)
            except BaseException as failure:  # told to whoever waits for the results, and raised there
                self._failures.append(failure)
            finally:
                self._may_go.set()

    def _next(self) -> tuple[int, Work] | None:
        with self._lock:
            return None if self._failures or not self._waiting else self._waiting.popleft()
