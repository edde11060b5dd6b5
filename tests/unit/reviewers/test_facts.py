"""What is certain about a change: ids, sentences, and the lines they quote."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from review.domain.artifact import Kind
from review.domain.changeset import Side
from review.domain.finding import Confidence, Location
from review.domain.outline import Outline, Part
from review.domain.severity import Severity
from review.reviewers.facts import DEFAULTS, EXCERPT_LINES, EXPLANATION, FINDINGS, NEIGHBOURS, Fact, facts
from review.reviewers.lineage import Lineage
from tests.unit.render.builders import finding
from tests.unit.reviewers.builders import Artifact, artifact

FCT, STG, DAG = "m/fct.sql", "m/stg.sql", "dags/a.py"


def known(
    *artifacts: Artifact,
    findings: Sequence[Any] = (),
    outlines: Mapping[str, Outline] | None = None,
    is_whole: bool = True,
    properties: Mapping[str, tuple[tuple[str, str, Part], ...]] | None = None,
) -> tuple[Fact, ...]:
    outlines = outlines or {}
    return facts(artifacts, findings, outlines, Lineage(outlines, is_whole), properties or {})


def said(*artifacts: Artifact, **more: Any) -> list[str]:
    return [str(fact) for fact in known(*artifacts, **more)]


def model(path: str, kind: Kind = Kind.DBT_MODEL) -> Artifact:
    return artifact(path, "select 1\n", "select 2\n", kind)


def test_what_a_tool_found() -> None:
    entry = finding(
        source="sqlfluff:AM04",
        location=Location(FCT, 3, 5, Side.LEFT),
        title="Columns\nunknown",
        explanation="The outer query\n  takes all.",
        confidence=Confidence.LOW,
    )
    (fact,) = known(model(FCT), findings=[entry], is_whole=False)
    assert str(fact) == (
        "F1 m/fct.sql: sqlfluff:AM04 found at LEFT 3-5 (data-quality, medium): Columns unknown."
        " The outer query takes all."
    )
    assert fact.finding is entry


def test_of_many_findings_the_worst_are_told_and_the_rest_is_counted() -> None:
    levels = (Severity.LOW, Severity.HIGH, Severity.CRITICAL, Severity.MEDIUM)
    entries = [
        finding(severity=levels[number % 4], location=Location(FCT, number, number), evidence=f"{number}")
        for number in range(1, 53)
    ]
    found = known(model(FCT), findings=entries, is_whole=False)
    assert FINDINGS == 40
    told = [fact.finding for fact in found if fact.finding is not None]
    assert told == sorted(entries, key=lambda entry: entry.severity.rank)[:40]
    assert [fact.text for fact in found[40:]] == ["12 more findings of linters and rules"]
    assert found[40].finding is None
    assert len(known(model(FCT), findings=entries[:40], is_whole=False)) == 40


def test_a_long_explanation_is_cut() -> None:
    (fact,) = known(model(FCT), findings=[finding(location=Location(FCT, 1, 1), explanation="é" * 700)], is_whole=False)
    assert EXPLANATION == 600
    assert fact.text.endswith(f"key. {'é' * 600}")


def test_what_reads_and_is_read() -> None:
    outlines = {
        FCT: Outline(reads=("ref:stg", "source:shop.orders"), writes=("model:fct",)),
        STG: Outline(reads=("source:shop.raw",), writes=("model:stg",)),
        DAG: Outline(reads=("ref:stg",), writes=("table:shop.orders",)),
    }
    assert said(model(STG), model(FCT), model(DAG, Kind.DAG), outlines=outlines) == [
        "F1 dags/a.py: reads m/stg.sql",
        "F2 dags/a.py: writes what is read by m/fct.sql",
        "F3 m/fct.sql: reads dags/a.py, m/stg.sql",
        "F4 m/fct.sql: nothing else in this repository refers to it",
        "F5 m/stg.sql: reads source shop.raw",
        "F6 m/stg.sql: is read by dags/a.py, m/fct.sql",
    ]


def test_nobody_reads_it_is_said_only_where_everything_was_looked_at() -> None:
    assert said(model(FCT), is_whole=False) == []
    for kind, is_said in (
        (Kind.DBT_MODEL, True),
        (Kind.DBT_SEED, True),
        (Kind.DBT_SNAPSHOT, True),
        (Kind.DBT_TEST, False),
    ):
        assert bool(said(model(FCT, kind))) is is_said


def test_many_neighbours_are_counted() -> None:
    outlines = {f"m/{number:02}.sql": Outline(reads=("ref:fct",)) for number in range(15)}
    outlines[FCT] = Outline(writes=("model:fct",))
    (line,) = said(model(FCT), outlines=outlines)
    assert NEIGHBOURS == 12
    assert line.endswith("m/10.sql, m/11.sql and 3 more")


def test_what_describes_a_model_is_quoted() -> None:
    text = "version: 2\nmodels:\n  - name: fct\n    description: 'Bearer abcdefghijklmnop'\n  - name: stg\n"
    part = Part("model", "fct", 3, 4)
    assert said(model(FCT), is_whole=False, properties={FCT: (("m/a.yml", text, part),)}) == [
        "F1 m/fct.sql: is described in m/a.yml:\n"
        "R     3   |   - name: fct\n"
        "R     4   |     description: 'Bearer (redacted)'"
    ]


def test_a_long_description_is_cut_and_counted() -> None:
    text = "".join(f"line {number}\n" for number in range(1, 60))
    (line,) = said(model(FCT), is_whole=False, properties={FCT: (("m/a.yml", text, Part("model", "fct", 2, 50)),)})
    assert EXCERPT_LINES == 40
    assert line.split("\n")[-2:] == ["R    41   | line 41", "(9 more lines)"]


def test_a_properties_file_that_changes_is_shown_as_a_file_of_its_own() -> None:
    properties = {FCT: (("m/a.yml", "x\n", Part("model", "fct", 1, 1)),)}
    assert said(model(FCT), model("m/a.yml", Kind.DBT_PROPERTIES), is_whole=False, properties=properties) == []


def test_what_the_tasks_of_a_long_dag_file_inherit() -> None:
    text = "".join(f"line {number}\n" for number in range(1, 200))
    outline = Outline((Part("default_args", "ARGS", 2, 3), Part("dag", "nightly", 10, 190), Part("task", "t", 12, 13)))
    found = said(artifact(DAG, None, text, Kind.DAG), outlines={DAG: outline})
    assert found[0] == "F1 dags/a.py: default_args ARGS:\nR     2   | line 2\nR     3   | line 3"
    assert found[1].startswith("F2 dags/a.py: dag nightly:\nR    10   | line 10\n")
    assert len(found) == 2
    assert len(found[1].split("\n")) == 1 + EXCERPT_LINES // 2


def test_a_short_dag_file_is_shown_whole_anyway() -> None:
    outline = Outline((Part("default_args", "ARGS", 1, 1),))
    assert said(artifact(DAG, None, "x\n" * 150, Kind.DAG), outlines={DAG: outline}) == []
    assert len(said(artifact(DAG, None, "x\n" * 151, Kind.DAG), outlines={DAG: outline})) == 1
    assert said(artifact(DAG, "x\n" * 151, None, Kind.DAG), outlines={DAG: outline}) == []


def test_ids_count_up_by_path_and_do_not_hang_on_the_order() -> None:
    entries = [finding(location=Location(path, 1, 1)) for path in (FCT, STG, FCT)]
    one = known(model(STG), model(FCT), findings=entries)
    other = known(model(FCT), model(STG), findings=entries)
    assert [(fact.id, fact.path) for fact in one] == [
        ("F1", FCT), ("F2", FCT), ("F3", FCT), ("F4", STG), ("F5", STG),
    ]  # fmt: skip
    assert one == other


def test_a_path_is_named_without_what_does_not_show() -> None:
    path = "m/a\nR     1 + | x\u202e.sql"
    assert said(model(path)) == [
        "F1 m/a<U+000A>R     1 + | x<U+202E>.sql: nothing else in this repository refers to it"
    ]


def test_of_a_file_with_thousands_of_dags_four_are_quoted() -> None:
    """Who quoted from each of them would cut the file into its lines as often."""
    block = 'with DAG("dag_{0}", default_args=ARGS):\n    run_{0}()\n'
    text = "".join(block.format(number) for number in range(3_000))
    outline = Outline(tuple(Part("dag", f"dag_{n}", 2 * n + 1, 2 * n + 2) for n in range(3_000)))
    started = time.monotonic()
    found = known(artifact(DAG, None, text, Kind.DAG), outlines={DAG: outline})
    assert time.monotonic() - started < 2
    assert DEFAULTS == 4
    assert [fact.text.split("\n")[0] for fact in found] == [f"dag dag_{number}:" for number in range(DEFAULTS)]
