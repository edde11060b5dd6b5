"""What a change leaves as it is holds nothing new: a text that only moved, and a branch that no changed line is in."""

import ast
import sys
from pathlib import Path

import pytest

from review.domain.artifact import Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.rules.base import Rule
from review.rules.evaluate import evaluate
from review.rules.project import sides
from review.rules.registry import load
from review.rules.source import Source
from review.rules.sql import self_comparison
from review.sql.render import Renderer
from tests.unit.rules.test_lineage import SHOP, both_sides

BEYOND = {"dbt", "project_queries", "neighbours", "beside", "was"}
"""The views of a source that show more than its text."""
RAW = SHOP["models/raw.sql"]


def test_a_node_that_moved_as_it_is_touches_nothing() -> None:
    old, new = both_sides(SHOP, {"models/raw.sql": None, "models/old/raw.sql": RAW})
    for project in (old, new):
        assert all(sides.is_untouched(project, name) for name in ("raw", "orders", "by_macro"))


def test_a_node_that_moved_and_changed_touches_what_names_it() -> None:
    _, new = both_sides(SHOP, {"models/raw.sql": None, "models/old/raw.sql": "select 1 as id"})
    assert not any(sides.is_untouched(new, name) for name in ("raw", "orders", "by_macro"))


def test_a_node_that_moved_to_a_folder_with_another_materialization_is_touched() -> None:
    settings = {"dbt_project.yml": "name: shop\nmodels:\n  shop:\n    old: {+materialized: odd}\n"}
    _, new = both_sides({**SHOP, **settings}, {"models/raw.sql": None, "models/old/raw.sql": RAW})
    assert not sides.is_untouched(new, "raw")


@pytest.mark.parametrize(("before", "found"), [("where a.id = a.id", []), ("where a.id = 1", ["SQL001"])])
def test_a_text_that_only_moved_is_not_read(before: str, found: list[str]) -> None:
    query = "select a.id from orders as a where a.id = a.id"
    base = Source(Version("a.sql", f"select a.id from orders as a {before}"), Kind.SQL_QUERY, "snowflake")
    head = Source(Version("b.sql", query), Kind.SQL_QUERY, "snowflake")
    added = frozenset({1}) if base.text != head.text else frozenset[int]()
    file = ChangedFile("b.sql", Status.RENAMED, "a.sql", added=added)
    evaluated = evaluate([self_comparison.rule], base, head, file)
    assert [each.code for each in evaluated.findings] == found
    assert ("sql" in head._views) is bool(found)


@pytest.mark.parametrize("rule", [rule for rule in load() if rule.is_of_text], ids=lambda rule: rule.code)
def test_a_rule_about_a_text_alone_sees_nothing_else(rule: Rule) -> None:
    tree = ast.parse(Path(str(sys.modules[rule.module].__file__)).read_text("utf-8"))
    asked = {
        each.attr
        for each in ast.walk(tree)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "source"
    }
    assert not asked & BEYOND, "it has to say looks_around=True"


TEMPLATE = """select 1 as a
{% if is_incremental() %}
, 2 as b
{% elif target.name == 'dev' %}
, 3 as c
{% else %}
, 4 as d
{% endif %}
from orders
"""


def test_every_line_that_another_branch_brings_is_one_that_the_first_leaves_out() -> None:
    renderer = Renderer()
    first = renderer.render("models/a.sql", TEMPLATE)
    others = renderer.branches("models/a.sql", TEMPLATE, {})
    brought = frozenset[int]().union(*(each.literal_lines - first.literal_lines for each in others))
    assert {5, 7} <= brought <= first.left_out
    assert 3 not in brought


def test_whether_a_line_may_be_left_out() -> None:
    renderer = Renderer()
    version = Version("models/a.sql", TEMPLATE)
    source = Source(version, Kind.DBT_MODEL, "snowflake", "", renderer.render, renderer.branches)
    assert source.may_be_left_out(frozenset({5, 7}))
    assert not source.may_be_left_out(frozenset())
    plain = Source(Version("models/b.sql", "select 1"), Kind.DBT_MODEL, None, "", renderer.render, renderer.branches)
    assert not plain.may_be_left_out(frozenset({1}))
