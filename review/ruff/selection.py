"""Which of ruff's rules run, and what each is worth to a reader.

Chosen by reading every hit of AIR, S and DTZ (ruff 0.17) in 264 files of real pull requests and 802 files at the heads
of the same repositories: only rules whose hits were defects stay. Read and left out: DTZ001 (187 hits, nearly all a
DAG's start date, which Airflow takes for UTC), DTZ005, DTZ007 and DTZ011 (naive on both sides of what they are compared
with), DTZ003 and DTZ004 (UTC, as meant), S101, S311, S603 and S607 (no defects in a job), S608 (130 hits: every query
with a table's name in it), S106 (73 hits: names of secrets), S108 (a pod's own folder), S110 (set-up that may fail),
S301 (files of the job's own), S324 (fingerprints), AIR001 and AIR003 (names; variables read inside functions), AIR304
(the default of a parameter, which is to change), AIR311, AIR312 and AIR321 (what still works, by the hundred). AIR301
and AIR302 stay for files that are written for Airflow 3: elsewhere they say that one day there will be a migration.

Of F, PLE and B every hit in 5,100 files of 26 other repositories was read. Left out: F504, F522 and F811 (values and
imports too many), B018 (`task_a` on a line of its own), B006, B020 and B026 (as meant), B023 (functions that are called
in the same round of the loop).
"""

from dataclasses import dataclass

from review.domain.artifact import Kind
from review.domain.finding import Standard
from review.domain.severity import Severity

KINDS = frozenset({Kind.DAG, Kind.DAG_HELPER, Kind.PYSPARK, Kind.DBT_PYTHON_MODEL})
"""Kinds whose text is Python."""


@dataclass(frozen=True)
class Advice:
    """What a finding of one of ruff's rules says."""

    standard: Standard
    severity: Severity
    title: str
    explanation: str
    remediation: str
    only_if: str = ""
    """Part of ruff's message without which the hit is no defect."""
    unless: frozenset[str] = frozenset()
    """Names in ruff's message for which it is no defect."""
    is_about_a_name: bool = False
    """Whether it says that a name is missing: told once a name, and not of what another notebook brings."""
    needs_airflow_3: bool = False
    """Whether it is a defect only in a file that is written for Airflow 3."""


_REMOVED = (
    "This file imports `airflow.sdk`, so it runs on Airflow 3, which has this no more: the scheduler cannot import the "
    "file, and all of its DAGs are gone until it can."
)
_SHELL = (
    "The command is put together from values and read by a shell: a space, a quote or a `;` in one of them, a file's "
    "name for one, becomes part of the command, which runs with all rights of the worker."
)

_PROVIDED = frozenset(
    {
        *("spark", "sc", "sqlContext", "sqlc", "glueContext", "dbutils", "display", "displayHTML", "getArgument"),
        *("get_ipython", "dbt", "table", "udf"),
        *("unicode", "basestring", "long", "xrange", "raw_input", "unichr", "reduce", "file", "execfile", "cmp"),
    }
)
"""What a notebook, a shell of Spark or Python 2 has without an import."""
_FORMAT = (
    "Python raises an error when it gets to this line, so the task fails here whatever the data is; in an error "
    "handler it also hides the error that was to be told."
)
_LOGGING = (
    "`logging` puts its arguments into the message by `%`, and these do not fit: the line is never written, and a "
    "traceback stands in its place. What it was to tell is missing on the day it is needed."
)
_FORMAT_REMEDY = "Make places and values fit, or use an f-string."
_LOGGING_REMEDY = "Put one `%s` in the message for each argument."

ADVICE = {
    "AIR301": Advice(
        Standard.ERROR_HANDLING,
        Severity.HIGH,
        "Airflow 3 has removed what is used here",
        _REMOVED,
        "Use what took its place, as the rule's page lists it.",
        needs_airflow_3=True,
    ),
    "AIR302": Advice(
        Standard.ERROR_HANDLING,
        Severity.HIGH,
        "Airflow 3 has moved what is imported here to a provider",
        _REMOVED,
        "Import it from its provider, and install that with Airflow.",
        needs_airflow_3=True,
    ),
    "F821": Advice(
        Standard.ERROR_HANDLING,
        Severity.HIGH,
        "A name that is defined nowhere is used",
        "The file neither defines this name nor imports it, and Python has no such name: the line raises `NameError` "
        "when it is reached, which in a function is only when the task runs.",
        "Import it, or use the name that is meant.",
        unless=_PROVIDED,
        is_about_a_name=True,
    ),
    "F632": Advice(
        Standard.ERROR_HANDLING,
        Severity.MEDIUM,
        "`is` compares a value by identity",
        "`is` asks whether two names stand for one object, not whether they are equal: text that comes from a variable "
        "or a file is another object than the literal here, so the answer is the same whatever the value is.",
        "Use `==` or `!=`.",
    ),
    "F601": Advice(
        Standard.ERROR_HANDLING,
        Severity.MEDIUM,
        "A dictionary has one key twice",
        "The last value wins, and the one before it is dropped without a word.",
        "Keep one of them, or give the other the key that is meant.",
    ),
    **{
        code: Advice(
            Standard.ERROR_HANDLING,
            Severity.MEDIUM,
            "The values do not fit the places of a text",
            _FORMAT,
            _FORMAT_REMEDY,
        )
        for code in ("F501", "F502", "F503", "F505", "F506", "F507", "F508", "F509", "F521", "F524", "PLE1307")
    },
    "F523": Advice(
        Standard.MONITORING,
        Severity.LOW,
        "A value is given to a text that has no place for it",
        "`format` drops it without a word, so the text that is written or sent lacks what it was to tell.",
        "Put `{}` where the value belongs.",
    ),
    **{
        code: Advice(
            Standard.MONITORING,
            Severity.MEDIUM,
            "A line of the log has places and values that do not fit",
            _LOGGING,
            _LOGGING_REMEDY,
        )
        for code in ("PLE1205", "PLE1206")
    },
    "S113": Advice(
        Standard.ERROR_HANDLING,
        Severity.MEDIUM,
        "Web request without a timeout",
        "`requests` waits for ever by default: a server that takes the connection and then says nothing keeps the task "
        "running, and its slot taken, until somebody notices.",
        "Give it a timeout in seconds, such as `timeout=30`, so that the task fails and is tried again.",
    ),
    "S307": Advice(
        Standard.SECURITY,
        Severity.MEDIUM,
        "Text is run as code by eval",
        "Whoever can write the text, in a variable, a file or a table, runs what they like with all rights of the "
        "worker.",
        "Read data with `json.loads` or `ast.literal_eval`, which run nothing.",
    ),
    "S501": Advice(
        Standard.SECURITY,
        Severity.HIGH,
        "Certificates of the server are not checked",
        "Anyone on the way can pass for the server, read the credentials that are sent to it and change the data that "
        "comes back.",
        "Leave the check on; for a server with a certificate of your own, name its authority: `verify='/path/to/ca'`.",
    ),
    "S506": Advice(
        Standard.SECURITY,
        Severity.HIGH,
        "YAML is loaded in a way that can run code",
        "A tag such as `!!python/object/apply` in the file runs any function with all rights of the worker.",
        "Use `yaml.safe_load`.",
        unless=frozenset({"FullLoader"}),  # since 5.4 it runs nothing
    ),
    "S507": Advice(
        Standard.SECURITY,
        Severity.MEDIUM,
        "The SSH server's key is not checked",
        "Any machine that answers is taken for the server: it gets the password or the files that are sent to it.",
        "Load the known key (`load_host_keys`) and let paramiko refuse others (`RejectPolicy`).",
    ),
    "S602": Advice(
        Standard.SECURITY,
        Severity.MEDIUM,
        "A shell runs a command that is put together from values",
        _SHELL,
        "Pass the program and its arguments as a list, without `shell=True`.",
        only_if="identified, security issue",
    ),
    "S605": Advice(
        Standard.SECURITY,
        Severity.MEDIUM,
        "A shell runs a command that is put together from values",
        _SHELL,
        "Use `subprocess.run` with the program and its arguments as a list.",
        only_if="possible injection",
    ),
}
