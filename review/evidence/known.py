"""What rules can say: words, standard, harm and proof follow from a finding's code, whoever claims to have found it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from review.config.policy import Policy
from review.domain.artifact import SQL_KINDS, Kind
from review.domain.finding import Confidence, Finding, Standard, Tier
from review.domain.linter_names import RUFF_RULES, RULES, ruff_page
from review.evidence.lint import PAGES
from review.evidence.messages import read_off
from review.ruff.selection import ADVICE, KINDS
from review.rules import docs
from review.rules.base import Rule
from review.rules.registry import load, subjects
from review.sql.selection import LINTED, advice

DETAILS = "The annotations and the job summary of the pull request's own run say what it is about here."
"""In place of what a rule says of one place, which only that run knows."""
_REMEDY = "Compare the lines with the good example on the rule's page. " + DETAILS


def spoken_of(rules: Iterable[Rule], linted: Iterable[str]) -> dict[str, list[str]]:
    """Value of each standard → values of the kinds that rules judge by it: these of ours, these codes of ruff's, and
    sqlfluff's. What ruff says of files for Airflow 3 alone is not said of a kind.
    """
    found = {standard: set(kinds) for standard, kinds in subjects(rules).items()}
    for standard in LINTED:
        found.setdefault(standard.value, set()).update(kind.value for kind in SQL_KINDS)
    for row in (ADVICE[code] for code in linted):
        if not row.needs_airflow_3:
            found.setdefault(row.standard.value, set()).update(kind.value for kind in KINDS)
    return {standard: sorted(kinds) for standard, kinds in sorted(found.items())}


def in_force(select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of ours that run where a policy selects and ignores these codes; none selected means all."""
    wanted = _wanted((rule.code for rule in load()), select, ignore)
    return tuple(rule for rule in load() if rule.code in wanted)


def ruff_in_force(select: Iterable[str], ignore: Iterable[str]) -> frozenset[str]:
    """The same of the codes of ruff's that we chose."""
    return _wanted(ADVICE, select, ignore)


def _wanted(codes: Iterable[str], select: Iterable[str], ignore: Iterable[str]) -> frozenset[str]:
    known, chosen = frozenset(codes), frozenset(select)
    return (known & chosen if chosen else known) - frozenset(ignore)


def told_of(rules: Iterable[Rule]) -> dict[str, tuple[str, str]]:
    """Source of findings → title of the rule, and why what it finds matters: these of ours, and the linters'."""
    found = {f"rule:{rule.code}": docs.told(rule) for rule in rules}
    found.update((f"ruff:{code}", (row.title, row.explanation)) for code, row in ADVICE.items())
    linted = ((code, advice(code, name)) for code, name in RULES.items())
    found.update((f"sqlfluff:{code}", (row.title, row.explanation)) for code, row in linted if row.explanation)
    return found


def codes() -> frozenset[str]:
    """Every code that a policy may name, but for sqlfluff's."""
    return frozenset(rule.code for rule in load()) | frozenset(RUFF_RULES)


def switched_off(on: Iterable[Rule], linted: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Value of each standard → code of each rule, ours or of those of ruff's that we chose, that is not among these →
    values of the kinds it judges.
    """
    codes = {rule.code for rule in on}
    found: dict[str, dict[str, list[str]]] = {}
    for rule in load():
        if rule.code not in codes:
            found.setdefault(rule.standard.value, {})[rule.code] = sorted(kind.value for kind in rule.kinds)
    for code in ADVICE.keys() - frozenset(linted):
        found.setdefault(ADVICE[code].standard.value, {})[code] = sorted(kind.value for kind in KINDS)
    return found


def _in_our_words(claim: Finding, **said: Any) -> Finding:
    """The claim with what a rule says of it, and without what only its run can have said: an edit, cost and scale."""
    return replace(claim, suggestion=None, cost="", scale="", **said)


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
        policy.check_codes(codes())
        return cls({rule.code: rule for rule in in_force(policy.select, ())}, policy, pages)

    @property
    def subjects(self) -> Mapping[Standard, frozenset[Kind]]:
        """Which kinds of artifact the checks of each standard speak of."""
        return {
            Standard(standard): frozenset(map(Kind, kinds))
            for standard, kinds in spoken_of(self._on, self._linted).items()
        }

    @property
    def off(self) -> Mapping[Standard, Mapping[str, frozenset[Kind]]]:
        """The rules that the policy switches off everywhere: see `Evidence.off`."""
        return read_off(switched_off(self._on, self._linted))

    @property
    def said(self) -> Mapping[str, tuple[str, str]]:
        """What the rules say wherever they find something: see `Evidence.rules`."""
        return told_of(self.rules.values())

    @property
    def _on(self) -> list[Rule]:
        return [rule for rule in self.rules.values() if rule.code not in self.policy.never_wanted]

    @property
    def _linted(self) -> frozenset[str]:
        return ruff_in_force(self.policy.select, self.policy.never_wanted)

    def restated(self, claim: Finding) -> Finding | None:
        """The claim in the rule's own words, with the standard, severity, confidence, tier and page that it gives; None
        where no rule that this version knows and the policy selects can have made it.

        What stays of the claim is the place, and what its fingerprint is made of. Its prose would be published in our
        name, and its edit applied at a click, on somebody's word.
        """
        stated = self._stated(claim)
        return None if stated is None else self.policy.weighed(stated)

    def _stated(self, claim: Finding) -> Finding | None:
        kind, _, code = claim.source.partition(":")
        severity = self.policy.severities.get(code)
        if kind == "rule" and code in self.rules:
            rule = self.rules[code]
            return _in_our_words(
                claim,
                standard=rule.standard,
                severity=severity or rule.severity,
                confidence=rule.confidence,
                tier=rule.tier,
                title=rule.summary,
                explanation=docs.why(rule),
                remediation=_REMEDY,
                help_url=f"{self.pages}/{rule.page}" if self.pages else "",
            )
        if kind == "sqlfluff" and code in RULES:
            said, name = advice(code, RULES[code]), RULES[code]
            return _in_our_words(
                claim,
                standard=said.standard,
                severity=severity or said.severity,
                confidence=Confidence.HIGH,
                tier=Tier.PROVEN,
                title=said.title or name,
                explanation=said.explanation or DETAILS,
                remediation=said.remediation,
                help_url=f"{PAGES}#{name}",
            )
        if kind == "ruff" and code in ruff_in_force(self.policy.select, ()):
            row = ADVICE[code]
            return _in_our_words(
                claim,
                standard=row.standard,
                severity=severity or row.severity,
                confidence=Confidence.HIGH,
                tier=Tier.PROVEN,
                title=row.title,
                explanation=row.explanation,
                remediation=row.remediation,
                help_url=ruff_page(code),
            )
        return None
