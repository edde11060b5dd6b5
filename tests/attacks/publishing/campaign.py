"""Every request of three runs, failing in every way; after one more run the pull request is as if nothing had been.

    python -m tests.attacks.publishing.campaign [stage]

prints each case that ends otherwise, and how many there were. The suite runs one of each: see test_campaign.py.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.publishing.breaking import BREAKS, Break, BreakingServer, timed_out
from tests.attacks.publishing.history import History
from tests.attacks.publishing.scenario import Portrait, Scenario, portrait
from tests.attacks.publishing.stage import Stage, failures
from tests.attacks.publishing.wire import Killed, killed_at, tapped

TIMEOUT = "timeout"
LATE_TIMEOUT = "timeout after success"
KILL = "killed before it"
LATE_KILL = "killed after it"
HERE = (TIMEOUT, LATE_TIMEOUT, KILL, LATE_KILL)
"""What happens on the client's side of the wire."""
ONCE = (*BREAKS, *HERE)
_LASTING = ("500", "429 for hours", "403 primary", "reset after", "garbage")
LASTING = (*(each for each in BREAKS if each.name in _LASTING), TIMEOUT)
"""What may go on until the end of the run as well."""


@dataclass(frozen=True)
class Case:
    """A request of a run, and what becomes of it, and of all that come after it where that `lasts`."""

    stage: str
    at: int
    how: Break | str
    lasts: bool = False

    def __str__(self) -> str:
        how = self.how if isinstance(self.how, str) else self.how.name
        return f"{self.stage}, request {self.at}: {how}{' from there on' if self.lasts else ''}"


def cases(stage: str, requests: int) -> Iterator[Case]:
    """All cases of a run that makes that many requests."""
    for at in range(1, requests + 1):
        yield from (Case(stage, at, how) for how in ONCE)
        yield from (Case(stage, at, how, True) for how in LASTING)


def one_of_each(stage: str, requests: int) -> Iterator[Case]:
    """Each request in one way, and the ways in turn."""
    for at in range(1, requests + 1):
        yield Case(stage, at, ONCE[(at * 7 + len(stage)) % len(ONCE)])


Chooser = Callable[[str, int], Iterable[Case]]
"""Which cases there are of a run, by the name of its stage and how many requests it makes."""


@dataclass
class Campaign:
    """The scenario on a server that breaks."""

    scenario: Scenario
    server: BreakingServer

    def run(self, choose: Chooser = cases, only: str = "") -> Iterator[tuple[Case, str]]:
        """Each case, and what went wrong: "" where nothing did."""
        for name, stage in self.scenario.stages():
            kept = stage.kept()
            self.server.heal()
            self.scenario.run(stage)
            requests, undisturbed, after = self.server.count, portrait(stage.repository), stage.kept()
            for case in choose(name, requests) if only in ("", name) else ():
                stage.put_back(kept)
                yield case, self._difference(stage, case, undisturbed)
            stage.put_back(after)

    def _difference(self, stage: Stage, case: Case, undisturbed: Portrait) -> str:
        if isinstance(case.how, Break):
            self.server.break_at(case.at, case.how, lasts=case.lasts)
        try:
            with _happening(case):
                self.scenario.run(stage)
        except Killed:
            pass
        self.server.heal()
        if unwell := failures(list(self.scenario.run(stage))):
            return f"the next run fails: {unwell}"
        found = portrait(stage.repository)
        differing = [key for key in found if found[key] != undisturbed[key]]
        return "; ".join(f"{key}: {_first(found[key], undisturbed[key])}" for key in differing)


def _happening(case: Case) -> AbstractContextManager[None]:
    if case.how == TIMEOUT:
        return tapped(before=timed_out(case.at, lasts=case.lasts))
    if case.how == LATE_TIMEOUT:
        return tapped(after=timed_out(case.at, lasts=case.lasts))
    if case.how == KILL:
        return tapped(before=killed_at(case.at))
    return tapped(after=killed_at(case.at)) if case.how == LATE_KILL else nullcontext()


def _first(found: object, undisturbed: object) -> str:
    """Where two of them differ."""
    if not isinstance(found, list) or not isinstance(undisturbed, list):
        return f"{found} instead of {undisturbed}"
    more = [each for each in found if each not in undisturbed]
    less = [each for each in undisturbed if each not in found]
    return f"{len(found)} instead of {len(undisturbed)}; too many {more[:2]}; missing {less[:2]}"


def main(only: str = "") -> int:
    """The whole campaign, for either token; how many cases went wrong."""
    number = wrong = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(BreakingServer()) as server,
        closing(History(Path(folder))) as history,
    ):
        for may_resolve in (True, False):
            for case, difference in Campaign(Scenario(server, history, may_resolve), server).run(only=only):
                number += 1
                if difference:
                    wrong += 1
                    print(
                        f"{case}{'' if may_resolve else ' (no contents: write)'}\n    {difference[:1500]}", flush=True
                    )
        print(f"{number} cases, {wrong} of which ended otherwise; offences: {server.offences}")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))
