import os
from pathlib import Path

import pytest
from git_checkout import Checkout

from review.git.workspace import find, is_object_name, read_regular


def test_checkout_worktree_bare_and_nothing(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"a": "x"})
    checkout.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other")
    checkout.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    common = (checkout.path / ".git").resolve()
    linked = find(tmp_path / "linked")
    assert find(checkout.path).objects == checkout.path / ".git/objects"
    assert linked.common.resolve() == common
    assert linked.git.resolve() == common / "worktrees/linked"
    assert find(tmp_path / "bare.git").objects == tmp_path / "bare.git/objects"
    assert find(linked.git).common.resolve() == common
    assert find(checkout.path / ".git").objects == checkout.path / ".git/objects"
    assert find(tmp_path / "nothing") is None
    assert find(tmp_path) is None


def test_climbs_only_where_asked(checkout: Checkout) -> None:
    checkout.commit({"deep/er/a": "x"})
    assert find(checkout.path / "deep/er") is None
    assert find(checkout.path / "deep/er", climb=True).git == checkout.path / ".git"


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"gitdir: /nowhere\n", b"gitdir: \0\n", b"gitdir: " + b"x" * 300, b"gitdir: " + b"x" * 9000],
)
def test_a_git_file_that_leads_nowhere_is_no_repository(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".git").write_bytes(content)
    assert find(tmp_path) is None


def test_a_named_pipe_is_never_waited_for(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"a": "x"})
    os.mkfifo(checkout.path / ".git/shallow")
    os.mkfifo(checkout.path / ".git/refs/heads/pipe")
    found = find(checkout.path)
    assert found.shallow() == ()
    assert "refs/heads/main" in found.refs()
    assert "refs/heads/pipe" not in found.refs()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert read_regular(pipe) is None


def test_only_whole_object_names_of_the_shallow_file_are_taken(checkout: Checkout) -> None:
    sha = checkout.commit({"a": "x"})
    (checkout.path / ".git/shallow").write_text(f"{sha}\nroot:x:0:0\n{sha[:12]}\n{sha.upper()}x\n")
    assert find(checkout.path).shallow() == (sha,)


def test_object_names() -> None:
    assert is_object_name("a" * 40)
    assert is_object_name("0" * 64)
    assert not is_object_name("g" * 40)
    assert not is_object_name("A" * 40)
    assert not is_object_name("a" * 41)
    assert not is_object_name("--upload-pack=evil")


def test_a_broken_checkout_is_not_taken_for_the_repository_around_it(checkout: Checkout) -> None:
    inner = checkout.path / "vendor" / "lib"
    inner.mkdir(parents=True)
    (inner / ".git").write_text("gitdir: /nowhere\n")
    assert find(inner, climb=True) is None
