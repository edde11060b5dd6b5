"""What a new migration or DDL file has of what the standards ask."""

from collections.abc import Iterator

from sqlglot import exp

from review.domain.finding import Standard
from review.rules import _sql
from review.rules.practices.base import Seen, asked, found
from review.rules.source import Source
from review.sql.parse import ParsedSql

_PARTITIONED = frozenset({"bigquery", "spark", "databricks", "hive", "athena", "trino", "presto", "clickhouse"})
"""Dialects (sqlglot's names) whose tables are partitioned where they are created, as a rule."""
_KEYS = (exp.PrimaryKey, exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.NotNullColumnConstraint)
_CHECKS = (*_KEYS, exp.CheckColumnConstraint, exp.ForeignKey, exp.Reference)
_COMMENTS = (exp.CommentColumnConstraint, exp.SchemaCommentProperty)
_LAYOUTS = (exp.PartitionedByProperty, exp.Cluster, exp.ClusteredByProperty, exp.PartitionByRangeProperty)


def practices(source: Source) -> Iterator[Seen]:
    """Of the tables and views it creates and the rights it grants; nothing where it does neither."""
    sql = source.sql
    tables = [node for node in _sql.walk(sql, exp.Create) if node.kind == "TABLE"]
    if tables:
        line = (
            _first(sql, [node for node in tables if _can_be_repeated(node)])
            if len([node for node in tables if _can_be_repeated(node)]) == len(tables)
            else None
        )
        yield asked(
            Standard.ERROR_HANDLING,
            line,
            "CREATE TABLE that can be run again",
            "no IF NOT EXISTS",
        )
        yield asked(Standard.DATA_QUALITY, _with(sql, tables, *_CHECKS), "constraints", "no key and no constraint")
        yield asked(
            Standard.DOCUMENTATION,
            _first(sql, list(_sql.walk(sql, exp.Comment))) or _with(sql, tables, *_COMMENTS) or _described(sql, tables),
            "comments on what it creates",
            "no comment on what it creates",
        )
        if sql.dialect in _PARTITIONED:
            yield asked(Standard.COST, _with(sql, tables, *_LAYOUTS), "partitions or clusters", "no partitioning")
    yield from found(
        Standard.SECURITY,
        _first(sql, [grant for grant in _sql.walk(sql, exp.Grant) if _names_roles(grant)]),
        "grants to named roles",
    )


def _names_roles(grant: exp.Grant) -> bool:
    return all(each.name.lower() != "public" for each in grant.args.get("principals") or ())


def _can_be_repeated(table: exp.Create) -> bool:
    is_temporary = table.find(exp.TemporaryProperty) is not None
    return bool(table.args.get("exists") or table.args.get("replace")) or is_temporary


def _with(sql: ParsedSql, tables: list[exp.Create], *kinds: type[exp.Expr]) -> int | None:
    """Where the first of these stands; None unless each table has one."""
    each = [table.find(*kinds) for table in tables]
    return _line(sql, tables[0]) if all(node is not None for node in each) else None


def _described(sql: ParsedSql, tables: list[exp.Create]) -> int | None:
    """Whether each has BigQuery's `OPTIONS (description = …)`."""
    named = [
        any(each.this.name.lower() == "description" for each in table.find_all(exp.Property) if each.this)
        for table in tables
    ]
    return _line(sql, tables[0]) if all(named) else None


def _first(sql: ParsedSql, nodes: list[exp.Create] | list[exp.Comment] | list[exp.Grant]) -> int | None:
    return _line(sql, nodes[0]) if nodes else None


def _line(sql: ParsedSql, node: exp.Expr) -> int:
    return _sql.lines(sql, node)[0]
