"""Which SQL a file is written in, where nobody says so: by the words only one dialect has.

A repository has more than one database: its warehouse's queries say nothing of the migrations beside them. So a file's
own words come first, then the nearest folder whose files agree, and the repository as a whole last.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
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
    "timestamp_millis timestamp_seconds unix_seconds json_extract_scalar_ except_ timestamp_sub timestamp_add "
    "datetime_trunc datetime_sub datetime_add",
    "snowflake": "flatten iff variant qualify_ parse_json to_timestamp_ntz timestamp_ntz dateadd datediff ilike_ "
    "try_to_number array_construct object_construct convert_timezone zeroifnull try_parse_json to_variant warehouse",
    "postgres": "jsonb timestamptz serial bigserial plpgsql concurrently returning jsonb_build_object ctid bytea "
    "string_agg to_tsvector regclass citext pg_catalog inherits deferrable setval nextval unlogged tsvector lateral_ "
    "smallserial gin gist extension gen_random_uuid uuid_generate_v4 pg_trgm pg_class pg_namespace "
    "pg_get_serial_sequence pg_advisory_xact_lock pg_stat_activity inet tstzrange to_tsquery tsquery",
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
_COMMON = frozenset(
    "struct flatten iff variant warehouse serial returning concurrently inherits deferrable extension inet gin gist "
    "string_agg unload getdate listagg isnull identity go explode delta inline stored nullable tostring varbinary "
    "strptime sysdate dual mediumint countif tblproperties :: $$ `".split()
)
"""Marks that are also names people give to columns, or words of a second dialect: one alone decides nothing."""
_ALSO = {
    "dateadd": ("redshift", "tsql"),
    "datediff": ("redshift", "tsql", "sparksql", "mysql"),
    "convert_timezone": ("redshift",),
    "from_unixtime": ("sparksql", "hive", "mysql"),
    "identity": ("redshift", "snowflake"),
    "group_concat": ("sqlite",),
}
"""Marks of the one dialect that many files with them are in → others that have the word as well."""
_DATABRICKS = "-- Databricks notebook source"
"""How Databricks begins a notebook that it keeps as SQL."""
_DERIVED = {
    "postgres": frozenset({"redshift", "duckdb", "greenplum", "materialize"}),
    "hive": frozenset({"sparksql", "databricks", "impala"}),
    "sparksql": frozenset({"databricks"}),
    "trino": frozenset({"athena"}),
}
"""Dialect → those that have all of its words: a file that uses one of these is not yet in the former."""
_DECISIVE = 2
"""A word that only one dialect has, or two that others know as well."""
_CLEAR = 2
"""Times as much as for the second that speaks for the first, where the answer is clear."""
_MOST = 5
"""How much one file can weigh among several."""
RUNNERS_UP = 2
"""Other dialects that a file is tried in, where it cannot be read in the one it was taken for."""
_READ = 20_000
"""Characters of a file that vote."""
MAX_REMEMBERED = 2_048
"""Files whose words are remembered: more than all neighbours of one change, each of which is asked for many files."""
_SIGNS: dict[str, tuple[str, ...]] = {
    "::": ("postgres", "snowflake"),
    "$$": ("postgres", "snowflake"),
    "`.`": ("bigquery",),
    "as identity": ("postgres",),
    "trunc()": ("bigquery",),
}
_TRUNCATES = frozenset({"date_trunc", "timestamp_trunc", "datetime_trunc"})
_PARTS = frozenset("day week isoweek month quarter year isoyear hour minute second".split())
"""What BigQuery's DATE_TRUNC takes bare, and last: others want a string, or the part first."""
_HOMONYMS = frozenset({"oracle", "fabric", "synapse", "impala", "doris", "vertica", "materialize"})
_FOLDERS = {
    **{name: dialect for name, dialect in ADAPTERS.items() if name not in _HOMONYMS},
    "postgresql": "postgres",
    "mssql": "tsql",
    "hql": "hive",
}
"""Words in a folder's name that say which database its files are for; not those that have another meaning."""
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
    for word, before in _marks(text):
        if word == "identity" and before == "as":
            found["postgres"] += 2
            continue
        for name in _BY_WORD.get(word, ()):
            found[name] += 1
        if word == "::":
            found["postgres"] += 1
            found["snowflake"] += 1
        elif word == "$$":
            found["postgres"] += 2
        elif word == "trunc()":
            found["bigquery"] += 2
        elif word[0] == "`":
            has_backticks = True
            if "." in word or "-" in word:
                found["bigquery"] += 3
    if has_backticks:
        found["bigquery"] += 1
    return found


def _marks(text: str) -> Iterator[tuple[str, str]]:
    """Each word with the one before it: `generated always as identity` is standard SQL, `identity(1, 1)` T-SQL.

    `trunc()` is no word, and stands for a call that ends in a bare part of a date: `DATE_TRUNC(day, MONTH)`.
    """
    before, comma = "", ""
    calls: list[str] = []
    for word in words(text):
        if word == "(":
            calls.append(before)
        elif word == ")" and calls and calls.pop() in _TRUNCATES and comma == "," and before in _PARTS:
            yield "trunc()", before
        yield word, before
        comma, before = before, word


@lru_cache(maxsize=MAX_REMEMBERED)
def _evidence(text: str) -> Counter[str]:
    """How much each dialect's own words weigh, each counted once, however often it occurs."""
    found: Counter[str] = Counter()
    for word in {_mark(word, before) for word, before in _marks(text)}:
        for name in (*_BY_WORD.get(word, _SIGNS.get(word, ())), *_ALSO.get(word, ())):
            found[name] += 1 if word in _COMMON else _DECISIVE
    return Counter({"databricks": _MOST}) if text.startswith(_DATABRICKS) else found


def _mark(word: str, before: str) -> str:
    """What a word counts as: names quoted with a path in them are one sign, however many there are."""
    if word == "identity" and before == "as":
        return "as identity"
    return "`.`" if word[0] == "`" and ("." in word or "-" in word) else word


def _ranked(text: str) -> list[tuple[str, int]]:
    """Dialects by what a file's own words weigh for them, the first first; those alike by name."""
    return sorted(_evidence(text[:_READ]).items(), key=lambda pair: (-pair[1], pair[0]))


def by_own_words(text: str) -> str | None:
    """The dialect that a file's own words leave no doubt of, or None."""
    ranked = _ranked(text)
    return ranked[0][0] if _is_clear(ranked) else None


def is_clear(text: str) -> bool:
    """Whether a file's own words tell its dialect, whatever its neighbours say."""
    own = by_own_words(text)
    return own is not None and own not in _DERIVED


def supports(text: str, dialect: str | None) -> bool:
    """Whether no dialect's words weigh more in a file than those of this one, or of one that it has all words of."""
    ranked = _ranked(text)
    most = {name for name, weight in ranked if weight == ranked[0][1]}
    return dialect in most or any(dialect in _DERIVED.get(name, ()) for name in most)


def runners_up(text: str, folders: Iterable[str], dialect: str | None) -> tuple[str, ...]:
    """The other dialects that the nearest folder's name or a file's own words speak for, the likeliest first."""
    named = next(filter(None, map(by_name, folders)), None)
    found = dict.fromkeys(([named] if named else []) + [name for name, _weight in _ranked(text)])
    return tuple(name for name in found if name != dialect)[:RUNNERS_UP]


def by_place(text: str, folders: Iterable[tuple[str, Callable[[], Iterable[str]]]]) -> str | None:
    """The dialect of a file in these folders, the innermost first, each with a call that reads some of its files.

    A file's own words come first, then the nearest folder that bears a database's name or whose files agree; None where
    neither is clear. Of a dialect that has descendants the folder tells which of them it is.
    """
    own = by_own_words(text)
    if is_clear(text):
        return own
    for path, read in folders:
        near = by_name(path) or _agreed((text, *read()) if own is None else read())
        if near is not None:
            return near if own is None or near in _DERIVED[own] else own
    return own


@lru_cache(maxsize=4096)
def by_name(path: str) -> str | None:
    """The dialect of the one database that the last part of a path names (`sql-postgres`), or None."""
    parts = "".join(letter if letter.isalnum() else " " for letter in path.rpartition("/")[2].lower()).split()
    found = {_FOLDERS[part] for part in (*parts, "".join(parts)) if part in _FOLDERS}
    return found.pop() if len(found) == 1 else None


def _agreed(texts: Iterable[str]) -> str | None:
    """The dialect that these texts leave no doubt of together, or None; no text weighs more than a few."""
    total: Counter[str] = Counter()
    for text in texts:
        for name, weight in _ranked(text):
            total[name] += min(weight, _MOST)
    ranked = total.most_common()
    return ranked[0][0] if _is_clear(ranked) else None


def _is_clear(ranked: list[tuple[str, int]]) -> bool:
    """Whether the first weighs enough, and much more than the second."""
    if not ranked or ranked[0][1] < _DECISIVE:
        return False
    return len(ranked) == 1 or ranked[0][1] >= _CLEAR * ranked[1][1]


def by_content(texts: Iterable[str], among: Collection[str] = ()) -> str | None:
    """The dialect, `among` those where given, that most of these texts' own words belong to.

    None where none has any, or two have the same.
    """
    total: Counter[str] = Counter()
    for text in texts:
        for name, count in votes(text).items():
            if not among or name in among:
                total[name] += min(count, _MOST)
    ranked = total.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
