"""The team's own sqlfluff configuration, read as text from the base commit and reduced to what is safe to obey.

sqlfluff never reads it: files are parsed here, merged by sqlfluff's own precedence (docs.sqlfluff.com, "Configuration
files": by directory from the root down, and in each directory setup.cfg < tox.ini < pep8.ini < .sqlfluff <
pyproject.toml), and whatever could load code or files is left out: templaters other than Jinja, `library_path`,
`loader_search_path`, `load_macros_from_path`, plugins.
"""

import configparser
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import dirname
from typing import Any

FILES = ("setup.cfg", "tox.ini", "pep8.ini", ".sqlfluff", "pyproject.toml")
"""In the order in which one overrules the other."""
IGNORE_FILE = ".sqlfluffignore"
MAX_BYTES = 256 * 1024
_CORE = frozenset(
    """dialect rules exclude_rules max_line_length ignore warnings ignore_templated_areas sql_file_exts
    large_file_skip_byte_limit""".split()
)
_TABLES = frozenset({"rules", "layout", "indentation"})


@dataclass(frozen=True)
class Settings:
    """What the team asks of sqlfluff for one path."""

    configs: Mapping[str, Any] = field(default_factory=dict)
    """Nested as sqlfluff's own (`core`, `rules`, `layout`, `indentation`, `templater`), ready for `FluffConfig(configs=…)`."""
    problems: tuple[str, ...] = ()
    """Files that could not be used, each as `path: reason`."""

    @property
    def dialect(self) -> str | None:
        """The dialect the team set, or None."""
        value = self.configs.get("core", {}).get("dialect")
        return value if isinstance(value, str) and value.lower() != "none" else None


def config_paths(path: str) -> tuple[str, ...]:
    """The configuration files that may speak of this path, least binding first."""
    folders = [""]
    for part in dirname(path).split("/"):
        if part:
            folders.append(f"{folders[-1]}{part}/")
    return tuple(folder + name for folder in folders for name in FILES)


def team_settings(files: Mapping[str, str], path: str) -> Settings | None:
    """The settings for one path out of the base commit's configuration files (path → text); None if there are none."""
    merged: dict[str, Any] = {}
    problems = []
    for name in config_paths(path):
        if name not in files:
            continue
        try:
            _merge(merged, _sanitised(_parsed(name, files[name])))
        except (configparser.Error, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            problems.append(f"{name}: {first[:120]}")
    if not merged and not problems:
        return None
    return Settings(merged, tuple(problems))


def _parsed(name: str, text: str) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES // 1024} kB")
    if name.endswith(".toml"):
        table = tomllib.loads(text).get("tool", {}).get("sqlfluff", {})
        return table if isinstance(table, dict) else {}
    parser = configparser.ConfigParser(delimiters="=", interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    tree: dict[str, Any] = {}
    for section in parser.sections():
        if section == "sqlfluff":
            tree.setdefault("core", {}).update(parser.items(section))
        elif section.startswith("sqlfluff:"):
            here = tree
            for part in section.split(":")[1:]:
                here = here.setdefault(part, {})
            here.update(parser.items(section))
    return tree


def _sanitised(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Only what chooses among things loaded already; everything else is not taken over."""
    core = {key: value for key, value in tree.items() if not isinstance(value, dict)}
    core.update(tree.get("core", {}) if isinstance(tree.get("core"), dict) else {})
    safe: dict[str, Any] = {}
    chosen = {key: _value(value) for key, value in core.items() if key in _CORE and not isinstance(value, dict)}
    if chosen:
        safe["core"] = chosen
    for name in _TABLES:
        if isinstance(tree.get(name), dict) and tree[name]:
            safe[name] = _plain(tree[name])
    context = tree.get("templater", {})
    context = context.get("jinja", {}) if isinstance(context, dict) else {}
    context = context.get("context", {}) if isinstance(context, dict) else {}
    if isinstance(context, dict) and context:
        safe["templater"] = {"jinja": {"context": {str(key): str(value) for key, value in context.items()}}}
    return safe


def _plain(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): _plain(value) if isinstance(value, dict) else _value(value) for key, value in tree.items()}


def _value(value: Any) -> Any:
    """As sqlfluff's own loader coerces: numbers, booleans, None; lists become comma-separated text."""
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    if not isinstance(value, str):
        return value if isinstance(value, (int, float, bool)) else str(value)
    text = value.strip()
    named = {"true": True, "false": False, "none": None}
    if text.lower() in named:
        return named[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
