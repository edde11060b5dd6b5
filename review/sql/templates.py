"""The templates of one project, and what they can name: dbt's own functions, the project's macros, and stand-ins."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from jinja2 import nodes
from jinja2.exceptions import TemplateError

from review.domain.named import words
from review.sql.builtins import Relation, builtins
from review.sql.interpreter import Interpreter
from review.sql.jinja import environment
from review.sql.macros import Guarded, MacroIndex, Macros
from review.sql.pieces import Placed, placed
from review.sql.positions import Place, places, stand_in_text
from review.sql.printed import Piece
from review.sql.render import ENDLESS
from review.sql.standins import StandIn

OF_A_RUN = frozenset({"is_incremental", "should_full_refresh"})
"""What a project's own version asks the warehouse of, or the run: which branch is looked at first is ours to say."""


View = TypeVar("View")


class Templates:
    """`choices`, `used` and `forced` belong to the file that is being rendered. `index` finds the project's macros."""

    def __init__(self, index: MacroIndex, adapter: str, variables: Mapping[str, Any]) -> None:
        self._adapter = adapter
        self._variables = dict(variables)
        self.environment = environment()
        self.text = ""
        self.model = "this_model"
        self.choices: dict[str, Place] = {}
        self.used: dict[str, None] = {}
        """Names that were stood in for, in order."""
        self.forced: frozenset[str] = frozenset()
        """Macros of the project that are stood in for all the same, because they rendered nothing."""
        self._macros = Macros(index, self._load, self.print_stand_in)
        self._places: dict[str, Place] | None = None
        self._placed: Placed | None = None
        self._unread: list[str] = []
        """Texts of macros in which no stand-in has been looked for."""
        self._inner_places: dict[str, Place] = {}

    def begin(self, path: str, text: str, choices: Mapping[str, Place] | None = None) -> None:
        """Forget the last file. `choices` say what some of the new one's unknown names are taken for."""
        self.model = path.rpartition("/")[2].partition(".")[0] or "this_model"
        if text != self.text:
            self.text = text
            self._places = self._placed = None
        self.choices, self.used, self.forced = dict(choices or {}), {}, frozenset()

    @property
    def places(self) -> Mapping[str, Place]:
        """Where the file's unknown names stand."""
        if self._places is None:
            self._places = places(self.text, self.environment)
        return self._places

    @property
    def placed(self) -> Placed:
        """The file's tree. Raises TemplateSyntaxError."""
        if self._placed is None:
            self._placed = placed(self.environment, self.text)
        return self._placed

    def printed(self, branches: Mapping[nodes.Node, int] | None = None) -> list[Piece]:
        """What the file prints, through these branches whatever their tests say; see `Interpreter`."""
        return self._with_room(lambda: self._printed(branches))

    def _with_room(self, make: Callable[[], View]) -> View:
        """What `make` gives; again, where a macro file was asked for so deep that there was no room to load it."""
        while True:
            try:
                return make()
            except RecursionError:
                if not self._macros.load_put_off():
                    raise
                self.used = {}

    def _printed(self, branches: Mapping[nodes.Node, int] | None) -> list[Piece]:
        bound = {**self._builtins(), **self._variables}
        found: dict[str, Any] = {}

        def find(name: str) -> Any:
            if name not in found:
                found[name] = self._called(name) or self._meant(name, bound)
            return found[name]

        return Interpreter(self.environment, find, self.placed.spans, branches).printed(self.placed.tree)

    def context(self) -> dict[str, Any]:
        """The names that the file finds bound, but for those that nothing binds."""
        said = sorted(words(self.text))
        called = self._with_room(lambda: {name: self._called(name) for name in said})
        macros = {name: macro for name, macro in called.items() if macro is not None}
        return {**self._builtins(), **self._variables, **macros}

    def print_stand_in(self, name: str) -> str:
        """The SQL for a name, by where it stands."""
        self.used.setdefault(name)
        place = self.place_of(name)
        if place is Place.CLAUSE and name.endswith("group_by"):
            return "group by 1"
        return stand_in_text(place, name)

    def place_of(self, name: str) -> Place:
        """Where a used name was taken to stand."""
        return self.choices.get(name) or self.places.get(name) or self._in_macros.get(name) or Place.EXPRESSION

    @property
    def _in_macros(self) -> Mapping[str, Place]:
        """Where the unknown names of the macros stand that were loaded so far."""
        while self._unread:
            for name, place in places(self._unread.pop(0), self.environment).items():
                self._inner_places.setdefault(name, place)
        return self._inner_places

    def _builtins(self) -> dict[str, Any]:
        return builtins(self.print_stand_in, self._macros, self._adapter, self.model)

    def _called(self, name: str) -> Guarded | None:
        """The macro of the project that a name means, if any."""
        return self._macros.get(name) if name not in self.forced | OF_A_RUN else None

    def _meant(self, name: str, bound: Mapping[str, Any]) -> Any:
        """What a name means, among these or else: Jinja's own, or a stand-in."""
        if name in bound:
            return bound[name]
        if name in self.environment.globals:
            return self.environment.globals[name]
        return StandIn(name, self.print_stand_in)

    def _load(self, text: str) -> Mapping[str, Any]:
        """What a file of macros binds; in it dbt's own functions come before the project's macros."""
        bound = {**self._builtins(), "this": _This(self)}

        def find(name: str) -> Any:
            macro = self._macros.get(name) if name not in bound else None
            return macro or self._meant(name, bound)

        made = Interpreter(self.environment, find).bound(self.environment.parse(text))
        self._unread.append(text)
        return made


def failure(error: Exception) -> str:
    """What made a template fail, in a few words; where a file could be opened, none of its."""
    if isinstance(error, RecursionError):
        return ENDLESS
    if isinstance(error, OSError):
        return "it needs what is not loaded here"
    message = error.message if isinstance(error, TemplateError) else str(error)
    return message or type(error).__name__


class _This(Relation):
    """`{{ this }}` in a macro, which is loaded once for all models: it prints the one that is being rendered."""

    def __init__(self, templates: Templates) -> None:
        super().__init__(templates.model)
        self._templates = templates

    def __str__(self) -> str:
        return self._templates.model
