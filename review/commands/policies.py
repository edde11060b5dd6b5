"""The policy that a change is reviewed by, and what the change would make of it.

The policy is the team's at the base commit, also for a change of that very file: what the file says at head is read to
see whether it can be used, and never obeyed. Merged, one that cannot be used would stop every review.
"""

from dataclasses import dataclass
from datetime import date

from review.config.policy import REPAIR, Policy, is_linter_code, names
from review.config.rule_names import has_names, with_codes
from review.domain.evidence import Skipped, Stage
from review.domain.tree import Tree
from review.errors import PolicyError


@dataclass(frozen=True)
class Policies:
    """The policy to review by, and what the review says of it beside `Policy.notices`."""

    policy: Policy
    notices: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    """That the policy at head could not be used: such a review is incomplete."""


def policies(base: Tree, start: Tree, head: Tree, path: str, today: date, *, is_named: bool = False) -> Policies:
    """The policy at `base`; where the change from `start` (the merge base) to `head` touches its file, also what
    becomes of it.

    A policy at base that cannot be used gives way to the defaults where the change repairs it. Raises PolicyError where
    it does not. `is_named` is that of `Policy.at`.
    """
    is_touched = any(start.entry(each) != head.entry(each) for each in names(path))
    try:
        policy = _named(Policy.at(base, path, today, is_named=is_named))
        if is_touched:
            _check_codes(policy)
    except PolicyError as error:
        if not is_touched:
            raise PolicyError(f"{error} {REPAIR}") from error
        if wrong := _wrong(head, path, today):
            raise PolicyError(
                f"{error} This change edits the file, and as it leaves it, it cannot be used either: {wrong} {REPAIR}"
            ) from error
        notice = (
            f"The team's policy at the base commit cannot be used: {error} This change repairs the file, so it is"
            " reviewed by the defaults."
        )
        return Policies(Policy(today=today), (notice,))
    if not is_touched:
        return Policies(policy)
    if wrong := _wrong(head, path, today):
        said = wrong.removeprefix(f"{path}: ").removeprefix(f"{path}, ").rstrip(".")
        reason = f"{said}; merged, it would stop every review"
        remedy = "Mend the policy before it is merged."
        return Policies(policy, skipped=(Skipped(Stage.INTAKE.value, path, reason, remedy=remedy),))
    return Policies(policy, (f"This change edits the team's policy ({path}); what it says counts after the merge.",))


def _wrong(head: Tree, path: str, today: date) -> str:
    """Why the policy there cannot be used, in a sentence; empty where it can."""
    try:
        _check_codes(_named(Policy.at(head, path, today)))
    except PolicyError as error:
        return str(error)
    return ""


def _named(policy: Policy) -> Policy:
    """The policy by codes alone; the rules are loaded only where it calls one by its name. Raises PolicyError."""
    if not has_names(policy):
        return policy
    from review.rules.registry import load

    return with_codes(policy, {rule.name: rule.code for rule in load()})


def _check_codes(policy: Policy) -> None:
    """Raise PolicyError for a rule that there is not; the rules are loaded only where some are named."""
    if not all(map(is_linter_code, policy.lines)):
        from review.rules.registry import load

        policy.check_codes({rule.code for rule in load()})
