"""No secret of a change is in what `data-review local` shows of it, in any format, or would send to a model."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.forked.programs import program
from tests.network import NO_WAY_OUT
from tests.unit.git.git_checkout import Checkout

PASSWORD, OTHER = "Qq7-" + "topaz-Lamp", "Mm1-" + "jasper-Wagon"
HEX = "f3b9c2d7e1a84c6f" + "b05d9e7c3a1f8b26"
KEY = "kJf92hsdKJ3kd9Jdk2kd" + "kDKdkfjKSdjf29dk3kf9dkJf92hsdKJ3kd9Jdk2kdkDKdkfjKSdjf29dk3kf9d=="
SIGNATURE = "h8Xk2pQv7LmR4tWz9Yb1" + "Nc6Jd3Gf5Hs0UaTe4Vo1Kq8%3D"
SHARED = f"sv=2022-11-02&ss=b&sp=rwl&sig={SIGNATURE}"

DAG = f"""import os
import pendulum
import requests
from airflow import DAG
from airflow.operators.bash import BashOperator

password = os.environ["DB_PASSWORD"]
password = "{PASSWORD}"
TOKEN = "{HEX}" "{PASSWORD}"
HEADERS = {{
    "X-Api-Key": "{HEX}",
}}

with DAG("b", start_date=pendulum.datetime(2024, 1, 1), schedule="@daily", catchup=False):
    BashOperator(task_id="x", bash_command="run --pw {PASSWORD}", trigger_rule="all_sucess")
    BashOperator(task_id="a", bash_command="mysql -u root -p{OTHER} shop", retry=3)
    BashOperator(task_id="b", bash_command="curl --fail -u admin:{OTHER} https://api.acme.io/x", retry=3)
    BashOperator(task_id="c", bash_command="sqlplus scott/{OTHER}@db @x.sql", retry=3)
    print("login with {PASSWORD} {{password}}")
"""
JOB = f"""from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.conf.set("fs.azure.account.key.acme.dfs.core.windows.net", "{KEY}")
df = spark.table("a")
df.write.parquet("wasbs://c@acme.blob.core.windows.net/x?{SHARED}")
df.write.mode("overwrite").parquet("file:///data/x?{SHARED}")
"""
SCALA = f"""import org.apache.spark.sql.SparkSession
object K {{
  val spark = SparkSession.builder().getOrCreate()
  val db = Map("user" -> "u", "password" -> "{OTHER}")
  val dbPassword: String = "{PASSWORD}"
  spark.conf.set("fs.azure.account.key.acme.dfs.core.windows.net", "{KEY}")
}}
"""
PARTS = ("topaz", "jasper", HEX[:8], HEX[-8:], KEY[:8], SIGNATURE[:8])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("shown") / "shop")
    made.commit({"README.md": "shop\n"})
    made.commit({"dags/a.py": DAG, "jobs/j.py": JOB, "src/main/scala/K.scala": SCALA})
    return made


def shown(path: Path, *options: str) -> str:
    done = subprocess.run(
        [*program(), "local", "--base", "HEAD~1", *options],
        cwd=path,
        env={"PATH": os.environ["PATH"], "HOME": str(path.parent), **NO_WAY_OUT},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("style", ["text", "markdown", "json", "sarif"])
def test_no_format_shows_one(checkout: Checkout, style: str) -> None:
    out = shown(checkout.path, "--format", style)
    assert all(code in out for code in ("SPK002", "DAG072", "DAG064", "SPK010", "SPK012"))
    assert [part for part in PARTS if part in out] == []


def test_no_model_is_sent_one(checkout: Checkout) -> None:
    out = shown(checkout.path, "--agent", "data-engineer", "--dry-run")
    assert all(path in out for path in ("dags/a.py", "jobs/j.py", "K.scala"))
    assert [part for part in PARTS if part in out] == []
