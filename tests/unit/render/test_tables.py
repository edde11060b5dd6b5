"""The tables of a large change: by project and by owner."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from review.domain.artifact import Kind
from review.domain.finding import Location, Standard
from review.domain.practice import Practice
from review.domain.severity import Severity
from review.domain.verdict import Review
from review.render.comment import summary_comment
from review.render.escape import GAP
from review.render.markdown import markdown
from review.render.tables import ROWS, matrix, owners_table, projects_table
from review.render.terminal import plain_text
from tests.unit.render.builders import artifact, finding, review
from tests.unit.render.examples import clean, everything, incomplete, irrelevant


def of(*paths: str, owners: Mapping[str, tuple[str, ...]] | None = None) -> Review:
    """One finding in each of these models, each in a project of its own; the last one blocks."""
    artifacts = [artifact(path, Kind.DBT_MODEL, project=path.rpartition("/models")[0]) for path in paths]
    severities = [Severity.LOW] * (len(paths) - 1) + [Severity.HIGH]
    found = [
        finding(location=Location(path, 1, 1), severity=severity)
        for path, severity in zip(paths, severities, strict=True)
    ]
    return replace(review(found, artifacts), owners=owners or {})


def test_a_single_project_and_a_clean_change_have_no_table() -> None:
    for whole in (of("shop/models/a.sql"), clean(), irrelevant()):
        assert projects_table(whole) == ""
        assert "By project" not in plain_text(whole)
    for whole in (everything(), incomplete()):
        assert projects_table(whole) in summary_comment(whole)
        assert projects_table(whole) in markdown(whole)
        assert "By project" in plain_text(whole)


def test_a_hostile_folder_is_shown_and_does_nothing() -> None:
    whole = of("a|b`@eve`\n<img>/models/a.sql", "shop/models/a.sql")
    (row,) = [line for line in projects_table(whole).splitlines() if "eve" in line]
    assert "``a\\|b`@eve` <img>``" in row.replace(GAP, "")
    assert projects_table(whole).count("\n") == 3


def test_the_projects_that_fail_come_first_where_not_all_fit() -> None:
    paths = [f"p{number:02}/models/a.sql" for number in range(ROWS + 5)]
    table = projects_table(of(*paths), ROWS)
    assert "dbt project `p24` | fail | 1 | 1 | 0 |" in table.splitlines()[2]
    assert table.endswith("*5 more projects in `review.md`.*")
    assert "more project" not in projects_table(of(*paths))


OWNED = {"a/models/a.sql": ("@ana", "@shop/data"), "b/models/a.sql": ("@shop/data",), "c/models/a.sql": ()}


def test_findings_by_owner() -> None:
    whole = of(*OWNED, "b/models/b.sql", owners={**OWNED, "b/models/b.sql": ("@shop/data",)})
    assert owners_table(whole) == (
        "| Owner of the file | Findings | Blocking | Files |\n"
        "|---|---:|---:|---:|\n"
        "| `@shop/data` | 3 | 1 | 3 |\n"
        "| `@ana` | 1 | 0 | 1 |\n"
        "| nobody | 1 | 0 | 1 |"
    )
    for text in (summary_comment(whole), markdown(whole)):
        assert owners_table(whole) in text
        assert "@" not in text.replace("`@shop/data`", "").replace("`@ana`", "")


@pytest.mark.parametrize(
    "owners",
    [
        {},
        dict.fromkeys(OWNED, ()),
        {**dict.fromkeys(OWNED, ("@ana",)), "b/models/a.sql": ()},
    ],
    ids=["no CODEOWNERS", "nobody", "one owner"],
)
def test_no_table_where_there_are_no_two_owners(owners: Mapping[str, tuple[str, ...]]) -> None:
    assert owners_table(of(*OWNED, owners=owners)) == ""


def test_many_owners_are_counted() -> None:
    paths = [f"p{number:02}/models/a.sql" for number in range(ROWS + 2)]
    whole = of(*paths, owners={path: (f"@team{path[1:3]}",) for path in paths})
    assert owners_table(whole, ROWS).endswith("*2 more owners in `review.md`.*")
    assert len(owners_table(whole).splitlines()) == 2 + len(paths)


def test_what_new_files_show_of_each_standard() -> None:
    whole = everything()
    table = matrix(whole)
    (dag,) = [line for line in table.splitlines() if line.startswith("| `dags/orders_daily.py`")]
    assert [cell.strip() for cell in dag.split("|")[2:-1]] == ["✓", "⚠️", "", "✗", "✓", "", "", ""]
    (job,) = [line for line in table.splitlines() if line.startswith("| `jobs/sessionise.py`")]
    assert [cell.strip() for cell in job.split("|")[2:-1]] == ["✓", "", "", "✗", "", "", "⚠️", "⚠️"]
    assert "**there:** 2 retries" in table
    assert table in markdown(whole)
    assert "What 2 new or rewritten files show of each standard" in summary_comment(whole)
    assert "no failure notification" in plain_text(whole)
    for none in (clean(), irrelevant()):
        assert matrix(none) == ""
        assert "rewritten" not in summary_comment(none) + markdown(none) + plain_text(none)


def test_files_that_lack_most_come_first_where_not_all_fit() -> None:
    told = [Practice(f"dags/{number:02}.py", Standard.COST, number != 24, "x|`y`") for number in range(ROWS + 5)]
    whole = review((), [artifact(each.path, Kind.DAG) for each in told], practices=told)
    table = matrix(whole, ROWS)
    assert table.splitlines()[2].startswith("| `dags/24.py` |")
    assert "*5 more files in `review.md`.*" in table
    assert len(summary_comment(whole)) < 60_000
