"""Rules that the policy calls by their names, or by codes in small letters."""

from datetime import date

import pytest

from review.config.policy import Policy, Waiver
from review.config.rule_names import has_names, is_rule_name, with_codes
from review.domain.severity import Severity
from review.errors import PolicyError

PATH = ".github/data-review.yml"
KNOWN = {"self-comparison": "SQL001", "unpinned-package": "DBT001", "moving-start-date": "DAG001"}
WHOLE = """\
rules:
  ignore: [self_comparison, am04, DT001]
  severity:
    Unpinned-Package: low
    dag001: high
overrides:
  - paths: [a/**]
    ignore: [unpinned-package]
    severity:
      self-comparison: critical
waivers:
  - rule: moving-start-date
    path: dags/a.py
    owner: me
    reason: it moves
    expires: 2027-01-31
"""


def read(text: str) -> Policy:
    return Policy.from_yaml(text, PATH, date(2027, 1, 15))


def test_names_become_codes_wherever_they_stand() -> None:
    policy = read(WHOLE)
    assert has_names(policy)
    made = with_codes(policy, KNOWN)
    assert made.ignore == {"SQL001", "AM04", "DT001"}
    assert made.severities == {"DBT001": Severity.LOW, "DAG001": Severity.HIGH}
    assert made.overrides[0].ignore == {"DBT001"}
    assert made.overrides[0].severities == {"SQL001": Severity.CRITICAL}
    assert made.waivers == (Waiver("DAG001", "dags/a.py", "me", "it moves", date(2027, 1, 31), line=12),)
    assert set(made.lines) == {"SQL001", "AM04", "DT001", "DBT001", "DAG001"}
    assert not has_names(made)
    assert with_codes(read("rules:\n  select: [self-comparison]"), KNOWN).select == {"SQL001"}


def test_codes_may_be_written_small() -> None:
    policy = read("rules:\n  ignore: [sql001, Dbt002]")
    assert policy.ignore == {"SQL001", "DBT002"}
    assert not has_names(policy)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules:\n  ignore:\n    - self-comparision",
            "line 3: there is no rule self-comparision (did you mean `self-comparison`?); `data-review rules list`",
        ),
        ("rules:\n  select: [SQL001]\n  ignore: [self-comparison]", "self-comparison is in `rules.ignore` and in"),
        (
            "rules:\n  severity:\n    self-comparison: low\n    sql001: high",
            "line 3: self-comparison is SQL001, which has",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        with_codes(read(text), KNOWN)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["sql", "SELF-comparison", "a-", "-a", "a--b", "a b-c", "é-a", ""])
def test_what_is_no_name(text: str) -> None:
    assert not is_rule_name(text)
