"""One version of an artifact, seen as what it is: Python, SQL, YAML, Jinja or Scala, each parsed once, when asked for.

A view that cannot be had raises `NotEvaluated`: a rule never confuses "could not look" with "nothing there".
"""

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from review.domain.artifact import Kind, Version
from review.rules import trees
from review.rules._python import scopes
from review.rules.notebook import CodeCell, NotebookError, code_cells, databricks_cells
from review.rules.trees import NotEvaluated

if TYPE_CHECKING:
    import jinja2.nodes
    import tree_sitter
    import yaml

    from review.rules.embedded.candidate import Candidate
    from review.rules.project.model import Project
    from review.rules.queries import Queries
    from review.rules.spark._chains import Chain
    from review.sql.bodies import LaidOpen
    from review.sql.parse import ParsedSql
    from review.sql.positions import Place
    from review.sql.render import Rendering

View = TypeVar("View")


class Source:
    """One side of an artifact, with lazy views: each raises NotEvaluated where the text is not of its language.

    `render` turns path and text into SQL by the macros of the project (`Renderer.render`); without it every macro is
    stood in for. `dialect` is sqlfluff's name of the SQL dialect, `project` the root of the dbt project, and `dbt` that
    project at the same commit.
    """

    def __init__(
        self,
        version: Version,
        kind: Kind,
        dialect: str | None = None,
        project: str | None = None,
        render: "Callable[[str, str], Rendering] | None" = None,
        branches: "Callable[[str, str, Mapping[str, Place]], tuple[Rendering, ...]] | None" = None,
        dbt: "Project | None" = None,
        neighbours: Mapping[str, frozenset[str]] | None = None,
        beside: "tuple[Project, ...]" = (),
    ) -> None:
        self.path = version.path
        self.text = version.text
        self.kind = kind
        self.dialect = dialect
        self.project = project
        self._render = render
        self._branches = branches
        self._dbt = dbt
        self._neighbours = neighbours
        self.is_dialect_sure = True
        """False where `dialect` is a guess that nothing in the file supports."""
        self._is_routine = False
        self.beside = beside
        """The dbt projects of the repository that may read what this file writes, as they are at head."""
        self._views: dict[str, object] = {}
        self.was: Source | None = None
        """The version before the change, for the one after it that rules are asked about."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The stored lines, without their ends; line 1 is at index 0. Split as git counts them."""
        return self._view("lines", lambda: tuple(line.removesuffix("\r") for line in self.text.split("\n")))

    @property
    def is_yaml(self) -> bool:
        """Whether the file is YAML by its name."""
        return self.path.lower().endswith((".yml", ".yaml"))

    @property
    def python(self) -> ast.Module:
        """The syntax tree; of a notebook, of all its cells, with line numbers of the stored JSON."""
        return self._view("python", self._notebook if self.path.lower().endswith(".ipynb") else self._module)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of `python`, as `ast.walk` gives them."""
        return self._view("nodes", lambda: tuple(ast.walk(self.python)))

    @property
    def scopes(self) -> tuple[tuple[ast.AST, str], ...]:
        """Every node of `python` with the dotted name of what is around it, in the order of the text."""
        return self._view("scopes", lambda: tuple(scopes(self.python)))

    @property
    def cells(self) -> tuple[CodeCell, ...]:
        """The code cells of a notebook; of one that Databricks keeps as Python, those of other languages."""
        return self._view("cells", self._cells)

    @property
    def scala(self) -> "tree_sitter.Node":
        """The root of the syntax tree."""
        return self._view("scala", lambda: trees.scala(self.text))

    @property
    def chains(self) -> "tuple[Chain, ...]":
        """The chains of calls in Python or Scala, by line."""
        return self._view("chains", self._chains)

    @property
    def yaml(self) -> "yaml.Node | None":
        """The first document's node with its marks, custom tags left alone; None where the file is empty."""
        return self._view("yaml", lambda: trees.compose(self.text))

    @property
    def jinja(self) -> "jinja2.nodes.Template":
        """The template as written, before any rendering."""
        return self._view("jinja", lambda: trees.template(self.text))

    @property
    def rendering(self) -> "Rendering":
        """The file as SQL, Jinja rendered, which need not parse."""
        return self._view("rendering", self._rendered)

    @property
    def sql(self) -> "ParsedSql":
        """The statements, Jinja rendered, each node with its place in the stored text."""
        return self._view("sql", self._statements)

    @property
    def bodies(self) -> "LaidOpen":
        """The rendering with the statements of its DO blocks and of its routines laid open."""
        return self._view("bodies", self._laid_open)

    @property
    def routines(self) -> "tuple[tuple[Source, frozenset[int]], ...]":
        """The statements in its routines as a file of queries of their own, with their lines: they run when called."""
        return self._view("routines", self._routines)

    @property
    def has_variables(self) -> bool:
        """Whether a bare name in it may be a variable of a DO block or routine. Raises NotEvaluated."""
        return self._is_routine or self.bodies.at_once is not self.rendering

    @property
    def queries(self) -> "Queries":
        """What the queries of `sql` read, join, keep and give."""
        return self._view("queries", self._queries)

    @property
    def project_queries(self) -> "Queries":
        """`queries`, in which stars over models of the dbt project are expanded as far as their columns are known."""
        return self._view("project_queries", self._project_queries)

    def forget_project_queries(self) -> None:
        """Make `project_queries` anew when they are asked for again: they keep what was known of other models."""
        self._views.pop("project_queries", None)
        branches = self._views.get("branches")
        for branch, _ in branches if isinstance(branches, tuple) else ():
            branch.forget_project_queries()

    @property
    def branches(self) -> "tuple[tuple[Source, frozenset[int]], ...]":
        """The same file rendered through branches that its first rendering leaves out, each with its new lines."""
        return self._view("branches", self._other_branches)

    def may_be_left_out(self, lines: frozenset[int]) -> bool:
        """Whether one of these lines may be in a branch that the first rendering leaves out: else no other has it."""
        if not lines or not self.kind.is_sql or self._branches is None or "{%" not in self.text:
            return False
        try:
            first = self.sql.rendering
        except NotEvaluated:
            return False
        return not lines.isdisjoint(first.left_out)

    def derived(self, name: str, make: Callable[[], View]) -> View:
        """A view that a family of rules makes out of the others, made once; `name` is the family's own."""
        return self._view(f"derived {name}", make)

    @property
    def dbt(self) -> "Project":
        """The dbt project that the file belongs to, as it is at this version's commit.

        Raises NotEvaluated where there is none, or not all of it that the change touches could be read.
        """
        if self._dbt is None:
            raise NotEvaluated("its dbt project is not known here")
        if self._dbt.lost:
            raise NotEvaluated(f"is of a dbt project of which {self._dbt.lost[0]} was not read")
        return self._dbt

    @property
    def neighbours(self) -> Mapping[str, frozenset[str]]:
        """Root → paths of what may be a node, for each dbt project of the repository; empty where it has none."""
        return self._neighbours or {}

    @property
    def embedded(self) -> "tuple[Candidate, ...]":
        """Strings of another language that begin as SQL does; each parses when its `source` is asked for."""
        return self._view("embedded", self._candidates)

    def parse(self) -> None:
        """Parse Python, Scala, YAML or macros as a whole; raises NotEvaluated where no rule could look at anything.

        SQL is left to the linter and the rules, each of which tells what it cannot render or parse.
        """
        if self.path.lower().endswith((".py", ".ipynb")):
            _ = self.python
        elif self.path.lower().endswith(".scala"):
            _ = self.scala
        elif self.is_yaml:
            _ = self.yaml
        elif self.kind in (Kind.DBT_MACRO, Kind.DBT_GENERIC_TEST):
            _ = self.jinja

    def _view(self, name: str, make: Callable[[], View]) -> View:
        if name not in self._views:
            try:
                self._views[name] = make()
            except NotEvaluated as problem:
                self._views[name] = problem
        view = self._views[name]
        if isinstance(view, NotEvaluated):
            raise view
        return cast("View", view)

    def _module(self) -> ast.Module:
        return trees.python(self.text)

    def _cells(self) -> tuple[CodeCell, ...]:
        if not self.path.lower().endswith(".ipynb"):
            return databricks_cells(self.text)
        try:
            return code_cells(self.text)
        except NotebookError as problem:
            raise NotEvaluated(str(problem)) from problem

    def _notebook(self) -> ast.Module:
        body: list[ast.stmt] = []
        for cell in self.cells:
            if not cell.magic:
                body.extend(trees.renumbered(trees.python_cell(cell)[1], cell.lines).body)
        return ast.Module(body=body, type_ignores=[])

    def _chains(self) -> "tuple[Chain, ...]":
        from review.rules.spark._chains import chains

        return chains(self)

    def _other_branches(self) -> "tuple[tuple[Source, frozenset[int]], ...]":
        if self._branches is None or not self.kind.is_sql:
            return ()
        try:
            first = self.sql.rendering
        except NotEvaluated:
            return ()
        if first.is_whole:
            return ()
        renderings = self._branches(self.path, self.text, first.guesses)
        seen = first.literal_lines
        found = []
        for rendering in renderings:
            source = Source(Version(self.path, self.text), self.kind, self.dialect, self.project, dbt=self._dbt)
            source._render = _always(rendering)
            source.is_dialect_sure = self.is_dialect_sure
            source.was = self.was
            found.append((source, rendering.literal_lines - seen))
            seen |= rendering.literal_lines
        return tuple(found)

    def _laid_open(self) -> "LaidOpen":
        from review.sql.bodies import laid_open

        return laid_open(self.rendering, self.dialect)

    def _routines(self) -> "tuple[tuple[Source, frozenset[int]], ...]":
        rendering = self.bodies.in_routines if self.kind.is_sql else None
        if rendering is None:
            return ()
        source = Source(Version(self.path, self.text), Kind.SQL_QUERY, self.dialect, self.project, dbt=self._dbt)
        source._render = _always(rendering)
        source._is_routine = True
        source.is_dialect_sure = self.is_dialect_sure
        source.was = self.was
        return ((source, self.bodies.lines),)

    def _candidates(self) -> "tuple[Candidate, ...]":
        from review.rules.embedded.find import candidates

        return candidates(self)

    def _queries(self) -> "Queries":
        from review.rules.queries import Queries

        return Queries(self.sql)

    def _project_queries(self) -> "Queries":
        from review.rules.project.columns import known_columns
        from review.rules.queries import Queries

        return Queries(self.sql, known_columns(self))

    def _rendered(self) -> "Rendering":
        from review.sql.render import CannotRender, Renderer

        try:
            return (self._render or Renderer().render)(self.path, self.text)
        except CannotRender as problem:
            raise NotEvaluated(str(problem)) from problem
        except Exception as fault:  # Jinja stumbles over a text: what one rule cannot see, no other can
            raise NotEvaluated(f"its SQL makes the parser fail ({type(fault).__name__})") from fault

    def _statements(self) -> "ParsedSql":
        from review.sql.parse import CannotParse, parse

        try:
            return parse(self.bodies.at_once, self.dialect)
        except CannotParse as problem:
            raise NotEvaluated(str(problem)) from problem
        except NotEvaluated:
            raise
        except Exception as fault:  # sqlglot stumbles over a text: what one rule cannot see, no other can
            raise NotEvaluated(f"its SQL makes the parser fail ({type(fault).__name__})") from fault


def _always(rendering: "Rendering") -> "Callable[[str, str], Rendering]":
    return lambda _path, _text: rendering


def load_parsers() -> None:
    """Import every parser behind the views and use it once, so that nothing is left to be read from disk later.

    The dialects of SQL are loaded apart, once it is known which are needed (`review.sql.parse.load_dialects`).
    """
    import review.rules.embedded.find
    import review.rules.queries
    import review.sql.bodies
    import review.sql.branches
    import review.sql.parse
    import review.sql.templates  # noqa: F401 - `Source` imports all of these when a view is first asked for

    trees.scala("object A")
    trees.compose("a: [1]")
    trees.template("{{ a }}{% do b %}")
