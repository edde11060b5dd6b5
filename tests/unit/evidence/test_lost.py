"""What the rules say of a dbt project of which the side before the change was not read whole."""

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
