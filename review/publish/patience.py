"""How long, and how often, one run goes on writing to a pull request."""

from collections.abc import Callable
from dataclasses import dataclass, field

DEADLINE = 900.0
"""Seconds after which a run begins no further write, but for the summary."""
WRITES = 200
"""Comments, replies and edits of one run. GitHub takes 500 in an hour and 80 in a minute from one account, where the
pause between two writes is kept (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)."""
TRIES = 3
"""Times that one thing is sent, where a failure does not say whether it arrived."""


@dataclass
class Patience:
    """Counts down. `clock` gives seconds, `sleep` waits for some."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    seconds: float = DEADLINE
    writes: int = WRITES
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = self.clock() + self.seconds

    def may_write(self) -> bool:
        """Whether one more write is begun; it is counted."""
        self.writes -= 1
        return self.writes >= 0 and self.clock() < self._end

    def wait(self, attempt: int) -> None:
        """Before it is looked whether the n-th attempt (from 0) arrived: GitHub may still be at work on it."""
        self.sleep(2.0**attempt)
