import base64
import os
from pathlib import Path

import pytest
from git_checkout import Checkout, GitServer, serve

from review.errors import GitError, InputError
from review.git import remote as module
from review.git.patches import Patch, patches
from review.git.remote import Remote
from review.git.repository import Repository

TOKEN = "s3cret-token"
ENCODED = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture
def history(checkout: Checkout, git_root: Path) -> tuple[str, str]:
    text = "".join(f"line {n}\n" for n in range(30))
    base = checkout.commit({"a.sql": "select 1\n", "moved.sql": text, "other.txt": "x"})
    head = checkout.commit(
        {"a.sql": "select 2\n", "there.sql": text + "more\n", "b.sql": "new\n"}, delete=["moved.sql"]
    )
    checkout.commit({"later": "x"})
    serve(checkout, git_root)
    return base, head


@pytest.fixture
def argv_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git that notes its argv (and that of what it starts) before it becomes the real one."""
    folder, log = tmp_path / "bin", tmp_path / "argv"
    folder.mkdir()
    (folder / "git").write_text(
        f'#!/bin/sh\necho "$@" >> {log}\n(sleep 0.05; cat /proc/[0-9]*/cmdline >> {log}) 2>/dev/null &\n'
        'exec /usr/bin/git "$@"\n'
    )
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return log


def test_fetches_with_the_token_outside_argv(history, git_server: GitServer, argv_log: Path) -> None:
    base, head = history
    with Repository.from_remote(f"{git_server.url}/o/r.git", TOKEN, (base, head)) as repository:
        changes = repository.changes(base, head)
        (patch,) = patches(repository, changes.files)
        assert repository.tree(head).text("a.sql") == "select 2\n"
        assert {change.file.path: change.file.old_path for change in changes.files} == {
            "a.sql": None,
            "b.sql": None,
            "there.sql": "moved.sql",
        }
        assert isinstance(patch, Patch)
        assert "+select 2\n" in patch.text
        files = [file for file in repository.directory.rglob("*") if file.is_file()]
        assert not [
            file for file in files if TOKEN.encode() in file.read_bytes() or ENCODED.encode() in file.read_bytes()
        ]
    logged = argv_log.read_text(errors="replace")
    assert "fetch" in logged
    assert TOKEN not in logged
    assert ENCODED not in logged
    assert {authorization for _, authorization in git_server.requests} == {f"basic {ENCODED}"}


def test_blobs_come_in_one_go(history, git_server: GitServer) -> None:
    base, head = history
    with Repository.from_remote(f"{git_server.url}/o/r.git", TOKEN, (base, head)) as repository:
        assert repository.sizes([repository.changes(base, head, lambda _: False).files[0].new_blob]) == {}
        git_server.requests.clear()
        list(patches(repository, repository.changes(base, head, lambda _: False).files))
        fetched = len([path for path, _ in git_server.requests if path.endswith("git-upload-pack")])
        git_server.requests.clear()
        repository.tree(head).texts(["a.sql", "there.sql"])
        assert git_server.requests == []
    assert fetched <= 2


def test_nothing_is_fetched_lazily(history, git_server: GitServer) -> None:
    base, head = history
    with Repository.from_remote(f"{git_server.url}/o/r.git", TOKEN, (base, head)) as repository:
        git_server.requests.clear()
        output = repository.git.run("cat-file", "--batch-check", stdin=f"{head}:a.sql\n".encode())
        assert b"missing" in output.stdout
        assert not repository.git.run("diff-tree", "-p", base, head).ok
        assert git_server.requests == []


def test_wrong_token_names_the_permission(history, git_server: GitServer) -> None:
    with pytest.raises(GitError, match="contents: read") as caught:
        Repository.from_remote(f"{git_server.url}/o/r.git", "wr0ng-token", history)
    assert "wr0ng-token" not in str(caught.value)
    with pytest.raises(GitError, match="contents: read"):
        Repository.from_remote(f"{git_server.url}/o/r.git", "", history)


def test_repository_and_commit_that_are_not_there(history, git_server: GitServer) -> None:
    with pytest.raises(GitError, match="does not exist, or the token may not see it"):
        Repository.from_remote(f"{git_server.url}/o/none.git", TOKEN, history)
    with pytest.raises(GitError, match=r"after a force-push, run the workflow again"):
        Repository.from_remote(f"{git_server.url}/o/r.git", TOKEN, ("1" * 40,))


def test_server_that_fails_for_a_moment(history, git_server: GitServer) -> None:
    base, head = history
    waits: list[float] = []
    git_server.failures = 2
    remote = Remote(f"{git_server.url}/o/r.git", TOKEN, sleep=waits.append)
    repository = Repository(base, None, remote)
    with repository:
        repository._fetch(remote, lambda git: remote.fetch_commits(git, (base, head)))
        assert repository.tree(head).text("a.sql") == "select 2\n"
    assert waits == [1.0, 4.0]


def test_server_that_cannot_be_reached(history, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSES", ())
    with pytest.raises(GitError, match=r"^git could not fetch .* from http://127.0.0.1:1/o/r.git: "):
        Repository.from_remote("http://127.0.0.1:1/o/r.git", TOKEN, history)


def test_token_does_not_follow_a_redirect(history, git_server: GitServer, other_server: GitServer) -> None:
    base, head = history
    git_server.redirect_to = other_server.url
    with Repository.from_remote(f"{git_server.url}/o/r.git", TOKEN, (base, head)) as repository:
        assert repository.tree(head).text("a.sql") == "select 2\n"
    assert git_server.requests[0][1] == f"basic {ENCODED}"
    assert other_server.requests
    assert {authorization for _, authorization in other_server.requests} == {None}


@pytest.mark.parametrize("filter_", ["blob:none", "tree:0"])
def test_workspace_and_server_together(
    history, checkout: Checkout, git_server: GitServer, tmp_path: Path, filter_: str
) -> None:
    """What a checkout with a filter left on the server is fetched from there."""
    base, head = history
    checkout.git("config", "uploadpack.allowFilter", "true")
    checkout.git("clone", "-q", "--no-checkout", f"--filter={filter_}", f"file://{checkout.path}", "../partial")
    partial = tmp_path / "partial"
    with Repository.from_remote(f"{git_server.url}/o/r.git", TOKEN, (base, head), workspace=partial) as repository:
        (patch,) = patches(repository, repository.changes(base, head).files)
        assert repository.tree(base).text("other.txt") == "x"
    assert git_server.requests
    assert isinstance(patch, Patch)
    assert "+select 2\n" in patch.text


def test_whole_workspace_needs_no_server(history, checkout: Checkout) -> None:
    base, head = history
    url = "http://127.0.0.1:9/o/r.git"
    with Repository.from_remote(url, TOKEN, (base, head), workspace=checkout.path) as repository:
        (patch,) = patches(repository, repository.changes(base, head).files)
        assert repository.tree(head).text("a.sql") == "select 2\n"
    assert isinstance(patch, Patch)


@pytest.mark.parametrize("forged", ["commit", "tree", "blob"])
def test_nothing_forged_is_believed(history, checkout: Checkout, git_server: GitServer, forged: str) -> None:
    """An object file of the workspace that holds another object than its name says."""
    base, head = history
    suffix = {"commit": "", "tree": "^{tree}", "blob": ":a.sql"}[forged]
    old, new = (checkout.loose(checkout.git("rev-parse", f"{revision}{suffix}")) for revision in (base, head))
    new.unlink()  # the server's copy is another link to the same file
    new.write_bytes(old.read_bytes())
    with Repository.from_remote(
        f"{git_server.url}/o/r.git", TOKEN, (base, head), workspace=checkout.path
    ) as repository:
        (patch,) = patches(repository, repository.changes(base, head).files)
    assert isinstance(patch, Patch)
    assert "+select 2\n" in patch.text
    assert git_server.requests


def test_server_that_goes_away_costs_content_and_no_more(
    history, git_server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, head = history
    monkeypatch.setattr(module, "_PAUSES", ())
    with Repository.from_remote(f"{git_server.url}/o/r.git", TOKEN, (base, head)) as repository:
        git_server.redirect_to = "http://127.0.0.1:1"
        changes = repository.changes(base, head)
        asked = len(git_server.requests)
        results = list(patches(repository, changes.files))
        tree = repository.tree(head)
        assert tree.text("a.sql") is None
        assert "could not fetch" in tree.unread["a.sql"]
    assert len(git_server.requests) == asked
    assert [skip.subject for skip in changes.skipped] == ["renames"]
    assert len(results) == 4
    assert all(not isinstance(result, Patch) and "could not fetch" in result.reason for result in results)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "o/r",
        "ssh://git@host/o/r",
        "ext::sh -c evil",
        "file:///etc",
        "-u",
        "http://",
        "https://u:p@host/o/r",
        "http://h/\n[core]",
    ],
)
def test_only_plain_web_addresses(url: str) -> None:
    with pytest.raises(InputError, match="not a plain http"):
        Repository.from_remote(url, TOKEN, ("1" * 40,))


def test_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(Remote("https://github.com/o/r.git", TOKEN))
