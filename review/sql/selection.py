"""Which sqlfluff rules run where the team has no configuration of its own, and what each is worth to a reader.

Chosen by reading every hit on the added lines of 1,158 files (38,802 added lines) of real pull requests: only rules
whose hits were defects stay. Read and left out: RF02 (2.4 hits per hundred lines, style in most), AM04 and ST07 (`*`
and USING are choices), AM09 (12 hits, 11 of them `LIMIT 1` inside `UNNEST`), AL04 (10 hits, all in separate scopes),
AM02, AM03, AM06, ST01, ST02, ST08, ST10, ST12 and AL10 (harmless as written). What stays gives 0.03 findings
per hundred added lines.
"""

from dataclasses import dataclass

from review.domain.finding import Standard
from review.domain.severity import Severity


@dataclass(frozen=True)
class Advice:
    """What a finding of one sqlfluff rule says; empty texts fall back to sqlfluff's own description."""

    standard: Standard
    severity: Severity
    title: str = ""
    explanation: str = ""
    remediation: str = "Change the line as the rule's page shows, or take the rule out of the team's configuration."


_DEFAULTS = {
    "AL08": Advice(
        Standard.DATA_QUALITY,
        Severity.MEDIUM,
        "Two output columns have the same name",
        "Warehouses differ in what they make of it: an error at creation, a suffixed name, or the last one silently.",
        "Give one of them another alias, or select it once.",
    ),
    "AM01": Advice(
        Standard.COST,
        Severity.LOW,
        "DISTINCT over rows that GROUP BY has made distinct already",
        "The second pass sorts or hashes the whole result and changes nothing; often a join fans out above it.",
        "Drop DISTINCT, or the GROUP BY if nothing is aggregated.",
    ),
    "AM07": Advice(
        Standard.DATA_QUALITY,
        Severity.HIGH,
        "The branches of a set operation select different numbers of columns",
        "The statement fails, or, where a `*` hides the count, it fails on the day a source gains a column.",
        "List the same columns in the same order in every branch.",
    ),
    "AM08": Advice(
        Standard.SCALABILITY,
        Severity.HIGH,
        "Join without a condition",
        "Every row of one side meets every row of the other: the result grows with the product of both tables.",
        "Add the ON condition, or write CROSS JOIN where the product is meant.",
    ),
    "CV05": Advice(
        Standard.DATA_QUALITY,
        Severity.HIGH,
        "Comparison with NULL by an operator",
        "`= NULL` and `<> NULL` are never true, so the condition keeps no row, whatever the data.",
        "Write IS NULL or IS NOT NULL.",
    ),
    "ST03": Advice(
        Standard.COST,
        Severity.LOW,
        "Common table expression that nothing uses",
        "Readers look for its effect in vain, and engines that materialise it pay for it at every run.",
        "Remove it, or use it where it was meant to be used.",
    ),
    "ST11": Advice(
        Standard.COST,
        Severity.MEDIUM,
        "Joined table that nothing refers to",
        "The join reads the table for nothing, and multiplies rows where its key is not unique.",
        "Remove the join, or select the column it was added for.",
    ),
}

DEFAULT_RULES = tuple(_DEFAULTS)
"""Codes of the rules that run where the team chose none."""

LINTED = frozenset(advice.standard for advice in _DEFAULTS.values())
"""The standards that linting says something of."""

_GROUPS = {
    "ambiguous": Standard.DATA_QUALITY,
    "references": Standard.DATA_QUALITY,
    "structure": Standard.COST,
}
"""sqlfluff's groups, by the standard their rules serve; layout, capitalisation and the rest are about reading."""


def advice(code: str, name: str) -> Advice:
    """What to say of a violation. `name` is sqlfluff's dotted one, such as `ambiguous.distinct`."""
    return _DEFAULTS.get(code) or Advice(_GROUPS.get(name.partition(".")[0], Standard.DOCUMENTATION), Severity.LOW)
