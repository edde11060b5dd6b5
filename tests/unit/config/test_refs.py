"""Names of branches, tags and commits: the same answer as git's own."""

import subprocess

import pytest

from review.config.refs import MAX_BYTES, checked_ref
from review.errors import InputError

GOOD = [
    "main",
    "a/b",
    "v1.0",
    "feature/#12",
    "caf\xe9",
    "日本",
    "a-b_c",
    "x@y",
    "HEAD",
    "refs/heads/x",
    "a" * 40,
    "{x}",
    "a%2e",
]
BAD = [
    "--upload-pack=touch /tmp/x", "--upload-pack=x", "-x", "-", "a..b", "a...b", "x^{}", "x^", "x~1", "@{1}", "x@{1}",
    "main@{yesterday}", "@", "refs/heads/x:refs/heads/y", ":/fix", "+refs/heads/*", "a b", "", " ", "a\tb", "a\nb",
    "a\x00b", "a\x7fb", "x?", "[x]", "a\\b", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock", "a.lock/b", "a/b.lock",
]  # fmt: skip
BEYOND_GIT = ["a" * (MAX_BYTES + 1), "日" * 100, "right\u202eleft", "zero\u200bwidth"]
"""What git would take, and GitHub does not or nobody could read."""


@pytest.mark.parametrize("name", GOOD)
def test_what_git_takes_is_taken(name: str) -> None:
    assert checked_ref(name, "input head") == name


@pytest.mark.parametrize("name", [*BAD, *BEYOND_GIT])
def test_what_is_no_name_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_ref(name, "input head")
    said = str(caught.value)
    assert said.startswith("input head: ")
    assert said.isprintable()
    assert len(said) < 400


def test_git_agrees() -> None:
    """`--branch` refuses a leading hyphen, and expands `@{-1}`, so that is left to `--allow-onelevel`."""
    for name in GOOD + [each for each in BAD if "\x00" not in each]:
        command = ["git", "check-ref-format", "--allow-onelevel", name]
        taken = subprocess.run(command, check=False, capture_output=True).returncode == 0
        assert (taken and not name.startswith("-")) == (name in GOOD), name
