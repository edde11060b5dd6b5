"""The team's own sqlfluff configuration, read as text from the base commit and reduced to what is safe to obey.

sqlfluff never reads it: files are parsed here and merged by sqlfluff's own precedence (`sqlfluff.core.config` 4.5: by
directory from the root down, and in each directory setup.cfg < tox.ini < pep8.ini < .sqlfluff < pyproject.toml).
Whatever could load code or files is not taken over: templaters other than Jinja, `library_path`, `loader_search_path`,
`load_macros_from_path`, plugins.
"""

import configparser
import copy
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from posixpath import dirname
from typing import Any

from review.domain.linter_names import DIALECTS

FILES = ("setup.cfg", "tox.ini", "pep8.ini", ".sqlfluff", "pyproject.toml")
"""In the order in which one overrules the other."""
IGNORE_FILE = ".sqlfluffignore"
MAX_CHARACTERS = 256 * 1024
_CORE = frozenset({"dialect", "rules", "exclude_rules", "max_line_length", "ignore", "warnings"})
"""Keys of the root section that choose among things loaded already; what is read and how long it may take is ours."""
_TABLES = frozenset({"rules", "layout", "indentation"})
_IGNORING = (".sqlfluff", "pyproject.toml")
"""The configuration files whose `ignore_paths` sqlfluff obeys (`sqlfluff.core.linter.discovery` 4.5)."""


@dataclass(frozen=True)
class Settings:
    """What the team asks of sqlfluff for one path."""

    configs: Mapping[str, Any] = field(default_factory=dict)
    """JSON values nested as sqlfluff's own (`core`, `rules`, `layout`, `indentation`, and under `templater` and `jinja`
    the `context` and the `macros`, as text): ready for `FluffConfig(configs=…)`."""
    problems: tuple[str, ...] = ()
    """Files that could not be used, each as `path: reason`."""

    @property
    def dialect(self) -> str | None:
        """The dialect the team set, or None."""
        value = self.configs.get("core", {}).get("dialect")
        return value if isinstance(value, str) else None


def config_paths(path: str) -> tuple[str, ...]:
    """The configuration files that may speak of this path, least binding first."""
    return tuple(folder + name for folder in _folders(path) for name in FILES)


def team_settings(files: Mapping[str, str], path: str) -> Settings | None:
    """The settings for one path out of the base commit's configuration files (path → text); None if there are none."""
    merged: dict[str, Any] = {}
    problems: list[str] = []
    for name in config_paths(path):
        if name in files:
            safe, complaints = _read(name, files[name])
            _merge(merged, safe)
            problems.extend(f"{name}: {complaint}" for complaint in complaints)
    if not merged and not problems:
        return None
    return Settings(merged, tuple(problems))


def ignoring_file(files: Mapping[str, str], path: str) -> str | None:
    """The file by which the team keeps a path out of linting (`.sqlfluffignore`, `ignore_paths`), or None.

    Patterns are gitignore's, relative to the folder of the file that holds them.
    """
    for folder in _folders(path):
        for name in (IGNORE_FILE, *_IGNORING):
            text = files.get(folder + name)
            if text is not None and _names(folder + name, text, path[len(folder) :]):
                return folder + name
    return None


def _folders(path: str) -> Iterator[str]:
    """The repository's root and every folder down to the path's own, each with a slash at its end ("" is the root)."""
    folder = ""
    yield folder
    for part in dirname(path).split("/"):
        if part:
            folder = f"{folder}{part}/"
            yield folder


def _names(file: str, text: str, relative: str) -> bool:
    if file.endswith(IGNORE_FILE):
        patterns = text.splitlines()
    else:
        try:
            core = _parsed(file, text).get("core", {})
        except _UNREADABLE:
            return False
        value = core.get("ignore_paths") if isinstance(core, dict) else None
        patterns = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    if not any(str(pattern).strip() for pattern in patterns):
        return False
    from pathspec import PathSpec

    try:
        return PathSpec.from_lines("gitignore", [str(pattern) for pattern in patterns]).match_file(relative)
    except ValueError:
        return False


_UNREADABLE = (configparser.Error, tomllib.TOMLDecodeError, ValueError, RecursionError)


@lru_cache(maxsize=1024)
def _read(name: str, text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The safe part of one file, and what is wrong with it. The result is shared: never change it."""
    try:
        safe = _sanitised(_parsed(name, text))
    except _UNREADABLE as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return {}, (first[:120],)
    dialect = safe.get("core", {}).get("dialect")
    if dialect is not None and dialect not in DIALECTS:
        del safe["core"]["dialect"]
        return safe, (f"sqlfluff knows no dialect {str(dialect)[:40]!r}",)
    return safe, ()


def _parsed(name: str, text: str) -> dict[str, Any]:
    """What sqlfluff would load from that file. Raises one of `_UNREADABLE`."""
    if "sqlfluff" not in text:
        return {}
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"larger than {MAX_CHARACTERS // 1024} kB")
    return _parsed_toml(text) if name.endswith(".toml") else _parsed_ini(text)


def _parsed_toml(text: str) -> dict[str, Any]:
    table = tomllib.loads(text).get("tool", {})
    table = table.get("sqlfluff", {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise ValueError("tool.sqlfluff is no table")
    rules = table.get("rules")
    if isinstance(rules, dict):
        table["rules"] = _condensed(rules)
    return table


def _condensed(rules: Mapping[str, Any]) -> dict[str, Any]:
    """`[tool.sqlfluff.rules.capitalisation.keywords]` is the rule `capitalisation.keywords`, not a table in a table."""
    flat: dict[str, Any] = {}
    for name, value in rules.items():
        if not isinstance(value, dict):
            flat[name] = value
            continue
        for key, inner in _condensed(value).items():
            if isinstance(inner, dict):
                flat[f"{name}.{key}"] = inner
            else:
                flat.setdefault(name, {})[key] = inner
    return flat


def _parsed_ini(text: str) -> dict[str, Any]:
    parser = configparser.ConfigParser(delimiters="=", interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    tree: dict[str, Any] = {}
    for section in parser.sections():
        head, _, rest = section.partition(":")
        if head == "sqlfluff":
            keys = tuple(rest.split(":")) if rest else ("core",)
            for name, value in parser.items(section):
                _put(tree, (*keys, *name.split(".")), _coerced(value))
    return tree


def _put(tree: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    *folders, last = keys
    for folder in folders:
        inner = tree.setdefault(folder, {})
        if not isinstance(inner, dict):
            raise ValueError(f"{':'.join(keys)} is both a value and a section")
        tree = inner
    tree[last] = value


def _sanitised(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Only what chooses among things loaded already; everything else is not taken over."""
    safe: dict[str, Any] = {}
    core = {key: _value(value) for key, value in _table(tree, "core").items() if key in _CORE}
    core = {key: value for key, value in core.items() if not isinstance(value, dict)}
    if isinstance(core.get("dialect"), str):
        core["dialect"] = core["dialect"].strip().lower()
    if core.get("dialect", "") is None:
        del core["dialect"]
    if core:
        safe["core"] = core
    safe.update((name, _value(tree[name])) for name in _TABLES if _table(tree, name))
    jinja = _table(_table(tree, "templater"), "jinja")
    kept: dict[str, Any] = {}
    if _table(jinja, "context"):
        kept["context"] = _json(jinja["context"])
    if _table(jinja, "macros"):
        kept["macros"] = {key: value for key, value in jinja["macros"].items() if isinstance(value, str)}
    if kept:
        safe["templater"] = {"jinja": kept}
    return safe


def _table(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def _value(value: Any) -> Any:
    """A JSON value without lists: sqlfluff takes comma-separated text wherever it takes a list."""
    if isinstance(value, dict):
        return {str(key): _value(inner) for key, inner in value.items()}
    return ",".join(str(item) for item in value) if isinstance(value, list) else _json(value)


def _json(value: Any) -> Any:
    """A JSON value; what JSON does not have (a date, infinity) becomes its text."""
    if isinstance(value, dict):
        return {str(key): _json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return value if value is None or isinstance(value, (str, int)) else str(value)


def _coerced(text: str) -> Any:
    """As `sqlfluff.core.config.ini.coerce_value`: a number, a truth value, None, else the text."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    named = {"true": True, "false": False, "none": None}
    return named.get(text.strip().lower(), text)


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = copy.deepcopy(value)
