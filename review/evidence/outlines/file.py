"""One version of one file → its `Outline`, whatever language it is in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename

from review.domain.artifact import Kind
from review.domain.outline import Outline, Part
from review.evidence.outlines import embedded, properties, python, scala, statements, template
from review.evidence.outlines.base import Names, made
from review.rules.source import Source
from review.rules.trees import NotEvaluated
from review.sql.prepare import has_jinja

_MODELS = frozenset({Kind.DBT_MODEL, Kind.DBT_PYTHON_MODEL, Kind.DBT_SEED})
"""Kinds of which a file is one model, named after it."""
_ENDINGS = (".jinja", ".sql", ".py", ".csv")


@dataclass(frozen=True)
class _Reader:
    """How a file is read as one language; both raise NotEvaluated where it is not of it."""

    parts: Callable[[Source], Iterable[Part]]
    names: Callable[[Source], Names]


def _is_dbt(source: Source) -> bool:
    return source.kind.value.startswith("dbt-")


_PYTHON = _Reader(python.parts, python.names)
_SCALA = _Reader(scala.parts, scala.names)
_YAML = _Reader(properties.parts, lambda source: properties.names(source) | embedded.names(source))
_JINJA = _Reader(
    lambda source: template.parts(source.text), lambda source: template.names(source.text, is_dbt=_is_dbt(source))
)
_SQL = _Reader(lambda source: statements.parts(source.sql), lambda source: statements.names(source.sql))


def outline(source: Source) -> Outline:
    """Parts and names; what cannot be parsed adds nothing. One version does not tell whether the change is trivial."""
    return _read(source, _readers(source))


def links(source: Source) -> Outline:
    """The same in less time: of a dbt file what its Jinja says as it is written, without rendering it."""
    readers = _readers(source)
    return _read(source, readers[:1] if _is_dbt(source) else readers)


def _read(source: Source, readers: Iterable[_Reader]) -> Outline:
    parts: list[Part] = []
    names = Names(writes=frozenset(f"model:{name}" for name in _models(source)))
    for reader in readers:
        try:
            parts.extend(reader.parts(source))
            names |= reader.names(source)
        except NotEvaluated:
            continue
    return made(parts, names)


def _readers(source: Source) -> list[_Reader]:
    """The languages a file is to be read as, the cheapest first."""
    lowered = source.path.lower()
    if source.kind in (Kind.DBT_SEED, Kind.DBT_DOCS):
        return []
    if lowered.endswith((".py", ".ipynb")):
        return [_PYTHON]
    if lowered.endswith(".scala"):
        return [_SCALA]
    if source.is_yaml:
        return [_YAML]
    is_template = _is_dbt(source) or has_jinja(source.text)
    return [*([_JINJA] if is_template else []), *([_SQL] if source.kind.is_sql else [])]


def _models(source: Source) -> Iterator[str]:
    """The model that a file of dbt's is, or the snapshots in it."""
    if source.kind is Kind.DBT_SNAPSHOT and not source.is_yaml:
        try:
            yield from (part.name for part in template.parts(source.text) if part.kind == "snapshot")
        except NotEvaluated:
            return
    elif source.kind in _MODELS:
        name = basename(source.path)
        for ending in _ENDINGS:
            if name.lower().endswith(ending):
                name = name[: -len(ending)]
        yield name
