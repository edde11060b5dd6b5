"""Which SQL a file is written in, where nobody says so: by the words only one dialect has."""

from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache

from review.artifacts.words import words

ADAPTERS = {
    "bigquery": "bigquery", "snowflake": "snowflake", "postgres": "postgres", "redshift": "redshift",
    "databricks": "databricks", "spark": "sparksql", "sparksql": "sparksql", "trino": "trino", "presto": "trino",
    "duckdb": "duckdb", "motherduck": "duckdb", "athena": "athena", "clickhouse": "clickhouse", "sqlserver": "tsql",
    "synapse": "tsql", "fabric": "tsql", "mysql": "mysql", "mariadb": "mariadb", "oracle": "oracle", "sqlite": "sqlite",
    "teradata": "teradata", "vertica": "vertica", "starrocks": "starrocks", "doris": "doris", "hive": "hive",
    "impala": "impala", "greenplum": "greenplum", "exasol": "exasol", "materialize": "materialize", "db2": "db2",
}  # fmt: skip
"""dbt's adapter types (docs.getdbt.com, "Trusted adapters") → sqlfluff's dialects."""

_MARKS = {
    "bigquery": "safe_cast struct int64 float64 safe_divide parse_date parse_timestamp timestamp_trunc date_trunc_ "
    "safe_offset _table_suffix bignumeric generate_date_array approx_quantiles farm_fingerprint countif format_date "
    "timestamp_millis timestamp_seconds unix_seconds json_extract_scalar_ except_",
    "snowflake": "flatten iff variant qualify_ parse_json to_timestamp_ntz timestamp_ntz dateadd datediff ilike_ "
    "try_to_number array_construct object_construct convert_timezone zeroifnull try_parse_json to_variant warehouse",
    "postgres": "jsonb timestamptz serial bigserial plpgsql concurrently returning jsonb_build_object ctid bytea "
    "string_agg to_tsvector regclass citext pg_catalog inherits deferrable setval nextval unlogged tsvector lateral_",
    "redshift": "distkey sortkey diststyle getdate unload listagg",
    "tsql": "nvarchar nolock getdate isnull identity dbo varchar_max datetime2 go nonclustered",
    "mysql": "auto_increment innodb utf8mb4 mediumint tinyint_ ifnull_ group_concat straight_join",
    "clickhouse": "mergetree replacingmergetree todate todatetime arrayjoin tostring touint64 lowcardinality nullable",
    "hive": "lateral_view tblproperties serde stored hivevar hiveconf msck",
    "sparksql": "explode tblproperties delta zorder inline posexplode",
    "trino": "varbinary uint256 from_unixtime json_extract_scalar date_parse bytearray_to_uint256 approx_distinct "
    "at_timezone from_iso8601_timestamp from_base to_unixtime",
    "duckdb": "read_parquet read_csv_auto strptime list_value",
    "oracle": "varchar2 number_ sysdate dual nvl2 rownum",
}
_READ = 20_000
"""Characters of a file that vote."""
_BY_WORD: dict[str, list[str]] = {}
for _name, _list in _MARKS.items():
    for _word in _list.split():
        _BY_WORD.setdefault(_word, []).append(_name)


def votes(text: str) -> Counter[str]:
    """How often each dialect's own words occur; quoting names by backticks, as several do, counts once for BigQuery."""
    return _votes(text[:_READ]).copy()


@lru_cache(maxsize=256)
def _votes(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    has_backticks = False
    for word in words(text):
        for name in _BY_WORD.get(word, ()):
            found[name] += 1
        if word == "::":
            found["postgres"] += 1
            found["snowflake"] += 1
        elif word == "$$":
            found["postgres"] += 2
        elif word[0] == "`":
            has_backticks = True
            if "." in word or "-" in word:
                found["bigquery"] += 3
    if has_backticks:
        found["bigquery"] += 1
    return found


def by_content(texts: Iterable[str], among: Collection[str] = ()) -> str | None:
    """The dialect, `among` those where given, that most of these texts' own words belong to.

    None where none has any, or two have the same.
    """
    total: Counter[str] = Counter()
    for text in texts:
        for name, count in votes(text).items():
            if not among or name in among:
                total[name] += min(count, 5)
    ranked = total.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
