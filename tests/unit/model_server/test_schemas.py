from typing import Any

import anthropic
import pytest
from pydantic import BaseModel

from tests.model_server.refusals import Refused
from tests.model_server.schemas import check
from tests.unit.model_server.asking import GREP

Schema = dict[str, Any]


def of(**properties: Schema) -> Schema:
    """An object with these properties, all of them required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def check_format(schema: Schema, *tools: Schema) -> None:
    check({"type": "json_schema", "schema": schema}, tools)


OPTIONAL = {**of(**{f"p{number}": {"type": "string"} for number in range(12)}), "required": []}
UNION = {"anyOf": [{"type": "string"}, {"type": "null"}]}

REFUSED: dict[str, tuple[Schema, str]] = {
    "minimum": (of(n={"type": "integer", "minimum": 1}), "schema.n: For 'integer' type, properties ['minimum']"),
    "maximum": (of(n={"type": "integer", "maximum": 1}), "['maximum'] are not supported"),
    "minLength": (of(s={"type": "string", "minLength": 1}), "['minLength'] are not supported"),
    "maxLength": (of(s={"type": "string", "maxLength": 1}), "['maxLength'] are not supported"),
    "pattern": (of(s={"type": "string", "pattern": "x"}), "['pattern'] are not supported"),
    "maxItems": (of(a={"type": "array", "maxItems": 3}), "['maxItems'] are not supported"),
    "uniqueItems": (of(a={"type": "array", "uniqueItems": True}), "['uniqueItems'] are not supported"),
    "oneOf": (of(o={"oneOf": []}), "['oneOf'] are not supported"),
    "minItems": (of(a={"type": "array", "minItems": 2}), "'minItems' values other than 0 or 1"),
    "format": (of(s={"type": "string", "format": "regex"}), "format 'regex' is not supported"),
    "enum": (of(e={"enum": [{}]}), "enum values must be"),
    "anything": (of(x={"description": "anything"}), "a schema needs 'type'"),
    "open object": ({"type": "object", "properties": {}}, "'additionalProperties' must be explicitly set to false"),
    "open inner object": (of(a={"type": "array", "items": {"type": "object"}}), "schema.a.items: For 'object' type"),
    "a map": (of(o={**of(), "additionalProperties": {"type": "string"}}), "must be explicitly set to false"),
    "outer reference": (of(r={"$ref": "http://x/y"}), "cannot be resolved"),
    "lost reference": (of(r={"$ref": "#/$defs/X"}), "cannot be resolved"),
    "recursion": (
        {**of(r={"$ref": "#/$defs/X"}), "$defs": {"X": of(r={"$ref": "#/$defs/X"})}},
        "Circular reference detected: #/$defs/X",
    ),
    "in a definition": (
        {**of(r={"$ref": "#/$defs/X"}), "$defs": {"X": {"type": "integer", "minimum": 1}}},
        "['minimum'] are not supported",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_not_compile_is_refused(case: str) -> None:
    schema, message = REFUSED[case]
    with pytest.raises(Refused) as raised:
        check_format(schema)
    assert message in raised.value.message
    with pytest.raises(Refused) as raised:
        check(None, [{**GREP, "input_schema": schema}])
    assert raised.value.message.startswith("tools.0.custom.input_schema")


def test_what_is_supported_is_taken() -> None:
    severity = {"type": "string", "enum": ["minor", "major"], "description": "How bad."}
    lines = {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1}
    line = of(path={"type": "string"}, day={"type": "string", "format": "date"}, note=UNION)
    check_format({**of(severity=severity, lines=lines, kind={"const": "x"}), "$defs": {"Line": line}, "title": "T"})


def test_tools_that_are_not_strict_have_any_schema() -> None:
    check(None, [{**GREP, "strict": False, "input_schema": {"type": "object", "minProperties": 1}}])


def test_24_properties_may_be_optional_in_all_schemas() -> None:
    tool = {**GREP, "input_schema": OPTIONAL}
    check_format(OPTIONAL, tool)
    with pytest.raises(Refused, match=r"too many optional parameters \(25\)"):
        check_format({**OPTIONAL, "properties": {**OPTIONAL["properties"], "more": {"type": "string"}}}, tool)


def test_16_properties_may_be_unions() -> None:
    check_format(of(**{f"p{number}": UNION for number in range(16)}))
    with pytest.raises(Refused, match=r"union types \(17\)"):
        check_format(of(**{f"p{number}": UNION for number in range(16)}, last={"type": ["string", "null"]}))


def test_20_tools_may_be_strict() -> None:
    tools = [{**GREP, "name": f"t{number}"} for number in range(21)]
    check(None, tools[:20])
    check(None, [*tools[:20], {**GREP, "name": "loose", "strict": False}])
    with pytest.raises(Refused, match="Too many strict tools"):
        check(None, tools)


def test_what_the_sdk_makes_of_a_class_is_taken() -> None:
    class Finding(BaseModel):
        path: str
        line: int
        note: str | None

    class Review(BaseModel):
        findings: list[Finding]

    check_format(anthropic.transform_schema(Review))
