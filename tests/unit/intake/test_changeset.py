import subprocess
import sys
from collections.abc import Callable

import pytest
from git_checkout import Checkout

from review.domain.changeset import Changeset, Entry, Hunk, Status
from review.git.repository import Repository
from review.intake.changeset import read_changeset

MATTERS = (".sql", ".py", ".yml", ".csv")


def is_data(path: str) -> bool:
    return path.endswith(MATTERS)


def changeset(checkout: Checkout, base: str, head: str, matters: Callable[[str], bool] = is_data) -> Changeset:
    with Repository.from_workspace(checkout.path, base, head) as repository:
        return read_changeset(repository, base, head, matters)


def reasons(found: Changeset) -> dict[str, tuple[str, bool]]:
    assert {skip.stage for skip in found.skipped} <= {"intake"}
    return {skip.subject: (skip.reason, skip.harmless) for skip in found.skipped}


def test_lists_everything_and_reads_what_matters(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "1\n2\n3\n", "README.md": "x\n", "gone.sql": "x\ny\n"})
    head = checkout.commit({"a.sql": "1\n2b\n3\n4\n", "README.md": "y\n", "new.sql": "1\n"}, delete=["gone.sql"])
    found = changeset(checkout, base, head)
    assert (found.merge_base, found.head_sha) == (base, head)
    assert [file.path for file in found] == ["README.md", "a.sql", "gone.sql", "new.sql"]
    assert found.file("README.md").hunks == ()
    assert found.file("a.sql").hunks == (Hunk(1, 3, 1, 4),)
    assert (found.file("a.sql").added, found.file("a.sql").removed) == ({2, 4}, {2})
    assert (found.file("gone.sql").status, found.file("gone.sql").removed) == (Status.DELETED, {1, 2})
    assert found.file("new.sql").hunks == (Hunk(0, 0, 1, 1),)
    assert found.skipped == ()


ODD_PATHS = [
    "with space.sql",
    "ünï.sql",
    'quo"te.sql',
    "ta\tb.sql",
    "new\nline.sql",
    "back\\slash.sql",
    "a b/c.sql",
    "[x]*.sql",
    ":!a.sql",
    "-rf.sql",
    "日本.sql",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_odd_paths_changed_and_renamed(checkout: Checkout, path: str) -> None:
    lines = [f"{n}\n" for n in range(20)]
    base = checkout.commit({path: "".join(lines), "old.sql": "x" + "".join(lines)})
    head = checkout.commit(
        {path: "".join([*lines, "more\n"]), f"moved {path}": "x" + "".join([*lines, "end\n"])}, delete=["old.sql"]
    )
    found = changeset(checkout, base, head)
    assert found.file(path).added == {21}
    moved = found.file(f"moved {path}")
    assert (moved.status, moved.old_path, moved.added) == (Status.RENAMED, "old.sql", {21})


def test_a_rename_matters_by_either_name(checkout: Checkout) -> None:
    first, second = ("".join(f"{word} {n}\n" for n in range(20)) for word in ("first", "second"))
    base = checkout.commit({"a.txt": first, "b.sql": second, "c.txt": "c\n"})
    head = checkout.commit({"a.sql": first + "new\n", "b.txt": second + "new\n"}, delete=["a.txt", "b.sql"])
    found = changeset(checkout, base, head)
    assert {(file.old_path, file.path, tuple(file.added)) for file in found} == {
        ("a.txt", "a.sql", (21,)),
        ("b.sql", "b.txt", (21,)),
    }


def test_pure_rename_mode_change_and_empty_file_have_no_hunks(checkout: Checkout) -> None:
    base = checkout.commit({"old.sql": "1\n2\n", "m.py": "x"})
    (checkout.path / "m.py").chmod(0o755)
    head = checkout.commit({"new.sql": "1\n2\n", "empty.sql": ""}, delete=["old.sql"])
    found = changeset(checkout, base, head)
    assert {file.path: (file.status, file.hunks) for file in found} == {
        "new.sql": (Status.RENAMED, ()),
        "m.py": (Status.MODIFIED, ()),
        "empty.sql": (Status.ADDED, ()),
    }
    assert found.file("m.py").mode_changed
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("old", "new", "added", "removed"),
    [
        (b"a\nb\n", b"a\nb", {2}, {2}),
        (b"a\nb", b"a\nb\nc", {2, 3}, {2}),
        (b"a\r\nb\r\n", b"a\nb\n", {1, 2}, {1, 2}),
        (b"a\r\n", b"a\r\nb\r\n", {2}, set()),
        (b"\xef\xbb\xbfa\n", b"a\n", {1}, {1}),
        (b"caf\xe9\n", b"caf\xe9\nth\xe9\n", {2}, set()),
        (b"a\rb\rc\n", b"a\rb\rc\nd\x0ce\n", {2}, set()),
        ("a\u2028b\n".encode(), "a\u2028b\nc\u2029\x85d\n".encode(), {2}, set()),
        (b"", b"", set(), set()),
        (b"x\n" * 9, b"", set(), set(range(1, 10))),
        (b"--- a\n+++ b\n", b"--- a\n+++ b\n@@ -1 +1 @@\n", {3}, set()),
    ],
)
def test_odd_content(checkout: Checkout, old: bytes, new: bytes, added: set[int], removed: set[int]) -> None:
    base = checkout.commit({"a.sql": old})
    head = checkout.commit({"a.sql": new})
    found = changeset(checkout, base, head)
    if old == new:
        assert found.files == ()
    else:
        assert (found.file("a.sql").added, found.file("a.sql").removed) == (added, removed)
    assert found.skipped == ()


def test_binary(checkout: Checkout) -> None:
    base = checkout.commit({"gone.sql": b"\0\1", "logo.png": b"\0", "seeds/rows.csv": b"a\n"})
    head = checkout.commit(
        {"a.sql": b"select\0 1", "logo.png": b"\0\1", "seeds/rows.csv": "a\nb\n".encode("utf-16")}, delete=["gone.sql"]
    )
    found = changeset(checkout, base, head)
    assert found.file("a.sql").is_binary
    assert not found.file("logo.png").is_binary
    harmless = {path: is_harmless for path, (_, is_harmless) in reasons(found).items()}
    assert harmless == {"a.sql": False, "gone.sql": True, "seeds/rows.csv": True}
    assert "NUL" in reasons(found)["a.sql"][0]


def test_symbolic_links_are_never_followed(checkout: Checkout) -> None:
    base = checkout.commit({"models/real.sql": "select 1\n", "was_link.sql": "x", "was_file.sql": "secret\n"})
    (checkout.path / "was_file.sql").unlink()
    links = {
        "out.sql": "/etc/passwd",
        "up.sql": "../../../etc/passwd",
        "models/in.sql": "real.sql",
        "models/back.sql": "../models/real.sql",
        "dangling.sql": "nowhere.sql",
        "was_file.sql": "models/real.sql",
        "loop.sql": "loop.sql",
        "text.txt": "/etc/passwd",
    }
    for name, target in links.items():
        (checkout.path / name).symlink_to(target)
    head = checkout.commit()
    found = changeset(checkout, base, head)
    assert {file.path for file in found if file.entry is Entry.SYMLINK} == set(links)
    assert all(file.hunks == () for file in found)
    assert {path: is_harmless for path, (_, is_harmless) in reasons(found).items()} == {
        "out.sql": False,
        "up.sql": False,
        "models/in.sql": True,
        "models/back.sql": True,
        "dangling.sql": False,
        "was_file.sql": True,
        "loop.sql": False,
    }
    back = checkout.commit({}, delete=["out.sql"])
    assert reasons(changeset(checkout, head, back)) == {"out.sql": ("it was a symbolic link", True)}


def test_a_link_that_becomes_a_file_is_all_new(checkout: Checkout) -> None:
    (checkout.path / "a.sql").symlink_to("/etc/passwd")
    base = checkout.commit()
    (checkout.path / "a.sql").unlink()
    head = checkout.commit({"a.sql": "select 1\nfrom x\n"})
    found = changeset(checkout, base, head).file("a.sql")
    assert (found.entry, found.added, found.removed) == (Entry.FILE, {1, 2}, set())


def test_submodules_are_said(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "1\n"})
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{base},vendor/dbt")
    checkout.git("commit", "-q", "-m", "submodule")
    found = changeset(checkout, base, checkout.git("rev-parse", "HEAD"))
    assert found.file("vendor/dbt").entry is Entry.SUBMODULE
    reason, is_harmless = reasons(found)["vendor/dbt"]
    assert "submodule" in reason
    assert is_harmless


def test_a_20_mb_file_and_a_line_of_megabytes_cost_themselves_only(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "select 1\n"})
    head = checkout.commit(
        {
            "a.sql": "select 2\n",
            "big.sql": "insert into t values (1, 2);\n" * 700_000,
            "line.sql": "select '" + "x" * 2_000_000 + "'\n",
            "seeds/rows.csv": "1,2,3\n" * 1_000_000,
        }
    )
    found = changeset(checkout, base, head)
    assert found.file("a.sql").added == {1}
    told = reasons(found)
    assert told["big.sql"] == ("it is 20.3 MB, above the 5 MB that are reviewed", False)
    assert told["line.sql"] == ("a line of it has 2,000,009 characters, above the 200,000 that are reviewed", False)
    assert told["seeds/rows.csv"][1]


def test_a_9_mb_difference_is_read(checkout: Checkout) -> None:
    base = checkout.commit({f"{n}.sql": "x\n" for n in range(8)})
    body = "".join(f"select {n} as a_column_with_a_long_name, {n} as another_one\n" for n in range(18_000))
    head = checkout.commit({f"{n}.sql": body for n in range(8)})
    found = changeset(checkout, base, head)
    assert len(body) * 8 > 9_000_000
    assert [len(file.added) for file in found] == [18_000] * 8
    assert found.skipped == ()


def test_three_thousand_files(checkout: Checkout) -> None:
    base = checkout.commit({"README.md": "x"})
    head = checkout.commit({f"models/{n % 40}/m{n}.sql": f"select {n}\n" for n in range(3000)})
    found = changeset(checkout, base, head)
    assert len(found.files) == 3000
    assert all(file.added == {1} for file in found)
    assert found.skipped == ()


def test_missing_content_costs_its_own_file(checkout: Checkout) -> None:
    base = checkout.commit({f"{n}.sql": f"{n}\n" for n in range(4)})
    head = checkout.commit({f"{n}.sql": f"new {n}\n" for n in range(4)})
    checkout.remove_object(checkout.blob(f"{head}:1.sql"))
    checkout.remove_object(checkout.blob(f"{base}:2.sql"))
    found = changeset(checkout, base, head)
    assert [file.path for file in found if file.added] == ["0.sql", "3.sql"]
    assert {path: is_harmless for path, (_, is_harmless) in reasons(found).items()} == {"1.sql": False, "2.sql": False}


def test_a_name_that_is_not_utf8_is_said(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "1\n"})
    name = b"models/caf\xe9.sql"
    (checkout.path / "models").mkdir()
    with open(bytes(checkout.path) + b"/" + name, "w") as file:  # noqa: PTH123
        file.write("select 1\n")
    head = checkout.commit()
    found = changeset(checkout, base, head)
    assert [file.path for file in found] == ["models/caf\\xe9.sql"]
    reason, is_harmless = reasons(found)["models/caf\\xe9.sql"]
    assert "not UTF-8" in reason
    assert not is_harmless


def test_only_deletions(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "1\n", "b.sql": "2\n", "README.md": "x"})
    head = checkout.commit({}, delete=["a.sql", "b.sql"])
    found = changeset(checkout, base, head)
    assert {file.path: (file.status, set(file.removed)) for file in found} == {
        "a.sql": (Status.DELETED, {1}),
        "b.sql": (Status.DELETED, {1}),
    }


def test_nothing_that_matters_reads_no_patch(checkout: Checkout) -> None:
    """In a process of its own: neither unidiff nor a patch is loaded, and git runs for the list only."""
    base = checkout.commit({"README.md": "x\n", "a.sql": "1\n"})
    head = checkout.commit({"README.md": "y\n"})
    script = """
import sys
from pathlib import Path
from review.git import command
from review.git.repository import Repository
from review.intake.changeset import read_changeset
asked = []
start = command.Git.start
command.Git.start = lambda self, *a, **k: asked.append(a[0]) or start(self, *a, **k)
with Repository.from_workspace(Path(sys.argv[1]), sys.argv[2], sys.argv[3]) as repository:
    found = read_changeset(repository, sys.argv[2], sys.argv[3], lambda path: path.endswith(".sql"))
assert [file.path for file in found] == ["README.md"]
loaded = {"unidiff", "review.intake.diff", "review.git.patches"} & set(sys.modules)
assert not loaded, loaded
assert asked == ["cat-file", "--literal-pathspecs"], asked
"""
    subprocess.run([sys.executable, "-c", script, str(checkout.path), base, head], check=True)
