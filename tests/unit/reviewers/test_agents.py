"""The agents that come with the project, and the page that says what a file may hold."""

from pathlib import Path

import pytest

from review.domain.agent import Topic
from review.domain.finding import Standard
from review.reviewers import bundled
from review.reviewers.agent_file import EFFORTS, HONOURED, MAX_BYTES, OURS, UNNOTICED, WITHOUT_EFFECT, Agent, read_agent

AGENTS = Path(__file__).parents[3] / "agents"


def load(name: str) -> Agent:
    text = bundled.bundled(name)
    assert text is not None
    return read_agent(text, f"agents/{name}.md")


def test_every_file_but_the_page_is_an_agent() -> None:
    assert bundled.names() == ("data-engineer", "verifier")
    assert {path.stem for path in AGENTS.glob("*.md")} == {*bundled.names(), "README"}


@pytest.mark.parametrize("name", bundled.names())
def test_they_load_without_a_notice(name: str) -> None:
    agent = load(name)
    assert agent.name == name
    assert agent.model == "sonnet"
    assert agent.notices == ()


@pytest.mark.parametrize(("name", "least", "most"), [("data-engineer", 1800, 2600), ("verifier", 500, 900)])
def test_they_are_read_in_every_request(name: str, least: int, most: int) -> None:
    assert least <= len(load(name).body.split()) <= most


@pytest.mark.parametrize("standard", Standard)
def test_the_data_engineer_knows_every_standard(standard: Standard) -> None:
    number = list(Standard).index(standard) + 1
    _, _, section = load("data-engineer").body.partition(f"\n### {number}. {standard.title}\n")
    section = section.partition("\n#")[0]
    for word in ("*Good*", "*Defects*", "DAGs", "dbt", "Spark", "SQL", "*Not*"):
        assert word in section


@pytest.mark.parametrize("topic", Topic)
def test_the_data_engineer_knows_every_topic(topic: Topic) -> None:
    _, _, section = load("data-engineer").body.partition("\n## When to ask\n")
    assert f"- **{topic.value}**" in section


@pytest.mark.parametrize("name", bundled.names())
def test_the_format_and_the_tools_are_left_to_what_is_added(name: str) -> None:
    words = {word.strip(".,:;()`*\"'").casefold() for word in load(name).body.split()}
    assert not words & {"json", "yaml", "grep", "glob", "read_file", "schema_version"}


def test_the_sceptic_knows_its_verdicts() -> None:
    for verdict in ("confirmed", "refuted", "needs-author"):
        assert f"- **{verdict}**: " in load("verifier").body


def test_the_page_and_the_loader_agree() -> None:
    page = (AGENTS / "README.md").read_text("utf-8")
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    keys = [key for cell, _ in rows for key in cell.split("`")[1::2]]
    assert keys == [*HONOURED, *WITHOUT_EFFECT, *UNNOTICED]
    said = {cell.strip(" `"): text for cell, text in rows}
    assert tuple(said["effort"].split("`")[1::2]) == EFFORTS
    assert tuple(said["tools"].split("`")[1:6:2]) == OURS
    assert f"{MAX_BYTES // 1024} KiB" in page


@pytest.mark.parametrize(
    "name", ["", "README", "../README", "data-engineer.md", "nobody", "a/b", "..", "Data-Engineer"]
)
def test_nothing_else_is_given(name: str) -> None:
    assert bundled.bundled(name) is None


def test_installed_they_lie_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "review"
    package.mkdir(parents=True)
    monkeypatch.setattr(bundled, "PACKAGE", package)
    stranger = tmp_path / "site-packages" / "agents"
    stranger.mkdir()
    (stranger / "other.md").write_text("another package's", "utf-8")
    assert bundled.names() == ()
    assert bundled.bundled("other") is None

    (package / "agents").mkdir()
    (package / "agents" / "data-engineer.md").write_text("ours", "utf-8")
    (stranger / "data-engineer.md").write_text("another package's", "utf-8")
    assert bundled.names() == ("data-engineer",)
    assert bundled.bundled("data-engineer") == "ours"
