"""What a DAG's Python says that dbt should run: the selections of command lines, and of operators that call dbt."""

import ast
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from review.rules import _python

COMMANDS = frozenset({"run", "build", "compile", "test", "seed"})
"""Those whose selectors name files; a snapshot is called as its block is."""
SELECTING = frozenset({"--select", "-s", "--models", "-m", "--model"})
EXCLUDING = "--exclude"
PROJECT_DIR = "--project-dir"
ENDS = frozenset({"&&", "||", ";", "|", "&", ">", ">>"})
ARGUMENTS = {"select": False, "models": False, "exclude": True}
"""Argument of an operator → whether it leaves out what it names."""
DIRECTORIES = ("project_dir", "dir")
HOLE = "…"
"""Stands for a word, or a part of one, that is no constant: no sign of a name, of a shell or of Jinja."""
MAX_SCRIPT = 20_000
"""Characters of a text that is cut into words, which takes the square of them."""
TOLD = frozenset({"print", "log", "debug", "info", "warning", "error", "exception", "critical"})
PROSE = frozenset({"doc", "doc_md", "doc_rst", "description"})
"""Calls that say something to a reader, and arguments that do: a command in their words is not run."""


@dataclass(frozen=True)
class Selection:
    """One selector with the code that it stands in."""

    text: str
    node: ast.expr
    leaves_out: bool
    """Whether it names what is not run."""
    folder: str = ""
    """The directory of the project, where it is said beside it; empty where it is not."""
    may_be_a_test: bool = False
    """Whether the selector may name a test, which no file is called by, or only snapshots, which need not be."""
    is_of_build: bool = False
    """Whether the selector may name a snapshot or a test besides, which `dbt build` runs as well."""


def selections(tree: ast.Module) -> Iterator[Selection]:
    """Every selector in the file, by line: one for each word of `--select a b`, not yet taken apart."""
    prose: set[int] = set()
    seen: set[int] = set()
    for node in ast.walk(tree):  # what stands around a part before the part
        prose.update(map(id, _said(node)))
        if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)) and id(node) not in seen:
            text, parts = _whole(node)
            seen.update(map(id, parts))
            if id(node) not in prose and "dbt " in text and len(text) <= MAX_SCRIPT:
                yield from _of_words(_shell_words(text), node)
        elif isinstance(node, (ast.List, ast.Tuple)):
            texts = [_text(each) for each in node.elts]
            if "dbt" in texts:
                yield from _of_words(texts, node)
        elif isinstance(node, ast.Call):
            yield from _of_call(node)


def _said(node: ast.AST) -> list[ast.expr]:
    """The texts right within a node that are for a reader."""
    if isinstance(node, ast.Expr):
        return [node.value]
    if isinstance(node, ast.keyword):
        return [node.value] if node.arg in PROSE else []
    if isinstance(node, ast.Call):
        name = _python.last_name(node.func)
        return node.args if name in TOLD or name.endswith(("Error", "Exception")) else []
    return []


def _whole(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """The text that an f-string or a sum of strings makes, with a hole for each part that is no constant, and the
    parts: none of them is a command by itself.
    """
    texts: list[str] = []
    parts: list[ast.expr] = []
    pending = [node]
    while pending:
        each = pending.pop()
        parts.append(each)
        if isinstance(each, ast.JoinedStr):
            pending.extend(reversed(each.values))
        elif isinstance(each, ast.BinOp) and isinstance(each.op, ast.Add):
            pending += [each.right, each.left]
        else:
            texts.append(_text(each))
    return "".join(texts), [each for each in parts if each is not node and not isinstance(each, (ast.List, ast.Tuple))]


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else HOLE


def _shell_words(text: str) -> list[str]:
    """The words of a script, with a `;` for the end of each line; none where its quotes do not close."""
    lexer = shlex.shlex(text.replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return []


def _of_words(words: list[str], node: ast.expr) -> Iterator[Selection]:
    """The selectors of a command line, each command of it with its own directory."""
    start = 0
    folder = ""
    for end in [at for at, word in enumerate(words) if word in ENDS] + [len(words)]:
        command = words[start:end]
        command = command[: next((at for at, word in enumerate(command) if word.startswith("#")), None)]
        start = end + 1
        if command[:1] == ["cd"] and len(command) > 1:
            folder = command[1]
        if "dbt" in command:
            given = command[command.index("dbt") + 1 :]
            name = next((each for each in given[:5] if each in COMMANDS), "")
            if name:
                yield from _of_arguments(given, node, folder, command=name)


def _of_arguments(words: list[str], node: ast.expr, folder: str, command: str) -> Iterator[Selection]:
    found: list[tuple[str, bool]] = []
    option = ""
    in_template = False
    for word in words:
        in_template = in_template or "{{" in word
        if in_template:
            in_template = "}}" not in word
            continue
        if word.startswith("-"):
            option, _, value = word.partition("=")
        else:
            value = word
        if value and option == PROJECT_DIR:
            folder, option = value, ""
        elif value and (option in SELECTING or option == EXCLUDING) and value != option:
            found.extend((each, option == EXCLUDING) for each in value.split())
    yield from (
        Selection(text, node, leaves_out, folder, command == "test", command == "build") for text, leaves_out in found
    )


def _of_call(call: ast.Call) -> Iterator[Selection]:
    """`RenderConfig(select=[…])` of Cosmos, `DbtRunOperator(models="…")` of airflow-dbt, and their like."""
    name = _python.last_name(call.func)
    if not (name == "RenderConfig" or (name.startswith("Dbt") and name.endswith("Operator"))):
        return
    given = {each.arg: each.value for each in call.keywords if each.arg is not None}
    folder = next((_text(given[each]) for each in DIRECTORIES if each in given), "")
    for argument, leaves_out in ARGUMENTS.items():
        value = given.get(argument)
        parts = value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value] if value is not None else []
        for part in parts:
            yield from (
                Selection(text, part, leaves_out, folder, "Test" in name or "Snapshot" in name, "Build" in name)
                for text in _text(part).split()
            )
