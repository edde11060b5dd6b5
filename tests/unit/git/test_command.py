import time
from pathlib import Path

import pytest

from review.errors import GitError
from review.git.command import Cut, Git, environment, printable
from review.git.repository import Repository


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path)


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program called git in front of the real one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_environment_holds_nothing_of_ours_but_path_certificates_and_proxies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INPUT_GITHUB-TOKEN", "s3cret")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/evil")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=/bin/evil'")
    monkeypatch.setenv("HOME", "/root")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    found = environment(tmp_path)
    assert "s3cret" not in found.values()
    assert not {"GIT_EXTERNAL_DIFF", "GIT_CONFIG_PARAMETERS"} & set(found)
    assert found["HOME"] == str(tmp_path)
    assert found["HTTPS_PROXY"] == "http://proxy:3128"


def test_relative_directories_leave_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "bin:/usr/bin::.:/bin")
    assert environment(tmp_path)["PATH"] == "/usr/bin:/bin"


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "sleep 60 & echo $! > child; sleep 60")
    begin = time.monotonic()
    output = Git(tmp_path).run("status", timeout=0.3)
    assert time.monotonic() - begin < 5
    assert (output.cut, output.ok) == (Cut.TIME, False)
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            break
        time.sleep(0.02)
    else:
        pytest.fail("the child is still running")


def test_a_command_that_writes_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "exec yes")
    output = Git(tmp_path).run("log", limit=100_000)
    assert output.cut is Cut.SIZE
    with pytest.raises(GitError, match=r"^git could not read it: it wrote too much\.$"):
        output.checked("read it")


def test_missing_git_is_one_sentence(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(GitError, match="install git"):
        Git(git.directory).run("status")


def test_reason_is_short_printable_and_without_control_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, r"""printf 'warning: x\nfatal: \033[31m%0400d\n' 0 >&2; exit 128""")
    reason = Git(tmp_path).run("status").reason
    assert reason.startswith("?[31m000")
    assert len(reason) < 220
    assert printable("a\nb\u202e") == "a?b?"


def test_stdin_reaches_git_whole(checkout, tmp_path: Path) -> None:
    sha = checkout.commit({"a": "x"})
    with Repository.from_workspace(checkout.path, sha) as repository:
        lines = f"{sha}\n" * 50_000
        output = repository.git.run("cat-file", "--batch-check", stdin=lines.encode())
    assert output.stdout.count(b"commit") == 50_000
