"""What models there are: their names, what they cost and what may be sent to them, from `prices.json` beside this file.

A model that the file does not know is used with the fewest assumptions, and never taken to cost nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from review.config.credentials import Provider
from review.domain.agent import Tokens
from review.errors import InputError

DEFAULT = "sonnet"
"""The alias for a model that nobody names."""
_MILLION = 1_000_000
_DEAREST = 10_000
"""Dollars per million tokens; whoever writes more means something else, and infinity and NaN are no prices."""
_ON_A_PLATFORM = re.compile(
    r"(?:[\w:./-]*/)?(?:[a-z-]+\.)*(claude-[a-z0-9-]+?)(?:[-@]20\d{6})?(?:@\w+)?(?:-v\d+(?::\d+)?)?"
)
"""An id as Anthropic, Amazon Bedrock (`us.anthropic.claude-…-20251001-v1:0`, also behind an ARN) or Google Cloud
(`claude-…@20251001`) writes it; the group is the name that the prices are listed under."""


@dataclass(frozen=True)
class Price:
    """Dollars per million tokens. The four kinds are priced apart: their ratios differ from model to model."""

    input: float
    output: float
    cache_write: float
    """Kept for five minutes."""
    cache_read: float
    above: int = 0
    """With more tokens than this sent in one call, the whole call has the prices in `long`."""
    long: "Price | None" = None


@dataclass(frozen=True)
class Parameters:
    """What may be in a request to a model. What it does not know it answers with 400."""

    thinking: bool = False
    """Whether `thinking` may be `{"type": "adaptive"}`."""
    efforts: tuple[str, ...] = ()
    """What `output_config.effort` may be, least first; empty where it must be left out."""
    output_format: bool = False
    """Whether `output_config.format` may hold a JSON schema."""
    max_tokens: int = 16_000
    """Most that one answer may have, thinking included."""
    context: int = 200_000
    """Tokens of request and answer together."""


def resolve(name: str, overrides: Mapping[str, str] | None = None) -> str:
    """The id that an alias, an id or nothing (also `inherit`, as agent files write it) stands for.

    `overrides` holds `ANTHROPIC_DEFAULT_SONNET_MODEL` and its like, by which Claude Code moves the aliases
    (https://code.claude.com/docs/en/model-config). Raises InputError where it cannot be a model's name.
    """
    wanted = _name("model", name)
    alias = DEFAULT if wanted.lower() in ("", "inherit", "default") else wanted.lower()
    aliases: Mapping[str, str] = _data()["aliases"]
    if alias not in aliases:
        return wanted
    variable = f"ANTHROPIC_DEFAULT_{alias.upper()}_MODEL"
    return _name(variable, (overrides or {}).get(variable, "")) or aliases[alias]


def _name(where: str, value: str) -> str:
    """Without `[1m]`, by which Claude Code asks for the long context that today's models have anyway."""
    value = value.strip().removesuffix("[1m]")
    if not (value.isascii() and value.isprintable()) or " " in value or len(value) > 256:
        raise InputError(f"{where}: {value[:80]!a} is no model's name; use sonnet, opus, haiku or a full id.")
    return value


def served(model: str, provider: Provider) -> str:
    """The id by which that provider knows it: Amazon Bedrock's begin with the maker's name."""
    return f"anthropic.{model}" if provider is Provider.BEDROCK and model.startswith("claude-") else model


def price(model: str) -> Price | None:
    """What it costs, whoever serves it; None where that is not known."""
    known = _known(model)
    if known is None:
        return None
    longer = known.get("long_prompt")
    return _price(known) if longer is None else _price(known, int(longer["above_tokens"]), _price(longer))


def parse_price(text: str) -> Price:
    """The price in `input,output,cache write,cache read`, dollars per million tokens. Raises InputError."""
    parts = [part.strip() for part in text.split(",")]
    try:
        numbers = [float(part) for part in parts if part.isascii()]
    except ValueError:
        numbers = []
    if len(parts) != len(numbers) or len(numbers) != 4 or not all(0 <= number <= _DEAREST for number in numbers):
        raise InputError(
            f"input model-price: {text[:80]!r} is not accepted; write four numbers, the dollars per million tokens of"
            " input, output, cache write and cache read, such as 2,10,2.5,0.1."
        )
    return Price(numbers[0], numbers[1], numbers[2], numbers[3])


def cost(price: Price, tokens: Tokens) -> float:
    """Dollars for the tokens of one call."""
    rates = price.long if price.long is not None and tokens.sent > price.above else price
    spent = (
        tokens.input * rates.input
        + tokens.output * rates.output
        + tokens.cache_write * rates.cache_write
        + tokens.cache_read * rates.cache_read
    )
    return spent / _MILLION


def parameters(model: str) -> Parameters:
    """What may be sent to it; for one that is not known, only what every model takes."""
    known = _known(model)
    if known is None:
        return Parameters()
    supports = known["supports"]
    return Parameters(
        bool(supports["thinking"]),
        tuple(supports["efforts"]),
        bool(supports["output_format"]),
        int(known["max_output"]),
        int(known["context"]),
    )


def _price(entry: Mapping[str, Any], above: int = 0, longer: Price | None = None) -> Price:
    return Price(
        float(entry["input"]),
        float(entry["output"]),
        float(entry["cache_write"]),
        float(entry["cache_read"]),
        above,
        longer,
    )


def _known(model: str) -> Mapping[str, Any] | None:
    match = _ON_A_PLATFORM.fullmatch(model)
    entry: Mapping[str, Any] | None = _data()["models"].get(match[1]) if match else None
    return entry


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text("utf-8"))
    return data
