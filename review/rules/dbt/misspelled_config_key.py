"""A dbt setting is misspelt, so dbt does not apply it.

### Why it matters
dbt takes any name in `config()` and keeps those it does not know for macros that may ask for them. A misspelt setting
is therefore no error: the table is not clustered, the key is not unique, the model is built as a view, and every run
is green.

### Bad
```sql
{{ config(materialized='incremental', unqiue_key='order_id') }}
select order_id, amount, updated_at from {{ ref('stg_orders') }}
{% if is_incremental() %} where updated_at > (select max(updated_at) from {{ this }}) {% endif %}
```

### Good
```sql
{{ config(materialized='incremental', unique_key='order_id') }}
select order_id, amount, updated_at from {{ ref('stg_orders') }}
{% if is_incremental() %} where updated_at > (select max(updated_at) from {{ this }}) {% endif %}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules import _yaml
from review.rules.base import MAX_TITLE, Hit, Rule
from review.rules.dbt import _jinja, _mappings
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

PROPERTIES = frozenset(
    """
    access columns config constraints contract data_tests data_type database deprecation_date description docs external
    freshness group identifier latest_version loaded_at_field loaded_at_query loader meta name overrides policy_tags
    quote quoting schema tables tags tests time_spine unit_tests version versions
    """.split()
)
"""Keys of models, sources and columns in a properties file."""

ENTRIES = frozenset({"models", "sources", "tables", "columns", "seeds", "snapshots"})

LONG = 6
"""Shorter names are often names of their own: `sorted`, `ddl`, `tag`."""

SHORT = 4
"""The keys of a properties file are few, so that a short one is a slip as well: `test`."""


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """Settings in `config()`, under `config:` and with a plus that differ by a slip from one dbt knows."""
    if not source.is_yaml:
        if "config" in source.text:
            yield from (hit for key, (_, line) in _jinja.config(source).items() for hit in _misspelt(key, line, ""))
        return
    found: list[Hit] = []
    for place in _mappings.mappings(source):
        is_entry = place.key in ENTRIES and _yaml.get(place.node, "name") is not None
        for key, node, _ in _yaml.pairs(place.node):
            if key.startswith("+") or (place.key == "config" and source.kind is Kind.DBT_PROPERTIES):
                found.extend(_misspelt(key, _yaml.line(node), place.owner))
            elif is_entry and source.kind is Kind.DBT_PROPERTIES and len(key) >= SHORT:
                found.extend(_hits(key, PROPERTIES, _yaml.line(node), place.owner))
    yield from sorted(found, key=lambda hit: hit.line)


def _misspelt(key: str, line: int, owner: str) -> Iterator[Hit]:
    """A setting that is one of dbt's with a slip."""
    if len(key.removeprefix("+")) >= LONG:
        yield from _hits(key, KNOWN, line, owner)


def _hits(key: str, known: frozenset[str], line: int, owner: str) -> Iterator[Hit]:
    plain = key.removeprefix("+").replace("-", "_")
    meant = (
        []
        if plain in known
        else sorted(
            each for each in known if each[0] == plain[:1] and -2 < len(each) - len(plain) < 2 and _is_slip(plain, each)
        )
    )
    if meant:
        yield Hit(
            line=line,
            symbol=owner,
            evidence=f"{key} for {meant[0]}",
            title=f"`{key}` is nothing dbt knows; `{meant[0]}` is"[:MAX_TITLE],
            explanation=f"dbt takes `{key}` without an error and does nothing with it: `{meant[0]}` is not set here.",
            remediation=f"Write `{meant[0]}`.",
        )


def _is_slip(written: str, meant: str) -> bool:
    """Whether one letter is wrong, missing, too many, or changed places with the next; they are about as long."""
    at = next((at for at, (one, other) in enumerate(zip(written, meant, strict=False)) if one != other), len(meant))
    rest, wanted = written[at:], meant[at:]
    return (
        rest[1:] == wanted[1:] or rest == wanted[1:] or rest[1:] == wanted or (rest[1::-1] + rest[2:] == wanted)
    ) and written != meant
