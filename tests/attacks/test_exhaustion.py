"""Attempts to keep the review from coming to an end, or to bring it down: the file is told, the rest reviewed."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.attacks.conftest import LIMITS, jailed, start

Lint = Callable[..., str]
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}select 1\n"
HUGE = "{% for a in range(999999999) %}{% endfor %}select 1\n"
DEEP = "select " + "(" * 20_000 + "1" + ")" * 20_000 + "\n"
AFTER = {"text": "select a from b where (\n"}


@pytest.mark.parametrize("limit", ["wall", "processor"])
def test_loops_within_loops(limit: str, tmp_path: Path) -> None:
    """Jinja's sandbox limits one range to 100,000 turns, not two."""
    with pytest.raises(subprocess.TimeoutExpired):
        start("tests.attacks.undefended", [{"text": ENDLESS}], tmp_path, timeout=3)
    limits = replace(LIMITS, wall_seconds=1) if limit == "wall" else replace(LIMITS, cpu_seconds=1)
    stopped, after = jailed({"text": ENDLESS}, AFTER, limits=limits)
    assert stopped.failure == ("took longer than 1 s" if limit == "wall" else "took more than 1 s of processor time")
    assert after.answer is not None


def test_a_range_that_is_refused_is_no_crash(plainly: Lint, carefully: Lint) -> None:
    assert "OverflowError" in plainly({"text": HUGE})
    assert "Traceback" not in carefully({"text": HUGE})
    stopped, after = jailed({"text": HUGE}, AFTER)
    assert stopped.failure == "the parser failed on it (OverflowError)"
    assert after.answer is not None


def test_nesting_is_no_crash(carefully: Lint) -> None:
    assert "Traceback" not in carefully({"text": DEEP})
