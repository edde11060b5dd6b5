"""The linters' names, as the installed releases have them."""

import json
import subprocess

import sqlfluff
from ruff import find_ruff_bin
from sqlfluff.core.rules import get_ruleset

from review.domain.linter_names import CODES, DIALECTS, GROUPS, RUFF_RULES, RULES
from review.ruff.selection import ADVICE


def test_dialects() -> None:
    assert sorted(DIALECTS) == sorted(dialect.label for dialect in sqlfluff.list_dialects())


def test_groups() -> None:
    manifests = get_ruleset()._register.values()
    assert sorted(GROUPS) == sorted({group for manifest in manifests for group in manifest.groups})


def test_codes() -> None:
    assert {code: manifest.name for code, manifest in get_ruleset()._register.items()} == RULES
    assert set(RULES) == CODES


def test_rules_of_ruff() -> None:
    told = subprocess.run([find_ruff_bin(), "rule", "--all", "--output-format=json"], capture_output=True, check=True)
    names = {rule["code"]: rule["name"] for rule in json.loads(told.stdout) if not rule["preview"]}
    assert {code: names.get(code) for code in ADVICE} == RUFF_RULES
