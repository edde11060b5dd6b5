"""Who reads what, by the names that parsers found."""

import pytest

from review.domain.outline import Outline
from review.reviewers.lineage import Lineage, names_of

STG, FCT, REPORT, DAG, MACRO = "m/stg_orders.sql", "m/fct_orders.sql", "m/report.sql", "dags/a.py", "macros/cents.sql"
LINEAGE = Lineage(
    {
        STG: Outline(reads=("macro:cents", "source:shop.orders"), writes=("model:stg_orders",)),
        FCT: Outline(reads=("ref:fct_orders", "ref:stg_orders"), writes=("model:fct_orders",)),
        REPORT: Outline(reads=("ref:fct_orders", "ref:gone"), writes=("model:report",)),
        DAG: Outline(reads=("table:mart.daily",), writes=("table:shop.orders",)),
        MACRO: Outline(writes=("macro:cents",)),
        "jobs/daily.py": Outline(writes=("table:mart.daily",)),
        "m/cents.sql": Outline(writes=("model:cents",)),
        "dags/plain.py": Outline(),
    }
)


@pytest.mark.parametrize(
    ("path", "parents", "children"),
    [
        (STG, (DAG,), (FCT,)),
        (FCT, (STG,), (REPORT,)),
        (REPORT, (FCT, "ref gone"), ()),
        (DAG, ("jobs/daily.py",), (STG,)),
        (MACRO, (), (STG,)),
        ("m/cents.sql", (), ()),
        ("m/unknown.sql", (), ()),
    ],
)
def test_parents_and_children(path: str, parents: tuple[str, ...], children: tuple[str, ...]) -> None:
    assert LINEAGE.parents(path) == parents
    assert LINEAGE.children(path) == children


@pytest.mark.parametrize(
    ("node", "paths"),
    [
        (FCT, (FCT,)),
        ("fct_orders", (FCT,)),
        ("FCT_Orders", (FCT,)),
        ("models/old/fct_orders.sql", (FCT,)),
        ("shop.orders", (DAG,)),
        ("orders", (DAG,)),
        ("prod.shop.orders", (DAG,)),
        ("mart.fct_orders", (FCT,)),
        ("other.orders", ()),
        ("cents", ("m/cents.sql", MACRO)),
        ("rders", ()),
        ("plain", ("dags/plain.py",)),
        ("", ()),
    ],
)
def test_what_a_name_stands_for(node: str, paths: tuple[str, ...]) -> None:
    assert LINEAGE.named(node) == tuple(sorted(paths))


def test_the_words_by_which_others_would_mention_it() -> None:
    outline = Outline(writes=("macro:cents", "model:fct_orders", "table:a.bb", "table:a.ccc", "table:shop.daily"))
    assert names_of(outline) == ("ccc", "cents", "daily", "fct_orders")
