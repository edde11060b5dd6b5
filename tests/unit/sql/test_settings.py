"""The team's sqlfluff configuration: what of it is obeyed, and what never reaches sqlfluff."""

import pytest

from review.sql.linter import config_for
from review.sql.settings import Settings, config_paths, ignoring_file, team_settings


def settings(text: str, name: str = ".sqlfluff") -> Settings:
    found = team_settings({name: text}, "models/a.sql")
    assert found is not None
    return found


SAFE = """\
[sqlfluff]
dialect = Snowflake
rules = LT01, AM01
exclude_rules = None
max_line_length = 100
templater = dbt
library_path = evil
processes = 99
large_file_skip_byte_limit = 1
disable_noqa = False
sql_file_exts = .x
plugins = evil
render_variant_limit = 9
encoding = latin-1

[sqlfluff:indentation]
tab_space_size = 2

[sqlfluff:layout:type:comma]
line_position = leading

[sqlfluff:rules:capitalisation.keywords]
capitalisation_policy = upper

[sqlfluff:templater:jinja]
library_path = evil
loader_search_path = /
load_macros_from_path = /etc
apply_dbt_builtins = False

[sqlfluff:templater:jinja:context]
my_schema = prod

[sqlfluff:templater:jinja:macros]
a_macro = {% macro a_macro() %}1{% endmacro %}

[sqlfluff:templater:dbt]
project_dir = /

[other]
a = b
"""
TAKEN = {
    "core": {"dialect": "snowflake", "rules": "LT01, AM01", "exclude_rules": None, "max_line_length": 100},
    "indentation": {"tab_space_size": 2},
    "layout": {"type": {"comma": {"line_position": "leading"}}},
    "rules": {"capitalisation.keywords": {"capitalisation_policy": "upper"}},
    "templater": {
        "jinja": {"context": {"my_schema": "prod"}, "macros": {"a_macro": "{% macro a_macro() %}1{% endmacro %}"}}
    },
}  # fmt: skip


@pytest.mark.parametrize("name", [".sqlfluff", "setup.cfg", "tox.ini", "pep8.ini"])
def test_only_what_chooses_among_things_loaded_already_is_taken_over(name: str) -> None:
    found = settings(SAFE, name)
    assert found.configs == TAKEN
    assert found.problems == ()
    assert found.dialect == "snowflake"


def test_toml() -> None:
    text = """\
[tool.sqlfluff.core]
dialect = "trino"
rules = ["LT01", "AM01"]
templater = "python"
[tool.sqlfluff.templater.jinja]
library_path = "evil"
[tool.sqlfluff.rules.capitalisation.keywords]
capitalisation_policy = "upper"
[tool.sqlfluff.rules]
allow_scalar = true
[tool.black]
a = 1
"""
    assert settings(text, "pyproject.toml").configs == {
        "core": {"dialect": "trino", "rules": "LT01,AM01"},
        "rules": {"allow_scalar": True, "capitalisation.keywords": {"capitalisation_policy": "upper"}},
    }


@pytest.mark.parametrize("asked", ["python", "placeholder", "dbt", "raw", "evil", "jinja"])
def test_the_templater_is_jinja_whatever_is_asked(asked: str) -> None:
    text = f"[sqlfluff]\ntemplater = {asked}\nrules = AM01\n[sqlfluff:templater:{asked}]\nlibrary_path = evil\n"
    config = config_for(settings(text).configs, "ansi")
    assert config.get("templater") == "jinja"
    assert config.get("disable_noqa") is True
    assert config.get("library_path") is None
    assert config.get("library_path", section=("templater", "jinja")) is None
    assert config.get("rules") == "AM01"


def test_without_settings_our_own_rules_run_and_with_them_theirs() -> None:
    assert config_for({}, "ansi").get("rules") == "AL08,AM01,AM07,AM08,CV05,ST03,ST11"
    assert config_for({"core": {"max_line_length": 9}}, "ansi").get("rules") == config_for({}, "ansi").get("rules")
    assert config_for({"core": {"exclude_rules": "LT05"}}, "ansi").get("rules") == "all"
    assert config_for({"core": {"dialect": "trino"}}, "duckdb").get("dialect") == "duckdb"


def test_the_nearest_file_overrules() -> None:
    files = {
        ".sqlfluff": "[sqlfluff]\ndialect = trino\nrules = AM01\n",
        "models/setup.cfg": "[sqlfluff]\nrules = AM02\nmax_line_length = 1\n",
        "models/.sqlfluff": "[sqlfluff]\nrules = AM03\n",
        "other/.sqlfluff": "[sqlfluff]\nrules = AM04\n",
    }
    found = team_settings(files, "models/deep/a.sql")
    assert found == Settings({"core": {"dialect": "trino", "rules": "AM03", "max_line_length": 1}})
    assert team_settings({}, "models/a.sql") is None
    assert team_settings({"setup.cfg": "[flake8]\na = 1\n"}, "models/a.sql") is None
    assert config_paths("a/b.sql")[:2] == ("setup.cfg", "tox.ini")
    assert config_paths("a/b.sql")[-2:] == ("a/.sqlfluff", "a/pyproject.toml")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (".sqlfluff", "[sqlfluff\nrules = a", "File contains no section headers."),
        (".sqlfluff", "rules = sqlfluff", "File contains no section headers."),
        (".sqlfluff", "[sqlfluff]\ndialect = nonsense\n", "sqlfluff knows no dialect 'nonsense'"),
        (
            ".sqlfluff",
            "[sqlfluff:rules]\na = 1\n[sqlfluff:rules:a]\nb = 1\n",
            "rules:a:b is both a value and a section",
        ),
        (".sqlfluff", "[sqlfluff]\n" + "#" * 300_000, "larger than 256 kB"),
        ("pyproject.toml", "[tool.sqlfluff\n", "Expected ']' at the end of a table declaration (at line 1, column 15)"),
        ("pyproject.toml", "[tool]\nsqlfluff = 1\n", "tool.sqlfluff is no table"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(name: str, text: str, problem: str) -> None:
    assert settings(text, name).problems == (f"{name}: {problem}",)


@pytest.mark.parametrize(
    ("files", "path", "file"),
    [
        ({".sqlfluffignore": "models/old/\n"}, "models/old/a.sql", ".sqlfluffignore"),
        ({".sqlfluffignore": "models/old/\n"}, "models/new/a.sql", None),
        ({".sqlfluffignore": "*.sql\n!keep.sql\n"}, "keep.sql", None),
        ({"models/.sqlfluffignore": "a.sql\n"}, "models/a.sql", "models/.sqlfluffignore"),
        ({"models/.sqlfluffignore": "a.sql\n"}, "a.sql", None),
        ({".sqlfluffignore": "# a comment\n\n"}, "a.sql", None),
        ({".sqlfluff": "[sqlfluff]\nignore_paths = old,target/\n"}, "target/a.sql", ".sqlfluff"),
        ({"pyproject.toml": '[tool.sqlfluff.core]\nignore_paths = ["old/"]\n'}, "old/a.sql", "pyproject.toml"),
        ({"setup.cfg": "[sqlfluff]\nignore_paths = old\n"}, "old/a.sql", None),
        ({".sqlfluff": "[sqlfluff\n"}, "old/a.sql", None),
    ],
)
def test_paths_that_the_team_keeps_from_linting(files: dict[str, str], path: str, file: str | None) -> None:
    assert ignoring_file(files, path) == file
