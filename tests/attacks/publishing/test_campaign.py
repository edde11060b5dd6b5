"""A part of the campaign: every request of the three runs fails once, in one of the ways."""

from pathlib import Path

from tests.attacks.publishing.breaking import BreakingServer
from tests.attacks.publishing.campaign import Campaign, one_of_each
from tests.attacks.publishing.history import History
from tests.attacks.publishing.scenario import Scenario


def test_a_failing_request_changes_nothing_in_the_end(tmp_path: Path) -> None:
    server, history = BreakingServer(), History(tmp_path)
    try:
        done = list(Campaign(Scenario(server, history), server).run(one_of_each))
    finally:
        history.close()
        server.close()
    assert [f"{case}: {difference}" for case, difference in done if difference] == []
    assert len(done) > 50
    assert server.offences == []
