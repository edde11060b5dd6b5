"""All attacks at once through the door a user uses: the review comes, and nothing of the attack does."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.conftest import KEY, ROOT, Prize
from tests.forked.programs import PROGRAM, program
from tests.unit.git.git_checkout import Checkout

GRANT = "grant select on shop.orders to public;\n"


def hostile(prize: Prize) -> dict[str, str]:
    """Path → text of a pull request that tries everything."""
    folder = prize.library.parent
    (folder / "config").write_text(f"basic {KEY}\n")
    order = "-- sqlfluff:templater:jinja:"
    return {
        ".sqlfluff": f"[sqlfluff:templater:jinja]\nlibrary_path = {prize.library}\nloader_search_path = {folder}\n",
        "sql/library.sql": f"{order}library_path:{prize.library}\n{GRANT}",
        "sql/overrule.sql": f"-- sqlfluff:library_path:{prize.library}\n{GRANT}",
        "sql/file.sql": f'{order}loader_search_path:{folder}\n{{% include "config" %}}\n',
        "sql/environ.sql": f'{order}loader_search_path:/proc/self\n{{% include "environ" %}}\n',
        "sql/parent.sql": f'{order}loader_search_path:/proc/{os.getpid()}\n{{% include "environ" %}}\n',
        "sql/huge.sql": "{% for a in range(999999999) %}{% endfor %}" + GRANT,
        "sql/::error::forged.sql": GRANT,
        "models/m.sql": "select * from {{ env_var('ANTHROPIC_API_KEY') }}, {{ ''.__class__.__mro__ }}\n",
        "dbt_project.yml": "name: !!python/object/apply:os.system ['true']\nmodel-paths: [models]\n",
        "dags/d.py": f"from airflow import DAG\nopen({str(prize.marker)!r}, 'w')\nDAG('x')\n",
        "setup.py": f"open({str(prize.marker)!r}, 'w')\n",
        "conftest.py": f"open({str(prize.marker)!r}, 'w')\n",
        "sqlfluff.py": f"open({str(prize.marker)!r}, 'w')\n",
        "review/__init__.py": f"open({str(prize.marker)!r}, 'w')\n",
    }


@pytest.fixture
def range_of_commits(tmp_path: Path, prize: Prize) -> Path:
    checkout = Checkout(tmp_path / "checkout")
    checkout.commit({"README.md": "# Shop\n", ".sqlfluff": "[sqlfluff]\ndialect = ansi\n"})
    checkout.commit(dict(hostile(prize)))
    return checkout.path


@pytest.mark.parametrize("form", ["json", "markdown", "text", "sarif"])
def test_a_review_of_everything_at_once(range_of_commits: Path, prize: Prize, form: str) -> None:
    done = subprocess.run(
        [*(PROGRAM if form == "json" else program()), "local", "--base", "HEAD~1", "--format", form],
        cwd=range_of_commits,
        env={"ANTHROPIC_API_KEY": KEY, "GITHUB_TOKEN": KEY, "PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert not prize.is_taken
    assert KEY not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("::")]
    if form == "json":
        review: dict[str, Any] = json.loads(done.stdout)
        assert {each["location"]["path"] for each in review["findings"]} >= {
            "sql/library.sql",
            "sql/overrule.sql",
            "sql/::error::forged.sql",
        }
        assert "sql/huge.sql" in {each["subject"] for each in review["skipped"]}
