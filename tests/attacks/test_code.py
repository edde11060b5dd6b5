"""Attempts to have code of the pull request's run: sqlfluff's `library_path`, by file and by comment.

Each works on plain sqlfluff; our reading of text and configuration stops it without the jail, and the jail stops it
without our reading. (`../shared/reference/platform.md`, section 6; CVE-2023-36830 and what is left of it in 4.5.)
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.conftest import Prize, jailed, plant

Lint = Callable[..., str]
QUERY = "select a from b\n"
COMMENTS = {
    "in a line": "-- sqlfluff:{order}\n" + QUERY,
    "without a space": "--sqlfluff:{order}\n" + QUERY,
    "at the end": QUERY + "-- sqlfluff:{order}",
    "in a block comment": "/*\n-- sqlfluff:{order}\n*/\n" + QUERY,
    "in a Jinja comment": "{{# \n-- sqlfluff:{order}\n#}}" + QUERY,
    "in a string": "select '\n-- sqlfluff:{order}\n' as a from b\n",
    "after a carriage return": "select a\r-- sqlfluff:{order}\rfrom b\n",
    "after a line separator": "select a --\u2028-- sqlfluff:{order}\nfrom b\n",
    "after a next line": "select a --\x85-- sqlfluff:{order}\nfrom b\n",
    "after a form feed": "select a --\x0c-- sqlfluff:{order}\nfrom b\n",
    "after a file separator": "select a --\x1c--sqlfluff:{order}\nfrom b\n",
}
ORDERS = ("templater:jinja:library_path:{library}", "library_path:{library}")


def test_a_comment_that_names_a_library(tmp_path: Path, prize: Prize, plainly: Lint, carefully: Lint) -> None:
    """Every place where sqlfluff takes orders: each with a library of its own."""
    planted = {name: plant(tmp_path / f"{number}") for number, name in enumerate(COMMENTS)}
    jobs = [
        {"text": comment.format(order=ORDERS[0].format(library=planted[name][0]))} for name, comment in COMMENTS.items()
    ]
    carefully(*jobs)
    replies = jailed(*jobs)
    assert len(replies) == len(jobs)
    assert [name for name, (_, marker) in planted.items() if marker.exists()] == []
    plainly(*jobs)
    assert [name for name, (_, marker) in planted.items() if marker.exists()] == list(COMMENTS)


def test_a_comment_that_overrules_what_the_caller_sets(prize: Prize, plainly: Lint, carefully: Lint) -> None:
    """sqlfluff's documentation recommends to switch libraries off by an override; this one is stronger."""
    text = f"-- sqlfluff:{ORDERS[1].format(library=prize.library)}\n{QUERY}"
    configs = {"core": {"library_path": "none"}}
    carefully({"text": text, "file": "[sqlfluff]\nlibrary_path = none\n"})
    jailed({"text": text, "configs": configs})
    assert not prize.is_taken
    plainly({"text": text, "configs": configs})
    assert prize.is_taken


@pytest.mark.parametrize("section", [("core",), ("templater", "jinja")], ids=["sqlfluff", "jinja"])
def test_a_configuration_that_names_a_library(
    section: tuple[str, ...], prize: Prize, plainly: Lint, carefully: Lint
) -> None:
    """Even where it is the team's own, at the base commit: a review runs nothing of anybody's."""
    configs: dict[str, Any] = {"library_path": str(prize.library)}
    for name in reversed(section):
        configs = {name: configs}
    title = "sqlfluff" if section == ("core",) else "sqlfluff:templater:jinja"
    carefully({"text": QUERY, "file": f"[{title}]\nlibrary_path = {prize.library}\n"})
    jailed({"text": QUERY, "configs": configs})
    assert not prize.is_taken
    plainly({"text": QUERY, "configs": configs})
    assert prize.is_taken
