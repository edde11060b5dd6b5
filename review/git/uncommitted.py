"""What of a working directory is not as it was committed, told by reading its files: git never runs there."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from review.git.tree import GitTree
from review.git.workspace import Workspace, read_regular

MOST = 5_000
"""Files that are read; of a larger repository nothing is said."""
_LARGEST = 1024 * 1024
"""Bytes of a file that is read."""


def uncommitted(tree: GitTree, paths: Iterable[str], workspace: Workspace) -> int:
    """How many of these files of the checked out commit are changed or gone in the working directory beside `.git`.

    Not known, and so 0, for a bare repository, a linked worktree and very many files. Files that were never committed,
    and those that are large, are not counted. Raises GitError where the tree cannot be listed.
    """
    asked = tuple(paths)
    if workspace.git.name != ".git" or len(asked) > MOST:
        return 0
    root = workspace.git.parent
    return sum(_differs(root / path, name) for path, name in tree.names(asked).items())


def _differs(path: Path, name: str) -> bool:
    content = read_regular(path, _LARGEST)
    if content is None:
        return not path.exists()
    return name not in (_blob(content, len(name)), _blob(content.replace(b"\r\n", b"\n"), len(name)))


def _blob(content: bytes, digits: int) -> str:
    """The name that git gives this content, in that many hexadecimal digits."""
    made = hashlib.sha256() if digits == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % len(content))
    made.update(content)
    return made.hexdigest()
