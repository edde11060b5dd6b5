"""The image is built and run as the runner would. Slow, and in need of tools: `make e2e`."""

import json
from pathlib import Path

import pytest

from review import __version__
from tests.e2e import image
from tests.e2e.image import Job

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(image.missing()), reason=image.missing() or "ready")]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    image.build()


def test_the_package_runs_without_the_workspace_on_its_path(tmp_path: Path) -> None:
    """A pull request that brings its own json.py or review/ must not have it imported."""
    job = Job(tmp_path)
    for name in ("json.py", "review.py", "sitecustomize.py", "argparse.py"):
        (job.workspace / name).write_text("raise SystemExit('executed')", "utf-8")
    done = job.run("--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"data-review {__version__}")
    assert "executed" not in done.stdout + done.stderr


def test_the_image_carries_bytecode_for_everything_it_imports(tmp_path: Path) -> None:
    code = """
import pathlib, sys
import github, review.cli, rich, sqlfluff, sqlglot, unidiff, yaml
caches = {getattr(module, "__cached__", None) for module in sys.modules.values()} - {None}
assert len(caches) > 500
print([cache for cache in caches if not pathlib.Path(cache).exists()])
"""
    done = Job(tmp_path).run("-P", "-c", code, entrypoint="python", network="none")
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_it_keeps_no_cache_and_no_address(tmp_path: Path) -> None:
    done = Job(tmp_path).run("-c", "ls -A /root/.cache /var/lib/apt/lists; env", entrypoint="sh", network="none")
    assert "PIP_INDEX" not in done.stdout
    assert "pip" not in done.stdout.split("HOME=")[0]


def test_the_demo_needs_no_network(tmp_path: Path) -> None:
    done = Job(tmp_path).run("demo", "--format", "json", network="none")
    assert done.returncode == 0, done.stderr
    review = json.loads(done.stdout)
    assert {"airflow", "dbt", "spark", "sql"} <= {stack_of(artifact["kind"]) for artifact in review["artifacts"]}
    assert review["findings"]


def stack_of(kind: str) -> str:
    from review.domain.artifact import Kind

    return Kind(kind).stack.value
