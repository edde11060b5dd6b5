"""SQL that is not what it was taken for: what else it is read as, and what becomes of a file that nothing can read."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from review.domain.artifact import Artifact, Kind
from review.domain.evidence import Skipped
from review.domain.verdict import Decision
from review.evidence.collect import MAX_OTHERS, Evidence, _dialects
from review.evidence.lint import MANY_ROWS
from review.evidence.reading import MAX_TRIED
from review.verdict.decide import decide
from tests.unit.evidence.builders import artifact, collected

POSTGRES = "alter table orders add column placed_at timestamptz not null;\ndo $$ begin perform 1; end $$;\n"
BROKEN = "select a from (where b = ) group\n"
NOWHERE = "drop policy mine on orders;\ncreate policy mine on orders using (true);\n"


def taken_for(
    path: str,
    text: str,
    dialect: str,
    *others: str,
    kind: Kind = Kind.SQL_MIGRATION,
    added: Sequence[int] | None = None,
) -> Artifact:
    return replace(artifact(path, text, kind, dialect=dialect, added=added), other_dialects=others)


FILES = [
    taken_for("guessed.sql", POSTGRES, "bigquery", "snowflake", "postgres"),
    taken_for("stated.sql", POSTGRES, "bigquery"),
    taken_for("sound.sql", "create table `a.b` (c int64);\n", "bigquery", "postgres"),
    taken_for("broken.sql", BROKEN, "bigquery", "postgres", "ansi", kind=Kind.SQL_QUERY),
    taken_for("known.sql", BROKEN, "postgres", kind=Kind.SQL_QUERY),
    taken_for("opaque.sql", NOWHERE, "ansi"),
    taken_for("shortened.sql", BROKEN, "ansi", kind=Kind.SQL_QUERY, added=()),
    taken_for("long.sql", POSTGRES + "-- \n" * MAX_TRIED, "bigquery", "postgres"),
]


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return collected(FILES)


def skips(evidence: Evidence, path: str) -> list[Skipped]:
    return [each for each in evidence.skipped if each.subject == path]


def decision(evidence: Evidence, path: str) -> Decision:
    files = [each for each in FILES if each.path == path]
    findings = [each for each in evidence.findings if each.location.path == path]
    return decide(files, findings, skips(evidence, path), evidence.subjects, None).decision


def test_a_guess_that_fails_gives_way_to_what_the_words_speak_for(evidence: Evidence) -> None:
    assert skips(evidence, "guessed.sql") == []
    assert "rule:SQL049" in {each.source for each in evidence.findings if each.location.path == "guessed.sql"}


def test_what_was_stated_is_no_guess(evidence: Evidence) -> None:
    reasons = [each.reason for each in skips(evidence, "stated.sql")]
    assert "could not be linted: sqlfluff's bigquery grammar cannot parse it from line 1 on" in reasons


def test_a_guess_that_holds_stays(evidence: Evidence) -> None:
    assert skips(evidence, "sound.sql") == []


def test_a_long_file_is_read_once(evidence: Evidence) -> None:
    assert any("sqlfluff's bigquery grammar cannot parse it" in each.reason for each in skips(evidence, "long.sql"))


@pytest.mark.parametrize("path", ["broken.sql", "known.sql", "opaque.sql", "shortened.sql"])
def test_what_no_dialect_can_read_leaves_the_gate_undecided(path: str, evidence: Evidence) -> None:
    """Also where no rule came to ask for its SQL, because none of the words they look for is in it."""
    assert decision(evidence, path) is Decision.INCOMPLETE
    whole = [each for each in skips(evidence, path) if each.stage == "rules"]
    assert [each.standards for each in whole] == [()]


def test_a_file_that_only_moved_has_nothing_to_be_read() -> None:
    moved = artifact("b.sql", BROKEN, base=BROKEN, added=())
    found = collected([moved, artifact("c.sql", BROKEN, base=f"{BROKEN}-- a\n", added=())])
    assert () not in {each.standards for each in skips(found, "b.sql")}
    assert () in {each.standards for each in skips(found, "c.sql")}


def test_what_sqlfluff_can_read_is_read_though_no_line_is_new() -> None:
    text = "drop function if exists a(_b regclass);\n"
    gone = artifact("a.sql", text, Kind.SQL_MIGRATION, dialect="postgres", base=f"{text}-- a\n", added=())
    assert () not in {each.standards for each in skips(collected([gone]), "a.sql")}


def test_a_guess_is_called_one(evidence: Evidence) -> None:
    reasons = [each.reason for each in skips(evidence, "broken.sql") if each.stage == "lint"]
    assert len(reasons) == 1
    assert "its dialect is only a guess: set `sqlfluff.dialect` for its path" in reasons[0]


def test_every_other_dialect_takes_time_to_load() -> None:
    many = [taken_for(f"{name}.sql", "", "ansi", name, "mysql") for name in ("trino", "tsql", "hive", "oracle")]
    assert len(_dialects([*many, *many])) == MAX_OTHERS + 1
    assert "mysql" in _dialects(many)
    assert _dialects([artifact("a.sql", "", dialect="trino")]) == {"trino"}


ROWS = ",\n".join(f"({number}, 'b')" for number in range(MANY_ROWS))
DATA = f"insert into a (b, c) values\n{ROWS};\n"


def test_rows_that_are_written_out_are_data() -> None:
    """sqlfluff would take seconds, say that it is no SQL, and leave every standard unreviewed."""
    texts = {
        "data.sql": DATA,
        "mixed.sql": "create table a (b int, c text) without rowid;\n" + DATA,
        "short.sql": DATA.replace(ROWS, "(1, 'b')"),
        "broken.sql": DATA.replace("values", "walues"),
    }
    found = collected([artifact(path, text, Kind.SQL_MIGRATION) for path, text in texts.items()])
    (whole,) = skips(found, "data.sql")
    assert whole.harmless
    assert "its 1,000 rows of INSERT are data" in whole.reason
    assert "nothing is lost" in whole.reason
    (mixed,) = skips(found, "mixed.sql")
    assert not mixed.harmless
    assert mixed.reason.endswith("only sqlfluff's checks of the other statements are lost")
    assert skips(found, "short.sql") == []
    assert {each.harmless for each in skips(found, "broken.sql")} == {False}


BLANK = [
    "{{ config(enabled=false) }}\n",
    "{# old #}",
    "{% set x = var('a') %}\n",
    "{% docs a %}\nselect 1\n{% enddocs %}\n",
]
NOT_BLANK = [
    "{% if execute %}\n{% else %}\nselect 1\n{% endif %}\n",
    "{% do run_query('drop table a') %}",
    "{% set x = run_query('drop table a') %}",
    "{% call statement('a') %}drop table a{% endcall %}",
    "{% set x %}select 1{% endset %}",
    "{% set x = 'select ((' %}{{ x }}",
    "{{ 'select ((' ~ var('a') }}",
    "{{ ",
]


def test_only_what_holds_no_sql_is_harmless() -> None:
    texts = {f"p/models/m{number}.sql": text for number, text in enumerate([*BLANK, *NOT_BLANK])}
    found = collected([artifact(path, text, Kind.DBT_MODEL, project="p") for path, text in texts.items()])
    for path, text in texts.items():
        if text in BLANK:
            assert [each.harmless for each in skips(found, path)] == [True]
            assert "it holds no SQL" in skips(found, path)[0].reason
        else:
            assert ("rules", ()) in {(each.stage, each.standards) for each in skips(found, path)}, text
