"""Who may open the gate by a label: every way in which it is not to be verified leaves it shut."""

from dataclasses import replace

import pytest

from review.commands.break_glass import with_break_glass
from review.config.policy import Policy
from review.domain.artifact import Kind
from review.domain.break_glass import BreakGlass
from review.domain.severity import Severity
from review.domain.target import Target
from review.domain.verdict import Review
from review.errors import Forbidden, GitHubError
from review.github.facts import ROLES, Labelling
from review.github.reader import Reader
from tests.unit.render.builders import FCT, artifact, finding, review

LABEL = "data-urgent"
AT = "2027-01-15T09:30:00Z"
ANA = Labelling("ana", is_person=True, at=AT)
POLICY = Policy(break_glass=LABEL)


class Asked(Reader):
    """A reader that answers from memory, and counts what it was asked."""

    def __init__(self, found: Labelling | GitHubError | None = ANA, role: str | GitHubError = "write") -> None:
        self._found, self._role = found, role
        self.count = 0

    def labelling(self, repository: str, number: int, label: str) -> Labelling | None:
        assert (repository, number, label) == ("acme/shop-data-platform", 42, LABEL)
        self.count += 1
        if isinstance(self._found, GitHubError):
            raise self._found
        return self._found

    def role(self, repository: str, login: str) -> str:
        assert (repository, login) == ("acme/shop-data-platform", "ana")
        self.count += 1
        if isinstance(self._role, GitHubError):
            raise self._role
        return self._role


def failing(*labels: str, fail_on: Severity | None = Severity.HIGH) -> Review:
    made = review([finding(severity=Severity.HIGH)], [artifact(FCT, Kind.DBT_MODEL)], fail_on=fail_on)
    pull = made.target.pull_request
    assert pull is not None
    return replace(made, target=replace(made.target, pull_request=replace(pull, labels=labels)), notices=("Another.",))


@pytest.mark.parametrize("role", ROLES)
def test_only_who_may_write_opens_the_gate(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = failing("bug", LABEL)
    after = with_break_glass(before, POLICY, Asked(role=role), {"GITHUB_ACTIONS": "true"})
    opens = role in ("write", "maintain", "admin")
    assert after.verdict == replace(before.verdict, break_glass=BreakGlass(LABEL, "ana", AT) if opens else None)
    assert after.verdict.exit_status == (not opens)
    said, other = after.notices
    assert other == "Another."
    assert said == (
        f"Break-glass: ana set the label `{LABEL}` at {AT}, so this verdict fails no run."
        if opens
        else f"The break-glass label `{LABEL}` opens nothing: ana set it, who may not write to the repository."
    )
    assert f"::warning::{said}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (Asked(None), "GitHub does not say who set it; take it off and set it again."),
        (Asked(Labelling("", is_person=False, at=AT)), "GitHub does not say who set it"),
        (Asked(Labelling("x[bot]", is_person=False, at=AT)), "x[bot] set it, and only a person may."),
        (
            Asked(Forbidden("The token may not read it.")),
            "who set it could not be verified (The token may not read it).",
        ),
        (Asked(role=GitHubError("Status 500.")), "who set it could not be verified (Status 500)."),
    ],
)
def test_what_cannot_be_verified_opens_nothing(reader: Asked, said: str) -> None:
    after = with_break_glass(failing(LABEL), POLICY, reader, {})
    assert (after.verdict.break_glass, after.verdict.exit_status) == (None, 1)
    assert said in after.notices[0]


@pytest.mark.parametrize(
    ("before", "policy"),
    [
        (failing(LABEL), Policy()),
        (failing(), POLICY),
        (failing("data-urgent-2"), POLICY),
        (failing(LABEL, fail_on=None), POLICY),
        (replace(failing(LABEL), target=Target("acme/shop-data-platform", "b", "h")), POLICY),
    ],
    ids=["no label in the policy", "none set", "another set", "the run passes", "no pull request"],
)
def test_nobody_is_asked_where_it_decides_nothing(before: Review, policy: Policy) -> None:
    reader = Asked()
    assert with_break_glass(before, policy, reader, {}) is before
    assert reader.count == 0


def test_a_labels_case_is_no_difference() -> None:
    after = with_break_glass(failing("Data-URGENT"), POLICY, Asked(), {})
    assert after.verdict.exit_status == 0
