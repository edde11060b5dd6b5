"""Artifacts → shards: which runner looks at which files of a change that is too large for one.

A pure function of the artifacts and the number of shards, so that every runner cuts the change as the others do, and
whoever joins what they found knows which file is whose. Files of a dbt project that mention each other stay together
as far as the shards stay even: no rule needs that, but who reads one shard's log sees a whole.
"""

import string
from collections.abc import Iterable, Sequence
from math import ceil
from posixpath import dirname

from review.domain.artifact import Artifact

SHARD_EFFORT = 120_000
"""What one shard is planned to take: a minute or two on a runner's cores, several times what it takes to start one."""
_EACH, _LINTED, _PARSED = 15, 65, 8
"""Milliseconds of one process: for any file, and for each thousand characters that are linted (sqlfluff 4.5 with its
Rust parser takes 60 to 85), or parsed by rules alone. Three shards of a real pull request of 1,295 files, 36 seconds
each by this count, took 18 to 30 on two cores that others used as well (tests/evals/sharding.py)."""
_APART = str.maketrans({sign: " " for sign in string.punctuation if sign != "_"})

Parts = tuple[tuple[str, ...], ...]
"""The paths of each shard, sorted."""


def effort(artifact: Artifact) -> int:
    """About how many milliseconds of one process linting and rules take."""
    head, base = (len(version.text) if version is not None else 0 for version in (artifact.head, artifact.base))
    if head and artifact.kind.is_sql and artifact.file.added:
        return _EACH + (head * _LINTED + base * _PARSED) // 1_000
    return _EACH + (head + base) * _PARSED // 1_000


def shards_for(artifacts: Sequence[Artifact], most: int) -> int:
    """How many shards the work is worth, from 1 to `most`."""
    wanted = ceil(sum(map(effort, artifacts)) / SHARD_EFFORT)
    return max(1, min(wanted, most, len(artifacts)))


def partition(artifacts: Sequence[Artifact], count: int) -> Parts:
    """The artifacts in that many shards of about the same effort. Every artifact is in exactly one."""
    efforts = {artifact.path: effort(artifact) for artifact in artifacts}
    share = ceil(sum(efforts.values()) / count) if artifacts else 1
    pieces = [piece for group in related(artifacts) for piece in _pieces(group, efforts, share)]
    pieces.sort(key=lambda piece: (-sum(efforts[path] for path in piece), piece))
    shards: list[list[str]] = [[] for _ in range(count)]
    loads = [0] * count
    for piece in pieces:
        least = loads.index(min(loads))
        shards[least] += piece
        loads[least] += sum(efforts[path] for path in piece)
    return tuple(tuple(sorted(shard)) for shard in shards)


def related(artifacts: Iterable[Artifact]) -> list[list[str]]:
    """Paths in groups: files of one dbt project of which one holds the other's name as a word; each sorted."""
    ordered = sorted(artifacts, key=lambda artifact: artifact.path)
    leader = {artifact.path: artifact.path for artifact in ordered}

    def find(path: str) -> str:
        while leader[path] != path:
            leader[path] = leader[leader[path]]
            path = leader[path]
        return path

    named: dict[tuple[str, str], list[str]] = {}
    for artifact in ordered:
        if artifact.project is not None:
            named.setdefault((artifact.project, _stem(artifact.path)), []).append(artifact.path)
    for artifact in ordered:
        if artifact.project is None:
            continue
        for word in _words(artifact):
            known = named.get((artifact.project, word), [])
            for path in known:
                first, second = sorted((find(artifact.path), find(path)))
                leader[second] = first
            del known[1:]  # they are together from now on
    groups: dict[str, list[str]] = {}
    for path in leader:
        groups.setdefault(find(path), []).append(path)
    return [groups[path] for path in sorted(groups)]


def _words(artifact: Artifact) -> set[str]:
    version = artifact.head or artifact.base
    return set(version.text.lower().translate(_APART).split()) if version is not None else set()


def _stem(path: str) -> str:
    """The name that dbt gives what a file makes."""
    return path.rpartition("/")[2].partition(".")[0].lower()


def _pieces(group: Sequence[str], efforts: dict[str, int], share: int) -> list[list[str]]:
    """A group cut where it is more than one shard's share; files of one directory stay together as far as they can."""
    pieces: list[list[str]] = [[]]
    size = 0
    for path in sorted(group, key=lambda path: (dirname(path), path)):
        if pieces[-1] and size + efforts[path] > share // 2:
            pieces.append([])
            size = 0
        pieces[-1].append(path)
        size += efforts[path]
    return pieces if sum(efforts[path] for path in group) > share else [list(group)]
