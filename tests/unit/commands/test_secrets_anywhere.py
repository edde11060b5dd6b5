"""A secret is found in whatever text file the change touches, told once, and shown nowhere."""

import hashlib
import json
from pathlib import Path

import pytest

from review.commands.local import rendered, review_range
from review.config.policy import Policy
from review.domain.verdict import Decision, Review
from review.evidence.secrets import MAX_HITS, MAX_TOLD
from review.git.objects import BLOB_LIMIT
from review.render.parts import one_line
from review.rules.trust import committed_secret
from tests.unit.git.git_checkout import Checkout

POLICY = ".github/data-review.yml"
TOKEN = "dapi" + "9f3c71e0b8d24a65" * 2
ADDRESS = "postgres://loader:" + "kU7-quay-Lantern" + "@shop-db.acme.io/shop"
PROFILES = "shop:\n  outputs:\n    prod:\n      type: postgres\n      host: shop-db.acme.io\n      password: %s\n"
FORMATS = ("text", "markdown", "json", "sarif")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "shop")
    made.commit({"README.md": "shop\n", "settings/.env": "A=1\nB=2\nC=3\n"})
    return made


def review_of(checkout: Checkout) -> Review:
    return review_range(checkout.path, "HEAD~1", "HEAD", 1)


def places(review: Review) -> list[tuple[str, str, int]]:
    return [(each.code, each.location.path, each.location.line) for each in review.findings]


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        ".env",
        "deploy/values.yaml",
        "infra/prod.tfvars",
        "run.sh",
        "a.json",
        "Dockerfile",
        "rows.csv",
        "x.xyz",
    ],
)
def test_in_a_file_that_is_no_data_file(checkout: Checkout, path: str) -> None:
    checkout.commit({path: f"one\ntoken: {TOKEN}\n"})
    review = review_of(checkout)
    assert places(review) == [("TRU003", path, 2)]
    assert review.verdict.decision is Decision.FAIL
    assert review.inline == {review.findings[0].fingerprint}
    assert review.artifacts == ()
    for form in FORMATS:
        assert TOKEN[8:20] not in rendered(review, form)


@pytest.mark.parametrize("others", [{}, {"a.sql": "select 1 from orders\n"}])
def test_sarif_has_the_rules_own_words(checkout: Checkout, others: dict[str, str]) -> None:
    checkout.commit({"run.sh": f"export TOKEN={TOKEN}\n", **others})
    (run,) = json.loads(rendered(review_of(checkout), "sarif"))["runs"]
    (descriptor,) = run["tool"]["driver"]["rules"]
    assert descriptor["shortDescription"]["text"] == committed_secret.rule.summary
    assert descriptor["fullDescription"]["text"].startswith("What is committed is readable to everyone")


def test_only_on_lines_of_the_change(checkout: Checkout) -> None:
    checkout.commit({"settings/.env": f"A=1\nSHOP={ADDRESS}\nC=3\n"})
    assert places(review_of(checkout)) == [("TRU003", "settings/.env", 2)]
    checkout.commit({"settings/.env": f"A=1\nSHOP={ADDRESS}\nC=4\n"})
    assert places(review_of(checkout)) == []
    checkout.commit({"settings/.env": f"A=1\nC=4\nSHOP={ADDRESS}\n"})
    assert places(review_of(checkout)) == []


def test_below_many_that_stood_there_before(checkout: Checkout) -> None:
    old = "".join(f"SHOP{number}={ADDRESS}{number}\n" for number in range(MAX_TOLD + 20))
    checkout.commit({"settings/.env": old.replace("kU7", "kU8")})
    checkout.commit({"settings/.env": old.replace("kU7", "kU8") + f"SHOP={ADDRESS}\n"})
    assert places(review_of(checkout)) == [("TRU003", "settings/.env", MAX_TOLD + 21)]
    many = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(MAX_HITS + 200))
    checkout.commit({"settings/.env": "".join(f"A=dapi{each[:32]}\n" for each in many)})
    review = review_of(checkout)
    assert len(review.findings) == MAX_TOLD
    (skip,) = review.skipped
    assert (skip.subject, skip.reason) == ("settings/.env", "only the first 1,000 secrets that TRU003 sees in it count")


def test_a_moved_file_brings_nothing(checkout: Checkout) -> None:
    checkout.commit({"settings/.env": f"A=1\nSHOP={ADDRESS}\nC=3\n"})
    checkout.git("mv", "settings/.env", "settings/.envrc")
    checkout.git("commit", "-q", "-m", "move")
    review = review_of(checkout)
    assert (places(review), review.searched) == ([], 1)


@pytest.mark.parametrize("path", ["dbt/profiles.yml", "profiles.yml"])
def test_password_of_a_profile(checkout: Checkout, path: str) -> None:
    checkout.commit({path: PROFILES % "kU7-quay-Lantern"})
    review = review_of(checkout)
    assert places(review) == [("TRU004", path, 6)]
    assert review.verdict.decision is Decision.PASS
    for form in FORMATS:
        assert "Lantern" not in rendered(review, form)
    checkout.commit({path: PROFILES % "\"{{ env_var('SHOP_PASSWORD') }}\""})
    assert places(review_of(checkout)) == []


def test_password_in_python_that_is_no_dag(checkout: Checkout) -> None:
    checkout.commit({"etl/util.py": 'import psycopg2\n\nDB_PASSWORD = "kU7-quay-Lantern"\n'})
    review = review_of(checkout)
    assert places(review) == [("TRU005", "etl/util.py", 3)]
    assert review.verdict.decision is Decision.PASS
    for form in FORMATS:
        assert "Lantern" not in rendered(review, form)


def test_beside_data_files(checkout: Checkout) -> None:
    checkout.commit({"a.sql": "select 1 from orders\n", "config/prod.ini": f"[shop]\nurl = {ADDRESS}\n", "b.md": "x\n"})
    review = review_of(checkout)
    assert places(review) == [("TRU003", "config/prod.ini", 2)]
    assert [each.path for each in review.artifacts] == ["a.sql"]
    assert review.searched == 2
    assert "2 other files looked at for secrets (known tokens and keys" in " ".join(rendered(review, "text").split())


def test_a_change_without_one_stays_nothing_to_review(checkout: Checkout) -> None:
    checkout.commit({"README.md": "the shop\n", "logo.png": b"\x89PNG\r\n\0\0", "poetry.lock": "x\n"})
    review = review_of(checkout)
    assert (review.findings, review.skipped, review.searched) == ((), (), 1)
    assert review.verdict.decision is Decision.PASS
    assert "nothing in this change touches DAGs, dbt, Spark or SQL" in rendered(review, "text")
    assert "1 other file looked at for secrets" in rendered(review, "markdown")
    assert one_line(review).endswith(" (3 changed files; 1 looked at for secrets).")


def test_what_cannot_be_looked_at_is_told_and_leaves_the_gate(checkout: Checkout) -> None:
    huge = "a line of it\n" * (BLOB_LIMIT // 13 + 1)
    long = "a line of it\n" * 200_000
    checkout.commit({"huge.txt": huge, "long.txt": long, "blob.dat": b"\0\1\2", "old.txt": b"caf\xe9\n"})
    review = review_of(checkout)
    told = {skip.subject: skip.reason for skip in review.skipped}
    assert set(told) == {"huge.txt", "long.txt"}
    assert all(reason.startswith("not looked at for secrets: ") for reason in told.values())
    assert all(skip.harmless for skip in review.skipped)
    assert (review.verdict.decision, review.searched) == (Decision.PASS, 1)


def test_a_file_whose_content_is_gone_is_not_green(checkout: Checkout) -> None:
    checkout.commit({"README.md": "the shop\n"})
    name = checkout.git("rev-parse", "HEAD:README.md").strip()
    (checkout.path / ".git/objects" / name[:2] / name[2:]).unlink()
    review = review_of(checkout)
    assert review.verdict.decision is Decision.INCOMPLETE
    assert [(skip.subject, skip.standards) for skip in review.verdict.undecided] == [("README.md", ("security",))]


@pytest.mark.parametrize(
    "policy",
    ["paths-ignore: [ops/]\n", "generated: [ops/]\n", "rules: {ignore: [TRU003]}\n", "rules: {select: [SQL001]}\n"],
)
def test_what_the_team_does_not_want(checkout: Checkout, policy: str) -> None:
    checkout.commit({POLICY: policy})
    checkout.commit({"ops/run.sh": f"export TOKEN={TOKEN}\n"})
    assert places(review_of(checkout)) == []


def test_severity_is_the_teams(checkout: Checkout) -> None:
    checkout.commit({POLICY: "rules: {severity: {TRU003: low}}\n"})
    checkout.commit({"run.sh": f"export TOKEN={TOKEN}\n"})
    (finding,) = review_of(checkout).findings
    assert finding.severity.value == "low"


@pytest.mark.parametrize(
    "path", ["node_modules/a/b.js", "vendor/x.go", "app.min.js", "docs/a.md", "tests/a.env", ".env.example"]
)
def test_what_others_wrote_and_what_shows_how(checkout: Checkout, path: str) -> None:
    checkout.commit({path: f"token = {TOKEN}\n"})
    assert places(review_of(checkout)) == []


def test_a_rule_that_fails_is_told(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str, text: str) -> None:
        raise ZeroDivisionError(path + text)

    monkeypatch.setattr(committed_secret, "look", fail)
    checkout.commit({"run.sh": f"export TOKEN={TOKEN}\n"})
    review = review_of(checkout)
    assert review.verdict.decision is Decision.INCOMPLETE
    assert [(skip.subject, skip.reason) for skip in review.skipped] == [
        ("TRU003 on run.sh", "made the rule fail (ZeroDivisionError)")
    ]
    assert Policy().select == frozenset()
