"""A Spark job's change is held against the dbt project of the repository that reads its table."""

from pathlib import Path

import pytest

from review.commands.local import review_range
from tests.unit.git.git_checkout import Checkout

JOB = (
    "from pyspark.sql import SparkSession\n"
    "spark = SparkSession.builder.getOrCreate()\n"
    'orders = spark.table("raw.orders").select({})\n'
    'orders.write.mode("overwrite").saveAsTable("shop.orders")\n'
)
DBT = {
    "dbt/dbt_project.yml": "name: shop\nprofile: shop\n",
    "dbt/profiles.yml": "shop:\n  outputs:\n    prod:\n      type: clickhouse\n",
    "dbt/models/sources.yml": "sources:\n  - name: shop\n    tables:\n      - name: orders\n",
    "dbt/models/stg_orders.sql": "select order_id, amount from {{ source('shop', 'orders') }}\n",
}


@pytest.mark.parametrize(("columns", "found"), [('"order_id"', [("XST002", 4)]), ('"order_id", "amount", "x"', [])])
def test_a_column_that_a_model_reads(tmp_path: Path, columns: str, found: list[tuple[str, int]]) -> None:
    checkout = Checkout(tmp_path / "shop")
    checkout.commit({"jobs/orders.py": JOB.format('"order_id", "amount"'), **DBT})
    checkout.commit({"jobs/orders.py": JOB.format(columns)})
    review = review_range(checkout.path, "HEAD~1", "HEAD", 1)
    told = [(each.code, each.location.line) for each in review.findings if each.code.startswith("XST")]
    assert told == found
