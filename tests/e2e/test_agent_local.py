"""`data-review local --agent`: what is shown without being sent is what is sent, and what is kept of it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.answers import agent, finding, is_verification, reviewed
from tests.forked.programs import program
from tests.model_server.routes import KEY
from tests.model_server.script import by_turn, results, tool_use
from tests.model_server.server import ModelServer
from tests.network import NO_WAY_OUT
from tests.unit.git.git_checkout import Checkout

SECRET, KEPT_SECRET = "Kv7-quiet-harbour", "Kv6-loud-harbour"
SETTINGS = "finance/settings.py"
LINE = '    PythonOperator(task_id="{0}", python_callable=print, op_args=["s3://lake/shop/{0}.parquet"], retries={1})'


def dag(name: str, retries: int) -> str:
    """A DAG long enough for a conversation of its own."""
    tasks = [LINE.format(f"{name}_{number:03}", retries) for number in range(60)]
    head = ["from airflow import DAG", "from airflow.operators.python import PythonOperator", ""]
    return "\n".join([*head, f'with DAG("{name}", schedule="@daily", catchup=False) as dag:', *tasks, ""])


REFUNDS, ORDERS = "finance/dags/refunds.py", "sales/dags/orders.py"
LAST = '    PythonOperator(task_id="last", python_callable=print, op_kwargs={"password": "' + SECRET + '"})'
IDLE = finding(REFUNDS, 5, 'task_id="refunds_000"', title="Nothing is tried again", standard="error-handling")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Two long DAGs that changed, and a file that did not."""
    made = Checkout(tmp_path / "shop")
    settings = f'PASSWORD = "{KEPT_SECRET}"\nLIMIT = 10\n'
    made.commit({REFUNDS: dag("refunds", 2), ORDERS: dag("orders", 2), SETTINGS: settings})
    made.commit({REFUNDS: dag("refunds", 0) + LAST + "\n", ORDERS: dag("orders", 0)})
    return made


def local(checkout: Checkout, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Review the last commit in a process of its own."""
    return subprocess.run(
        [*program(), "local", "--base", "HEAD~1", *options],
        cwd=checkout.path,
        env={"PATH": os.environ["PATH"], "HOME": str(checkout.path.parent), **NO_WAY_OUT, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def plain(body: dict[str, Any]) -> str:
    """A request without what only says how the answer comes."""
    return json.dumps({name: value for name, value in body.items() if name != "stream"})


def test_what_a_dry_run_prints_is_what_is_sent(checkout: Checkout, model: ModelServer, tmp_path: Path) -> None:
    environ = {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": KEY}
    asked = ("--agent", "data-engineer")
    look = tool_use("read_file", {"path": SETTINGS, "start_line": 1, "end_line": 9})
    model.script = agent(by_turn(look, reviewed(IDLE)))
    dry = json.loads(local(checkout, *asked, "--dry-run", "--format", "json", **environ).stdout)
    shown = local(checkout, *asked, "--dry-run").stdout  # without a key, too
    assert model.requests == []
    assert (dry["agent"], dry["model"], dry["trivial"]) == ("data-engineer", "claude-sonnet-5-5", [])
    texts = [block["text"] for body in dry["requests"] for block in body["system"] + body["messages"][0]["content"]]
    assert len(dry["requests"]) == 2
    assert not [text for text in texts if text not in shown]
    assert f"{dry['estimate']['calls']} calls" in shown
    assert f"${dry['estimate']['dollars']:.2f}. Nothing was sent." in shown

    kept = tmp_path / "kept" / "transcript"
    done = local(checkout, *asked, "--format", "json", "--save-transcript", str(kept), **environ)
    review = json.loads(done.stdout)
    assert IDLE["title"] in [each["title"] for each in review["findings"]]
    bodies = [call.body for call in model.calls]
    firsts = [body for body in bodies if not is_verification(body) and len(body["messages"]) == 1]
    assert sorted(map(plain, firsts)) == sorted(map(plain, dry["requests"]))
    (looked,) = {text for body in bodies if len(body["messages"]) == 3 for text in results(body)}
    assert "LIMIT = 10" in looked

    files = {path.name: path.read_text() for path in kept.iterdir()}
    numbers = range(1, len(bodies) + 1)
    assert sorted(files) == sorted(f"{each:03}-{kind}.json" for each in numbers for kind in ("request", "answer"))
    said = [plain(json.loads(files[f"{each:03}-request.json"])) for each in numbers]
    assert sorted(said) == sorted(map(plain, bodies))
    surfaces = [*said, *files.values(), shown, json.dumps(dry), done.stdout, done.stderr]
    assert not [text for text in surfaces for secret in (SECRET, KEPT_SECRET, KEY) if secret in text]


def test_a_dry_run_of_a_change_without_data_files_is_a_dry_run_all_the_same(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"README.md": "# Shop\n"})
    asked = ("--agent", "data-engineer", "--dry-run", "--output", str(tmp_path / "shown"))
    assert local(checkout, *asked, "--format", "json").stdout == ""
    assert json.loads((tmp_path / "shown").read_text())["requests"] == []
    assert local(checkout, *asked).returncode == 0
    assert (tmp_path / "shown").read_text().startswith("━━ Nothing would be sent: no changed data file is left")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dry-run"], "name one with --agent"),
        (["--save-transcript", "kept"], "name one with --agent"),
        (["--agent", "data-engineer", "--dry-run", "--format", "sarif"], "--dry-run: shows requests, no review"),
        (["--agent", "data-engineer"], "--agent needs a key: set ANTHROPIC_API_KEY, or the variables"),
        (["--agent", "../mine.md"], "--agent: '../mine.md' is not accepted"),
        (["--agent", "data-engineer", "--max-cost-usd", "all"], "--max-cost-usd: 'all' is not accepted"),
    ],
)
def test_an_option_that_cannot_be_followed(checkout: Checkout, options: list[str], said: str) -> None:
    done = local(checkout, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("data-review: error: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
