"""What a model may look at: nothing beyond two commits, nothing secret, and no more than is good for it."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from review.domain.outline import Outline
from review.errors import GitError
from review.git.objects import BLOB_LIMIT
from review.git.repository import Repository
from review.model.base import ToolUse
from review.reviewers.lineage import Lineage
from review.reviewers.tools import CALLS, TOOLS, Shelf, Toolbox, tools_of
from tests.unit.git.git_checkout import Checkout
from tests.unit.reviewers.builders import AGENT, Tree, shelf

FILES = {
    "models/a.sql": "select 1\nfrom raw.orders\n",
    "models/marts/b.sql": "select * from {{ ref('a') }}\n",
    "dags/nightly.py": "dag = DAG('nightly')\n",
    "README.md": "Orders.\n",
}
SECRET = "ghp_" + "a1B2" * 9
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----\n"


def use(tool: Toolbox | Shelf, name: str, /, **arguments: Any) -> dict[str, Any]:
    box = tool if isinstance(tool, Toolbox) else Toolbox(tool)
    return box.run(ToolUse("toolu_1", name, arguments))


def answered(where: Shelf, name: str, /, **arguments: Any) -> str:
    block = use(where, name, **arguments)
    assert block == {"type": "tool_result", "tool_use_id": "toolu_1", "content": block["content"]}, block
    return str(block["content"])


def refused(where: Toolbox | Shelf, name: str, /, **arguments: Any) -> str:
    block = use(where, name, **arguments)
    assert set(block) == {"type", "tool_use_id", "content", "is_error"}, block
    assert block["is_error"] is True
    return str(block["content"])


def read(where: Shelf, path: str, start_line: int = 1, end_line: int = 400) -> str:
    return answered(where, "read_file", path=path, start_line=start_line, end_line=end_line)


def not_read(where: Shelf, path: str) -> str:
    return refused(where, "read_file", path=path, start_line=1, end_line=9)


NO_FILE = "There is no such file, or it is not shown."


# read_file


def test_a_file_comes_with_the_gutter_and_the_version_it_is_of() -> None:
    where = shelf(FILES, {"models/a.sql": "select 2\nfrom raw.orders\nlimit 1"})
    assert read(where, "models/a.sql") == (
        "models/a.sql at head, lines 1 to 3 of 3\n"
        "R     1   | select 2\n"
        "R     2   | from raw.orders\n"
        "R     3   | limit 1"
    )
    assert read(where, "./README.md") == "README.md at base, lines 1 to 1 of 1\nR     1   | Orders."


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (1, 5, 1, 5),
        (0, 2, 1, 2),
        (-7, 3, 1, 3),
        (990, 2_000, 990, 1_000),
        (5, 1, 5, 5),
        (1, 9_999, 1, 400),
        (1_000, 1_000, 1_000, 1_000),
    ],
)
def test_a_range_of_lines(start: int, end: int, first: int, last: int) -> None:
    text = read(shelf({"a.sql": "x\n" * 1_000}), "a.sql", start, end).split("\n")
    assert text[0] == f"a.sql at base, lines {first} to {last} of 1000"
    assert [int(line.split()[1]) for line in text[1:]] == list(range(first, last + 1))


def test_lines_behind_the_end() -> None:
    where = shelf({"a.sql": "x\n" * 3})
    assert refused(where, "read_file", path="a.sql", start_line=4, end_line=9) == "The file ends before that line."


@pytest.mark.parametrize(
    "path",
    [
        "../secrets.txt",
        "models/../../x",
        "models/../models/a.sql",
        "/etc/passwd",
        "/models/a.sql",
        ".git/config",
        "./.git/config",
        "models",
        "models/",
        "models//a.sql",
        "MODELS/a.sql",
        "models/a.sql ",
        "models/*.sql",
        "",
        ".",
        "..",
        "~/.aws/credentials",
    ],
)
def test_nothing_but_files_of_the_commits(path: str) -> None:
    assert not_read(shelf(FILES, {"models/a.sql": "x\n"}), path) == NO_FILE


SECRET_FILES = [
    "server.pem", "certs/tls.key", "a.p12", "b.PFX", "keystore.jks", ".ssh/id_rsa", "id_rsa.pub", ".env", ".env.prod",
    "dbt/.env", "dbt/.ENV.local", "prod.env", "gcp/credentials.json", "my-Credentials-prod.json",
]  # fmt: skip


@pytest.mark.parametrize("path", SECRET_FILES)
def test_files_of_secrets_are_not_shown_whether_changed_or_not(path: str) -> None:
    for where in (shelf({path: "hidden-value\n"}), shelf({}, {path: "hidden-value\n"})):
        assert not_read(where, path) == NO_FILE
        assert answered(where, "list_files", glob="**") == "No file matches."
        assert "hidden" not in answered(where, "search", text="hidden-v", glob="**")


def test_what_looks_alike_is_shown() -> None:
    for path in ("models/environment.sql", "keys.sql", "dags/credentials.py", "envelope.yml"):
        assert "x" in read(shelf({path: "x\n"}), path)


def test_a_file_that_the_change_takes_away_is_gone() -> None:
    where = shelf(FILES, {"models/new.sql": "x\n"}, gone=["models/a.sql"])
    assert not_read(where, "models/a.sql") == NO_FILE
    assert answered(where, "list_files", glob="models/*") == "models/marts/b.sql\nmodels/new.sql"
    assert answered(where, "search", text="raw.orders", glob="*") == "No hit in 4 files."


def test_a_binary_file() -> None:
    where = shelf({"a.parquet": "PAR1\0\0"})
    assert not_read(where, "a.parquet") == "The file holds no text."
    assert answered(where, "search", text="PAR1", glob="*") == "No hit in 1 files."


def test_a_huge_file_is_cut_at_whole_lines() -> None:
    text = read(shelf({"a.sql": "y" * 300 + "\n" + "z" * 100_000 + "\n" + "x" * 300 + "\n"}), "a.sql")
    assert [len(line) for line in text.split("\n")[1:]] == [312, 414, 312]
    text = read(shelf({"a.sql": ("x" * 300 + "\n") * 1_000}), "a.sql")
    assert 11_600 < len(text) <= 12_011
    assert text.endswith("x\n(cut here)")


def test_secrets_in_a_file_are_blotted_out_and_hidden_characters_named() -> None:
    where = shelf({"a.py": f"x = '{SECRET}'\n{KEY}y = '\u202e'\n"})
    text = read(where, "a.py")
    assert SECRET not in text
    assert "MIIE" not in text
    assert text.endswith("R     5   | y = '<U+202E>'")
    assert "MIIE" not in read(where, "a.py", 3, 3)


# search


def test_hits_name_path_and_line_and_case_does_not_matter() -> None:
    where = shelf(FILES, {"models/a.sql": "SELECT 2\nfrom RAW.orders\n"})
    assert answered(where, "search", text="raw.ORDERS", glob="models/**/*.sql") == "models/a.sql:2: from RAW.orders"
    assert answered(where, "search", text="order", glob="") == "README.md:1: Orders.\nmodels/a.sql:2: from RAW.orders"
    assert answered(where, "search", text="nobody", glob="*.sql") == "No hit in 2 files."


@pytest.mark.parametrize("text", ["", "a", " a ", "a\nb", "\n"])
def test_a_search_for_too_little(text: str) -> None:
    where = shelf(FILES)
    assert refused(where, "search", text=text, glob="*") == "Search for a text of at least two characters on one line."


def test_a_text_is_no_regular_expression() -> None:
    assert answered(shelf({"a.sql": "select a.b\nselect (a+)+b\n"}), "search", text="(a+)+", glob="*") == (
        "a.sql:2: select (a+)+b"
    )


def test_hits_are_counted_and_lines_cut() -> None:
    many = answered(shelf({"a.sql": "hit\n" * 100}), "search", text="hit", glob="*").split("\n")
    assert (len(many), many[-2], many[-1]) == (61, "a.sql:60: hit", "(the first 60 hits)")
    (line,) = answered(shelf({"a.sql": f"{'x' * 200}hit\n"}), "search", text="hit", glob="*").split("\n")
    assert line == f"a.sql:1: {'x' * 160}"


def test_a_search_reads_so_many_files_and_no_more() -> None:
    where = shelf({f"m/{number:04}.sql": f"number {number}\n" for number in range(700)})
    assert answered(where, "search", text="number 599", glob="m/*") == (
        "m/0599.sql:1: number 599\n(the first 600 of 700 files)"
    )
    assert answered(where, "search", text="number 600", glob="m/*") == (
        "No hit in 600 files.\n(the first 600 of 700 files)"
    )
    assert answered(where, "search", text="number 600", glob="m/06*") == "m/0600.sql:1: number 600"


def test_a_search_finds_no_secret() -> None:
    long = "x" * 150
    where = shelf({"a.py": f"{KEY}{long} password = '{SECRET}'\n{long} {SECRET}\n"})
    for text in ("MIIEvQ", SECRET, SECRET[:10], "a1B2"):
        assert answered(where, "search", text=text, glob="*") == "No hit in 1 files."
    assert "ghp_" not in answered(where, "search", text="password", glob="*")


# list_files


@pytest.mark.parametrize(
    ("glob", "paths"),
    [
        ("**/*.sql", ["models/a.sql", "models/marts/b.sql"]),
        ("models/**", ["models/a.sql", "models/marts/b.sql"]),
        ("models/*/b.sql", ["models/marts/b.sql"]),
        ("./dags/*", ["dags/nightly.py"]),
        ("", ["README.md", "dags/nightly.py", "models/a.sql", "models/marts/b.sql"]),
        ("models/[ab].sql", ["models/a.sql"]),
        ("models/[", ["No file matches."]),
        ("*.scala", ["No file matches."]),
    ],
)
def test_a_glob(glob: str, paths: list[str]) -> None:
    assert answered(shelf(FILES), "list_files", glob=glob).split("\n") == paths


@pytest.mark.parametrize("glob", ["../*", "models/../../*", "/etc/*", "/"])
def test_a_glob_stays_inside(glob: str) -> None:
    for name, more in (("list_files", {}), ("search", {"text": "root"})):
        assert refused(shelf(FILES), name, glob=glob, **more) == "A pattern stays inside the repository."


def test_a_list_is_cut_and_counted() -> None:
    lines = answered(shelf({f"{number:03}.sql": "" for number in range(130)}), "list_files", glob="*").split("\n")
    assert lines[99:] == ["099.sql", "(30 more)"]
    lines = answered(shelf({f"{number:03}.sql": "" for number in range(100)}), "list_files", glob="*").split("\n")
    assert lines[99:] == ["099.sql"]


def test_paths_are_named_without_what_does_not_show() -> None:
    where = shelf({"a\nb.sql": "x\n", f"{SECRET}.sql": "x\n"})
    assert answered(where, "list_files", glob="*") == "a<U+000A>b.sql\n(redacted).sql"
    assert read(where, "a\nb.sql").startswith("a<U+000A>b.sql at base, ")


# lineage


def test_lineage() -> None:
    lineage = Lineage(
        {
            "m/a.sql": Outline(reads=("source:shop.raw",), writes=("model:a",)),
            "m/b.sql": Outline(reads=("ref:a",), writes=("model:b",)),
        }
    )
    where = shelf(lineage=lineage)
    assert answered(where, "lineage", node="a", direction="downstream") == "m/a.sql downstream: m/b.sql"
    assert answered(where, "lineage", node="m/a.sql", direction="upstream") == "m/a.sql upstream: source shop.raw"
    assert answered(where, "lineage", node="b", direction="downstream") == "m/b.sql downstream: nothing known"
    assert answered(where, "lineage", node="c", direction="upstream") == (
        "Nothing of that name is known; only changed files and those that mention them are."
    )
    assert refused(where, "lineage", node="a", direction="sideways") == "The direction is upstream or downstream."


# Any tool


@pytest.mark.parametrize("name", ["Read_File", "READ_FILE", " read_file "])
def test_the_case_of_a_tools_name_does_not_matter(name: str) -> None:
    assert "Orders." in answered(shelf(FILES), name, path="README.md", start_line=1, end_line=1)


@pytest.mark.parametrize("name", ["bash", "Read", "write_file", "", "run", "__class__", "_read_file"])
def test_a_tool_that_there_is_not(name: str) -> None:
    assert refused(shelf(FILES), name, path="README.md") == "There is no such tool."


LOOKS: dict[str, dict[str, Any]] = {
    "read_file": {"path": "README.md", "start_line": 1, "end_line": 1},
    "search": {"text": "orders", "glob": "*"},
    "list_files": {"glob": "*"},
    "lineage": {"node": "a", "direction": "upstream"},
}


@pytest.mark.parametrize("allowed", [None, ("Read",), ("Grep",), ("Glob", "Read"), ("Read", "Grep", "Glob"), ("Bash",)])
def test_a_tool_that_was_not_offered_is_none(allowed: tuple[str, ...] | None) -> None:
    """A model that knows these tools by name, or is told of them by the pull request, may ask for them all the same."""
    agent = replace(AGENT, tools=allowed)
    offered = {tool["name"] for tool in tools_of(agent)}
    for name, arguments in LOOKS.items():
        for written in (name, name.upper(), f" {name} "):
            block = use(Toolbox(shelf(FILES), tools_of(agent)), written, **arguments)
            assert (block["content"] == "There is no such tool.") is (name not in offered)
            assert block.get("is_error", False) is (name not in offered)


def test_without_grep_nothing_is_searched() -> None:
    box = Toolbox(shelf(FILES), tools_of(replace(AGENT, tools=("Read", "Glob"))))
    assert refused(box, "search", text="orders", glob="*") == "There is no such tool."
    assert "is_error" not in use(box, "list_files", glob="*")


def test_who_is_offered_nothing_has_nothing() -> None:
    for name, arguments in LOOKS.items():
        assert refused(Toolbox(shelf(FILES), []), name, **arguments) == "There is no such tool."


def test_what_is_offered_and_does_not_exist_is_none() -> None:
    box = Toolbox(shelf(FILES), [{"name": "bash"}, {"name": "read_file"}])
    assert refused(box, "bash", command="ls") == "There is no such tool."
    assert "is_error" not in use(box, "read_file", **LOOKS["read_file"])


def test_asking_for_what_there_is_not_takes_no_look_away() -> None:
    box = Toolbox(shelf(FILES), tools_of(replace(AGENT, tools=("Glob",))), calls=1)
    for _ in range(3):
        assert refused(box, "search", text="orders", glob="*") == "There is no such tool."
    assert "is_error" not in use(box, "list_files", glob="*")
    assert refused(box, "list_files", glob="*") == "No more files can be looked at; answer with what you have."


@pytest.mark.parametrize(
    ("name", "arguments", "wrong"),
    [
        ("read_file", {}, "`path` must be a text."),
        ("read_file", {"path": 3, "start_line": 1, "end_line": 2}, "`path` must be a text."),
        ("read_file", {"path": "a\0b", "start_line": 1, "end_line": 2}, "`path` must be a text."),
        ("read_file", {"path": "a" * 1_001, "start_line": 1, "end_line": 2}, "`path` must be a text."),
        ("read_file", {"path": "a", "start_line": "1", "end_line": 2}, "`start_line` must be a whole number."),
        ("read_file", {"path": "a", "start_line": 1}, "`end_line` must be a whole number."),
        ("read_file", {"path": "a", "start_line": True, "end_line": 2}, "`start_line` must be a whole number."),
        ("search", {"text": "ab"}, "`glob` must be a text."),
        ("search", {"text": ["ab"], "glob": "*"}, "`text` must be a text."),
        ("list_files", {"glob": None}, "`glob` must be a text."),
        ("lineage", {"node": "a"}, "`direction` must be a text."),
    ],
)
def test_arguments_that_are_none(name: str, arguments: dict[str, Any], wrong: str) -> None:
    assert refused(shelf(FILES), name, **arguments) == wrong


def test_a_conversation_has_fifteen_looks() -> None:
    box = Toolbox(shelf(FILES))
    assert CALLS == 15
    for number in range(15):
        block = use(box, "read_file", path="nowhere" if number % 2 else "README.md", start_line=1, end_line=1)
        assert ("is_error" in block) is (number % 2 == 1)
    for name in ("read_file", "search", "list_files", "lineage"):
        assert refused(box, name) == "No more files can be looked at; answer with what you have."
    assert refused(box, "bash") == "There is no such tool."


class Broken(Tree):
    """A repository that cannot be read."""

    def paths(self) -> tuple[str, ...]:
        raise GitError("git cat-file: fatal: bad object at /home/runner/secret")

    def has(self, path: str) -> bool:
        raise GitError("git cat-file: fatal: bad object at /home/runner/secret")


def test_where_git_fails_the_conversation_goes_on_and_nothing_of_its_message_is_told() -> None:
    where = Shelf(Broken(), Broken(), frozenset(), frozenset(), Lineage({}), Lock())
    for name in ("read_file", "search", "list_files"):
        assert refused(where, name, **LOOKS[name]) == "The repository cannot be read there."


def test_answers_are_capped_whatever_the_tool() -> None:
    where = shelf({f"{'d' * 200}/{number:03}.sql": f"{'hit ' * 50}\n" for number in range(200)})
    for name, arguments in (("list_files", {"glob": "*"}), ("search", {"glob": "*", "text": "hit"})):
        text = answered(where, name, **arguments)
        assert len(text) <= 12_011
        assert text.endswith("\n(cut here)")


def test_only_what_is_needed_is_read() -> None:
    base = Tree(FILES)
    head = Tree({"models/a.sql": "x\n"})
    where = shelf(FILES)
    where = Shelf(head, base, frozenset({"models/a.sql"}), frozenset(), Lineage({}), where.lock)
    use(where, "read_file", path="models/a.sql", start_line=1, end_line=1)
    use(where, "read_file", path="README.md", start_line=1, end_line=1)
    use(where, "search", text="orders", glob="dags/*")
    assert (set(head.asked), set(base.asked)) == ({"models/a.sql"}, {"README.md", "dags/nightly.py"})


# What is sent of them


def test_the_definitions_are_strict_and_the_same_for_everybody() -> None:
    assert [tool["name"] for tool in TOOLS] == ["read_file", "search", "list_files", "lineage"]
    for tool in TOOLS:
        assert set(tool) == {"name", "description", "strict", "input_schema"}
        assert tool["strict"] is True
    assert len(json.dumps(TOOLS)) < 2_500


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        (None, ["read_file", "search", "list_files", "lineage"]),
        (("Read", "Bash"), ["read_file", "lineage"]),
        (("grep(x)",), ["search"]),
        (("Glob", "Grep"), ["search", "list_files"]),
        (("Bash", "WebFetch"), []),
    ],
)
def test_an_agent_has_the_tools_that_its_file_names(allowed: tuple[str, ...] | None, names: list[str]) -> None:
    agent = replace(AGENT, tools=allowed)
    assert [tool["name"] for tool in tools_of(agent)] == names


# Over a real repository


def test_of_a_real_repository_links_submodules_and_git_itself_are_out_of_reach(tmp_path: Path) -> None:
    """The tree of a commit is asked, never a directory: nothing outside it has a name."""
    (tmp_path / "outside.sql").write_text("root secret\n", "utf-8")
    checkout = Checkout(tmp_path / "repo")
    (checkout.path / "link.sql").symlink_to("../outside.sql")
    (checkout.path / "up").symlink_to("..")
    first = checkout.commit({"models/a.sql": "select 1\n", "big.sql": b"x" * (BLOB_LIMIT + 1), "b.bin": b"PK\0\0"})
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{first},vendor")
    checkout.git("commit", "-q", "-m", "submodule")
    sha = checkout.git("rev-parse", "HEAD")
    repository = Repository.from_workspace(checkout.path, sha)
    assert repository is not None
    with repository:
        tree = repository.tree(sha)
        for changed in (frozenset[str](), frozenset({"link.sql", "vendor", "../outside.sql", ".git/config"})):
            where = Shelf(tree, tree, changed, frozenset(), Lineage({}), Lock())
            for path in (
                *("link.sql", "up/outside.sql", "../outside.sql", "models/../../outside.sql", "/etc/passwd"),
                *(
                    ".git/config",
                    "./.git/config",
                    "vendor",
                    "vendor/a.sql",
                    "models",
                    "models/a.sql/",
                    "./models/./a.sql",
                ),
                *(f"{checkout.path}/models/a.sql", ":(top)models/a.sql", f"{sha}:models/a.sql", "-r"),
            ):
                assert not_read(where, path) == NO_FILE
            assert not_read(where, "big.sql") == not_read(where, "b.bin") == "The file holds no text."
            assert "root" not in answered(where, "search", text="root s", glob="*")
            assert read(where, "models/a.sql").endswith("R     1   | select 1")
