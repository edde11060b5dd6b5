"""Python files: DAGs, their helpers, Spark jobs, and everything that is none of these."""

import ast
import sys

import pytest

from review.artifacts.python_kind import parsed, python_kind
from review.domain.artifact import Kind


def kind(text: str, path: str = "src/file.py", *, in_model_paths: bool = False) -> Kind | None:
    return python_kind(path, text, in_model_paths=in_model_paths)


DAGS = {
    "constructor": "from airflow import DAG\ndag = DAG('x')\n",
    "with": "from airflow.models import DAG\nwith DAG(dag_id='x', schedule=None) as dag:\n    pass\n",
    "with, in full": "from airflow.models.dag import DAG\nwith DAG('x'):\n    pass\n",
    "Airflow 3's DAG": "from airflow.sdk import DAG\nwith DAG('x'):\n    pass\n",
    "attribute of a module": "from airflow import models\nmodels.DAG('x')\n",
    "attribute of a package": "import airflow\nwith airflow.DAG('x') as dag:\n    pass\n",
    "renamed module": "import airflow.models as m\nm.DAG('x')\n",
    "renamed": "from airflow import DAG as AirflowDAG\nAirflowDAG('x')\n",
    "renamed to a short name": "from airflow import DAG as D\nwith D('x'):\n    pass\n",
    "decorator": "from airflow.decorators import dag\n@dag\ndef x():\n    pass\nx()\n",
    "decorator, called": "from airflow.decorators import dag, task\n@dag(schedule='@daily')\ndef x():\n    pass\nx()\n",
    "Airflow 3's decorator": "from airflow.sdk import dag\n@dag(schedule=None)\ndef x():\n    pass\n",
    "decorator of a module": "import airflow.decorators as d\n@d.dag()\ndef x():\n    pass\n",
    "decorator, renamed": "from airflow.decorators import dag as a_dag\n@a_dag(schedule=None)\ndef x(): ...\n",
    "decorated coroutine": "from airflow.sdk import dag\n@dag\nasync def x():\n    pass\n",
    "in a function": "from airflow import DAG\ndef make(name):\n    return DAG(name)\nglobals()['a'] = make('a')\n",
    "in a loop": "from airflow import DAG\nfor n in 'ab':\n    globals()[n] = DAG(n)\n",
    "under try": "try:\n    from airflow.sdk import DAG\nexcept ImportError:\n    from airflow import DAG\nDAG('x')\n",
    "the company's DAG": "from common.airflow_utils import DAG\nwith DAG('x') as dag:\n    pass\n",
    "the company's class": "from common import CompanyDag\nCompanyDag('x')\n",
    "the company's factory": "from common.factories import create_dag\ndag = create_dag('x')\n",
    "the company's long-named factory": "from common.factories import make_etl_dag\ndag = make_etl_dag('x')\n",
    "factory beside Airflow": "from airflow.models import Variable\nfrom common import build_dag\nd = build_dag()\n",
    "cosmos": "from cosmos import DbtDag, ProjectConfig\nd = DbtDag(project_config=ProjectConfig('x'))\n",
    "dag-factory": "from dagfactory import load_yaml_dags\nload_yaml_dags(globals_dict=globals())\n",
    "dag-factory, by module": "import dagfactory\ndagfactory.load_yaml_dags(globals_dict=globals())\n",
    "dag-factory before 1.0": "import dagfactory\nf = dagfactory.DagFactory('x.yml')\nf.generate_dags(globals())\n",
    "gusty": "from gusty import create_dag\ndag = create_dag('x', latest_only=False)\n",
    "gusty, by module": "import gusty\ndag = gusty.create_dag('x')\n",
    "with Spark in it": "from airflow import DAG\nfrom pyspark.sql import SparkSession\nDAG('x')\n",
}


@pytest.mark.parametrize("text", DAGS.values(), ids=DAGS)
def test_dags(text: str) -> None:
    assert kind(text) is Kind.DAG


HELPERS = {
    "operator": "from airflow.models import BaseOperator\nclass X(BaseOperator):\n    pass\n",
    "Airflow 3's operator": "from airflow.sdk import BaseOperator\nclass X(BaseOperator):\n    pass\n",
    "callback": "import airflow\ndef on_failure(context):\n    pass\n",
    "only imports the class": "from airflow import DAG\ndef describe(dag: DAG) -> str:\n    return dag.dag_id\n",
    "task": "from airflow.decorators import task\n@task\ndef x():\n    pass\n",
    "provider": "from airflow.providers.amazon.aws.hooks.s3 import S3Hook\n",
    "inside a function": "def x():\n    from airflow.models import Variable\n    return Variable.get('x')\n",
    "helper of Spark jobs": "from airflow.models import BaseOperator\nimport pyspark\n",
}


@pytest.mark.parametrize("text", HELPERS.values(), ids=HELPERS)
def test_dag_helpers(text: str) -> None:
    assert kind(text) is Kind.DAG_HELPER


SPARK = {
    "session": "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n",
    "functions": "import pyspark.sql.functions as F\n",
    "Glue": "import sys\nfrom awsglue.context import GlueContext\nfrom awsglue.job import Job\n",
    "delta": "from delta.tables import DeltaTable\n",
    "Databricks connect": "from databricks.connect import DatabricksSession\n",
    "Databricks notebook": "# Databricks notebook source\ndf = spark.table('a')\n\n# COMMAND ----------\ndf.show()\n",
    "Databricks notebook, CRLF": "# Databricks notebook source\r\ndf = spark.table('a')\r\n",
    "the team's own package": "from shop_spark.stats import run_query\nrun_query('select 1 from a')\n",
    "the team's own module": "from .spark_utils import session\n",
    "SQL of Spark's alone": 'LOAD = f"""\nINSERT OVERWRITE {db}.orders\nSELECT a FROM b\n"""\n',
    "a table of Delta": "CREATE = '''CREATE TABLE a (b INT)\nUSING DELTA'''\n",
    "in a function": "def x():\n    from pyspark.sql import functions as F\n    return F.lit(1)\n",
    "under type checking": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pyspark.sql import Row\n",
}


@pytest.mark.parametrize("text", SPARK.values(), ids=SPARK)
def test_spark_jobs(text: str) -> None:
    assert kind(text) is Kind.PYSPARK


NOTHING = {
    "empty": "",
    "comment": "# airflow, pyspark\n",
    "prose": '"""from airflow import DAG; DAG(1)"""\n',
    "Flask": "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef index():\n    return 'x'\n",
    "script": "import sys\nprint(sys.argv)\n",
    "pandas": "import pandas as pd\npd.read_sql('select 1', con)\n",
    "another DAG": "class DAG:\n    pass\nDAG()\n",
    "another @dag": "from mylib import other\ndef dag(f):\n    return f\n@dag\ndef x():\n    pass\n",
    "its own factory": "def create_dag():\n    pass\ncreate_dag()\n",
    "imports a factory, calls none": "from common import create_dag\n__all__ = ['create_dag']\n",
    "words that only hold dag": "from zoo import dagger, daguerreotype\ndagger()\ndaguerreotype()\n",
    "a module of a like name": "import airflowish\nimport sparkline\n",
    "a name that only holds spark": "from shop.sparkle import shine\n",
    "SQL of any warehouse": "Q = '''INSERT INTO a\nSELECT b FROM c'''\n",
    "prose about Spark": "'Insert. Then overwrite'\nX = '''using the delta\nof spark'''\n",
    "its own module named delta": "from .delta import between\nbetween(1, 2)\n",
    "its own module named databricks": "from flask import Flask\nfrom ..databricks import client\n",
    "its own module named airflow": "from .airflow import wind\nwind()\n",
    "setup.py": "from setuptools import setup\nsetup(name='x', install_requires=['apache-airflow'])\n",
    "header of Databricks not at the beginning": "import os\n# Databricks notebook source\n",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_other_python_is_nothing(text: str) -> None:
    assert kind(text) is None


@pytest.mark.parametrize("name", ["test_dag.py", "my_test.py", "conftest.py"])
def test_tests_are_no_part_of_a_platform(name: str) -> None:
    text = DAGS["with"] + "def test_it():\n    assert dag\n"
    assert kind(text, f"dags/{name}") is None
    assert kind(DAGS["with"], f"tests/dags/{name}") is None
    assert kind(text, f"dags/x_{name.replace('_test', '_tested')}") is Kind.DAG


@pytest.mark.parametrize("name", ["test_dag.py", "ab_test.py"])
def test_a_dag_that_is_called_a_test_is_a_dag(name: str) -> None:
    assert kind(DAGS["with"], f"dags/{name}") is Kind.DAG


def test_a_long_file_is_known_by_its_imports() -> None:
    long = "from airflow import DAG\n" + "a;" * 500_000
    assert kind(long) is Kind.DAG_HELPER
    assert kind(long.replace("airflow", "dagster")) is None


@pytest.mark.parametrize(
    "text",
    [
        '"""A docstring nobody closed.\n\nfrom airflow import DAG\nDAG("x")\n',
        "<<<<<<< HEAD\nfrom airflow.models import DAG\n=======\nfrom airflow import DAG\n>>>>>>> main\nx = (\n",
        "x = (\nfrom airflow import DAG\n",
    ],
)
def test_a_file_that_breaks_off_is_known_by_its_lines(text: str) -> None:
    assert kind(text) is Kind.DAG_HELPER


MODEL = "def model(dbt, session):\n    return dbt.ref('a')\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MODEL, Kind.DBT_PYTHON_MODEL),
        (f"import pyspark\n{MODEL}", Kind.DBT_PYTHON_MODEL),
        ("def model(dbt, session, more):\n    pass\n", None),
        ("def helper(dbt, session):\n    pass\n", None),
        ("class A:\n    def model(dbt, session):\n        pass\n", None),
        ("import pyspark\n", Kind.PYSPARK),
    ],
)
def test_python_models(text: str, expected: Kind | None) -> None:
    assert kind(text, in_model_paths=True) is expected
    assert kind(text) is not Kind.DBT_PYTHON_MODEL


PYTHON_2 = "from airflow import DAG\nprint 'hello'\nexcept_ = 0777\n"
TABS = "from pyspark.sql import functions\ndef f():\n\tif 1:\n        return 1\n\treturn 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PYTHON_2, Kind.DAG_HELPER),
        ("from airflow import DAG\ntry:\n    pass\nexcept Exception, e:\n    raise e, None\n", Kind.DAG_HELPER),
        ("import os\nprint 'hello'\n", None),
        ("import os\nimport airflow\nexec 'x'\n", Kind.DAG_HELPER),
        (TABS, Kind.PYSPARK),
        (TABS.replace("pyspark.sql", "os"), None),
        ("# Databricks notebook source\n%pip install x\ndf = spark.table('a')\n", Kind.PYSPARK),
        ("from pyspark.sql import x\n{{ templated }\n", Kind.PYSPARK),
        ("import pyspark\nx = (((\n", Kind.PYSPARK),
        ("import pyspark\nx = '''never closed\n", Kind.PYSPARK),
        ("import pyspark\nif 1:\n    x\n  y\n", Kind.PYSPARK),
        ("<<<<<<< HEAD\nimport airflow\n=======\n>>>>>>> x\n", Kind.DAG_HELPER),
        ("print 'import airflow'\n", None),
    ],
)
def test_what_does_not_parse_is_told_by_its_imports(text: str, expected: Kind | None) -> None:
    assert parsed(text) is None
    assert kind(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + ")" * 5000,
        "x = " + "[" * 300 + "]" * 300,
        "x = " + "-" * 20_000 + "1",
        "x = " + "1 + " * 20_000 + "1",
        "x" + ".a" * 20_000,
        "\x00",
        "x = '\ufffd\ufffd'\n",
        "é = 1\n",
        "\x0c\n\x0b\n",
        "\\",
        "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 200)),
    ],
)
def test_odd_python_never_raises(text: str) -> None:
    assert kind(text) is None
    assert kind("import airflow\n" + text) in (Kind.DAG_HELPER, None)


def test_parsed_says_nothing(recwarn: pytest.WarningsRecorder) -> None:
    """Invalid escapes and the like warn; the reviewer's log is not the place."""
    tree = parsed("x = '\\d'\nassert (1, 'x')\n1 is 1\n")
    assert isinstance(tree, ast.Module)
    assert not recwarn.list


def test_parsed_keeps_the_recursion_limit() -> None:
    limit = sys.getrecursionlimit()
    parsed("x = " + "-" * 50_000 + "1")
    assert sys.getrecursionlimit() == limit
