"""The models there are, and what each takes: https://platform.claude.com/docs/en/about-claude/models/overview."""

import re
from dataclasses import dataclass
from typing import Any

EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True)
class Model:
    """What a model takes of what the API knows."""

    thinking: frozenset[str]
    """The `type`s of thinking."""
    forced_tools: bool = True
    """Whether `tool_choice` may be `any` or `tool`."""
    effort: bool = True
    context: int = 1_000_000
    output: int = 128_000
    retires_at: str | None = None


_ADAPTIVE = frozenset({"adaptive"})
_FIVE = Model(_ADAPTIVE | {"disabled"})
_OLD = Model(frozenset({"enabled", "disabled"}), effort=False, context=200_000, output=64_000)

MODELS = {
    "claude-fable-5-2": Model(_ADAPTIVE, forced_tools=False),
    "claude-fable-5-1": Model(_ADAPTIVE, forced_tools=False),
    "claude-opus-5-5": Model(_ADAPTIVE, forced_tools=False),
    "claude-sonnet-5-5": Model(_ADAPTIVE | {"between_tools"}, forced_tools=False),
    "claude-haiku-5-5": _FIVE,
    "claude-opus-5": _FIVE,
    "claude-sonnet-5": _FIVE,
    "claude-opus-4-8": _FIVE,
    "claude-opus-4-7": _FIVE,
    "claude-opus-4-6": Model(_ADAPTIVE | {"enabled", "disabled"}),
    "claude-sonnet-4-6": Model(_ADAPTIVE | {"enabled", "disabled"}),
    "claude-haiku-4-5": _OLD,
    "claude-sonnet-4-5": Model(_OLD.thinking, effort=False, context=200_000, output=64_000, retires_at="2026-11-30"),
}


def known(name: str) -> str | None:
    """The id of the model that a name means: a bare id, or one with the day of its snapshot."""
    match = re.fullmatch(r"(claude-[a-z]+(?:-\d{1,2}){1,2})(?:-\d{8})?", name)
    return match[1] if match and match[1] in MODELS else None


def info(name: str) -> dict[str, Any]:
    """The answer to `GET /v1/models/{id}`."""
    model = MODELS[name]
    retires = f"{model.retires_at}T00:00:00Z" if model.retires_at else None
    return {
        "type": "model",
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "created_at": "2026-09-28T00:00:00Z",
        "lifecycle": "deprecated" if retires else "active",
        "deprecated_at": "2026-09-28T00:00:00Z" if retires else None,
        "retires_at": retires,
        "line": name.split("-")[1],
        "max_input_tokens": model.context,
        "max_tokens": model.output,
        "capabilities": _capabilities(model),
    }


def _capabilities(model: Model) -> dict[str, Any]:
    def support(yes: bool) -> dict[str, bool]:
        return {"supported": yes}

    kinds = ("adaptive", "between_tools", "disabled", "enabled")
    yes = support(True)
    return {
        **dict.fromkeys(
            ("batch", "citations", "code_execution", "image_input", "pdf_input", "structured_outputs"), yes
        ),
        "context_management": yes,
        "effort": {**support(model.effort), **{level: support(model.effort) for level in EFFORTS}},
        "server_tools": {**yes, "code_execution": yes, "web_search": yes},
        "thinking": {**yes, "types": {kind: support(kind in model.thinking) for kind in kinds}},
    }
