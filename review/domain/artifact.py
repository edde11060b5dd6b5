"""What each changed file is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from review.domain.changeset import ChangedFile


class Stack(Enum):
    """The four technologies we review, and the family a rule belongs to."""

    AIRFLOW = "airflow"
    DBT = "dbt"
    SPARK = "spark"
    SQL = "sql"


class Kind(Enum):
    """What a file is, from its content and its project."""

    DAG = "dag"
    DAG_HELPER = "dag-helper"
    DAG_CONFIG = "dag-config"
    DBT_MODEL = "dbt-model"
    DBT_PYTHON_MODEL = "dbt-python-model"
    DBT_MACRO = "dbt-macro"
    DBT_SNAPSHOT = "dbt-snapshot"
    DBT_SEED = "dbt-seed"
    DBT_TEST = "dbt-test"
    DBT_GENERIC_TEST = "dbt-generic-test"
    DBT_ANALYSIS = "dbt-analysis"
    DBT_PROPERTIES = "dbt-properties"
    DBT_PROJECT = "dbt-project"
    DBT_PACKAGES = "dbt-packages"
    DBT_DOCS = "dbt-docs"
    PYSPARK = "pyspark"
    SCALA_SPARK = "scala-spark"
    NOTEBOOK = "notebook"
    SQL_QUERY = "sql-query"
    SQL_DDL = "sql-ddl"
    SQL_MIGRATION = "sql-migration"

    @property
    def stack(self) -> Stack:
        """The technology this kind belongs to."""
        return _STACK[self]

    @property
    def is_sql(self) -> bool:
        """Whether the file's text is SQL, with or without Jinja, that a linter can be run on."""
        return self in SQL_KINDS

    @property
    def noun(self) -> str:
        """What a reader calls one such file: `dbt model`."""
        return _NOUNS[self]

    @property
    def plural(self) -> str:
        """What a reader calls several: `dbt models`."""
        return _PLURALS.get(self) or f"{self.noun}s"


SQL_KINDS = frozenset(
    {
        Kind.DBT_MODEL,
        Kind.DBT_SNAPSHOT,
        Kind.DBT_TEST,
        Kind.DBT_ANALYSIS,
        Kind.SQL_QUERY,
        Kind.SQL_DDL,
        Kind.SQL_MIGRATION,
    }
)
"""Kinds whose text is linted. A macro file is not: it holds fragments that mean nothing before a model calls them."""

_STACK = {
    kind: Stack.AIRFLOW
    if kind in (Kind.DAG, Kind.DAG_HELPER, Kind.DAG_CONFIG)
    else Stack.SPARK
    if kind in (Kind.PYSPARK, Kind.SCALA_SPARK, Kind.NOTEBOOK)
    else Stack.SQL
    if kind in (Kind.SQL_QUERY, Kind.SQL_DDL, Kind.SQL_MIGRATION)
    else Stack.DBT
    for kind in Kind
}

_NOUNS = {
    Kind.DAG: "DAG",
    Kind.DAG_HELPER: "DAG helper",
    Kind.DAG_CONFIG: "DAG configuration",
    Kind.DBT_MODEL: "dbt model",
    Kind.DBT_PYTHON_MODEL: "dbt Python model",
    Kind.DBT_MACRO: "dbt macro file",
    Kind.DBT_SNAPSHOT: "dbt snapshot",
    Kind.DBT_SEED: "dbt seed",
    Kind.DBT_TEST: "dbt test",
    Kind.DBT_GENERIC_TEST: "generic dbt test",
    Kind.DBT_ANALYSIS: "dbt analysis",
    Kind.DBT_PROPERTIES: "dbt properties file",
    Kind.DBT_PROJECT: "dbt project file",
    Kind.DBT_PACKAGES: "dbt packages file",
    Kind.DBT_DOCS: "dbt docs file",
    Kind.PYSPARK: "PySpark job",
    Kind.SCALA_SPARK: "Scala Spark job",
    Kind.NOTEBOOK: "notebook",
    Kind.SQL_QUERY: "SQL query",
    Kind.SQL_DDL: "DDL file",
    Kind.SQL_MIGRATION: "migration",
}
_PLURALS = {Kind.DBT_ANALYSIS: "dbt analyses", Kind.SQL_QUERY: "SQL queries"}


@dataclass(frozen=True)
class Version:
    """One side of an artifact."""

    path: str
    text: str


@dataclass(frozen=True)
class Artifact:
    """One changed file with its kind. At least one of `base` and `head` is there, unless it was skipped."""

    file: ChangedFile
    kind: Kind
    project: str | None = None
    """Root directory of the dbt project it belongs to (`""` is the repository's root); None outside any."""
    dialect: str | None = None
    """sqlfluff's name of the SQL dialect; None where the kind holds no SQL."""
    base: Version | None = None
    head: Version | None = None
    is_dialect_known: bool = True
    """False where nothing said which dialect it is, so that `dialect` is ANSI SQL for want of a better one."""
    other_dialects: tuple[str, ...] = ()
    """Where `dialect` is a guess: what else to read it as if it cannot be read so, the likeliest first."""
    is_dialect_sure: bool = True
    """False where `dialect` is a guess that neither the file's own words nor a folder's name support."""

    @property
    def path(self) -> str:
        """The file's path, at head where it still exists."""
        return self.file.path


def kinds(artifacts: Iterable[Artifact]) -> str:
    """`3 dbt models, 1 DAG`, the most frequent first."""
    counted = Counter(artifact.kind for artifact in artifacts).most_common()
    return ", ".join(f"{number:,} {kind.noun if number == 1 else kind.plural}" for kind, number in counted)
