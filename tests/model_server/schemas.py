"""The JSON Schema that structured outputs and strict tools take, and how much of it one request may bring.

https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.model_server.refusals import invalid

STRICT_TOOLS = 20
OPTIONAL = 24
UNIONS = 16
"""Limits of one request, over all its schemas."""

KEYWORDS = frozenset(
    "type properties required additionalProperties items enum const anyOf allOf $ref $defs definitions default "
    "description title format minItems".split()
)
FORMATS = frozenset("date-time time date duration email hostname uri ipv4 ipv6 uuid".split())

Schema = Mapping[str, Any]


def check(output_format: Mapping[str, Any] | None, tools: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a request whose schemas the API would not compile."""
    strict = [(index, tool) for index, tool in enumerate(tools) if tool.get("strict")]
    if len(strict) > STRICT_TOOLS:
        raise invalid(f"Too many strict tools ({len(strict)}). The maximum number of strict tools is {STRICT_TOOLS}.")
    walk = _Walk()
    if output_format is not None:
        walk.root("output_config.format.schema", output_format["schema"])
    for index, tool in strict:
        walk.root(f"tools.{index}.custom.input_schema", tool["input_schema"])
    if walk.optional > OPTIONAL:
        raise invalid(f"Schemas contain too many optional parameters ({walk.optional}). The limit is {OPTIONAL}.")
    if walk.unions > UNIONS:
        raise invalid(f"Schemas contain too many parameters with union types ({walk.unions}). The limit is {UNIONS}.")


class _Walk:
    """Goes through schemas, counting what is limited."""

    def __init__(self) -> None:
        self.optional = self.unions = 0
        self._root: Schema = {}

    def root(self, where: str, schema: Schema) -> None:
        self._root = schema
        self._visit(where, schema, ())

    def _visit(self, where: str, schema: Schema, inside: tuple[str, ...]) -> None:
        """Check one schema and those within. `inside` are the references that led here: one twice is a recursion."""
        if unknown := sorted(set(schema) - KEYWORDS):
            raise invalid(f"{where}: For '{schema.get('type')}' type, properties {unknown} are not supported")
        if "$ref" in schema:
            self._follow(where, schema["$ref"], inside)
            return
        self.unions += "anyOf" in schema or isinstance(schema.get("type"), list)
        self._check_values(where, schema)
        if schema.get("type") == "object":
            self._check_object(where, schema)
        for name, child in self._children(schema):
            self._visit(f"{where}.{name}", child, inside)

    def _follow(self, where: str, ref: str, inside: tuple[str, ...]) -> None:
        kind, _, name = ref.removeprefix("#/").partition("/")
        target = self._root.get(kind, {}).get(name) if ref.startswith("#/") else None
        if target is None:
            raise invalid(f"{where}: $ref '{ref}' cannot be resolved; only '#/$defs/…' is supported")
        if ref in inside:
            raise invalid(f"{where}: Circular reference detected: {ref}. Recursive schemas are not supported")
        self._visit(where, target, (*inside, ref))

    def _check_object(self, where: str, schema: Schema) -> None:
        if schema.get("additionalProperties") is not False:
            raise invalid(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
        self.optional += len(set(schema.get("properties", {})) - set(schema.get("required", [])))

    @staticmethod
    def _check_values(where: str, schema: Schema) -> None:
        if not schema.keys() & {"type", "anyOf", "allOf", "enum", "const"}:
            raise invalid(f"{where}: a schema needs 'type', 'anyOf', 'allOf', 'enum' or 'const'")
        if schema.get("minItems", 0) not in (0, 1):
            raise invalid(f"{where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")
        if "format" in schema and schema["format"] not in FORMATS:
            raise invalid(f"{where}: For 'string' type, format '{schema['format']}' is not supported")
        if not all(value is None or isinstance(value, str | int | float) for value in schema.get("enum", ())):
            raise invalid(f"{where}: enum values must be strings, numbers, booleans or null")

    @staticmethod
    def _children(schema: Schema) -> list[tuple[str, Schema]]:
        """The schemas within that are used where they stand; definitions are visited where something refers to them."""
        found = list(schema.get("properties", {}).items())
        for keyword in ("anyOf", "allOf"):
            found += [(f"{keyword}.{index}", each) for index, each in enumerate(schema.get(keyword, ()))]
        return [*found, ("items", schema["items"])] if "items" in schema else found
