"""What the rules say of a dbt project of which the side before the change was not read whole."""

from dataclasses import replace

from review.domain.artifact import Kind, Version
from review.domain.changeset import Status
from review.domain.project_files import ProjectFiles
from review.evidence.analyse import Analyst
from review.evidence.messages import Request
from review.rules.registry import load

PROPERTIES = """\
models:
  - name: orders
    description: {}
    columns:
      - name: id
        description: key
      - name: gone
        description: old
"""


def test_an_old_defect_is_not_the_changes_where_its_model_was_lost() -> None:
    old, new = PROPERTIES.format("one"), PROPERTIES.format("two")
    files = ProjectFiles(
        root="",
        folders={"model": ("models/",)},
        texts={"dbt_project.yml": "name: shop\n", "models/orders.sql": "select 1 as id\n", "models/o.yml": new},
        before={"models/o.yml": old},
        lost=("models/orders.sql",),
        is_complete=False,
    )
    analyst = Analyst(rules=tuple(load()))
    analyst.know(files, "bigquery")
    request = Request(
        path="models/o.yml",
        kind=Kind.DBT_PROPERTIES,
        status=Status.MODIFIED,
        base_path="models/o.yml",
        added=frozenset({3}),
        removed=frozenset({3}),
        project="",
        dialect="bigquery",
        lint=None,
        base=Version("models/o.yml", old),
        head=Version("models/o.yml", new),
    )
    findings, skipped = analyst.analyse(request)
    assert not findings
    (told,) = skipped
    assert "models/orders.sql was not read" in told.reason
    assert told.harmless


def test_what_a_move_between_projects_brings_along_is_old() -> None:
    """The file's version before the change belongs to a project of which nothing is known here."""
    text = PROPERTIES.format("one")
    files = ProjectFiles(
        root="dex",
        folders={"model": ("dex/models/",)},
        texts={
            "dex/dbt_project.yml": "name: dex\n",
            "dex/models/orders.sql": "select 1 as id\n",
            "dex/models/o.yml": text,
        },
        before={"dex/dbt_project.yml": None, "dex/models/orders.sql": None, "dex/models/o.yml": None},
        is_complete=True,
    )
    analyst = Analyst(rules=tuple(load()))
    analyst.know(files, "bigquery")
    request = Request(
        path="dex/models/o.yml",
        kind=Kind.DBT_PROPERTIES,
        status=Status.RENAMED,
        base_path="models/o.yml",
        added=frozenset(),
        removed=frozenset(),
        project="dex",
        dialect="bigquery",
        lint=None,
        base=Version("models/o.yml", text),
        head=Version("dex/models/o.yml", text),
    )
    assert analyst.analyse(request)[0] == ()
    new = Analyst(rules=tuple(load()))
    new.know(files, "bigquery")
    added = replace(request, status=Status.ADDED, base_path=None, base=None, added=frozenset(range(1, 9)))
    assert [finding.code for finding in new.analyse(added)[0]] == ["DBT010"]
