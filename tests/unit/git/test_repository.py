import os
import subprocess
import time
from pathlib import Path

import pytest
from git_checkout import Checkout

from review.domain.changeset import Entry, Status
from review.errors import GitError, InputError, NoCommonHistory
from review.git import command, listing, tree
from review.git import repository as module
from review.git.patches import Patch, patches
from review.git.repository import Repository


def opened(checkout: Checkout, *commits: str) -> Repository:
    repository = Repository.from_workspace(checkout.path, *commits)
    assert repository is not None
    return repository


def test_lists_every_kind_of_change(checkout: Checkout) -> None:
    text = "".join(f"line {n}\n" for n in range(30))
    base = checkout.commit({"gone": "1", "kept": "a\n", "old name.sql": text, "mode.sh": "x", "will_link": "y"})
    (checkout.path / "mode.sh").chmod(0o755)
    (checkout.path / "will_link").unlink()
    (checkout.path / "will_link").symlink_to("kept")
    (checkout.path / "link").symlink_to("/etc/passwd")
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{base},vendor")
    head = checkout.commit({"kept": "b\n", 'nëw\t"na\nme.sql': text + "more\n"}, delete=["gone", "old name.sql"])
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{base},vendor")
    checkout.git("commit", "-q", "-m", "submodule")
    head = checkout.git("rev-parse", "HEAD")
    with opened(checkout, base, head) as repository:
        files = {change.file.path: change.file for change in repository.changes(base, head).files}
    assert {path: file.status for path, file in files.items()} == {
        "gone": Status.DELETED,
        "kept": Status.MODIFIED,
        "link": Status.ADDED,
        "mode.sh": Status.MODIFIED,
        'nëw\t"na\nme.sql': Status.RENAMED,
        "vendor": Status.ADDED,
        "will_link": Status.MODIFIED,
    }
    assert files['nëw\t"na\nme.sql'].old_path == "old name.sql"
    assert files["mode.sh"].mode_changed
    assert not files["kept"].mode_changed
    assert files["link"].entry is files["will_link"].entry is Entry.SYMLINK
    assert files["vendor"].entry is Entry.SUBMODULE


def test_no_change_is_an_empty_list(checkout: Checkout) -> None:
    base = checkout.commit({"a": "x"})
    head = checkout.commit({}, message="empty")
    with opened(checkout, base, head) as repository:
        assert repository.changes(base, head).files == ()


def test_merge_base_and_no_common_history(checkout: Checkout) -> None:
    fork = checkout.commit({"a": "x"})
    checkout.git("checkout", "-q", "-b", "feature")
    head = checkout.commit({"b": "y"})
    checkout.git("checkout", "-q", "main")
    base = checkout.commit({"c": "z"})
    checkout.git("checkout", "-q", "--orphan", "alone")
    alone = checkout.commit({"d": "z"})
    with opened(checkout, base, head, alone) as repository:
        assert repository.merge_base(base, head) == fork
        with pytest.raises(NoCommonHistory, match="share no ancestor"):
            repository.merge_base(base, alone)


def test_workspace_that_lacks_a_commit_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    sha = checkout.commit({"a": "x"})
    assert Repository.from_workspace(checkout.path, sha, "1" * 40) is None
    assert Repository.from_workspace(tmp_path / "empty", sha) is None
    assert Repository.from_workspace(checkout.path, checkout.blob(f"{sha}^{{tree}}")) is None
    assert Repository.from_workspace(checkout.path, "1" * 64) is None


@pytest.mark.parametrize("name", ["main", "", "-x", "HEAD", "--upload-pack=touch evil", "a" * 39, "a" * 40 + "\n"])
def test_only_full_names_are_taken(checkout: Checkout, name: str) -> None:
    sha = checkout.commit({"a": "x"})
    with pytest.raises(InputError, match="not a commit's full name"):
        Repository.from_workspace(checkout.path, name)
    with opened(checkout, sha) as repository, pytest.raises(InputError):
        repository.changes(sha, name)


def test_sha1_and_sha256_do_not_mix(checkout: Checkout) -> None:
    sha = checkout.commit({"a": "x"})
    with pytest.raises(InputError, match="SHA-256"):
        Repository.from_workspace(checkout.path, sha, "1" * 64)


def test_sha256_repository(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "long", object_format="sha256")
    base = checkout.commit({"a.sql": "select 1\n"})
    head = checkout.commit({"a.sql": "select 2\n"})
    with opened(checkout, base, head) as repository:
        assert repository.merge_base(base, head) == base
        change = repository.changes(base, head)
        (patch,) = patches(repository, change.files)
        assert repository.tree(head).text("a.sql") == "select 2\n"
    assert isinstance(patch, Patch)
    assert "+select 2\n" in patch.text


def test_directory_is_private_and_removed(checkout: Checkout) -> None:
    sha = checkout.commit({"a": "x"})
    with opened(checkout, sha) as repository:
        directory = repository.directory
        assert repository.tree(sha).text("a") == "x"
        assert directory.stat().st_mode & 0o777 == 0o700
    assert not directory.exists()


@pytest.mark.parametrize("name", ["with space", "ünï\tcode", 'quo"te', "line\nbreak", "#hash", "back\\slash", "-dash"])
def test_workspaces_of_any_name(tmp_path: Path, name: str) -> None:
    checkout = Checkout(tmp_path / name)
    sha = checkout.commit({"a": "x"})
    with opened(checkout, sha) as repository:
        assert repository.tree(sha).text("a") == "x"


def test_worktree_and_borrowed_objects(checkout: Checkout, tmp_path: Path) -> None:
    base = checkout.commit({"a": "x"})
    checkout.git("worktree", "add", "-q", "../linked", "-b", "linked")
    checkout.git("clone", "-q", "--shared", ".", "../shared")
    for folder in ("linked", "shared"):
        other = Checkout(tmp_path / folder, init=False)
        head = other.commit({"b": folder})
        with opened(other, base, head) as repository:
            assert [change.file.path for change in repository.changes(base, head).files] == ["b"]


def test_shallow_workspace(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"a": "1"})
    base = checkout.commit({"a": "2"})
    head = checkout.commit({"a": "3"})
    checkout.git("clone", "-q", "--depth=2", f"file://{checkout.path}", "../shallow")
    shallow = Checkout(tmp_path / "shallow", init=False)
    with opened(shallow, base, head) as repository:
        assert repository.is_shallow
        assert repository.merge_base(base, head) == base
    with opened(checkout, base, head) as repository:
        assert not repository.is_shallow


def test_shallow_workspace_without_a_merge_base_says_so(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit({"a": "1"})
    checkout.git("checkout", "-q", "-b", "feature")
    head = checkout.commit({"b": "2"})
    checkout.git("checkout", "-q", "main")
    base = checkout.commit({"c": "3"})
    checkout.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{checkout.path}", "../shallow")
    with opened(Checkout(tmp_path / "shallow", init=False), base, head) as repository:
        with pytest.raises(GitError, match="fetch-depth: 0") as caught:
            repository.merge_base(base, head)
        assert not isinstance(caught.value, NoCommonHistory)


def test_partial_clone_that_lacks_an_inner_tree_is_refused(checkout: Checkout) -> None:
    base = checkout.commit({"deep/a.sql": "select 1\n"})
    head = checkout.commit({"deep/a.sql": "select 2\n"})
    checkout.remove_object(checkout.blob(f"{base}:deep"))
    (checkout.path / ".git/objects/pack/pack-1.promisor").write_text("")
    assert Repository.from_workspace(checkout.path, base, head) is None


@pytest.mark.parametrize(("filter_", "held"), [("blob:none", True), ("tree:0", False)])
def test_partial_clone_is_read_without_the_network(
    checkout: Checkout, tmp_path: Path, filter_: str, held: bool
) -> None:
    checkout.git("config", "uploadpack.allowFilter", "true")
    base = checkout.commit({"deep/a.sql": "select 1\n"})
    head = checkout.commit({"deep/a.sql": "select 2\n"})
    checkout.git("clone", "-q", "--bare", f"--filter={filter_}", f"file://{checkout.path}", "../partial")
    (tmp_path / "partial/config").write_text(
        (tmp_path / "partial/config").read_text() + f"[core]\nsshCommand = touch {tmp_path}/asked\n"
    )
    begin = time.monotonic()
    repository = Repository.from_workspace(tmp_path / "partial", base, head)
    assert (repository is not None) is held
    if repository is not None:
        with repository:
            (lost,) = patches(repository, repository.changes(base, head).files)
            assert not isinstance(lost, Patch)
            assert "partial clone" in lost.reason
            assert repository.tree(head).text("deep/a.sql") is None
            assert "partial clone" in repository.tree(head).unread["deep/a.sql"]
    assert time.monotonic() - begin < 5
    assert not (tmp_path / "asked").exists()


def test_hostile_workspace_runs_nothing(checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every setting here names a command that leaves a file; the last lines show that each one works."""
    base = checkout.commit({"a.sql": "select 1\n", "old.sql": "x\n" * 20})
    head = checkout.commit(
        {"a.sql": "select 2\n", "new.sql": "x\n" * 20 + "y\n", ".gitattributes": "*.sql diff=evil filter=evil\n"},
        delete=["old.sql"],
    )
    canary = tmp_path / "canary"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {canary}\nexit 1\n")
    evil.chmod(0o755)
    git = checkout.path / ".git"
    (git / "info").mkdir(exist_ok=True)
    (git / "info/attributes").write_text("*.sql diff=evil\n")
    (git / "hooks").mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        (git / "hooks" / hook).write_text(evil.read_text())
        (git / "hooks" / hook).chmod(0o755)
    (git / "config").write_text(
        (git / "config").read_text()
        + f"""
[core]
    fsmonitor = {evil}
    hooksPath = {git}/hooks
    sshCommand = {evil}
    pager = {evil}
    gitProxy = {evil}
    alternateRefsCommand = {evil}
    editor = {evil}
    askPass = {evil}
[diff]
    external = {evil}
[diff "evil"]
    command = {evil}
    textconv = {evil}
[filter "evil"]
    clean = {evil}
    smudge = {evil}
    process = {evil}
[credential]
    helper = !{evil}
[uploadpack]
    packObjectsHook = {evil}
[extensions]
    partialClone = far
[remote "far"]
    url = ext::{evil}
    promisor = true
[protocol "ext"]
    allow = always
"""
    )
    checkout.remove_object(checkout.blob(f"{base}:a.sql"))
    monkeypatch.chdir(checkout.path)
    monkeypatch.setenv("GIT_DIR", str(git))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(evil))
    with opened(checkout, base, head) as repository:
        repository.merge_base(base, head)
        list(patches(repository, repository.changes(base, head).files))
        repository.tree(head).texts(repository.tree(head).paths())
        repository.tree(base).texts(repository.tree(base).paths())
    assert not canary.exists()
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run(["git", "status"], cwd=checkout.path, env=environment, capture_output=True, check=False, timeout=20)
    assert canary.exists()


@pytest.mark.parametrize(
    "alternates",
    ["/etc\n", "/proc/self/fd\n", "../../../../..\n", "/dev/zero\n", "\n\n#x\n", '"unclosed\n', "/nowhere\n", "\0\0\n"],
)
def test_alternates_that_point_at_odd_places(checkout: Checkout, alternates: str) -> None:
    sha = checkout.commit({"a": "x"})
    (checkout.path / ".git/objects/info").mkdir(exist_ok=True)
    (checkout.path / ".git/objects/info/alternates").write_text(alternates)
    with opened(checkout, sha) as repository:
        assert repository.tree(sha).text("a") == "x"


def test_object_store_that_hangs_is_given_up(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = checkout.commit({"a": "x"})
    (checkout.path / ".git/objects/info").mkdir(exist_ok=True)
    os.mkfifo(checkout.path / ".git/objects/info/alternates")
    monkeypatch.setattr(module, "_CHECK_TIMEOUT", 0.3)
    begin = time.monotonic()
    assert Repository.from_workspace(checkout.path, sha) is None
    assert time.monotonic() - begin < 5


def test_workspace_of_another_user(checkout: Checkout) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    sha = checkout.commit({"a": "x"})
    for folder, _, files in os.walk(checkout.path):
        for name in (folder, *(f"{folder}/{file}" for file in files)):
            os.chown(name, 65534, 65534)
    with opened(checkout, sha) as repository:
        assert repository.tree(sha).text("a") == "x"


def test_replacement_objects_and_grafts_are_not_believed(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "select 1\n"})
    head = checkout.commit({"a.sql": "drop table x\n"})
    checkout.git("replace", checkout.blob(f"{head}:a.sql"), checkout.blob(f"{base}:a.sql"))
    with opened(checkout, base, head) as repository:
        assert repository.tree(head).text("a.sql") == "drop table x\n"
        (patch,) = patches(repository, repository.changes(base, head).files)
    assert isinstance(patch, Patch)
    assert "+drop table x\n" in patch.text


def test_renames_above_the_limit_are_listed_as_deleted_and_added(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "RENAME_LIMIT", 2)
    text = {n: "".join(f"{n} {line}\n" for line in range(30)) for n in range(4)}
    base = checkout.commit({f"old/{n}_a.sql": body for n, body in text.items()} | {"old/same.sql": "same\n"})
    head = checkout.commit(
        {f"new/{n}_b.sql": body + "more\n" for n, body in text.items()} | {"new/same_b.sql": "same\n"},
        delete=[f"old/{n}_a.sql" for n in text] + ["old/same.sql"],
    )
    with opened(checkout, base, head) as repository:
        changes = repository.changes(base, head)
    statuses = sorted(change.file.status.value for change in changes.files)
    assert statuses == ["added"] * 4 + ["deleted"] * 4 + ["renamed"]
    (skipped,) = changes.skipped
    assert skipped.harmless
    assert "above git's rename limit" in skipped.reason


def test_missing_blob_leaves_exact_renames(checkout: Checkout) -> None:
    base = checkout.commit(
        {"old.sql": "a\nb\n", "moved.sql": "".join(f"m{n}\n" for n in range(9)), "lost.sql": "x\n" * 9}
    )
    head = checkout.commit({"new.sql": "a\nb\n", "there.sql": "m1\nm2\n"}, delete=["old.sql", "moved.sql", "lost.sql"])
    checkout.remove_object(checkout.blob(f"{base}:lost.sql"))
    with opened(checkout, base, head) as repository:
        changes = repository.changes(base, head)
    found = {change.file.path: change.file.status for change in changes.files}
    assert found["new.sql"] is Status.RENAMED
    assert found["there.sql"] is Status.ADDED
    assert [(skip.subject, skip.harmless) for skip in changes.skipped] == [("renames", True)]
    assert "unable to read" in changes.skipped[0].reason


def test_content_is_compared_only_where_a_path_matters(checkout: Checkout) -> None:
    text = "".join(f"{line}\n" for line in range(30))
    base = checkout.commit({"a.txt": text, "a.sql": f"select\n{text}", "same.txt": "x\n", "kept.sql": "select 1\n"})
    head = checkout.commit(
        {"b.txt": f"{text}more\n", "b [1]*.sql": f"select\n{text}more\n", "moved.txt": "x\n", "kept.sql": "select 2\n"},
        delete=["a.txt", "a.sql", "same.txt"],
    )
    with opened(checkout, base, head) as repository:
        files = repository.changes(base, head, lambda path: path.endswith(".sql")).files
    assert [(change.file.status, change.file.path) for change in files] == [
        (Status.DELETED, "a.txt"),
        (Status.RENAMED, "b [1]*.sql"),
        (Status.ADDED, "b.txt"),
        (Status.MODIFIED, "kept.sql"),
        (Status.RENAMED, "moved.txt"),
    ]


def test_broken_tree_is_one_sentence(checkout: Checkout) -> None:
    base = checkout.commit({"deep/a": "x"})
    head = checkout.commit({"deep/a": "y"})
    checkout.break_object(checkout.blob(f"{head}:deep"))
    with opened(checkout, base, head) as repository:
        with pytest.raises(GitError, match=r"^git could not list the changes of .*\.$"):
            repository.changes(base, head)
        with pytest.raises(GitError, match=r"^git could not list the files of"):
            repository.tree(head).paths()


def test_tree_bomb_is_one_sentence(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten levels of ten equal folders are ten milliards of paths in eleven objects."""
    base = checkout.commit({"a": "x"})
    name, mode = checkout.blob("HEAD:a"), "100644 blob"
    for _ in range(10):
        name = checkout.git("mktree", stdin="".join(f"{mode} {name}\td{n}\n" for n in range(10)).encode())
        mode = "040000 tree"
    head = checkout.git("commit-tree", name, "-p", base, "-m", "bomb")
    monkeypatch.setattr(command, "MEMORY_LIMIT", 50_000_000)
    with opened(checkout, base, head) as repository:
        with pytest.raises(GitError, match=r"^git could not list the changes of .*: .*[Oo]ut of memory"):
            repository.changes(base, head)
        monkeypatch.setattr(tree, "_LIST_LIMIT", 1_000_000)
        with pytest.raises(GitError, match="it wrote too much"):
            repository.tree(head).paths()
