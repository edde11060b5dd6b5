"""Hits, outcomes and defects with everything but what a test is about filled in."""

from typing import Any

from tests.evals.metrics import Hit, Outcome


def hit(rule: str = "SQL001", line: int = 10, **other: Any) -> Hit:
    given: dict[str, Any] = {
        "is_rule": True,
        "repo": "shop/warehouse",
        "sha": "b" * 40,
        "base": "a" * 40,
        "path": "models/orders.sql",
        "end_line": line,
        "fingerprint": f"{line:016x}",
    }
    return Hit(rule=rule, line=line, **{**given, **other})


def outcome(*hits: Hit, **other: Any) -> Outcome:
    given: dict[str, Any] = {
        "repo": "shop/warehouse",
        "base": "a" * 40,
        "head": "b" * 40,
        "is_range": True,
        "files": 1,
        "added": 100,
    }
    return Outcome(hits=hits, **{**given, **other})


def defect(name: str = "fix-001", *lines: int, **other: Any) -> dict[str, Any]:
    return {
        "id": name,
        "repo": "shop/warehouse",
        "introduced_parent_sha": "a" * 40,
        "introduced_sha": "b" * 40,
        "path_in_introducing_version": "models/orders.sql",
        "lines_in_introducing_version": list(lines) or [10],
        "kind": "dbt",
        "detectable_statically": "yes",
        **other,
    }
