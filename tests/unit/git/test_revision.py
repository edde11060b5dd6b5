from pathlib import Path

import pytest
from git_checkout import Checkout

from review.errors import InputError
from review.git.revision import Revisions


def test_resolves_what_a_person_types(checkout: Checkout) -> None:
    first = checkout.commit({"dir/a": "1"})
    second = checkout.commit({"dir/a": "2"})
    checkout.git("tag", "-a", "v1", "-m", "v1", first)
    checkout.git("branch", "feature/x", first)
    checkout.git("pack-refs", "--all")
    checkout.git("branch", "loose", first)
    with Revisions(checkout.path / "dir") as revisions:
        assert revisions.resolve("HEAD") == revisions.resolve("main") == revisions.resolve(second) == second
        names = ("HEAD~1", "main^", "v1", "feature/x", "loose", first[:10], "refs/heads/feature/x")
        assert {revisions.resolve(name) for name in names} == {first}
        assert revisions.default_base() == "main"
        assert revisions.workspace.git == checkout.path / ".git"


@pytest.mark.parametrize("name", ["", "nope", "--all", "-h", "main:dir/a", "HEAD\nmain", "HEAD~99", "main..HEAD", "\0"])
def test_what_names_no_commit_is_one_sentence(checkout: Checkout, name: str) -> None:
    checkout.commit({"dir/a": "1"})
    with Revisions(checkout.path) as revisions, pytest.raises(InputError, match="names no commit"):
        revisions.resolve(name)


def test_default_base_prefers_the_servers_branch(checkout: Checkout, tmp_path: Path) -> None:
    checkout.git("branch", "-m", "trunk")
    checkout.commit({"a": "1"})
    checkout.git("clone", "-q", ".", "../clone")
    clone = Checkout(tmp_path / "clone", init=False)
    with Revisions(clone.path) as revisions:
        assert revisions.resolve(revisions.default_base()) == checkout.git("rev-parse", "HEAD")
    with Revisions(checkout.path) as revisions, pytest.raises(InputError, match="--base"):
        revisions.default_base()


def test_worktree_has_its_own_head(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"a": "1"})
    checkout.git("worktree", "add", "-q", "../linked", "-b", "linked")
    linked = Checkout(tmp_path / "linked", init=False)
    sha = linked.commit({"a": "2"})
    with Revisions(linked.path) as revisions:
        assert revisions.resolve("HEAD") == sha != revisions.resolve("main")


def test_sha256(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "long", object_format="sha256")
    sha = checkout.commit({"a": "1"})
    with Revisions(checkout.path) as revisions:
        assert revisions.resolve("HEAD") == sha


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not inside a git repository"):
        Revisions(tmp_path)


@pytest.mark.parametrize(
    ("name", "advice"),
    [("nope", "`git branch --all`"), ("main@{1}", r"reflogs \(`@\{…\}`\)"), (":/fix", "name the commit itself")],
)
def test_what_names_no_commit_is_told_what_to_do(checkout: Checkout, name: str, advice: str) -> None:
    checkout.commit({"dir/a": "1"})
    with Revisions(checkout.path) as revisions, pytest.raises(InputError, match=advice):
        revisions.resolve(name)


def test_a_shallow_clone_is_told_to_fetch(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"dir/a": "1"})
    checkout.commit({"dir/a": "2"})
    checkout.git("clone", "-q", "--depth=1", f"file://{checkout.path}", str(tmp_path / "shallow"))
    with Revisions(tmp_path / "shallow") as revisions, pytest.raises(InputError, match="git fetch --unshallow"):
        revisions.resolve("HEAD~1")
