"""One large pull request reviewed at once, and in shards: the same findings, checklist and skips, and how even it was.

The change is a range of a real repository, served by the fake GitHub as a pull request; every step is the console
script in a process of its own, as the jobs of a workflow would run it.

    python -m tests.evals.sharding CLONE BASE HEAD [--shards N] [--rules CODES]

With `--rules` a policy at base has sqlfluff run these, so that there is much to find in any change.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.e2e.action import DEFAULTS, NAME, NUMBER, Action, Run
from tests.github_server.server import GitHubServer
from tests.github_server.state import Pull
from tests.unit.git.git_checkout import Checkout


def opened(action: Action, clone: Path, base: str, head: str, rules: str) -> None:
    """The pull request that brings the clone's repository from one commit to the other."""
    bare = action.root / "served" / f"{NAME}.git"
    bare.parent.mkdir(parents=True)
    action.checkout = Checkout(action.root / "author")
    git = ["git", "-C", str(bare)]
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    (bare / "objects" / "info" / "alternates").write_text(f"{clone.resolve() / 'objects'}\n")
    if rules:
        base = with_policy(action.checkout, bare, base, (), rules)
        head = with_policy(action.checkout, bare, head, (base,), rules)
    for ref, sha in (("main", base), ("refunds", head)):
        subprocess.run([*git, "update-ref", f"refs/heads/{ref}", sha], check=True)
    for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        subprocess.run([*git, "config", setting, "true"], check=True)
    action.pull = Pull(NUMBER, base, head)
    action.repository = action.server.add(NAME, bare, action.pull)


def with_policy(checkout: Checkout, bare: Path, sha: str, parents: tuple[str, ...], rules: str) -> str:
    """A commit of the same tree and a policy file."""

    def git(*arguments: str, stdin: bytes = b"") -> str:
        return checkout.git("--git-dir", str(bare), *arguments, stdin=stdin, GIT_INDEX_FILE=str(bare / "index"))

    blob = git("hash-object", "-w", "--stdin", stdin=f"sqlfluff:\n  rules: [{rules}]\n".encode())
    git("read-tree", sha)
    git("update-index", "--add", "--cacheinfo", f"100644,{blob},{DEFAULTS['config']}")
    lineage = [word for parent in parents for word in ("-p", parent)]
    return git("commit-tree", git("write-tree"), *lineage, "-m", "with a policy")


def timed(what: str, action: Action, **given: Any) -> Run:
    """One step, with how long it took on this machine."""
    begin = time.monotonic()
    run = action.run(timeout=3_600, comments="none", **given)
    print(f"{what}: status {run.status}, {time.monotonic() - begin:.0f} s", flush=True)
    if run.status == 2:
        sys.exit(run.log)
    return run


def differences(alone: dict[str, Any], together: dict[str, Any]) -> list[str]:
    """Names of the report's members that differ; what it took always does."""
    return [key for key in alone if key != "usage" and alone[key] != together[key]]


def compare(action: Action, wanted: int | None) -> int:
    """Review at once and in shards; 1 where the reviews differ."""
    alone = timed("at once", action).review
    plan = timed("plan", action, mode="plan", shard=str(wanted or ""))
    jobs = json.loads(plan.outputs["matrix"])["include"]
    shards = action.root / "workspace" / DEFAULTS["shards-dir"]
    for job in jobs:
        run = timed(f"shard {job['number']} of {len(jobs)}", action, mode="shard", shard=job["shard"])
        report = run.report["shard.json"]
        folder = shards / f"data-review-shard-{job['number']}"
        folder.mkdir(parents=True)
        (folder / "shard.json").write_text(report)
        print(f"  {len(json.loads(report)['files']):,} files, {len(report):,} bytes of report", flush=True)
    together = timed("merge", action, mode="merge", shard=plan.outputs["shards"]).review
    wrong = differences(alone, together)
    print(
        f"{len(alone['artifacts']):,} data files, {len(alone['findings']):,} findings, {len(alone['suppressed']):,}"
        f" suppressed, {len(alone['skipped']):,} skipped, verdict {alone['verdict']}:"
        f" {'the same in shards' if not wrong else 'in shards other ' + ', '.join(wrong)}"
    )
    return 1 if wrong else 0


def main() -> None:
    """Run and compare. Exits 1 where the reviews differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clone", type=Path, help="a bare repository that has both commits")
    parser.add_argument("base")
    parser.add_argument("head")
    parser.add_argument("--shards", type=int, help="that many (default: what the plan says)")
    parser.add_argument("--rules", default="", help="sqlfluff's rules to run, such as LT01,CP01")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="sharding-"))
    server = GitHubServer()
    try:
        action = Action(root, server)
        opened(action, options.clone, options.base, options.head, options.rules)
        sys.exit(compare(action, options.shards))
    finally:
        server.close()
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
