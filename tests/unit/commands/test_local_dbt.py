"""`data-review local` on a dbt project in a real repository: rules see the files beside the changed one."""

from pathlib import Path

import pytest

from review.commands.local import review_range
from review.domain.changeset import Side
from review.domain.finding import Location
from tests.unit.git.git_checkout import Checkout

PROJECT = {
    "shop/dbt_project.yml": "name: shop\nmodel-paths: [models]\n",
    "shop/models/stg_orders.sql": "select id as order_id, amount\nfrom {{ source('shop', 'orders') }}\n",
    "shop/models/sources.yml": "sources:\n  - name: shop\n    tables:\n      - name: orders\n",
    "shop/models/fct_orders.sql": "select order_id, amount\nfrom {{ ref('stg_orders') }}\n",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "shop")
    made.commit(PROJECT)
    return made


def found(checkout: Checkout) -> list[tuple[str, str, int]]:
    review = review_range(checkout.path, "HEAD~1", "HEAD", 2)
    ours = ("rule:DBT01", "rule:XST")
    dbt = [finding for finding in review.findings if finding.source.startswith(ours)]
    return [(each.source, each.location.path, each.location.line) for each in dbt]


def test_a_child_that_the_change_does_not_touch_is_seen(checkout: Checkout) -> None:
    checkout.commit({"shop/models/stg_orders.sql": "select id as order_id\nfrom {{ source('shop', 'orders') }}\n"})
    assert found(checkout) == [("rule:DBT018", "shop/models/stg_orders.sql", 1)]


def test_what_is_taken_away_is_told_where_it_stood(checkout: Checkout) -> None:
    checkout.commit({"shop/models/sources.yml": "sources: []\n"}, delete=["shop/models/stg_orders.sql"])
    review = review_range(checkout.path, "HEAD~1", "HEAD", 2)
    (lost,) = [each for each in review.findings if each.source == "rule:DBT059"]
    assert lost.location == Location("shop/models/stg_orders.sql", 1, 1, Side.LEFT)
    assert lost.fingerprint in review.inline
    assert "`shop/models/fct_orders.sql` (line 2)" in lost.explanation


def test_a_model_that_is_renamed_is_told_too(checkout: Checkout) -> None:
    checkout.git("mv", "shop/models/stg_orders.sql", "shop/models/stg_shop_orders.sql")
    checkout.commit()
    review = review_range(checkout.path, "HEAD~1", "HEAD", 2)
    (lost,) = [each for each in review.findings if each.source == "rule:DBT059"]
    assert lost.location == Location("shop/models/stg_shop_orders.sql", 1, 1, Side.LEFT)


def test_a_project_that_is_deleted_takes_its_users_along(checkout: Checkout) -> None:
    checkout.commit({"a.sql": "select 1\n"}, delete=list(PROJECT))
    review = review_range(checkout.path, "HEAD~1", "HEAD", 2)
    assert [each.source for each in review.findings if each.source.startswith("rule:")] == []


def test_a_parent_that_the_change_does_not_touch_is_seen(checkout: Checkout) -> None:
    checkout.commit({"shop/models/fct_orders.sql": "select order_id, total\nfrom {{ ref('stg_orders') }}\n"})
    assert found(checkout) == [("rule:DBT017", "shop/models/fct_orders.sql", 1)]


def test_both_sides_are_seen_as_their_commit_has_them(checkout: Checkout) -> None:
    """Parent and child change together, and the child was right before."""
    checkout.commit(
        {
            "shop/models/stg_orders.sql": "select id as order_id, total\nfrom {{ source('shop', 'orders') }}\n",
            "shop/models/fct_orders.sql": "select order_id, total\nfrom {{ ref('stg_orders') }}\n",
        }
    )
    assert found(checkout) == []
    checkout.commit({"shop/models/fct_orders.sql": "select order_id, total, 1 as n\nfrom {{ ref('stg_orders') }}\n"})
    assert found(checkout) == []


def test_what_was_wrong_before_is_not_new(checkout: Checkout) -> None:
    checkout.commit({"shop/models/fct_orders.sql": "select gone\nfrom {{ ref('stg_orders') }}\n"})
    checkout.commit({"shop/models/fct_orders.sql": "select gone\nfrom {{ ref('stg_orders') }}\nwhere true\n"})
    assert found(checkout) == []


def test_a_dag_sees_the_names_of_the_repositorys_projects(checkout: Checkout) -> None:
    dag = """from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders", schedule="@daily"):
    BashOperator(task_id="stage", bash_command="cd shop && dbt run --select stg_orders")
    BashOperator(task_id="facts", bash_command="cd shop && dbt run --select fct_order")
"""
    checkout.commit({"dags/orders.py": dag})
    assert found(checkout) == [("rule:XST001", "dags/orders.py", 6)]


def test_a_test_without_its_model_is_said_to_be_left_out(checkout: Checkout) -> None:
    checkout.commit({"shop/tests/assert_orders.sql": "select 1 from {{ ref('stg_order') }}\n"})
    review = review_range(checkout.path, "HEAD~1", "HEAD", 2)
    (unknown,) = [each for each in review.findings if each.source == "rule:DBT015"]
    assert "dbt only warns of `ref('stg_order')`" in unknown.explanation
