"""`shard.json`: what one shard of a review saw. It has no verdict, so that nobody takes it for a review."""

import json
from collections.abc import Iterable

from review.domain.evidence import Skipped
from review.domain.finding import Finding
from review.domain.practice import Practice
from review.domain.target import Target
from review.render.json import finding_dict, practice_dict, skip_dict

SCHEMA_VERSION = 1
"""Rises when a field goes or changes its meaning; a new field leaves it as it is."""


def shard_json(
    index: int,
    count: int,
    target: Target,
    merge_base: str,
    files: Iterable[str],
    findings: Iterable[Finding],
    skipped: Iterable[Skipped],
    practices: Iterable[Practice] = (),
) -> str:
    """The document as text, ASCII only, ending in a newline. Secrets are blotted out of it, as of review.json.

    The findings are as the tools gave them: what is merged, suppressed or blocks is decided where all shards are seen.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "shard": {"index": index, "count": count},
        "target": {
            "repository": target.repository,
            "base_sha": target.base_sha,
            "merge_base": merge_base,
            "head_sha": target.head_sha,
        },
        "files": list(files),
        "findings": [finding_dict(finding) for finding in findings],
        "skipped": [skip_dict(skip) for skip in skipped],
        "practices": [practice_dict(practice) for practice in practices],
    }
    return json.dumps(document, indent=1) + "\n"
