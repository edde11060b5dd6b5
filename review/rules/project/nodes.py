"""The files of a dbt project at one commit, and the nodes that they make, told by their places and names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from review.domain.project_files import Folders, ProjectFiles, Side
from review.rules.project import jinja

SQL = (".sql", ".sql.jinja", ".jinja")


@dataclass(frozen=True)
class Node:
    """A model, a seed or a snapshot."""

    name: str
    path: str
    kind: str
    """`model`, `seed` or `snapshot`."""
    line: int = field(default=1, compare=False)
    """Where it begins in its file."""


class Nodes:
    """One side of a project."""

    def __init__(self, files: ProjectFiles, side: Side) -> None:
        self.root = side.root
        self.changed = frozenset((*files.before, *files.lost))
        """The files that the change touches, on either side."""
        self._folders = side.folders
        self._listed = Folders(side.folders)
        self._texts = side.texts
        self._paths = side.paths
        self._folder_of: dict[str, str | None] = {}
        self._nodes: dict[str, tuple[Node, ...]] = {}
        self._ending: dict[tuple[str, ...], Sequence[tuple[str, str]]] = {}
        self.other: Nodes | None = None
        """The other side, where it is known."""

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
            other = self.other
            is_shared = path not in self.changed and self._stays
            known = other._nodes.get(path) if other is not None and is_shared else None
            self._nodes[path] = tuple(self._made_by(path)) if known is None else known
        return self._nodes[path]

    @cached_property
    def _stays(self) -> bool:
        """Whether the other side is in the same place."""
        return self.other is not None and self.other.place == self.place

    def _made_by(self, path: str) -> Iterable[Node]:
        if path not in self._paths:
            return []
        folder, written = self._folder(path), path.rpartition("/")[2]
        name, stem = written.lower(), written.partition(".")[0]
        if folder in ("model", "snapshot") and name.endswith(SQL):
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

    @property
    def place(self) -> tuple[str, Mapping[str, tuple[str, ...]]]:
        """Its directory, and what it keeps where."""
        return self.root, self._folders

    # files

    def text_of(self, node: Node) -> str:
        """That of a node's file, where its columns hang on it."""
        return self._texts.get(node.path, "") if node.path.lower().endswith(SQL) else ""

    def heading(self, node: Node) -> str | None:
        """The first line of a seed; None where it was not read."""
        text = self._texts.get(node.path) if node.path.lower().endswith(".csv") else None
        return text.partition("\n")[0].removesuffix("\r") if text is not None else None

    def is_read(self, path: str) -> bool:
        """Whether the text of a file is known."""
        return path in self._texts

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
