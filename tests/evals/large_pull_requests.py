"""Large pull requests through the whole action against the fake GitHub: what they cost it, and what stands there then.

python -m tests.evals.large_pull_requests [folder for the texts]
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.action import Action
from tests.github_server.server import GitHubServer

FILES = 3_000
DATA_FILES = 200
FINDINGS = 400
GRANT = "grant select on shop.t{} to public;\n"
Files = dict[str, str]


def mostly_text() -> tuple[Files, Files]:
    """3,000 changed files, one of which is a data file with a finding."""
    base = {f"docs/{number // 100}/{number}.txt": f"{number}\n" for number in range(FILES - 1)}
    head = {path: f"{text}more\n" for path, text in base.items()}
    return {**base, "a.sql": "select 1\n"}, {**head, "a.sql": GRANT.format(0)}


def many_data_files() -> tuple[Files, Files]:
    """3,000 changed files, 200 of which are data files with a finding each."""
    base, head = mostly_text()
    paths = [path for path in base if path != "a.sql"][:DATA_FILES]
    sql = {f"sql/{number // 20}/q{number}.sql": GRANT.format(number) for number in range(DATA_FILES)}
    return {path: base[path] for path in base if path not in paths}, {
        **{path: head[path] for path in head if path not in paths},
        **sql,
    }


def many_findings() -> tuple[Files, Files]:
    """400 findings in ten files."""
    each = FINDINGS // 10
    sql = {
        f"grants/g{number}.sql": "".join(GRANT.format(number * each + line) for line in range(each))
        for number in range(10)
    }
    return {"a.txt": "1\n"}, sql


def kinds(requests: list[tuple[str, str]]) -> Mapping[str, int]:
    """How many requests of each kind; numbers and names of commits are left out of the paths."""
    return Counter(f"{method} {_kind(path)}" for method, path in requests)


def _kind(path: str) -> str:
    parts = path.split("/")[4:] or path.split("/")[1:]
    return "/".join("N" if part.isdigit() else "…" if len(part) > 40 else part for part in parts)


def main(folder: str = "") -> None:
    """Print what each pull request takes, and leave the texts in the folder."""
    for make in (mostly_text, many_data_files, many_findings):
        with tempfile.TemporaryDirectory() as root:
            server = GitHubServer()
            action = Action(Path(root), server)
            action.open(*make())
            for run in ("first run", "second run"):
                seen, start = len(server.requests), time.monotonic()
                done = action.run()
                took = time.monotonic() - start
                found = done.outputs.get("findings")
                print(f"{make.__name__}, {run}: {took:.1f} s, status {done.status}, {found} findings")
                for kind, number in sorted(kinds(server.requests[seen:]).items()):
                    print(f"    {number:4} {kind}")
            lengths = [len(comment.body) for comment in (*action.summaries, *action.inline)]
            print(f"    {len(action.inline)} comments on the diff, the longest text has {max(lengths)} characters")
            print(f"    offences: {server.offences}")
            if folder:
                Path(folder, f"{make.__name__}.md").write_text(action.summaries[0].body)
                Path(folder, f"{make.__name__}.step.md").write_text(done.summary)
            server.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
