"""What a worker does: lint and rules over one artifact at a time. Runs inside the jail, so it opens nothing.

The four functions are the contract of `review.sandbox.worker`: `warm` and `prepare` run before the jail closes and load
everything from disk; `share` and `handle` run inside it, on text that came through the pipe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from review.domain.artifact import Kind, Stack, Version
from review.domain.changeset import ChangedFile
from review.domain.evidence import Skipped, Stage
from review.domain.finding import Finding
from review.domain.practice import Practice
from review.domain.project_files import ProjectFiles
from review.domain.severity import Severity
from review.evidence.edits import problem
from review.evidence.known import codes, in_force, ruff_in_force, spoken_of, switched_off, told_of
from review.evidence.lint import MANY_ROWS, data_skip, lint_findings, lint_skips
from review.evidence.messages import Answer, Ask, Request, answer, outline_answer
from review.evidence.outlines.base import clean
from review.evidence.outlines.file import links, outline
from review.evidence.reading import MAX_TRIED, is_blank, is_broken, is_foreign, problem_of, rows_of, told_once, unread
from review.evidence.trivial import is_trivial
from review.rules.base import Rule
from review.rules.embedded.candidate import DIALECTS
from review.rules.evaluate import evaluate
from review.rules.practices.file import is_largely_new, practices
from review.rules.project.model import Project
from review.rules.registry import load
from review.rules.source import Source
from review.sql import linter
from review.sql.guesses import rendered
from review.sql.linter import LintResult
from review.sql.parse import load_dialects
from review.sql.render import Renderer

NOWHERE = (None, None)
"""The project of a file that belongs to none, on both sides."""


@dataclass
class Analyst:
    """The state of one worker: the rules in force, and the projects it was told of."""

    rules: tuple[Rule, ...] = ()
    renderers: dict[str | None, Renderer] = field(default_factory=dict)
    adapted: dict[tuple[str | None, str], Renderer] = field(default_factory=dict)
    """The same macros as for files in another dialect than their project's: to compile them again takes seconds."""
    projects: dict[str, tuple[Project, Project]] = field(default_factory=dict)
    """Root → the dbt project before and after the change."""
    neighbours: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Root → paths of the repository's dbt projects at head, for the DAGs that run them."""
    settings: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """By code, ours and sqlfluff's."""
    pages: str = ""
    """Web address under which this action's own files are shown; empty gives findings no link."""
    dialects: frozenset[str] = frozenset({"ansi"})
    """Those that are loaded, in sqlfluff as in sqlglot: no other can be had inside the jail."""

    def choose(self, data: Mapping[str, Any]) -> None:
        """Keep the rules the policy wants, with the severities it gives, and where their pages are."""
        self.pages = data["pages"]
        self.dialects = frozenset({"ansi", *data["dialects"]})
        self.severities = {code: Severity(value) for code, value in data["severities"].items()}
        self.rules = tuple(
            rule.with_severity(self.severities.get(rule.code, rule.severity))
            for rule in in_force(data["select"], data["ignore"])
        )

    def analyse(self, request: Request) -> tuple[tuple[Finding, ...], tuple[Skipped, ...]]:
        """What is found in one artifact, and what was not looked at."""
        said = self.look(request)
        return said.findings, said.skipped

    def look(self, request: Request) -> Answer:
        """Everything the deterministic tier says of one artifact."""
        file = request.file
        before, after = self.projects.get(request.project, NOWHERE) if request.project is not None else NOWHERE
        for side in (before, after):
            if side is not None:
                side.begin()
        if before is not None and request.base is not None and not before.has(request.base.path):
            before = None  # it came from another project, of which nothing is known
        request, head, linted = self._read(request, after)
        base = self._source(request, request.base, dbt=before)
        past = self._source(request, request.base, dbt=after) if after is not None else None
        evaluated = evaluate(self.rules, base, head, file, self.pages, past)
        findings, skipped = evaluated.findings, evaluated.skipped
        if linted is not None:
            findings += lint_findings(linted, file, self.severities)
            guessed = request.dialect if request.other_dialects else ""
            skipped += lint_skips(linted, request.path, guessed, rows_of(head), is_broken=is_broken(head))
        elif request.lint is not None and rows_of(head) >= MANY_ROWS:
            skipped += (data_skip(request.path, rows_of(head)),)
        seen, missed = _practices(file, head)
        return Answer(findings, (*told_once(skipped, head, self._unread(request, head, linted)), *missed), seen)

    def _unread(self, request: Request, head: Source | None, linted: LintResult | None) -> str:
        """Why our rules cannot read the head, as a clause; empty where they can, or nothing in it has changed.

        Where no line is new, sqlfluff's word is enough that nothing is broken; it is asked here.
        """
        if head is None or (request.base is not None and request.base.text == head.text):
            return ""
        problem = unread(head, linted)
        is_asked = bool(problem) and not request.added
        return "" if is_asked and not complaint(head, self._renderer(request)) else problem

    def _read(self, request: Request, dbt: Project | None) -> tuple[Request, Source | None, LintResult | None]:
        """The request in the dialect that its head can be read in, the head, and what sqlfluff says of it there.

        It is the one it was taken for, unless that was a guess and only another one that its words speak for will do.
        """
        head = self._source(request, request.head, dbt=dbt)
        if is_blank(head) or (rows_of(head) >= MANY_ROWS and head is not None and head.sql.is_data):
            return request, head, None
        linted = self.lint(request)
        if not request.other_dialects or head is None or not is_foreign(head, linted) or len(head.text) > MAX_TRIED:
            return request, head, linted
        others = [
            replace(request, dialect=each, is_dialect_known=True)
            for each in request.other_dialects
            if each in self.dialects
        ]
        readable = []
        for each in others:
            again = self._source(each, request.head, dbt=dbt)
            if again is not None and not problem_of(again):
                result = self.lint(each)
                if result.is_parsed if result is not None else not again.sql.opaque:
                    return each, again, result
                readable += [(each, again)] if not again.sql.opaque else []
        if readable and problem_of(head):
            return (*readable[0], linted)
        return request, head, linted

    def lint(self, request: Request) -> LintResult | None:
        """What sqlfluff says of one artifact; None where it is not to be asked."""
        if request.lint is None or request.head is None:
            return None
        return linter.lint(
            request.path,
            request.head.text,
            request.dialect if request.is_dialect_known else None,
            self.settings.get(request.lint, {}),
            self._renderer(request),
            request.added,
            request.removed_lines,
        )

    def asked(self, what: Ask, request: Request) -> dict[str, Any]:
        """What is asked about one file, as JSON values. A file in a dialect that is not loaded is read as ANSI SQL."""
        if request.dialect not in self.dialects:
            request = replace(request, dialect="ansi" if request.dialect else None)
        base, head = (self._source(request, each, what is not Ask.LINKS) for each in (request.base, request.head))
        either = head or base
        if what is Ask.EDIT and base is not None and head is not None:
            renderer = self._renderer(request)
            return {"problem": clean(problem(base, head, lambda source: complaint(source, renderer)))}
        if what is Ask.LINKS and either is not None:
            return outline_answer(links(either))
        if what is Ask.OUTLINE and either is not None:
            trivial = base is not None and head is not None and is_trivial(base, head)
            return outline_answer(replace(outline(either), trivial=trivial))
        raise ValueError(f"{what} without a version to look at")

    def know(self, files: ProjectFiles, dialect: str) -> None:
        """Take a dbt project's files; nothing of them is parsed before a rule asks."""

        def views(dbt: Project, path: str, text: str, kind: Kind) -> Source:
            renderer = self.renderers.get(files.root) or Renderer(adapter=dialect)
            return Source(Version(path, text), kind, dialect, files.root, renderer.render, renderer.branches, dbt)

        known = self.renderers.get(files.root)
        macros = known.macros if known is not None else None
        before, after = (Project(files, side, views, macros) for side in (files.base(), files.head()))
        after.follow(before)
        self.projects[files.root] = before, after

    def _source(
        self, request: Request, version: Version | None, is_thorough: bool = True, dbt: Project | None = None
    ) -> Source | None:
        """The version's views; `is_thorough` spends time on stand-ins whose first guess does not parse."""
        if version is None:
            return None
        renderer = self._renderer(request)
        dialect = request.dialect or "ansi"
        source = Source(
            version,
            request.kind,
            request.dialect,
            request.project,
            (lambda path, text: rendered(path, text, dialect, renderer)) if is_thorough else renderer.render,
            renderer.branches,
            dbt,
            self.neighbours,
            self._beside(request),
        )
        source.is_dialect_sure = request.is_dialect_sure
        return source

    def _beside(self, request: Request) -> tuple[Project, ...]:
        """The dbt projects that may read what a Spark job writes."""
        is_spark = request.project is None and request.kind.stack is Stack.SPARK
        return tuple(after for _, after in self.projects.values()) if is_spark else ()

    def _renderer(self, request: Request) -> Renderer:
        if request.project not in self.renderers:
            self.renderers[request.project] = Renderer(adapter=request.dialect or "standin")
        renderer = self.renderers[request.project]
        if not request.dialect or renderer.adapter == request.dialect:
            return renderer
        key = (request.project, request.dialect)
        if key not in self.adapted or self.adapted[key].macros is not renderer.macros:
            self.adapted[key] = renderer.adapted(request.dialect)
        return self.adapted[key]


def _practices(file: ChangedFile, head: Source | None) -> tuple[tuple[Practice, ...], tuple[Skipped, ...]]:
    """What the standards ask of the file, there or missing, where the change brings it or most of it.

    They are a courtesy: what makes them fail costs the file none of its findings.
    """
    if head is None or not is_largely_new(file, head):
        return (), ()
    try:
        return tuple(replace(each, text=clean(each.text)) for each in practices(head)), ()
    except Exception as fault:
        reason = f"what it has of the standards cannot be told ({type(fault).__name__})"
        return (), (Skipped(Stage.RULES.value, file.path, reason, harmless=True),)


def complaint(source: Source, renderer: Renderer) -> str:
    """What sqlfluff's grammar has against a file of SQL, as a clause; empty for nothing."""
    return linter.complaint(source.path, source.text, source.dialect or "ansi", renderer)


_ANALYST = Analyst()


def warm() -> None:
    """Import and use once what every run needs, while the parent still reads the change."""
    load()
    linter.prepare_linter(["ansi"])
    load_dialects(DIALECTS)


def prepare(data: Mapping[str, Any]) -> dict[str, Any]:
    """Load dialects and rules; greet with what each standard's rules speak of, what they say, which are off."""
    linter.prepare_linter(data["dialects"])
    load_dialects(data["dialects"])
    _ANALYST.choose(data)
    linted = ruff_in_force(data["select"], data["ignore"])
    return {
        "subjects": spoken_of(_ANALYST.rules, linted),
        "off": switched_off(_ANALYST.rules, linted),
        "rules": told_of(_ANALYST.rules),
        "codes": sorted(codes()),
    }


def share(data: Mapping[str, Any]) -> dict[str, Any]:
    """Take a dbt project's macros or files, or lint settings; macros known already are kept with all made of them."""
    if "macros" in data:
        known = _ANALYST.renderers.get(data["project"])
        if known is None or known.adapter != data["adapter"] or known.macros != data["macros"]:
            _ANALYST.renderers[data["project"]] = Renderer(data["macros"], data["adapter"])
    elif "files" in data:
        _ANALYST.know(ProjectFiles.from_dict(data["files"]), data["adapter"])
    elif "neighbours" in data:
        _ANALYST.neighbours = {root: frozenset(paths) for root, paths in data["neighbours"].items()}
    else:
        _ANALYST.settings[data["lint"]] = data["settings"]
    return {}


def handle(data: Mapping[str, Any]) -> dict[str, Any]:
    """One artifact's findings and skips; or what a request asks for instead."""
    request = Request.from_dict(data)
    if "ask" in data:
        return _ANALYST.asked(Ask(data["ask"]), request)
    said = _ANALYST.look(request)
    return answer(said.findings, said.skipped, said.practices)
