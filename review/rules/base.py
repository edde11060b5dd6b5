"""What a rule is: three facts typed by hand (code, standard, harm); everything else comes from where the file lies.

A rule is deterministic and offline. It looks at one side of one artifact and yields hits; what a hit means (new or old,
worth a comment or not) is decided elsewhere, so that a rule stays a page of plain code.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard, Tier
from review.domain.severity import Severity
from review.rules.source import Source
from review.rules.trees import NotEvaluated

MAX_TITLE = 80
"""Characters of a finding's title (`Finding.title`), and so of the first sentence of a rule's docstring."""


@dataclass(frozen=True)
class Hit:
    """One place in one version of a file where the rule's pattern is."""

    line: int
    """1-based, in the file as it is stored."""
    evidence: str
    """The code or the fact, normalised: with rule, path and symbol it is the hit's identity, so no line numbers."""
    explanation: str
    """Why it matters here, in one to three sentences."""
    remediation: str
    """What to do, in one or two sentences."""
    end_line: int | None = None
    """Last line of the place; None where it is one line."""
    symbol: str = ""
    """The enclosing dag, model, CTE, class or function."""
    title: str = ""
    """Where the rule's first sentence can be said more exactly here; at most `MAX_TITLE` characters."""
    is_before: bool = False
    """Whether the lines are those of the file before the change: where what is missing now was taken away."""
    suggestion: str | None = None
    """Text that replaces exactly the lines from `line` to `end_line`; given only where it is certain."""
    is_certain: bool = True
    """False where it hangs on something that is only a guess, such as the dialect: then it cannot fail a run."""


Detector = Callable[[Source], Iterator[Hit]]

_owners: dict[str, str] = {}
"""Code → module of every rule imported so far: a code is the only name of a rule that could be given twice."""


@dataclass(frozen=True)
class Rule:
    """One deterministic check. Name, family, page and texts are derived from the module it is made in."""

    module: str
    """`__name__` of the rule's file."""
    code: str
    """Published, so never changed and never used again for another rule: three letters, three digits."""
    standard: Standard
    severity: Severity
    """Harm where the finding is true."""
    confidence: Confidence
    """Chance that it is true, as read off real repositories: high is what may block."""
    kinds: frozenset[Kind]
    """The kinds of artifact it speaks of."""
    reads_text: bool = False
    """Whether it looks at the stored text alone, and so also at a file that does not parse."""
    looks_back: bool = False
    """Whether it looks at the file as it was, for what the change takes away: `source` is then the version before the
    change, deleted files' too, `source.dbt` the project after it, and the lines of hits are those before the change."""
    compares: bool = False
    """Whether it tells by itself what is new, by `source.was`: a hit about several things would else be old or new as a
    whole."""
    looks_around: bool | None = None
    """Whether what it finds hangs on more than the file's text: without, a file that only moved is not looked at.

    None → as its family does: those about SQL look at the query alone.
    """
    detector: Detector | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        owner = _owners.setdefault(self.code, self.module)
        if owner != self.module:
            raise ValueError(f"{self.module} uses the code {self.code}, which is {owner}'s")

    def detect(self, detector: Detector) -> Detector:
        """Decorator: the function that finds the pattern, in the order of the file's lines."""
        if self.detector is not None:
            raise ValueError(f"{self.module} has two detectors")
        object.__setattr__(self, "detector", detector)
        return detector

    def look(self, source: Source) -> tuple[tuple[Hit, ...], NotEvaluated | None]:
        """The pattern's places in this version, and why those may not be all. Raises what a faulty detector raises."""
        if self.detector is None:
            raise ValueError(f"{self.module} has no detector")
        found: dict[tuple[int, int | None, str], Hit] = {}
        try:
            for hit in self.detector(source):  # a template's loop prints one line many times
                found.setdefault((hit.line, hit.end_line, hit.evidence), hit)
        except NotEvaluated as problem:
            return tuple(found.values()), problem
        return tuple(found.values()), None

    def with_severity(self, severity: Severity) -> Self:
        """The same rule with the harm the team's policy gives it."""
        return replace(self, severity=severity)

    @property
    def name(self) -> str:
        """The file's name in kebab-case."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def family(self) -> str:
        """The folder's name."""
        return self.module.split(".")[-2]

    @property
    def is_of_text(self) -> bool:
        """Whether it can find nothing new in a text that is the same as before the change."""
        return self.family == "sql" if self.looks_around is None else not self.looks_around

    @property
    def tier(self) -> Tier:
        """Only what is nearly always true may fail a run."""
        return Tier.PROVEN if self.confidence is Confidence.HIGH else Tier.ADVISORY

    @property
    def documentation(self) -> str:
        """The module's docstring."""
        return sys.modules[self.module].__doc__ or ""

    @property
    def summary(self) -> str:
        """First paragraph of the docstring as one line without its full stop: the title of the rule's findings."""
        return " ".join(self.documentation.strip().partition("\n\n")[0].split()).removesuffix(".")

    @property
    def page(self) -> str:
        """Where the rule is explained, as a path and an anchor in this repository (GitHub's anchor of the heading)."""
        return f"review/rules/{self.family}/README.md#{self.code.lower()}-{self.name}"
