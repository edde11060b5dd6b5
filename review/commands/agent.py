"""Who is asked about the change, put together from inputs, environment and the agent's file at the base commit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.errors import AgentFileError

if TYPE_CHECKING:
    from review.config.credentials import Credentials
    from review.domain.agent import AgentReport
    from review.domain.consulted import Consulted
    from review.domain.tree import Tree
    from review.model.base import Model
    from review.model.claude import Claude
    from review.reviewers.agent_file import Agent
    from review.reviewers.brief import Voice
    from review.reviewers.memory import Memory
    from review.reviewers.setup import Change, ParseEdits, Setup

VERIFIER = "verifier"


@dataclass(frozen=True)
class Wish:
    """What the user says of the agent."""

    agent: str
    """A bundled agent's name, or a path at the base commit."""
    model: str = ""
    model_price: str = ""
    max_cost_usd: str = "1.00"
    named_by: str = "input agent"
    """What named the agent, for the sentence that says what is wrong with it."""


def check(wish: Wish, environ: Mapping[str, str]) -> None:
    """Raise InputError or AgentFileError for what no run can use, also where nobody will be asked.

    An agent in the repository is looked for once there is somebody to ask.
    """
    from review.model.catalogue import parse_price, resolve

    resolve(wish.model, environ)
    if wish.model_price:
        parse_price(wish.model_price)
    if _is_bundled(wish.agent):
        _bundled(wish)


class AgentConsultant:
    """Asks the agent. The SDK takes a second to import: that is paid once it is known that there is a call to make."""

    def __init__(
        self,
        wish: Wish,
        credentials: "Credentials",
        base: "Tree",
        environ: Mapping[str, str],
        recall: "Callable[[bytes], Memory | None]" = lambda identity: None,
        wrap: "Callable[[Model], Model]" = lambda model: model,
        announce: "Callable[[str], None]" = lambda text: None,
    ) -> None:
        """`recall` gives what an earlier run left, by the key it was signed with; `wrap` looks at what is sent.

        Raises InputError and AgentFileError, with a sentence for the workflow's author.
        """
        self._credentials = credentials
        self._wrap = wrap
        self._claude: Claude | None = None
        self.setup = setup_of(
            wish,
            base,
            environ,
            connect=self._connect,
            recall=lambda: recall(credentials.identity),
            identity=credentials.identity,
            secrets=credentials.secrets,
            announce=announce,
        )

    def consult(self, change: "Change", parse_edits: "ParseEdits") -> "Consulted":
        """What the agent says."""
        from review.reviewers.consult import consult

        try:
            return consult(change, self.setup, parse_edits)
        finally:
            if self._claude is not None:
                self._claude.close()

    def unheard(self) -> "AgentReport":
        """The report where the review by the agent did not come about."""
        from review.domain.agent import AgentReport, Asked

        setup = self.setup
        return AgentReport(setup.agent.name, setup.voice.model, Asked.INCOMPLETE, spend=setup.ledger.spend)

    def _connect(self) -> "Model":
        from review.model.claude import Claude

        self._claude = Claude(self._credentials)
        return self._wrap(self._claude)


def setup_of(
    wish: Wish,
    base: "Tree",
    environ: Mapping[str, str],
    connect: "Callable[[], Model]",
    recall: "Callable[[], Memory | None]" = lambda: None,
    identity: bytes = b"",
    secrets: tuple[str, ...] = (),
    announce: "Callable[[str], None]" = lambda text: None,
) -> "Setup":
    """Agent, sceptic, model and budget. Raises InputError and AgentFileError."""
    from review.model.catalogue import parse_price, price, resolve
    from review.model.ledger import Ledger
    from review.reviewers.agent_file import read_agent
    from review.reviewers.bundled import bundled
    from review.reviewers.setup import Setup

    agent, verifier = agent_of(wish, base), read_agent(bundled(VERIFIER) or "", f"agents/{VERIFIER}.md")
    model = resolve(wish.model or agent.model, environ)
    costs = parse_price(wish.model_price) if wish.model_price else price(model)
    return Setup(
        agent=agent,
        verifier=verifier,
        voice=_voice(model, agent.effort),
        ledger=Ledger(float(wish.max_cost_usd), costs, model),
        connect=connect,
        recall=recall,
        identity=identity,
        secrets=secrets,
        announce=announce,
        price=costs,
    )


def agent_of(wish: Wish, base: "Tree") -> "Agent":
    """The bundled agent of the name that is wished for, or the one in the file of that path at base.

    Raises AgentFileError.
    """
    from review.reviewers.agent_file import MAX_BYTES, read_agent

    name, what = wish.agent, wish.named_by
    if _is_bundled(name):
        return read_agent(_bundled(wish), f"agents/{name}.md")
    text = base.text(name)
    if text is None and base.has(name):
        raise AgentFileError(
            f"{what}: {name} cannot be read as text at the base commit {base.sha[:12]}; an agent's file is text in"
            f" UTF-8 of at most {MAX_BYTES // 1024} KiB."
        )
    if text is None:
        raise AgentFileError(
            f"{what}: there is no such file {name} at the base commit {base.sha[:12]} (a symbolic link is none)."
            " Agents are read there, so that no pull request brings its own reviewer: merge it first, or correct the"
            " path."
        )
    return read_agent(text, name)


def _is_bundled(name: str) -> bool:
    return "/" not in name and not name.endswith(".md")


def _bundled(wish: Wish) -> str:
    """The text of the bundled agent of that name. Raises AgentFileError where there is none."""
    from review.reviewers.bundled import bundled, names

    known = [each for each in names() if each != VERIFIER]
    text = bundled(wish.agent) if wish.agent in known else None
    if text is None:
        raise AgentFileError(
            f"{wish.named_by}: no agent {wish.agent!r} comes with the action ({', '.join(known)} does); give the path"
            " of the agent's file in the repository, such as .github/agents/mine.md."
        )
    return text


def _voice(model: str, effort: str) -> "Voice":
    """What may be set of that model: the agent's effort, or a medium one, where the model knows it."""
    from review.model.catalogue import parameters
    from review.reviewers.brief import Voice

    known = parameters(model)
    wanted = effort or "medium"
    effort = wanted if wanted in known.efforts else ""
    return Voice(model, known.thinking, effort, known.max_tokens, known.output_format)
