"""What each changed file is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    if kind in (Kind.DAG, Kind.DAG_HELPER)
    else Stack.SPARK
    if kind in (Kind.PYSPARK, Kind.SCALA_SPARK, Kind.NOTEBOOK)
    else Stack.SQL
    if kind in (Kind.SQL_QUERY, Kind.SQL_DDL, Kind.SQL_MIGRATION)
    else Stack.DBT
    for kind in Kind
}


@dataclass(frozen=True)
class Version:
    """One side of an artifact: its text, and the other files of that commit which say something about it."""

    path: str
    text: str
    companions: Mapping[str, str] = field(default_factory=dict)
    """Path → text, e.g. the dbt properties files that name this model, its project file."""


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

    @property
    def path(self) -> str:
        """The file's path, at head where it still exists."""
        return self.file.path
