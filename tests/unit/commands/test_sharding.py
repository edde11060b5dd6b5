"""A generated change, reviewed at once and in shards: the same review to the letter."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from review import pipeline
from review.commands.sharding import carry_out, seen, together
from review.commands.tasks import Task
from review.config.cut import Cut
from review.config.policy import Policy
from review.domain.target import Range, Target
from review.domain.verdict import Review
from review.errors import InputError
from review.evidence.collect import Evidence, workers
from review.git.repository import Repository
from review.intake.shards import read_shard
from review.render.json import review_dict
from review.stopwatch import Stopwatch
from tests.e2e.action import Action
from tests.github_server.server import GitHubServer
from tests.unit.commands.test_tasks import session
from tests.unit.git.git_checkout import Checkout

POLICY = """
waivers:
  - rule: SQL001
    path: sql/q1.sql
    owner: ana
    reason: agreed
    expires: 2030-01-01
rules:
  ignore: [AM01]
  severity: {SQL001: low}
"""
BODIES = (
    "grant select on shop.t{n} to public;\ngrant select on shop.t{n} to public;\n",
    "select a.id from shop.a as a inner join shop.b as b on a.id = a.id\n",
    "select distinct id from shop.a group by id\n",
    "select id from shop.a where id = null\n",
    "select (((\n",
    "select '{{{{ unknown_macro(1) }}}}' as x from shop.a cross join shop.b\n",
    "select 1 as id -- password = 'hunter2hunter2'\n",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repository, Range]]:
    """Queries with alike and different defects, a dbt project, renames, deletions, files that do not parse."""
    bodies = [BODIES[number % len(BODIES)].format(n=number // 2) for number in range(24)]
    base = {f"sql/q{number}.sql": "select 1\n" for number in range(12)}
    base |= {"shop/dbt_project.yml": "name: shop\n", "sql/old.sql": bodies[0] + "select 1;\n" * 9, "sql/gone.sql": "x"}
    head = {f"sql/q{number}.sql": text for number, text in enumerate(bodies[:12])}
    head |= {
        f"shop/models/m{number}.sql": f"select * from {{{{ ref('m{number - 1}') }}}} -- {text}"
        for number, text in enumerate(bodies[12:])
    }
    head |= {
        "shop/models/schema.yml": "models:\n  - name: m1\n    data_tests: [unique]\n    columns:\n      - name: id\n",
        "dags/d.py": "from airflow import DAG\nwith DAG('d', default_args={'retry': 3, 'schedule': 'x'}):\n    pass\n",
        "sql/new.sql": base["sql/old.sql"] + bodies[1],
    }
    checkout = Checkout(tmp_path_factory.mktemp("generated"))
    base_sha = checkout.commit(base)
    head_sha = checkout.commit(head, delete=["sql/old.sql", "sql/gone.sql"])
    repository = Repository.from_workspace(checkout.path / ".git", base_sha, head_sha)
    assert repository is not None
    with repository:
        yield (
            repository,
            Range(Target("shop/data", base_sha, head_sha), base_sha, pages="https://github.com/x"),
        )


def policy() -> Policy:
    return Policy.from_yaml(POLICY, ".github/data-review.yml", date(2026, 1, 1))


def at_once(repository: Repository, span: Range) -> Review:
    return pipeline.review(span, repository, policy(), Stopwatch(time.monotonic), 2)


def in_shards(repository: Repository, span: Range, count: int) -> Review:
    cut, watch = Cut(count), Stopwatch(time.monotonic)
    texts = []
    for index in range(1, count + 1):
        changeset = pipeline.changed(span, repository, policy())
        sorted_files = pipeline.sort_files(span, changeset, repository, policy(), watch)
        with ExitStack() as stack:
            texts.append(seen(sorted_files, policy(), cut.shard(index), lambda n: stack.enter_context(workers(n, 2))))

    def gather(files: pipeline.Sorted, given: Policy, crew: "pipeline.Crew") -> Evidence:
        return together([read_shard(text.encode()) for text in reversed(texts)], files, given, cut, crew)

    return pipeline.review(span, repository, policy(), watch, 2, gather=gather)


def test_the_review_is_the_same_in_shards(files: tuple[Repository, Range]) -> None:
    alone = review_dict(at_once(*files))
    found = {finding["source"] for finding in alone["findings"]}
    assert found == {"rule:DAG001", "rule:DAG002", "rule:SQL001", "rule:SQL002", "sqlfluff:CV05"}
    assert {drop["reason"].split()[0] for drop in alone["suppressed"]} >= {"waived", "AM01"}
    assert len(alone["skipped"]) >= 3
    shards = review_dict(in_shards(*files, 2))
    assert {**shards, "usage": None} == {**alone, "usage": None}


@pytest.mark.parametrize(
    ("mode", "shard", "said"),
    [
        ("plan", "many", "from 1 to 256"),
        ("plan", "0", "from 1 to 256"),
        ("plan", "1/2", "from 1 to 256"),
        ("shard", "", "input shard: ''"),
        ("shard", "all/2", "use one of the shards in the output matrix"),
        ("merge", "1/2", "use the output shards"),
        ("merge", "2", "input shard: '2'"),
    ],
)
def test_a_step_that_is_named_wrongly_is_refused_before_anything_is_done(
    mode: str, shard: str, said: str, github: GitHubServer, tmp_path: Path
) -> None:
    asked = session(Action(tmp_path, github))
    asked = replace(asked, inputs=replace(asked.inputs, mode=mode, shard=shard))
    with pytest.raises(InputError) as caught:
        carry_out(Task(Target("shop/data", "a" * 40, "b" * 40), "a" * 40, "https://github.com/shop/data"), asked)
    assert said in str(caught.value)
    assert github.requests == []
