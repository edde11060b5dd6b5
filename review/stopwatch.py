"""How long each stage of a review took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Stopwatch:
    """Wall seconds by stage, in the order in which the stages ran."""

    clock: Callable[[], float]
    progress: Callable[[str], None] = lambda stage: None
    """Told each stage's name when it begins."""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside; a stage that raises is timed too."""
        self.progress(name)
        begin = self.clock()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - begin
