"""What rules can say: standard, harm and proof follow from a finding's code, whoever claims to have found it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from review.config.policy import Policy
from review.domain.artifact import SQL_KINDS, Kind
from review.domain.finding import Confidence, Finding, Standard, Tier
from review.domain.linter_names import CODES
from review.evidence.lint import PAGES
from review.rules.base import Rule
from review.rules.registry import load, subjects
from review.sql.selection import LINTED, advice_of

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz_.")
"""What sqlfluff's dotted names are made of."""


def spoken_of(rules: Iterable[Rule]) -> dict[str, list[str]]:
    """Value of each standard → values of the kinds that rules, these of ours or sqlfluff's, judge by it."""
    found = {standard: set(kinds) for standard, kinds in subjects(rules).items()}
    for standard in LINTED:
        found.setdefault(standard.value, set()).update(kind.value for kind in SQL_KINDS)
    return {standard: sorted(kinds) for standard, kinds in sorted(found.items())}


def in_force(select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of ours that run where a policy selects and ignores these codes; none selected means all."""
    wanted, unwanted = frozenset(select), frozenset(ignore)
    return tuple(rule for rule in load() if rule.code not in unwanted and (not wanted or rule.code in wanted))


@dataclass(frozen=True)
class Known:
    """The rules that can have found something under one policy."""

    rules: Mapping[str, Rule]
    """By code."""
    policy: Policy
    pages: str = ""
    """Web address under which this action's own files are shown; empty gives findings no link to ours."""

    @classmethod
    def under(cls, policy: Policy, pages: str = "") -> "Known":
        """Loads the rules, with the parsers behind them. Raises PolicyError where the policy names none of them."""
        policy.check_codes(frozenset(rule.code for rule in load()))
        return cls({rule.code: rule for rule in in_force(policy.select, ())}, policy, pages)

    @property
    def subjects(self) -> Mapping[Standard, frozenset[Kind]]:
        """Which kinds of artifact the checks of each standard speak of."""
        found = spoken_of(rule for rule in self.rules.values() if rule.code not in self.policy.never_wanted)
        return {Standard(standard): frozenset(map(Kind, kinds)) for standard, kinds in found.items()}

    def restated(self, claim: Finding) -> Finding | None:
        """The claim with the standard, severity, confidence, tier and page that its rule gives; None where no rule
        that this version knows and the policy selects can have made it.

        What it says of the code stays, but the edit goes: a reader would apply it at a click, on somebody's word.
        """
        stated = self._stated(claim)
        return None if stated is None else self.policy.weighed(stated)

    def _stated(self, claim: Finding) -> Finding | None:
        kind, _, code = claim.source.partition(":")
        severity = self.policy.severities.get(code)
        if kind == "rule" and code in self.rules:
            rule = self.rules[code]
            return replace(
                claim,
                standard=rule.standard,
                severity=severity or rule.severity,
                confidence=rule.confidence,
                tier=rule.tier,
                suggestion=None,
                help_url=f"{self.pages}/{rule.page}" if self.pages else "",
                cost="",
                scale="",
            )
        if kind == "sqlfluff" and code in CODES:
            said = advice_of(code)
            return replace(
                claim,
                standard=said.standard,
                severity=severity or said.severity,
                confidence=Confidence.HIGH,
                tier=Tier.PROVEN,
                suggestion=None,
                help_url=_page_of(claim),
                cost="",
                scale="",
            )
        return None


def _page_of(claim: Finding) -> str:
    """sqlfluff's page of its rules, at the rule that a claim names there: which code is whose is not at hand."""
    page, _, name = claim.help_url.partition("#")
    return claim.help_url if page == PAGES and _NAME.issuperset(name) else PAGES
