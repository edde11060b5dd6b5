"""sqlglot behind its door: statements, with the lines, the origin and the text of every node."""

import pytest
from sqlglot import exp

from review.domain.linter_names import DIALECTS
from review.sql.parse import CannotParse, ParsedSql, load_dialects, parse, sqlglot_dialect, tokens
from review.sql.render import Renderer


def parsed(source: str, dialect: str | None = "ansi", macros: dict[str, str] | None = None) -> ParsedSql:
    return parse(Renderer(macros or {}).render("m.sql", source), dialect)


def find(sql: ParsedSql, kind: type[exp.Expr]) -> exp.Expression:
    found = next(node for statement in sql.statements for node in statement.find_all(kind))
    assert isinstance(found, exp.Expression)
    return found


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_dialect_parses(dialect: str) -> None:
    load_dialects([dialect])
    sql = parsed("select a.b, count(*) as n from x as a where a.b = 1 group by a.b;\nselect 2", dialect)
    assert len(sql.statements) == 2
    assert sql.lines(sql.statements[0])[0] == 1
    assert sql.text(find(sql, exp.Where)).upper() == "WHERE A.B = 1"
    with pytest.raises(CannotParse, match="its SQL could not be analysed"):
        parsed("select a from (select", dialect)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ansi", ""), ("sparksql", "spark"), ("mariadb", "mysql"), ("greenplum", "postgres"), ("tsql", "tsql"),
     ("db2", ""), ("", ""), (None, ""), ("never.heard", ""), ("never_heard", ""), ("../x", "")],
)  # fmt: skip
def test_names_of_dialects(name: str | None, expected: str) -> None:
    assert sqlglot_dialect(name) == expected


def test_lines_are_those_of_the_stored_file() -> None:
    sql = parsed("{{ config(\n  a=1) }}\r\nselect\r\n  a,\r\n  b\r\nfrom t\r\nwhere\r\n  a = 1\r\n  and b = 2\r\n")
    (statement,) = sql.statements
    assert sql.lines(statement) == (4, 9)
    assert sql.lines(find(sql, exp.And)) == (8, 9)
    assert sql.lines(find(sql, exp.Table)) == (6, 6)


def test_a_node_without_a_word_is_told_at_the_top() -> None:
    sql = parsed("\n\nselect * from t")
    assert sql.lines(exp.Null()) == (1, 1)
    assert sql.is_literal(exp.Null())


def test_what_a_template_printed_is_not_literal() -> None:
    macros = {"m.sql": "{% macro guard() %}a = a{% endmacro %}"}
    sql = parsed("select x\nfrom t\nwhere {{ guard() }} and b = b", macros=macros)
    first, second = sql.statements[0].find_all(exp.EQ)
    assert isinstance(first, exp.Expression)
    assert isinstance(second, exp.Expression)
    assert {sql.text(first): sql.is_literal(first), sql.text(second): sql.is_literal(second)} == {
        "a = a": False,
        "b = b": True,
    }
    assert sql.lines(first) == (3, 3)
    assert not sql.is_literal(find(sql, exp.And))


def test_text_is_the_same_whatever_the_spacing_and_case() -> None:
    one, two = (
        parsed(text, "snowflake")
        for text in ("SELECT  a::int\nFROM t -- why", "select a::INT /* because */ from t")
    )  # fmt: skip
    assert one.text(one.statements[0]) == two.text(two.statements[0])
    assert "why" not in one.text(one.statements[0])


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("select a\nfrom b\nwhere (c", "its SQL could not be analysed at line 3"),
        ("{% set x = 1 %}\n\nselect a b c d\n", "its SQL could not be analysed at line 3"),
        ("select 'a", "its SQL could not be analysed"),
    ],
)
def test_what_does_not_parse_is_told_with_its_line(source: str, reason: str) -> None:
    with pytest.raises(CannotParse) as failure:
        parsed(source)
    assert str(failure.value) == reason


def test_nothing_is_no_statement() -> None:
    assert parsed("").statements == ()
    assert parsed("-- only words\n").statements == ()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(RecursionError(), "its SQL is nested too deeply"), (IndexError(), "its SQL makes the parser fail (IndexError)")],
)
def test_what_the_parser_stumbles_over_is_told(fault: Exception, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise fault

    monkeypatch.setattr("sqlglot.parse", fail)
    with pytest.raises(CannotParse) as failure:
        parsed("select 1")
    assert str(failure.value) == reason


def test_what_sqlglot_reads_and_cannot_write_is_told_as_it_was_rendered() -> None:
    sql = parsed("create table orders (\n  placed  date)\npartition by range (placed)", "mysql")
    (statement,) = sql.statements
    with pytest.raises(KeyError):
        statement.sql("mysql")
    assert sql.text(statement) == "orders ( placed date) partition by range (placed"


def test_what_is_a_string_in_part_is_not_literal() -> None:
    sql = parsed("select a ->> '{{ x }}' = a ->> '{{ y }}',\n  b = b {{ z }} from t", "postgres")
    first, second = sql.statements[0].find_all(exp.EQ)
    assert isinstance(first, exp.Expression)
    assert isinstance(second, exp.Expression)
    assert not sql.is_literal(first)
    assert sql.is_literal(second)


OPAQUE = """select 1;
-- why; not
grant select on all tables
  in schema "shop" to public;
vacuum analyze t -- all of it
;
vacuum analyze t;
{% if true %}
call refresh('where');
{% endif %}
"""


def test_statements_that_are_not_parsed_are_known_by_their_words() -> None:
    grant, *vacuums, call = parsed(OPAQUE, "postgres").opaque
    assert grant.text.split() == 'grant select on all tables in schema "shop" to public'.split()
    assert grant.words == ("GRANT", "SELECT", "ON", "ALL", "TABLES", "IN", "SCHEMA", "", "TO", "PUBLIC")
    assert grant.lines == (3, 4)
    assert [(each.words, each.lines[0]) for each in vacuums] == [(("VACUUM", "ANALYZE", "T"), line) for line in (5, 7)]
    assert (call.words, call.lines) == (("CALL", "REFRESH", "(", "", ")"), (9, 9))
    assert grant.says("ALL", "TABLES")
    assert not grant.says("ALL", "IN")


@pytest.mark.parametrize(
    ("dialect", "source", "words"),
    [
        ("bigquery", "begin\ncall p(1);\nend", [("BEGIN", "CALL", "P", "(", "1", ")")]),
        ("postgres", "do $$ begin delete from t; end $$ language plpgsql", [
            ("DO", "BEGIN", "DELETE", "FROM", "T", ";", "END", "LANGUAGE", "PLPGSQL")
        ]),
        ("snowflake", "execute immediate $$ drop table t $$", [("EXECUTE", "IMMEDIATE", "DROP", "TABLE", "T")]),
        ("postgres", "do $$ it's $$", [("DO",)]),
        ("tsql", "if 1 = 1 exec p; create trigger t on u as select 1", [
            ("CREATE", "TRIGGER", "T", "ON", "U", "AS", "SELECT", "1")
        ]),
        ("postgres", "select 1; create table t (a int)", []),
    ],
)  # fmt: skip
def test_code_that_sqlglot_takes_for_a_string_is_cut_into_words(
    dialect: str, source: str, words: list[tuple[str, ...]]
) -> None:
    assert [statement.words for statement in parsed(source, dialect).opaque] == words


def test_a_command_within_a_statement_has_its_own_place() -> None:
    source = "create procedure p() begin\n\nupdate t set a = 1 where a = a;\nselect 2; end"
    (statement,) = parsed(source, "bigquery").opaque
    assert statement.lines == (1, 3)
    assert statement.words[:2] == ("BEGIN", "UPDATE")


def test_text_that_has_no_words_has_no_tokens() -> None:
    assert [token.text for token in tokens("grant 'a b' to c", "")] == ["grant", "a b", "to", "c"]
    assert tokens("grant 'a", "") == []


def test_several_snapshots_of_one_file_are_statements_of_their_own() -> None:
    text = (
        "{% snapshot a %}\n{{ config(unique_key='id') }}\nselect x from t\n{% endsnapshot %}\n"
        "{%- snapshot b -%}\nselect y from u\n{%- endsnapshot -%}\n"
        "{% snapshot c %}\nselect z from v\n{% endsnapshot %}\n"
    )
    sql = parsed(text, "snowflake")
    assert [(sql.text(each), sql.lines(each)[0]) for each in sql.statements] == [
        ("SELECT x FROM t", 3),
        ("SELECT y FROM u", 6),
        ("SELECT z FROM v", 9),
    ]
