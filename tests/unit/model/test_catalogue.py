"""Names, prices and parameters of models."""

import json
from pathlib import Path

import pytest

from review.config.credentials import Provider
from review.domain.agent import Tokens
from review.errors import InputError
from review.model import catalogue
from review.model.catalogue import Parameters, Price, cost, parameters, parse_price, price, resolve, served

DATA = json.loads(Path(catalogue.__file__).with_name("prices.json").read_text("utf-8"))
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("name", "resolved"),
    [
        ("", "claude-sonnet-5-5"),
        ("inherit", "claude-sonnet-5-5"),
        ("sonnet", "claude-sonnet-5-5"),
        ("Opus", "claude-opus-5-5"),
        ("haiku", "claude-haiku-5-5"),
        ("fable", "claude-fable-5-1"),
        ("sonnet[1m]", "claude-sonnet-5-5"),
        (" claude-opus-4-6[1m] ", "claude-opus-4-6"),
        ("claude-sonnet-9", "claude-sonnet-9"),
        ("us.anthropic.claude-sonnet-5-5-v1:0", "us.anthropic.claude-sonnet-5-5-v1:0"),
        ("My-Gateway/Model", "My-Gateway/Model"),
    ],
)
def test_names_become_ids(name: str, resolved: str) -> None:
    assert resolve(name) == resolved


def test_the_environment_may_move_an_alias() -> None:
    moved = {"ANTHROPIC_DEFAULT_SONNET_MODEL": "claude-sonnet-4-6[1m]", "ANTHROPIC_DEFAULT_OPUS_MODEL": " "}
    assert resolve("", moved) == resolve("sonnet", moved) == "claude-sonnet-4-6"
    assert resolve("opus", moved) == "claude-opus-5-5"
    assert resolve("claude-sonnet-5-5", moved) == "claude-sonnet-5-5"


@pytest.mark.parametrize("name", ["two words", "a\nb", "modèle", "x" * 300])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="no model's name") as caught:
        resolve(name)
    assert str(caught.value).isprintable()
    with pytest.raises(InputError, match="ANTHROPIC_DEFAULT_HAIKU_MODEL"):
        resolve("haiku", {"ANTHROPIC_DEFAULT_HAIKU_MODEL": name})


@pytest.mark.parametrize(
    "name",
    [
        "claude-sonnet-5-5",
        "anthropic.claude-sonnet-5-5",
        "us.anthropic.claude-sonnet-5-5-v1:0",
        "us-gov.anthropic.claude-sonnet-5-5",
        "claude-sonnet-5-5@20261001",
        "claude-sonnet-5-5-20261001",
        "anthropic.claude-sonnet-5-5-20261001-v1:0",
        "anthropic.claude-sonnet-5-5-v1",
        "claude-sonnet-5-5@default",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5-5-v1:0",
    ],
)
def test_a_model_costs_the_same_whoever_serves_it(name: str) -> None:
    assert price(name) == Price(2, 10, 2.5, 0.1)
    assert parameters(name) == parameters("claude-sonnet-5-5")


@pytest.mark.parametrize("name", ["claude-sonnet-5", "claude-opus-4-6", "claude-haiku-4-5-20251001", "claude-fable-5"])
def test_ids_that_begin_alike_are_told_apart(name: str) -> None:
    entry = DATA["models"][name.removesuffix("-20251001")]
    assert price(name) == Price(entry["input"], entry["output"], entry["cache_write"], entry["cache_read"])


@pytest.mark.parametrize("name", ["claude-fable-5-2", "claude-sonnet-5-50", "gpt-6", "", "arn:aws:bedrock:x/abc123"])
def test_what_is_not_known_costs_nobody_knows_what(name: str) -> None:
    assert price(name) is None
    assert parameters(name) == Parameters(thinking=False, efforts=(), output_format=False, max_tokens=16_000)


def test_the_four_kinds_of_tokens_have_four_prices() -> None:
    known = price("claude-sonnet-5-5")
    assert known is not None
    kinds = [
        Tokens(input=MILLION),
        Tokens(output=MILLION),
        Tokens(cache_write=MILLION),
        Tokens(cache_read=MILLION),
    ]
    assert [cost(known, kind) for kind in kinds] == [2, 10, 2.5, 0.1]
    assert cost(known, sum(kinds, Tokens())) == pytest.approx(14.6)


def test_a_long_prompt_makes_the_whole_call_dearer() -> None:
    known = price("claude-haiku-5-5")
    assert known is not None
    assert cost(known, Tokens(input=100_000, output=1000)) == pytest.approx(0.0105)
    assert cost(known, Tokens(input=100_001, output=1000)) == pytest.approx(0.0525, rel=1e-4)
    assert cost(known, Tokens(input=1, cache_read=90_000, cache_write=10_000)) == pytest.approx(0.01075, rel=1e-4)


def test_parameters_are_those_of_the_model() -> None:
    sonnet = parameters("claude-sonnet-5-5")
    assert (sonnet.thinking, sonnet.output_format, sonnet.max_tokens, sonnet.context) == (True, True, 128_000, MILLION)
    assert sonnet.efforts == ("low", "medium", "high", "xhigh", "max")
    haiku = parameters("claude-haiku-4-5")
    assert (haiku.thinking, haiku.efforts, haiku.max_tokens, haiku.context) == (False, (), 64_000, 200_000)


def test_the_file_is_whole() -> None:
    assert DATA["as_of"] >= "2026-11-22"
    assert set(DATA["aliases"].values()) <= set(DATA["models"])
    for name, entry in DATA["models"].items():
        for rates in (entry, entry.get("long_prompt", entry)):
            assert 0 < rates["cache_read"] < rates["input"] < rates["cache_write"] < rates["cache_write_1h"]
            assert rates["cache_write_1h"] < rates["output"]
        assert price(name) is not None
        assert entry["max_output"] < entry["context"]


def test_bedrock_names_the_maker() -> None:
    assert served("claude-sonnet-5-5", Provider.BEDROCK) == "anthropic.claude-sonnet-5-5"
    assert served("eu.anthropic.claude-sonnet-5-5", Provider.BEDROCK) == "eu.anthropic.claude-sonnet-5-5"
    assert served("claude-sonnet-5-5", Provider.VERTEX) == served("claude-sonnet-5-5", Provider.ANTHROPIC)


def test_a_price_can_be_given() -> None:
    assert parse_price(" 2, 10,2.5 ,0.1") == Price(2, 10, 2.5, 0.1)
    assert parse_price("0,0,0,0") == Price(0, 0, 0, 0)


@pytest.mark.parametrize(
    "text", ["", "2", "2,10", "2,10,2.5,0.1,4", "a,b,c,d", "-1,1,1,1", "nan,1,1,1", "1e9,1,1,1", "٣,1,1,1"]
)
def test_a_price_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"input model-price: .* four numbers"):
        parse_price(text)
