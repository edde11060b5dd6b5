"""An agent's file: what people have, what is not one, and what of it has an effect."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import AgentFileError
from review.reviewers.agent_file import EFFORTS, MAX_BYTES, OURS, Agent, read_agent

PATH = ".github/agents/mine.md"

AS_PEOPLE_WRITE_THEM = r"""---
name: pipeline-reviewer
description: Use it for pipelines: Spark, Kafka.\n\nExamples:\n- <example>\nuser: "Slow: why?"\n</example>

<example>
Context: The user has written a DAG
user: "Is it right?"
assistant: "Let me ask."
- not an item: text
</example>

model: sonnet
tools: ["Read", "Grep"]
color: green
---

You review pipelines.

---

You are terse.
"""
"""Invented, with every oddity of real files: colons, literal \\n, tags, blank lines and keys of no meaning."""


def agent(*lines: str) -> Agent:
    """The agent of a file with a name, a description and these lines."""
    return read_agent("\n".join(("---", "name: mine", "description: Reviews.", *lines, "---", "You review.")), PATH)


def test_a_file_that_is_not_yaml() -> None:
    found = read_agent(AS_PEOPLE_WRITE_THEM, PATH)
    assert found.name == "pipeline-reviewer"
    assert found.model == "sonnet"
    assert found.tools == ("Read", "Grep")
    assert found.description.startswith(r'Use it for pipelines: Spark, Kafka.\n\nExamples:\n- <example>\nuser: "Slow')
    assert found.description.endswith('assistant: "Let me ask." - not an item: text </example>')
    assert found.body == "You review pipelines.\n\n---\n\nYou are terse."
    assert found.notices == ()


@pytest.mark.parametrize("broken", ["", "description: a: b\n"])  # valid YAML, and not
def test_both_readers_agree(broken: str) -> None:
    text = f"""---
{broken or "description: b"}
name: "mine"   # ours
model: 'claude-sonnet-5-5'  # pinned
effort: High
maxTurns: 4
tools:
  - Read
  - "Glob"
hooks:
  PreToolUse:
    - matcher: Bash
---
You review."""
    found = read_agent(text, PATH)
    assert (found.name, found.model, found.effort, found.max_turns) == ("mine", "claude-sonnet-5-5", "high", 4)
    assert found.tools == ("Read", "Glob")
    assert found.notices == ("hooks has no effect here",)


def test_only_name_and_description_are_needed() -> None:
    found = agent()
    assert (found.name, found.description, found.body) == ("mine", "Reviews.", "You review.")
    assert (found.model, found.effort, found.max_turns, found.tools, found.notices) == ("", "", None, None, ())
    assert all(found.allows(tool) for tool in OURS)


def test_byte_order_mark_windows_line_ends_and_leading_blank_lines() -> None:
    found = read_agent("\ufeff\r\n---\r\nname: mine\r\ndescription: Reviews.\r\n---  \r\n\r\nOne.\r\nTwo.\r\n", PATH)
    assert (found.name, found.body) == ("mine", "One.\nTwo.")


@pytest.mark.parametrize(
    ("frontmatter", "description"),
    [
        ("description: |\n  First line.\n\n  Second line.", "First line. Second line."),
        ("description: >-\n  First\n  line.", "First line."),
        ("description: |\n  First: line.\nbroken: a: b", "First: line. broken: a: b"),
        ("description: First\n  line: broken: yes", "First line: broken: yes"),
        ('description: "With: a colon, and \\"quotes\\""', 'With: a colon, and "quotes"'),
        ("description: *everything* it sees", "*everything* it sees"),
        ("description: &anchor text", "&anchor text"),
        ("description: [beta] reviews", "[beta] reviews"),
        ("description: Zero\u200bwidth and \u202eturned", "Zero width and turned"),
        ("description: Bell\x07 and \x1b[31mred", "Bell and [31mred"),
    ],
)
def test_descriptions(frontmatter: str, description: str) -> None:
    assert read_agent(f"---\nname: mine\n{frontmatter}\n---\nYou review.", PATH).description == description


def test_a_description_has_an_end() -> None:
    assert len(read_agent(f"---\nname: mine\ndescription: {'so ' * 20_000}\n---\nYou.", PATH).description) < 10_002


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no frontmatter"),
        ("# An agent\n\nYou review.", "no frontmatter"),
        ("name: mine\n---\nYou review.", "no frontmatter"),
        (
            "---\nname: mine\ndescription: Reviews.\n\nYou review.",
            "line 1: the frontmatter that begins here has no second",
        ),
        ("\n---\nname: mine", "line 2: the frontmatter that begins here has no second"),
        ("---\n---\nYou review.", "no `name`"),
        ("---\njust words\n---\nYou review.", "no `name`"),
        ("---\ndescription: Reviews.\n---\nYou review.", "no `name`"),
        ("---\nname: ~\ndescription: Reviews.\n---\nYou review.", "no `name`"),
        ("---\nname: [a, b]\ndescription: Reviews.\n---\nYou review.", "no `name`"),
        ("---\nname: mine\n---\nYou review.", "no `description`"),
        ("---\nname: mine\ndescription:\n---\nYou review.", "no `description`"),
        ("---\nmodel: opus\nname: a:b\ndescription: Reviews.\n---\nYou review.", "line 3: 'a:b' cannot be a name"),
        ("---\nname: a:b\ndescription: x: y\n---\nYou review.", "line 2: 'a:b' cannot be a name"),
        ("---\nname: -mine\ndescription: Reviews.\n---\nYou review.", "line 2: '-mine' cannot be a name"),
        ('---\nname: "a\\tb"\ndescription: Reviews.\n---\nYou review.', "line 2: 'a b' cannot be a name"),
        ("---\nname: a\x1bb\ndescription: Reviews.\n---\nYou review.", "line 2: 'a b' cannot be a name"),
        (f"---\nname: {'a' * 65}\ndescription: Reviews.\n---\nYou review.", "cannot be a name"),
        ("---\nname: mine\ndescription: Reviews.\n---\n \n", "line 4: nothing follows the frontmatter"),
        ("---\nname: mine\ndescription: Reviews.\n---\nYou \0 review.", "not a text file"),
        ("---\nname: mine\ndescription: Reviews.\n---\nYou \udcff review.", "not a text file"),
        ("---\nname: mine\ndescription: Reviews.\n---\nYou r\ufffdview.", "not a text file"),
        ("---\nname: mine\ndescription: Reviews.\n---\n" + "é" * (MAX_BYTES // 2), "larger than 64 KiB"),
    ],
)
def test_what_is_no_agent_file(text: str, said: str) -> None:
    with pytest.raises(AgentFileError) as caught:
        read_agent(text, PATH)
    sentence = str(caught.value)
    assert sentence.startswith(PATH)
    assert said in sentence
    assert sentence.endswith(".")
    assert sentence.isprintable()


def test_as_large_as_it_may_be() -> None:
    head = "---\nname: mine\ndescription: Reviews.\n---\n"
    assert read_agent(head + "a" * (MAX_BYTES - len(head)), PATH).body


@pytest.mark.parametrize(
    ("line", "tools", "notice"),
    [
        ("tools: Read, Grep, Glob", ("Read", "Grep", "Glob"), ""),
        ("tools: [Read, read, Read]", ("Read", "read"), ""),
        ("tools: '*'", None, ""),
        ("tools: '*'  # all\nmodel: a: b", None, ""),
        ("tools:", None, ""),
        ("tools: []", (), ""),
        ("tools: Read, Bash", ("Read", "Bash"), "the tool Bash is not given: the agent can only read"),
        (
            "tools: Read, Write, mcp__db__query",
            ("Read", "Write", "mcp__db__query"),
            "the tools Write, mcp__db__query are not given: the agent can only read",
        ),
        (
            "tools: Agent(worker, finder), Read(src/**)",
            ("Agent(worker, finder)", "Read(src/**)"),
            "the tool Agent(worker, finder) is not given: the agent can only read",
        ),
        (
            "tools: Bash",
            ("Bash",),
            "the tool Bash is not given: the agent can only read; it asks for none of Read, Grep, Glob, so it sees the"
            " change alone",
        ),
        (
            f"tools: {', '.join(f'T{number}' for number in range(9))}, Read",
            (*(f"T{number}" for number in range(9)), "Read"),
            "the tools T0, T1, T2, T3, T4, T5 and 3 more are not given: the agent can only read",
        ),
    ],
)
def test_tools(line: str, tools: tuple[str, ...] | None, notice: str) -> None:
    found = agent(line)
    assert found.tools == tools
    assert found.notices == ((notice,) if notice else ())


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (("disallowedTools: Grep",), ("Read", "Glob")),
        (("disallowedTools: [Bash, Write]",), ("Read", "Grep", "Glob")),
        (("tools: Read, Grep", "disallowedTools:", "- read"), ("Grep",)),
        (("tools: read, GREP",), ("Read", "Grep")),
        (("tools: Read(src/**)",), ("Read",)),
        (("tools: []",), ()),
    ],
)
def test_which_tools_it_may_use(lines: tuple[str, ...], left: tuple[str, ...]) -> None:
    found = agent(*lines)
    assert tuple(tool for tool in OURS if found.allows(tool)) == left


@pytest.mark.parametrize(
    ("lines", "notices"),
    [
        (("color: red", "initialPrompt: Begin."), ()),
        (("version: 2", "category: data", "author: me"), ()),
        (("permissionMode: default", "background: false", "hooks: {}", "skills: []", "memory:"), ()),
        (("skills: [sql]",), ("skills has no effect here",)),
        (
            ("permissionMode: plan", "mcpServers:", "  - db: {type: stdio}", "memory: user"),
            ("permissionMode, mcpServers, memory have no effect here",),
        ),
        (
            ("disallowedTools: Read(.env), Bash(rm *)",),
            ("Read(.env) in disallowedTools has no effect here: a tool is denied as a whole",),
        ),
        (("effort: turbo",), (f"effort turbo is not known (one of {', '.join(EFFORTS)}), so it is not set",)),
        (("maxTurns: many",), ("maxTurns many is no number from 1 to 999, so it is not set",)),
        (("maxTurns: 0",), ("maxTurns 0 is no number from 1 to 999, so it is not set",)),
        (("maxTurns: ²",), ("maxTurns ² is no number from 1 to 999, so it is not set",)),
        (
            ("max_turns: 4", "Model: opus"),
            ("the key max_turns is not read; write it maxTurns", "the key Model is not read; write it model"),
        ),
    ],
)
def test_notices(lines: tuple[str, ...], notices: tuple[str, ...]) -> None:
    assert agent(*lines).notices == notices


@pytest.mark.parametrize(("line", "model"), [("model: inherit", ""), ("model: opus[1m]", "opus[1m]"), ("model:", "")])
def test_models(line: str, model: str) -> None:
    assert agent(line).model == model


def test_of_a_key_that_comes_twice_the_first_counts() -> None:
    assert agent("model: opus", "model: haiku").model == "opus"
    assert agent("model: opus", "broken: a: b", "model: haiku").model == "opus"


@pytest.mark.parametrize(
    "trap",
    [
        "hooks: " + "[" * 30_000,
        "hooks: " + "{a: " * 10_000,
        "\n".join(f"k{number}: &a{number} [" + ", ".join([f"*a{number - 1}"] * 9) + "]" for number in range(1, 800)),
        "tools: " + "(" * 60_000,
        "tools: " + "a," * 30_000,
        "? " * 20_000,
        "- " * 20_000,
        "hooks: !!python/object/apply:os.system ['false']",
    ],
    ids=["depth", "mappings", "anchors", "brackets", "names", "keys", "items", "object"],
)
def test_traps_cost_nothing(trap: str) -> None:
    begun = time.monotonic()
    assert agent(trap).name == "mine"
    assert time.monotonic() - begun < 2


@given(st.text(max_size=300), st.text(min_size=1, max_size=50))
def test_anything_is_an_agent_or_an_error(frontmatter: str, body: str) -> None:
    try:
        found = read_agent(f"---\nname: mine\ndescription: Reviews.\n{frontmatter}\n---\n{body}", PATH)
    except AgentFileError:
        return
    assert found.name
    assert found.body
    assert found.description.isprintable()
