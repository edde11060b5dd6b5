"""All rules: a rule is registered by its file being there.

Loading imports every rule and the parsers behind their views, so that a jailed worker, which can open no file, has all
it needs. A run that finds nothing to review never imports this module.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from review.rules import source
from review.rules.base import Rule

FAMILIES = ("cross", "dag", "dbt", "spark", "sql", "trust")
"""The folders that hold rules; a module elsewhere in this package is framework."""


@cache
def load() -> tuple[Rule, ...]:
    """Every rule, by code, with everything imported that a rule may need. Raises ValueError for two equal codes."""
    source.load_parsers()
    rules = []
    for family in FAMILIES:
        package = importlib.import_module(f"review.rules.{family}")
        for entry in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(entry.name)
            rule = getattr(module, "rule", None)
            if isinstance(rule, Rule):
                rules.append(rule)
            elif not entry.name.rpartition(".")[2].startswith("_"):
                raise ValueError(f"{entry.name} makes no rule; a helper's name begins with an underscore")
    return tuple(sorted(rules, key=lambda rule: rule.code))


def subjects(rules: Iterable[Rule]) -> dict[str, list[str]]:
    """Value of each standard → values of the kinds that these rules judge by it, for the checklist."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        found.setdefault(rule.standard.value, set()).update(kind.value for kind in rule.kinds)
    return {standard: sorted(kinds) for standard, kinds in sorted(found.items())}
