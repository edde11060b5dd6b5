"""What the view on queries tells of a text, and where it says that it does not know."""

import time

import pytest

from review.domain.artifact import Kind, Version
from review.rules.queries import Queries, Query
from review.rules.relations import Side
from review.rules.source import Source


def source(text: str, dialect: str = "postgres", kind: Kind = Kind.SQL_QUERY) -> Source:
    return Source(Version("models/orders.sql", text), kind, dialect)


def queries(text: str, dialect: str = "postgres") -> Queries:
    return source(text, dialect).queries


def output_names(view: Source) -> tuple[str, ...] | None:
    """The columns of a file's final query; None where not all of them are known."""
    outputs, complete = view.queries.outputs(view.queries.final)
    return tuple(output.name for output in outputs) if complete else None


def last(text: str, dialect: str = "postgres") -> Query:
    found = queries(text, dialect)
    query = found.of(found.final) if found.final is not None else None
    assert query is not None
    return query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select a, b as c, t.d from t", ("a", "c", "d")),
        ("select * from t", None),
        ("with x as (select a, b from t) select *, 1 as n from x", ("a", "b", "n")),
        ("with x as (select a, b from t) select x.*, y.z from x, y", ("a", "b", "z")),
        ("with x(p, q) as (select a, b from t) select * from x", ("p", "q")),
        ("with x as (select a from t) select * from x join t on true", None),
        ("with x as (select a, k from t), y as (select k, b from t) select * from x join y using (k)", ("a", "k", "b")),
        ("select a from t union all select b from u", ("a",)),
        ("select * from (select a from t) as s", ("a",)),
        ("with recursive x as (select 1 as n union all select n + 1 from x) select * from x", ("n",)),
        ("with t as (select * from t) select * from t", None),
        ("insert into o select a from t", ("a",)),
        ("create view v as select a from t", ("a",)),
        ("with x as (select a from t) select * from x where exists (with x as (select b) select * from x)", ("a",)),
        ("select a from s.x; select b from s.y", ("b",)),
        ("select count(*) from t", ("",)),
        ("delete from t", None),
    ],
)  # fmt: skip
def test_columns_of_the_final_query(text: str, expected: tuple[str, ...] | None) -> None:
    assert output_names(source(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("with x as (select a, b from t) select * except (a) from x", ("b",)),
        ("with x as (select a, b from t) select x.* except (b), * replace (1 as a) from x", ("a", "a", "b")),
        ("select s.* from t", None),
        ("with x as (select a from t) select * from x, unnest(arr) as e with offset as o", ("a", "e", "o")),
    ],
)
def test_stars_in_bigquery(text: str, expected: tuple[str, ...] | None) -> None:
    assert output_names(source(text, "bigquery")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select a, {{ 'b' }} as c from {{ ref('t') }}", ("a", "c")),
        ("select a, {# why #} b from {{ ref('t') }}", ("a", "b")),
        ("select a, {{ dbt_utils.star(from=ref('t')) }} from {{ ref('t') }}", None),
        ("select a {% if target.name == 'ci' %}, b {% endif %} from {{ ref('t') }}", None),
        ("select a {% for x in some_macro() %}, {{ x }} as x_{{ x }} {% endfor %} from {{ ref('t') }}", None),
        ("select a, b from {{ ref('t') }} {% if is_incremental() %} where b > 1 {% endif %}", ("a", "b")),
    ],
)
def test_a_template_that_may_print_more_leaves_the_columns_unknown(text: str, expected: tuple[str, ...] | None) -> None:
    assert output_names(source(text, kind=Kind.DBT_MODEL)) == expected


def test_relations_and_what_outer_joins_do_to_them() -> None:
    query = last(
        "select 1 from a join b on a.x = b.x left join c using (x) right join d on d.y = c.y full join e on true"
    )
    assert [(each.alias, each.side, each.null_extended) for each in query.relations] == [
        ("a", Side.FROM, True),
        ("b", Side.INNER, True),
        ("c", Side.LEFT, True),
        ("d", Side.RIGHT, True),
        ("e", Side.FULL, True),
    ]
    query = last("select 1 from a left join b on a.x = b.x join c on true, d cross join e")
    assert [(each.side, each.null_extended) for each in query.relations] == [
        (Side.FROM, False),
        (Side.LEFT, True),
        (Side.INNER, False),
        (Side.COMMA, False),
        (Side.CROSS, False),
    ]


def test_rows_made_beside_each_row_are_no_cross_join() -> None:
    assert last("select 1 from t, unnest(t.a) as e", "bigquery").relations[1].side is Side.LATERAL
    assert last("select 1 from t lateral view explode(a) e as x", "spark").relations[1].side is Side.LATERAL
    assert last("select 1 from t, lateral flatten(input => t.x) f", "snowflake").relations[1].side is Side.LATERAL


def test_conditions_are_split_at_and() -> None:
    query = last(
        "select a from t join u on t.x = u.x and (t.y = u.y and (t.z or u.z)) where a and (b and not c) group by 1, b"
    )
    assert [each.sql() for each in query.relations[1].join.on] == ["t.x = u.x", "t.y = u.y", "t.z OR u.z"]  # type: ignore[union-attr]
    assert [each.sql() for each in query.where] == ["a", "b", "NOT c"]
    assert [each.sql() for each in query.group] == ["a", "b"]


def test_whose_a_column_is() -> None:
    query = last(
        "with x as (select a, b from t), y as (select c from t) select a, c, x.b, d, z.q from x join y on true"
    )
    assert [output.relation.alias if output.relation else None for output in query.outputs] == [
        "x",
        "y",
        "x",
        None,
        None,
    ]
    query = last("select o.details.total, total, o.id from shop.orders as o", "bigquery")
    assert [output.column for output in query.outputs] == ["details", "total", "id"]


def test_a_name_with_a_schema_is_no_cte() -> None:
    query = last("with x as (select a from t) select * from raw.x join x on true")
    assert [(each.table, each.body is None) for each in query.relations] == [("raw.x", True), ("", False)]


@pytest.mark.parametrize(
    "text",
    [
        "with " + ", ".join(f"c{n} as (select * from c{n - 1})" for n in range(1, 2000)) + " select * from c1999",
        "with c0 as (select 1 as a), "
        + ", ".join(f"c{n} as (select * from c{n - 1} as x, c{n - 1} as y)" for n in range(1, 60))
        + " select * from c59",
        " union all ".join(["select a, b from t"] * 4000),
        "select " + ", ".join(f"a{n}" for n in range(20000)) + " from t",
    ],
)
def test_large_files_take_no_long_time(text: str) -> None:
    view = source(text)
    _ = view.sql
    started = time.process_time()
    for query in view.queries:
        _ = query.outputs, query.relations
    output_names(view)
    assert time.process_time() - started < 3


def test_what_makes_a_column() -> None:
    text = """
    with a as (select x + 1 as n, y from t), b as (select 2 as m, y from u),
    c as (select * from a union all select m as other, y from b)
    select s.n, s.y from (select * from c) as s
    """
    made = queries(text)
    (relation,) = next(iter(made)).relations
    assert sorted(each.sql() for _, each in made.definitions(relation, "n")) == ["2", "x + 1"]
    assert list(made.definitions(relation, "y")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select (select max(id) from b where id = x) from t", [False, True]),
        ("select coalesce((select id from b), 1) from t", [False, True]),
        ("select * from (select id from b) q", [False, False]),
        ("with q as (select id from b union all select id from c) select * from q", [False, False, False]),
        ("select * from t where z = (select k from (select id as k from b where id = x) q)", [False, True, True]),
    ],
)
def test_which_queries_may_speak_of_the_one_around_them(text: str, expected: list[bool]) -> None:
    assert [query.is_nested for query in queries(text)] == expected
