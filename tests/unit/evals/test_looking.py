"""One change through the tier, as the measures do it: the pipeline itself, on a real repository."""

from pathlib import Path

import pytest

from review.evidence import analyse
from tests.bench.lint_ratio import commit
from tests.evals.changes import Change, clone_of, git
from tests.evals.looking import look

SQL = "select a\nfrom orders\nwhere a = a\n"
DAG = f'''from airflow import DAG

with DAG("x"):
    def load():
        return """
{SQL.replace("a = a", "b = b")}"""
'''


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Change:
    monkeypatch.setattr(analyse, "_ANALYST", analyse._ANALYST)
    root = clone_of(tmp_path, "shop/warehouse")
    root.mkdir(parents=True)
    (root / "README.md").write_text("x\n")
    commit(root, "base", init=True)
    (root / "a.sql").write_text(SQL)
    (root / "dag.py").write_text(DAG)
    commit(root, "head")
    return Change("shop/warehouse", *git(root, "rev-parse", "HEAD~1", "HEAD").split())


def test_a_change(change: Change, tmp_path: Path) -> None:
    outcome = look(change, tmp_path, frozenset({"SQL001"}), lints=False)
    assert (outcome.files, outcome.added, outcome.problem) == (2, 12, "")
    assert [(hit.rule, hit.path, hit.line, hit.is_rule) for hit in outcome.hits] == [
        ("SQL001", "a.sql", 3, True),
        ("SQL001", "dag.py", 8, True),
    ]
    assert outcome.seconds > 0
    assert outcome.seconds_with_linter is None


def test_with_the_linter(change: Change, tmp_path: Path) -> None:
    outcome = look(change, tmp_path, frozenset(), lints=True)
    assert outcome.seconds_with_linter is not None
    assert {hit.path for hit in outcome.rule_hits} == {"a.sql", "dag.py"}


def test_of_a_large_change_some_files_are_looked_at(change: Change, tmp_path: Path) -> None:
    outcome = look(change, tmp_path, frozenset({"SQL001"}), lints=False, most_files=1)
    assert [hit.path for hit in outcome.hits] == ["a.sql"]
    assert outcome.skipped["is left out here, of so large a change"] == 1


def test_commits_that_are_not_there(change: Change, tmp_path: Path) -> None:
    missing = Change("shop/warehouse", change.base, "f" * 40)
    assert look(missing, tmp_path, frozenset(), lints=False).problem
