"""What a dry run says of the cap, before anything is spent."""

import json
from typing import Any

import pytest

from review.commands.dry_run import NOTHING, DryRun, nothing
from review.model.ledger import Ledger, worst
from review.reviewers.conversation import size
from review.reviewers.setup import Change
from tests.unit.reviewers.builders import MODEL, PARSES, PRICE, artifact, change, in_turn, setup

ONE = change(artifact(MODEL, "select 1\n", "select 2\n"))
LONG = "".join(f"select {line:050}\n" for line in range(300))
MANY = change(*(artifact(f"{name}/m.sql", None, LONG, project=name) for name in "abcdefgh"))
FORBIDS = "does not allow all of it: before a call, the most it can cost has to fit, and here that is up to $"
TOO_LITTLE = "will not do for all of it: the riskiest files come first."


def shown(cap: float | None, made: Change = ONE, **changes: Any) -> DryRun:
    dry = DryRun(setup(in_turn(), ledger=Ledger(cap, PRICE, "m"), **changes))
    assert dry.consult(made, PARSES).report is None
    assert dry.unheard() is None
    return dry


def least(dry: DryRun) -> float:
    value = json.loads(dry.text("json"))["least_max_cost_usd"]
    assert isinstance(value, float)
    return value


def test_the_least_cap_is_the_most_that_the_dearest_request_can_cost() -> None:
    dry = shown(1.0, MANY)
    assert len(dry.requests) == 8
    most = [dry.setup.ledger.most(worst(size(body)), body["max_tokens"]) for body in dry.requests]
    assert least(dry) == pytest.approx(max(most), abs=1e-4)
    assert least(dry) > 0


def test_a_cap_below_it_is_told_with_what_would_do() -> None:
    needed = least(shown(1.0))
    text = shown(needed / 2).text("text")
    assert f"\n   max-cost-usd ({needed / 2:g}) {FORBIDS}{needed:.2f}." in text
    for cap in (needed + 0.0001, None):
        assert "max-cost-usd" not in shown(cap).text("text")


def test_the_least_cap_is_one_under_which_the_call_is_made() -> None:
    (body,) = shown(1.0).requests
    ledger = Ledger(least(shown(1.0)) + 0.0001, PRICE, "m")
    with ledger.reserved(worst(size(body)), body["max_tokens"], 0.0):
        pass


def test_a_cap_that_allows_each_and_not_all_is_told_as_well() -> None:
    dry = shown(1.0, MANY)
    assert dry.estimate is not None
    assert dry.estimate.dollars is not None
    cap = least(dry) + 0.0001
    assert cap < dry.estimate.dollars
    text = shown(cap, MANY).text("text")
    assert f"\n   max-cost-usd ({cap:g}) {TOO_LITTLE}" in text
    assert FORBIDS not in text
    assert "max-cost-usd" not in shown(dry.estimate.dollars + 1, MANY).text("text")


def test_nothing_needs_no_cap() -> None:
    assert json.loads(nothing("data-engineer", "json"))["least_max_cost_usd"] == 0
    assert nothing("data-engineer", "text").startswith(NOTHING)
