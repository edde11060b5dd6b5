"""CODEOWNERS: the examples of GitHub's page, and what is not valid there."""

from fnmatch import fnmatchcase

import pytest

from review.intake import codeowners
from review.intake.codeowners import MAX_RULES, owners_of
from tests.unit.artifacts.builders import MemoryTree

GITHUBS = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""
"""docs.github.com, "About code owners", example of a CODEOWNERS file."""


def owners(text: str, path: str) -> tuple[str, ...]:
    return owners_of([path], MemoryTree({"CODEOWNERS": text})).get(path, ())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", "@global-owner1 @global-owner2"),
        ("web/deep/app.js", "@js-owner"),
        ("main.go", "docs@example.com"),
        ("notes/a.txt", "@octo-org/octocats"),
        ("build/logs/a.log", "@octocat"),
        ("deep/build/logs/a.log", "@octocat"),
        ("docs/getting-started.md", "@doctocat"),
        ("docs/build-app/troubleshooting.md", "@doctocat"),
        ("scripts/x.sh", "@doctocat @octocat"),
        ("old/apps/x.py", "@octocat"),
        ("apps/github", ""),
        ("apps/github/x.py", ""),
        ("apps/githubby/x.py", "@octocat"),
    ],
)
def test_githubs_example(path: str, expected: str) -> None:
    assert owners(GITHUBS, path) == tuple(expected.split())


@pytest.mark.parametrize(
    ("pattern", "path", "held"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/build-app/a.md", False),
        ("docs/*", "x/docs/a.md", False),
        ("docs/", "x/docs/y/a.md", True),
        ("docs/", "docs", False),
        ("/docs/", "x/docs/a.md", False),
        ("docs", "docs/a.md", True),
        ("docs", "x/docs", True),
        ("/docs", "x/docs", False),
        ("a/b", "a/b/c/d.sql", True),
        ("a/b", "x/a/b", False),
        ("*", "a/b/c.sql", True),
        ("**", "a/b/c.sql", True),
        ("a/**", "a/b/c.sql", True),
        ("a/**", "a", False),
        ("a/**/c.sql", "a/c.sql", True),
        ("a/**/c.sql", "a/x/y/c.sql", True),
        ("a/**/c.sql", "a/x/y/d.sql", False),
        ("**/marts/**", "x/marts/y.sql", True),
        ("*.sql", "a/b.sql", True),
        ("/*.sql", "a/b.sql", False),
        ("/models/*_daily.sql", "models/orders_daily.sql", True),
        ("/models/?.sql", "models/a.sql", True),
        ("/models/?.sql", "models/ab.sql", False),
        ("Models/", "models/a.sql", False),
        ("my\\ models/", "my models/a.sql", True),
        ("caf\u00e9/", "caf\u00e9/a.sql", True),
        ("/", "a.sql", False),
        ("a.sql/", "a.sql", False),
    ],
)
def test_patterns(pattern: str, path: str, held: bool) -> None:
    assert owners(f"{pattern} @ana", path) == (("@ana",) if held else ())


@pytest.mark.parametrize(
    "line",
    [
        "!models/ @ben",
        "model[sx]/ @ben",
        "[Section] @ben",
        "models/ ben",
        "models/ @",
        "models/ @ben,@ana",
        "models/ ben@nowhere",
        "# models/ @ben",
        "\\#models/ @ben",
        "   ",
        "@ben",
    ],
)
def test_a_line_that_is_not_valid_is_skipped(line: str) -> None:
    assert owners(f"models/ @ana\n{line}\n", "models/a.sql") == ("@ana",)


def test_the_first_place_counts() -> None:
    places = {"docs/CODEOWNERS": "* @docs", "CODEOWNERS": "* @root", ".github/CODEOWNERS": "* @github"}
    for expected in ("@github", "@root", "@docs"):
        assert owners_of(["a.sql"], MemoryTree(places)) == {"a.sql": (expected,)}
        del places[next(reversed(places))]
    assert owners_of(["a.sql"], MemoryTree(places)) == {}


def test_a_file_too_large_names_nobody() -> None:
    assert owners_of(["a.sql"], MemoryTree({"CODEOWNERS": "* @ana\n" * (MAX_RULES + 1)})) == {}
    assert owners_of(["a.sql"], MemoryTree({"CODEOWNERS": "* @ana\n" + "#" * 3_000_000})) == {}


def test_many_folders_and_stars_take_no_time() -> None:
    path = "/".join(["a"] * 200)
    assert owners("/".join(["**", "a"] * 60) + "/b @ana", path) == ()


def test_a_rule_of_another_folder_costs_a_look_at_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of 3,000 files in a monorepo of 5,000 rules took minutes, the whole of them for a table in a summary."""
    compared: list[str] = []

    def compare(name: str, pattern: str) -> bool:
        compared.append(pattern)
        return fnmatchcase(name, pattern)

    monkeypatch.setattr(codeowners, "fnmatchcase", compare)
    rules = [f"/teams/team{number}/**/models/ @team{number}" for number in range(MAX_RULES)]
    paths = [f"teams/team7/dbt/models/m{number}.sql" for number in range(50)]
    assert owners_of(paths, MemoryTree({"CODEOWNERS": "\n".join(rules)})) == dict.fromkeys(paths, ("@team7",))
    assert len(compared) < 20 * len(paths)
