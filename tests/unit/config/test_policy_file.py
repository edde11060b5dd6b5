"""Reading the policy file: what is said of one that is wrong, and the schema that editors have, which says the same."""

import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from review.config import policy_file
from review.config.inputs import FAIL_ON
from review.config.policy import IGNORE_COMMENTS, Policy, Waiver
from review.config.policy_file import MAX_LABEL, OVERRIDABLE, SECTIONS, VERSION
from review.domain.linter_names import DIALECTS, GROUPS
from review.errors import PolicyError
from tests.unit.config.policies import BEYOND_A_SCHEMA, GOOD, WRONG

PATH = ".github/data-review.yml"
TODAY = date(2027, 1, 15)
SCHEMA = json.loads((Path(policy_file.__file__).parent / "policy.schema.json").read_text("utf-8"))


def read(text: str) -> Policy:
    return Policy.from_yaml(text, PATH, TODAY)


@pytest.mark.parametrize("sign", ["\\u202e", "\\u200b", "\\x1b", "\\r", "\\0"])
def test_a_context_shows_all_that_it_says(sign: str) -> None:
    """The model reads it as the team's word."""
    with pytest.raises(PolicyError, match=r"line 2: .* at most 2,000 characters, all of them printable"):
        read(f'context:\n  volume: "a{sign}b"')


@pytest.mark.parametrize(("text", "line", "expected"), WRONG)
def test_what_is_wrong_is_said_with_file_line_key_and_expectation(text: str, line: int, expected: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(text)
    assert str(caught.value).startswith(f"{PATH}, line {line}: ")
    assert expected in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_tag_does_nothing() -> None:
    assert read("paths: !!python/object/apply:os.system [echo]") == Policy(paths=("echo",), today=TODAY, source=PATH)
    with pytest.raises(PolicyError, match="`paths` is"):
        read("paths: !!python/object/apply:os.system echo")


@pytest.mark.parametrize("day", ["2027-02-30", "soon", "2027-1-5", "20270115", "2027-W01-1", "15.01.2027", "2027"])
def test_a_day_that_is_none(day: str) -> None:
    with pytest.raises(PolicyError, match=r"line 5: `waivers\[1\].expires` is .*; expected a date such as 2027-03-31"):
        read(f"waivers:\n- rule: DBT001\n  path: a\n  owner: me\n  expires: {day}\n  reason: r\n")


@pytest.mark.parametrize("pattern", ["models/[z-a]", "a[b-a]*"])
def test_a_pattern_that_is_no_expression(pattern: str) -> None:
    with pytest.raises(PolicyError, match=r"line 1: `paths\[1\]` is .*; expected a pattern as in .gitignore"):
        read(f"paths: ['{pattern}']")


@pytest.mark.parametrize(
    "text",
    [
        "? {name}\n: 1\n? {name}\n: 1\n",
        "sqlfluff: {{dialect: {{? {name}\n : nope}}}}",
        "rules: {{severity: {{? {name}1\n : low}}}}",
        '"a\\nb\\e[2J": 1',
        'rules: {{severity: {{"A\\n::error::1": low}}}}',
        '{{"a\\nb": 1, "a\\nb": 1}}',
    ],
)
def test_a_sentence_stays_one(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(text.format(name="X" * 100_000)).check_codes({"DBT001"})
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()


def test_a_file_too_large_or_not_printable() -> None:
    with pytest.raises(PolicyError, match="larger than 256 KiB"):
        read("#" * 300_000)
    with pytest.raises(PolicyError, match="larger than 256 KiB"):
        read("paths: [" + "a, " * 350_000 + "]")
    with pytest.raises(PolicyError, match=f"{PATH}: not YAML"):
        read("fail-on: \x00high")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def keys_read(text: str) -> set[str]:
    """The keys that the reader takes where this text has one that it does not know."""
    with pytest.raises(PolicyError) as caught:
        read(text)
    return set(re.sub(r".*; expected one of (.*)\.", r"\1", str(caught.value)).split(", "))


def test_the_schema_has_the_readers_keys_and_names() -> None:
    properties, definitions = SCHEMA["properties"], SCHEMA["$defs"]
    assert set(properties) == keys_read("nonsense: 1") == {*SECTIONS, "version"}
    for section in ("rules", "sqlfluff"):
        assert set(properties[section]["properties"]) == keys_read(f"{section}:\n  nonsense: 1")
    for section in ("break-glass", "context"):
        assert set(properties[section]["anyOf"][0]["properties"]) == keys_read(f"{section}:\n  nonsense: 1")
    for section in ("override", "waiver"):
        assert set(definitions[section]["properties"]) == keys_read(f"{section}s:\n  - nonsense: 1")
    override, waiver = definitions["override"], definitions["waiver"]
    assert [each for option in override["anyOf"] for each in option["required"]] == list(OVERRIDABLE)
    assert set(waiver["properties"]) == set(waiver["required"]) == set(Waiver.__dataclass_fields__) - {"line"}

    assert properties["version"]["anyOf"][0]["const"] == VERSION
    for level in (properties["fail-on"], override["properties"]["fail-on"]):
        assert level["anyOf"][0]["enum"] == list(FAIL_ON)
    assert properties["ignore-comments"]["anyOf"][0]["enum"] == list(IGNORE_COMMENTS)
    assert properties["break-glass"]["anyOf"][0]["properties"]["label"]["allOf"][1]["maxLength"] == MAX_LABEL
    assert properties["sqlfluff"]["properties"]["dialect"]["additionalProperties"]["enum"] == list(DIALECTS)
    assert definitions["linter-group"]["enum"] == list(GROUPS)


def test_the_schema_says_of_every_key_what_it_does() -> None:
    """An editor shows it where the key is written."""
    properties, definitions = SCHEMA["properties"], SCHEMA["$defs"]
    tables = [properties, definitions["override"]["properties"], definitions["waiver"]["properties"]]
    tables += [properties[section]["properties"] for section in ("rules", "sqlfluff")]
    tables += [properties[section]["anyOf"][0]["properties"] for section in ("break-glass", "context")]
    assert [key for table in tables for key, value in table.items() if not value.get("description")] == []


class Json(yaml.SafeLoader):
    """YAML as an editor's schema sees it: JSON's values, where a date is a text."""


Json.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def valid_by_schema(text: str) -> bool:
    """What an editor with the schema says."""
    return bool(jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.load(text, Loader=Json)))


@pytest.mark.parametrize("text", GOOD)
def test_the_schema_takes_what_we_take(text: str) -> None:
    read(text)
    assert valid_by_schema(text)


def test_a_file_can_name_its_schema() -> None:
    assert read("# yaml-language-server: $schema=https://example.com/policy.schema.json\nfail-on: low") == read(
        "fail-on: low"
    )


@pytest.mark.parametrize("text", [case[0] for case in WRONG if not any(said in case[2] for said in BEYOND_A_SCHEMA)])
def test_the_schema_refuses_what_we_refuse(text: str) -> None:
    assert not valid_by_schema(text)
