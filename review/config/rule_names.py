"""Rules that the policy file calls by their names: who reads the file does not know the rules, who knows them says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from review.config.policy import Policy, no_rule
from review.errors import PolicyError

Value = TypeVar("Value")


def is_rule_name(text: str) -> bool:
    """Whether it has the form of our rules' names: small words with hyphens between them."""
    parts = text.split("-")
    return len(parts) > 1 and text.isascii() and text == text.lower() and all(map(str.isalnum, parts))


def has_names(policy: Policy) -> bool:
    """Whether `with_codes` has something to do."""
    return any(map(is_rule_name, policy.lines))


def with_codes(policy: Policy, by_name: Mapping[str, str]) -> Policy:
    """The same policy with codes in place of the names; `by_name` is name → code.

    Raises PolicyError for a name that no rule has, a rule that is both selected and ignored, and one that is given two
    severities in one place.
    """
    for name, line in policy.lines.items():
        if is_rule_name(name) and name not in by_name:
            raise no_rule(policy.source, line, name, by_name)

    def coded(given: Mapping[str, Value]) -> dict[str, Value]:
        for name in given:
            if by_name.get(name) in given:
                raise _wrong(policy, name, f"is {by_name[name]}, which has a severity already; write it once")
        return {by_name.get(name, name): value for name, value in given.items()}

    def codes(given: frozenset[str]) -> frozenset[str]:
        return frozenset(by_name.get(name, name) for name in given)

    for name in policy.ignore:
        if by_name.get(name, name) in codes(policy.select):
            raise _wrong(policy, name, "is in `rules.ignore` and in `rules.select`; take it out of one of them")
    return replace(
        policy,
        select=codes(policy.select),
        ignore=codes(policy.ignore),
        severities=coded(policy.severities),
        overrides=tuple(
            replace(
                each,
                ignore=None if each.ignore is None else codes(each.ignore),
                severities=coded(each.severities),
            )
            for each in policy.overrides
        ),
        waivers=tuple(replace(each, rule=by_name.get(each.rule, each.rule)) for each in policy.waivers),
        lines={by_name.get(name, name): line for name, line in policy.lines.items()},
    )


def _wrong(policy: Policy, name: str, what: str) -> PolicyError:
    return PolicyError(f"{policy.source}, line {policy.lines[name]}: {name} {what}.")
