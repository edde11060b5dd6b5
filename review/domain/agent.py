"""What an agent says of a change beside its findings, and what asking it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from review.domain.finding import Finding, Standard


class Judged(Enum):
    """How an agent sees one standard met."""

    PASS = "pass"
    CONCERN = "concern"
    UNCLEAR = "unclear"
    NOT_APPLICABLE = "not-applicable"

    @property
    def rank(self) -> int:
        """0 for the gravest doubt: of several judgements of one standard, the gravest counts."""
        return (Judged.CONCERN, Judged.UNCLEAR, Judged.PASS, Judged.NOT_APPLICABLE).index(self)


@dataclass(frozen=True)
class Judgement:
    """An agent's word on one standard. It never turns an item of the checklist green by itself."""

    standard: Standard
    judged: Judged
    rationale: str


@dataclass(frozen=True)
class Claim:
    """A finding of an agent that has passed every check, and the findings of tools that it rests on."""

    finding: Finding
    rests_on: tuple[Finding, ...] = ()


class Topic(Enum):
    """What the data-engineer agent asks about where nothing says it; the values are keys of the policy's `context`."""

    VOLUME = "volume"
    FRESHNESS = "freshness"
    BUDGET = "budget"
    COMPLIANCE = "compliance"
    STACK = "stack"
    SUCCESS = "success"


@dataclass(frozen=True)
class Question:
    """Something only the author of the change can answer."""

    topic: Topic
    text: str
    why: str
    """What depends on the answer."""
    path: str = ""
    """The file it is about; empty where it is about the whole change."""


@dataclass(frozen=True)
class Tokens:
    """Tokens of one call or of many, as the API counts them: the four kinds have four prices."""

    input: int = 0
    """Neither read from nor written to the cache."""
    output: int = 0
    """With those the model thought in."""
    cache_read: int = 0
    cache_write: int = 0
    """Kept for five minutes."""

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )

    @property
    def sent(self) -> int:
        """All that went in, whatever it cost."""
        return self.input + self.cache_read + self.cache_write


@dataclass(frozen=True)
class Spend:
    """What a run's calls took, failed attempts included."""

    calls: int = 0
    tokens: Tokens = Tokens()
    dollars: float = 0.0


class Asked(Enum):
    """What became of asking the agent."""

    REVIEWED = "reviewed"
    """It was asked and answered, or all it could say was known from an earlier run."""
    REUSED = "reused"
    """Nothing changed since an earlier run, whose answers these are: no call was made."""
    NOT_NEEDED = "not needed"
    """The change is trivial: no call was made."""
    INCOMPLETE = "incomplete"
    """It was asked and did not answer for all of the change: the skips say what is missing."""


@dataclass(frozen=True)
class AgentReport:
    """Everything an agent's review gives beside findings and skips."""

    agent: str
    model: str
    """The resolved id."""
    asked: Asked
    judgements: tuple[Judgement, ...] = ()
    """At most one for each standard."""
    questions: tuple[Question, ...] = ()
    spend: Spend = Spend()
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Why findings of the agent were not taken → how many."""
    carried: int = 0
    """Files whose review was carried over from an earlier run."""
    state: str = ""
    """What a later run needs in order to take this one's answers over; empty where it cannot be kept."""
