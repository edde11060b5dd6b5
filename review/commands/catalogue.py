"""`data-review rules …` and `data-review docs`: what the rules are, on a terminal and as pages."""

import sys
from pathlib import Path

from review.domain.linter_names import CODES, RUFF_RULES
from review.errors import InputError
from review.render.answer import linter_address, linter_name
from review.rules import docs, scaffold
from review.rules.base import Rule
from review.rules.registry import load


def list_rules() -> int:
    """Print every rule, one a line."""
    rules = load()
    widths = [max(len(cell) for cell in column) for column in zip(*map(_cells, rules), strict=True)]
    for rule in rules:
        line = "  ".join(cell.ljust(width) for cell, width in zip(_cells(rule), widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")
    return 0


def show_rule(code: str) -> int:
    """Print one rule's page, or where a linter has that of its own. Raises InputError for a code that no rule has."""
    known = code.upper()
    for rule in load():
        if rule.code == known:
            sys.stdout.write(docs.section(rule) + "\n")
            return 0
    if known in CODES or known in RUFF_RULES:
        sys.stdout.write(f"{known} is a rule of {linter_name(known)}'s; its page: {linter_address(known)}\n")
        return 0
    raise InputError(f"there is no rule {code}; `data-review rules list` shows them all.")


def write_pages(root: Path) -> int:
    """Write each family's page anew under a checkout of this project, and name those that changed."""
    for path, text in docs.pages(load()).items():
        page = root / path
        if not page.parent.is_dir():
            raise InputError(f"{page.parent} does not exist: run `data-review docs` at the top of a checkout.")
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path}\n")
    return 0


def new_rule(root: Path, family: str, name: str) -> int:
    """Write the files of a new rule and name them. Raises InputError for a bad name or one in use."""
    for path in scaffold.new(root, family, name):
        sys.stdout.write(f"wrote {path}\n")
    return 0


def _cells(rule: Rule) -> tuple[str, ...]:
    return (rule.code, rule.family, rule.name, rule.standard.value, rule.severity.value, rule.summary)
