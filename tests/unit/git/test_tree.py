import pytest
from git_checkout import Checkout

from review.git import objects
from review.git.repository import Repository
from review.git.tree import GitTree


@pytest.fixture
def odd(checkout: Checkout) -> str:
    (checkout.path / "link.sql").symlink_to("/etc/passwd")
    files = {
        "plain.sql": "select 1\n",
        "bom.sql": b"\xef\xbb\xbfselect 1\n",
        "crlf.sql": b"select 1\r\nfrom x\r\n",
        "latin.sql": b"-- caf\xe9\n",
        "nul.sql": b"select\0 1\n",
        "late_nul.sql": b"x" * 9000 + b"\0",
        "empty.sql": b"",
        'a dir/ünï "q"\tx\n[*].sql': "odd\n",
        "big.sql": b"x" * (objects.BLOB_LIMIT + 1),
        ":(top)magic": "magic\n",
    }
    first = checkout.commit(files)
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{first},vendor")
    checkout.git("commit", "-q", "-m", "submodule")
    return checkout.git("rev-parse", "HEAD")


@pytest.mark.parametrize("is_listed_first", [False, True])
def test_text(checkout: Checkout, odd: str, is_listed_first: bool) -> None:
    with Repository.from_workspace(checkout.path, odd) as repository:
        tree = repository.tree(odd)
        if is_listed_first:
            tree.paths()
        assert tree.text("plain.sql") == "select 1\n"
        assert tree.text("bom.sql") == "select 1\n"
        assert tree.text("crlf.sql") == "select 1\r\nfrom x\r\n"
        assert tree.text("latin.sql") == "-- caf\ufffd\n"
        assert tree.text("empty.sql") == ""
        assert tree.text('a dir/ünï "q"\tx\n[*].sql') == "odd\n"
        assert tree.text(":(top)magic") == "magic\n"
        for path in ("nul.sql", "late_nul.sql", "big.sql"):
            assert tree.text(path) is None
        assert {path: reason.split(",")[0] for path, reason in tree.unread.items()} == {
            "nul.sql": "it holds NUL bytes",
            "late_nul.sql": "it holds NUL bytes",
            "big.sql": "it is 5.0 MB",
        }


NO_FILES = (
    "absent",
    "link.sql",
    "vendor",
    "a dir",
    "a dir/",
    "",
    ".",
    "..",
    "../x",
    "/etc/passwd",
    "*.sql",
    "x\0y",
    "\ud800",
)


@pytest.mark.parametrize("is_listed_first", [False, True])
def test_what_is_no_regular_file_has_no_text(checkout: Checkout, odd: str, is_listed_first: bool) -> None:
    with Repository.from_workspace(checkout.path, odd) as repository:
        tree = repository.tree(odd)
        if is_listed_first:
            tree.paths()
        assert [path for path in NO_FILES if tree.text(path) is not None] == []
        assert [path for path in NO_FILES if tree.has(path)] == []
        assert [path for path in NO_FILES if tree.is_link(path)] == ["link.sql"]
        assert [path for path in NO_FILES if tree.entry(path)] == ["link.sql"]
        assert tree.unread == {}


def test_paths(checkout: Checkout, odd: str) -> None:
    with Repository.from_workspace(checkout.path, odd) as repository:
        tree = repository.tree(odd)
        assert tree.sha == odd
        assert tree.paths() == tuple(sorted(tree.paths()))
        assert len(tree.paths()) == 10
        assert not {"link.sql", "vendor"} & set(tree.paths())
        assert not tree.is_link("plain.sql")
        assert repository.tree(odd) is tree


def test_an_entry_tells_whether_a_file_changed(checkout: Checkout) -> None:
    before = checkout.commit({"same.sql": "select 1\n", "other.sql": "select 1\n"})
    after = checkout.commit({"other.sql": "select 2\n"})
    with Repository.from_workspace(checkout.path, before, after) as repository:
        old, new = repository.tree(before), repository.tree(after)
        assert old.entry("same.sql") == new.entry("same.sql") == old.entry("other.sql") != ""
        assert new.entry("other.sql") not in ("", old.entry("other.sql"))


def test_many_texts_in_one_go(checkout: Checkout) -> None:
    sha = checkout.commit({f"m/{n}.sql": f"select {n}\n" for n in range(300)})
    with Repository.from_workspace(checkout.path, sha) as repository:
        found = repository.tree(sha).texts([*(f"m/{n}.sql" for n in range(300)), "m/none.sql"])
    assert found == {f"m/{n}.sql": f"select {n}\n" for n in range(300)}


def test_reading_goes_on_after_a_broken_blob(checkout: Checkout) -> None:
    sha = checkout.commit({"a": "first", "b": "second", "c": "third"})
    checkout.break_object(checkout.blob(f"{sha}:b"))
    checkout.remove_object(checkout.blob(f"{sha}:c"))
    with Repository.from_workspace(checkout.path, sha) as repository:
        tree = repository.tree(sha)
        assert tree.texts(["b", "c", "a"]) == {"a": "first"}
        assert set(tree.unread) == {"b", "c"}


def test_a_name_that_is_not_utf8_is_not_listed(checkout: Checkout) -> None:
    blob = checkout.git("hash-object", "-w", "--stdin", stdin=b"x")
    root = checkout.git("mktree", "-z", stdin=f"100644 blob {blob}\tcaf".encode() + b"\xe9.sql\0")
    sha = checkout.git("commit-tree", root, "-m", "odd")
    with Repository.from_workspace(checkout.path, sha) as repository:
        assert repository.tree(sha).paths() == ()


def test_it_is_a_tree_of_the_domain(checkout: Checkout) -> None:
    from review.domain.tree import Tree

    sha = checkout.commit({"a": "x"})
    with Repository.from_workspace(checkout.path, sha) as repository:
        tree: Tree = repository.tree(sha)
        assert isinstance(tree, GitTree)
