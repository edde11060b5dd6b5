"""Report files, job summary and outputs: written whole, inside the workspace, and nobody sets another's output."""

import os
import re
from pathlib import Path

import pytest

from review.publish import files
from review.publish.base import NotPublished, Published
from review.publish.files import MAX_STEP_SUMMARY, publish_outputs, publish_report, publish_step_summary

TEXTS = {"review.json": "{}\n", "review.md": "é\n"}


def reason(outcome: object) -> str:
    assert isinstance(outcome, NotPublished)
    return outcome.reason


def test_the_report_is_written_and_replaced(tmp_path: Path) -> None:
    for texts in (TEXTS, {name: text * 2 for name, text in TEXTS.items()}):
        assert isinstance(publish_report(tmp_path, "out/report", texts), Published)
        folder = tmp_path / "out" / "report"
        assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == texts
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_line_ends_and_what_is_no_unicode(tmp_path: Path) -> None:
    publish_report(tmp_path, "r", {"a": "x\r\ny\n\udcff"})
    assert (tmp_path / "r" / "a").read_bytes() == b"x\r\ny\n?"


@pytest.mark.parametrize("folder", ["link", "link/deeper/still", "dangling"])
def test_a_link_out_of_the_workspace_is_refused(folder: str, tmp_path: Path) -> None:
    """The checkout is the author's: a link in it must not lead our files, nor even a folder, elsewhere."""
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    workspace.mkdir()
    outside.mkdir()
    (workspace / "link").symlink_to(outside)
    (workspace / "dangling").symlink_to(tmp_path / "nowhere")
    assert "symbolic link" in reason(publish_report(workspace, folder, TEXTS))
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_a_link_in_a_files_place_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("theirs")
    workspace = tmp_path / "workspace"
    (workspace / "r").mkdir(parents=True)
    (workspace / "r" / "review.json").symlink_to(target)
    publish_report(workspace, "r", TEXTS)
    assert target.read_text() == "theirs"
    assert (workspace / "r" / "review.json").read_text() == "{}\n"


def test_a_workspace_that_is_a_link_itself_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "workspace").symlink_to(tmp_path / "real")
    assert isinstance(publish_report(tmp_path / "workspace", "r", TEXTS), Published)


def test_a_file_in_the_folders_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("")
    assert reason(publish_report(tmp_path, "r", TEXTS)).startswith("r in the workspace cannot be written (")


def test_what_fails_half_way_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_report(tmp_path, "r", TEXTS)

    def full(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fdopen", full)
    assert "No space left on device" in reason(publish_report(tmp_path, "r", {"review.json": "new"}))
    assert {path.name: path.read_text("utf-8") for path in (tmp_path / "r").iterdir()} == TEXTS


def test_the_summary_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    for text in ("a\n", "é\n"):
        assert isinstance(publish_step_summary(path, text), Published)
    assert path.read_text("utf-8") == "a\né\n"


def test_a_summary_too_large_is_cut_at_a_line_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    publish_step_summary(path, "é" * 98 + "\n" + "🙂" * 99 + "\n" + ("é" * 99 + "\n") * 6_000)
    data = path.read_bytes()
    assert len(data) <= MAX_STEP_SUMMARY
    lines = data.decode().splitlines()
    assert lines[-1] == "*The summary is cut here; the report files hold the rest.*"
    assert set(lines[2:-2]) == {"é" * 99}


def test_no_summary_file() -> None:
    assert "GITHUB_STEP_SUMMARY" in reason(publish_step_summary(None, "x"))
    assert "GITHUB_OUTPUT" in reason(publish_outputs(None, {}))


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert "cannot be written" in reason(publish_step_summary(tmp_path / "no" / "summary", "x"))
    assert "cannot be written" in reason(publish_outputs(tmp_path / "no" / "output", {"a": "b"}))


def read_outputs(text: str) -> dict[str, str]:
    """As the runner reads the file (actions/runner, FileCommandManager)."""
    outputs, lines = {}, iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, _, delimiter = line.partition("<<")
        outputs[name] = "\n".join(iter(lambda: next(lines), delimiter))
    return outputs


def test_no_value_sets_another_output(tmp_path: Path) -> None:
    path = tmp_path / "output"
    given = {"verdict": "pass", "url": "a\nend_0\nverdict<<x\nfail\nx\n", "checklist": '[{"a": "<<"}]', "empty": ""}
    assert isinstance(publish_outputs(path, given), Published)
    assert read_outputs(path.read_text("utf-8")) == given
    delimiters = re.findall(r"<<(end_[0-9a-f]{32})$", path.read_text("utf-8"), re.MULTILINE)
    assert len(set(delimiters)) == len(given)


def test_outputs_are_appended(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("earlier=1" + os.linesep)
    publish_outputs(path, {"a": "1"})
    assert path.read_text().startswith("earlier=1\na<<end_")
