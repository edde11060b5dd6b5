"""The dbt project at one commit: nodes, what they read and who reads them, properties and settings, each when asked.

A file is parsed once, and only where its text can matter: a name that is looked for has to stand in it. What is absent
may be told only where the project `is_complete`; a name that is found is found.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from review.domain.artifact import Kind
from review.domain.project_files import Folders, ProjectFiles, Side
from review.rules import _yaml
from review.rules.project import jinja, properties
from review.rules.project.jinja import Macro, Reference
from review.rules.project.lineage import Lineage
from review.rules.project.lookup import Lookup
from review.rules.project.properties import Entry
from review.rules.project.settings import Settings
from review.rules.project.tags import cuts
from review.rules.project.work import Work
from review.rules.source import Source
from review.rules.trees import NotEvaluated

_PROPERTIES = (".yml", ".yaml")
_SQL = (".sql", ".sql.jinja", ".jinja")

HELPER_PACKAGES = frozenset(
    {"dbt_utils", "dbt-utils", "dbt_expectations", "dbt-expectations", "dbt_date", "dbt-date", "codegen", "dbt-codegen"}
    | {"audit_helper", "dbt-audit-helper", "dbt_external_tables", "dbt-external-tables", "spark_utils", "dbt-profiler"}
    | {"dbt_profiler", "logging", "dbt_constraints", "dbt_fivetran_utils", "fivetran_utils", "metrics", "dbt_metrics"}
)
"""Packages that bring macros and tests, and no models."""


@dataclass(frozen=True)
class Node:
    """A model, a seed or a snapshot."""

    name: str
    path: str
    kind: str
    """`model`, `seed` or `snapshot`."""
    line: int = field(default=1, compare=False)
    """Where it begins in its file."""


class Project:
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
        self.root = side.root
        self.is_complete = files.is_complete
        self.lost = side.lost
        """Files of this side without which nothing can be asked of it."""
        self._folders = side.folders
        self._listed = Folders(side.folders)
        self._texts = side.texts
        self._paths = side.paths
        self.changed = frozenset((*files.before, *files.lost))
        """The files that the change touches, on either side."""
        self.before: Project | None = None
        """The same project before the change, for the one after it: what was taken away stands nowhere else.

        None where that is not known, also because of what is `lost`.
        """
        self.lineage: Lineage | None = None
        """What is the same on both sides; None where only one is known."""
        self.work = Work()
        """What was worked out of the columns of nodes."""
        self._make = make
        self._sources: dict[str, Source] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._references: dict[str, tuple[Reference, ...]] = {}
        self._ending: dict[tuple[str, ...], Sequence[tuple[str, str]]] = {}
        self._speaking_of: dict[str, list[str]] = {}
        self._settings_in: dict[str, Sequence[tuple[str, str]]] = {}
        self._readable: dict[tuple[str, ...], bool] = {}
        self._macros = macros
        self._folder_of: dict[str, str | None] = {}
        self._nodes: dict[str, tuple[Node, ...]] = {}
        self._other: Project | None = None

    def follow(self, before: "Project") -> None:
        """Be the project after the change of that one, as far as nothing of it is lost."""
        if before.lost:
            return
        self.before = before
        self._other, before._other = before, self
        self.lineage = before.lineage = Lineage(before, self, self._macro_texts())

    def begin(self) -> None:
        """Another file is under review: how far columns were followed for the last one is forgotten."""
        self.work.begin()
        for source in self._sources.values():
            source.forget_project_queries()

    # nodes

    @cached_property
    def all_nodes(self) -> Mapping[str, tuple[Node, ...]]:
        """Name → the nodes of that name: more than one is an error of dbt's, unless one is disabled."""
        found: dict[str, list[Node]] = {}
        for path in sorted(self._paths):
            for node in self.nodes_at(path):
                found.setdefault(node.name, []).append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    def nodes_at(self, path: str) -> tuple[Node, ...]:
        """The nodes that a file makes; nothing where the file is not among those known."""
        if path not in self._nodes:
            other = self._other
            is_shared = path not in self.changed and self._stays
            known = other._nodes.get(path) if other is not None and is_shared else None
            self._nodes[path] = tuple(self._made_by(path)) if known is None else known
        return self._nodes[path]

    @cached_property
    def _stays(self) -> bool:
        """Whether the other side is in the same place."""
        return self._other is not None and self._other.place == self.place

    def _made_by(self, path: str) -> Iterable[Node]:
        if path not in self._paths:
            return []
        folder, written = self._folder(path), path.rpartition("/")[2]
        name, stem = written.lower(), written.partition(".")[0]
        if folder in ("model", "snapshot") and name.endswith(_SQL):
            text = self._texts.get(path, "")
            if "snapshot" in text and (named := list(jinja.snapshots(text))):
                return [Node(each, path, "snapshot", line) for each, line in named]
            return [Node(stem, path, "model")] if folder == "model" else []
        if folder == "model" and name.endswith(".py"):
            return [Node(stem, path, "model")]
        if folder == "seed" and name.endswith((".csv", ".parquet")):
            return [Node(written.rpartition(".")[0], path, "seed")]
        return []

    def _folder(self, path: str) -> str | None:
        """What the folder of a file is for."""
        inside = path.rpartition("/")[0]
        if inside not in self._folder_of:
            self._folder_of[inside] = self._listed.of(path)
        return self._folder_of[inside]

    def node(self, name: str) -> Node | None:
        """The node of that name; None where there is none or more than one."""
        found = self.all_nodes.get(name, ())
        return found[0] if len(found) == 1 else None

    def has(self, path: str) -> bool:
        """Whether the file is among those of the project that are known."""
        return path in self._paths

    def node_at(self, path: str) -> Node | None:
        """The model or snapshot that a file makes; None where it makes none or several."""
        found = self.nodes_at(path)
        return found[0] if len(found) == 1 else None

    # both sides

    @property
    def place(self) -> tuple[str, Mapping[str, tuple[str, ...]]]:
        """Its directory, and what it keeps where."""
        return self.root, self._folders

    def is_settled(self, entry: Entry) -> bool:
        """Whether an entry stands in its file word for word on both sides, of a node that no change can have reached.

        So what is wrong with it was wrong before. False where that is not known.
        """
        other = self._other
        if other is None:
            return False
        said = self._said(entry)
        is_there = entry.path in other._texts
        paths = [entry.path] if is_there else [path for path, text in other.ending(_PROPERTIES) if said in text]
        return any(
            other._said(each) == said and ("*" not in said or _yaml.is_alike(each.node, entry.node))
            for path in paths
            for each in other.entries_in(path)
            if (each.kind, each.name) == (entry.kind, entry.name)
        ) and self.gives_the_same(entry.name)

    def _said(self, entry: Entry) -> str:
        return self._texts[entry.path][entry.node.start_mark.index : entry.node.end_mark.index].rstrip()

    def is_untouched(self, name: str) -> bool:
        """Whether neither a node nor anything that it may be made of is touched. False where that is not known."""
        return self.lineage is not None and self.lineage.is_same(name)

    def gives_the_same(self, name: str) -> bool:
        """Whether a node gives the same columns, or none that are known, on both sides. False where that is not known.

        Of a node that is touched they are worked out.
        """
        return self.lineage is not None and self.lineage.is_same(name, self._gave_the_same)

    def _gave_the_same(self, name: str) -> bool:
        """The same of a node that is touched itself, by its columns; False where a limit kept them from being told."""
        from review.rules.project.columns import outputs

        other = self._other
        if other is None or self.node(name) is None or other.node(name) is None:
            return False
        return outputs(other, name) == outputs(self, name) and self.work.knows(name) and other.work.knows(name)

    def adopt(self, name: str) -> None:
        """Take what is known of a node's columns from the other side, where they can be no others."""
        other = self._other
        if other is not None and not self.work.knows(name) and other.work.knows(name) and self.is_untouched(name):
            self.work.adopt(name, other.work)

    # files

    def text_of(self, node: Node) -> str:
        """That of a node's file, where its columns hang on it."""
        return self._texts.get(node.path, "") if node.path.lower().endswith(_SQL) else ""

    def _macro_texts(self) -> Iterable[str]:
        if self._macros is not None:
            return self._macros.values()
        return (text for path, text in self._texts.items() if self._folder(path) == "macro")

    def heading(self, node: Node) -> str | None:
        """The first line of a seed; None where it was not read."""
        text = self._texts.get(node.path) if node.path.lower().endswith(".csv") else None
        return text.partition("\n")[0].removesuffix("\r") if text is not None else None

    def source(self, path: str) -> Source:
        """The views of a project's file. Raises NotEvaluated where its text was not read."""
        if path not in self._sources:
            text = self._texts.get(path)
            if text is None:
                raise NotEvaluated(f"{path}, which it depends on, was not read")
            self._sources[path] = self._make(self, path, text, self._kind(path))
        return self._sources[path]

    def _kind(self, path: str) -> Kind:
        if path.lower().endswith(_PROPERTIES):
            return Kind.DBT_PROPERTIES
        if path.lower().endswith(".py"):
            return Kind.DBT_PYTHON_MODEL
        node = self.node_at(path)
        if node is not None:
            return Kind.DBT_SNAPSHOT if node.kind == "snapshot" else Kind.DBT_MODEL
        return {"macro": Kind.DBT_MACRO, "test": Kind.DBT_TEST}.get(self._folder(path) or "", Kind.DBT_MODEL)

    def says(self, path: str, word: str) -> bool:
        """Whether the word stands in a file's text."""
        return word in self._texts.get(path, "")

    def mentioning(self, word: str, endings: tuple[str, ...]) -> list[str]:
        """The files with these endings in whose text the word stands, which is all that parsing them could tell."""
        return [path for path, text in self.ending(endings) if word in text]

    def ending(self, endings: tuple[str, ...]) -> Sequence[tuple[str, str]]:
        """Path and text of the files with these endings, by path."""
        if endings not in self._ending:
            self._ending[endings] = sorted(each for each in self._texts.items() if each[0].lower().endswith(endings))
        return self._ending[endings]

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
        for path in self.mentioning(name, _SQL):
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
            other = self._other
            known = other._entries.get(path) if other is not None and path not in self.changed else None
            self._entries[path] = self._spoken_of(path) if known is None else known
        return self._entries[path]

    def _spoken_of(self, path: str) -> tuple[Entry, ...]:
        try:
            root = self.source(path).yaml
        except NotEvaluated:
            return ()
        return tuple(properties.entries(root, path))

    def entries(self, name: str, kinds: tuple[str, ...] = properties.NODES) -> tuple[Entry, ...]:
        """What all property files say of the node of that name."""
        if name not in self._speaking_of:
            texts = self.ending(_PROPERTIES)
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

        paths = self.mentioning("sources", _PROPERTIES)

        def within(names: tuple[str, str]) -> Iterator[str]:
            return (path for path in paths if all(name in self._texts[path] for name in names))

        def declared(path: str) -> Iterator[tuple[tuple[str, str], Entry]]:
            return (((each.source, each.name), each) for each in self.entries_in(path) if each.kind == "sources")

        return Lookup(paths, within, declared)

    @cached_property
    def has_templated_sources(self) -> bool:
        """Whether a template makes the name of a source or of one of its tables: it may be any."""
        asked = [path for path in self.mentioning("sources", _PROPERTIES) if _has_template(self._texts[path])]
        return any("{" in owner + table for (owner, table), _ in self.declared_sources.within(asked))

    def sources_of(self, word: str) -> Iterator[Entry]:
        """The tables of sources in files in whose text a word stands, in whatever case."""
        paths = self.mentioning("sources", _PROPERTIES)
        within = [path for path in paths if word.lower() in self._texts[path].lower()]
        return (entry for _, entry in self.declared_sources.within(within))

    @cached_property
    def macros(self) -> "Lookup[str, Macro]":
        """Name → its definitions; a generic test `x` is the macro `test_x`."""
        files = sorted({*self.mentioning("macro", _SQL), *self.mentioning("endtest", _SQL)})
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

        if node.path.lower().endswith(_SQL):
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
            self._settings_in[word] = [each for each in self.ending(_PROPERTIES) if word in each[1]]
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
    return any(
        cut.is_before and not (cut.tag.startswith("doc(") and text.startswith("{{", cut.begin)) for cut in cuts(text)
    )


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
