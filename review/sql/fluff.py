"""The door to sqlfluff: everything we use of it, loaded with no plugin but its own rules.

sqlfluff looks for plugins in every distribution that is installed and runs what it finds, and for pytest, to register
test helpers. A review must not depend on what else lies in the environment, and the search takes longer than the rest.
"""

import importlib.metadata
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _by_itself() -> Iterator[None]:
    hides_pytest = "pytest" not in sys.modules
    every = importlib.metadata.distributions
    own = importlib.metadata.distribution("sqlfluff")
    importlib.metadata.distributions = lambda **_: iter((own,))
    if hides_pytest:
        sys.modules["pytest"] = None  # type: ignore[assignment]  # so that importing it fails
    try:
        yield
    finally:
        importlib.metadata.distributions = every
        if hides_pytest:
            del sys.modules["pytest"]


with _by_itself():
    from sqlfluff.core import FluffConfig, Linter
    from sqlfluff.core.errors import (
        SQLBaseError,
        SQLFluffSkipFile,
        SQLFluffUserError,
        SQLLintError,
        SQLTemplaterError,
    )
    from sqlfluff.core.formatter import FormatterInterface
    from sqlfluff.core.plugin.host import get_plugin_manager
    from sqlfluff.core.templaters.base import TemplatedFile
    from sqlfluff.core.templaters.jinja import JinjaTemplater
    from sqlfluff.core.templaters.slicers.tracer import JinjaAnalyzer, JinjaTracer

__all__ = [
    "FluffConfig",
    "FormatterInterface",
    "JinjaAnalyzer",
    "JinjaTemplater",
    "JinjaTracer",
    "Linter",
    "SQLBaseError",
    "SQLFluffSkipFile",
    "SQLFluffUserError",
    "SQLLintError",
    "SQLTemplaterError",
    "TemplatedFile",
    "get_plugin_manager",
]
