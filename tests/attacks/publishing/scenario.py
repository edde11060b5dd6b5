"""Three runs on one pull request that together make every request that publishing knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from review.commands.ignoring import standing_ignores
from review.domain.finding import Location
from review.domain.verdict import Review
from review.github.pull_request import PullRequestClient
from review.github.reader import Reader
from review.publish.base import Outcome
from review.render import markers
from tests.attacks.publishing import people
from tests.attacks.publishing.change import NAME, NUMBER, SMELL, Branch, Seen, plain
from tests.attacks.publishing.history import History
from tests.attacks.publishing.stage import Clock, Stage
from tests.github_server.server import RESOLVES, GitHubServer
from tests.github_server.state import Comment, Repository

MANY = 28
"""Findings of the first run: more than one review takes."""
OUTSIDE = 23
"""A line that the diff does not show."""
BASE = {"a.sql": plain("a", 60), "b.sql": plain("b"), "c.sql": plain("c"), "d.sql": plain("d")}
Portrait = dict[str, Any]


def opened(history: History) -> Branch:
    """The pull request's branch as it is opened."""
    files = dict(BASE)
    files["a.sql"] = (*BASE["a.sql"][:10], *(f"{SMELL}many{number}" for number in range(MANY)), *BASE["a.sql"][10:])
    files["b.sql"] = (f"{SMELL}stays", *BASE["b.sql"])
    files["c.sql"] = (*BASE["c.sql"][:2], f"{SMELL}moves", *BASE["c.sql"][2:])
    files["e.sql"] = (f"{SMELL}leaves",)
    return Branch(history, BASE, files)


def changed(branch: Branch) -> None:
    """The second push: some findings are fixed, one moved, one is new, one line is rewritten, one file is gone."""
    fixed = [f"{SMELL}many{number}" for number in range(3)]
    branch.files["a.sql"] = ("-- one more", *(line for line in branch.files["a.sql"] if line not in fixed))
    branch.files["c.sql"] = (*BASE["c.sql"][:2], f"{SMELL}moves -- again", *BASE["c.sql"][2:])
    branch.files["d.sql"] = (f"{SMELL}new", *BASE["d.sql"])
    del branch.files["e.sql"]
    branch.push()


def misjudged(review: Review) -> Review:
    """The same with two findings of which we are wrong to think that GitHub takes them on their lines.

    One is outside the diff's lines, so that it goes to its file; the other is in a file that the diff does not show.
    """
    wrong = []
    places = (Location("b.sql", OUTSIDE, OUTSIDE), Location("x.sql", 1, 1))
    for finding, where in zip(review.findings[:2], places, strict=True):
        wrong.append(replace(finding, location=where, evidence=f"misjudged {where.path}", title=f"In {where.path}"))
    findings = (*review.findings, *wrong)
    return replace(review, findings=findings, inline=review.inline | {finding.fingerprint for finding in wrong})


@dataclass
class Scenario:
    """The pull request after each of its three events; `run` is what the action does then."""

    server: GitHubServer
    history: History
    may_resolve: bool = True
    """Whether the token may resolve threads; else their comments are folded away."""

    def stages(self) -> Iterable[tuple[str, Stage]]:
        """The stage as it is before each run, by name. Whoever asks for the next one has run the last."""
        branch = opened(self.history)
        stage = Stage(self.server, branch, self.may_resolve, most_inline=40)
        yield "opened", stage
        changed(branch)
        stage.show()
        people.resolve(stage, _number(stage, f"{SMELL}many5"), "ana")
        people.reply(stage, _number(stage, f"{SMELL}stays"), "eve", "Why?")
        yield "pushed", stage
        people.reply(stage, _number(stage, f"{SMELL}many7"), "ana", "/data-review ignore it is backfilled")
        people.say(stage, "eve", "/data-review ignore SQL001 because")
        yield "ignored", stage

    def run(self, stage: Stage) -> Sequence[Outcome]:
        """One run, from reading who ignores what to the summary."""
        clock = Clock()
        client = PullRequestClient(self.server.url, RESOLVES, NAME, NUMBER, pause=0.0, sleep=clock.sleep)
        reader = Reader(self.server.url, RESOLVES, sleep=clock.sleep, clock=clock)
        ignores = standing_ignores(client, lambda login: reader.role(NAME, login), "write")
        return stage.run(Seen(ignores=ignores), misjudged)


def portrait(repository: Repository) -> Portrait:
    """All that people see of the pull request and later runs read, without the numbers that GitHub gave."""
    inline, conversation = repository.inline.get(NUMBER, []), repository.conversation.get(NUMBER, [])
    opened_by = {each.id: each for each in inline if "in_reply_to_id" not in each.place}
    names = {number: f"{each.place['path']} {_said(each)}" for number, each in opened_by.items()}
    threads = []
    for number, first in opened_by.items():
        replies = [each for each in inline if each.place.get("in_reply_to_id") == number]
        place = {key: value for key, value in first.place.items() if key != "commit_id"}
        said = [(each.login, each.body) for each in (first, *replies)]
        threads.append((str(place), said, repository.resolved.get(number), number in repository.minimized))
    texts = sorted((each.login, _without_numbers(each.body, names)) for each in conversation)
    return {"threads": sorted(threads, key=str), "conversation": texts, "drafts": dict(repository.pending)}


def _without_numbers(body: str, names: dict[int, str]) -> str:
    """The text with the state's account of comments in the order of the findings, and not of their numbers."""
    state = markers.read_state(body)
    if state is None:
        return body
    before, _, after = body.partition('"posted":{')
    posted = sorted((fingerprint, names.get(number, "")) for fingerprint, number in state.posted)
    folded = sorted(names.get(number, "") for number in state.folded)
    return f"{before}{posted}{folded}{after.partition('}')[2].partition('-->')[2]}"


def _said(comment: Comment) -> str:
    return markers.read_finding(comment.body) or comment.body[:20]


def _number(stage: Stage, title: str) -> int:
    """Which thread of ours shows that finding."""
    return next(number for number, each in enumerate(people.ours(stage)) if f"is {title}*" in each.body)
