"""What rules can say under a policy."""

from review.config.policy import Override, Policy
from review.domain.artifact import Kind
from review.domain.finding import Standard
from review.evidence.known import Known


def off(policy: Policy) -> set[str]:
    return {code for rules in Known.under(policy).off.values() for code in rules}


def test_the_rules_that_are_off_everywhere() -> None:
    assert off(Policy()) == set()
    known = Known.under(Policy(ignore=frozenset({"SQL002"})))
    assert Kind.SQL_DDL in known.off[Standard.SECURITY]["SQL002"]
    assert off(Policy(ignore=frozenset({"SQL002"}))) == {"SQL002"}
    assert off(Policy(ignore=frozenset({"SQL002"}), overrides=(Override(("prod/",), ignore=frozenset()),))) == set()
    chosen = off(Policy(select=frozenset({"SQL002"})))
    assert "SQL002" not in chosen
    assert {"SQL003", "DBT001"} <= chosen
