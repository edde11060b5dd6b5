"""ruff's violations become findings where the change brings them."""

import tracemalloc
from collections.abc import Sequence

import pytest

from review.domain.artifact import Kind
from review.domain.evidence import Stage
from review.domain.finding import Finding, Standard
from review.domain.severity import Severity
from review.evidence import python_lint
from review.evidence.python_lint import python_findings
from review.ruff.check import RuffError
from review.verdict.coverage import coverage
from tests.unit.evidence.builders import artifact

GET = "requests.get('https://shop.acme.io')"
HEAD = f"import requests\n{GET}\n"


def found(
    head: str, base: str | None = None, added: Sequence[int] | None = None, kind: Kind = Kind.DAG, select: str = ""
) -> list[Finding]:
    one = artifact("dags/x.py", head, kind, base=base, added=added)
    findings, skipped = python_findings([one], frozenset(select.split()), {})
    assert skipped == []
    return findings


def test_a_violation_becomes_a_finding() -> None:
    (finding,) = found(HEAD)
    assert (finding.source, finding.location.line, finding.standard) == ("ruff:S113", 2, Standard.ERROR_HANDLING)
    assert finding.evidence == f"S113 {GET}"
    assert finding.help_url == "https://docs.astral.sh/ruff/rules/request-without-timeout/"


@pytest.mark.parametrize(
    ("base", "head", "added", "lines"),
    [
        ("import requests\n", HEAD, [2], [2]),
        (HEAD, f"import requests\n\n{GET}\n", [2], []),
        (HEAD, f"import requests\nif True:\n    {GET}\n", [2, 3], []),
        (HEAD, f"{HEAD}{GET}\n", [3], [3]),
        (HEAD, f"{HEAD}x = 1\n", [3], []),
        (HEAD, f"import requests\n{GET}  # noqa: S113\n", [2], []),
        ("import requests\n", f"import requests\n{GET}  # noqa: S113\n", [2], [2]),
        ("def f(:\n", HEAD, [1], []),
    ],
)
def test_only_what_the_change_brings(base: str, head: str, added: list[int], lines: list[int]) -> None:
    assert [each.location.line for each in found(head, base, added)] == lines


def test_noqa_of_before_the_change() -> None:
    for order, number in (("# ruff: noqa", 0), ("# ruff: noqa: S1, E501", 0), ("# flake8: noqa: E501", 1)):
        assert len(found(f"{order}\n{HEAD}", f"{order}\nimport requests\n", [3])) == number
    assert len(found(f"# ruff: noqa\n{HEAD}", "import requests\n", [1, 3])) == 1


LOAD = "load(orders)  # noqa"


@pytest.mark.parametrize(
    ("base", "head", "removed", "added", "lines"),
    [
        ("import orders\nload = 1\n" + LOAD, f"load = 1\n\n{LOAD}", {1, 3}, [2, 3], []),
        ("import orders\nload = 1\n" + LOAD, f"load = 1\nif load:\n    {LOAD}\n{LOAD}", {1, 3}, [2, 3, 4], [4]),
        ("import orders\nload = 1\n" + LOAD, f"load = 1\n{LOAD}: S113", {1, 3}, [2], [2]),
        ("import os  # noqa\n", "import os\neval(os.x)  # noqa\n", {1}, [1, 2], [2]),
        ("import os\nos.x  # noqa\n", "import os\neval(os.x)  # noqa\n", {2}, [2], [2]),
    ],
)
def test_noqa_stays_with_its_code(base: str, head: str, removed: set[int], added: list[int], lines: list[int]) -> None:
    one = artifact("dags/x.py", head, Kind.DAG, base=base, added=added)
    object.__setattr__(one.file, "removed", frozenset(removed))
    assert [each.location.line for each in python_findings([one], frozenset(), {})[0]] == lines


def test_airflow_3_alone_misses_what_it_removed() -> None:
    text = "from airflow.operators.bash_operator import BashOperator\nt = BashOperator(task_id='a')\n"
    assert found(text) == []
    assert found(f"try:\n    from airflow.sdk import DAG\nexcept ImportError:\n    pass\n{text}") == []
    findings = found(f"from airflow.sdk import DAG\n{text}")
    assert {each.source for each in findings} == {"ruff:AIR302"}


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("requests.get(u, timeout=3, verify=False)", ["S501"]),
        ("yaml.load(x, Loader=yaml.Loader)", ["S506"]),
        ("yaml.load(x, Loader=yaml.FullLoader)", []),
        ("yaml.safe_load(x)", []),
        ("subprocess.run(f'rm {x}', shell=True)", ["S602"]),
        ("subprocess.run('ls | wc', shell=True)", []),
        ("os.system(f'rm {x}')", ["S605"]),
        ("eval(x)", ["S307"]),
        ("c = paramiko.SSHClient()\nc.set_missing_host_key_policy(paramiko.AutoAddPolicy())", ["S507"]),
        ("print(order)", ["F821"]),
        ("print(spark, unicode)", []),
        ("def f(a: 'Order') -> 'Order':\n    return a", []),
        ("if x is 'done':\n    pass", ["F632"]),
        ("{'a': 1, 'a': 2}", ["F601"]),
        ("'%s of %s' % (x,)", ["F507"]),
        ("'{} of {}'.format(x)", ["F524"]),
        ("'orders: '.format(x)", ["F523"]),
        ("logging.info('orders: ', x)", ["PLE1205"]),
        ("logging.info('orders: %s', x)", []),
        ("assert x", []),
        ("datetime.datetime(2020, 1, 1)", []),
        ("password = 'x'", []),
    ],
)
def test_what_is_worth_telling(line: str, codes: list[str]) -> None:
    text = f"import datetime, logging, os, paramiko, requests, subprocess, yaml, u, x\n{line}\n"
    assert [each.code for each in found(text)] == codes


def test_names_that_a_notebook_brings() -> None:
    assert [each.code for each in found("x = settings\n")] == ["F821"]
    assert len(found("x = settings\ny = settings\n")) == 1
    assert found("# Databricks notebook source\nx = settings\n") == []
    assert found("from common import *\nx = settings\n") == []


@pytest.mark.parametrize(("ends", "number"), [("\r\n", 1), ("\r", 0), ("\r\r\n", 0)])
def test_ends_of_lines(ends: str, number: int) -> None:
    assert len(found(HEAD.replace("\n", ends), added=[1, 2, 3])) == number


def test_kinds_and_choice() -> None:
    assert found(HEAD, kind=Kind.NOTEBOOK) == []
    assert found(HEAD, select="DBT001") == []
    assert len(found(HEAD, select="DBT001 S113")) == 1
    assert found(HEAD, added=[]) == []
    tests = artifact("tests/x.py", HEAD, Kind.DAG_HELPER)
    assert python_findings([tests], frozenset(), {}) == ([], [])
    one = artifact("dags/x.py", HEAD, Kind.DAG)
    assert python_findings([one], frozenset(), {"S113": Severity.LOW})[0][0].severity is Severity.LOW


def test_a_ruff_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuffError("ruff took longer than 60 s")

    monkeypatch.setattr(python_lint, "check", fails)
    findings, (skip,) = python_findings([artifact("dags/x.py", HEAD, Kind.DAG)], frozenset(), {})
    assert findings == []
    assert (skip.stage, skip.subject, skip.standards) == (Stage.RULES.value, "dags/x.py", ())
    assert skip.reason == "could not be linted: ruff took longer than 60 s"


def test_one_file_that_ruff_cannot_bear_is_told_and_leaves_the_gate_undecided() -> None:
    deep = "x = (1\n" + "+1\n" * 20_000 + ")\n"
    both = [artifact("dags/deep.py", deep, Kind.DAG), artifact("dags/x.py", HEAD, Kind.DAG)]
    (finding,), (skip,) = python_findings(both, frozenset(), {})
    assert (finding.location.path, skip.subject) == ("dags/x.py", "dags/deep.py")
    speaking = {standard: frozenset({Kind.DAG}) for standard in Standard}
    assert coverage(both, [skip], speaking).undecided == (skip,)


def test_many_on_one_line_cost_little() -> None:
    text = "import os\n" + "eval(os.y);" * 6_000 + "\n"
    tracemalloc.start()
    try:
        findings, (skip,) = python_findings([artifact("dags/x.py", text, Kind.DAG)], frozenset(), {})
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
    assert len(findings) == 2_000
    assert (skip.stage, skip.subject) == (Stage.FINDINGS.value, "dags/x.py")
    assert max(len(each.evidence) for each in findings) < 600


USE = "def load():\n    return json.loads('1')\n"
CALL = "import requests\nrequests.get(\n    'https://shop.acme.io',\n    timeout=9,\n)\n"
ASK = "import os\ndef f():\n    eval(os.y)\n"


@pytest.mark.parametrize(
    ("base", "head", "removed", "added", "lines"),
    [
        (f"import json\n{USE}", USE, {1}, [], [2]),
        (f"import json\n{USE}def more():\n    json.dumps(1)\n", f"{USE}def more():\n    json.dumps(1)\n", {1}, [], [2]),
        (USE, f"\n{USE}", set(), [1], []),
        (CALL, CALL.replace("    timeout=9,\n", ""), {4}, [], [2]),
        (ASK, f"import os\ndef g():\n    eval(os.y)\n{ASK[10:]}", set(), [2, 3], [3]),
        (ASK, ASK.replace("def f", "def g"), {2}, [2], []),
        (f"import json\n{USE}    # noqa", f"{USE}    # noqa", {1}, [], [2]),
        (f"import json\n{USE}".replace("\n", "  # noqa\n"), USE.replace("\n", "  # noqa\n"), {1}, [], []),
        ("def f(:\n    eval(y)\n", "def f(y):\n    eval(y)\n    eval(y)\n", {1}, [1, 3], [3]),
    ],
)
def test_new_is_what_the_base_has_not(
    base: str, head: str, removed: set[int], added: list[int], lines: list[int]
) -> None:
    one = artifact("dags/x.py", head, Kind.DAG, base=base, added=added)
    object.__setattr__(one.file, "removed", frozenset(removed))
    assert [each.location.line for each in python_findings([one], frozenset(), {})[0]] == lines


def test_those_alike_are_told_apart() -> None:
    first, second = found("import os\neval(os.y)\neval(os.y)\n")
    assert (first.evidence, first.ordinal, second.ordinal) == (second.evidence, 0, 1)


def test_a_base_that_ruff_cannot_bear() -> None:
    deep = "import os\nx = (1\n" + "+1\n" * 20_000 + ")\neval(os.x)\n"
    one = artifact("dags/x.py", "import os\neval(os.x)\neval(os.y)\n", Kind.DAG, base=deep, added=[3])
    (finding,), (skip,) = python_findings([one], frozenset(), {})
    assert (finding.location.line, skip.harmless) == (3, True)
