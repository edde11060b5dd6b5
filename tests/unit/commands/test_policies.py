"""A change of the policy file itself: seen whether it can be used, never obeyed, and the way out of a broken one."""

from datetime import date

import pytest

from review.commands.policies import Policies, policies
from review.config.policy import Policy
from review.domain.evidence import Skipped
from review.domain.severity import Severity
from review.errors import PolicyError
from tests.unit.artifacts.builders import MemoryTree

PATH = ".github/data-review.yml"
OTHER = ".github/data-review.yaml"
TODAY = date(2027, 1, 15)
WAY_OUT = "A pull request that repairs the file is reviewed by the defaults."

Files = dict[str, str | bytes]


def read(base: Files, head: Files, start: Files | None = None) -> Policies:
    """`start` is the merge base, where that is not the base."""
    trees = (MemoryTree(base), MemoryTree(base if start is None else start), MemoryTree(head))
    return policies(*trees, PATH, TODAY)


@pytest.mark.parametrize("files", [{}, {PATH: "fail-on: low"}])
def test_nothing_is_said_where_the_policy_does_not_change(files: Files) -> None:
    assert read(files, {**files, "a.sql": "select 1"}) == Policies(Policy.at(MemoryTree(files), PATH, TODAY))


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ({PATH: "fail-on: low"}, {PATH: "fail-on: never"}),
        ({PATH: "fail-on: low"}, {}),
        ({PATH: "fail-on: low"}, {"policy.yml": "fail-on: low"}),
        ({}, {PATH: "rules: {ignore: [SQL001, AM04]}"}),
    ],
    ids=["changed", "deleted", "renamed", "added"],
)
def test_a_change_of_the_policy_is_said_and_not_obeyed(base: Files, head: Files) -> None:
    found = read(base, head)
    assert found.policy == Policy.at(MemoryTree(base), PATH, TODAY)
    assert found.notices == (f"This change edits the team's policy ({PATH}); what it says counts after the merge.",)
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (
            {PATH: "fail-on: high\nfail-off: x"},
            "line 2: `fail-off` is not a key of the policy (did you mean `fail-on`?)",
        ),
        ({PATH: "rules:\n  ignore:\n  - SQL999"}, "line 3: there is no rule SQL999"),
        ({PATH: b"\0"}, "cannot be read as text; store it as UTF-8"),
        ({OTHER: "fail-on: low"}, f"{OTHER}: the policy is read from {PATH}; rename the file"),
    ],
)
@pytest.mark.parametrize("base", [{}, {PATH: "fail-on: low"}])
def test_a_policy_that_would_stop_every_review_is_missed(base: Files, head: Files, reason: str) -> None:
    found = read(base, head)
    assert (found.policy, found.notices) == (Policy.at(MemoryTree(base), PATH, TODAY), ())
    (skip,) = found.skipped
    assert skip == Skipped("intake", PATH, skip.reason, remedy="Mend the policy before it is merged.")
    assert skip.reason.startswith(reason)
    assert skip.reason.endswith("; merged, it would stop every review")


@pytest.mark.parametrize("text", ["fail-on: hihg", "rules:\n  ignore: [SQL999]"])
@pytest.mark.parametrize("head", [{PATH: "fail-on: low"}, {}])
def test_a_broken_policy_is_repaired_under_the_defaults(text: str, head: Files) -> None:
    found = read({PATH: text}, head)
    assert (found.policy, found.policy.fail_on, found.skipped) == (Policy(today=TODAY), Severity.HIGH, ())
    (notice,) = found.notices
    assert notice.startswith(f"The team's policy at the base commit cannot be used: {PATH}, line ")
    assert notice.endswith(" This change repairs the file, so it is reviewed by the defaults.")


def test_a_broken_policy_that_the_change_leaves_alone_says_the_way_out() -> None:
    broken: Files = {PATH: "fail-on: hihg"}
    with pytest.raises(PolicyError, match=rf"line 1: `fail-on` is 'hihg'.* {WAY_OUT}$"):
        read(broken, broken)
    with pytest.raises(PolicyError, match=WAY_OUT):
        read(broken, {PATH: "fail-on: low"}, start={PATH: "fail-on: low"})


@pytest.mark.parametrize("text", ["fail-on: hihg", "rules:\n  ignore: [SQL999]"])
def test_a_repair_that_is_none_is_told_what_is_wrong_with_it(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read({PATH: text}, {PATH: f"# repaired\n{text}"})
    first, _, second = str(caught.value).partition(" as it leaves it, it cannot be used either: ")
    assert first.startswith(f"{PATH}, line ")
    assert second.startswith(f"{PATH}, line ")
    assert second.endswith(WAY_OUT)


def test_a_rule_may_be_called_by_its_name() -> None:
    found = read({PATH: "rules:\n  ignore: [self-comparison]"}, {})
    assert len(found.policy.ignore) == 1
    assert found.policy.ignore.isdisjoint({"self-comparison"})
    with pytest.raises(PolicyError, match=r"line 2: there is no rule self-comparision \(did you mean"):
        read({PATH: "rules:\n  ignore: [self-comparision]"}, {PATH: "rules:\n  ignore: [self-comparision]"})
