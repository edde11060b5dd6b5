"""A BigQuery table is clustered by more than four columns.

### Why it matters
BigQuery takes four clustering columns at most, and refuses to make a table with five. Nothing checks it before the
table is made, so it shows in the first deployment or scheduled run.

### Bad
```sql
create table shop.orders (channel string, country string, city string, status string, kind string)
cluster by channel, country, city, status, kind
```

### Good
```sql
create table shop.orders (channel string, country string, city string, status string, kind string)
cluster by channel, country, city, status
```
"""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.artifact import SQL_KINDS, Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _sql
from review.rules.base import Hit, Rule
from review.rules.dbt import _jinja
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="SQL060",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=SQL_KINDS,
)

MOST = 4
"""cloud.google.com/bigquery/docs/clustered-tables, "Limitations"."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """CLUSTER BY of a CREATE TABLE, and dbt's `cluster_by`, with five entries or more."""
    if source.dialect != "bigquery" or "cluster" not in source.text.lower():
        return
    if source.kind is Kind.DBT_MODEL:
        columns, line = _jinja.config(source).get("cluster_by", (None, 0))
        if isinstance(columns, list) and len(columns) > MOST:
            yield _hit(line, line, [str(column) for column in columns], "")
        return
    sql = source.sql
    for create in _sql.walk(sql, exp.Create):
        for cluster in create.find_all(exp.ClusterProperty):
            if len(cluster.expressions) > MOST and cluster.find_ancestor(exp.Select) is None:
                line, end_line = _sql.lines(sql, cluster)
                yield _hit(line, end_line, [_sql.text(sql, each) for each in cluster.expressions], _sql.name(create))


def _hit(line: int, end_line: int, columns: list[str], table: str) -> Hit:
    return Hit(
        line=line,
        end_line=end_line,
        symbol=table,
        evidence=f"cluster by {', '.join(columns)}",
        explanation=f"These are {len(columns)} columns, and BigQuery refuses a table with more than {MOST}.",
        remediation=f"Keep the {MOST} that queries filter by most, in that order.",
    )
