"""Findings lose the secrets of their file, and keep an identity that is the same each time."""

from dataclasses import replace

from review.domain.artifact import Kind
from review.domain.finding import Finding, Suggestion
from review.evidence.confidential import without_secrets
from tests.unit.evidence.builders import artifact
from tests.unit.render.builders import finding

PASSWORD, OTHER = "Qq7-" + "topaz-Lamp", "Mm1-" + "jasper-Wagon"
TEXT = f'password = "{PASSWORD}"\ntoken = "{OTHER}"\nrun("--x {PASSWORD}")\n'
FILE = artifact("dags/a.py", TEXT, Kind.DAG)


def told(secret: str = PASSWORD) -> Finding:
    text = f"run with {secret}"
    return finding(evidence=text, symbol=text, title=text, explanation=text, remediation=text, cost=text, scale=text)


def test_no_field_holds_one() -> None:
    assert PASSWORD not in repr(without_secrets(replace(told(), suggestion=Suggestion(PASSWORD)), FILE))


def test_the_identity_tells_secrets_apart_and_stays() -> None:
    one, again, other = (without_secrets(told(each), FILE) for each in (PASSWORD, PASSWORD, OTHER))
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert without_secrets(one, FILE) == one


def test_an_edit_without_one_is_kept_as_is_a_finding_of_a_file_without() -> None:
    plain = replace(told("nothing"), suggestion=Suggestion("run()"))
    assert without_secrets(plain, FILE) == plain
    assert without_secrets(told(), artifact("dags/b.py", "run()\n", Kind.DAG)) == told()
