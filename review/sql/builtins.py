"""What dbt puts into every template, without dbt: any signature is taken, nothing is asked of a warehouse.

Source of the names: docs.getdbt.com, "About dbt Jinja functions".
"""

import importlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import yaml

from review.sql.standins import Printer, StandIn


class _Clock(datetime):
    """Python's, that stands still."""

    @classmethod
    def now(cls, *_args: Any, **_kwargs: Any) -> Any:
        return FIXED

    utcnow = today = now

    @classmethod
    def strptime(cls, text: Any, form: Any) -> Any:
        """As Python's; what is no such date, as a value of a query that nobody ran, gives the fixed day."""
        try:
            return super().strptime(str(text), str(form))
        except ValueError:
            return FIXED

    def astimezone(self, tz: Any = None) -> Any:
        """As Python's; in a zone that is stood in for (`modules.pytz.timezone`) it is as late as here."""
        return self if isinstance(tz, StandIn) else super().astimezone(tz)


class _Day(date):
    """The same for a day."""

    @classmethod
    def today(cls) -> Any:
        return FIXED.date()


FIXED = _Clock(2026, 1, 1, tzinfo=UTC)
"""The moment of every rendering: the same text renders the same on every run."""

importlib.import_module("_strptime")  # Python imports it when `strptime` is first asked: too late inside the jail


class Returned(Exception):
    """dbt's `return(…)`, on its way to the call of the macro that says it."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Relation:
    """A table or view: prints as its name; `include`, `quote` and the rest give it back."""

    unsafe_callable = False
    alters_data = False

    def __init__(self, name: str) -> None:
        self.identifier = self.name = self.table = name
        self.schema = "standin_schema"
        self.database = "standin_database"
        self.is_view = self.is_cte = False
        self.is_table = True

    def __call__(self, *_args: Any, **_kwargs: Any) -> "Relation":
        """`relation.include(…)` and the like."""
        return self

    def __getattr__(self, name: str) -> "Relation":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __str__(self) -> str:
        return self.identifier


class Config(StandIn):
    """`config(…)` prints nothing; `config.get(key, default)` gives the default, or a stand-in."""

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Nothing, as dbt's."""
        return ""

    def get(self, name: str, default: Any = None, **_kwargs: Any) -> Any:
        """As dbt's: the default where the key is not set, which is all we know here."""
        return StandIn(f"config.{name}", self._printer) if default is None else default

    require = get


class Adapter(StandIn):
    """`adapter.dispatch` finds the project's own implementation; everything else stands in."""

    def __init__(self, printer: Printer, macros: Mapping[str, Any], kind: str) -> None:
        super().__init__("adapter", printer)
        self._macros = macros
        self._kind = kind

    def dispatch(self, name: str, *_args: Any, **_kwargs: Any) -> Any:
        """`<adapter>__name`, else `default__name` of the project's macros, else a stand-in of that name."""
        for candidate in (f"{self._kind}__{name}", f"default__{name}"):
            if candidate in self._macros:
                return self._macros[candidate]
        return StandIn(str(name), self._printer)

    def quote(self, name: Any) -> str:
        """The name as it is."""
        return str(name)


def builtins(printer: Printer, macros: Mapping[str, Any], adapter: str, model: str) -> dict[str, Any]:
    """The names of a dbt template's context. `printer` prints stand-ins; `adapter` is dbt's adapter type."""

    def stand_in(name: str) -> StandIn:
        return StandIn(name, printer)

    def var(name: Any = "", default: Any = None, *_args: Any, **_kwargs: Any) -> Any:
        return stand_in(f"var.{name}") if default is None else default

    def env_var(name: Any = "", default: Any = None, *_args: Any, **_kwargs: Any) -> Any:
        return stand_in(f"env_var.{name}") if default is None else default

    config = Config("config", printer)
    return {
        "ref": _relation_of_last,
        "source": _relation_of_all,
        "builtins": {"ref": _relation_of_last, "source": _relation_of_all, "config": config},
        "function": _relation_of_last,
        "this": Relation(model),
        "config": config,
        "var": var,
        "env_var": env_var,
        "is_incremental": lambda *_args, **_kwargs: True,
        "should_full_refresh": lambda *_args, **_kwargs: False,
        "execute": True,
        "null": None,
        "adapter": Adapter(printer, macros, adapter),
        "return": _return,
        "statement": _nothing,
        "log": _nothing,
        "print": _nothing,
        "debug": _nothing,
        "doc": _nothing,
        "exceptions": _Exceptions(),
        "fromjson": lambda value, default=None: _parsed(json.loads, value, default),
        "tojson": lambda value, *_args, **_kwargs: json.dumps(value, default=str),
        "fromyaml": lambda value, default=None: _parsed(yaml.safe_load, value, default),
        "toyaml": lambda value, *_args, **_kwargs: str(value),
        "set": lambda value, default=None: _collection(set, value, default),
        "set_strict": lambda value: _collection(set, value, None),
        "zip": lambda *lists, default=None: list(zip(*lists, strict=False)) if lists else default,
        "zip_strict": lambda *lists: list(zip(*lists, strict=True)),
        "local_md5": lambda value: str(value),
        "run_started_at": FIXED,
        "modules": {"datetime": _DateModule(), "pytz": stand_in("modules.pytz"), "re": stand_in("modules.re"),
                    "itertools": stand_in("modules.itertools")},
        "target": _Target(stand_in, {
            "name": "prod", "schema": "standin_schema", "database": "standin_database", "type": adapter,
            "project": "standin_project", "dataset": "standin_schema", "profile_name": "standin", "threads": 1}),
        "invocation_id": "00000000-0000-0000-0000-000000000000",
        "dbt_version": "1.10.0",
        "database": "standin_database",
        "schema": "standin_schema",
        "project_name": "standin_project",
    }  # fmt: skip


def _relation_of_last(*names: Any, **_kwargs: Any) -> Relation:
    return Relation(str(names[-1]) if names else "standin")


def _relation_of_all(*names: Any, **_kwargs: Any) -> Relation:
    return Relation("_".join(str(name) for name in names) or "standin")


def _nothing(*_args: Any, **_kwargs: Any) -> str:
    return ""


def _return(value: Any = "") -> None:
    raise Returned(value)


def _parsed(parse: Callable[[str], Any], value: Any, default: Any) -> Any:
    """As dbt's: the default for text that does not parse."""
    try:
        return parse(str(value))
    except (ValueError, yaml.YAMLError):
        return default


def _collection(make: Callable[[Any], Any], value: Any, default: Any) -> Any:
    try:
        return make(value)
    except TypeError:
        return default


class _Exceptions:
    """`exceptions`: none is raised, nothing is printed."""

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing


class _Target(dict[str, Any]):
    """`target`: what a profile may hold beyond the common keys (`account`, `role` …) is stood in for."""

    def __init__(self, stand_in: Callable[[str], StandIn], known: Mapping[str, Any]) -> None:
        super().__init__(known)
        self._stand_in = stand_in

    def __missing__(self, name: str) -> StandIn:
        return self._stand_in(f"target.{name}")


class _DateModule:
    """`modules.datetime`: today is always the same day, and Jinja's sandbox forbids the rest of the module."""

    unsafe_callable = False
    alters_data = False

    def __init__(self) -> None:
        from datetime import timezone

        self.datetime = _Clock
        self.date = _Day
        self.timedelta = _delta
        self.timezone = timezone


def _delta(*args: Any, **kwargs: Any) -> timedelta:
    """`modules.datetime.timedelta`, of unknown numbers as well."""
    known = [int(each) if isinstance(each, StandIn) else each for each in args]
    return timedelta(*known, **{key: int(each) if isinstance(each, StandIn) else each for key, each in kwargs.items()})
