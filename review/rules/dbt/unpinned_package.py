"""A dbt package is not pinned to a version.

### Why it matters
A package's macros run with the warehouse credentials of the project, and build its tables. Without a tag or a commit,
the next `dbt deps` brings whatever its branch holds that day: models change without any change in this repository,
and what ran last week cannot be built again. A `package-lock.yml` beside the file holds what was installed, so
nothing is said where there is one.

### Bad
```yaml
packages:
  - git: https://github.com/acme/dbt-shop-utils.git
    revision: main
  - package: dbt-labs/dbt_utils
    version: ">=1.0.0"
```

### Good
```yaml
packages:
  - git: https://github.com/acme/dbt-shop-utils.git
    revision: v1.4.2
  - package: dbt-labs/dbt_utils
    version: [">=1.0.0", "<2.0.0"]
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import Hit, Rule
from review.rules.source import Source
from review.rules.trees import NotEvaluated

if TYPE_CHECKING:
    import yaml

rule = Rule(
    module=__name__,
    code="DBT051",
    standard=Standard.SECURITY,
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.DBT_PACKAGES}),
)

BRANCHES = frozenset({"main", "master", "head", "develop", "development", "dev", "trunk"})


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Packages from git without a tag or commit, and packages from the hub with no end to their versions."""
    if _is_locked(source):
        return
    for package in _yaml.items(_yaml.get(source.yaml, "packages")):
        git, hub = (_yaml.scalar(_yaml.get(package, key)) for key in ("git", "package"))
        if git:
            yield from _from_git(package, git)
        elif hub:
            yield from _from_hub(package, hub)


def _is_locked(source: Source) -> bool:
    """Whether the project's lock file is known to lie beside it; where the project is not known, it is not."""
    try:
        return source.dbt.has(f"{source.path.rpartition('/')[0]}/package-lock.yml".lstrip("/"))
    except NotEvaluated:
        return False


def _from_git(package: "yaml.Node", git: str) -> Iterator[Hit]:
    name = git.rstrip("/").rpartition("/")[2].removesuffix(".git")
    revision = _yaml.get(package, "revision")
    said = _yaml.scalar(revision)
    if revision is None:
        where, what = package, "no `revision:`, so `dbt deps` takes the newest commit of its default branch"
    elif said is not None and said.lower() in BRANCHES:
        where, what = revision, f"the branch `{said}` as its `revision:`, which moves"
    else:
        return
    yield Hit(
        line=_yaml.line(where),
        symbol=name,
        evidence=f"{git} at {said}",
        explanation=f"`{name}` has {what}.",
        remediation="Name a tag or a full commit hash.",
    )


def _from_hub(package: "yaml.Node", hub: str) -> Iterator[Hit]:
    version = _yaml.get(package, "version")
    if version is None:
        return
    bounds = [_yaml.scalar(entry) or "" for entry in _yaml.items(version)] or [_yaml.scalar(version) or ""]
    bounds = [bound.strip() for entry in bounds for bound in entry.split(",")]
    if all(bound.startswith(">") for bound in bounds):
        yield Hit(
            line=_yaml.line(version),
            symbol=hub,
            evidence=f"{hub} {' '.join(bounds)}",
            explanation=(
                f"`{' '.join(bounds)}` has no upper end: the next major version of `{hub}`, made to break what exists, "
                "is installed on the day it appears."
            ),
            remediation="Add an upper bound, such as the next major version.",
        )
