"""All attacks at once through the door a user uses: the review comes, and nothing of the attack does.

Neither key has a form that redaction knows, so that what does not show was not read.
"""

import json
import os
import subprocess
import sys

from tests.attacks.layers.conftest import KEY, ROOT, Ground, Prize
from tests.attacks.layers.test_code import COMMENTS
from tests.attacks.layers.test_exhaustion import DEEP, HUGE
from tests.attacks.layers.test_secrets import CLIMBS, TEXTS, filled
from tests.unit.git.git_checkout import Checkout

TOKEN = "lazy-dog-t0ken-of-the-run"
GRANT = "grant select on shop.orders to public;\n"


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


def test_a_review_of_everything_at_once(ground: Ground) -> None:
    prize, config = ground.prize("all"), ground.folder / "config"
    config.mkdir()
    (config / "config").write_text(f"basic {KEY}\n")
    (config / "leak.sql").write_text("{% macro leak() %}" + KEY + "{% endmacro %}")
    checkout = Checkout(ground.folder / "checkout")
    checkout.commit({"README.md": "# Shop\n", ".sqlfluff": "[sqlfluff]\ndialect = ansi\n"})
    checkout.commit(hostile(ground, prize))
    for name in ("diff.evil.command", "diff.evil.textconv", "core.fsmonitor", "core.sshCommand", "core.pager"):
        checkout.git("config", name, f"touch {prize.marker}")
    done = subprocess.run(
        [sys.executable, "-I", "-m", "review", "local", "--base", "HEAD~1", "--format", "json"],
        cwd=checkout.path,
        env={"ANTHROPIC_API_KEY": KEY, "GITHUB_TOKEN": TOKEN, "PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert not prize.is_taken
    for secret in (KEY, TOKEN, "root:x:0:0", "Traceback"):
        assert secret not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.startswith(("::", "##["))]
    review = json.loads(done.stdout)
    blocked = {each["location"]["path"] for each in review["findings"]}
    told = {each["subject"] for each in review["skipped"]}
    assert set(sql(ground, prize)) <= blocked | told, "every file is reviewed, or told"
    assert {f"sql/{name}.sql" for name in HUGE} <= told
    assert {"sql/::error::forged.sql", "sql/x\n::error::forged.sql"} <= blocked
    assert {f"sql/{name}.sql" for name in COMMENTS if name.startswith("first")} <= blocked
