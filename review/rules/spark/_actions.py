"""Names by which Spark code reads, writes or runs something, the same in Python and Scala (Spark 3 and 4 API)."""

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
