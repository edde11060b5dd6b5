"""Rules over both versions of one artifact → what the change introduces.

A hit counts where the version before the change does not have it, wherever its line is: the defect may lie in a line
that the change did not touch. Line numbers play no part in that, so code that only moved is not new.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from review.domain.artifact import Kind
from review.domain.changeset import ChangedFile, Side
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Confidence, Finding, Location, Suggestion, Tier
from review.rules.base import Hit, Rule
from review.rules.embedded.find import HOSTS, is_cut
from review.rules.source import Source
from review.rules.trees import NotEvaluated, Unread


@dataclass(frozen=True)
class Evaluated:
    """What the rules say of one artifact."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]


def evaluate(
    rules: Iterable[Rule],
    base: Source | None,
    head: Source | None,
    file: ChangedFile,
    pages: str = "",
    past: Source | None = None,
) -> Evaluated:
    """Findings that the change brings into this file, and what could not be looked at, each reason said once.

    `base` and `head` are the versions that exist; of a deleted file only rules that look back find anything, in `past`:
    the version before the change, in the project after it. `file` tells renames and added lines. `pages` is the web
    address under which this project's files are shown; empty leaves the findings without a link.
    """
    rules = tuple(rules)
    if head is not None:
        head.was = base
    gone = _taken_away([rule for rule in rules if rule.looks_back], past, file, pages)
    if head is None:
        return gone
    here = _evaluated([rule for rule in rules if not rule.looks_back], base, head, file, pages)
    return Evaluated((*here.findings, *gone.findings), (*here.skipped, *gone.skipped))


def _taken_away(rules: Iterable[Rule], past: Source | None, file: ChangedFile, pages: str) -> Evaluated:
    """What the change takes away from this file and others still need: nothing before it can be like that."""
    findings: list[Finding] = []
    gaps: dict[str, set[str]] = {}
    faults: list[Skipped] = []
    for rule in rules if past is not None else ():
        if past is None or past.kind not in rule.kinds:
            continue
        found, problem = _look(rule, past, None)
        if problem is not None:
            _note(problem, rule, past, gaps, faults)
        findings.extend(finding_of(rule, hit, 0, file, pages) for hit in found)
    skipped = (
        Skipped(Stage.RULES.value, file.path, f"before the change {gap}", tuple(sorted(standards)), harmless=True)
        for gap, standards in sorted(gaps.items())
    )
    return Evaluated(tuple(findings), (*skipped, *faults))


def _evaluated(rules: Iterable[Rule], base: Source | None, head: Source, file: ChangedFile, pages: str) -> Evaluated:
    """What rules about the file as it is now say."""
    unparsed = _unparsed(head)
    if unparsed and head.kind is not Kind.DBT_SEED:
        rules = [rule for rule in rules if rule.reads_text]
    if base is not None and base.text == head.text:
        rules = [rule for rule in rules if not rule.is_of_text]
    findings: list[Finding] = []
    foreign = (
        ()
        if unparsed
        else (
            *_other_languages(head, file.added),
            *_too_many_strings(head),
            *_unread_bodies(head, file.added),
        )
    )
    gaps: dict[str, set[str]] = {}
    faults: list[Skipped] = []
    base_problem = ""
    for rule in rules:
        if head.kind not in rule.kinds and not _sees_embedded(rule, head):
            continue
        found, problem = _look(rule, head, file.added)
        if problem is not None:
            _note(problem, rule, head, gaps, faults)
        if not found:
            continue
        found, before, problem = _compared(rule, base, head, found)
        if problem is not None:
            base_problem = _clause(problem)
            new = [(ordinal, hit) for ordinal, hit in introduced(found, (), file.added) if touches(hit, file.added)]
        else:
            new = introduced(found, before, file.added - (_moved(base, head, file.added) if before else frozenset()))
        findings.extend(finding_of(rule, _takes(hit, head), ordinal, file, pages) for ordinal, hit in new)
    skipped = [
        Skipped(Stage.RULES.value, head.path, gap, tuple(sorted(standards))) for gap, standards in sorted(gaps.items())
    ]
    if base_problem:
        partial = f"the version before the change {base_problem}, so rules speak of changed lines only"
        skipped.append(Skipped(Stage.RULES.value, head.path, partial, harmless=True))
    return Evaluated(tuple(findings), (*unparsed, *foreign, *skipped, *faults))


def _unparsed(head: Source) -> tuple[Skipped, ...]:
    """Why rules see no tree of the file, if none: it does not parse, or is a seed, of which only the columns count."""
    if head.kind is Kind.DBT_SEED:
        rows = "a seed's rows are data, which no check reads"
        return (Skipped(Stage.RULES.value, head.path, rows, harmless=True),)
    try:
        head.parse()
    except NotEvaluated as reason:
        return (Skipped(Stage.RULES.value, head.path, str(reason)),)
    return ()


def _other_languages(source: Source, added: frozenset[int]) -> tuple[Skipped, ...]:
    """What a notebook's changed cells hold in languages that no rule reads there; SQL that parses is read."""
    if source.kind not in (Kind.NOTEBOOK, Kind.PYSPARK):
        return ()
    cells = [cell for cell in source.cells if cell.is_data and not added.isdisjoint(cell.lines)]
    read = {line for each in source.embedded if cells and each.source is not None for line in each.lines}
    cells = [cell for cell in cells if read.isdisjoint(cell.lines)]
    if not cells:
        return ()
    numbers = ", ".join(str(cell.number) for cell in cells[:5]) + (", …" if len(cells) > 5 else "")
    which = f"cell {numbers} is" if len(cells) == 1 else f"cells {numbers} are"
    reason = f"{which} {cells[0].magic}, which is not looked at inside notebooks; a file of its own would be"
    only = source.kind is Kind.NOTEBOOK and all(cell.is_data for cell in source.cells)
    return (Skipped((Stage.RULES if only else Stage.LINT).value, source.path, reason),)


def _too_many_strings(source: Source) -> tuple[Skipped, ...]:
    """That a file holds more SQL in its strings than is looked at."""
    if not is_cut(source.embedded):
        return ()
    reason = f"only the first {len(source.embedded)} strings of SQL in it were looked at"
    return (Skipped(Stage.RULES.value, source.path, reason),)


def _moved(base: Source | None, head: Source, added: frozenset[int]) -> frozenset[int]:
    """The added lines that a change only indents otherwise, or puts elsewhere: base has lost one of these words."""
    left = Counter(line.strip() for line in base.lines) if base is not None else Counter[str]()
    left.subtract(line.strip() for number, line in enumerate(head.lines, 1) if number not in added)
    found = set()
    for number, line in enumerate(head.lines, 1):
        if number in added and left[line.strip()] > 0:
            left[line.strip()] -= 1
            found.add(number)
    return frozenset(found)


def introduced(head: Iterable[Hit], base: Iterable[Hit], added: frozenset[int]) -> list[tuple[int, Hit]]:
    """The hits of head that base does not have, each with its ordinal among those alike, in the order of head.

    Of several alike, those on added lines are the new ones. A hit on no added line whose symbol is new (a renamed
    function or model) is old where base has lost one with the same evidence.
    """
    head = tuple(head)
    before = Counter((hit.symbol, hit.evidence) for hit in base)
    seen = dict(before)
    left = before.copy()
    fresh: list[Hit] = []
    for hit in sorted(head, key=lambda hit: touches(hit, added)):
        key = (hit.symbol, hit.evidence)
        if left[key] > 0:
            left[key] -= 1
        else:
            fresh.append(hit)
    lost = Counter({evidence: 0 for _, evidence in left})
    for (_, evidence), count in left.items():
        lost[evidence] += count
    chosen = set()
    for hit in fresh:
        if not touches(hit, added) and lost[hit.evidence] > 0:
            lost[hit.evidence] -= 1
        else:
            chosen.add(id(hit))
    new = []
    for hit in head:
        if id(hit) in chosen:
            key = (hit.symbol, hit.evidence)
            ordinal = seen.get(key, 0)
            seen[key] = ordinal + 1
            new.append((ordinal, hit))
    return new


def _compared(
    rule: Rule, base: Source | None, head: Source, found: tuple[Hit, ...]
) -> tuple[tuple[Hit, ...], tuple[Hit, ...], Exception | None]:
    """The hits of head and of base, both of all strings and branches once base has any, and why base may lack some.

    Else one that stood in an untouched string before would stand for its new copy in a touched one.
    """
    if base is None:
        return found, (), None
    before, problem = _look(rule, base, None)
    if rule.compares:
        return found, (), problem
    return (_look(rule, head, None)[0] or found) if before else found, before, problem


def _look(rule: Rule, source: Source, lines: frozenset[int] | None) -> tuple[tuple[Hit, ...], Exception | None]:
    """The rule's hits, and what kept it from looking at all: `NotEvaluated`, or the fault of a crashing rule.

    Branches of a template that the first rendering leaves out are looked at where they hold one of these lines; for
    None in all of them, as far as they can be parsed. What a file takes away from others is in its text, not in them.
    """
    try:
        if source.kind not in rule.kinds:
            return tuple(_embedded(rule, source, lines)), None
        found, problem = rule.look(source)
        hits = list(found)
        is_template = source.kind is not Kind.DBT_SEED and not rule.looks_back
        is_asked = not problem and is_template and (lines is None or source.may_be_left_out(lines))
        parts = (*(source.branches if is_asked else ()), *_in_routines(rule, source))
        for branch, new in parts:
            if lines is None or not new.isdisjoint(lines):
                more, gap = rule.look(branch)
                problem = problem or (gap if lines is not None else None)
                known = set(map(_key, hits))
                hits.extend(hit for hit in more if touches(hit, new) and _key(hit) not in known)
        return tuple(hits), problem
    except Exception as fault:
        return (), fault


def _in_routines(rule: Rule, source: Source) -> tuple[tuple[Source, frozenset[int]], ...]:
    """The statements of a file's routines, for rules about queries: what a migration does, it does not do there."""
    if Kind.SQL_QUERY not in rule.kinds or rule.reads_text or rule.looks_back or not source.kind.is_sql:
        return ()
    try:
        return source.routines
    except NotEvaluated:
        return ()


def _unread_bodies(source: Source, added: frozenset[int]) -> tuple[Skipped, ...]:
    """That a changed statement in a DO block or a routine is beyond the parser: no rule has looked at it."""
    try:
        unread = source.bodies.unread if source.kind.is_sql else ()
    except NotEvaluated:
        return ()
    changed = [first for first, last in unread if not added.isdisjoint(range(first, last + 1))]
    if not changed:
        return ()
    more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
    reason = f"a statement in the body of a block or routine (line {changed[0]}){more} is beyond the parser"
    return (Skipped(Stage.RULES.value, source.path, reason),)


def _sees_embedded(rule: Rule, source: Source) -> bool:
    """Whether a rule that is not about such files looks at the SQL in their strings."""
    return Kind.SQL_QUERY in rule.kinds and not rule.reads_text and source.kind in HOSTS


def _embedded(rule: Rule, source: Source, lines: frozenset[int] | None) -> Iterator[Hit]:
    """The rule's hits in the SQL of a file's strings that hold one of these lines; for None of all.

    What looks like SQL and is none is nothing that was left out. An edit of SQL is no edit of a string: no suggestion.
    """
    for candidate in source.embedded:
        if lines is not None and lines.isdisjoint(candidate.lines):
            continue
        if candidate.source is not None:
            hits, _gap = rule.look(candidate.source)
            for hit in hits:
                symbol = ".".join(filter(None, (candidate.symbol, hit.symbol)))
                yield replace(hit, symbol=symbol, suggestion=None)


def _key(hit: Hit) -> tuple[int, str, str]:
    return hit.line, hit.symbol, hit.evidence


def _note(problem: Exception, rule: Rule, source: Source, gaps: dict[str, set[str]], faults: list[Skipped]) -> None:
    """A view that cannot be had is said once a file, a crash once a rule; what is unread is so for all standards."""
    if isinstance(problem, NotEvaluated):
        standards = gaps.setdefault(str(problem), set())
        if not isinstance(problem, Unread):
            standards.add(rule.standard.value)
    else:
        subject = f"{rule.code} on {source.path}"
        faults.append(Skipped(Stage.RULES.value, subject, _clause(problem), (rule.standard.value,)))


def _clause(problem: Exception) -> str:
    if isinstance(problem, NotEvaluated):
        return str(problem)
    return f"made the rule fail ({type(problem).__name__})"


def touches(hit: Hit, added: frozenset[int]) -> bool:
    """Whether one of its lines is an added one."""
    return not hit.is_before and any(line in added for line in range(hit.line, (hit.end_line or hit.line) + 1))


def _takes(hit: Hit, source: Source) -> Hit:
    """The hit without an edit where the file's lines are not those a reader sees."""
    return replace(hit, suggestion=None) if source.kind is Kind.NOTEBOOK else hit


def finding_of(rule: Rule, hit: Hit, ordinal: int, file: ChangedFile, pages: str) -> Finding:
    """The finding that a new hit in the head version of this file is."""
    base_path = file.base_path
    side = Side.LEFT if rule.looks_back or hit.is_before else Side.RIGHT
    suggestion = None if hit.suggestion is None else Suggestion(hit.suggestion)
    return Finding(
        source=f"rule:{rule.code}",
        standard=rule.standard,
        severity=rule.severity,
        confidence=rule.confidence if hit.is_certain or rule.tier is not Tier.PROVEN else Confidence.MEDIUM,
        tier=rule.tier if hit.is_certain else Tier.ADVISORY,
        location=Location(file.path, hit.line, hit.end_line or hit.line, side),
        title=hit.title or rule.summary,
        explanation=hit.explanation,
        remediation=hit.remediation,
        evidence=hit.evidence,
        symbol=hit.symbol,
        suggestion=suggestion,
        help_url=f"{pages}/{rule.page}" if pages else "",
        ordinal=ordinal,
        identity_path=base_path if base_path and base_path != file.path else "",
    )
