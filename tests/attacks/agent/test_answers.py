"""Answers that are wrong, made up or hostile, through the door a user uses: what stands on the pull request afterwards.

Few runs, each with many such answers: `answers.py` holds them, with what must become of each.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from review.commands.agent import AgentConsultant, Wish
from review.config.credentials import credentials_of
from review.reviewers.leaks import Prompts
from tests.attacks.agent.answers import (
    BASE,
    CONTEXT,
    FACT,
    FINDINGS,
    FOLDERS,
    HEAD,
    INVENTED,
    JUDGEMENTS,
    LEFT_OUT,
    MARK,
    QUESTIONS,
    SAID,
    SHAPES,
    SHAPES_BASE,
    SHAPES_HEAD,
    Asked,
    Dropped,
    Merged,
    Refuted,
    Remark,
    Row,
    Stands,
    file_of,
    path,
    table,
)
from tests.attacks.agent.stage import PROMPTS, SECRETS, Published, harm, perform
from tests.e2e import answers
from tests.e2e.action import Action, Run
from tests.e2e.answers import paths_in, review_values
from tests.github_server.server import READS, GitHubServer
from tests.model_server.script import Answer, Script, Step, answer, script_of, text, user_text
from tests.model_server.server import ModelServer
from tests.unit.artifacts.builders import MemoryTree


@pytest.fixture
def action(tmp_path: Any, github: GitHubServer, model: ModelServer) -> Action:
    """No pull request is open yet."""
    made = Action(tmp_path, github)
    made.model = model
    return made


def mark_of(body: Mapping[str, Any]) -> str:
    """What encloses the data of a request."""
    found = set(re.findall(r"(?m)^</?untrusted ([0-9a-f]{32})>$", user_text(dict(body))))
    assert len(found) == 1
    return str(found.pop())


def filled(says: Any, body: dict[str, Any]) -> Any:
    """An entry of an answer with what only the request tells."""
    fact = re.search(r"(?m)^(F\d+) \S+: rule:SQL002 ", user_text(body))
    told = json.dumps(says).replace(json.dumps(MARK)[1:-1], mark_of(body))
    return json.loads(told.replace(json.dumps(FACT)[1:-1], fact[1] if fact else "F0"))


def finder(rows: tuple[Row, ...], lies: bool = False, **more: Any) -> Script:
    """Says what each row says in the conversation about its file. With `lies` it has looked at other files."""

    def run(body: dict[str, Any]) -> Answer:
        paths = paths_in(body)
        said = [filled(row.says, body) for row in rows if row.home in paths]
        looked_at = [*(each for each in paths if each != LEFT_OUT), *INVENTED] if lies else paths
        return text(json.dumps(review_values(*said, paths=looked_at, **filled(more, body))))

    return run


def sceptic(rows: tuple[Row, ...]) -> Script:
    """Says of each finding what its row says."""

    def run(body: dict[str, Any]) -> Answer:
        said = user_text(body)
        row = next(row for row in rows if f'"title": "{row.sign} ' in said)
        if callable(row.verdict):
            return row.verdict(body)
        if not isinstance(row.verdict, Mapping):
            return row.verdict
        plain = {
            "verdict": "confirmed",
            "reason": "It is so.",
            "quote": "",
            "edit": "right",
            "topic": "volume",
            "question": "",
        }
        return answer(filled({**plain, **row.verdict}, body))

    return run


def wrong(published: Published, row: Row) -> Iterator[str]:
    """What became of a row's finding that should not have."""
    reasons = [each["reason"] for each in published.suppressed(row.sign)]
    match row.happens:
        case Stands():
            yield from _wrong_finding(published, row, row.happens)
            return
        case Dropped(_):
            if any(row.sign in text for text in published.everywhere().values()):
                yield "it is said somewhere"
        case Merged(rule) if not any(rule in reason for reason in reasons):
            yield f"set aside because of {reasons}"
        case Refuted(reason, never) if not any(reason in each and not (never and never in each) for each in reasons):
            yield f"set aside because of {reasons}"
        case Asked() if not any(row.sign in each["why"] for each in published.review["questions"]):
            yield "nothing is asked"
    if published.findings(row.sign) or published.inline(row.sign):
        yield "it is published"


def _wrong_finding(published: Published, row: Row, wanted: Stands) -> Iterator[str]:
    found = published.findings(row.sign)
    if len(found) != 1:
        yield f"{len(found)} findings"
        return
    (it,) = found
    where = it["location"]
    if wanted.line and (where["line"], where["side"]) != (wanted.line, wanted.side):
        yield f"it is at {where}"
    if where["end_line"] - where["line"] >= 20:
        yield "it is long"
    for name in ("severity", "confidence", "tier"):
        if getattr(wanted, name) and it[name] != getattr(wanted, name):
            yield f"{name} is {it[name]}"
    if (it["suggestion"] is not None) != wanted.suggestion:
        yield f"suggestion: {it['suggestion']!r}"
    if it["blocking"]:
        yield "it blocks"
    comments = published.inline(row.sign)
    if len(comments) != it["inline"]:
        yield f"{len(comments)} comments, inline: {it['inline']}"
    wants_block = wanted.suggestion if wanted.has_block is None else wanted.has_block
    if comments and ("suggestion\n" in comments[0]) != wants_block:
        yield f"block: {comments[0]}"


def heard(action: Action, script: Step) -> ModelServer:
    """The model, which answers so."""
    assert action.model is not None
    action.model.script = script_of(script)
    return action.model


def test_every_finding_is_held_against_the_code(action: Action) -> None:
    action.open(BASE, HEAD)
    model = heard(action, answers.agent(finder(FINDINGS, lies=True), sceptic(FINDINGS)))
    published = perform(action)
    found = [f"{row.sign} {row.name}: {what}" for row in FINDINGS for what in wrong(published, row)]
    found += harm(published, mark_of(model.calls[0].body), action.server.url)
    assert not found, "\n".join(["", *found])
    assert published.review["agent"]["dropped"] == Counter(
        row.happens.reason for row in FINDINGS if isinstance(row.happens, Dropped)
    )
    not_seen = {each["subject"] for each in published.review["skipped"] if "does not say" in each["reason"]}
    assert not_seen == {LEFT_OUT}


def test_no_text_does_anything_wherever_it_is_published(action: Action) -> None:
    """Once as it was said, once as it was kept for a run that asks nobody, once where the token may only read."""
    action.open({**BASE, **CONTEXT}, HEAD)
    without = perform(action, anthropic_api_key="")
    texts = tuple(row for row in FINDINGS if row.home == path(FOLDERS[2]))
    judgements = {each.says["standard"]: (each.says["judgement"], each.says["rationale"]) for each in JUDGEMENTS}
    questions = [each.says for each in QUESTIONS]
    model = heard(action, answers.agent(finder(texts, judgements=judgements, questions=questions)))
    said = perform(action)
    mark, calls = mark_of(model.calls[0].body), len(model.calls)
    kept = perform(action)
    assert len(model.calls) == calls, "nothing has changed, so nobody is asked"
    action.pull.fork = "eve/data-platform"
    annotated = perform(action, READS)
    assert (
        len([line for line in annotated.run.log.splitlines() if line.startswith(("::warning file", "::notice file"))])
        == 18
    )
    for published in (said, kept, annotated):
        found = [f"{row.sign} {row.name}: {what}" for row in texts for what in wrong(published, row)]
        found += [f"{each.name}: {what}" for each in QUESTIONS for what in wrong_question(published, each)]
        found += [f"{each.name}: {what}" for each in JUDGEMENTS for what in wrong_judgement(published, each, without)]
        found += harm(published, mark, action.server.url)
        assert not found, "\n".join(["", *found])


def wrong_question(published: Published, remark: Remark) -> Iterator[str]:
    asked = [each for each in published.review["questions"] if re.search(remark.shown or r"\Z\A", each["question"])]
    words = remark.says["question"]
    if not remark.shown and (
        len(words) < 12 and any(words == each["question"] for each in published.review["questions"])
    ):
        yield "it is asked"
    if remark.shown and len(asked) != 1:
        yield f"asked {len(asked)} times"
    if any(each["path"] not in ("", *HEAD) for each in asked):
        yield f"about {asked[0]['path']}"


def wrong_judgement(published: Published, remark: Remark, without: Published) -> Iterator[str]:
    """`without` is the review in which no model was asked."""
    standard, judged = remark.says["standard"], remark.says["judgement"]
    (item,) = [each for each in published.review["checklist"] if each["standard"] == standard]
    (before,) = [each for each in without.review["checklist"] if each["standard"] == standard]
    has_findings = any(each["standard"] == standard for each in published.review["findings"])
    calm = before["status"] in ("pass", "not applicable")
    wanted = "attention" if calm and (has_findings or judged == "concern") else before["status"]
    if item["status"] != wanted:
        yield f"{before['status']} becomes {item['status']}"
    words = item["evidence"].partition("data-engineer: ")[2]
    if remark.shown and not re.search(remark.shown, words):
        yield f"it says {words!r}"
    if not remark.shown and words not in ("", "no concern"):
        yield f"it says {words!r}"


def test_what_is_no_review_counts_as_none(action: Action) -> None:
    action.open(SHAPES_BASE, SHAPES_HEAD)

    def review(body: dict[str, Any]) -> Answer:
        (file,) = paths_in(body)
        return SHAPES[int(file[5:7])].says(file)

    model = heard(action, answers.agent(review))
    published = perform(action)
    assert len(model.calls) == len(SHAPES)
    assert (published.review["verdict"], published.review["agent"]["asked"]) == ("incomplete", "incomplete")
    gaps = {skip["subject"]: skip["reason"] for skip in published.review["skipped"] if skip["stage"] == "agent"}
    by_agent = [skip["reason"] for skip in published.review["skipped"] if skip["subject"] == "data-engineer"]
    for number, shape in enumerate(SHAPES):
        reasons = [reason for reason in by_agent if file_of(number) in reason] + [gaps.get(file_of(number), "")]
        assert bool(re.search(shape.skipped, reasons[0])) if shape.skipped else reasons == [""], (shape.name, reasons)
    assert sum(published.review["agent"]["dropped"].values()) == sum(shape.drops for shape in SHAPES)
    assert {item["status"] for item in published.review["checklist"]} == {"not reviewed"}
    assert harm(published, mark_of(model.calls[0].body), action.server.url) == []


NO_HARM_ON_A_PAGE = {
    "a command to the runner",
    "an old command to the runner",
    "an output of the step's",
    "the end of the data",
    "backticks without an end",
    "a megabyte",
    "a megabyte of marks",
}
"""Of the texts that do nothing; the first two are looked for in the log."""


def test_what_is_looked_for_is_found_where_it_works() -> None:
    """Each of the texts as it was said, on a page where nothing keeps it from working."""

    def measured(page: str, log: str = "") -> list[str]:
        run = Run(0, log, {}, "", {}, ())
        return harm(Published(run, {"page": page}, {}), "0f" * 16, "http://127.0.0.1:1/")

    found = {name for name, said in SAID.items() if len(said) < 1_000 and measured(f"{said}\nAnd so on.\n")}
    assert set(SAID) - found == NO_HARM_ON_A_PAGE
    assert all(measured("", SAID[name]) for name in ("a command to the runner", "an old command to the runner"))
    for secret in (*SECRETS.values(), "0f" * 16, *(" ".join(told.split()[70:85]) for told in PROMPTS)):
        assert measured(f"It says {secret}")
        assert measured("", f"It says {secret}")
    assert measured("Nothing at all: `@octocat`, #a, 1.") == []


def test_a_key_is_kept_back_whatever_its_form() -> None:
    """One that no pattern knows: a gateway's, or a part of Amazon's."""
    credentials = credentials_of({"ANTHROPIC_AUTH_TOKEN": "Quick-Brown-K3y"})
    assert credentials is not None
    setup = AgentConsultant(Wish("data-engineer"), credentials, MemoryTree({}), {}).setup
    assert Prompts.of((), setup.secrets).are_in("Log in with quick-brown-\u200bk3y.")


def test_the_table_is_long_enough() -> None:
    names = [line.split(" | ")[1] for line in table().splitlines()[2:]]
    assert len(names) == len(set(names))
    assert len(names) >= 40
