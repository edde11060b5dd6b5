"""Words by which Spark code reads, writes or runs something, the same in Python and Scala (Spark 3 and 4 API)."""

import sqlglot
from sqlglot.errors import TokenError

WRITES = frozenset({"save", "saveAsTable", "insertInto", "saveAsTextFile", "writeTo", "saveAsNewAPIHadoopFile"})
"""Methods that write and are nothing else's."""

FORMATS = frozenset({"parquet", "csv", "json", "orc", "text", "jdbc", "avro", "delta", "table"})
"""Methods of both readers and writers."""

ACTIONS = frozenset({"toPandas", "foreachPartition", "awaitTermination", "saveAsTextFile", "createOrReplace"})
"""Methods that run a job and are nothing else's."""

LOGGERS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "trace", "msg"}
    | {"logDebug", "logInfo", "logWarning", "logError"}
    | {"print", "println", "printStackTrace", "print_exc", "print_exception"}
)
"""What only tells: a handler that does no more than this lets the job go on."""

STATEMENTS = frozenset(
    {"SELECT", "WITH", "FROM", "INSERT", "MERGE", "UPDATE", "DELETE", "CREATE", "REPLACE", "COPY", "LOAD"}
)
"""First words of SQL that reads or writes rows; `FROM t INSERT …` is Hive's order.

Others (`REFRESH`, `ANALYZE`, `OPTIMIZE`, `VACUUM`, `MSCK`, `DROP`, `SET`, `USE`, `CACHE`) tend a table or the session:
a job may try them and go on without.
"""


def is_upkeep(sql: str) -> bool:
    """Whether a SQL text, of which the beginning is enough, neither reads nor writes rows; not where it is unclear."""
    word = first_word(sql)
    return word.isalpha() and word not in STATEMENTS


def first_word(sql: str) -> str:
    """The first word of a SQL text, in capitals, without brackets before it; empty where there is none."""
    try:
        words = [token.text for token in sqlglot.tokenize(sql) if token.text != "("]
    except TokenError:
        return ""
    return words[0].upper() if words else ""


def dropped(sql: str) -> tuple[str, ...]:
    """The table that a statement drops, as it is written; nothing where it is another statement."""
    if "drop" not in sql.lower():
        return ()
    try:
        words = [token.text for token in sqlglot.tokenize(sql)]
    except TokenError:
        return ()
    if [word.upper() for word in words[:2]] != ["DROP", "TABLE"]:
        return ()
    return ("".join(word for word in words[2:] if word.upper() not in ("IF", "EXISTS", ";")),)
