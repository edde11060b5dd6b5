"""A value for what a template names and we do not have: a macro of a package, a query's result, a variable.

It takes every call, attribute, item, comparison and loop that dbt templates make, and becomes SQL only where it is
printed, by the place it is printed at.
"""

from collections.abc import Callable, Iterator
from typing import Any

from jinja2.runtime import Macro

Printer = Callable[[str], str]
"""Dotted name → the SQL to print for it."""


class StandIn:
    """Stands for one dotted name. Jinja may call it: it changes nothing."""

    unsafe_callable = False
    alters_data = False

    def __init__(self, name: str, printer: Printer, depth: int = 0) -> None:
        self._name = name
        self._printer = printer
        self._depth = depth

    def _same(self, *_args: Any, **_kwargs: Any) -> "StandIn":
        return self

    def __call__(self, *_args: Any, **kwargs: Any) -> Any:
        """Itself; of `{% call unknown() %}…{% endcall %}` what stands in the block, once."""
        body = kwargs.get("caller")
        return body(*(self,) * len(body.arguments)) if isinstance(body, Macro) else self

    def __getattr__(self, name: str) -> "StandIn":
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}", self._printer, self._depth)

    def __getitem__(self, key: Any) -> "StandIn":
        return self

    def __iter__(self) -> Iterator["StandIn"]:
        if self._depth < 3:
            yield StandIn(self._name, self._printer, self._depth + 1)

    def __str__(self) -> str:
        return self._printer(self._name)

    def __format__(self, _spec: str) -> str:
        return str(self)

    def __html__(self) -> str:
        return str(self)

    def __len__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StandIn) and other._name == self._name

    def __contains__(self, item: object) -> bool:
        return False

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__

    def __add__(self, other: Any) -> Any:
        return str(self) + other if isinstance(other, str) else self

    def __radd__(self, other: Any) -> Any:
        return other + str(self) if isinstance(other, str) else other if isinstance(other, list) else self

    __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __neg__ = __abs__ = __round__ = _same
