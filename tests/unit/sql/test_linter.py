"""sqlfluff behind its door: violations on added lines, or one clause that says why there are none."""

from collections.abc import Mapping
from typing import Any

import pytest
import sqlfluff

from review.domain.linter_names import DIALECTS
from review.sql.guesses import rendered
from review.sql.linter import LintResult, Violation, complaint, lint
from review.sql.render import Renderer
from review.sql.selection import DEFAULT_RULES, advice

ALL = frozenset(range(1, 1000))


def linted(
    text: str,
    dialect: str | None = "ansi",
    configs: Mapping[str, Any] | None = None,
    macros: Mapping[str, str] | None = None,
    added: frozenset[int] = ALL,
) -> LintResult:
    return lint("models/m.sql", text, dialect, configs or {}, Renderer(macros or {}, dialect or "ansi"), added)


def codes(text: str, dialect: str = "ansi", configs: Mapping[str, Any] | None = None) -> list[str]:
    found = linted(text, dialect, configs)
    assert found.unlintable is None
    return [violation.code for violation in found.violations]


def test_a_cte_that_a_macro_is_told_of_is_used() -> None:
    text = (
        "with Source as (select 1 as a), other as ({{{{ dbt_utils.deduplicate(relation={}) }}}})\nselect a from other\n"
    )
    assert codes(text.format("'source'")) == []
    assert codes(text.format("'sources'")) == ["ST03"]


BAD = {
    "AL08": "select a as x, b as x from t\n",
    "AM01": "select distinct a from t group by a\n",
    "AM07": "select a, b from t union all select a from u\n",
    "AM08": "select t.a, u.b from t inner join u\n",
    "CV05": "select a from t where b = null\n",
    "ST03": "with c as (select 1 as a) select b from t\n",
    "ST11": "select t.a from t left join u on t.b = u.b\n",
}


def test_every_rule_that_we_chose_has_its_case_and_its_words() -> None:
    assert set(BAD) == set(DEFAULT_RULES)
    for code in DEFAULT_RULES:
        row = advice(code, "")
        assert row.title
        assert row.explanation
        assert len(row.title) <= 80


@pytest.mark.parametrize("code", DEFAULT_RULES)
def test_our_own_selection(code: str) -> None:
    assert codes(BAD[code]) == [code]


def test_a_team_with_rules_gets_theirs_and_only_theirs() -> None:
    text = "SELECT a from t where b = null\n"
    assert codes(text) == ["CV05"]
    assert codes(text, configs={"core": {"rules": "CP01"}}) == ["CP01"]
    assert codes(text, configs={"core": {"rules": "capitalisation.keywords,CV05"}}) == ["CP01", "CV05"]
    assert "CV05" in codes(text, configs={"core": {"max_line_length": 200}})
    assert "CV05" not in codes(text, configs={"core": {"exclude_rules": "CV05"}})
    upper = {"core": {"rules": "CP01"}, "rules": {"capitalisation.keywords": {"capitalisation_policy": "upper"}}}
    assert codes("SELECT a\nfrom t\nwhere b\n", configs=upper) == ["CP01", "CP01"]


def test_a_violation_says_where_it_is() -> None:
    found = linted("select a\nfrom t\n  where b = null  \n")
    assert found == LintResult(
        (
            Violation(
                "CV05",
                "convention.is_null",
                'Comparisons with NULL should use "IS" or "IS NOT".',
                3,
                3,
                "where b = null",
            ),
        )
    )


def test_only_violations_on_added_lines_are_told() -> None:
    text = "select a\nfrom t\nwhere b = null\n  and c = null\n"
    assert [each.line for each in linted(text).violations] == [3, 4]
    assert [each.line for each in linted(text, added=frozenset({4})).violations] == [4]
    assert linted(text, added=frozenset({1, 2, 9})).violations == ()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_those_of_the_file(end: str) -> None:
    text = "{{ config(\n  a=1\n) }}\n{% set x %}\n\n{% endset %}\n"
    text += "select '\N{PILE OF POO}',\r {{ star() }}\nfrom t\nwhere b = null"
    (violation,) = linted(text.replace("\n", end)).violations
    assert (violation.line, violation.evidence) == (9, "where b = null")


def test_what_a_template_prints_is_nobodys_violation() -> None:
    macros = {"m.sql": "{% macro bad() %}b = null{% endmacro %}"}
    assert linted("select a from t where {{ bad() }}\n", macros=macros) == LintResult()


@pytest.mark.parametrize(
    "order",
    ["-- noqa", "-- noqa: CV05", "-- noqa: disable=all", "\n-- sqlfluff:rules:AM01", "\n--sqlfluff:exclude_rules:CV05"],
)
def test_a_change_does_not_switch_off_its_own_review(order: str) -> None:
    assert codes(f"select a from t where b = null {order}\n") == ["CV05"]
    assert codes(f"{order}\nselect a from t where b = null\n") == ["CV05"]


def test_a_file_whose_dialect_nobody_knows_asks_for_it() -> None:
    text = "create table a (b int64 not null options (description = 'x')) partition by date(c)\n"
    (known, unknown) = (linted(text, dialect=dialect).unlintable for dialect in ("ansi", None))
    assert known == "sqlfluff's ansi grammar cannot parse it from line 1 on"
    assert unknown == (
        f"{known}, and no dialect is known for it: set `sqlfluff.dialect` for its path in the policy, or `dialect` in a"
        " .sqlfluff"
    )
    jinja = "select {{ a( }}\n"
    assert linted(jinja, dialect=None) == linted(jinja, dialect="ansi")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("select from where ((;\n", "sqlfluff's ansi grammar cannot parse it from line 1 on"),
        ("select a\nfrom b\nselect from\n", "sqlfluff's ansi grammar cannot parse it from line 3 on"),
        ("select a,\n  (b\nfrom c\n", "sqlfluff's ansi grammar cannot parse it from line 2 on"),
        ("select a\nfrom b)\n", "sqlfluff's ansi grammar cannot parse it from line 2 on"),
        ("select a\nfrom {{ x }})\n", "sqlfluff's ansi grammar cannot parse it from line 2 on"),
        ("select {{ a( }}\n", "its Jinja cannot be rendered (unexpected '}'"),
        ("select {{ 1 / 0 }}\n", "its Jinja cannot be rendered (division by zero)"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "its Jinja cannot be rendered (a macro calls itself"),
        ("{{ config(a=1) }}\n", "nothing is left of it once its Jinja is rendered"),
        ("select " + "(" * 700 + "1" + ")" * 700, "sqlfluff's ansi grammar cannot parse it from line 1 on"),
    ],
)  # fmt: skip
def test_what_cannot_be_linted_is_told_once_and_is_no_violation(text: str, reason: str) -> None:
    found = linted(text)
    assert found.violations == ()
    assert found.unlintable is not None
    assert found.unlintable.startswith(reason)
    assert len(found.unlintable) < 200


REFUSED = "the team's sqlfluff settings are refused ("


@pytest.mark.parametrize(
    ("configs", "reason"),
    [
        ({"core": {"rules": "NOPE"}}, "the team's sqlfluff settings leave no rule to run"),
        (
            {"core": {"rules": "CP01"}, "rules": {"capitalisation.keywords": {"capitalisation_policy": "nonsense"}}},
            f"{REFUSED}Invalid option 'nonsense' for capitalisation_policy configuration.",
        ),
        (
            {"core": {"rules": "CV06"}, "rules": {"convention.terminator": {"multiline_newline": "x"}}},
            f"{REFUSED}Invalid option 'x' for multiline_newline",
        ),
        ({"core": {"max_line_length": "wide", "rules": "LT05"}}, "LT05 of sqlfluff failed on it"),
        ({"layout": {"type": "x"}, "core": {"rules": "LT01"}}, REFUSED),
        ({"rules": {"references.special_chars": 3}}, REFUSED),
    ],
)
def test_settings_that_sqlfluff_refuses_are_told_in_one_clause(configs: dict[str, Any], reason: str) -> None:
    found = linted("select 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' as b\n, c from d\n", configs=configs)
    assert found.violations == ()
    assert found.unlintable is not None
    assert found.unlintable.startswith(reason)
    assert "\n" not in found.unlintable


def test_a_rule_that_crashes_is_told_and_the_rest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlfluff.rules.ambiguous.AM01 import Rule_AM01

    def crash(*_arguments: Any) -> None:
        raise IndexError

    monkeypatch.setattr(Rule_AM01, "_eval", crash)
    found = linted(BAD["CV05"])
    assert [violation.code for violation in found.violations] == ["CV05"]
    assert found.unlintable == "AM01 of sqlfluff failed on it"


@pytest.mark.parametrize(
    ("fault", "clause"),
    [(IndexError("x"), "sqlfluff fails on it (IndexError)"), (RecursionError(), "it is nested too deeply")],
)
def test_what_sqlfluff_stumbles_over_costs_only_the_linting(
    fault: Exception, clause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise fault

    monkeypatch.setattr("sqlfluff.core.Linter.parse_string", fail)
    assert linted("select 1\n") == LintResult(unlintable=clause, is_parsed=False)


def test_memory_that_runs_out_is_the_pools_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("sqlfluff.core.Linter.parse_string", fail)
    with pytest.raises(MemoryError):
        linted("select 1\n")


@pytest.mark.parametrize(
    "text",
    [
        "select * from t where {{ a() }}\n  {{ b() }}\n",
        "{{ pre() }}\nselect 1\n",
        "select a {{ more() }} from t\n",
        "select * from t {{ joins() }} where a = 1\n",
        "with a as (select 1) {{ rest() }}\n",
        "create table x as {{ body() }}\n",
        "select a from t where b in {{ values() }}\n",
        "select a from t order by {{ x }} {{ direction }}\n",
    ],
)
def test_other_guesses_at_a_stand_in_are_tried_until_one_parses(text: str) -> None:
    assert linted(text).unlintable is None
    assert complaint("m.sql", text, "ansi", Renderer()) == ""
    assert rendered("m.sql", text, "ansi", Renderer()).stood_in


def test_a_macro_that_renders_nothing_is_stood_in_for() -> None:
    macros = {"m.sql": "{% macro all_of_it() %}{% if 0 %}select 1{% endif %}{% endmacro %}"}
    assert linted("{{ all_of_it() }}\n", macros=macros) == LintResult()
    assert complaint("m.sql", "{{ a( }}", "ansi", Renderer())


def test_sqlfluffs_dialects_are_those_we_name() -> None:
    assert {dialect.label for dialect in sqlfluff.list_dialects()} == set(DIALECTS)


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake", "postgres", "tsql", "sparksql", "trino", "duckdb"])
def test_the_common_dialects(dialect: str) -> None:
    assert codes("select a from t where b = null\n", dialect) == ["CV05"]
    assert linted("select from where ((;\n", dialect).unlintable == (
        f"sqlfluff's {dialect} grammar cannot parse it from line 1 on"
    )


BRANCHES = """select a.id
from {{ ref('a') }} as a
{% if target.name == 'dev' %}
where a.x = null
{% else %}
where a.y = null
{% endif %}
{% if not is_incremental() %}
and a.z = null
{% endif %}
"""


def test_every_branch_of_the_jinja_is_linted() -> None:
    found = lint("models/a.sql", BRANCHES, "ansi", {}, Renderer({}, "ansi"), frozenset(range(1, 20)))
    assert [violation.line for violation in sorted(found.violations, key=lambda each: each.line)] == [4, 6, 9]
    assert found.unlintable is None


def test_a_branch_that_does_not_parse_is_said() -> None:
    text = BRANCHES.replace("where a.x = null", "wherever (")
    found = lint("models/a.sql", text, "ansi", {}, Renderer({}, "ansi"), frozenset(range(1, 20)))
    assert sorted(violation.line for violation in found.violations) == [6, 9]
    assert found.unlintable == "line 4 is not in the SQL that its Jinja prints, in any form that parses"
    others = frozenset(range(5, 20))
    assert lint("models/a.sql", text, "ansi", {}, Renderer({}, "ansi"), others).unlintable is None


@pytest.mark.parametrize(
    ("comment", "removed", "accepted"),
    [
        ("-- noqa: CV05", "select a from t where b = null -- noqa: CV05", True),
        ("-- noqa: convention", "select a from t where b = null -- noqa: convention", True),
        ("-- noqa: CV05", "select a from t where b = null", False),
        ("-- noqa", "select a from t where b = null -- noqa", False),
    ],
)
def test_what_the_team_had_accepted_stays_accepted(comment: str, removed: str, accepted: bool) -> None:
    text = f"select a, c from t where b = null {comment}\n"
    found = lint("a.sql", text, "ansi", {}, Renderer({}, "ansi"), frozenset({1}), [removed])
    assert bool(found.violations) is not accepted


def test_a_configuration_that_chooses_no_rules_gets_ours() -> None:
    text = "SELECT a from t where b = null\n"
    found = lint("a.sql", text, "ansi", {"core": {"dialect": "ansi"}}, Renderer({}, "ansi"), frozenset({1}))
    assert [violation.code for violation in found.violations] == ["CV05"]
    found = lint("a.sql", text, "ansi", {"core": {"exclude_rules": "CV05"}}, Renderer({}, "ansi"), frozenset({1}))
    assert "CP01" in {violation.code for violation in found.violations}
