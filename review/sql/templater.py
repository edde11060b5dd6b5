"""sqlfluff's Jinja templater with our context: no file is read, no library loaded, and nothing is undefined."""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from jinja2 import Environment

from review.sql.fluff import (
    FluffConfig,
    FormatterInterface,
    JinjaAnalyzer,
    JinjaTemplater,
    SQLFluffSkipFile,
    SQLTemplaterError,
    TemplatedFile,
)
from review.sql.standins import StandIn
from review.sql.templates import Templates, failure
from review.sql.tracing import Analyzer

MAX_REMEMBERED = 4
"""Renderings of the last files that are kept: a second round of guesses asks for the first one's."""


class Templater(JinjaTemplater):
    """The templater of one project's templates."""

    def __init__(self, templates: Templates) -> None:
        super().__init__()
        self.templates = templates
        self._remembered: dict[Hashable, tuple[TemplatedFile, list[SQLTemplaterError], dict[str, None]]] = {}

    def process(
        self, *, in_str: str, fname: str, config: FluffConfig | None = None, formatter: FormatterInterface | None = None
    ) -> tuple[TemplatedFile, list[SQLTemplaterError]]:
        """As sqlfluff's, but whatever a template makes fail comes out as SQLTemplaterError; made once.

        What it makes depends on nothing of a configuration but the limit, for all else of it is ours.
        """
        limit = config.get("large_file_skip_char_limit") if config else None
        ours = self.templates
        key = (in_str, ours.text, ours.model, frozenset(ours.choices.items()), frozenset(ours.forced), limit)
        if key not in self._remembered:
            used, ours.used = ours.used, {}
            try:
                with _failures():
                    rendered, problems = super().process(in_str=in_str, fname=fname, config=config, formatter=formatter)
                while len(self._remembered) >= MAX_REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
                self._remembered[key] = rendered, problems, ours.used
            finally:
                ours.used = {**used, **ours.used}
        rendered, problems, names = self._remembered[key]
        ours.used.update(names)
        return rendered, list(problems)

    def process_with_variants(
        self, *, in_str: str, fname: str, config: FluffConfig | None = None, formatter: FormatterInterface | None = None
    ) -> Iterator[tuple[TemplatedFile, list[SQLTemplaterError]]]:
        """As sqlfluff's, with the same failures."""
        with _failures():
            yield from super().process_with_variants(in_str=in_str, fname=fname, config=config, formatter=formatter)

    def _get_jinja_env(self, config: FluffConfig | None = None) -> Environment:
        return self.templates.environment

    def _get_jinja_analyzer(self, raw_str: str, env: Environment) -> JinjaAnalyzer:
        return Analyzer(raw_str, env)

    def _get_env_context(self, fname: str | None, config: FluffConfig | None, env: Environment) -> dict[str, Any]:
        return self.templates.context()

    def _init_undefined_tracking(  # type: ignore[override] # sqlfluff's is static, and asked of the instance
        self,
        live_context: dict[str, Any],
        potentially_undefined_variables: Iterable[str],
        ignore_templating: bool = False,
    ) -> set[str]:
        for name in potentially_undefined_variables:
            if name not in live_context:
                live_context[name] = StandIn(name, self.templates.print_stand_in)
        return set()


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever a template makes fail, as SQLTemplaterError."""
    try:
        yield
    except (SQLTemplaterError, MemoryError):
        raise
    except SQLFluffSkipFile as error:
        raise SQLTemplaterError("sqlfluff cannot tell which of its tags printed what") from error
    except Exception as error:
        raise SQLTemplaterError(failure(error)) from error
