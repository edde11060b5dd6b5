"""How one part of the repository stands: a dbt project, a folder of DAGs, or everything else."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from review.domain.verdict import Decision


class ProjectKind(Enum):
    """What holds the files of a part together."""

    DBT = "dbt"
    """A dbt project."""
    DAGS = "dags"
    """A folder of Airflow DAGs."""
    OTHER = "other"
    """Files of none of them."""


@dataclass(frozen=True)
class ProjectVerdict:
    """The gate's answer as it would be, were this part alone under review."""

    kind: ProjectKind
    name: str
    """Its folder; empty for the repository's root, and for files of no project."""
    decision: "Decision"
    findings: int
    blocking: int
    unseen: int
    """Files of it that could not be checked."""
