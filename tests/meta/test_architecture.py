"""The import rules of review/README.md, over the AST of every module: a shortcut between stages fails here."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "review"
EXAMPLES = (PACKAGE / "demo" / "base", PACKAGE / "demo" / "head")
"""Files that `data-review demo` reviews: data, not code of ours."""

LAYERS = (
    {"errors", "domain"},
    {"config", "git", "github", "ruff", "sandbox", "sql", "log", "stopwatch"},
    {"model"},
    {"intake", "artifacts", "rules", "evidence", "reviewers", "findings", "verdict", "render", "publish"},
    {"concluding", "consulting"},
    {"pipeline"},
    {"commands", "demo"},
    {"cli"},
    {"__main__"},
)
"""From the bottom up; a module imports lower layers, and of its own layer nothing but its own package."""

EXCEPTIONS = {
    ("errors", "domain"): "no reason to be apart; errors imports nothing",
    ("evidence", "rules"): "the collector runs the rules",
    ("publish", "render"): "a publisher sends what a renderer wrote",
}

DOORS = {
    "sqlfluff": ("review/sql/",),
    "sqlglot": ("review/sql/", "review/rules/"),
    "anthropic": ("review/model/",),
    "httpx2": ("review/model/",),
    "google": ("review/model/",),
    "botocore": ("review/model/",),
    "detect_secrets": ("review/rules/trust/_secrets.py",),
    "ruff": ("review/ruff/",),
    "unidiff": ("review/intake/diff.py",),
    "github": ("review/github/pygithub.py",),
    "requests": ("review/github/pygithub.py",),
    "subprocess": ("review/git/", "review/ruff/", "review/sandbox/", "review/commands/demo.py"),
    "socket": ("review/sandbox/", "review/github/", "review/model/stream.py"),
    "http": ("review/github/",),
    "urllib": ("review/github/", "review/git/", "review/render/"),
    "rich": ("review/render/",),
    "resource": ("review/git/", "review/ruff/", "review/sandbox/"),
    "ctypes": ("review/sandbox/",),
}
"""Outside package → the only places that import it."""

PURE = {"errors", "domain", "config", "intake", "artifacts", "rules", "findings", "verdict", "render"}
EFFECTS = {
    "os",
    "subprocess",
    "socket",
    "time",
    "tempfile",
    "shutil",
    "random",
    "secrets",
    "threading",
    "multiprocessing",
}
"""A pure module gets what it needs as an argument: no process, no socket, no clock, no chance."""

HEAVY = {
    "anthropic",
    "httpx2",
    "pydantic",
    "sqlfluff",
    "sqlfluffrs",
    "sqlglot",
    "github",
    "rich",
    "yaml",
    "unidiff",
    "tree_sitter",
    "jinja2",
    "pathspec",
    "detect_secrets",
}
"""Too slow for a run that finds nothing to review."""


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if not any(path.is_relative_to(root) for root in EXAMPLES)]


def name_of(path: Path) -> str:
    """`review/git/tree.py` → `review.git.tree`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    """The second component: `review.git.tree` → `git`; empty for `review` itself."""
    return module.split(".")[1] if "." in module else ""


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every module name imported anywhere in the file, with its line; `from review import x` gives `review.x`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield "." * node.level + (node.module or ""), node.lineno
            elif node.module == "review":
                yield from (("review." + alias.name, node.lineno) for alias in node.names)
            else:
                yield str(node.module), node.lineno


def layer_of(part: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


def offences(path: Path) -> Iterator[str]:
    """What is wrong with this module's imports, one sentence each."""
    here = path.relative_to(ROOT).as_posix()
    part = part_of(name_of(path))
    for imported, line in imports_of(path):
        where = f"{here}:{line} imports {imported}"
        top = imported.split(".")[0]
        if imported.startswith("."):
            yield f"{where}: relative imports are not used here"
        elif top == "review":
            other = part_of(imported)
            if part and other not in ("", "__version__", part) and (part, other) not in EXCEPTIONS:
                if layer_of(other) > layer_of(part):
                    yield f"{where}: upwards"
                elif layer_of(other) == layer_of(part):
                    yield f"{where}: sideways; pipeline.py hands one stage the other's output"
        else:
            if top in DOORS and not here.startswith(DOORS[top]):
                yield f"{where}: only {', '.join(DOORS[top])} may"
            if part in PURE and top in EFFECTS:
                yield f"{where}: {part} is pure"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports(path: Path) -> None:
    assert list(offences(path)) == []


def test_every_part_has_a_layer() -> None:
    parts = {part_of(name_of(path)) for path in modules()} - {""}
    assert parts <= set().union(*LAYERS)


ENVIRONMENT = {
    "review/cli.py": "takes the secrets out of it before anything else runs",
    "review/commands/demo.py": "hands it on to the git that builds the example",
    "review/git/command.py": "search path, certificates and proxies for git, by name",
    "review/git/scratch.py": "where temporary files belong",
    "review/github/transport.py": "proxies, by name",
}
"""Who reads the process's environment, and for what."""

BROAD = {
    "review/cli.py": "the last sentence of a run that failed on its own account",
    "review/consulting.py": "whatever fails there leaves the tools' review as it is, without the agent's",
    "review/evidence/analyse.py": "what new files have of the standards is a courtesy: its failure is a Skipped",
    "review/evidence/secrets.py": "a rule that crashes becomes a Skipped",
    "review/model/claude.py": "whatever the SDK makes of a broken stream is one failed attempt",
    "review/reviewers/side_by_side.py": "what a thread raised is raised again where its results are waited for",
    "review/rules/evaluate.py": "a rule that crashes becomes a Skipped",
    "review/rules/source.py": "a text that makes Jinja or sqlglot crash becomes NotEvaluated",
    "review/sandbox/worker.py": "a handler that crashes is answered, so that the parent knows",
    "review/sql/linter.py": "a file that sqlfluff stumbles over is told as one that could not be linted",
    "review/sql/render.py": "what a template makes fail is a CannotRender",
    "review/sql/templater.py": "what a template makes fail is sqlfluff's own error",
    "review/sql/macros.py": "the macros of a file that Jinja cannot load are stood in for",
}
"""Who catches whatever comes, and what becomes of it. Cleaning up and raising it again is not catching."""


def test_the_environment_is_read_where_it_is_said_to_be() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv") and _is_os(node.value))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {a.name for a in node.names} & {"environ", "getenv"}
        )
    }
    assert readers <= set(ENVIRONMENT)


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def test_everything_is_caught_only_where_it_is_said_to_be() -> None:
    catchers = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _raises_again(node)
    }
    assert catchers <= set(BROAD)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def module_level_imports(path: Path) -> set[str]:
    """What importing this module imports: top-level statements, also inside `if` and `try`, but no function's body."""
    found: set[str] = set()
    pending: list[ast.AST] = list(ast.parse(path.read_text("utf-8")).body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif not (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")):
            pending.extend(ast.iter_child_nodes(node))
    return found


def test_what_every_run_imports_is_light() -> None:
    """From `review run` down, over module-level imports only: no heavy package may be reached."""
    known = {name_of(path): path for path in modules()}
    start = ["review.__main__", "review.cli", "review.commands.run", "review.commands.local", "review.pipeline"]
    reached: dict[str, str] = dict.fromkeys([name for name in start if name in known], "the command line")
    pending = list(reached)
    while pending:
        module = pending.pop()
        for imported in module_level_imports(known[module]):
            assert imported.split(".")[0] not in HEAVY, f"{module} imports {imported}; reached from {reached[module]}"
            if imported in known and imported not in reached:
                reached[imported] = module
                pending.append(imported)
    assert "review.pipeline" in reached


@pytest.mark.parametrize(
    ("path", "source", "said"),
    [
        ("review/intake/x.py", "from review.render import comment", "sideways"),
        ("review/domain/x.py", "from review.config.policy import Policy", "upwards"),
        ("review/artifacts/x.py", "def f():\n    import sqlfluff", "only review/sql/ may"),
        ("review/rules/x.py", "import os.path", "rules is pure"),
        ("review/verdict/x.py", "from time import monotonic", "verdict is pure"),
        ("review/git/x.py", "from . import tree", "relative"),
        ("review/publish/x.py", "from github import Github", "only review/github/pygithub.py may"),
        ("review/pipeline.py", "from review import cli", "upwards"),
    ],
)
def test_the_rules_bite(path: str, source: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / path
    module.parent.mkdir(parents=True)
    module.write_text(source, "utf-8")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (offence,) = offences(module)
    assert said in offence
