"""What rules can say under a policy."""

from review.config.policy import Override, Policy
from review.domain.artifact import Kind
from review.domain.finding import Standard
from review.evidence.known import Known
from tests.unit.evidence.builders import collected


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


def test_ruffs_rules_count_where_they_are_in_force() -> None:
    chosen = Known.under(Policy(select=frozenset({"SQL001"})))
    assert all(Kind.DAG not in kinds for kinds in chosen.subjects.values())
    assert Kind.DAG in chosen.off[Standard.SECURITY]["S501"]
    one = Known.under(Policy(select=frozenset({"SQL001", "S501"})))
    assert [standard for standard, kinds in one.subjects.items() if Kind.DAG in kinds] == [Standard.SECURITY]
    assert off(Policy(ignore=frozenset({"S501"}))) == {"S501"}


def test_a_worker_tells_the_same() -> None:
    policy = Policy(select=frozenset({"SQL001", "S113"}), ignore=frozenset({"S113"}))
    known, told = Known.under(policy), collected([], policy=policy)
    assert (known.subjects, known.off) == (told.subjects, told.off)
