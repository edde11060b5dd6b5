"""A dbt setting is misspelt, so dbt does not apply it.

### Why it matters
dbt takes any name in `config()` and keeps those it does not know for macros that may ask for them. A misspelt setting
is therefore no error: the table is not clustered, the key is not unique, the model is built as a view, and every run
is green.

### Bad
```sql
{{ config(materialized='incremental', unqiue_key='order_id') }}
select order_id, amount from {{ ref('stg_orders') }}
{% if is_incremental() %} where updated_at > (select max(updated_at) from {{ this }}) {% endif %}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='order_id') }}
select order_id, amount from {{ ref('stg_orders') }}
{% if is_incremental() %} where updated_at > (select max(updated_at) from {{ this }}) {% endif %}
```
"""

import difflib
from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import MAX_TITLE, Hit, Rule
from review.rules.dbt import _jinja, _nodes
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="DBT050",
    standard=Standard.ERROR_HANDLING,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DBT_MODEL, Kind.DBT_SNAPSHOT, Kind.DBT_TEST, Kind.DBT_PROPERTIES, Kind.DBT_PROJECT}),
)

KNOWN = frozenset(
    """
    access alias as_columnstore auto_liquid_cluster auto_refresh auto_statistics automatic_clustering backup batch_size
    begin bind bloom_filter buckets catalog_name check_cols cluster_by clustered_by cold_storage column_types
    concurrent_batches connection_overrides contract copy_grants copy_partitions database databricks_compute
    databricks_tags dataset dbt_valid_to_current delimiter delta_target_file_size_in_mb depends_on description
    destination dist dist_style docs enable_refresh enabled engine error_if event_time external_volume fail_calc
    field_delimiter fields file_format format freshness full_refresh grant_access_to grants group hard_deletes
    hours_to_expiration immutable_where include_full_name_in_path incremental_predicates incremental_strategy index
    indexes inferred_schema inserts_only invalidate_hard_deletes kms_key_name labels layout lifetime liquid_clustered_by
    limit loaded_at_field loaded_at_query location location_root lookback materialized max_staleness
    merge_exclude_columns merge_update_columns meta name node_color on_configuration_change on_schema_change
    on_table_exists options order_by overwrite packages package_name partition_by partition_expiration_days
    partition_type partitioned_by partitions path persist_docs post_hook pre_hook predicates primary_key project
    properties python_version query_group query_settings query_tag quote_columns quoting refresh_interval_minutes
    refresh_mode require_partition_filter required_docs resource_tags row_access_policy s3_data_dir s3_data_naming
    schema secure settings severity skip_matched_step skip_not_matched_step snapshot_meta_column_names
    snapshot_table_column_names snowflake_warehouse sort sort_type sql_header static_analysis store_failures
    store_failures_as strategy submission_method table_format table_properties table_type tags target_database
    target_lag target_schema tblproperties tmp_relation_type transient ttl type unique_key unique_tmp_table_suffix
    unlogged updated_at use_anonymous_sproc view_security warn_if where
    """.split()
)
"""Settings of dbt and of its adapters, written with underscores."""

LONG = 6
"""Shorter names are often names of their own: `sorted`, `ddl`, `tag`."""

ALIKE = 0.86
"""Ratio of `difflib` from which a name is a known one with a slip: one letter wrong, missing or moved."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Settings in `config()`, under `config:` and with a plus that differ by a slip from one dbt knows."""
    if not source.is_yaml:
        if "config" in source.text:
            yield from (hit for key, (_, line) in _jinja.config(source).items() for hit in _misspelt(key, line, ""))
        return
    found = [
        hit
        for place in _nodes.mappings(source)
        for key, node, _ in _yaml.pairs(place.node)
        if key.startswith("+") or (place.key == "config" and source.kind is Kind.DBT_PROPERTIES)
        for hit in _misspelt(key, _yaml.line(node), place.owner)
    ]
    yield from sorted(found, key=lambda hit: hit.line)


def _misspelt(key: str, line: int, owner: str) -> Iterator[Hit]:
    plain = key.removeprefix("+").replace("-", "_")
    if plain in KNOWN or len(plain) < LONG:
        return
    for meant in difflib.get_close_matches(plain[:40], KNOWN, n=1, cutoff=ALIKE):
        yield Hit(
            line=line,
            symbol=owner,
            evidence=f"{key} for {meant}",
            title=f"`{key}` is no setting of dbt; `{meant}` is"[:MAX_TITLE],
            explanation=f"dbt keeps `{key}` without a word and does nothing with it: `{meant}` stays at its default.",
            remediation=f"Write `{meant}`.",
        )
