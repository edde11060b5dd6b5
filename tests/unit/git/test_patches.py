import zlib

import pytest
from git_checkout import Checkout

from review.git import objects
from review.git import patches as module
from review.git.patches import Counts, Lost, Patch, patch_name, patches
from review.git.repository import Repository


def read(checkout: Checkout, base: str, head: str) -> list[Patch | Lost]:
    with Repository.from_workspace(checkout.path, base, head) as repository:
        return list(patches(repository, repository.changes(base, head).files))


def split(results: list[Patch | Lost]) -> tuple[list[Patch], dict[str, str]]:
    found = [result for result in results if isinstance(result, Patch)]
    return found, {result.change.file.path: result.reason for result in results if isinstance(result, Lost)}


@pytest.mark.parametrize("where", ["head", "base", "info"])
@pytest.mark.parametrize("mark", ["-diff", "binary", "-text", "diff=evil", "eol=crlf"])
def test_no_attribute_hides_a_file(checkout: Checkout, where: str, mark: str) -> None:
    base = checkout.commit({"a.sql": "select 1\n"} | ({".gitattributes": f"* {mark}\n"} if where == "base" else {}))
    if where == "info":
        (checkout.path / ".git/info").mkdir(exist_ok=True)
        (checkout.path / ".git/info/attributes").write_text(f"* {mark}\n")
    blob = checkout.git("hash-object", "-w", "--no-filters", "--stdin", stdin=b"drop table x\n")
    checkout.git("update-index", "--cacheinfo", f"100644,{blob},a.sql")
    if where == "head":
        marks = checkout.git("hash-object", "-w", "--no-filters", "--stdin", stdin=f"* {mark}\n".encode())
        checkout.git("update-index", "--add", "--cacheinfo", f"100644,{marks},.gitattributes")
    checkout.git("commit", "-q", "-m", "hide")
    head = checkout.git("rev-parse", "HEAD")
    (patch,), lost = split(read(checkout, base, head))
    assert "+drop table x\n" in patch.text
    assert lost == {}


def test_counts_and_binary(checkout: Checkout) -> None:
    base = checkout.commit({"a": "1\n2\n", "b": b"\0bin", "c": "gone\n", "m": "mode"})
    (checkout.path / "m").chmod(0o755)
    head = checkout.commit({"a": "1\n3\n4\n", "b": b"\0bon", "d": ""}, delete=["c"])
    (patch,), _ = split(read(checkout, base, head))
    counts = dict(zip((change.file.path for change in patch.changes), patch.counts, strict=True))
    assert counts == {"a": Counts(2, 1), "b": None, "c": Counts(0, 1), "d": Counts(0, 0), "m": Counts(0, 0)}
    assert f"Binary files a/{patch_name(1)} and b/{patch_name(1)} differ\n" in patch.text


def test_one_broken_and_one_missing_blob_cost_their_own_files(checkout: Checkout) -> None:
    base = checkout.commit({f"{n}.sql": f"select {n}\n" for n in range(8)})
    head = checkout.commit({f"{n}.sql": f"select {n}, 'new {n}'\n" for n in range(8)})
    checkout.break_object(checkout.blob(f"{head}:3.sql"))
    checkout.remove_object(checkout.blob(f"{head}:6.sql"))
    found, lost = split(read(checkout, base, head))
    text = "".join(patch.text for patch in found)
    assert [n for n in range(8) if f"'new {n}'" in text] == [0, 1, 2, 4, 5, 7]
    assert set(lost) == {"3.sql", "6.sql"}


def test_a_blob_that_breaks_only_when_read_costs_its_own_file(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header of the object promises more than there is: git writes what there is and then waits."""
    monkeypatch.setattr(objects, "READ_TIMEOUT", 0.2)
    base = checkout.commit({f"{n}.sql": f"select {n}\n" for n in range(5)})
    head = checkout.commit({f"{n}.sql": f"select {n}, 'new {n}'\n" for n in range(5)})
    file = checkout.loose(checkout.blob(f"{head}:2.sql"))
    file.chmod(0o644)
    file.write_bytes(zlib.compress(b"blob 4000\0short"))
    found, lost = split(read(checkout, base, head))
    text = "".join(patch.text for patch in found)
    assert [n for n in range(5) if f"'new {n}'" in text] == [0, 1, 3, 4]
    assert list(lost) == ["2.sql"]
    assert lost["2.sql"] == "git could not read it (a broken repository?)"


def test_a_forged_object_does_not_pass_for_the_reviewed_code(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "select 1\n"})
    head = checkout.commit({"a.sql": "drop table x\n"})
    file = checkout.loose(checkout.blob(f"{head}:a.sql"))
    file.chmod(0o644)
    file.write_bytes(zlib.compress(b"blob 9\0select 1\n"))
    found, lost = split(read(checkout, base, head))
    assert found == []
    assert list(lost) == ["a.sql"]


def test_git_failing_on_one_pair_costs_its_own_file(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content was whole when it was looked at; git alone fails on it afterwards."""
    base = checkout.commit({f"{n}.sql": f"select {n}\n" for n in range(6)})
    head = checkout.commit({f"{n}.sql": f"select {n}, 'new {n}'\n" for n in range(6)})
    file = checkout.loose(checkout.blob(f"{head}:4.sql"))
    with Repository.from_workspace(checkout.path, base, head) as repository:
        changes = repository.changes(base, head).files
        for change in changes:
            for blob in change.blobs:
                repository.blobs.read(blob)
        file.unlink()
        found, lost = split(list(patches(repository, changes)))
    text = "".join(patch.text for patch in found)
    assert [n for n in range(6) if f"'new {n}'" in text] == [0, 1, 2, 3, 5]
    assert list(lost) == ["4.sql"]
    assert lost["4.sql"].startswith("git could not compare it (unable to read")


def test_files_above_the_size_limit(checkout: Checkout) -> None:
    base = checkout.commit({"a.sql": "select 1\n", "big.sql": "small\n"})
    head = checkout.commit({"a.sql": "select 2\n", "big.sql": "insert into x values (1);\n" * 800_000})
    (patch,), lost = split(read(checkout, base, head))
    assert "+select 2\n" in patch.text
    assert lost == {"big.sql": "it is 20.8 MB, above the 5 MB that are reviewed"}


def test_three_thousand_files_in_batches(checkout: Checkout) -> None:
    base = checkout.commit({"README": "x"})
    head = checkout.commit({f"models/{n:04}.sql": f"select {n}\n" for n in range(3000)})
    found, lost = split(read(checkout, base, head))
    assert [len(patch.changes) for patch in found] == [1000, 1000, 1000]
    assert sum(patch.text.count("\n+select ") for patch in found) == 3000
    assert lost == {}


def test_batches_are_bounded_in_bytes_and_so_is_the_whole(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 1000)
    monkeypatch.setattr(module, "TOTAL_BYTES", 3000)
    base = checkout.commit({"README": "x"})
    head = checkout.commit({f"{n}.sql": f"select {n}\n" * 80 for n in range(9)})
    found, lost = split(read(checkout, base, head))
    assert [len(patch.changes) for patch in found] == [1] * 4
    assert len(lost) == 5
    assert all("of differences that are reviewed" in reason for reason in lost.values())


def test_a_comparison_that_takes_too_long_is_given_up(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    base = checkout.commit({"a.sql": "select 1\n"})
    head = checkout.commit({"a.sql": "select 2\n"})
    monkeypatch.setattr(module, "PATCH_TIMEOUT", 0.0)
    found, lost = split(read(checkout, base, head))
    assert found == []
    assert lost == {"a.sql": "git could not compare it (it took too long)"}


def test_nothing_to_compare_asks_nothing(checkout: Checkout) -> None:
    sha = checkout.commit({"a": "x"})
    assert read(checkout, sha, sha) == []
