"""What was missed, and how much that weighs: on each standard's item, and on the gate.

A file of which one tool saw only a part is not the same as a file that nobody looked at. Real projects hold models that
no linter can render without their packages; were each of them to stop the merge, nobody would keep the gate. So:

- **unseen** leaves the gate undecided (`Verdict.undecided`): our rules could not read a changed data file, or a
  statement in it (it could not be had or parsed, in any dialect that it may be written in, its worker died, or all of
  its rules gave up), a check of ours broke, or a linter's settings cannot be used, so that it looked at nothing;
- **seen in part** (sqlfluff could not lint it, some rules could not speak of it) takes `pass` from the standards
  concerned, which read `not reviewed`, and leaves the gate to what was seen;
- what the **agent** was asked and did not answer leaves the gate undecided as well, though the team may let that pass
  (`Verdict.lets_agent_fail`); a file that the agent saw in part is a file seen in part;
- **harmless** changes nothing: a reviewer would not have read it either.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from review.domain.artifact import Artifact, Kind
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Standard

Subjects = Mapping[Standard, frozenset[Kind]]
"""Which kinds of artifact the checks of each standard speak of."""


@dataclass(frozen=True)
class Coverage:
    """The skips of one review that are not harmless, weighed."""

    missed: tuple[Skipped, ...]
    undecided: tuple[Skipped, ...]
    """Those of `missed` that leave the gate undecided."""
    touched: Mapping[Standard, tuple[Skipped, ...]]
    """Those of `missed` that each standard is less than fully reviewed by. Each is under one standard at least."""


def coverage(artifacts: Sequence[Artifact], skipped: Iterable[Skipped], subjects: Subjects) -> Coverage:
    """Weigh what was skipped. Skips that say the same count once."""
    kinds = {artifact.path: artifact.kind for artifact in artifacts}
    missed = tuple(dict.fromkeys(skip for skip in skipped if not skip.harmless))
    touched: dict[Standard, list[Skipped]] = {standard: [] for standard in Standard}
    for skip in missed:
        for standard in _standards(skip, kinds, subjects):
            touched[standard].append(skip)
    blind = _blind(missed, kinds, subjects)
    undecided = tuple(skip for skip in missed if _leaves_undecided(skip, kinds, subjects, blind))
    return Coverage(missed, undecided, {standard: tuple(skips) for standard, skips in touched.items()})


def file_of(skip: Skipped, paths: Container[str]) -> str:
    """The file that a skip is about: its subject, or the one of these paths that a rule broke on (`DAG001 on …`)."""
    broken_on = skip.subject.partition(" on ")[2]
    return broken_on if skip.subject not in paths and broken_on in paths else skip.subject


def _standards(skip: Skipped, kinds: Mapping[str, Kind], subjects: Subjects) -> frozenset[Standard]:
    """The standards it says; else those that speak of the file's kind; else all: never none."""
    if skip.standards:
        return frozenset(Standard(value) for value in skip.standards)
    return _speaking_of(kinds.get(skip.subject), subjects) or frozenset(Standard)


def _speaking_of(kind: Kind | None, subjects: Subjects) -> frozenset[Standard]:
    return frozenset(standard for standard, spoken_of in subjects.items() if kind in spoken_of)


def _blind(missed: Iterable[Skipped], kinds: Mapping[str, Kind], subjects: Subjects) -> frozenset[str]:
    """Paths of which no rule of any standard could speak, although some should."""
    silent: dict[str, set[Standard]] = {}
    for skip in missed:
        if skip.stage == Stage.RULES.value:
            silent.setdefault(skip.subject, set()).update(Standard(value) for value in skip.standards)
    return frozenset(path for path, standards in silent.items() if _speaking_of(kinds.get(path), subjects) <= standards)


def _leaves_undecided(skip: Skipped, kinds: Mapping[str, Kind], subjects: Subjects, blind: frozenset[str]) -> bool:
    if skip.stage == Stage.AGENT.value:
        return skip.subject not in kinds
    if skip.stage == Stage.LINT.value:
        kind = kinds.get(skip.subject)
        return kind is None or not _speaking_of(kind, subjects)
    return not skip.standards or skip.subject not in kinds or skip.subject in blind
