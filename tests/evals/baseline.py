"""What the tier did when it was last written down, so that a change of the rules shows what it did. Pure.

Counts and ids alone, keyed by the codes of rules: nothing of the corpus' code.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.evals.metrics import Outcome, caught, hits_by_rule, noise


def baseline(outcomes: Sequence[Outcome], defects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """As JSON values."""
    defects = list(defects)
    found = caught(outcomes, defects)
    heard = noise(outcomes)
    ranges, every = hits_by_rule(outcomes, in_ranges=True), hits_by_rule(outcomes, in_ranges=False)
    return {
        "ranges": heard.ranges,
        "silent": heard.silent.part,
        "median_small": heard.median_small,
        "per_hundred_lines": round(heard.per_hundred_lines, 3),
        "unread": sorted(f"{each.repo} {each.head}" for each in outcomes if each.problem),
        "rules": {
            code: {
                "range_hits": ranges[code],
                "hits": every[code],
                "defects": sorted(name for name, codes in found.items() if code in codes),
            }
            for code in sorted(every)
        },
        "defects": {
            answer: sorted(
                each["id"] for each in defects if each["detectable_statically"] == answer and found[each["id"]]
            )
            for answer in sorted({each["detectable_statically"] for each in defects})
        },
    }


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is otherwise, a line each; empty where nothing is."""
    lines = [
        f"{name.replace('_', ' ')}: {before.get(name)} → {now[name]}"
        for name in ("ranges", "silent", "median_small", "per_hundred_lines")
        if before.get(name) != now[name]
    ]
    lines.extend(_listed("unread", before.get("unread", ()), now["unread"]))
    for code in sorted({*before.get("rules", {}), *now["rules"]}):
        lines.extend(_of_rule(code, before.get("rules", {}).get(code, {}), now["rules"].get(code, {})))
    for answer in sorted({*before.get("defects", {}), *now["defects"]}):
        old, new = (each.get("defects", {}).get(answer, ()) for each in (before, now))
        lines.extend(_listed(f"defects caught ({answer})", old, new))
    return lines


def _of_rule(code: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    counts = [
        f"{name.replace('_', ' ')} {before.get(name, 0)} → {now.get(name, 0)}"
        for name in ("range_hits", "hits")
        if before.get(name, 0) != now.get(name, 0)
    ]
    if counts:
        yield f"{code}: {', '.join(counts)}"
    yield from _listed(f"{code} catches", before.get("defects", ()), now.get("defects", ()))


def _listed(title: str, before: Iterable[str], now: Iterable[str]) -> Iterator[str]:
    gone, new = sorted(set(before) - set(now)), sorted(set(now) - set(before))
    if gone or new:
        yield f"{title}: {' '.join([*(f'+{each}' for each in new), *(f'-{each}' for each in gone)])}"
