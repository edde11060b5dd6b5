"""`data-review local --agent … --dry-run`: exactly what would be sent, and what it would take. Nothing is sent."""

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from review.domain.redaction import redact

if TYPE_CHECKING:
    from review.domain.agent import AgentReport
    from review.domain.consulted import Consulted
    from review.reviewers.plan import Estimate, Plan
    from review.reviewers.setup import Change, ParseEdits, Setup

NOTHING = "━━ Nothing would be sent: no changed data file is left to judge, or what changed in them is trivial."


class DryRun:
    """Stands where the agent would, and keeps what it would have been told. A `review.reviewers.setup.Consultant`."""

    def __init__(self, setup: "Setup") -> None:
        self.setup = setup
        self.requests: Sequence[dict[str, Any]] = ()
        self.plan: Plan | None = None
        self.estimate: Estimate | None = None

    def consult(self, change: "Change", parse_edits: "ParseEdits") -> "Consulted":
        """Plan, and ask nobody."""
        from review.domain.consulted import Consulted
        from review.reviewers.plan import forecast, plan, requests

        self.plan = plan(change, self.setup, None)
        self.requests = requests(self.plan, change, self.setup)
        self.estimate = forecast(list(self.requests), self.plan.with_tools, self.setup.price)
        return Consulted()

    def text(self, style: str) -> str:
        """The requests as JSON values, or as a person reads them, the estimate last; ends in a newline."""
        if style == "json":
            return json.dumps(self._values(), indent=2) + "\n"
        shown: list[str] = []
        for number, body in enumerate(self.requests, 1):
            shown += (f"━━ request {number} of {len(self.requests)}: {body['model']}", *_texts(body))
        return "".join(map(_harmless, (*shown, self._summary())))

    def unheard(self) -> "AgentReport | None":
        """Nobody was to be heard."""
        return None

    def _values(self) -> dict[str, Any]:
        estimate = self.estimate
        return {
            "agent": self.setup.agent.name,
            "model": self.setup.voice.model,
            "trivial": list(self.plan.trivial) if self.plan else [],
            "estimate": None
            if estimate is None
            else {
                "calls": estimate.calls,
                "tokens": {**vars(estimate.tokens), "sent": estimate.tokens.sent},
                "dollars": None if estimate.dollars is None else round(estimate.dollars, 4),
            },
            "least_max_cost_usd": math.ceil(self._least() * 10_000) / 10_000,
            "requests": list(self.requests),
        }

    def _least(self) -> float:
        """The least cap, in dollars, under which the dearest of the first requests may be sent."""
        from review.model.ledger import worst
        from review.reviewers.conversation import size

        ledger = self.setup.ledger
        return max((ledger.most(worst(size(body)), int(body["max_tokens"])) for body in self.requests), default=0.0)

    def _cap(self) -> str:
        """What of it the cap forbids, in a line of its own; nothing where it forbids nothing."""
        least, cap = self._least(), self.setup.ledger.cap
        dollars = self.estimate.dollars if self.estimate is not None else None
        if least > cap:
            return (
                f"\n   max-cost-usd ({cap:g}) does not allow all of it: before a call, the most it can cost has to fit,"
                f" and here that is up to ${math.ceil(least * 100) / 100:.2f}."
            )
        if dollars is not None and dollars > cap:
            return f"\n   max-cost-usd ({cap:g}) will not do for all of it: the riskiest files come first."
        return ""

    def _summary(self) -> str:
        from review.render.words import count

        estimate, planned = self.estimate, self.plan
        if planned is None or estimate is None or not planned.keys:
            return NOTHING
        sent = estimate.tokens.sent
        cached = f"{100 * estimate.tokens.cache_read // sent} %" if sent else "0 %"
        dollars = "unknown, since the model's price is" if estimate.dollars is None else f"${estimate.dollars:.2f}"
        trivial = f", {len(planned.trivial)} trivial ones left out" if planned.trivial else ""
        left = f"\n   {len(planned.left)} conversations of least risk would not be held." if planned.left else ""
        return (
            f"━━ {self.setup.agent.name} on {self.setup.voice.model}: {count(len(self.requests), 'conversation')}"
            f" about {count(len(planned.keys), 'file')}{trivial}{left}\n"
            f"   Estimate, with looks at the repository and verification: {estimate.calls} calls, {sent:,} tokens in"
            f" ({cached} of them from cache), {estimate.tokens.output:,} out, {dollars}. Nothing was sent."
            f"{self._cap()}"
        )


def nothing(agent: str, style: str) -> str:
    """What is shown of a change that there is nobody to be asked about: it touches no data file."""
    values: dict[str, Any] = {
        "agent": agent,
        "model": "",
        "trivial": [],
        "estimate": None,
        "least_max_cost_usd": 0.0,
        "requests": [],
    }
    return json.dumps(values, indent=2) + "\n" if style == "json" else _harmless(NOTHING)


def _texts(body: dict[str, Any]) -> Sequence[str]:
    """Everything of a request, in the order in which the model gets it."""
    schema = json.dumps(body.get("output_config", {}), ensure_ascii=True)
    rest = {key: value for key, value in body.items() if key not in ("system", "messages", "tools", "output_config")}
    return (
        f"── settings\n{json.dumps(rest, ensure_ascii=True)}",
        f"── tools\n{json.dumps(body.get('tools', []), ensure_ascii=True)}",
        f"── answer's schema\n{schema}",
        *(f"── system\n{block['text']}" for block in body["system"]),
        *(f"── user\n{block['text']}" for message in body["messages"] for block in message["content"]),
    )


def _harmless(text: str) -> str:
    """Lines that move no cursor, whatever the change holds, and an empty one after them."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in redact(text)) + "\n\n"
