"""A DAG selects a dbt model that the project does not have.

### Why it matters
`dbt run --select` with a name that matches nothing is no error: dbt warns that there is nothing to do and ends with
success. The task is green every night, and the table that it should build is never built again. `--exclude` with such a
name leaves nothing out, so that the task builds what it was told to spare.

Names of models, files (`file:`), folders and paths (`path:`) are looked up, in command lines, in the operators of
airflow-dbt and in the `RenderConfig` of Cosmos. Tags, sources and settings are not: they stand inside files.

### Bad
The project beside it has `dbt/models/staging/stg_orders.sql` and `dbt/models/fct_orders.sql`.

```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily"):
    BashOperator(task_id="orders", bash_command="cd dbt && dbt run --select stg_orders fct_order")
```

### Good
```python
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("orders_daily"):
    BashOperator(task_id="orders", bash_command="cd dbt && dbt run --select stg_orders fct_orders")
```
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from posixpath import normpath

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.cross._selections import Selection, selections
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="XST001",
    standard=Standard.MONITORING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DAG, Kind.DAG_HELPER}),
)

NAMED = ("", "fqn", "file", "path")
"""Methods of selection that name what has a file; the first is that of a bare name."""
PACKAGES = frozenset({"elementary", "re_data", "metrics", "codegen", "audit_helper", "snowplow_web", "segment"})
"""Of dbt, whose models DAGs run by the package's name; most others begin with `dbt_`."""
TESTS = ("unique_", "not_null_", "accepted_values_", "relationships_", "source_", "expect_", "assert_")
"""How the names begin that dbt gives to tests of columns."""
FILES = (".sql", ".py", ".csv")
"""Endings by which dbt takes a bare name for a file's."""
MAX_UNKNOWN = 50
"""Unknown names of one file that are looked at: each is held against all names of a project."""


@dataclass(frozen=True)
class _Known:
    """What there is to be selected, by names alone."""

    names: frozenset[str]
    """Files with and without their endings, folders, and the projects themselves."""
    paths: frozenset[str]
    """Files and folders, from the project's root."""

    @classmethod
    def of(cls, projects: Mapping[str, frozenset[str]]) -> "_Known":
        names: set[str] = set()
        inside: set[str] = set()
        for root, paths in projects.items():
            names.update(root.split("/"))
            for path in paths:
                *folders, file = path.split("/")
                names.update(folders)
                names.update((file.partition(".")[0], file))
                parts = (path.removeprefix(f"{root}/") if root else path).split("/")
                inside.update("/".join(parts[:length]) for length in range(1, len(parts) + 1))
        return cls(frozenset(names), frozenset(inside))

    def has(self, name: str) -> bool:
        return normpath(name) in self.paths if "/" in name else name in self.names

    def like(self, name: str) -> str:
        """What may be meant; empty for nothing."""
        close = get_close_matches(name, sorted(self.paths if "/" in name else self.names), 1, 0.8)
        return close[0] if close else ""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Constant names that nothing has, in a file another of whose names is known to a project of the repository.

    The other name shows that the DAG runs that project, and not one that lies elsewhere. So does the project's own
    directory beside the selection, for a name that is nearly one of the project's: any other may be an installed
    package's.
    """
    if "dbt" not in source.text.lower() or not source.neighbours:
        return
    everything = _Known.of(source.neighbours)
    found = [(name, each) for each in selections(source.python) for name in _names(each.text)]
    is_ours = any(everything.has(name) for name, _ in found)
    of_root: dict[str, _Known] = {}
    like: dict[tuple[str | None, str], str] = {}
    for name, each in sorted(found, key=lambda pair: pair[1].node.lineno):
        root = _root(each, source.neighbours)
        if everything.has(name) or not (is_ours or root is not None):
            continue
        if (root, name) not in like:
            if len(like) == MAX_UNKNOWN:
                return
            if root is not None and root not in of_root:
                of_root[root] = _Known.of({root: source.neighbours[root]})
            like[root, name] = (everything if root is None else of_root[root]).like(name)
        close = like[root, name]
        if close or (is_ours and not _has_no_file(name, each, everything)):
            yield _hit(name, each, close)


def _hit(name: str, each: Selection, close: str) -> Hit:
    is_path = "/" in name
    what = "Nothing in the dbt project" if is_path else "No model or folder of the dbt project"
    where = "lies at" if is_path else "is called"
    so = (
        "Nothing is left out for it, so what was to be spared is built."
        if each.leaves_out
        else "Nothing is built for it, and no task fails."
    )
    return Hit(
        line=each.node.lineno,
        end_line=each.node.end_lineno,
        evidence=f"{'--exclude' if each.leaves_out else '--select'} {name}",
        explanation=(
            f"{what} in this repository {where} `{name}`. {so}" + (f" Perhaps `{close}` is meant." if close else "")
        ),
        remediation="Name the model as its file is named, or drop the selection.",
    )


def _has_no_file(name: str, each: Selection, known: _Known) -> bool:
    """Whether it may be what no file is called by: a package, which is not committed, a test, or a snapshot."""
    if each.may_be_a_test or name in PACKAGES or name.startswith("dbt_") or name.endswith("_source"):
        return True
    return each.is_of_build and (name.startswith(TESTS) or "snapshots" in known.names)


def _root(each: Selection, projects: Mapping[str, frozenset[str]]) -> str | None:
    """The project in the directory that the selection names, however much stands before it where it runs."""
    folder = f"/{each.folder.strip('/')}"
    fits = [root for root in projects if root and folder.endswith(f"/{root}")]
    return max(fits, key=len, default=None)


def _names(text: str) -> Iterator[str]:
    """The names in a selector, without what asks for parents and children: `2+orders`, `@orders`, `+orders+1`.

    None of a wildcard, a template, or a method that looks into files.
    """
    for part in text.replace(",", " ").split():
        pieces = [each for each in part.strip(";").lstrip("@").split("+") if each and not each.isdigit()]
        for piece in pieces:
            method, colon, value = piece.rpartition(":")
            if not method and value.endswith(FILES) and "/" not in value:
                method = "file"
            if method not in NAMED or (colon and not method):
                continue
            bare = value.rstrip("/").removeprefix("./")
            parts = bare.replace("/", ".").split(".") if method != "file" else [bare.partition(".")[0]]
            if parts[-1].removeprefix("v").isdigit():  # a version of a model
                continue
            if all(each.replace("-", "_").isidentifier() for each in parts):
                yield bare if method in ("path", "file") or "/" in bare or len(parts) == 1 else parts[-1]
