"""Inputs as the runner hands them over."""

import pytest

from review.config.inputs import MAX_INLINE, NAMES, Inputs, variable
from review.errors import InputError

TOKEN = "ghs_0123456789abcdef"


def given(**values: str) -> dict[str, str]:
    """The runner's variables: the token, and these inputs (underscores stand for hyphens)."""
    return {"INPUT_GITHUB-TOKEN": TOKEN} | {variable(name.replace("_", "-")): value for name, value in values.items()}


def test_unset_inputs_arrive_empty_and_have_their_defaults() -> None:
    inputs = Inputs.from_environ({variable(name): "" for name in NAMES} | {"INPUT_GITHUB-TOKEN": TOKEN})
    assert inputs == Inputs(github_token=TOKEN)
    assert inputs.fail_on is None


def test_every_input_is_read() -> None:
    values = {
        "anthropic_api_key": "sk-ant-x",
        "provider": "bedrock",
        "base_url": "https://gateway.example",
        "agent": ".github/agents/mine.md",
        "model": "opus",
        "model_price": "2,10,2.5,0.1",
        "on_agent_failure": "fail",
        "max_cost_usd": "0.25",
        "config": "ci/policy.yml",
        "fail_on": "never",
        "comments": "summary",
        "base": "release/1",
        "head": "refs/tags/v2",
        "report_dir": "out/review",
    }
    read = Inputs.from_environ(given(**values, agent_can_block="true", max_inline_comments="7", pull_request="#12"))
    assert read == Inputs(TOKEN, **values, agent_can_block=True, max_inline_comments=7, pull_request=12)  # type: ignore[arg-type]


def test_blanks_around_a_value_do_not_count() -> None:
    environ = given(comments=" none ") | {"INPUT_GITHUB-TOKEN": f"{TOKEN}\n"}
    assert Inputs.from_environ(environ) == Inputs(TOKEN, comments="none")


def test_paths_are_normalised() -> None:
    inputs = Inputs.from_environ(given(config="./a//b/../policy.yml", report_dir="out/"))
    assert (inputs.config, inputs.report_dir) == ("a/policy.yml", "out")


@pytest.mark.parametrize("name", ["INPUT_GITHUB_TOKEN", "INPUT_FAIL_ON", "INPUT_MAX_INLINE_COMMENTS"])
def test_underscores_are_refused_by_name(name: str) -> None:
    with pytest.raises(InputError, match=name.removeprefix("INPUT_").lower().replace("_", "-")):
        Inputs.from_environ(given() | {name: "never"})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("fail-on", "hihg", "use one of critical, high, medium, low, never"),
        ("fail-on", "High", "use one of critical, high"),
        ("comments", "yes", "use one of inline, summary, none"),
        ("agent", "../elsewhere.md", "the path of an agent's file (.md) inside the repository"),
        ("agent", "/etc/agent.md", "the path of an agent's file (.md) inside the repository"),
        ("agent", ".git/agent.md", "the path of an agent's file (.md) inside the repository"),
        ("agent", "agents/mine.txt", "the path of an agent's file (.md) inside the repository"),
        ("agent", "Data Engineer", "the name of a bundled agent such as data-engineer"),
        ("agent-can-block", "yes", "use one of true, false"),
        ("on-agent-failure", "ignore", "use one of pass, fail"),
        ("max-cost-usd", "0", "use dollars such as 1.00"),
        ("max-cost-usd", "-1", "use dollars such as 1.00"),
        ("max-cost-usd", "1e3", "use dollars such as 1.00"),
        ("max-cost-usd", "inf", "use dollars such as 1.00"),
        ("max-cost-usd", "1001", "at most 1000"),
        ("shard", "1/2", "is not accepted in the mode review"),
        ("max-shards", "0", "a whole number from 1 to 256"),
        ("max-inline-comments", "-1", "a whole number from 0 to 100"),
        ("max-inline-comments", "101", "a whole number from 0 to 100"),
        ("max-inline-comments", "1e1", "a whole number"),
        ("max-inline-comments", "٣", "a whole number"),
        ("max-inline-comments", "9" * 500, "a whole number"),
        ("report-dir", "..", "inside the workspace"),
        ("report-dir", "a/../../b", "inside the workspace"),
        ("report-dir", "/github/home", "inside the workspace"),
        ("report-dir", ".", "inside the workspace"),
        ("report-dir", ".git/hooks", "inside the workspace"),
        ("report-dir", ".GIT/hooks", "inside the workspace"),
        ("report-dir", "a\\..\\b", "inside the workspace"),
        ("config", "../policy.yml", "inside the repository"),
        ("config", "/etc/passwd", "inside the repository"),
        ("config", "a\nb", "control character"),
        ("config", "a" * 2000, "2000 characters long"),
    ],
)
def test_a_bad_value_is_answered_with_the_input_and_what_is_accepted(name: str, value: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        Inputs.from_environ(given() | {variable(name): value})
    assert f"input {name}: " in str(caught.value)
    assert expected in str(caught.value)


def test_the_boundary_of_the_number_is_accepted() -> None:
    for value in (0, MAX_INLINE):
        assert Inputs.from_environ(given(max_inline_comments=str(value))).max_inline_comments == value


@pytest.mark.parametrize("token", ["", "   ", "two words", "ghs_ü", "a\nb", "x" * 5000])
def test_a_token_that_is_none_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(InputError) as caught:
        Inputs.from_environ({"INPUT_GITHUB-TOKEN": token})
    assert "input github-token" in str(caught.value)
    assert not token.strip() or token.strip() not in str(caught.value)


def test_the_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(Inputs.from_environ(given()))


@pytest.mark.parametrize("name", ["base", "head"])
@pytest.mark.parametrize("value", ["--upload-pack=x", "a..b", "x^{}", "refs/heads/a:b", "@{1}", "a b", "-x"])
def test_a_ref_is_a_name(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"^input {name}: "):
        Inputs.from_environ(given(**{name: value}))


@pytest.mark.parametrize("value", ["0", "-1", "7.0", "1" * 11, "seven", "7;8", "\u0667", "##7", "https://x/pull/7"])
def test_a_pull_request_is_a_number(value: str) -> None:
    with pytest.raises(InputError, match=r"^input pull-request: .* use its number, such as 123"):
        Inputs.from_environ(given(pull_request=value))
