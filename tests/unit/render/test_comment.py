"""The summary comment within GitHub's limit, and inline comments with their suggestion."""

import re
from dataclasses import replace

import pytest

from review.domain.agent import AgentReport, Asked, Judged, Judgement, Spend
from review.domain.artifact import Kind
from review.domain.changeset import Side
from review.domain.conversation import Account
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Location, Standard, Suggestion, Tier
from review.domain.severity import Severity
from review.domain.verdict import Review, Suppressed
from review.publish.comment import publish_summary
from review.render import parts, summary
from review.render.comment import LIMIT, inline_comment, says_all_of, summary_comment
from review.render.markdown import markdown
from review.render.markers import MAX_FINGERPRINTS, is_summary, read_state
from review.render.summary import LIMIT as STEP_LIMIT
from review.render.summary import step_summary
from tests.unit.publish.fake import FakeGitHub, posted
from tests.unit.render.builders import FCT, HEAD, artifact, changed, finding, review, skipped
from tests.unit.render.examples import agent, clean, everything, incomplete, irrelevant, many

GITHUB_LIMIT = 65_536


def named(text: str, entries: Review) -> list[Severity]:
    """Severities of the findings that a text names, in its order: `many` gives each a place of its own."""
    places = {f"{each.location.path}#L{each.location.line})": each.severity for each in entries.findings}
    return [places[place] for place in re.findall(r"blob/[0-9a-f]+/(models\S+?#L\d+\))", text)]


@pytest.mark.parametrize("number", [1, 60, 200, 1_200])
def test_a_comment_fits_and_keeps_the_worst(number: int) -> None:
    whole = many(number)
    text = summary_comment(whole)
    assert len(text) <= LIMIT < GITHUB_LIMIT
    shown = named(text, whole)
    assert shown == [each.severity for each in whole.findings][: len(shown)]
    left = number - len(shown)
    assert (f"{left:,} more finding" in text) == (left > 0)
    state = read_state(text)
    assert state is not None
    assert state.fingerprints == tuple(each.fingerprint for each in whole.findings)[:MAX_FINGERPRINTS]
    assert state.complete == (number <= MAX_FINGERPRINTS)
    assert is_summary(text)
    assert text.count("<details") == text.count("</details>")


def test_what_does_not_concern_a_change_drops_no_notice_silently() -> None:
    said = tuple(f"The waiver of DBT{number:03} expired." for number in range(6))
    text = summary_comment(replace(irrelevant(), notices=said))
    assert [notice in text for notice in said] == [True] * 4 + [False] * 2
    assert "> 2 more lines; the job summary and `review.md` list all of them" in text


def test_explanations_go_before_findings_do() -> None:
    whole = many(200)
    text = summary_comment(whole)
    assert len(named(text, whole)) == 200
    assert 0 < text.count("**Fix:**") < 200
    assert "Explanations are left out where they would not fit here; the job summary and `review.md` list" in text
    assert text.index("**Fix:**") < text.index("Low · ")
    assert markdown(whole).count("**Fix:**") == 200


def test_what_is_cut_is_told_by_severity() -> None:
    whole = many(1_200)
    text = summary_comment(whole)
    shown = named(text, whole)
    rest = {each: sum(f.severity is each for f in whole.findings) - shown.count(each) for each in Severity}
    counted = ", ".join(f"{number} {each.value}" for each, number in rest.items() if number)
    assert f"**{1_200 - len(shown):,} more findings ({counted}) would not fit here;" in text
    assert "#### 🛑 Critical · 300" in text


HUGE = "d/" * 140 + "é&<|`*_"


@pytest.mark.parametrize("number", [10, 60])
def test_whatever_the_lists_hold_it_fits(number: int) -> None:
    """Nothing a pull request can make long or many keeps the comment from being posted."""
    paths = [f"{HUGE}{index}.sql" for index in range(number)]
    entries = tuple(finding(location=Location(path, 1, 1), title=HUGE, explanation=HUGE * 5) for path in paths)
    whole = review(
        entries,
        [artifact(path, Kind.DBT_MODEL, project=path, dialect="duckdb") for path in paths],
        suppressed=[Suppressed(each, "&<" * 300) for each in entries],
        skips=[
            skipped(path, f"{index // 12}{'&<' * 300}", stage=Stage.INTAKE.value, harmless=harmless)
            for harmless in (False, True)
            for index, path in enumerate(paths)
        ],
        notices=["&<" * 300] * number,
    )
    text = summary_comment(whole)
    assert len(text) <= LIMIT
    assert read_state(text) is not None
    assert "block" in text.splitlines()[0] or "incomplete" in text.splitlines()[0]
    assert text.count("<details") == text.count("</details>")
    assert len(step_summary(whole).encode()) <= STEP_LIMIT


def test_a_step_summary_that_is_cut_does_not_send_the_reader_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "LIMIT", 200_000)
    text = step_summary(many(1_200))
    assert len(text.encode()) <= 200_000
    assert "`review.md` lists all of them" in text
    assert "job summary" not in text


def test_a_step_summary_is_the_whole_page() -> None:
    assert step_summary(everything()) == markdown(everything())


@pytest.mark.parametrize(
    ("whole", "first"),
    [
        (everything(), "### ❌ Data Architecture Review: 3 findings block this pull request"),
        (clean(), "### ✅ Data Architecture Review: nothing found"),
        (incomplete(), "### ⚠️ Data Architecture Review: incomplete, 1 file could not be checked"),
        (
            irrelevant(),
            "✅ **Data Architecture Review**: nothing in this pull request touches DAGs, dbt, Spark or SQL"
            " (3 changed files).",
        ),
    ],
    ids=["fail", "pass", "incomplete", "irrelevant"],
)
def test_the_verdict_comes_first(whole: Review, first: str) -> None:
    assert summary_comment(whole).splitlines()[0] == first
    assert step_summary(whole).splitlines()[0] == first


def test_the_verdict_in_words() -> None:
    one = review([finding(severity=Severity.HIGH)])
    assert "1 finding blocks this pull request" in summary_comment(one)
    assert "nothing blocks, 1 finding to look at" in summary_comment(review([finding()], [artifact(FCT, Kind.DAG)]))
    rule = review(artifacts=[artifact(FCT, Kind.DBT_MODEL)], skips=[skipped("DBT001", "broke"), skipped("X", "y")])
    assert "incomplete, 2 things could not be checked" in summary_comment(rule)
    twice = review(artifacts=[artifact(FCT, Kind.DAG)], skips=[skipped(FCT, "too large"), skipped(FCT, "unreadable")])
    assert "incomplete, 1 file could not be checked" in summary_comment(twice)


HIDE = "under `generated` or `paths-ignore`"
AGAIN = skipped("a.sql", "its shard left no report", remedy="Run the failed jobs of this workflow again.")


@pytest.mark.parametrize(
    ("skips", "changes", "said", "hides"),
    [
        ((skipped("a.sql", "it is no text"),), {}, "Make it readable, or list it under", True),
        ((AGAIN,), {}, "may hide one. Run the failed jobs of this workflow again.", False),
        ((AGAIN, skipped("b.sql", "it is no text")), {}, "again. Make the others readable, or list them under", True),
        (
            (skipped("a.sql", "says nothing"),),
            {"is_claimed": True},
            "where it left files out, run that workflow",
            False,
        ),
    ],
    ids=["file", "shard", "both", "report"],
)
def test_what_helps_where_something_was_missed(
    skips: tuple[Skipped, ...], changes: dict[str, bool], said: str, hides: bool
) -> None:
    """To hide files is no answer to a run that did not look at them."""
    made = review(artifacts=[artifact(f"{name}.sql", Kind.SQL_QUERY) for name in "ab"], skips=skips, **changes)
    text = parts.what_now(made)
    assert said in text
    assert (HIDE in text) == hides


def test_what_nobody_looked_at_is_not_said_to_be_reviewed() -> None:
    text = summary_comment(incomplete())
    assert "Reviewed: 2 dbt models, 1 DAG, 1 dbt properties file, 1 PySpark job, 1 migration" in text
    assert "in 6 data files of 7 changed files; 1 not checked" in text


def test_what_has_an_inline_comment_is_not_explained_again() -> None:
    whole = everything()
    text = summary_comment(whole, Account(commented=whole.inline))
    assert "**Fix:**" not in text
    assert all(parts.finding_line(each, whole) in text for each in whole.findings)
    first = whole.findings[0].fingerprint
    assert summary_comment(whole, Account(commented=frozenset({first}))).count("**Fix:**") == len(whole.findings) - 1


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_shown(kind: Kind) -> None:
    whole = review(artifacts=[artifact("a", kind)])
    for text in (summary_comment(whole), markdown(whole)):
        assert f"Reviewed: 1 {kind.noun}" in text


def test_few_findings_are_unfolded_and_many_are_not() -> None:
    assert "<summary><b>" not in summary_comment(many(8))
    text = summary_comment(many(40))
    assert text.index("#### 🛑 Critical · 10") < text.index("<summary><b>🔴 High · 10</b></summary>")


def test_inline_comment_says_what_why_and_what_to_do() -> None:
    text = inline_comment(finding(severity=Severity.HIGH), review([finding(severity=Severity.HIGH)]))
    assert text.splitlines()[0] == "**🔴 High: An incremental model has no unique key**"
    assert "\n\nRows that arrive twice are kept twice.\n\n**Fix:** Set `unique_key`" in text
    assert "<sub>`DBT001` · Data quality · blocks this pull request</sub>" in text
    assert "· does not block</sub>" in inline_comment(finding(), review([finding()]))


@pytest.mark.parametrize(
    ("tier", "said"), [(Tier.CORROBORATED, "verified"), (Tier.ADVISORY, "advisory")], ids=["verified", "advisory"]
)
def test_an_agents_finding_says_how_well_it_is_held_up(tier: Tier, said: str) -> None:
    entry = finding(source="agent:data-engineer", tier=tier)
    whole = review([entry])
    assert f"<sub>`data-engineer` · Data quality · {said} · does not block</sub>" in inline_comment(entry, whole)
    assert f"(`data-engineer`, {said})" in summary_comment(whole)
    assert "not verified" not in summary_comment(whole) + inline_comment(entry, whole)


@pytest.mark.parametrize(
    ("entry", "block"),
    [
        (finding(suggestion=Suggestion("    a,\n    b")), "\n```suggestion\n    a,\n    b\n```\n"),
        (finding(suggestion=Suggestion("")), "\n```suggestion\n```\n"),
        (finding(suggestion=Suggestion("x = '```'")), "\n````suggestion\nx = '```'\n````\n"),
        (finding(), None),
        (finding(suggestion=Suggestion("a"), location=Location(FCT, 3, 3, Side.LEFT)), None),
        (finding(suggestion=Suggestion("token = 'hunter2 hunter2'")), None),
        (finding(suggestion=Suggestion("a\u202eb")), None),
        (finding(suggestion=Suggestion("<!-- data-review:summary -->")), None),
    ],
    ids=["edit", "deletion", "backticks", "none", "removed line", "secret", "bidi", "marker"],
)
def test_suggestions_only_where_exact(entry: object, block: str | None) -> None:
    assert isinstance(entry, type(finding()))
    text = inline_comment(entry, review([entry]))
    if block is None:
        assert "suggestion\n" not in text
    else:
        assert block in text


def test_an_inline_comment_fits_whatever_its_texts() -> None:
    entry = finding(
        title=HUGE * 99, explanation=HUGE * 99, remediation="&" * 9_999, suggestion=Suggestion("a" * 40_000)
    )
    assert len(inline_comment(entry, review([entry]))) < GITHUB_LIMIT


def test_nothing_to_review_locally() -> None:
    local = review(files=[changed("README.md")])
    local = replace(local, target=replace(local.target, pull_request=None, server_url=""))
    assert "nothing in this change touches" in summary_comment(local)


# A summary that says all of a review for which nobody was asked anew


def again(whole: Review, asked: Asked = Asked.REUSED) -> Review:
    """The same head, looked at once more: nothing was spent."""
    assert whole.agent is not None
    return replace(whole, agent=replace(whole.agent, asked=asked, spend=Spend()))


def with_agent(whole: Review) -> Review:
    return replace(whole, agent=AgentReport("data-engineer", "claude-sonnet-5-5", Asked.REVIEWED))


@pytest.mark.parametrize(
    "whole",
    [agent(), with_agent(clean()), with_agent(everything()), with_agent(incomplete()), with_agent(many(400))],
    ids=["agent", "clean", "everything", "incomplete", "more findings than are kept"],
)
def test_it_says_all_of_it(whole: Review) -> None:
    text = summary_comment(whole)
    assert text != summary_comment(again(whole)), "else nobody would have to ask"
    for stands in (
        text,
        text.replace("\n", "\r\n"),
        f"\r\n{text}  \n",
        summary_comment(whole, Account(commented=whole.inline)),
    ):
        assert says_all_of(stands, again(whole))


@pytest.mark.parametrize("asked", [each for each in Asked if each is not Asked.REUSED])
def test_of_a_review_for_which_somebody_was_asked_it_does_not(asked: Asked) -> None:
    """What that took is to be read there."""
    text = summary_comment(agent())
    assert not says_all_of(text, again(agent(), asked))
    assert not says_all_of(summary_comment(again(agent(), asked)), again(agent(), asked))


def test_nor_of_one_without_an_agent() -> None:
    assert not says_all_of(summary_comment(everything()), everything())


def test_nor_where_there_is_something_new_to_notice() -> None:
    text = summary_comment(agent())
    noticed = replace(again(agent()), notices=("The break-glass label `urgent` opens nothing: eve set it.",))
    assert not says_all_of(text, noticed)
    assert says_all_of(summary_comment(replace(agent(), notices=noticed.notices)), noticed)


FIRST = agent().findings[0].fingerprint
LAST = agent().findings[-1].fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'"head":"{HEAD}"', f'"head":"{"a" * 40}"'),
        (f'"{FIRST}",', ""),
        (f'"{FIRST}"', f'"{"f" * 16}"'),
        (f'"{LAST}"', f'"{LAST}","{"f" * 16}"'),
        ("<!-- data-review:state ", "<!-- data-review:stated "),
        ("<!-- data-review:state ", "<!-- data-review:state {} -->\n<!-- data-review:state "),
        ("4 findings block this pull request", "3 findings block this pull request"),
        ("### ❌ Data", "### ✅ Data"),
        ("| ❌ | **Security** | fail |", "| ✅ | **Security** | pass |"),
        ("Retries are set in", "Retries are not set in"),
        ("| | Standard | Status | Why |\n|---|---|---|---|\n", ""),
    ],
    ids=[
        "another head",
        "a finding less",
        "another finding",
        "a finding more",
        "no state",
        "two states",
        "another number",
        "another verdict",
        "another status",
        "another rationale",
        "no table",
    ],
)
def test_one_that_differs_does_not_say_it(old: str, new: str) -> None:
    text = summary_comment(agent())
    assert text.count(old) == 1
    assert says_all_of(text, again(agent()))
    assert not says_all_of(text.replace(old, new), again(agent()))


def test_nor_does_one_that_knows_the_findings_in_another_order() -> None:
    text = summary_comment(agent())
    turned = text.replace(f'"{FIRST}"', "*").replace(f'"{LAST}"', f'"{FIRST}"').replace("*,", f'"{LAST}",')
    assert not says_all_of(turned, again(agent()))


@pytest.mark.parametrize("text", ["", "LGTM", summary_comment(irrelevant()), summary_comment(everything())])
def test_any_other_text_says_nothing_of_it(text: str) -> None:
    assert not says_all_of(text, again(agent()))


@pytest.mark.parametrize(
    "now",
    [
        replace(agent(), changeset=replace(agent().changeset, head_sha="a" * 40)),
        replace(agent(), findings=agent().findings[:-1]),
        replace(agent(), findings=(finding(evidence="new"), *agent().findings)),
    ],
    ids=["a new push", "a finding less", "a new finding"],
)
def test_of_a_review_that_differs_it_does_not_say_all(now: Review) -> None:
    assert not says_all_of(summary_comment(agent()), again(now))


def test_the_checklist_alone_may_differ() -> None:
    def judged(rationale: str) -> Review:
        said = (Judgement(Standard.COST, Judged.CONCERN, rationale),)
        report = AgentReport("data-engineer", "claude-sonnet-5-5", Asked.REVIEWED, said)
        return review((), [artifact(FCT, Kind.DBT_MODEL)], agent=report)

    text = summary_comment(judged("The join is cheap."))
    assert says_all_of(text, again(judged("The join is cheap.")))
    assert not says_all_of(text, again(judged("The join is dear.")))


def test_what_says_all_is_left_as_it_stands() -> None:
    for whole, writes in ((again(agent()), []), (again(agent(), Asked.REVIEWED), ["edit"])):
        github = FakeGitHub([posted(summary_comment(agent()).replace("\n", "\r\n"))])

        def says_it(text: str, whole: Review = whole) -> bool:
            return says_all_of(text, whole)

        publish_summary(github, summary_comment(whole), is_summary, says_it=says_it)
        assert github.writes == writes
