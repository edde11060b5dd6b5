"""All attacks at once through the door a user uses: the review comes, and nothing of the attack does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tests.attacks.conftest import KEY, ROOT, Ground, Prize
from tests.attacks.test_code import COMMENTS
from tests.attacks.test_exhaustion import DEEP, HUGE
from tests.attacks.test_secrets import CLIMBS, TEXTS, filled
from tests.unit.git.git_checkout import Checkout

TOKEN = "lazy-dog-t0ken-of-the-run"
GRANT = "grant select on shop.orders to public;\n"
FORMS = ("json", "markdown", "text", "sarif")


def sql(ground: Ground, prize: Prize) -> dict[str, str]:
    """Path → text of every SQL attack there is but those that take their time."""
    comments = {name: text.replace("{}", str(prize.library)) for name, text in COMMENTS.items()}
    secrets = {name: filled(text, ground) for name, text in TEXTS.items()}
    parent = {"parent": filled(TEXTS["another process's environment"], Ground(ground.folder, os.getpid()))}
    every = {**comments, **secrets, **parent, **CLIMBS, **HUGE, **DEEP}
    return {f"sql/{name}.sql": f"{text}\n;\n{GRANT}" for name, text in every.items()}


def hostile(ground: Ground, prize: Prize) -> dict[str, str]:
    """Path → text of a pull request that tries everything."""
    runs = f"open({str(prize.marker)!r}, 'w').close()\n"
    return {
        **sql(ground, prize),
        ".sqlfluff": "[sqlfluff]\ntemplater = dbt\n"
        f"[sqlfluff:templater:jinja]\nlibrary_path = {prize.library}\nloader_search_path = {ground.folder}\n",
        "sql/.sqlfluff": f"[sqlfluff]\nlibrary_path = {prize.library}\n",
        ".sqlfluffignore": "*\n",
        "sql/::error::forged.sql": GRANT,
        "sql/x\n::error::forged.sql": GRANT,
        "models/m.sql": "select * from {{ env_var('ANTHROPIC_API_KEY') }}, {{ env_var('GITHUB_TOKEN') }} where a = a\n",
        "macros/m.sql": "{% macro m() %}{{ lipsum.__globals__['os'].environ }}{% endmacro %}\n",
        "dbt_project.yml": f"name: !!python/object/apply:os.system ['touch {prize.marker}']\nmodel-paths: [models]\n",
        "profiles.yml": "x: \"{{ env_var('ANTHROPIC_API_KEY') }}\"\n",
        "dags/d.py": f"from airflow import DAG\n{runs}DAG('x')\n",
        **dict.fromkeys(("setup.py", "conftest.py", "sitecustomize.py", "sqlfluff.py", "yaml.py", "json.py"), runs),
        "review/__init__.py": runs,
        "review/__main__.py": runs,
        ".github/data-review.yml": "fail-on: never\npaths-ignore: ['**']\n",
        ".gitattributes": "*.sql filter=evil diff=evil merge=evil\n",
        ".gitconfig": f'[filter "evil"]\nsmudge = touch {prize.marker}\nclean = touch {prize.marker}\n',
    }


@pytest.fixture(scope="module")
def prize(ground: Ground) -> Prize:
    return ground.prize("all")


@pytest.fixture(scope="module")
def reviews(ground: Ground, prize: Prize) -> Mapping[str, tuple[int, str, str]]:
    """Form → exit status, standard output, standard error."""
    config = ground.folder / "config"
    config.mkdir()
    (config / "config").write_text(f"basic {KEY}\n")
    (config / "leak.sql").write_text("{% macro leak() %}" + KEY + "{% endmacro %}")
    checkout = Checkout(ground.folder / "checkout")
    checkout.commit({"README.md": "# Shop\n", ".sqlfluff": "[sqlfluff]\ndialect = ansi\n"})
    checkout.commit(hostile(ground, prize))
    for name in ("diff.evil.command", "diff.evil.textconv", "core.fsmonitor", "core.sshCommand", "core.pager"):
        checkout.git("config", name, f"touch {prize.marker}")
    command = [sys.executable, "-P", "-m", "review", "local", "--base", "HEAD~1", "--format"]
    environ = {"ANTHROPIC_API_KEY": KEY, "GITHUB_TOKEN": TOKEN, "PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    running = {form: subprocess.Popen([*command, form], cwd=checkout.path, env=environ, **streams) for form in FORMS}
    found = {}
    for form, process in running.items():
        with process:
            out, err = process.communicate(timeout=120)
        found[form] = (process.returncode, out, err)
    return found


@pytest.mark.parametrize("form", FORMS)
def test_a_review_of_everything_at_once(form: str, reviews: Mapping[str, tuple[int, str, str]], prize: Prize) -> None:
    status, out, err = reviews[form]
    assert (status, err) == (1, "")
    assert not prize.is_taken
    for secret in (KEY, TOKEN, "root:x:0:0", "Traceback"):
        assert secret not in out
    assert not [line for line in out.splitlines() if line.startswith("::")]


def test_every_file_is_reviewed_or_told(ground: Ground, prize: Prize, reviews: Mapping[str, Any]) -> None:
    review = json.loads(reviews["json"][1])
    blocked = {each["location"]["path"] for each in review["findings"]}
    told = {each["subject"] for each in review["skipped"]}
    assert set(sql(ground, prize)) <= blocked | told
    assert {f"sql/{name}.sql" for name in HUGE} <= told
    assert {"sql/::error::forged.sql", "sql/x\n::error::forged.sql"} <= blocked
    assert {f"sql/{name}.sql" for name in COMMENTS if name.startswith("first")} <= blocked
