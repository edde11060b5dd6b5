"""Every rule against its cases, its own page's examples, and what its suggestions make of the file."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.domain.artifact import Kind, Version
from review.domain.changeset import ChangedFile, Status
from review.domain.finding import Finding
from review.domain.project_files import ProjectFiles
from review.rules import docs
from review.rules.base import Rule
from review.rules.embedded.find import HOSTS
from review.rules.evaluate import Evaluated, evaluate
from review.rules.project.model import Project
from review.rules.registry import load
from review.rules.source import Source
from review.sql.render import Renderer

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[2]
RULES = {(rule.family, rule.name.replace("-", "_")): rule for rule in load()}
DEFAULTS = {
    "cross": (Kind.DAG, "dags/orders_daily.py"),
    "dag": (Kind.DAG, "dags/orders_daily.py"),
    "dbt": (Kind.DBT_MODEL, "models/marts/fct_orders.sql"),
    "spark": (Kind.PYSPARK, "jobs/orders.py"),
    "sql": (Kind.SQL_QUERY, "queries/orders.sql"),
    "trust": (Kind.SQL_QUERY, "queries/orders.sql"),
}
PATHS = {
    Kind.DBT_PROPERTIES: "models/schema.yml",
    Kind.DBT_PACKAGES: "packages.yml",
    Kind.DBT_DOCS: "models/docs.md",
    Kind.DBT_SNAPSHOT: "snapshots/customers.sql",
    Kind.DBT_GENERIC_TEST: "tests/generic/is_recent.sql",
    Kind.DBT_MACRO: "macros/orders.sql",
    Kind.SQL_MIGRATION: "migrations/7_orders.sql",
    Kind.DBT_MODEL: "models/marts/fct_orders.sql",
    Kind.PYSPARK: "jobs/orders.py",
    Kind.SCALA_SPARK: "src/main/scala/Orders.scala",
}
DIALECTS = {
    **dict.fromkeys(("SQL011", "SQL021", "SQL045", "SQL047", "SQL054", "SQL055", "SQL060", "SQL071"), "bigquery"),
    **dict.fromkeys(("SQL050", "SQL059"), "hive"),
    "SQL025": "snowflake",
}
"""Of the examples of rules that speak of one warehouse."""
SLIPS = {"SQL040", "SQL041", "SQL059"}
"""Rules about what does not parse."""
PROJECT = {"project", "project_base", "project_is_complete", "neighbours"}
KEYS = PROJECT | {
    *("head", "base", "path", "kind", "dialect", "base_path", "lines", "symbol", "evidence", "suggestion", "skipped"),
    "says",
}
FOLDERS = {each: (f"{each}s/",) for each in ("model", "macro", "seed", "snapshot", "test")} | {
    "analysis": ("analyses/",)
}


@dataclass(frozen=True)
class Case:
    """One entry of a rule's YAML file."""

    rule: Rule
    name: str
    data: dict[str, Any]

    @property
    def kind(self) -> Kind:
        return Kind(self.data["kind"]) if "kind" in self.data else usual(self.rule)[0]

    @property
    def path(self) -> str:
        return self.data.get("path") or usual(self.rule)[1]


PAGE = "page"
"""The entry of a rule's cases that gives the examples of its page their project."""
EXAMPLE = "example"
"""In it, the path at which the examples stand where they are another file than the one under review."""


def projects(case: Case) -> dict[str, Project | None]:
    """Side → the dbt project of a case: what it names beside the file under review; none for other families."""
    if not (case.kind.value.startswith("dbt-") or (case.kind is Kind.PYSPARK and "project" in case.data)):
        return {"head": None, "base": None}
    head, base = case.data["head"], case.data.get("base")
    told, base_path = case.data.get("project", {}), case.data.get("base_path", case.path)
    before = {path: None for path in told if path in case.data.get("project_base", {})}
    before |= {case.path: None, base_path: base, **case.data.get("project_base", {})}
    files = ProjectFiles(
        root="",
        folders=FOLDERS,
        texts={path: text for path, text in told.items() if text or not path.endswith(".csv")}
        | ({} if head is None else {case.path: head}),
        unread=tuple(path for path, text in told.items() if path.endswith(".csv") and not text),
        before=before,
        is_complete=case.data.get("project_is_complete", True),
    )
    dialect = case.data.get("dialect", "postgres")

    def views(project: Project, path: str, text: str, kind: Kind) -> Source:
        renderer = Renderer({path: text for path, text in files.texts.items() if path.startswith("macros/")}, dialect)
        return Source(Version(path, text), kind, dialect, "", renderer.render, renderer.branches, dbt=project)

    after, earlier = Project(files, files.head(), views), Project(files, files.base(), views)
    after.follow(earlier)
    return {"head": after, "base": earlier}


def usual(rule: Rule) -> tuple[Kind, str]:
    """Kind and path where a case names none."""
    kind, path = DEFAULTS[rule.family]
    if kind not in rule.kinds:
        kind, path = next((kind, path) for kind, path in PATHS.items() if kind in rule.kinds)
    return kind, path


def loaded(file: Path) -> dict[str, Any]:
    """The entries of a rule's file, read by libyaml: every process of the suite reads them all."""
    entries: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return entries


def cases() -> Iterator[Any]:
    for file in sorted(HERE.glob("*/*.yml")):
        rule = RULES[file.parent.name, file.stem]
        for name, data in loaded(file).items():
            if name == PAGE:
                continue
            yield pytest.param(Case(rule, name, data), id=f"{rule.code}-{name}")


def run(case: Case) -> Evaluated:
    head, base = case.data["head"], case.data.get("base")
    dialect = case.data.get("dialect", "postgres")
    base_path = case.data.get("base_path", case.path)
    status = Status.ADDED if base is None else Status.MODIFIED if base_path == case.path else Status.RENAMED
    status = Status.DELETED if head is None else status
    file = ChangedFile(case.path, status, old_path=base_path, added=added_lines(base or "", head or ""))
    dbt = projects(case)
    macros = {path: text for path, text in case.data.get("project", {}).items() if path.startswith("macros/")}
    render = Renderer(macros, dialect).render if macros else None
    own = dbt if case.kind.value.startswith("dbt-") else {"head": None, "base": None}
    beside = (dbt["head"],) if case.kind is Kind.PYSPARK and dbt["head"] is not None else ()
    near = {root: frozenset(paths) for root, paths in case.data.get("neighbours", {}).items()}

    def side(path: str, text: str | None, project: Project | None) -> Source | None:
        version = None if text is None else Version(path, text)
        return version and Source(
            version, case.kind, dialect, None, render, dbt=project, neighbours=near, beside=beside
        )

    return evaluate(
        [case.rule],
        side(base_path, base, own["base"]),
        side(case.path, head, own["head"]),
        file,
        pages="https://example.com/blob/main",
        past=side(base_path, base, own["head"]),
    )


def added_lines(base: str, head: str) -> frozenset[int]:
    matcher = difflib.SequenceMatcher(None, base.split("\n"), head.split("\n"), autojunk=False)
    return frozenset(
        line for tag, _, _, start, end in matcher.get_opcodes() if tag != "equal" for line in range(start + 1, end + 1)
    )


def span(finding: Finding) -> int | str:
    where = finding.location
    return where.line if where.line == where.end_line else f"{where.line}-{where.end_line}"


def applied(text: str, findings: tuple[Finding, ...]) -> str:
    lines = text.split("\n")
    for finding in reversed(findings):
        if finding.suggestion is not None:
            where = finding.location
            lines[where.line - 1 : where.end_line] = finding.suggestion.replacement.split("\n")
    return "\n".join(lines)


def parses(kind: Kind, path: str, text: str, dialect: str = "postgres") -> bool:
    if path.endswith(".py"):
        return bool(ast.parse(text).body)
    if path.endswith(".yml"):
        return yaml.safe_load(text) is not None
    if kind in (Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST):
        return bool(Source(Version(path, text), kind, dialect).jinja.body)
    if path.endswith(".scala"):
        return bool(Source(Version(path, text), kind, dialect).scala.named_children)
    return bool(Source(Version(path, text), kind, dialect).sql.statements)


@pytest.mark.parametrize("case", list(cases()))
def test_case(case: Case) -> None:
    """What is found, how it is told, and what its suggestions make of the file: one run of the rule tells all three."""
    assert set(case.data) <= KEYS
    assert case.kind in case.rule.kinds | HOSTS or case.name.startswith("pass_")
    assert case.name.startswith(("pass_", "fail_"))
    found = run(case)
    assert [span(finding) for finding in found.findings] == case.data.get("lines", [])
    assert bool(found.findings) == case.name.startswith("fail_")
    if "skipped" in case.data:
        assert [case.data["skipped"] in skip.reason for skip in found.skipped] == [True]
        assert found.skipped[0].standards in ((), (case.rule.standard.value,))
    else:
        assert found.skipped == ()
    for key in ("symbol", "evidence"):
        assert case.data.get(key) in (None, *(getattr(finding, key) for finding in found.findings[:1]))
    for first in found.findings[:1] if "says" in case.data else ():
        assert case.data["says"] in f"{first.title}. {first.explanation} {first.remediation}"
    for finding in found.findings:
        well_told(case.rule, finding)
    healing(case, found.findings)


def well_told(rule: Rule, finding: Finding) -> None:
    """The texts of a finding are whole sentences that fit, and it carries its rule's facts."""
    assert 0 < len(finding.title) <= 80
    assert finding.explanation.strip().endswith((".", "!"))
    assert finding.remediation.strip().endswith(".")
    assert "in a comment" not in finding.remediation, "no rule heeds one"
    assert finding.evidence
    assert finding.help_url == f"https://example.com/blob/main/{rule.page}"
    assert finding.source == f"rule:{rule.code}"
    assert finding.standard is rule.standard


def healing(case: Case, found: tuple[Finding, ...]) -> None:
    """The file still parses with all suggestions applied, and what they were made for is found no more."""
    healed = [finding for finding in found if finding.suggestion is not None]
    changed = applied(case.data["head"] or "", found)
    if healed:
        assert changed != case.data["head"]
        assert parses(case.kind, case.path, changed, case.data.get("dialect", "postgres"))
        again = Case(case.rule, case.name, {**case.data, "head": changed})
        assert len(run(again).findings) == len(found) - len(healed)
    assert case.data.get("suggestion", changed) == changed


@pytest.mark.parametrize("rule", list(RULES.values()), ids=lambda rule: rule.code)
def test_examples_of_the_page(rule: Rule) -> None:
    kind, path = usual(rule)
    file = HERE / rule.family / f"{rule.name.replace('-', '_')}.yml"
    given = loaded(file).get(PAGE, {})
    for heading, expected in (("Bad", True), ("Good", False)):
        text = docs.example(rule, heading)
        is_broken = rule.name == "broken-syntax" and heading == "Bad"
        dialect = DIALECTS.get(rule.code, "postgres")
        shown = (Kind.DBT_MODEL, given[EXAMPLE]) if EXAMPLE in given else (kind, path)
        assert is_broken or (expected and rule.code in SLIPS) or parses(*shown, text, dialect)
        others = {**given.get("project", {}), **docs.beside(rule, "Bad"), **docs.beside(rule, heading)}
        data = {"kind": kind.value, "path": path, "dialect": dialect, **given, "project": others}
        earlier = docs.beside(rule, "Bad", before=True)
        if path in earlier:
            data["base"] = earlier.pop(path)
        data["project_base"] = {**given.get("project_base", {}), **earlier}
        if EXAMPLE in data:
            others[data.pop(EXAMPLE)] = text
        else:
            data["head"] = text
        case = Case(rule, heading, data)
        found = run(case)
        assert bool(found.findings) is expected, heading
        assert is_broken or found.skipped == ()


def test_a_secret_is_never_repeated() -> None:
    secret = "tr0ub4dor-9fB2kq0LxV"
    rule = RULES["spark", "credential_in_code"]
    case = Case(rule, "secret", {"head": f'spark.conf.set("fs.s3a.secret.key", "{secret}")\n'})
    (finding,) = run(case).findings
    assert secret not in str(finding.to_dict())


@pytest.mark.parametrize(("path", "text"), docs.pages(load()).items())
def test_the_pages_are_those_of_the_docstrings(path: str, text: str) -> None:
    """`data-review docs` writes them."""
    assert (ROOT / path).read_text("utf-8") == text
