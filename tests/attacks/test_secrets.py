"""Attempts to have a key posted in a finding: a template that includes what the linter's process may read."""

import os
from collections.abc import Callable

import pytest

from tests.attacks.conftest import KEY, Prize, jailed

Lint = Callable[..., str]
LEAK = '{{% include "{name}" %}}\n'
ENVIRON = '{% set all %}{% include "environ" %}{% endset %}{{ all | replace("\\x00", " ") }}\n'
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user cannot read another process's environment")


def test_a_file_on_the_linters_machine(prize: Prize, plainly: Lint, carefully: Lint) -> None:
    secret = prize.library.parent / "config"
    secret.write_text(f"basic {KEY}\n")
    text = f"-- sqlfluff:templater:jinja:loader_search_path:{secret.parent}\n" + LEAK.format(name="config")
    (reply,) = jailed({"text": text})
    assert KEY not in carefully({"text": text})
    assert KEY not in str(reply)
    assert KEY in plainly({"text": text})


@needs_root
@pytest.mark.parametrize("process", ["self", "victim"])
def test_the_environment_of_a_process(process: str, prize: Prize, plainly: Lint, carefully: Lint) -> None:
    """The API key of the action itself, or of whatever runs beside it: a pure SQL file, and no configuration."""
    place = "/proc/self" if process == "self" else f"/proc/{prize.victim}"
    text = f"-- sqlfluff:templater:jinja:loader_search_path:{place}\n{ENVIRON}"
    (reply,) = jailed({"text": text})
    assert KEY not in carefully({"text": text})
    assert KEY not in str(reply)
    assert KEY in plainly({"text": text})


def test_a_configuration_that_opens_a_folder(prize: Prize, plainly: Lint, carefully: Lint) -> None:
    secret = prize.library.parent / "config"
    secret.write_text(f"key = {KEY}\n")
    text = LEAK.format(name="config")
    configs = {"templater": {"jinja": {"loader_search_path": str(secret.parent)}}}
    (reply,) = jailed({"text": text, "configs": configs})
    file = f"[sqlfluff:templater:jinja]\nloader_search_path = {secret.parent}\n"
    assert KEY not in carefully({"text": text, "file": file})
    assert KEY not in str(reply)
    assert KEY in plainly({"text": text, "configs": configs})


def test_macros_out_of_a_folder(prize: Prize, plainly: Lint, carefully: Lint) -> None:
    macros = prize.library.parent / "macros"
    macros.mkdir()
    (macros / "m.sql").write_text("{% macro leak() %}" + KEY + "{% endmacro %}")
    text = f"-- sqlfluff:templater:jinja:load_macros_from_path:{macros}\n{{{{ leak() }}}}\n"
    (reply,) = jailed({"text": text})
    assert KEY not in carefully({"text": text})
    assert KEY not in str(reply)
    assert KEY in plainly({"text": text})
