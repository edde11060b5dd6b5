"""sqlfluff's Jinja templater with our context: no file is read, no library loaded, and nothing is undefined."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateError

from review.sql import pieces
from review.sql.builtins import Relation, builtins
from review.sql.fluff import (
    DbtMacroWrapper,
    FluffConfig,
    FormatterInterface,
    JinjaAnalyzer,
    JinjaTemplater,
    SQLFluffSkipFile,
    SQLTemplaterError,
    TemplatedFile,
)
from review.sql.jinja import environment
from review.sql.macros import MacroIndex
from review.sql.positions import Place, places, stand_in_text
from review.sql.standins import StandIn
from review.sql.tracing import Analyzer

OF_A_RUN = frozenset({"is_incremental", "should_full_refresh"})
"""What a project's own version asks the warehouse of, or the run: which branch is looked at first is ours to say."""

MAX_REMEMBERED = 4
"""Renderings of the last files that are kept: rules, their branches and the linter ask for the same."""


class Guarded:
    """A project's macro; where it fails on what we stand in for, it is stood in for itself."""

    unsafe_callable = False
    alters_data = False

    def __init__(self, name: str, macro: Any, stand_in: StandIn) -> None:
        self._name = name
        self._macro = DbtMacroWrapper(macro)
        self._stand_in = stand_in

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the macro gives, or its stand-in."""
        try:
            return self._macro(*args, **kwargs)
        except (TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
            return self._stand_in


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever a template makes fail, as SQLTemplaterError."""
    try:
        yield
    except (SQLTemplaterError, MemoryError):
        raise
    except RecursionError as error:
        raise SQLTemplaterError("a macro calls itself without end") from error
    except SQLFluffSkipFile as error:
        raise SQLTemplaterError("sqlfluff cannot tell which of its tags printed what") from error
    except Exception as error:
        raise SQLTemplaterError(str(error) or type(error).__name__) from error


class Templater(JinjaTemplater):
    """One project's templater. `choices` and `used` belong to the file being rendered."""

    def __init__(self, macros: Mapping[str, str], adapter: str, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self._adapter = adapter
        self._variables = dict(variables)
        self._macro_texts = macros
        self.environment = environment()
        self.environment.filters[pieces.FILTER] = pieces.piece
        self._text = ""
        self.model = "this_model"
        self.places: dict[str, Place] = {}
        self.choices: dict[str, Place] = {}
        self.used: dict[str, None] = {}
        """Names that were stood in for, in order."""
        self.forced: set[str] = set()
        """Macros of the project that are stood in for all the same, because they rendered nothing."""
        self._index: MacroIndex | None = None
        self._loaded: dict[str, Any] = {}
        self._files: set[str] = set()
        """The macro files loaded so far, whether Jinja could or not."""
        self._inner_places: dict[str, Place] = {}
        self._is_reached = False
        """Whether the macros that this file can come to call are loaded."""
        self._remembered: dict[Hashable, tuple[TemplatedFile, list[SQLTemplaterError], dict[str, None]]] = {}

    def begin(self, path: str, text: str) -> None:
        """Forget the last file and look at where the new one's unknown names stand."""
        self.model = path.rpartition("/")[2].partition(".")[0] or "this_model"
        if text != self._text:
            self._text = text
            self._is_reached = False
            self.places = places(text, self.environment)
        self.choices, self.used, self.forced = {}, {}, set()

    def process(
        self, *, in_str: str, fname: str, config: FluffConfig | None = None, formatter: FormatterInterface | None = None
    ) -> tuple[TemplatedFile, list[SQLTemplaterError]]:
        """As sqlfluff's, but whatever a template makes fail comes out as SQLTemplaterError; made once.

        What it makes depends on nothing of a configuration but the limit, for all else of it is ours.
        """
        limit = config.get("large_file_skip_char_limit") if config else None
        guesses = frozenset(self.choices.items())
        key = (in_str, self._text, self.model, guesses, frozenset(self.forced), limit)
        if key not in self._remembered:
            used, self.used = self.used, {}
            try:
                with _failures():
                    rendered, problems = super().process(in_str=in_str, fname=fname, config=config, formatter=formatter)
                while len(self._remembered) >= MAX_REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
                self._remembered[key] = rendered, problems, self.used
            finally:
                self.used = {**used, **self.used}
        rendered, problems, names = self._remembered[key]
        self.used.update(names)
        return rendered, list(problems)

    def print_once(self, text: str, path: str) -> tuple[list[tuple[str, tuple[int, int], bool]], bool]:
        """What a file prints, piece by piece, and whether that leaves out no text of its own.

        Far quicker than `process`, and of less use: sqlfluff cannot lint it. Raises SQLTemplaterError.
        """
        with _failures():
            made = pieces.placed(self.environment, text)
            context = self._get_env_context(path, None, self.environment)
            self._init_undefined_tracking(context, self._names(made.tree))
            template = self.environment.from_string(made.tree, globals=context)
            found = list(pieces.pieces(template.root_render_func(template.new_context())))
        printed = {source[0] for _, source, is_literal in found if is_literal}
        return found, made.literals <= printed

    def _names(self, tree: nodes.Template) -> set[str]:
        """The names that a template may ask its context for. `jinja2.meta` tells them exactly, by compiling it."""
        return {each.name for each in tree.find_all(nodes.Name)} - self.environment.globals.keys()

    def process_with_variants(
        self, *, in_str: str, fname: str, config: FluffConfig | None = None, formatter: FormatterInterface | None = None
    ) -> Iterator[tuple[TemplatedFile, list[SQLTemplaterError]]]:
        """As sqlfluff's, with the same failures."""
        with _failures():
            yield from super().process_with_variants(in_str=in_str, fname=fname, config=config, formatter=formatter)

    def print_stand_in(self, name: str) -> str:
        """The SQL for a name, by where it stands."""
        self.used.setdefault(name)
        place = self.choices.get(name) or self.places.get(name) or self._inner_places.get(name) or Place.EXPRESSION
        if place is Place.CLAUSE and name.endswith("group_by"):
            return "group by 1"
        return stand_in_text(place, name)

    def place_of(self, name: str) -> Place:
        """Where a used name was taken to stand."""
        return self.choices.get(name) or self.places.get(name) or self._inner_places.get(name) or Place.EXPRESSION

    def _get_jinja_env(self, config: FluffConfig | None = None) -> Environment:
        return self.environment

    def _get_jinja_analyzer(self, raw_str: str, env: Environment) -> JinjaAnalyzer:
        return Analyzer(raw_str, env)

    def _get_env_context(self, fname: str | None, config: FluffConfig | None, env: Environment) -> dict[str, Any]:
        macros = self._macros()
        context = builtins(self.print_stand_in, macros, self._adapter, self.model)
        context.update(self._variables)
        context.update((name, macro) for name, macro in macros.items() if name not in self.forced | OF_A_RUN)
        return context

    def _init_undefined_tracking(  # type: ignore[override] # sqlfluff's is static, and asked of the instance
        self,
        live_context: dict[str, Any],
        potentially_undefined_variables: Iterable[str],
        ignore_templating: bool = False,
    ) -> set[str]:
        for name in potentially_undefined_variables:
            if name not in live_context:
                live_context[name] = StandIn(name, self.print_stand_in)
        return set()

    def _macros(self) -> dict[str, Any]:
        """The project's macros by name, as far as this file or an earlier one can come to call them.

        A file that Jinja cannot load costs only its own macros.
        """
        if self._is_reached:
            return self._loaded
        self._is_reached = True
        if self._index is None:
            self._index = MacroIndex(self._macro_texts, self.environment)
        wanted = [file for file in self._index.reached(self._text) if file.path not in self._files]
        if wanted:
            fixed = builtins(self.print_stand_in, self._loaded, self._adapter, self.model)
            fixed = {**fixed, "this": _This(self)}
            context = _Everything(fixed, self._loaded, self)
            for file in wanted:
                self._files.add(file.path)
                self._load(file.text, context)
        return self._loaded

    def _load(self, text: str, context: "_Everything") -> None:
        try:
            tree = self.environment.parse(text)
            template = self.environment.from_string(tree)
            module = template.make_module({name: context[name] for name in self._names(tree)})
        except MemoryError:
            raise
        except Exception:  # whatever a file does when it is loaded; its macros are then stood in for
            return
        for name, macro in vars(module).items():
            if not name.startswith("_") and callable(macro):
                self._loaded[name] = Guarded(name, macro, StandIn(name, self.print_stand_in))
        for name, place in places(text, self.environment).items():
            self._inner_places.setdefault(name, place)


class _This(Relation):
    """`{{ this }}` in a macro, which is loaded once for all models: it prints the one that is being rendered."""

    def __init__(self, templater: Templater) -> None:
        super().__init__(templater.model)
        self._templater = templater

    def __str__(self) -> str:
        return self._templater.model


class _Everything(Mapping[str, Any]):
    """What a macro file may name: builtins, the project's macros whenever they are loaded, stand-ins."""

    def __init__(self, fixed: Mapping[str, Any], macros: Mapping[str, Any], templater: Templater) -> None:
        self._fixed = fixed
        self._macros = macros
        self._templater = templater

    def __getitem__(self, name: str) -> Any:
        if name in self._fixed:
            return self._fixed[name]
        return _Late(name, self._macros, self._templater)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fixed)

    def __len__(self) -> int:
        return len(self._fixed)


class _Late(StandIn):
    """A name a macro uses: the project's macro of that name once it is loaded, else a stand-in."""

    def __init__(self, name: str, macros: Mapping[str, Any], templater: Templater) -> None:
        super().__init__(name, templater.print_stand_in)
        self._macros = macros

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        macro = self._macros.get(self._name)
        return self if macro is None else macro(*args, **kwargs)
