"""What the process says: our commands escaped as the runner unescapes them, nobody else's obeyed, no secret shown."""

import re
from collections.abc import Callable, Mapping

import pytest

from review import log
from review.render.annotations import Annotation

RUNNER = {"GITHUB_ACTIONS": "true"}
TERMINAL: dict[str, str] = {}
SECRET = "ghp_" + "a1B2" * 9
Say = Callable[[str, Mapping[str, str]], None]


def obeyed(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands that the runner finds in a log, unescaped (actions/runner, ActionCommand.cs)."""

    def data(value: str) -> str:
        return value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    found = []
    for line in text.splitlines():
        assert "##[" not in line, "the legacy form is looked for anywhere"
        if match := re.match(r"\s*::([\w-]+)(?: (.*?))?::(.*)$", line):
            pairs = dict(pair.split("=", 1) for pair in (match[2] or "").split(",") if pair)
            properties = {key: data(value.replace("%3A", ":").replace("%2C", ",")) for key, value in pairs.items()}
            found.append((match[1], properties, data(match[3])))
    return found


@pytest.mark.parametrize("name", ["notice", "warning", "error", "debug"])
@pytest.mark.parametrize(
    "text",
    ["plain", "100 % sure", "two\nlines", "::error::x", "a\n::set-output name=a::b", "%0A::error::x", "a::b", "é🙂"],
)
def test_a_message_arrives_as_it_is(name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    getattr(log, name)(text, RUNNER)
    out, err = capsys.readouterr()
    assert obeyed(out) == [(name, {}, text)]
    assert (len(out.splitlines()), err) == (1, "")


@pytest.mark.parametrize("name", ["notice", "warning", "error"])
def test_on_a_terminal_it_is_a_line_of_stderr(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    getattr(log, name)("two\nlines", TERMINAL)
    assert capsys.readouterr() == ("", f"data-review: {name}: two lines\n")


def test_debugging_is_for_workflows(capsys: pytest.CaptureFixture[str]) -> None:
    log.debug("x", TERMINAL)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    ["::error::x", "  ::error::x", "a\n::error::x", "a\r\n::error::x", "a\r::error::x", "\u2028::x::y", "##[x]y"],
)
def test_no_line_of_others_is_a_command(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    for environ in (RUNNER, TERMINAL):
        log.line(text, environ)
        out = capsys.readouterr().out
        assert out.count("\n") == 1
        if environ is RUNNER:
            assert obeyed(out) == []
        assert "##[" not in out


def test_a_line_that_is_harmless_stays(capsys: pytest.CaptureFixture[str]) -> None:
    log.line("std::vector is at 50 % of a::b", RUNNER)
    assert capsys.readouterr().out == "std::vector is at 50 % of a::b\n"


ANNOTATION = Annotation("error", "a,b:c%.sql", 3, 5, "Title, with: signs", "100 %\n::error::x")


def test_an_annotation_arrives_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    log.annotate(ANNOTATION, RUNNER)
    place = {"file": "a,b:c%.sql", "title": "Title, with: signs", "line": "3", "endLine": "5"}
    assert obeyed(capsys.readouterr().out) == [("error", place, "100 %\n::error::x")]


def test_an_annotation_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    log.annotate(Annotation("notice", "a.sql", None, None, "t", "m"), RUNNER)
    assert capsys.readouterr().out == "::notice file=a.sql,title=t::m\n"


def test_a_path_cannot_end_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    path = "a::error::b,line=1\n::stop-commands::x.sql"
    log.annotate(Annotation("error", path, None, None, path, path), RUNNER)
    assert obeyed(capsys.readouterr().out) == [("error", {"file": path, "title": path}, path)]


def test_an_annotation_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    log.annotate(ANNOTATION, TERMINAL)
    log.annotate(Annotation("notice", "a.sql", None, None, "t", "m"), TERMINAL)
    out = capsys.readouterr().out
    assert out == "a,b:c%.sql:3: error: Title, with: signs: 100 % ::error::x\na.sql: notice: t: m\n"


def test_a_group_ends_whatever_happens(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="x"), log.group("Title", RUNNER):
        raise ValueError("x")
    assert capsys.readouterr().out == "::group::Title\n::endgroup::\n"
    with log.group("Title", TERMINAL):
        pass
    assert capsys.readouterr().out == "Title\n"


def test_nothing_is_obeyed_inside(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = []
    for _ in range(2):
        with pytest.raises(ValueError, match="x"), log.without_commands(RUNNER):
            raise ValueError("x")
        lines = capsys.readouterr().out.splitlines()
        token = lines[0].removeprefix("::stop-commands::")
        assert re.fullmatch("[0-9a-f]{32}", token)
        assert lines == [f"::stop-commands::{token}", f"::{token}::"]
        tokens.append(token)
    assert len(set(tokens)) == 2, "nobody can guess it"
    with log.without_commands(TERMINAL):
        pass
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("environ", [RUNNER, TERMINAL], ids=["runner", "terminal"])
@pytest.mark.parametrize("say", [log.notice, log.warning, log.error, log.line])
def test_secrets_are_blotted_out(say: Say, environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    say(f"git said: https://x-access-token:{SECRET}@github.com and password='hunter2x' and {SECRET}", environ)
    text = "".join(capsys.readouterr())
    assert "a1B2" not in text
    assert "hunter2x" not in text
    assert "(redacted)" in text


def test_secrets_are_blotted_out_of_annotations(capsys: pytest.CaptureFixture[str]) -> None:
    for environ in (RUNNER, TERMINAL):
        log.annotate(Annotation("error", "a.sql", 1, 1, SECRET, SECRET), environ)
        assert "a1B2" not in capsys.readouterr().out


def test_no_sign_that_does_more_than_show(capsys: pytest.CaptureFixture[str]) -> None:
    for environ in (RUNNER, TERMINAL):
        log.line("a\x1b[31mb\u202ec\x07d\te\x00", environ)
        assert capsys.readouterr().out == "a\ufffd[31mb\ufffdc\ufffdd e\ufffd\n"


def test_a_message_fits_what_the_runner_takes(capsys: pytest.CaptureFixture[str]) -> None:
    log.error("x" * 9_000_000, RUNNER)
    ((_, _, message),) = obeyed(capsys.readouterr().out)
    assert message == "x" * log.MAX_MESSAGE
