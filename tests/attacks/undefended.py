"""Plain sqlfluff, with none of our care for what it reads: the attacks' control, and what the jail alone has to hold.

Run as a program it lints what comes on standard input, in the environment it has. As a handler of
`review.sandbox.worker` it does the same inside the jail.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from sqlfluff.core import FluffConfig, Linter

READY: dict[str, FluffConfig] = {}


def config_for(data: Mapping[str, Any]) -> FluffConfig:
    """sqlfluff reads its defaults from a file for every configuration, so each is made before the jail closes."""
    configs = data.get("configs")
    key = json.dumps(configs)
    if key not in READY:
        READY[key] = FluffConfig(configs=configs, overrides={"dialect": "ansi"})
    return READY[key].copy()


def lint(data: Mapping[str, Any]) -> dict[str, Any]:
    """Every message of sqlfluff's simple API about a text; `configs` is what a .sqlfluff would say."""
    config = config_for(data)
    linted = Linter(config=config).lint_string(data["text"], fname="attack.sql")
    return {"said": [violation.desc() for violation in linted.get_violations()]}


def warm() -> None:
    """Nothing can be imported later."""
    lint({"text": "select a from {{ b }} where {% if %}"})
    lint({"text": "{% set a = 1 %}select {{ a }} from b as c where ((\n"})


def prepare(data: Mapping[str, Any]) -> dict[str, Any]:
    """Trusted: the configurations of the jobs to come."""
    for configs in data["configs"]:
        config_for({"configs": configs})
    return {}


def share(data: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing to share."""
    return {}


def handle(data: Mapping[str, Any]) -> dict[str, Any]:
    """As a job."""
    return lint(data)


def lint_all(every: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One after the other, whatever one of them raises."""
    said = []
    for data in every:
        try:
            said.append(lint(data))
        except Exception as error:
            said.append({"raised": type(error).__name__})
    return said


if __name__ == "__main__":
    print(json.dumps(lint_all(json.load(sys.stdin))))
