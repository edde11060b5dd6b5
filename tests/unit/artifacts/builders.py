"""A commit in memory, and changes made of its files."""

from collections.abc import Iterable, Mapping

from review.artifacts.classify import Classification, Options, classify
from review.domain.artifact import Artifact, Kind
from review.domain.changeset import ChangedFile, Changeset, Status
from review.domain.evidence import Skipped


class MemoryTree:
    """`Tree` of a mapping; what is asked of it is kept in `asked`."""

    def __init__(
        self, files: Mapping[str, str | bytes] | None = None, sha: str = "head", links: Iterable[str] = ()
    ) -> None:
        self._files = dict(files or {})
        self._links = frozenset(links)
        self.sha = sha
        self.asked: list[str] = []

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def has(self, path: str) -> bool:
        return path in self._files

    def is_link(self, path: str) -> bool:
        return path in self._links

    def entry(self, path: str) -> str:
        return "link" if path in self._links else repr(self._files.get(path, ""))

    def text(self, path: str) -> str | None:
        content = self._files.get(path)
        if content is None:
            return None
        raw = content.encode() if isinstance(content, str) else content
        return None if b"\0" in raw else raw.decode("utf-8", "replace").removeprefix("\ufeff")

    def texts(self, paths: Iterable[str]) -> dict[str, str]:
        wanted = list(paths)
        self.asked.extend(wanted)
        return {path: text for path in wanted if (text := self.text(path)) is not None}


def change(*files: ChangedFile, skipped: tuple[Skipped, ...] = ()) -> Changeset:
    return Changeset("base", "head", files, skipped)


def added(path: str) -> ChangedFile:
    return ChangedFile(path, Status.ADDED)


def modified(path: str) -> ChangedFile:
    return ChangedFile(path, Status.MODIFIED)


def deleted(path: str) -> ChangedFile:
    return ChangedFile(path, Status.DELETED)


def classified(
    files: Mapping[str, str | bytes],
    *changed: ChangedFile,
    base: Mapping[str, str | bytes] | None = None,
    options: Options | None = None,
) -> Classification:
    """What becomes of these changed files (every file added, where none is named)."""
    changes = changed or tuple(added(path) for path in sorted(files))
    return classify(change(*changes), MemoryTree(base, "base"), MemoryTree(files), options or Options())


def artifact(files: Mapping[str, str | bytes], path: str, options: Options | None = None) -> Artifact | None:
    """What one added file of a commit is."""
    found = classified(files, added(path), options=options).artifacts
    return found[0] if found else None


def kind(files: Mapping[str, str | bytes], path: str) -> Kind | None:
    found = artifact(files, path)
    return found.kind if found else None


def kinds(found: Classification) -> dict[str, Kind]:
    return {each.path: each.kind for each in found.artifacts}
