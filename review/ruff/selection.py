"""Which of ruff's rules run, and what each is worth to a reader.

Chosen by reading every hit of AIR, S and DTZ (ruff 0.17) in 264 files of real pull requests and 802 files at the heads
of the same repositories: only rules whose hits were defects stay. Read and left out: DTZ001 (187 hits, nearly all a
DAG's start date, which Airflow takes for UTC), DTZ005, DTZ007 and DTZ011 (naive on both sides of what they are compared
with), DTZ003 and DTZ004 (UTC, as meant), S101, S311, S603 and S607 (no defects in a job), S608 (130 hits: every query
with a table's name in it), S106 (73 hits: names of secrets), S108 (a pod's own folder), S110 (set-up that may fail),
S301 (files of the job's own), S324 (fingerprints), AIR001 and AIR003 (names; variables read inside functions), AIR304
(the default of a parameter, which is to change), AIR311, AIR312 and AIR321 (what still works, by the hundred). AIR301
and AIR302 stay for files that are written for Airflow 3: elsewhere they say that one day there will be a migration.
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

LINTED = frozenset(advice.standard for advice in ADVICE.values() if not advice.needs_airflow_3)
"""The standards that ruff says something of in any file of Python."""
