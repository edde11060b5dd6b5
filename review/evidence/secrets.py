"""Secrets in the changed files that are none of ours to review: settings, scripts, notes, whatever text they are.

A secret does harm wherever it stands, so every text file that the change adds to is looked at, in this process: signs
of secrets are searched for in the text, nothing of it is loaded, and no worker has to start for a README. The files are
shown to nobody else: a model is told nothing of them.

Such a file decides nothing by being there. What has no text (a picture, an archive) has nothing to look at; a text too
large to be looked at is told, and leaves the gate to the rest, since nobody writes five megabytes by hand. A file whose
content cannot be had at all leaves the review incomplete, like any other that went unseen.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from review.config.policy import Policy
from review.domain.changeset import ChangedFile, Changeset, Entry, Status
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding, Standard
from review.rules.trust._signs import may_hold_a_password, may_hold_a_secret, may_hold_code_password

if TYPE_CHECKING:
    from types import ModuleType

    from review.git.tree import GitTree
    from review.rules.base import Hit, Rule

CODES = frozenset({"TRU003", "TRU004", "TRU005"})
"""The rules that look at such files."""
MAX_CHARACTERS = 2_000_000
"""Of one file."""
MAX_ALL = 64_000_000
"""Characters of all files of a change."""
MAX_HITS = 1_000
"""Of one rule in one file, old and new."""
MAX_TOLD = 100
"""Of those, new ones that become findings."""
BATCH = 200
"""Files that are in memory together."""


@dataclass(frozen=True)
class Searched:
    """What was found in files that are no artifacts."""

    changeset: Changeset
    """The change, with the lines of those files in which something was found."""
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    files: int = 0
    """How many files were looked at."""
    rules: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Source of these findings → the rule's title, and why what it finds matters."""


@dataclass(frozen=True)
class Search:
    """Where to look, and what the team wants to know of."""

    base: "GitTree"
    head: "GitTree"
    policy: Policy
    may_hold: Callable[[str], bool]
    """Whether a file of this name is text that somebody here wrote."""
    with_lines: Callable[[frozenset[str]], Changeset]
    """The change with the lines of the files of these paths."""
    pages: str = ""
    """Web address under which this action's own files are shown; empty leaves findings without a link."""

    def look(self, changeset: Changeset, reviewed: Container[str]) -> Searched:
        """Look at every changed text file whose path is not among those reviewed. Raises GitError for a broken tree."""
        policy = self.policy
        codes = (CODES & policy.select if policy.select else CODES) - policy.never_wanted
        files = {file.path: file for file in changeset if file.path not in reviewed and self._is_wanted(file)}
        if not codes or not files:
            return Searched(changeset)
        skipped: list[Skipped] = []
        hits: dict[str, list[tuple[Rule, tuple[Hit, ...]]]] = {}
        seen = room = 0
        paths = list(files)
        for start in range(0, len(paths), BATCH):
            batch = paths[start : start + BATCH]
            if room > MAX_ALL:
                skipped += (_unseen(path, "the files before it hold all the text that is looked at") for path in batch)
                continue
            texts = self.head.texts(batch)
            skipped += self._unread(path for path in batch if path not in texts)
            for path, text in texts.items():
                room += len(text)
                if len(text) > MAX_CHARACTERS:
                    skipped.append(_unseen(path, f"it has more than {MAX_CHARACTERS:,} characters"))
                    continue
                seen += 1
                found, faults = _hits(path, text, codes)
                skipped += faults
                if found:
                    hits[path] = found
        changeset = self._with_lines(changeset, frozenset(hits))
        findings = [finding for path in hits for finding in self._new(changeset.file(path), hits[path])]
        rules = _told(rule for found in hits.values() for rule, _ in found)
        return Searched(changeset, tuple(map(policy.weighed, findings)), tuple(skipped), seen, rules)

    def _is_wanted(self, file: ChangedFile) -> bool:
        return (
            file.entry is Entry.FILE
            and file.status is not Status.DELETED
            and self.may_hold(file.path)
            and self.policy.includes(file.path)
            and not self.policy.is_generated(file.path)
        )

    def _unread(self, paths: Iterable[str]) -> Iterator[Skipped]:
        for path in paths:
            if path not in self.head.refused:
                yield _unseen(path, self.head.unread.get(path, "it cannot be read"), harmless=False)
            elif path not in self.head.binary:
                yield _unseen(path, self.head.unread[path])

    def _with_lines(self, changeset: Changeset, paths: frozenset[str]) -> Changeset:
        """The change with the lines of these files, which were not read where no data file is told by such a name."""
        lacking = frozenset(path for path in paths if (file := changeset.file(path)) is not None and not file.hunks)
        if not lacking:
            return changeset
        read = self.with_lines(lacking)
        files = [
            replace(file, hunks=now.hunks, added=now.added, removed=now.removed)
            if file.path in lacking and (now := read.file(file.path)) is not None
            else file
            for file in changeset
        ]
        return Changeset(changeset.merge_base, changeset.head_sha, tuple(files), changeset.skipped)

    def _new(self, file: ChangedFile | None, hits: "list[tuple[Rule, tuple[Hit, ...]]]") -> Iterator[Finding]:
        """The findings of the hits on changed lines that the version before the change does not have."""
        from review.rules.evaluate import finding_of, introduced, touches

        assert file is not None
        before = self.base.text(file.base_path) if file.base_path else None
        for rule, found in hits:
            # Where git has no lines to show, each line counts: what stood there before is known by its evidence.
            added = file.added or frozenset(line for hit in found for line in range(hit.line, hit.line + 1))
            old = _looks(rule)(file.base_path or "", before) if before is not None else ()
            rule = rule.with_severity(self.policy.severities.get(rule.code, rule.severity))
            new = (each for each in introduced(found, old, added) if touches(each[1], added))
            for ordinal, hit in islice(new, MAX_TOLD):
                yield finding_of(rule, hit, ordinal, file, self.pages)


def _hits(path: str, text: str, codes: frozenset[str]) -> "tuple[list[tuple[Rule, tuple[Hit, ...]]], list[Skipped]]":
    """What each rule sees in the text; a rule that fails costs its own word only. Most texts need no rule at all."""
    found: list[tuple[Rule, tuple[Hit, ...]]] = []
    faults: list[Skipped] = []
    for code in sorted(codes):
        if not _may_hold(code, path, text):
            continue
        rule = _rule(code)
        try:
            hits = tuple(islice(_looks(rule)(path, text), MAX_HITS + 1))
        except Exception as fault:
            reason = f"made the rule fail ({type(fault).__name__})"
            faults.append(Skipped(Stage.RULES.value, f"{code} on {path}", reason, (Standard.SECURITY.value,)))
            continue
        if len(hits) > MAX_HITS:
            reason = f"only the first {MAX_HITS:,} secrets that {code} sees in it count"
            faults.append(Skipped(Stage.RULES.value, path, reason, (Standard.SECURITY.value,), harmless=True))
        if hits:
            found.append((rule, hits[:MAX_HITS]))
    return found, faults


def _may_hold(code: str, path: str, text: str) -> bool:
    if code == "TRU003":
        return may_hold_a_secret(text)
    return (may_hold_a_password if code == "TRU004" else may_hold_code_password)(path, text)


def _told(rules: "Iterable[Rule]") -> dict[str, tuple[str, str]]:
    from review.rules import docs

    return {f"rule:{rule.code}": docs.told(rule) for rule in rules}


def _module(code: str) -> "ModuleType":
    """Imported where a text may hold what it looks for: most changes need none of them."""
    if code == "TRU003":
        from review.rules.trust import committed_secret

        return committed_secret
    if code == "TRU004":
        from review.rules.trust import password_in_settings

        return password_in_settings
    from review.rules.trust import password_in_code

    return password_in_code


def _rule(code: str) -> "Rule":
    rule: Rule = _module(code).rule
    return rule


def _looks(rule: "Rule") -> "Callable[[str, str], Iterator[Hit]]":
    look: Callable[[str, str], Iterator[Hit]] = _module(rule.code).look
    return look


def _unseen(path: str, reason: str, *, harmless: bool = True) -> Skipped:
    text = f"not looked at for secrets: {reason}"
    return Skipped(Stage.RULES.value, path, text, (Standard.SECURITY.value,), harmless=harmless)
