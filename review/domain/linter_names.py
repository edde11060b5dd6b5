"""The names that a policy may use of sqlfluff 4.5, as data: asking sqlfluff itself costs a third of a second.

`tests/unit/domain/test_linter_names.py` ties them to the installed release.
"""

DIALECTS = (
    "ansi",
    "athena",
    "bigquery",
    "clickhouse",
    "databricks",
    "db2",
    "doris",
    "duckdb",
    "exasol",
    "flink",
    "greenplum",
    "hive",
    "impala",
    "mariadb",
    "materialize",
    "mysql",
    "oracle",
    "postgres",
    "redshift",
    "snowflake",
    "soql",
    "sparksql",
    "sqlite",
    "starrocks",
    "teradata",
    "trino",
    "tsql",
    "vertica",
)

GROUPS = (
    "all",
    "core",
    "aliasing",
    "aliasing.unique",
    "ambiguous",
    "capitalisation",
    "convention",
    "jinja",
    "layout",
    "oracle",
    "postgres",
    "references",
    "structure",
    "tsql",
)
"""Groups of rules."""

_FAMILIES = {"AL": 10, "AM": 9, "CP": 5, "CV": 13, "JJ": 1, "LT": 15, "OR": 1, "PG": 2, "RF": 7, "ST": 12, "TQ": 4}
CODES = frozenset(f"{letters}{number:02d}" for letters, last in _FAMILIES.items() for number in range(1, last + 1))
"""Codes of rules."""
