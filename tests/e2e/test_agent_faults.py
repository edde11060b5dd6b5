"""Whatever goes wrong with the model, the review says truthfully what was looked at and what was not.

The change is read and linted once; then the agent is asked about it anew for every fault, through the real SDK and the
real Messages server, and the review is put together as a run does it.
"""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from review import pipeline
from review.commands.agent import Wish, setup_of
from review.config.credentials import credentials_of
from review.config.policy import Policy
from review.domain.consulted import Consulted
from review.domain.target import Range, Target
from review.domain.verdict import Decision, ItemStatus, Review
from review.git.repository import Repository
from review.model.claude import Claude
from review.render.comment import summary_comment
from review.reviewers.consult import consult
from review.reviewers.setup import Change, ParseEdits
from review.stopwatch import Stopwatch
from tests.e2e.answers import SCEPTIC, finding, review_values, reviewed, verified
from tests.model_server import script
from tests.model_server.routes import KEY
from tests.model_server.script import Step, answer, by_system, failure, sequence
from tests.model_server.server import ModelServer
from tests.unit.git.git_checkout import Checkout

PATH = "models/orders.sql"
BASE = "select order_id, amount from shop.orders\n"
HEAD = "select order_id, amount from shop.orders where amount > 0\n"
GOOD = reviewed()
"""An answer with nothing wrong."""
WHOLE = review_values(paths=[PATH])


@dataclass
class Known:
    """The change as the stages before the agent made it, ready to be asked about again and again."""

    change: Change
    parse_edits: ParseEdits
    conclude: Callable[[Consulted, Policy], Review]
    calls: int = 0
    """Requests that the last model got."""
    heard: Consulted = field(default_factory=Consulted)
    """What came of asking it."""

    def ask(self, step: Step, policy: Policy | None = None, seconds: float = 30.0, **environ: str) -> Review:
        """The review, with a model that answers so."""
        with ModelServer(step) as server:
            review = self.ask_at(server.url, policy, seconds, **environ)
            self.calls = len(server.calls)
        return review

    def ask_at(self, url: str, policy: Policy | None = None, seconds: float = 30.0, **environ: str) -> Review:
        """The review, with the model at that address."""
        credentials = credentials_of({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": url, **environ})
        assert credentials is not None
        model = Claude(credentials, pause=0.0)
        setup = setup_of(Wish("data-engineer"), self.change.shelf.base, {}, lambda: model)
        try:
            heard = consult(self.change, replace(setup, seconds=seconds), self.parse_edits)
        finally:
            model.close()
        self.heard = heard
        return self.conclude(heard, policy or Policy())


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    root: Path = tmp_path_factory.mktemp("faults")
    checkout = Checkout(root)
    base = checkout.commit({PATH: BASE}, message="base")
    head = checkout.commit({PATH: HEAD}, message="head")
    seen: dict[str, Any] = {}

    class Recorder:
        def consult(self, change: Change, parse_edits: ParseEdits) -> Consulted:
            seen["change"] = change
            return Consulted()

    real = pipeline.conclude

    def conclude(*arguments: Any) -> Review:
        seen["arguments"] = arguments
        return real(*arguments)

    repository = Repository.from_workspace(root, base, head)
    assert repository is not None
    with repository, pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "conclude", conclude)
        span = Range(Target("shop/data", base, head), base)
        pipeline.review(span, repository, Policy(), Stopwatch(time.monotonic), 1, Recorder)
        before = seen["arguments"][:4]
        yield Known(
            seen["change"],
            lambda edits: [""] * len(edits),
            lambda heard, policy: real(*before, heard, policy),
        )


def missing(review: Review, reason: str) -> None:
    """The review says everywhere that the agent's word is missing, and why; nothing about it is green."""
    assert review.verdict.decision is Decision.INCOMPLETE
    assert {item.status for item in review.verdict.checklist} == {ItemStatus.NOT_REVIEWED}
    (skip,) = [skip for skip in review.skipped if skip.stage == "agent"]
    assert reason in skip.reason
    assert skip.reason.endswith(f"; without its review: {PATH}")
    comment = summary_comment(review)
    assert comment.startswith(
        "### ⚠️ Data Architecture Review: incomplete, the data-engineer agent could not finish its"
    )
    assert "Not checked: 1" in comment
    assert KEY not in comment


CUT = script.cut(WHOLE)
REFUSED = [
    ("401", failure(401), "the API did not accept the credentials (401): check ANTHROPIC_API_KEY"),
    ("402", failure(402), "402"),
    ("403", failure(403), "403"),
    ("404", failure(404), "no model claude-sonnet-5-5"),
    ("spend limit", failure(429, error_code="enforced_spend_limit_reached"), "limit"),
    ("contract's limit", failure(429, error_code="contract_spend_limit_reached"), "limit"),
    ("400 schema", failure(400, message="Schema is too complex"), "Schema is too complex"),
    ("400 tool_choice", failure(400, message="tool_choice: not supported"), "tool_choice: not supported"),
    ("413", failure(413), "413"),
    ("422", failure(422), "422"),
    ("429 for a second", failure(429, headers={"retry-after": "0"}), "429"),
    ("429 for an hour", failure(429, headers={"retry-after": "3600"}), "wants 3600 s to pass"),
    ("429 for days", failure(429, headers={"retry-after": "4233600"}), "wants 4233600 s to pass"),
    ("529 for ever", failure(529), "529"),
    ("500 for ever", failure(500), "500"),
    ("504 for ever", failure(504), "504"),
    ("500 as a page", script.page(500), "500"),
    ("200 as a page", script.page(200), ""),
    ("{}", script.raw(b"{}"), ""),
    ("connection reset", script.RESET, ""),
    ("dropped midway", script.dropped(answer(WHOLE), 4), ""),
    ("reset midway", script.dropped(answer(WHOLE), 4, reset=True), ""),
    ("ended early", script.ended(answer(WHOLE), 4), ""),
    ("empty stream", script.ended(answer(WHOLE), 0), ""),
    ("error event", script.broken(answer(WHOLE), 4), "overloaded"),
    ("unknown stop reason", answer(WHOLE, stop_reason="daydream"), "daydream"),
    ("no stop reason", answer(WHOLE, stop_reason=None), ""),
    ("pause_turn", answer(WHOLE, stop_reason="pause_turn"), "paused its turn"),
    ("context window", answer(WHOLE, stop_reason="model_context_window_exceeded"), "context"),
    ("cut, JSON whole", answer(WHOLE, stop_reason="max_tokens"), "cut at its limit of 32,000 tokens"),
    ("cut, JSON cut", CUT, "cut at its limit of 32,000 tokens"),
    *((f"refusal {each}", script.refusal(each), "declined") for each in script.CATEGORIES),
    ("refusal that says more", script.refusal("cyber", said="I cannot."), "declined"),
    ("not JSON", script.text("I looked at it and it is fine."), "the answer is not JSON"),
    ("a list", script.text("[]"), "no JSON object"),
    ("another shape", answer({"verdict": "pass"}), "has not the shape"),
    ("seven judgements", answer({**WHOLE, "standards": WHOLE["standards"][1:]}), "judges no error-handling"),
    ("no text at all", script.text(""), ""),
    ("a tool where none may be used", script.tool_use("read_file", {"path": PATH, "start_line": 1, "end_line": 9}), ""),
]


@pytest.mark.parametrize(("step", "reason"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_what_gives_no_whole_answer_is_said(known: Known, step: Step, reason: str) -> None:
    review = known.ask(step)
    missing(review, reason)
    assert review.verdict.exit_status == 0
    assert known.conclude(known.heard, Policy(lets_agent_fail=False)).verdict.exit_status == 1


def test_nobody_at_the_address(known: Known) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        missing(known.ask_at(f"http://127.0.0.1:{taken.getsockname()[1]}"), "")


@pytest.mark.parametrize(
    "step",
    [script.stalled(answer(WHOLE), 60), script.stalled(answer(WHOLE), 60, after=3), script.paced(answer(WHOLE), 2)],
)
def test_the_time_is_over(known: Known, step: Step) -> None:
    begin = time.monotonic()
    missing(known.ask(step, seconds=1.0), "time")
    assert time.monotonic() - begin < 5


RECOVERS = [
    ("429 once", failure(429, headers={"retry-after": "0"})),
    ("529 once", failure(529)),
    ("500 once", failure(500)),
    ("409 once", failure(409)),
    ("reset once", script.RESET),
    ("dropped once", script.dropped(answer(WHOLE), 4)),
    ("error event once", script.broken(answer(WHOLE), 3)),
    ("empty once", script.ended(answer(WHOLE), 0)),
    ("cut once", CUT),
]


@pytest.mark.parametrize("step", [each[1] for each in RECOVERS], ids=[each[0] for each in RECOVERS])
def test_what_passes_leaves_no_trace(known: Known, step: Step) -> None:
    whole(known.ask(sequence(step, GOOD)))
    assert known.calls == 2


@pytest.mark.parametrize("step", [script.with_odd_event(answer(WHOLE)), script.with_odd_block(answer(WHOLE))])
def test_what_is_still_to_be_invented_is_passed_over(known: Known, step: Step) -> None:
    whole(known.ask(step))


def test_a_text_cut_amid_a_letter_is_whole_again(known: Known) -> None:
    judged = {"cost": ("unclear", "Größe, 量, und 🚚 sind unbekannt")}
    review = known.ask(answer(review_values(paths=[PATH], judgements=judged), parts=7))
    (cost,) = [item for item in review.verdict.checklist if item.standard.value == "cost"]
    assert cost.status is ItemStatus.ATTENTION
    assert cost.evidence.endswith("data-engineer: Größe, 量, und 🚚 sind unbekannt")


def whole(review: Review) -> None:
    """Nothing is missing."""
    assert review.verdict.decision is Decision.PASS
    assert not [skip for skip in review.skipped if skip.stage == "agent"]
    assert ItemStatus.NOT_REVIEWED not in {item.status for item in review.verdict.checklist}


VERIFICATION_FAULTS = [
    ("529 for ever", failure(529)),
    ("not JSON", script.text("Confirmed!")),
    ("refusal", script.refusal("cyber")),
    ("dropped", script.dropped(verified(), 3)),
    (
        "another verdict",
        answer({"reason": "", "quote": "", "verdict": "maybe", "edit": "none", "topic": "volume", "question": ""}),
    ),
]


@pytest.mark.parametrize(
    "step", [each[1] for each in VERIFICATION_FAULTS], ids=[each[0] for each in VERIFICATION_FAULTS]
)
def test_a_finding_that_nobody_verified_weighs_less(known: Known, step: Step) -> None:
    found = finding(PATH, 1, "where amount > 0", severity="critical", confidence="high")
    review = known.ask(by_system({SCEPTIC: step, "": reviewed(found)}), Policy(agent_can_block=True))
    (kept,) = review.findings
    assert (kept.severity.value, kept.confidence.value, kept.tier.value) == ("medium", "medium", "advisory")
    assert review.verdict.decision is Decision.PASS
    assert "could not be verified" in summary_comment(review)


def test_every_fault_of_the_list_is_here() -> None:
    assert len(REFUSED) + len(RECOVERS) + len(VERIFICATION_FAULTS) >= 55
