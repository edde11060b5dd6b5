"""The dbt project at one commit: nodes, what they read and who reads them, properties and settings, each when asked.

A file is parsed once, and only where its text can matter: a name that is looked for has to stand in it. What is absent
may be told only where the project `is_complete`; a name that is found is found.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from review.domain.artifact import Kind
from review.domain.project_files import ProjectFiles, Side
from review.rules.project import jinja, properties
from review.rules.project.jinja import Macro, Reference
from review.rules.project.lineage import Lineage
from review.rules.project.lookup import Lookup
from review.rules.project.nodes import SQL, Node, Nodes
from review.rules.project.properties import Entry
from review.rules.project.settings import Settings
from review.rules.project.tags import cuts
from review.rules.project.work import Work
from review.rules.source import Source
from review.rules.trees import NotEvaluated

PROPERTIES = (".yml", ".yaml")

HELPER_PACKAGES = frozenset(
    {"dbt_utils", "dbt-utils", "dbt_expectations", "dbt-expectations", "dbt_date", "dbt-date", "codegen", "dbt-codegen"}
    | {"audit_helper", "dbt-audit-helper", "dbt_external_tables", "dbt-external-tables", "spark_utils", "dbt-profiler"}
    | {"dbt_profiler", "logging", "dbt_constraints", "dbt_fivetran_utils", "fivetran_utils", "metrics", "dbt_metrics"}
)
"""Packages that bring macros and tests, and no models."""


class Project(Nodes):
    """One side of a project. `make` gives the views of one of its files (path, text, kind).

    `macros` are the texts of all its macro files, where they are known beside those of `files`.
    """

    def __init__(
        self,
        files: ProjectFiles,
        side: Side,
        make: "Callable[[Project, str, str, Kind], Source]",
        macros: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(files, side)
        self.is_complete = files.is_complete
        self.lost = side.lost
        """Files of this side without which nothing can be asked of it."""
        self.before: Project | None = None
        """The same project before the change, for the one after it: what was taken away stands nowhere else.

        None where that is not known, also because of what is `lost`.
        """
        self.other: Project | None = None
        self.lineage: Lineage | None = None
        """What is the same on both sides; None where only one is known."""
        self.work = Work()
        """What was worked out of the columns of nodes."""
        self._make = make
        self._sources: dict[str, Source] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._references: dict[str, tuple[Reference, ...]] = {}
        self._speaking_of: dict[str, list[str]] = {}
        self._settings_in: dict[str, Sequence[tuple[str, str]]] = {}
        self._readable: dict[tuple[str, ...], bool] = {}
        self._macros = macros

    def follow(self, before: "Project") -> None:
        """Be the project after the change of that one, as far as nothing of it is lost."""
        if before.lost:
            return
        self.before = before
        self.other, before.other = before, self
        self.lineage = before.lineage = Lineage(before, self, self._macro_texts())

    def begin(self) -> None:
        """Another file is under review: how far columns were followed for the last one is forgotten."""
        self.work.begin()
        for source in self._sources.values():
            source.forget_project_queries()

    # files

    def _macro_texts(self) -> Iterable[str]:
        if self._macros is not None:
            return self._macros.values()
        return (text for path, text in self._texts.items() if self._folder(path) == "macro")

    def source(self, path: str) -> Source:
        """The views of a project's file. Raises NotEvaluated where its text was not read."""
        if path not in self._sources:
            text = self._texts.get(path)
            if text is None:
                raise NotEvaluated(f"{path}, which it depends on, was not read")
            self._sources[path] = self._make(self, path, text, self._kind(path))
        return self._sources[path]

    def _kind(self, path: str) -> Kind:
        if path.lower().endswith(PROPERTIES):
            return Kind.DBT_PROPERTIES
        if path.lower().endswith(".py"):
            return Kind.DBT_PYTHON_MODEL
        node = self.node_at(path)
        if node is not None:
            return Kind.DBT_SNAPSHOT if node.kind == "snapshot" else Kind.DBT_MODEL
        return {"macro": Kind.DBT_MACRO, "test": Kind.DBT_TEST}.get(self._folder(path) or "", Kind.DBT_MODEL)

    def could_be_read(self, endings: tuple[str, ...]) -> bool:
        """Whether every file with these endings that the change leaves there was read, and parses.

        Else one of them may hold what seems to be gone.
        """
        if endings not in self._readable:
            self._readable[endings] = self._could_be_read(endings)
        return self._readable[endings]

    def _could_be_read(self, endings: tuple[str, ...]) -> bool:
        for path in sorted(self.changed & self._paths):
            if path.lower().endswith(endings) and self._folder(path) is not None:
                try:
                    source = self.source(path)
                    _ = source.yaml if source.is_yaml else source.jinja
                except NotEvaluated:
                    return False
        return True

    # what reads what

    def references(self, path: str) -> tuple[Reference, ...]:
        """The refs and sources of a file, as far as they are constants. Raises NotEvaluated."""
        if path not in self._references:
            self._references[path] = jinja.references(self.source(path).jinja)
        return self._references[path]

    def parents(self, path: str) -> tuple[Node, ...]:
        """The nodes of this project that a file refs. Raises NotEvaluated."""
        names = dict.fromkeys(each.name for each in self.references(path) if not each.is_source)
        return tuple(node for name in names if (node := self.node(name)) is not None)

    def children(self, name: str) -> tuple[str, ...]:
        """The SQL files known here that ref a node; one that does not parse is left out."""
        found = []
        for path in self.mentioning(name, SQL):
            try:
                if any(not each.is_source and each.name == name for each in self.references(path)):
                    found.append(path)
            except NotEvaluated:
                continue
        return tuple(found)

    # properties and settings

    def entries_in(self, path: str) -> tuple[Entry, ...]:
        """What a property file speaks of; nothing where it does not parse."""
        if path not in self._entries:
            other = self.other
            known = other._entries.get(path) if other is not None and path not in self.changed else None
            self._entries[path] = self._spoken_of(path) if known is None else known
        return self._entries[path]

    def _spoken_of(self, path: str) -> tuple[Entry, ...]:
        try:
            root = self.source(path).yaml
        except NotEvaluated:
            return ()
        return tuple(properties.entries(root, path))

    def said(self, entry: Entry) -> str:
        """The text of an entry."""
        return self._texts[entry.path][entry.node.start_mark.index : entry.node.end_mark.index].rstrip()

    def entries(self, name: str, kinds: tuple[str, ...] = properties.NODES) -> tuple[Entry, ...]:
        """What all property files say of the node of that name."""
        if name not in self._speaking_of:
            texts = self.ending(PROPERTIES)
            self._speaking_of[name] = [path for path, text in texts if name in text and _is_named(text, name)]
        return tuple(
            each
            for path in self._speaking_of[name]
            for each in self.entries_in(path)
            if each.name == name and each.kind in kinds
        )

    @cached_property
    def declared_sources(self) -> "Lookup[tuple[str, str], Entry]":
        """Source and table → where it is declared."""

        paths = self.mentioning("sources", PROPERTIES)

        def within(names: tuple[str, str]) -> Iterator[str]:
            return (path for path in paths if all(name in self._texts[path] for name in names))

        def declared(path: str) -> Iterator[tuple[tuple[str, str], Entry]]:
            return (((each.source, each.name), each) for each in self.entries_in(path) if each.kind == "sources")

        return Lookup(paths, within, declared)

    @cached_property
    def has_templated_sources(self) -> bool:
        """Whether a template makes the name of a source or of one of its tables: it may be any."""
        asked = [path for path in self.mentioning("sources", PROPERTIES) if _has_template(self._texts[path])]
        return any("{" in owner + table for (owner, table), _ in self.declared_sources.within(asked))

    def sources_of(self, word: str) -> Iterator[Entry]:
        """The tables of sources in files in whose text a word stands, in whatever case."""
        paths = self.mentioning("sources", PROPERTIES)
        within = [path for path in paths if word.lower() in self._texts[path].lower()]
        return (entry for _, entry in self.declared_sources.within(within))

    @cached_property
    def macros(self) -> "Lookup[str, Macro]":
        """Name → its definitions; a generic test `x` is the macro `test_x`."""
        files = sorted({*self.mentioning("macro", SQL), *self.mentioning("endtest", SQL)})
        paths: dict[str, list[str]] = {}
        for path in files:
            for name in dict.fromkeys(jinja.macro_names(self._texts[path])):
                paths.setdefault(name, []).append(path)

        def defined(path: str) -> Iterator[tuple[str, Macro]]:
            try:
                tree = self.source(path).jinja
            except NotEvaluated:
                return
            yield from ((macro.name, macro) for macro in jinja.macros(tree, path))

        return Lookup(files, lambda name: paths.get(name, ()), defined)

    @cached_property
    def doc_blocks(self) -> frozenset[str] | None:
        """The names of the project's doc blocks; None where not all prose was read, or it is kept elsewhere."""
        prose = [path for path in self._paths if path.lower().endswith(".md")]
        if self.settings.says("docs-paths") or any(path not in self._texts for path in prose):
            return None
        return frozenset(name for path in prose for name in jinja.doc_blocks(self._texts[path]))

    @cached_property
    def settings(self) -> Settings:
        """`dbt_project.yml` and the packages."""
        prefix = f"{self.root}/" if self.root else ""
        names = ("dbt_project.yml", "packages.yml", "dependencies.yml")
        return Settings({name: self._texts.get(f"{prefix}{name}") for name in names})

    @cached_property
    def has_foreign_models(self) -> bool:
        """Whether a package brings models, or may: then a name that is not here may still be a node."""
        return not self.settings.packages <= HELPER_PACKAGES

    def config(self, node: Node, name: str) -> object:
        """A setting of a node: in its file, else in its properties, else in `dbt_project.yml`; None for nowhere.

        What is no constant is `UNKNOWN`. Raises NotEvaluated where its file does not parse.
        """
        from review.rules.dbt import _jinja

        if node.path.lower().endswith(SQL):
            if node.path not in self._texts:
                return UNKNOWN
            here = _jinja.config(self.source(node.path))
            if name in here:
                value, _ = here[name]
                return UNKNOWN if value is None else value
        for path, text in self._saying(name):
            for entry in self.entries_in(path) if node.name in text and _is_named(text, node.name) else ():
                is_meant = entry.name == node.name and entry.kind == f"{node.kind}s"
                if is_meant and (said := entry.setting(name)) is not None:
                    return said
        return self.folder_setting(node, name)

    def _saying(self, word: str) -> Sequence[tuple[str, str]]:
        """The property files in which the word stands: of a setting's name few, while a node may be in any."""
        if word not in self._settings_in:
            self._settings_in[word] = [each for each in self.ending(PROPERTIES) if word in each[1]]
        return self._settings_in[word]

    def folder_setting(self, node: Node, name: str) -> str | None:
        """What `dbt_project.yml` says for the folder of a node; None for nothing."""
        return self.settings.of_folder(f"{node.kind}s", self._inside(node), name)

    def sets_in_folder(self, node: Node, name: str) -> bool:
        """Whether `dbt_project.yml` gives the folder of a node that setting, whatever it is."""
        return self.settings.sets_in_folder(f"{node.kind}s", self._inside(node), name)

    def _inside(self, node: Node) -> str:
        folders = self._folders.get(node.kind, ())
        return next((node.path.removeprefix(each) for each in folders if node.path.startswith(each)), node.path)


def _has_template(text: str) -> bool:
    """Whether there is any tag in a property file but `{{ doc('…') }}`."""
    return any(cut.is_before and not (text.startswith("{{", cut.begin) and _is_doc(cut.tag)) for cut in cuts(text))


def _is_doc(tag: str) -> bool:
    return tag.startswith("doc(") and tag.endswith(")") and tag.count("(") == 1 and "{" not in tag


def _is_named(text: str, name: str) -> bool:
    """Whether the name stands in a text as a word of its own outside of `ref('…')`: else no entry is called so."""
    at = text.find(name)
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (_is_part(before) or _is_part(behind)) and not text.endswith(("ref('", 'ref("'), 0, at):
            return True
        at = text.find(name, at + 1)
    return False


def _is_part(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


class _Unknown:
    """A setting that only a run can tell."""


UNKNOWN = _Unknown()
