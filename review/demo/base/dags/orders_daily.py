"""Loads the shop's orders into the warehouse and builds the marts, every morning."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

default_args = {
    "owner": "data-platform",
    "retries": 2,
    "retry_delay": timedelta(minutes=5),
    "email": ["data-alerts@shop.example"],
    "email_on_failure": True,
}

with DAG(
    dag_id="orders_daily",
    schedule="0 5 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    default_args=default_args,
) as dag:
    load = BashOperator(task_id="load_orders", bash_command="load-orders {{ ds }}")
    build = BashOperator(task_id="build_marts", bash_command="dbt build --select marts")

    load >> build
