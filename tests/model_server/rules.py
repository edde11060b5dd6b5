"""What the API demands of a request's body beside its messages."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.model_server import cache, conversation, schemas
from tests.model_server.blocks import blocks
from tests.model_server.models import EFFORTS, MODELS, Model
from tests.model_server.refusals import Refused, invalid

MAX_BYTES = 32 * 1024 * 1024
COUNTED = frozenset("messages model cache_control output_config speed system thinking tool_choice tools".split())
"""Keys of a body whose tokens are to be counted."""
ASKED = COUNTED | frozenset(
    "max_tokens container diagnostics inference_geo metadata service_tier stop_sequences stream".split()
)
"""Keys of a body that asks for a message."""
TOOL = frozenset(
    "name description input_schema strict type cache_control allowed_callers defer_loading eager_input_streaming "
    "input_examples".split()
)
SAMPLING = ("temperature", "top_p", "top_k")
CHOICES = frozenset({"auto", "any", "tool", "none"})
NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def parsed(content: bytes) -> dict[str, Any]:
    """The body of a request, as JSON that can be JSON."""
    if len(content) > MAX_BYTES:
        raise Refused(413, "Request exceeds the maximum size")
    try:
        body = json.loads(content, parse_constant=_no_constant)
    except ValueError as error:
        raise invalid(f"The request body is not valid JSON: {error}") from None
    if not isinstance(body, dict):
        raise invalid("The request body must be an object")
    if lone := next((text for text in _texts(body) if re.search("[\ud800-\udfff]", text)), None):
        raise invalid(f"The request body is not valid JSON: no low surrogate in string: {lone!a:.200}")
    return body


def check(body: Mapping[str, Any], *, counting: bool = False) -> None:
    """Refuse a request that the API would not take. The model is a known one."""
    allowed = COUNTED if counting else ASKED
    model = MODELS[body["model"]]
    if sampling := [name for name in SAMPLING if name in body]:
        raise invalid(f"`{sampling[0]}` is not supported for this model.")
    if extra := sorted(set(body) - allowed):
        raise invalid(f"{extra[0]}: Extra inputs are not permitted")
    if missing := sorted(({"messages"} if counting else {"messages", "max_tokens"}) - set(body)):
        raise invalid(f"{missing[0]}: Field required")
    if not counting:
        _check_max_tokens(body["max_tokens"], model)
    for index, block in enumerate(blocks(body.get("system"))):
        conversation.check_text(f"system.{index}", block)
    _check_tools(body, model)
    _check_output(body.get("output_config") or {}, model)
    _check_thinking(body, model)
    conversation.check(body["messages"])
    schemas.check((body.get("output_config") or {}).get("format"), body.get("tools") or ())
    cache.check(body)
    if (total := cache.parts(body)[-1].total) > model.context:
        raise invalid(f"prompt is too long: {total} tokens > {model.context} maximum")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _texts(value: Any) -> Iterator[str]:
    """Every string of a JSON value, keys among them."""
    if isinstance(value, str):
        yield value
    for each in (
        (*value.keys(), *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _texts(each)


def _check_max_tokens(count: Any, model: Model) -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise invalid("max_tokens: Input should be greater than or equal to 1")
    if count > model.output:
        raise invalid(f"max_tokens: {count} > {model.output}, which is the maximum allowed number of output tokens")


def _check_tools(body: Mapping[str, Any], model: Model) -> None:
    tools = body.get("tools") or []
    for index, tool in enumerate(tools):
        where = f"tools.{index}.custom"
        if extra := sorted(set(tool) - TOOL):
            raise invalid(f"{where}.{extra[0]}: Extra inputs are not permitted")
        if not NAME.fullmatch(tool.get("name", "")):
            raise invalid(f"{where}.name: String should match pattern '^{NAME.pattern}$'")
        if (tool.get("input_schema") or {}).get("type") != "object":
            raise invalid(f"{where}.input_schema.type: Input should be 'object'")
    names = [tool["name"] for tool in tools]
    if len(names) != len(set(names)):
        raise invalid("tools: Tool names must be unique.")
    if not tools and any(block["type"] == "tool_use" for message in body["messages"] for block in _blocks(message)):
        raise invalid("Requests which include `tool_use` or `tool_result` blocks must define tools")
    _check_choice(body.get("tool_choice"), names, model)


def _blocks(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [block for block in blocks(message.get("content")) if "type" in block]


def _check_choice(choice: Mapping[str, Any] | None, names: list[str], model: Model) -> None:
    if choice is None:
        return
    kind = choice.get("type")
    if kind not in CHOICES:
        raise invalid(f"tool_choice: Input tag '{kind}' does not match any of the expected tags: {sorted(CHOICES)}")
    if kind in ("any", "tool") and not model.forced_tools:
        raise invalid('tool_choice: type "tool" and "any" are not supported for this model.')
    if not names:
        raise invalid("tool_choice may only be specified while providing tools.")
    if kind == "tool" and choice.get("name") not in names:
        raise invalid(f"tool_choice.name: Tool '{choice.get('name')}' not found in provided tools")


def _check_output(config: Mapping[str, Any], model: Model) -> None:
    if extra := sorted(set(config) - {"effort", "format"}):
        raise invalid(f"output_config.{extra[0]}: Extra inputs are not permitted")
    if (effort := config.get("effort")) is not None and (effort not in EFFORTS or not model.effort):
        raise invalid(f"output_config.effort: '{effort}' is not supported for this model.")
    wanted = config.get("format")
    if wanted is not None and (set(wanted) != {"type", "schema"} or wanted["type"] != "json_schema"):
        raise invalid("output_config.format: needs a type, 'json_schema', and a schema")


def _check_thinking(body: Mapping[str, Any], model: Model) -> None:
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking.get("type")
    if kind not in model.thinking:
        raise invalid(
            f'"thinking.type.{kind}" is not supported for this model. Supported: {", ".join(sorted(model.thinking))}.'
        )
    allowed = {"adaptive": {"type", "display"}, "enabled": {"type", "display", "budget_tokens"}}.get(kind, {"type"})
    if extra := sorted(set(thinking) - allowed):
        raise invalid(f"thinking.{kind}.{extra[0]}: Extra inputs are not permitted")
    if kind == "between_tools" and (body.get("output_config") or {}).get("effort") in ("xhigh", "max"):
        raise invalid("output_config.effort: Use effort 'high' or below, or enable thinking.")
