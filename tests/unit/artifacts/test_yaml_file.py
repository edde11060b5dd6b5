"""Which YAML files set up DAGs: by what they say, not by where they lie."""

import pytest

from review.artifacts.yaml_file import UnreadableYaml, root, yaml_kind
from review.domain.artifact import Kind
from tests.unit.artifacts.builders import kind

GUSTY = """
description: "Load orders"
schedule_interval: "0 6 * * *"
default_args:
  owner: data-platform
  start_date: !days_ago 1
  retry_delay: !timedelta 'minutes: 2'
"""
FACTORY = """
default:
  default_args: {owner: data-platform}
orders_daily:
  schedule: "@daily"
  tasks:
    load: {operator: airflow.operators.bash.BashOperator, bash_command: "true"}
"""
NESTED = """
resources: []
dag:
  initialize:
    dag_id: orders
    default_args:
      owner: data-platform
"""


@pytest.mark.parametrize("text", [GUSTY, FACTORY, NESTED, "a:\n  tasks: []\n  default_args: {pool: x}\n"])
def test_a_file_that_sets_up_dags(text: str) -> None:
    assert yaml_kind(text) is Kind.DAG_CONFIG


@pytest.mark.parametrize(
    "text",
    [
        "",
        "default_args",
        "default_args: {}",
        "default_args: [owner]",
        "default_args:\n  timeout: 5\n",
        "# default_args\nschedule: '@daily'\ntasks: []\n",
        "a: {b: {c: {d: {e: {default_args: {owner: x}}}}}}",
        "default_args: {owner: x",
        "[" * 200 + "default_args" + "]" * 200,
        "default_args:\n  owner: x\n" + "# \n" * 200_000,
    ],
)
def test_others(text: str) -> None:
    assert yaml_kind(text) is None


def test_by_content_unless_it_is_dbts() -> None:
    assert kind({"dags/a.yml": GUSTY}, "dags/a.yml") is Kind.DAG_CONFIG
    assert kind({"dbt/dbt_project.yml": "name: x\n", "dbt/models/a.yml": GUSTY}, "dbt/models/a.yml") is (
        Kind.DBT_PROPERTIES
    )


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(UnreadableYaml, match="line 3"):
        root("a: 1\nb: [")
    with pytest.raises(UnreadableYaml, match="deeper"):
        root("[" * 200 + "]" * 200)
