"""A rule's page is its docstring: one README a family, rendered from the code and compared with it by a test."""

import re
from collections.abc import Iterable

from review.rules.base import Rule

SECTIONS = ("Why it matters", "Bad", "Good")
"""The headings every rule's docstring has, in this order, below its first sentence."""

_TITLES = {"cross": "Cross-stack", "dag": "Airflow", "dbt": "dbt", "spark": "Spark", "sql": "SQL", "trust": "Trust"}


def pages(rules: Iterable[Rule]) -> dict[str, str]:
    """Path below the repository's root → text of each family's page."""
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(rule.family, []).append(rule)
    return {f"review/rules/{family}/README.md": _page(family, found) for family, found in sorted(families.items())}


def section(rule: Rule) -> str:
    """One rule's part of its page: heading, facts, why, bad, good. Its heading is what `Rule.page` links to."""
    heading, facts = f"## {rule.code} {rule.name}", _facts(rule)
    return "\n\n".join((heading, f"{rule.summary}.", facts, *_body(rule)))


def parts(rule: Rule) -> dict[str, str]:
    """The docstring's sections by heading; a missing one is absent."""
    _, *sections = rule.documentation.split("\n### ")
    found = {}
    for text in sections:
        heading, _, body = text.partition("\n")
        found[heading.strip()] = body.strip()
    return found


def why(rule: Rule) -> str:
    """Why what the rule finds matters, wherever it is found: that section's first paragraph as one line."""
    return " ".join(parts(rule)["Why it matters"].partition("\n\n")[0].split())


def told(rule: Rule) -> tuple[str, str]:
    """What it says wherever it finds something: its title, and why that matters."""
    return rule.summary, why(rule)


def example(rule: Rule, heading: str) -> str:
    """The first code of a section, `[U+200B]` made that character. Raises KeyError without the section."""
    return _blocks(rule, heading)[0]


def beside(rule: Rule, heading: str, *, before: bool = False) -> dict[str, str]:
    """Path → text of the files that a section shows below its first code, each named in a comment on its first line.

    Those that the comment says are shown `before the change`, or all others.
    """
    named = ((block.partition("\n")[0].lstrip("-# "), block) for block in _blocks(rule, heading)[1:])
    return {
        said.partition(" ")[0].rstrip(","): block
        for said, block in named
        if said.endswith("before the change") is before
    }


def _blocks(rule: Rule, heading: str) -> list[str]:
    """The codes between the fences of a section."""
    fenced = parts(rule)[heading].split("```")[1::2]
    return [_CODE_POINT.sub(lambda match: chr(int(match[1], 16)), code.partition("\n")[2]) for code in fenced]


_CODE_POINT = re.compile(r"\[U\+([0-9A-F]{4,5})\]")
"""How a page shows a character that has no shape, and that no source of ours should hold."""


def _page(family: str, rules: Iterable[Rule]) -> str:
    rules = sorted(rules, key=lambda rule: rule.code)
    table = [
        "| code | name | standard | severity | confidence |",
        "|---|---|---|---|---|",
        *(
            f"| [{rule.code}](#{rule.page.partition('#')[2]}) | {rule.name} | {rule.standard.value} "
            f"| {rule.severity.value} | {rule.confidence.value} |"
            for rule in rules
        ),
    ]
    head = (
        f"# {_TITLES.get(family, family)} rules",
        "Made by `data-review docs` from the rules' docstrings: change those, not this page.",
        "\n".join(table),
    )
    return "\n\n".join((*head, *map(section, rules))) + "\n"


def _facts(rule: Rule) -> str:
    kinds = ", ".join(sorted(kind.value for kind in rule.kinds))
    effect = "may fail the check" if rule.tier.value == "proven" else "never fails the check"
    return "\n".join(
        (
            f"- **Standard:** {rule.standard.title.lower()}",
            f"- **Severity:** {rule.severity.value}; **confidence:** {rule.confidence.value} ({effect})",
            f"- **Looks at:** {kinds}",
        )
    )


def _body(rule: Rule) -> list[str]:
    found = parts(rule)
    return [f"### {heading}\n\n{found[heading]}" for heading in SECTIONS if heading in found]
