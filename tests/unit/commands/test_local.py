"""`data-review local` on real repositories: what it says when there is little to say."""

import os
from pathlib import Path

import pytest

from review.commands.local import rendered, review_range
from review.errors import PolicyError
from tests.unit.git.git_checkout import Checkout

POLICY = ".github/data-review.yml"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "shop")
    made.commit({"README.md": "shop\n"})
    return made


def text_of(checkout: Checkout, base: str | None = "HEAD~1") -> str:
    return " ".join(rendered(review_range(checkout.path, base, "HEAD", 1), "text").split())


def test_a_base_that_is_the_head_is_told(checkout: Checkout) -> None:
    text = text_of(checkout, None)
    assert "Note: The main branch, which is the base where none is named, is the very commit under review" in text
    assert "PASS this change changes no file" in text
    assert "Note: The base is the very commit" in text_of(checkout, "main")


def test_a_head_that_the_base_holds_is_told(checkout: Checkout) -> None:
    checkout.commit({"a.sql": "select 1\n"})
    checkout.git("checkout", "-q", "HEAD~1")
    said = "so there is no change"
    assert f"Note: The base holds all of the commit under review already, {said}" in text_of(checkout, "main")
    assert said not in rendered(review_range(checkout.path, "HEAD", "main", 1), "text")


def test_what_is_not_committed_is_counted(checkout: Checkout) -> None:
    checkout.commit({"a.sql": "select 1\n", "b.sql": "select 1\n", "c.sql": "select 1\n", "d.md": "x\n"})
    said = "not as committed: only what is committed was reviewed."
    assert said not in text_of(checkout)
    (checkout.path / "a.sql").write_text("select 2\n")
    (checkout.path / "b.sql").unlink()
    (checkout.path / "c.sql").write_bytes(b"select 1\r\n")
    (checkout.path / "d.md").write_text("y\n")
    assert f"Note: 2 files that could be ours to review are {said}" in text_of(checkout)
    assert said not in rendered(review_range(checkout.path, "main~1", "main", 1), "text")


def test_a_file_that_is_none_any_more_hangs_nothing(checkout: Checkout) -> None:
    checkout.commit({"a.sql": "select 1\n"})
    (checkout.path / "a.sql").unlink()
    os.mkfifo(checkout.path / "a.sql")
    assert "not as committed" not in text_of(checkout)


def test_files_that_the_policy_leaves_out_are_counted(checkout: Checkout) -> None:
    checkout.commit({POLICY: "paths-ignore: [sandbox/]\n"})
    checkout.commit({"sandbox/a.sql": "select 1\n", "sandbox/b.py": "import pyspark\n", "sandbox/c.md": "x\n"})
    text = text_of(checkout)
    assert f"{POLICY}: its `paths` or `paths-ignore` leave out 2 changed files that could be ours" in text
    assert "nothing in this change that the policy lets be reviewed touches DAGs, dbt, Spark or SQL" in text


def test_generated_files_are_listed(checkout: Checkout) -> None:
    checkout.commit({POLICY: "generated: [made/]\n"})
    checkout.commit({"made/a.sql": "select 1\n"})
    assert "made/a.sql: the policy says it is generated" in text_of(checkout)


def test_a_policy_that_is_no_text_is_no_missing_policy(checkout: Checkout) -> None:
    path = checkout.path / POLICY
    path.parent.mkdir()
    path.write_bytes("fail-on: low\n".encode("utf-16"))
    checkout.git("add", "--all")
    checkout.git("commit", "-q", "-m", "policy")
    checkout.commit({"a.sql": "select 1\n"})
    with pytest.raises(PolicyError, match=r"data-review\.yml: cannot be read as text"):
        text_of(checkout)


def test_a_change_without_data_files_that_breaks_the_policy_is_not_green(checkout: Checkout) -> None:
    checkout.commit({POLICY: "fail-on: hihg\n"})
    text = text_of(checkout)
    assert "INCOMPLETE 1 file could not be checked" in text
    assert f"{POLICY}: line 1: `fail-on` is 'hihg'" in text
    assert "merged, it would stop every review" in text


def test_a_change_that_repairs_the_policy_is_reviewed(checkout: Checkout) -> None:
    checkout.commit({POLICY: "fail-on: hihg\n"})
    checkout.commit({POLICY: "fail-on: high\n", "a.sql": "grant select on orders to public;\n"})
    text = text_of(checkout)
    assert "SQL002" in text
    assert f"Note: The team's policy at the base commit cannot be used: {POLICY}, line 1: `fail-on` is 'hihg'" in text


def row(checkout: Checkout, title: str) -> tuple[str, str]:
    found = review_range(checkout.path, "HEAD~1", "HEAD", 1).verdict.checklist
    return next((each.status.value, each.evidence) for each in found if each.standard.title == title)


def test_a_row_says_which_rules_are_off_and_what_is_suppressed(checkout: Checkout) -> None:
    text = {"a.sql": "grant select on orders to public;\n"}
    waiver = "waivers:\n- {rule: SQL002, path: a.sql, owner: me, reason: old, expires: 9999-12-31}\n"
    checkout.commit({POLICY: waiver})
    checkout.commit(text)
    assert row(checkout, "Security") == ("pass", "nothing found in 1 DDL file but 1 suppressed finding")
    checkout.commit({POLICY: "rules:\n  ignore: [SQL002]\n"})
    checkout.commit({"b.sql": text["a.sql"]})
    assert row(checkout, "Security") == ("pass", "nothing found in 1 DDL file; off by the policy: SQL002")
    checkout.commit({POLICY: "rules:\n  select: [DBT001]\n"})
    checkout.commit({"c.sql": text["a.sql"]})
    status, evidence = row(checkout, "Security")
    assert status == "not applicable"
    assert evidence.startswith("its checks are off by the policy: SQL")


def test_sql_whose_dialect_nobody_knows_asks_for_it(checkout: Checkout) -> None:
    text = "create table a (b string) options ((description = 'x'));\n"
    checkout.commit({"odd/a.sql": text})
    assert "no dialect is known for it: set `sqlfluff.dialect` for its path in the policy" in text_of(checkout)
    checkout.commit({POLICY: "sqlfluff:\n  dialect:\n    odd/: mysql\n"})
    checkout.commit({"odd/b.sql": text})
    said = text_of(checkout)
    assert "sqlfluff's mysql grammar cannot parse it from line 1 on" in said
    assert "no dialect is known" not in said
