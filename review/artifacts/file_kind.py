"""What one file is: by its project where it is dbt's, else by its content, in the language its name tells."""

from posixpath import dirname

from review.artifacts.code_kind import cells_of, notebook_kind, scala_kind, sql_kind
from review.artifacts.dbt import DbtProject
from review.artifacts.python_kind import parsed, python_kind
from review.artifacts.relevance import is_sql
from review.artifacts.yaml_file import UnreadableYaml, root, yaml_kind
from review.domain.artifact import Kind


def file_kind(path: str, text: str, project: DbtProject | None) -> Kind | None:
    """The kind, or None for a file that is none of ours. `project` is the dbt project whose root holds the file."""
    lowered = path.lower()
    in_project = project.kind(path, text) if project else None
    if lowered.endswith(".py"):
        return python_kind(path, text, in_model_paths=in_project is Kind.DBT_PYTHON_MODEL)
    if in_project is not None:
        return in_project
    if lowered.endswith(".ipynb"):
        return notebook_kind(text)
    if lowered.endswith(".scala"):
        return scala_kind(text)
    if lowered.endswith((".yml", ".yaml")):
        return yaml_kind(text)
    vendored = {"dbt_packages", "dbt_modules", "target"} & set(dirname(path).split("/"))
    if is_sql(path) and not (project and vendored):
        return sql_kind(path, text)
    return None


def is_readable(path: str, text: str) -> bool:
    """Whether the text is what the name says, so that "it is none of ours" can be believed."""
    lowered = path.lower()
    if lowered.endswith(".py"):
        return parsed(text) is not None
    if lowered.endswith((".yml", ".yaml")):
        return _is_readable_yaml(text)
    return not lowered.endswith(".ipynb") or cells_of(text) is not None


def _is_readable_yaml(text: str) -> bool:
    try:
        root(text)
    except UnreadableYaml:
        return False
    return True
