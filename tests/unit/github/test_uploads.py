"""What another run left behind: found by name, and fetched from a host that gets no token."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from review.errors import Forbidden, GitHubError, NotFound
from review.github.facts import Upload
from review.github.reader import Reader
from tests.github_server import state
from tests.github_server.server import READS, Fault, GitHubServer
from tests.github_server.uploads import storage

NAME, RUN = "shop/data", 4711


@pytest.fixture
def server(github: GitHubServer) -> Iterator[GitHubServer]:
    """A repository in which runs left uploads of several names."""
    kept = github.add(NAME, Path("unused")).uploads
    kept += [
        state.Upload(1, RUN, "data-review-report", b"first"),
        state.Upload(2, RUN, "data-review-report", b"second"),
        state.Upload(3, RUN, "logs", b"other"),
        state.Upload(4, RUN, "data-review-report", b"gone", is_expired=True),
        state.Upload(5, RUN + 1, "data-review-report", b"of another run"),
    ]
    with storage(github):
        yield github


def reader(server: GitHubServer) -> Reader:
    return Reader(server.url, READS, sleep=lambda seconds: None, environ={})


def test_what_one_run_left_under_a_name(server: GitHubServer) -> None:
    found = reader(server).uploads(NAME, RUN, "data-review-report")
    assert set(found) == {
        Upload(1, "data-review-report", 5),
        Upload(2, "data-review-report", 6),
        Upload(4, "data-review-report", 4, is_expired=True),
    }


def test_the_archive_comes_from_another_host_without_the_token(server: GitHubServer) -> None:
    """The fixture `github` fails for a token that gets there."""
    assert reader(server).upload(NAME, Upload(2, "data-review-report", 6)) == b"second"


@pytest.mark.parametrize("number", [4, 99], ids=["expired", "unknown"])
def test_an_upload_that_is_gone(server: GitHubServer, number: int) -> None:
    with pytest.raises(NotFound, match=f"does not have the upload {number} of shop/data"):
        reader(server).upload(NAME, Upload(number, "data-review-report", 1))


def test_a_missing_permission_is_named(server: GitHubServer) -> None:
    server.faults.append(Fault("GET", "/artifacts", 403, message="Resource not accessible by integration"))
    with pytest.raises(Forbidden, match="actions: read"):
        reader(server).uploads(NAME, RUN, "data-review-report")


@pytest.mark.parametrize(
    "answer",
    [
        {"total_count": 1, "artifacts": 7},
        {"total_count": 1, "artifacts": ["x"]},
        {"total_count": 1, "artifacts": [{"id": "1", "name": "data-review-report", "size_in_bytes": 1}]},
        [],
    ],
    ids=["no list", "no object", "no number", "a list"],
)
def test_an_answer_of_another_shape(server: GitHubServer, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(server, "api", lambda *_: (200, answer, {}))
    with pytest.raises(GitHubError, match="not of the shape"):
        reader(server).uploads(NAME, RUN, "data-review-report")
