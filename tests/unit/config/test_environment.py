"""The runner's variables."""

from pathlib import Path

import pytest

from review.config.environment import Environment
from review.errors import InputError

RUNNER = {
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_EVENT_PATH": "/github/workflow/event.json",
    "GITHUB_REPOSITORY": "acme/shop.data_platform",
    "GITHUB_WORKSPACE": "/github/workspace",
    "GITHUB_API_URL": "https://github.example.com/api/v3/",
    "GITHUB_SERVER_URL": "https://github.example.com",
    "GITHUB_RUN_ID": "1658821493",
    "GITHUB_ACTOR": "dependabot[bot]",
    "GITHUB_ACTION_REPOSITORY": "acme/data-architecture-review",
    "GITHUB_ACTION_REF": "v1",
    "GITHUB_OUTPUT": "/github/file_commands/set_output_1",
    "GITHUB_STEP_SUMMARY": "/github/file_commands/step_summary_1",
}
NEEDED = ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "GITHUB_WORKSPACE"]


def test_the_runners_facts() -> None:
    env = Environment.from_environ(RUNNER)
    assert env == Environment(
        event_name="pull_request",
        event_path=Path("/github/workflow/event.json"),
        repository="acme/shop.data_platform",
        workspace=Path("/github/workspace"),
        api_url="https://github.example.com/api/v3",
        server_url="https://github.example.com",
        run_id="1658821493",
        actor="dependabot[bot]",
        action_url="https://github.com/acme/data-architecture-review/blob/v1",
        output=Path("/github/file_commands/set_output_1"),
        step_summary=Path("/github/file_commands/step_summary_1"),
    )
    assert env.run_url == "https://github.example.com/acme/shop.data_platform/actions/runs/1658821493"


@pytest.mark.parametrize(
    ("repository", "ref"), [("", "v1"), ("acme/action", ""), ("acme/action", "a#b"), ("acme/a ction", "v1")]
)
def test_an_action_that_is_no_repositorys_has_no_pages(repository: str, ref: str) -> None:
    env = Environment.from_environ({**RUNNER, "GITHUB_ACTION_REPOSITORY": repository, "GITHUB_ACTION_REF": ref})
    assert env.action_url == ""


def test_what_an_older_server_leaves_out() -> None:
    env = Environment.from_environ({name: RUNNER[name] for name in NEEDED})
    assert (env.api_url, env.server_url) == ("https://api.github.com", "https://github.com")
    assert (env.output, env.step_summary, env.run_url, env.actor, env.action_url) == (None, None, "", "", "")


@pytest.mark.parametrize("name", NEEDED)
def test_outside_a_workflow_the_sentence_names_the_variable_and_the_way_out(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is not set.*data-review local"):
        Environment.from_environ({**RUNNER, name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_REPOSITORY", "acme"),
        ("GITHUB_REPOSITORY", "acme/shop/x"),
        ("GITHUB_REPOSITORY", "acme/.."),
        ("GITHUB_REPOSITORY", "acme/shop?x=1"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_API_URL", "file:///etc/passwd"),
        ("GITHUB_API_URL", "https://evil@api.github.com"),
        ("GITHUB_SERVER_URL", "https://"),
        ("GITHUB_RUN_ID", "12x"),
        ("GITHUB_ACTOR", "a\x1b[31m"),
    ],
)
def test_malformed_values_are_named(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name):
        Environment.from_environ({**RUNNER, name: value})
