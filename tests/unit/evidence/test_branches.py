"""Both sides of a condition in Jinja are looked at, by the linter and by our rules."""

import pytest

from review.domain.artifact import Kind
from tests.unit.evidence.builders import artifact, collected

pytestmark = pytest.mark.usefixtures("forked_workers")

MODEL = """select a.id
from {{ ref('a') }} as a
{% if target.name == 'dev' %}
join {{ ref('b') }} as b on b.id = b.id
{% else %}
join {{ ref('c') }} as c on c.id = c.id
{% endif %}
"""


def test_rules_see_the_branch_that_is_not_taken() -> None:
    found = collected([artifact("p/models/a.sql", MODEL, Kind.DBT_MODEL, project="p")])
    assert sorted(each.location.line for each in found.findings if each.code == "SQL001") == [4, 6]
    assert found.skipped == ()


def test_what_stood_in_a_branch_before_is_not_new() -> None:
    found = collected([artifact("p/models/a.sql", f"{MODEL}-- more\n", Kind.DBT_MODEL, base=MODEL, project="p")])
    assert [each for each in found.findings if each.code == "SQL001"] == []


def test_a_macro_whose_jinja_is_broken_went_unseen() -> None:
    (skip,) = collected([artifact("p/macros/m.sql", "{% macro m() %}{{ x {% endmacro %}", Kind.DBT_MACRO)]).skipped
    assert (skip.stage, skip.harmless) == ("rules", False)
    assert skip.reason.startswith("its Jinja does not parse")


def test_the_linter_speaks_of_cost_and_scalability_too() -> None:
    found = collected([artifact("a.sql", "select 1\n")])
    spoken = {standard.value for standard, kinds in found.subjects.items() if Kind.SQL_QUERY in kinds}
    assert spoken >= {"data-quality", "cost", "scalability"}


BEYOND = """select a.id
from {{ ref('b') }} as a
{% if target.name == 'dev' %}
wherever (
{% endif %}
where a.id = a.id
"""


def test_a_branch_that_cannot_be_parsed_matters_where_it_changed() -> None:
    whole = collected([artifact("p/models/a.sql", BEYOND, Kind.DBT_MODEL, project="p")])
    assert {skip.stage for skip in whole.skipped} == {"lint", "rules"}
    line = collected([artifact("p/models/a.sql", BEYOND, Kind.DBT_MODEL, project="p", base="", added=[6])])
    assert ([each.location.line for each in line.findings], line.skipped) == ([6], ())
