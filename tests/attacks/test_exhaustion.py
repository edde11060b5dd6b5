"""Attempts to keep the review from coming to an end, or to bring it down: the file is told, the rest reviewed.

Here the jail alone stands: no reading of a text tells how long it will take. So each attack is tried on plain sqlfluff,
on plain sqlfluff in the jail, and on the worker as it is used.
"""

import resource
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import replace

import pytest

from review.config.policy import Policy
from review.evidence.collect import HANDLER, Evidence, collect
from review.evidence.settings import LintSettings
from review.sandbox.pool import Limits, Pool
from tests.attacks.conftest import LIMITS, SQLFLUFF, Ground, jailed, run
from tests.unit.evidence.builders import artifact

QUERY = "select a from b where c = null\n"
AFTER = {"text": "select a from b where (\n"}
GIGABYTE = 1 << 30
ENDLESS = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}" + QUERY,
    "loops of text": "{% set x = 'ab' * 99999 %}{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}" + QUERY,
    "macros": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}" + QUERY,
    "powers": "{{ (9 ** 9 ** 9) | string | length }}" + QUERY,
}
VAST = {
    "text": "{{ 'x' * 4000000000 }}\n" + QUERY,
    "a list": "{{ ([1] * 900000000) | length }}\n" + QUERY,
    "a format": "{{ '%4000000000d' % 1 }}\n" + QUERY,
    "a centred word": "{{ 'x' | center(4000000000) }}\n" + QUERY,
}
"""More memory than a worker may have."""
HUGE = "{% for a in range(999999999) %}{% endfor %}" + QUERY
DEEP = {
    "brackets": "select " + "(" * 20_000 + "1" + ")" * 20_000 + "\n",
    "expressions": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}\n",
    "blocks": "{% if a %}" * 2_000 + "{% endif %}" * 2_000 + QUERY,
    "calls": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" + QUERY,
}


def limited(ground: Ground, text: str, what: int, value: int) -> subprocess.CompletedProcess[str]:
    """Plain sqlfluff on a text, with so much of that resource."""
    shell = {resource.RLIMIT_CPU: f"ulimit -t {value}", resource.RLIMIT_AS: f"ulimit -v {value // 1024}"}[what]
    return run(["/bin/sh", "-c", f'{shell}; exec "$@"', "sh", *SQLFLUFF, "-"], ground.folder, text)


def reviewed(texts: Mapping[str, str], limits: Limits) -> Evidence:
    """What the review has to say, by one worker with these limits: the larger file goes first."""
    files = [artifact(f"{name}.sql", text) for name, text in texts.items()]
    with Pool(HANDLER, 1, limits) as pool:
        return collect(files, [], LintSettings({}, Policy()), Policy(), pool)


def told(found: Evidence, name: str) -> tuple[set[str], set[str]]:
    """The codes of a file's findings, and why it was skipped."""
    findings = {each.source for each in found.findings if each.location.path == f"{name}.sql"}
    return findings, {each.reason for each in found.skipped if each.subject == f"{name}.sql"}


def test_loops_within_loops_keep_plain_sqlfluff_busy(ground: Ground) -> None:
    """Jinja's sandbox limits one range to 100,000 turns, not two."""
    assert limited(ground, QUERY, resource.RLIMIT_CPU, 3).returncode == 1
    assert limited(ground, ENDLESS["loops"], resource.RLIMIT_CPU, 3).returncode in (-signal.SIGXCPU, -signal.SIGKILL)


@pytest.mark.parametrize("limit", ["wall", "processor"])
def test_loops_within_loops(limit: str) -> None:
    limits = replace(LIMITS, wall_seconds=2) if limit == "wall" else replace(LIMITS, cpu_seconds=1)
    stopped, after = jailed({"text": ENDLESS["loops"]}, AFTER, limits=limits)
    assert stopped.failure == ("took longer than 2 s" if limit == "wall" else "took more than 1 s of processor time")
    assert after.answer is not None


def test_what_never_ends_is_told_and_the_rest_reviewed() -> None:
    found = reviewed({**ENDLESS, "after": QUERY}, replace(LIMITS, cpu_seconds=1))
    for name in ENDLESS:
        assert told(found, name) == (set(), {"took more than 1 s of processor time"})
    assert told(found, "after") == ({"sqlfluff:CV05"}, set())


def test_what_takes_more_memory_than_there_is(ground: Ground) -> None:
    for text in VAST.values():
        assert "MemoryError" in limited(ground, text, resource.RLIMIT_AS, 2 * GIGABYTE).stderr
    limits = replace(LIMITS, memory_mb=512)
    *stopped, after = jailed(*({"text": text} for text in VAST.values()), AFTER, limits=limits)
    assert [each.failure for each in stopped] == ["needed more than 512 MB"] * len(VAST)
    assert after.answer is not None
    found = reviewed({**VAST, "after": QUERY}, limits)
    for name in VAST:
        assert told(found, name) == (set(), {"needed more than 512 MB"})
    assert told(found, "after") == ({"sqlfluff:CV05"}, set())


def test_a_range_that_is_refused_is_no_crash(ground: Ground) -> None:
    assert "OverflowError" in run([*SQLFLUFF, "-"], ground.folder, HUGE).stderr
    stopped, after = jailed({"text": HUGE}, AFTER)
    assert stopped.failure == "the parser failed on it (OverflowError)"
    assert after.answer is not None
    found = reviewed({"huge": HUGE, "after": QUERY}, LIMITS)
    (reason,) = {each for each in told(found, "huge")[1] if each.startswith("could not be linted")}
    assert "Range too big" in reason
    assert told(found, "after") == ({"sqlfluff:CV05"}, set())


def test_nesting_is_no_crash() -> None:
    found = reviewed({**DEEP, "after": QUERY}, LIMITS)
    for name in ("brackets", "expressions", "calls"):
        assert told(found, name)[1], name
    assert not [each.reason for each in found.skipped if "crashed" in each.reason or "took" in each.reason]
    assert told(found, "after") == ({"sqlfluff:CV05"}, set())
