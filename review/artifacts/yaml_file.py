"""YAML files as far as it takes to recognise what they are; nothing of them is loaded, custom tags are left alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.artifacts.words import mentions
from review.domain.artifact import Kind

if TYPE_CHECKING:
    import yaml

_MAX_YAML = 500_000
_MAX_DEPTH = 100
_MAX_DAG_DEPTH = 4
"""A DAG's settings lie at the top, under the DAG's name (dag-factory), or under a word or two more."""
_OF_A_DAG = frozenset({"dag_id", "schedule", "schedule_interval", "catchup", "tasks", "task_groups", "max_active_runs"})
_OF_TASKS = frozenset(
    {"owner", "start_date", "retries", "retry_delay", "email", "email_on_failure", "email_on_retry", "depends_on_past"}
)
_OF_AN_OPERATOR = frozenset({"sql", "query", "view_query"})


class UnreadableYaml(Exception):
    """A YAML file cannot be used; `str(error)` is one clause that says why."""


def yaml_kind(text: str) -> Kind | None:
    """A file that sets up Airflow DAGs (gusty, dag-factory and the like): some mapping in it has Airflow's
    `default_args`, and beside or inside them names that only Airflow has; or it is one task, an operator with its SQL.
    None for any other."""
    is_task = mentions(text, "operator") and any(mentions(text, key) for key in _OF_AN_OPERATOR)
    if not (is_task or mentions(text, "default_args")):
        return None
    try:
        level = [root(text)]
    except UnreadableYaml:
        return None
    keys = {key for key, _ in entries(level[0])}
    if "operator" in keys and not keys.isdisjoint(_OF_AN_OPERATOR):
        return Kind.DAG_CONFIG
    for _ in range(_MAX_DAG_DEPTH):
        if any(_sets_up_a_dag(node) for node in level):
            return Kind.DAG_CONFIG
        level = [value for node in level for _, value in entries(node)]
    return None


def entries(node: "yaml.Node | None") -> "Iterator[tuple[str, yaml.Node]]":
    """Key → value of a mapping; nothing of anything else."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), value


def root(text: str) -> "yaml.Node | None":
    """What a YAML file holds. Raises UnreadableYaml where it does not parse, is huge or nests too deep."""
    import yaml

    if len(text) > _MAX_YAML:
        raise UnreadableYaml(f"it has {len(text):,} characters, above the {_MAX_YAML:,} that are read")
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
            depth -= isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent))
            if depth > _MAX_DEPTH:
                raise UnreadableYaml(f"it nests deeper than {_MAX_DEPTH} levels")
        found: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnreadableYaml(f"it does not parse as YAML{f' (line {mark.line + 1})' if mark else ''}") from error
    return found


def _sets_up_a_dag(node: "yaml.Node | None") -> bool:
    found = dict(entries(node))
    given = {key for key, _ in entries(found.get("default_args"))}
    return bool(given) and not (_OF_A_DAG.isdisjoint(found) and _OF_TASKS.isdisjoint(given))
