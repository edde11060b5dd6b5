"""Attempts to keep the review from coming to an end, or to bring it down: the file is told, the rest reviewed.

Here the jail alone stands: no reading of a text tells how long it will take. So each attack is tried on plain sqlfluff,
in the jail on the worker as it is used, and in the jail on plain sqlfluff.
"""

import signal
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from review.config.policy import Policy
from review.evidence.collect import HANDLER, Evidence, collect
from review.evidence.settings import LintSettings
from review.sandbox.pool import Limits, Pool
from tests.attacks.layers.conftest import LIMITS, SQLFLUFF, Ground, jailed, run
from tests.unit.evidence.builders import artifact

QUERY = "select a from b where c = null\n"
AFTER = "select a from b where (\n"
ENDLESS = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}" + QUERY,
}
"""Jinja's sandbox limits one range to 100,000 turns, not two."""
VAST = {"memory": "{{ ([1] * 900000000) | length }}\n" + QUERY}
"""Seven gigabytes."""
HUGE = {"huge": "{% for a in range(999999999) %}{% endfor %}" + QUERY}
DEEP = {
    "brackets": "select " + "(" * 20_000 + "1" + ")" * 20_000 + "\n",
    "expressions": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}\n",
    "blocks": "{% if a %}" * 2_000 + "{% endif %}" * 2_000 + QUERY,
    "calls": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" + QUERY,
}
Plain = Mapping[str, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def plain(ground: Ground) -> Plain:
    """What became of plain sqlfluff on each text, side by side, with two seconds of processor time and 2 GB."""
    texts = {**ENDLESS, **VAST, **HUGE, "short": QUERY}
    limited = ["/bin/sh", "-c", 'ulimit -t 2; ulimit -v 2097152; exec "$@"', "sh", *SQLFLUFF, "-"]
    with ThreadPoolExecutor(len(texts)) as threads:
        return dict(
            zip(texts, threads.map(lambda text: run(limited, ground.folder, text), texts.values()), strict=True)
        )


@pytest.fixture(scope="module")
def found() -> Evidence:
    """What a review says of all that never ends or has no end of memory, each followed by a file with a defect."""
    return reviewed({**ENDLESS, **VAST, **HUGE}, replace(LIMITS, cpu_seconds=1, memory_mb=512))


@pytest.fixture(scope="module")
def deep() -> Evidence:
    """The same of what is nested. It takes less than a second of processor time, and may take thirty: however
    busy the machine is, only what does not end uses that up.
    """
    return reviewed(DEEP, replace(LIMITS, wall_seconds=600, cpu_seconds=30, memory_mb=512))


def reviewed(attacks: Mapping[str, str], limits: Limits) -> Evidence:
    """All at once, each followed by a file that has something to be found."""
    texts = {**attacks, **{f"after {name}": QUERY for name in attacks}}
    files = [artifact(f"{name}.sql", text) for name, text in texts.items()]
    with Pool(HANDLER, 2, limits) as pool:
        return collect(files, [], LintSettings({}, Policy()), Policy(), pool)


def told(found: Evidence, name: str) -> tuple[set[str], set[str]]:
    """The codes of a file's findings, and why it was skipped."""
    findings = {each.source for each in found.findings if each.location.path == f"{name}.sql"}
    return findings, {each.reason for each in found.skipped if each.subject == f"{name}.sql"}


@pytest.mark.parametrize("name", [*ENDLESS, *VAST, *HUGE, *DEEP])
def test_the_rest_is_reviewed(name: str, found: Evidence, deep: Evidence) -> None:
    seen = deep if name in DEEP else found
    findings, reasons = told(seen, name)
    assert (findings, bool(reasons)) == (set(), True)
    assert told(seen, f"after {name}") == ({"sqlfluff:CV05"}, set())


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends(name: str, plain: Plain, found: Evidence) -> None:
    assert plain[name].returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    assert (plain["short"].returncode, "CV05" in plain["short"].stdout) == (1, True), "two seconds are plenty"
    assert told(found, name)[1] == {"took more than 1 s of processor time"}


def test_what_takes_more_memory_than_there_is(plain: Plain, found: Evidence) -> None:
    assert "MemoryError" in plain["memory"].stderr
    assert told(found, "memory")[1] == {"needed more than 512 MB"}


def test_a_range_that_is_refused_is_no_crash(plain: Plain, found: Evidence) -> None:
    assert "OverflowError" in plain["huge"].stderr
    assert any("Range too big" in reason for reason in told(found, "huge")[1])


def test_nesting_is_no_crash(deep: Evidence) -> None:
    reasons = {reason for name in DEEP for reason in told(deep, name)[1]}
    assert len(reasons) > 1, "each is told"
    assert not [reason for reason in reasons if "crashed" in reason or "took" in reason or "the parser" in reason]


def test_the_jail_needs_none_of_our_care() -> None:
    """Plain sqlfluff in it: every attack costs itself alone."""
    attacks = (ENDLESS["loops"], VAST["memory"], HUGE["huge"])
    limits = replace(LIMITS, wall_seconds=1.5, memory_mb=512)
    replies = jailed(*({"text": text} for attack in attacks for text in (attack, AFTER)), limits=limits)
    assert [reply.failure for reply in replies[::2]] == [
        "took longer than 1.5 s",
        "needed more than 512 MB",
        "the parser failed on it (OverflowError)",
    ]
    assert all(reply.answer and reply.answer["said"] for reply in replies[1::2])
