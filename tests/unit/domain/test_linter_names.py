"""sqlfluff's names, as the installed release has them."""

import sqlfluff
from sqlfluff.core.rules import get_ruleset

from review.domain.linter_names import CODES, DIALECTS, GROUPS, RULES


def test_dialects() -> None:
    assert sorted(DIALECTS) == sorted(dialect.label for dialect in sqlfluff.list_dialects())


def test_groups() -> None:
    manifests = get_ruleset()._register.values()
    assert sorted(GROUPS) == sorted({group for manifest in manifests for group in manifest.groups})


def test_codes() -> None:
    assert {code: manifest.name for code, manifest in get_ruleset()._register.items()} == RULES
    assert set(RULES) == CODES
