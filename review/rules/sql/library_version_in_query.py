"""A query loads a library by a fixed version, though all else is a parameter.

### Why it matters
`ADD JAR … -1.4.2.jar` pins the job to one build of one cluster's file system. The next release of the library does not
reach it, and when old builds are cleared away, or the job runs on another cluster, it fails at its first statement.
A parameter lets the scheduler decide, as it does for everything else this file is given.

### Bad
```sql
ADD JAR hdfs://namenode/libs/current/shop-hive-0.0.58.jar;
CREATE TEMPORARY FUNCTION get_price AS 'com.example.GetPrice';
SELECT get_price(line) FROM ${source_table} WHERE day = ${day};
```

### Good
```sql
ADD JAR ${artifacts_directory}/shop-hive-${jar_version}.jar;
CREATE TEMPORARY FUNCTION get_price AS 'com.example.GetPrice';
SELECT get_price(line) FROM ${source_table} WHERE day = ${day};
```
"""

from collections.abc import Iterator

from review.domain.artifact import SQL_KINDS
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL050",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=SQL_KINDS,
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """`ADD JAR` with a version in its path, in a file that has `${…}` elsewhere and not there."""
    if source.dialect not in ("hive", "sparksql", "databricks") or "${" not in source.text:
        return
    for statement in source.sql.opaque:
        if " ".join(statement.words[:2]).split()[:2] not in (["ADD", "JAR"], ["ADD", "JARS"]):
            continue
        line, end_line = statement.lines
        written = " ".join(source.lines[line - 1 : end_line])
        file = statement.text.split()[-1].rpartition("/")[2].strip("'\"")
        if "${" not in written and _has_version(file):
            yield Hit(
                line=line,
                end_line=end_line,
                evidence=" ".join(statement.text.split()),
                explanation=(
                    f"The job loads `{file}` from a fixed place, while its tables and dates are parameters: it stays "
                    "on this version, and fails when that file is cleared away or another cluster runs it."
                ),
                remediation="Take the directory and the version from parameters.",
            )


def _has_version(file: str) -> bool:
    """Whether the name ends in numbers with dots between them: `shop-hive-0.0.58.jar`."""
    version = file.lower().removesuffix(".jar").rpartition("-")[2].split(".")
    return file.lower().endswith(".jar") and len(version) > 1 and all(part.isdigit() for part in version[:2])
