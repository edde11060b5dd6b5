"""Statements in DO blocks and routines: which are laid open, where they stand, and which cannot be read."""

from time import perf_counter

import pytest

from review.sql.bodies import laid_open
from review.sql.parse import parse
from review.sql.render import Rendering


def opened(body: str, before: str = "do ", after: str = ";") -> list[str]:
    text = f"{before}$$\n{body}\n$${after}"
    found = laid_open(Rendering(text, text), "postgres")
    assert len(found.at_once.text) == len(text)
    rendering = found.at_once if before == "do " else found.in_routines
    sql = parse(rendering, "postgres") if rendering is not None else None
    return [sql.text(each) for each in sql.statements] if sql else []


@pytest.mark.parametrize(
    ("body", "statements"),
    [
        ("begin update a set b = 1; delete from c; end", ["UPDATE a SET b = 1", "DELETE FROM c"]),
        ("begin if x > 1 then drop table a; else drop table b; end if; end", ["DROP TABLE a", "DROP TABLE b"]),
        ("begin if exists (select 1 from a) then null; end if; end", ["(SELECT 1 FROM a)"]),
        ("begin for r in select a from b loop delete from c; end loop; end", ["SELECT a FROM b", "DELETE FROM c"]),
        ("declare n int := (select max(a) from b); begin n := n + 1; end", ["(SELECT MAX(a) FROM b)"]),
        ("begin select a, b into strict x, y.z from c where d = 1; end", ["SELECT a, b FROM c WHERE d = 1"]),
        ("begin insert into a select 1 returning b into x; end", ["INSERT INTO a SELECT 1 RETURNING b"]),
        ("begin perform 1 from a; return query select 2; end", ["SELECT 1 FROM a", "SELECT 2"]),
        ("begin execute 'drop table a'; execute 'drop ' || b; end", ["DROP TABLE a"]),
        ("begin case a when 1 then drop table b; end case; end", ["DROP TABLE b"]),
        ("begin raise notice 'select % from a', 1; exit; end", []),
        ("begin drop table a; exception when others then drop table b; end", ["DROP TABLE a", "DROP TABLE b"]),
    ],
)
def test_statements(body: str, statements: list[str]) -> None:
    assert opened(body) == statements
    assert opened(body, "create procedure p() language plpgsql as ") == statements


def test_code_of_another_language_is_none_of_ours() -> None:
    assert opened("drop table a;", "create function f() returns text language plpython3u as ") == []


def test_what_does_not_parse_is_told_and_costs_nothing_else() -> None:
    text = "do $$\nbegin\n  drop table a;\n  delete from b where\n    where;\n  drop table c;\nend $$;"
    found = laid_open(Rendering(text, text), "postgres")
    assert found.unread == ((4, 5),)
    assert [
        parse(found.at_once, "postgres").lines(each)[0] for each in parse(found.at_once, "postgres").statements
    ] == [
        3,
        6,
    ]


@pytest.mark.parametrize(
    "text", ["do $$", "do $$ begin", "do $$ $$;", "select $1", "do $$begin select (((; end$$;", "$$"]
)
def test_broken_bodies_raise_nothing(text: str) -> None:
    assert len(laid_open(Rendering(text, text), "postgres").at_once.text) == len(text)


def test_many_bodies_take_no_longer_than_their_text() -> None:
    text = "do $$" * 8_000
    started = perf_counter()
    laid_open(Rendering(text, text), "postgres")
    assert perf_counter() - started < 10
