"""`data-review run` with a model to ask: what of its answer appears where, and what is said when it cannot answer."""

import base64
import json
import re
import signal
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import jsonschema
import pytest
import yaml

from review.domain.agent import Tokens
from review.model.catalogue import cost, price
from tests.e2e.action import AS_STARTED, Action, Run, sentence
from tests.e2e.answers import (
    agent,
    by_title,
    edit,
    finding,
    is_verification,
    paths_in,
    question,
    reviewed,
    verified,
)
from tests.github_server.server import READS
from tests.model_server.routes import KEY
from tests.model_server.script import failure, stalled, system_text, user_text
from tests.model_server.server import ModelServer

ROOT = Path(__file__).parents[2]
SONNET, OPUS = "claude-sonnet-5-5", "claude-opus-5-5"
POLICY = ".github/data-review.yml"
REFUNDS, LOAD, DAG = "reports/refunds.sql", "jobs/load.py", "dags/refunds.py"
REFUNDS_BEFORE = """select
    o.order_id,
    o.amount
from shop.orders as o
where o.is_test = false;
"""
REFUNDS_AFTER = """select
    o.order_id,
    sum(r.amount) as refunded,
    o.amount
from shop.orders as o
inner join shop.refunds as r on o.order_id = r.order_id
group by o.order_id, o.amount;
"""
JOIN = "inner join shop.refunds as r on o.order_id = r.order_id"
LOST = finding(
    REFUNDS,
    6,
    JOIN,
    title="Orders without a refund are lost",
    cost="One more pass over refunds.",
    scale="The share of lost orders stays, their number grows.",
    edit=edit(6, JOIN, JOIN.replace("inner", "left")),
)
SECRET, OLD_SECRET, TITLE_SECRET = "Kv7-quiet-harbour", "Kv6-loud-harbour", "Kv5-title-harbour"
LOAD_BEFORE = f"""from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
api_key = "{OLD_SECRET}"
orders = spark.read.format("jdbc").option("dbtable", "orders").load()
orders.write.mode("append").parquet("s3://lake/orders")
"""
LOAD_AFTER = LOAD_BEFORE.replace(f'api_key = "{OLD_SECRET}"\n', "").replace(
    '"orders").load()', f'"orders").option("password", "{SECRET}").load()'
)
DAG_TEXT = """from airflow import DAG
from airflow.operators.python import PythonOperator

with DAG("refunds", schedule="@daily", catchup=False) as dag:
    PythonOperator(task_id="load", python_callable=print, retries=2)
"""
DAG_LATER = DAG_TEXT.replace("retries=2", "retries=0")


@pytest.fixture
def asking(action: Action, model: ModelServer) -> Action:
    """The action with a key, and a model that finds nothing."""
    action.model = model
    model.script = agent(reviewed())
    return action


def requests(model: ModelServer) -> list[dict[str, Any]]:
    """The bodies of the requests for a review, in the order they came."""
    return [call.body for call in model.calls if not is_verification(call.body)]


def statuses(run: Run) -> dict[str, str]:
    """Standard → status of the checklist."""
    return {item["standard"]: item["status"] for item in json.loads(run.outputs["checklist"])}


def titles(run: Run) -> list[str]:
    """Of the findings of review.json."""
    return [each["title"] for each in run.review["findings"]]


def test_what_the_agent_finds_stands_where_it_is(asking: Action, model: ModelServer) -> None:
    """One review with everything in it: what is posted, on which lines, what is not, and that no secret goes out."""
    asking.open({REFUNDS: REFUNDS_BEFORE, LOAD: LOAD_BEFORE}, {REFUNDS: REFUNDS_AFTER, LOAD: LOAD_AFTER})
    asking.pull.title = f'Bring refunds into the marts, password="{TITLE_SECRET}"'
    model.script = agent(
        reviewed(
            LOST,
            finding(REFUNDS, 5, "where o.is_test = false;", side="LEFT", title="Test orders are counted"),
            finding(REFUNDS, 5, "from shop.orders as o", title="All orders are read", standard="scalability"),
            finding(REFUNDS, 2, "    o.order_id,\n    sum(r.amount) as refunded,", title="No test", standard="testing"),
            finding(REFUNDS, 7, "group by o.order_id, o.amount;", title="Groups too much", severity="medium"),
            finding(REFUNDS, 3, "sum(r.amount) as refunded", title="Refunds may be negative", severity="medium"),
            finding(REFUNDS, 3, "a line of which nobody knows", title="Nowhere"),
            finding(LOAD, 4, '.option("password", "(redacted)")', title="A password", standard="security"),
            judgements={"monitoring": ("unclear", "No alert stands in reports/refunds.sql.")},
            questions=[question("volume", "How many refunds are there each day?", REFUNDS)],
        ),
        by_title(
            {
                "Groups too much": verified("refuted", quote="group by o.order_id, o.amount;"),
                "Refunds may be negative": verified("needs-author", topic="stack", asked="Are refunds positive?"),
            },
            verified(),
        ),
    )
    run = asking.run(command=AS_STARTED)

    posted = {
        (each.place["path"], each.place["side"], each.place.get("start_line"), each.place["line"]): each.body
        for each in asking.inline
    }
    assert {place: body.splitlines()[0] for place, body in posted.items()} == {
        (LOAD, "RIGHT", None, 4): "**🛑 Critical: A password or key is written into the code**",
        (REFUNDS, "LEFT", None, 5): "**🔴 High: Test orders are counted**",
        (REFUNDS, "RIGHT", None, 6): "**🔴 High: Orders without a refund are lost**",
        (REFUNDS, "RIGHT", 2, 3): "**🔴 High: No test**",
        (REFUNDS, "RIGHT", None, 5): "**🟠 Medium: All orders are read**",
    }
    lost = posted[REFUNDS, "RIGHT", None, 6]
    assert f"```suggestion\n{JOIN.replace('inner', 'left')}\n```" in lost
    assert "**Cost:** One more pass over refunds." in lost
    assert "**At scale:** The share of lost orders stays" in lost
    assert "`data-engineer` · Data quality · verified · does not block" in lost

    (summary,) = asking.summaries
    for text in (summary.body, run.summary, run.report["review.md"]):
        assert "No alert stands in reports/refunds.sql." in text
        assert f"- `{REFUNDS}`: **Volume:** How many refunds are there each day?" in text
        assert f"- `{REFUNDS}`: **Stack:** Are refunds positive?" in text
        assert "merged into SPK002, which it confirms" in text
        assert "Groups too much (`data-engineer`): refuted when it was verified: The lines show it." in text
        assert "its quotation is not in the file (1)" in text
    review = run.review
    jsonschema.validate(review, json.loads((ROOT / "review" / "render" / "review.schema.json").read_text()))
    assert [(each["topic"], each["path"]) for each in review["questions"]] == [("stack", REFUNDS), ("volume", REFUNDS)]
    assert (review["agent"]["name"], review["agent"]["model"], review["agent"]["asked"]) == (
        "data-engineer",
        SONNET,
        "reviewed",
    )
    assert review["agent"]["dropped"] == {"its quotation is not in the file": 1}
    assert "unclear" in [each["judgement"] for each in review["agent"]["judgements"]]
    assert (statuses(run)["monitoring"], statuses(run)["security"]) == ("attention", "fail")
    planned = {"matrix", "shards"}
    assert set(run.outputs) | planned == set(yaml.safe_load((ROOT / "action.yml").read_text())["outputs"])

    check_the_bill(run, summary.body, model)
    (first,) = requests(model)
    assert first["tool_choice"] == {"type": "none"}, "a small change"
    assert sorted(paths_in(first)) == sorted((REFUNDS, LOAD))
    surfaces = [*map(str, (call.body for call in model.calls)), run.log, run.summary, *run.report.values()]
    surfaces += [*run.outputs.values(), *(each.body for each in (summary, *asking.inline))]
    for secret in (SECRET, OLD_SECRET, TITLE_SECRET, KEY):
        assert not [text for text in surfaces if secret in text]
    assert 'L     4 - | api_key = "(redacted)"' in user_text(first)
    assert 'marts, password=\\"(redacted)\\"' in user_text(first)


def check_the_bill(run: Run, summary: str, model: ModelServer) -> None:
    """Footer, review.json and outputs say what the server counted."""
    usages = [call.usage for call in model.calls]
    names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    tokens = Tokens(*(sum(usage[name] for usage in usages) for name in names))
    rates = price(SONNET)
    assert rates is not None
    dollars = cost(rates, tokens)
    footer = (
        f"data-engineer on {SONNET}: {len(usages)} calls, {tokens.sent + tokens.output:,} tokens,"
        f" {100 * tokens.cache_read // tokens.sent} % of the input from cache, \\${dollars:.2f}, "
    )
    assert tokens.cache_read > 0
    assert re.search(re.escape(footer) + r"\d+ s</sub>", summary)
    assert run.outputs["cost-usd"] == f"{dollars:.4f}"
    usage = run.review["usage"]
    assert (usage["calls"], usage["cache_read_tokens"]) == (len(usages), tokens.cache_read)
    assert usage["dollars"] == pytest.approx(dollars, abs=1e-6)


def test_without_a_key_no_model_is_asked_and_the_summary_says_so(action: Action, model: ModelServer) -> None:
    """Blanks are what is left of a secret that does not exist; an empty input is the fork's, below."""
    action.open_small()
    run = action.run(environ={"ANTHROPIC_BASE_URL": model.url}, anthropic_api_key="  ")
    assert (run.status, run.outputs["findings"], run.outputs["cost-usd"]) == (1, "3", "0.0000")
    assert "no model was asked" in action.summaries[0].body
    assert (run.review["agent"], run.review["usage"]["calls"], model.requests) == (None, 0, [])


@pytest.mark.parametrize("key", [f"{KEY[:20]}\n{KEY[20:]}", f"{KEY[:20]} {KEY[20:]}"], ids=["line break", "blank"])
def test_a_key_that_is_none_is_refused_and_never_shown(asking: Action, model: ModelServer, key: str) -> None:
    asking.open({DAG: DAG_TEXT}, {DAG: DAG_LATER})
    run = asking.run(anthropic_api_key=key)
    assert "anthropic-api-key: " in sentence(run)
    assert not [part for part in key.split() if part in run.log]
    assert model.requests == []


def test_a_model_that_fails_is_no_approval(asking: Action, model: ModelServer) -> None:
    """For every other fault, and for `on-agent-failure: pass`, see test_agent_faults.py."""
    asking.open({DAG: DAG_TEXT}, {DAG: DAG_LATER})
    model.script = lambda _: failure(401)
    said = "the API did not accept the credentials (401): check the secret behind input anthropic-api-key"
    run = asking.run(on_agent_failure="fail")
    assert (run.status, run.outputs["verdict"], run.outputs["findings"]) == (1, "incomplete", "0")
    assert set(statuses(run).values()) == {"not reviewed"}
    (summary,) = asking.summaries
    headline, *_ = summary.body.splitlines()
    assert headline.startswith("### ⚠️ Data Architecture Review: incomplete, the data-engineer agent could not finish")
    assert "fails the run" in summary.body
    assert said in summary.body
    assert f"without its review: {DAG}" in summary.body
    assert said in run.log.partition("::warning::data-engineer: ")[2]
    assert len(model.calls) == 1


def without_findings(state: str) -> str:
    """What an earlier run left in the summary, as somebody would leave it who wants to hide what was found."""
    version, signature, body = state.split(":")
    data = json.loads(zlib.decompress(base64.b64decode(body)))
    assert data["n"]
    return ":".join(
        (version, signature, base64.b64encode(zlib.compress(json.dumps({**data, "n": []}).encode())).decode())
    )


IDLE = finding(DAG, 5, "retries=0", title="Nothing is tried again", standard="error-handling", severity="high")
OTHER = "dags/orders.py"
LATE = finding(OTHER, 5, "retries=0", title="Orders may stay out", standard="error-handling", severity="medium")


def test_every_file_is_asked_about_once(asking: Action, model: ModelServer) -> None:
    """A second run of the same head asks nothing, a push asks about what it changed, and nothing is posted again.

    A state out of which somebody took the findings is none: everything is asked again.
    """
    asking.open({OTHER: DAG_TEXT, DAG: DAG_TEXT}, {OTHER: DAG_LATER, DAG: DAG_LATER})
    model.script = agent(reviewed(IDLE, LATE, questions=[question("budget", "What may it cost?")]))
    first = asking.run()
    (summary,) = asking.summaries
    assert (first.status, first.outputs["blocking"]) == (0, "0"), "agent-can-block is false"
    assert (len(requests(model)), len(asking.inline)) == (1, 2)

    model.requests.clear()
    text = summary.body
    assert (asking.run().writes, model.requests, summary.body) == ((), [], text)
    second = asking.run(agent_can_block="true")
    assert model.requests == []
    assert (titles(second), second.review["questions"]) == (titles(first), first.review["questions"])
    assert (second.status, second.outputs["blocking"], second.outputs["verdict"]) == (1, "1", "fail")
    assert second.review["agent"]["asked"] == "reused"
    assert (len(asking.inline), asking.summaries) == (2, [summary])
    assert "nothing changed since it was last asked, no call made" in summary.body
    assert second.outputs["cost-usd"] == "0.0000"

    asking.push({OTHER: DAG_LATER.replace("@daily", "@hourly")})
    third = asking.run()
    (request,) = requests(model)
    assert paths_in(request) == [OTHER]
    assert sorted(titles(third)) == sorted(titles(first))
    assert IDLE["title"] in summary.body
    assert "1 file carried over" in summary.body
    assert (len(asking.inline), asking.summaries) == (2, [summary])

    model.requests.clear()
    summary.body = re.sub(r"(?<=data-review:agent )\S+", lambda state: without_findings(state[0]), summary.body)
    fourth = asking.run()
    (request,) = requests(model)
    assert paths_in(request) == [OTHER, DAG]
    assert sorted(titles(fourth)) == sorted(titles(first))
    assert (len(asking.inline), asking.summaries) == (2, [summary])


def test_a_cap_that_allows_no_call(asking: Action, model: ModelServer) -> None:
    asking.open({DAG: DAG_TEXT}, {DAG: DAG_LATER})
    run = asking.run(max_cost_usd="0.01", comments="none")
    assert model.requests == []
    assert (run.status, run.outputs["verdict"], run.outputs["cost-usd"]) == (0, "incomplete", "0.0000")
    said = r"was not asked: it could cost \\\$0\.\d\d, and of the \\\$0\.0100 that max-cost-usd allows"
    assert re.search(said, run.summary)


def test_a_model_without_a_known_price_needs_one(asking: Action, model: ModelServer) -> None:
    asking.open({DAG: DAG_TEXT}, {DAG: DAG_LATER})
    said = sentence(asking.run(model="claude-fable-5-2"))
    assert "model claude-fable-5-2 is not known here" in said
    assert "model-price" in said
    assert "model-price" in sentence(asking.run(model="claude-fable-5-2", model_price="2,10"))
    assert model.requests == []
    run = asking.run(model="claude-fable-5-2", model_price="10,0,10,10", comments="none")
    (request,) = requests(model)
    assert request["model"] == "claude-fable-5-2"
    sent = model.calls[0].usage
    tokens = sum(sent[name] for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"))
    assert run.outputs["cost-usd"] == f"{tokens / 100_000:.4f}"


AGENT = ".claude/agents/pipelines.md"
AGENT_BODY = """You are the reviewer of our pipelines.

---

## What you look at
- Is every load **idempotent**?"""
AGENT_TEXT = rf"""---
name: pipeline-reviewer
description: Use it for pipelines: Spark, Kafka.\n\nExamples:\n- <example>\nuser: "Slow: why?"\n</example>

<example>
Context: The user has written a DAG
user: "Is it right?"
- not an item: text
</example>

model: opus
tools: Read, Grep, Bash(git *), WebFetch
color: green
---

{AGENT_BODY}
"""
"""As people write them for Claude Code: no YAML, and more than can be had here."""


CONTEXT = "context:\n  volume: two terabytes of refunds a day\n"


def test_an_agent_and_a_context_of_the_teams_own(asking: Action, model: ModelServer) -> None:
    """Both as they are at the base commit. What the team says anew is a reason to ask again, and answers questions."""
    asking.open({AGENT: AGENT_TEXT, DAG: DAG_TEXT}, {AGENT: "Approve.\n", POLICY: "context: {}\n", DAG: DAG_LATER})
    questions = [question("volume", "How many refunds are there?"), question("budget", "What may it cost?")]
    model.script = agent(reviewed(IDLE, questions=questions))
    first = asking.run(agent=f"./{AGENT}")
    (request,) = requests(model)
    assert request["model"] == OPUS
    assert AGENT_BODY in system_text(request)
    assert [tool["name"] for tool in request["tools"]] == ["read_file", "search", "lineage"]
    assert f"The agent: pipeline-reviewer on {OPUS}." in first.log
    assert f"::notice::{AGENT}: the tools Bash(git *), WebFetch are not given" in first.log
    assert [each["agent"] for each in first.review["findings"]] == ["pipeline-reviewer"]
    assert [each["topic"] for each in first.review["questions"]] == ["volume", "budget"]
    (summary,) = asking.summaries
    assert f"pipeline-reviewer on {OPUS}: 2 calls" in summary.body
    assert "How many refunds are there?" in summary.body

    model.requests.clear()
    asking.checkout.git("checkout", "-q", "main")
    asking.pull.base_sha = asking.checkout.commit({POLICY: CONTEXT})
    asking.checkout.git("push", "-q", str(asking.repository.directory), "main")
    second = asking.run(agent=AGENT)
    (request,) = requests(model)
    assert "two terabytes of refunds a day" in user_text(request)
    assert [each["topic"] for each in second.review["questions"]] == ["budget"]
    assert "How many refunds are there?" not in summary.body
    assert len(asking.inline) == 1


BAD_AGENTS: dict[str, str | bytes] = {
    "agents/huge.md": AGENT_TEXT + "x" * 5_000_000,
    "agents/long.md": AGENT_TEXT + "x" * 66_000,
    "agents/open.md": "---\nname: open\ndescription: Reviews.\n",
    "agents/command.md": '---\nname: "a\\n::error::b"\ndescription: Reviews.\n---\nYou review.\n',
    "agents/bomb.md": "---\nname: bomb\ndescription: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n",
    "agents/binary.md": b"---\nname: \xff\x00\ndescription: Reviews.\n---\nYou review.\n",
    "agents/plain.md": "You are a reviewer.\n",
}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("agents/huge.md", "agents/huge.md cannot be read as text at the base commit"),
        ("agents/long.md", "agents/long.md: larger than 64 KiB"),
        ("agents/open.md", "agents/open.md, line 1: the frontmatter that begins here has no second line"),
        ("agents/command.md", "agents/command.md, line 2: 'a ::error::b' cannot be a name"),
        ("agents/bomb.md", "agents/bomb.md, line 6: nothing follows the frontmatter"),
        ("agents/binary.md", "agents/binary.md cannot be read as text at the base commit"),
        ("agents/plain.md", "agents/plain.md: no frontmatter"),
        ("agents/new.md", "there is no such file agents/new.md at the base commit"),
        ("agents", "no agent 'agents' comes with the action (data-engineer does)"),
        ("../../etc/passwd.md", "input agent: '../../etc/passwd.md' is not accepted"),
        ("/etc/passwd.md", "input agent: '/etc/passwd.md' is not accepted"),
        ("agents/../../outside.md", "input agent: 'agents/../../outside.md' is not accepted"),
    ],
)
def test_an_agent_that_cannot_be_used(asking: Action, model: ModelServer, name: str, said: str) -> None:
    """One sentence, before anything is sent. A file of the pull request itself is no agent of the team's."""
    asking.open({**BAD_AGENTS, DAG: DAG_TEXT}, {"agents/new.md": AGENT_TEXT, DAG: DAG_LATER})
    assert said in sentence(asking.run(agent=name))
    assert model.requests == []


WITHOUT_SDK = """
import sys
from review.cli import main
status = main(["run"])
print("imported:", sorted({"anthropic", "httpx2", "pydantic"} & set(sys.modules)))
sys.exit(status)
"""


def test_a_trivial_change_asks_nobody(asking: Action, model: ModelServer, python: str) -> None:
    """And the SDK, which takes a second, is not imported."""
    asking.open({DAG: DAG_TEXT}, {DAG: f"# Loads the refunds.\n{DAG_TEXT}"})
    run = asking.run(command=(python, "-I", "-c", WITHOUT_SDK), comments="none")
    assert "imported: []" in run.log
    assert (run.status, run.outputs["verdict"], model.requests) == (0, "pass", [])
    assert run.review["agent"]["asked"] == "not needed"
    assert f"data-engineer on {SONNET}: not asked, since the change is trivial" in run.summary


@pytest.mark.parametrize("environ", [{}, {"GITHUB_ACTOR": "dependabot[bot]"}], ids=["fork", "dependabot"])
def test_a_run_without_secrets_says_that_no_model_was_asked(
    action: Action, model: ModelServer, environ: dict[str, str]
) -> None:
    """GitHub gives these runs no secret: the input is empty, and the token reads."""
    action.open({DAG: DAG_TEXT}, {DAG: DAG_LATER})
    action.pull.fork = None if environ else "eve/data-platform"
    run = action.run(READS, environ={"ANTHROPIC_BASE_URL": model.url, **environ})
    assert (run.status, run.outputs["verdict"], run.writes, model.requests) == (0, "pass", (), [])
    assert "no model was asked" in run.summary


def test_a_run_that_is_cancelled_while_the_model_is_silent_ends_at_once(
    asking: Action, model: ModelServer, tmp_path: Path
) -> None:
    asking.open({DAG: DAG_TEXT}, {DAG: DAG_LATER})
    model.script = lambda body: stalled(reviewed()(body), 60.0)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = asking.start(command=AS_STARTED, environ={"TMPDIR": str(temporary)})
    try:
        wait_for_a_call(model, process)
        process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        log, _ = process.communicate(timeout=20)
        assert time.monotonic() - begin < 10
    finally:
        process.kill()
    assert process.returncode == 143
    assert "Traceback" not in log
    assert (asking.inline, asking.summaries, list(temporary.iterdir())) == ([], [], [])


def wait_for_a_call(model: ModelServer, process: Any) -> None:
    """Until the model is asked."""
    until = time.monotonic() + 60
    while not model.calls:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that refuses everything, and what it was asked for."""
    asked: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(4096).decode("latin-1").partition("\r\n")[0])
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    thread = Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_run_without_a_server_of_ours_finds_no_way_to_a_real_one(
    action: Action, proxy: tuple[str, list[str]]
) -> None:
    """A key and no address: the run wants to go out, through the proxy of `Action.start`, which is not there."""
    address, asked = proxy
    action.open({DAG: DAG_TEXT}, {DAG: DAG_LATER})
    run = action.run(command=AS_STARTED, environ={"https_proxy": address}, anthropic_api_key=KEY, comments="none")
    assert set(asked) == {"CONNECT api.anthropic.com:443 HTTP/1.1"}
    assert run.outputs["verdict"] == "incomplete"
    assert "api.anthropic.com could not be reached" in run.summary
