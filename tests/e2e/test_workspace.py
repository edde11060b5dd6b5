"""`data-review run` in workspaces that hold less, or something else, than the pull request's commits."""

from pathlib import Path

import pytest

from tests.e2e.action import AS_STARTED, SMALL, SMALL_TEXT, Action

POLICY = ".github/data-review.yml"


@pytest.fixture
def workspace(action: Action) -> Path:
    return action.root / "workspace"


def clone(action: Action, workspace: Path, *options: str) -> None:
    url = f"file://{action.repository.directory}"
    action.checkout.git("-c", "protocol.file.allow=always", "clone", "-q", *options, url, str(workspace))


def test_a_sparse_checkout_without_blobs(action: Action, workspace: Path) -> None:
    action.open({SMALL: "select 1\n", POLICY: "fail-on: never\n"}, {SMALL: SMALL_TEXT})
    clone(action, workspace, "--filter=blob:none", "--no-checkout")
    action.checkout.git("-C", str(workspace), "sparse-checkout", "set", "reports")
    action.checkout.git("-C", str(workspace), "checkout", "-q", action.pull.head_sha)
    run = action.run(command=AS_STARTED)
    assert (run.status, run.outputs["findings"], run.review["skipped"]) == (0, "3", [])


@pytest.mark.parametrize("forged", ["commit", "tree"])
def test_what_was_forged_is_fetched_instead(action: Action, workspace: Path, forged: str) -> None:
    """An earlier step ran the pull request's code, and that made the change invisible: to git, not to us."""
    action.open({SMALL: "select 1\n"}, {SMALL: SMALL_TEXT})
    clone(action, workspace, "--no-hardlinks")
    revisions = [action.pull.base_sha, action.pull.head_sha]
    names = [action.checkout.blob(f"{sha}:reports") if forged == "tree" else sha for sha in revisions]
    for pack in [*(workspace / ".git/objects/pack").glob("*.pack")]:
        content = pack.read_bytes()
        pack.with_suffix(".idx").unlink()
        pack.unlink()
        action.checkout.git("-C", str(workspace), "unpack-objects", "-q", stdin=content)
    old, new = (workspace / ".git/objects" / name[:2] / name[2:] for name in names)
    new.unlink()
    new.write_bytes(old.read_bytes())
    assert not action.checkout.git("-C", str(workspace), "diff", "--name-only", *revisions)
    run = action.run()
    assert (run.status, run.outputs["findings"]) == (1, "3")
    assert action.server.fetches
