"""What came of all changes, as a page that a person reads. Pure."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.evals.metrics import Hit, Outcome, caught, noise, recall

_GOALS = {"yes": 60.0, "maybe": 15.0}
"""Per cent of the defects that are visible in the changed file alone (or may be) which are to be caught."""


def report(
    outcomes: Sequence[Outcome], defects: Sequence[Mapping[str, Any]], names: Mapping[str, str], changed: Iterable[str]
) -> str:
    """The markdown. `names` are the rules' by code; `changed` is what the baseline says otherwise."""
    return "\n".join(
        [
            "# The deterministic tier on the corpus",
            "",
            *_noise(outcomes),
            *_recall(outcomes, defects),
            "## Against the baseline",
            "",
            *([f"- {line}" for line in changed] or ["Nothing changed."]),
            "",
            *_seconds(outcomes),
            *_unread(outcomes),
            *_hits(outcomes, defects, names),
            "",
        ]
    )


def _noise(outcomes: Sequence[Outcome]) -> Iterator[str]:
    kinds = [("rules", noise(outcomes))]
    if any(each.seconds_with_linter is not None for each in outcomes):
        kinds.append(("rules and sqlfluff", noise(outcomes, with_linter=True)))
    yield "| | ranges | with no finding | median (≤ 10 data files) | per 100 added lines | findings | most in one |"
    yield "|---|---|---|---|---|---|---|"
    for title, heard in kinds:
        yield (
            f"| {title} | {heard.ranges} | {heard.silent} | {heard.median_small:g} | {heard.per_hundred_lines:.2f}"
            f" | {heard.findings} | {heard.most} |"
        )
    yield ""


def _recall(outcomes: Sequence[Outcome], defects: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    found = caught(outcomes, defects)
    yield "## Known defects that are caught"
    yield ""
    yield "| visible in the file alone | " + " | ".join(sorted({each["kind"] for each in defects})) + " | all | goal |"
    yield "|---" * (len({each["kind"] for each in defects}) + 3) + "|"
    for answer in sorted({each["detectable_statically"] for each in defects}, reverse=True):
        mine = [each for each in defects if each["detectable_statically"] == answer]
        shares = recall(found, mine, "kind")
        cells = [str(shares.get(kind, "–")) for kind in sorted({each["kind"] for each in defects})]
        yield f"| {answer} | {' | '.join(cells)} | {shares['all']} | {_GOALS.get(answer, 0):.0f} % |"
    yield ""
    yield "Caught: " + ", ".join(f"{name} ({' '.join(codes)})" for name, codes in sorted(found.items()) if codes)
    yield ""
    yield "Missed: " + ", ".join(name for name, codes in sorted(found.items()) if not codes)
    yield ""


def _seconds(outcomes: Sequence[Outcome]) -> Iterator[str]:
    ranges = [each for each in outcomes if each.is_range and not each.problem and each.files]
    columns = {"rules": [each.seconds for each in ranges]}
    both = [each for each in ranges if each.seconds_with_linter is not None]
    if both:
        columns["rules and sqlfluff"] = [each.seconds_with_linter or 0.0 for each in both]
    yield "## CPU seconds per range"
    yield ""
    yield "| | median | 95 % | most | all |"
    yield "|---|---|---|---|---|"
    for title, seconds in columns.items():
        if seconds:
            ranked = sorted(seconds)
            late = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
            yield f"| {title} | {statistics.median(seconds):.2f} | {late:.2f} | {ranked[-1]:.2f} | {sum(seconds):.0f} |"
    yield ""
    yield "Slowest: " + ", ".join(
        f"{each.repo} {each.head[:10]} {each.seconds:.1f} s ({each.files} files)"
        for each in sorted(ranges, key=lambda each: -each.seconds)[:5]
    )
    yield ""


def _unread(outcomes: Sequence[Outcome]) -> Iterator[str]:
    kinds, skipped = Counter[str](), Counter[str]()
    for each in outcomes:
        kinds.update(each.kinds)
        skipped.update(each.skipped)
    yield "## What was looked at"
    yield ""
    yield ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    yield ""
    yield from (f"- {count} × {reason[:140]}" for reason, count in skipped.most_common(25))
    yield from (f"- **{each.repo} {each.head}: {each.problem}**" for each in outcomes if each.problem)
    yield ""


def _hits(outcomes: Sequence[Outcome], defects: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    found = caught(outcomes, defects)
    by_rule: dict[str, list[tuple[Outcome, Hit]]] = defaultdict(list)
    for outcome in outcomes:
        for hit in outcome.rule_hits:
            by_rule[hit.rule].append((outcome, hit))
    yield "## Hits by rule"
    for code in sorted({*names, *by_rule}):
        hits = by_rule.get(code, [])
        known = sorted(name for name, codes in found.items() if code in codes)
        in_ranges = sum(outcome.is_range for outcome, _ in hits)
        yield ""
        yield f"### {code} {names.get(code, '')}"
        yield ""
        yield f"{in_ranges} hits in ranges, {len(hits)} in all changes; defects: {' '.join(known) or 'none'}"
        yield ""
        for outcome, hit in hits:
            where = "" if outcome.is_range else "(not in a range) "
            yield f"- [{hit.repo} {hit.path}:{hit.line}]({hit.url}) {where}{hit.title}"
