"""How a change is cut into shards, in one word that a plan hands to the jobs of a workflow: `2/4@<base>..<head>`.

The commits in it keep the jobs together: a push in the middle of a workflow mixes no two heads into one review. Behind
them, `:` and a digest of the base branch's name tell the jobs whether the pull request still asks for the same.
"""

from dataclasses import dataclass, replace

from review.domain.hexadecimal import SHA, is_hex
from review.errors import InputError

MAX_SHARDS = 256
"""Jobs of one matrix (docs.github.com, "Workflow syntax", jobs.<job_id>.strategy.matrix)."""
ALL = "all"
_MARK = 16


@dataclass(frozen=True)
class Cut:
    """All shards of one change, or one of them."""

    count: int
    index: int | None = None
    """Which shard, from 1; None for all of them."""
    base_sha: str = ""
    head_sha: str = ""
    """The commits that were planned for; empty for those that the event names now."""
    onto: str = ""
    """`mark` of the pull request's base branch; empty where the commits belong to no pull request."""

    def __str__(self) -> str:
        pinned = f"@{self.base_sha}..{self.head_sha}" if self.head_sha else ""
        return f"{self.name}{pinned}{self.onto and ':' + self.onto}"

    @property
    def name(self) -> str:
        """`2/4`, or `all/4`."""
        return f"{self.index or ALL}/{self.count}"

    def shard(self, index: int) -> "Cut":
        """One shard of the same change."""
        return replace(self, index=index)


def read_cut(text: str, what: str) -> Cut:
    """The cut that this text names. Raises InputError, naming `what`."""
    name, at, pinned = text.partition("@")
    commits, colon, onto = pinned.partition(":")
    index, slash, count = name.partition("/")
    base, dots, head = commits.partition("..")
    known = (
        slash
        and _is_number(count)
        and (index == ALL or (_is_number(index) and int(index) <= int(count)))
        and (not at or (dots and is_hex(base, *SHA) and is_hex(head, *SHA)))
        and (not colon or is_hex(onto, _MARK))
    )
    if not known:
        raise InputError(
            f"{what}: {text[:200]!r} is not accepted; use what the plan gave (its outputs matrix and shards; if it"
            f" gave nothing, its job says why), or a number and a count, such as 1/4, of at most {MAX_SHARDS} shards."
        )
    return Cut(int(count), None if index == ALL else int(index), base, head, onto)


def mark(branch: str) -> str:
    """A digest of a branch's name, which whoever may push chooses: 16 hexadecimal digits that are harmless anywhere."""
    import hashlib  # most runs are of no plan, and it takes 2 ms

    return hashlib.sha256(branch.encode("utf-8", "replace")).hexdigest()[:_MARK]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MAX_SHARDS
