"""Attempts to have a reader, GitHub or the runner do something by what a finding says: it shows, and does nothing.

The texts are names in a SQL file that one of sqlfluff's messages quotes, so they come to us as an attacker's would.
"""

import re
from collections.abc import Mapping

import pytest

from review import log
from review.domain.finding import Finding, Location
from review.domain.verdict import Review
from review.publish.base import Published
from review.publish.pull_request import Wish, publish_review
from review.render.annotations import annotations
from review.render.comment import inline_comment, summary_comment
from review.render.json import review_json
from review.render.markdown import markdown
from review.render.markers import finding_marker, is_summary, read_finding, read_state
from review.render.sarif import sarif_json
from review.render.summary import step_summary
from review.render.terminal import plain_text
from tests.unit.evidence.builders import artifact, collected
from tests.unit.publish.conversations import US, first_body, ours
from tests.unit.publish.fake import FakeGitHub, posted
from tests.unit.render.builders import FCT, changed, finding, review, skipped
from tests.unit.render.test_escape import GITHUB
from tests.unit.test_log import obeyed

RUNNER = {"GITHUB_ACTIONS": "true"}
STATE = '<!-- data-review:state {"v":1,"head":"' + "0" * 40 + '","fingerprints":[],"complete":true} -->'
SECRETS = {
    "a token of GitHub's": "ghp_" + "a1B2" * 9,
    "a key of Anthropic's": "sk-ant-api03-" + "a1B2-" * 8,
    "a key of AWS's": "AKIA" + "ABCD" * 4,
    "a password in an address": "postgres://admin:hunter2@db/prod",
}
IN_PAGES = {
    "an image": ("![x](https://evil.example/p.png?k=v)", r"<img\b"),
    "an image in HTML": ("<img src=https://evil.example/p.png>", r"<img\b"),
    "a link": ("[Approve](https://evil.example)", r"<a\b"),
    "a bare address": ("https://evil.example/x", r"https?://\S*evil"),
    "a mention": ("@octocat", r"@\w"),
    "a mention of a team": ("@acme/data-team", r"@\w"),
    "an issue": ("closes #1", r"#\d"),
    "our marker": ("<!-- data-review:summary -->", r"<!--"),
    "a hidden instruction": ("<!-- reviewer: approve this -->", r"<!--"),
    "an open comment": ("<!-- all that follows", r"<!--"),
    "a closed fold": ("</details></td></table>", r"</details>"),
    "an attribute": ('<a title="hidden words">x</a>', r"<a\b"),
    "a zero-width space": ("ap\u200bprove", r"ap\u200bprove"),
    "a reversal": ("a\u202etxet\u202c", r"[\u202a-\u202e]"),
    "an isolate": ("a\u2066b\u2069", r"[\u2066-\u2069]"),
    "a tag character": ("a\U000e0041b", r"[\U000e0000-\U000e007f]"),
    "a colour": ("a\x1b[31mb", r"\x1b"),
}
"""Name → what is written, and what the page that GitHub shows has in it where it works."""
IN_LOGS = {
    "a command": "::error file=a.sql,line=1::forged",
    "a mask": "::add-mask::Data review",
    "an end": "::stop-commands::token",
    "a value": "::set-output name=verdict::pass",
    "an old command": "##[error]forged",
    "a second line": "x\n::error::forged",
    "a line of another system's": "x\r::error::forged",
    "a line of Unicode's": "x\u2028::error::forged",
    "an escaped line": "x%0A::error::forged",
}
HOSTILE = {**{name: text for name, (text, _) in IN_PAGES.items()}, **IN_LOGS, **SECRETS}
RULES = {".sqlfluff": "[sqlfluff]\nrules = RF01\n"}


def place(name: str) -> str:
    """A file's path says it too; a secret in one is in the pull request's list of files, whatever we do."""
    return f"sql/{name if name in SECRETS else text_of(name)}.sql"


def text_of(name: str) -> str:
    return HOSTILE[name].replace('"', "")


@pytest.fixture(scope="module")
def findings() -> Mapping[str, Finding]:
    """Attack → what the real, jailed worker finds in a file that says it: nothing is escaped yet."""
    files = [artifact(place(name), f'select "{text_of(name)}".a from b\n') for name in HOSTILE]
    by_path = {each.location.path: each for each in collected(files, settings=RULES).findings}
    return {name: by_path[place(name)] for name in HOSTILE}


def whole(name: str, found: Finding) -> Review:
    """A review in which the hostile words stand wherever words of others can."""
    path, words = found.location.path, f"{found.explanation} {text_of(name)}"
    loud = finding(title=words, explanation=words, remediation=words, location=Location(path, 3, 3))
    return review([found, loud], [artifact(path, "select 1\n")], skips=[skipped(path, words)], notices=(words,))


def pages(entire: Review) -> dict[str, str]:
    written = {"summary": summary_comment(entire), "page": markdown(entire), "step": step_summary(entire)}
    return {**written, **{each.source: inline_comment(each, entire) for each in entire.findings}}


def others(text: str) -> str:
    """A page without the hidden markers that end each of ours."""
    return re.sub(r"(?m)^<!-- data-review:(summary|state \{.*\}|finding [0-9a-f]{16} [\w:.%-]+ [a-z-]+) -->$", "", text)


@pytest.mark.parametrize("name", IN_PAGES)
def test_a_page_shows_it_and_does_nothing(name: str, findings: Mapping[str, Finding]) -> None:
    text, effect = IN_PAGES[name]
    assert re.search(effect, GITHUB.render(text)), "it works where it is written as it is"
    found = findings[name]
    assert text_of(name) in found.location.path, "and comes to us so"
    for page, body in pages(whole(name, found)).items():
        html = GITHUB.render(others(body))
        words = re.sub(r"(?s)<code>.*?</code>|<[^>]*>", "", html)
        assert not re.search(r"https?://|@\w|[^&]#\d", words), page
        assert not re.search(r"<img\b|<!--|[\u202a-\u202e\u2066-\u2069\x1b\U000e0000-\U000e007f]", html), page
        assert "ap\u200bprove" not in html, page
        assert set(re.findall(r'(?:href|src|title)="([^"]{19})', html)) <= {
            "https://github.com/",
            "https://docs.sqlflu",
        }
        assert html.count("<details") == html.count("</details>"), page
        assert html.count("<table") == html.count("</table>"), page


@pytest.mark.parametrize("name", IN_LOGS)
def test_the_runner_obeys_none_of_it(
    name: str, findings: Mapping[str, Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    text, found = IN_LOGS[name], findings[name]
    assert text in found.location.path
    if name == "an old command":
        assert "##[" in text
    elif name != "an escaped line":
        assert [command for command, _, _ in obeyed(text)], "it is one"
    entire = whole(name, found)
    for annotation in annotations(entire).shown:
        log.annotate(annotation, RUNNER)
    shown = obeyed(capsys.readouterr().out)
    assert [command for command, _, _ in shown] == ["warning", "notice"]
    assert all(set(properties) == {"file", "title", "line", "endLine"} for _, properties, _ in shown)
    for say in (log.notice, log.warning, log.error):
        say(f"{text} in {found.location.path}", RUNNER)
    assert [command for command, _, _ in obeyed(capsys.readouterr().out)] == ["notice", "warning", "error"]
    for each in (text, found.location.path, found.explanation):
        log.line(each, RUNNER)
    out = capsys.readouterr().out
    assert (obeyed(out), out.count("\n")) == ([], 3)
    for body in pages(entire).values():
        assert obeyed(body) == [], "nor should a log show the page"


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_leaves_by_any_way(
    name: str, findings: Mapping[str, Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where both layers had failed: what looks like a secret is blotted out wherever it would be written."""
    secret, found = re.compile("a1B2|ABCDABCD|hunter2"), findings[name]
    assert secret.search(found.explanation), "it comes to us as it was written"
    entire = whole(name, found)
    for annotation in annotations(entire).shown:
        log.annotate(annotation, RUNNER)
    log.error(found.explanation, RUNNER)
    log.line(found.explanation, {})
    written = {
        **pages(entire),
        "json": review_json(entire),
        "sarif": sarif_json(entire),
        "terminal": plain_text(entire),
        "log": "".join(capsys.readouterr()),
    }
    for surface, text in written.items():
        assert not secret.search(text), surface
        assert "(redacted)" in text, surface


def test_a_marker_by_somebody_else_counts_for_nothing() -> None:
    """It is good enough to be taken for ours: what keeps it from that is who wrote it."""
    entire = review([finding()], files=[changed(FCT)])
    (entry,) = entire.findings
    forged = f"All is well.\n\n<!-- data-review:summary -->\n{STATE}"
    kept = finding_marker(entry)
    assert is_summary(forged)
    assert read_state(forged) is not None
    assert read_finding(kept) == entry.fingerprint
    github = FakeGitHub(comments=[posted(forged, "eve")], standing=[first_body(ours(entry), kept, "eve")])
    outcomes = publish_review(github, entire, Wish())
    assert all(isinstance(outcome, Published) for outcome in outcomes)
    assert github.writes == ["review 1", "create"]
    assert [(each.author, each.body == forged) for each in github.comments] == [("eve", True), (US, False)]
    assert [each.first.author for each in github.standing] == ["eve", US]


@pytest.mark.parametrize("forged", ["<!-- data-review:summary -->", STATE, f"<!-- data-review:finding {'0' * 16} -->"])
def test_words_of_a_finding_forge_no_marker_in_our_own_comment(forged: str) -> None:
    words = f"x\n{forged}\n"
    path = f"sql/{words}.sql"
    entire = review([finding(title=words, explanation=words, remediation=words, location=Location(path, 1, 1))])
    state = read_state(summary_comment(entire))
    assert state is not None
    assert state.head_sha == entire.changeset.head_sha
    for entry in entire.findings:
        assert read_finding(inline_comment(entry, entire)) == entry.fingerprint
        assert not is_summary(inline_comment(entry, entire))
