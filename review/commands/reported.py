"""What a report of another run claims → evidence, as far as it agrees with the change that we read ourselves."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from review.domain.artifact import Artifact
from review.domain.changeset import Side
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding
from review.evidence.collect import Evidence
from review.evidence.known import Known
from review.evidence.secrets import CODES
from review.intake.report import Report

_MISSED = {
    Stage.LINT.value: "could not be linted",
    Stage.RULES.value: "could not be checked by every rule",
    Stage.FINDINGS.value: "not every finding could be kept",
}
"""What was missed in the stages whose skips only that run can know of; what intake and classification leave out is seen
here as well."""
_LOOKED_FOR_HERE = frozenset(f"rule:{code}" for code in CODES)
"""Sources of findings in files that are no artifacts: the run that posts looks at those itself."""
OWN_RUN = "the pull request's own run"

OF_AN_AGENT = "of an agent, whose word cannot be checked here"
OF_NO_RULE = "of no rule that this version of the action knows and the policy selects"
ELSEWHERE = "at a place that the change does not have"


def taken(report: Report, artifacts: Iterable[Artifact], known: Known) -> Evidence:
    """The report's findings and skips, restated in our own words; what is not taken over is counted in one.

    A file that the report does not speak of was not looked at, whatever else it says.
    """
    by_path = {artifact.path: Place.of(artifact) for artifact in artifacts}
    found: list[Finding] = []
    left: Counter[str] = Counter()
    for claim in report.findings:
        restated = known.restated(claim)
        if claim.source in _LOOKED_FOR_HERE and claim.location.path not in by_path:
            continue
        if claim.source.startswith("agent:"):
            left[OF_AN_AGENT] += 1
        elif restated is None:
            left[OF_NO_RULE] += 1
        elif not is_there(claim, by_path.get(claim.location.path)):
            left[ELSEWHERE] += 1
        else:
            found.append(restated)
    skipped = [_restated(skip, by_path) for skip in report.skipped if skip.stage in _MISSED]
    skipped += [
        Skipped(Stage.RULES.value, path, "the run that the report is of says nothing of it")
        for path in sorted(set(by_path) - report.paths)
    ]
    skipped += [
        Skipped(
            Stage.FINDINGS.value,
            "the report",
            f"{count:,} finding{'s' * (count > 1)} {why}, not taken over",
            harmless=why == OF_AN_AGENT,
        )
        for why, count in sorted(left.items())
    ]
    return Evidence(tuple(found), tuple(skipped), known.subjects, known.off, rules=known.said, is_claimed=True)


def _restated(skip: Skipped, paths: Container[str]) -> Skipped:
    """The same gap without that run's prose, which would be published in our name."""
    subject = skip.subject if skip.subject in paths else OWN_RUN
    return replace(skip, subject=subject, reason=f"{_MISSED[skip.stage]}; the job summary of {OWN_RUN} says why")


@dataclass(frozen=True)
class Place:
    """Where in one file of the change something can have been found."""

    lines: Mapping[Side, int]
    """How many each version has; 0 where there is none."""
    was: str
    """Its name before the change, where that was another."""

    @classmethod
    def of(cls, artifact: Artifact) -> "Place":
        """Counts once: a report may speak ten thousand times of a file of megabytes."""
        versions = ((Side.RIGHT, artifact.head), (Side.LEFT, artifact.base))
        lines = {side: version.text.count("\n") + 1 if version is not None else 0 for side, version in versions}
        file = artifact.file
        return cls(lines, file.base_path if file.base_path and file.base_path != file.path else "")


def is_there(claim: Finding, place: Place | None) -> bool:
    """Whether the change has a file with such lines, and under the names that the claim gives it."""
    if place is None:
        return False
    where = claim.location
    return where.end_line <= place.lines[where.side] and claim.identity_path == place.was
