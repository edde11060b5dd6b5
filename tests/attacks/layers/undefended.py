"""Plain sqlfluff, with none of our care for what it reads, as a handler of `review.sandbox.worker`.

It is what the jail alone has to hold. Its defaults are read from a file, so each configuration is made before the jail
closes, as an attacker would wish.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any

import jinja2
import jinja2.constants
import jinja2.debug
from sqlfluff.core import FluffConfig, Linter
from sqlfluff.core.plugin.host import get_plugin_manager

READY: dict[str, FluffConfig] = {}


def config_for(data: Mapping[str, Any]) -> FluffConfig:
    """A configuration with what a .sqlfluff would say in it."""
    configs = data.get("configs")
    key = json.dumps(configs)
    if key not in READY:
        READY[key] = FluffConfig(configs=configs, overrides={"dialect": "ansi"})
    return READY[key].copy()


def lint(data: Mapping[str, Any]) -> dict[str, Any]:
    """Every message of sqlfluff's simple API about a text; `configs` is what a .sqlfluff would say."""
    linted = Linter(config=config_for(data)).lint_string(data["text"], fname="attack.sql")
    return {"said": [violation.desc() for violation in linted.get_violations()]}


def warm() -> None:
    """Nothing can be imported later."""
    lint({"text": "select a from {{ b }} where {% if %}"})
    lint({"text": "{% set a = 1 %}select {{ a }} from b as c where ((\n"})


def prepare(data: Mapping[str, Any]) -> dict[str, Any]:
    """Trusted: the configurations of the jobs to come, and the folders of plugins to load."""
    for folder in data["plugins"]:
        sys.path.insert(0, folder)
        get_plugin_manager().register(importlib.import_module("sqlfluff_templater_dbt"))
    for configs in data["configs"]:
        config_for({"configs": configs})
    return {}


def share(data: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing to share."""
    return {}


def handle(data: Mapping[str, Any]) -> dict[str, Any]:
    """As a job; `expression` is rendered by Jinja without its sandbox."""
    if "expression" in data:
        return {"said": [jinja2.Environment(autoescape=True).from_string(data["expression"]).render()]}
    return lint(data)
