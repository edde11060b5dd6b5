"""Attempts to have code of the pull request's run: sqlfluff's `library_path`, by file and by comment, and dbt.

Each works on plain sqlfluff; our reading of text and configuration stops it without the jail, and the jail stops it
without our reading (CVE-2023-36830 and what is left of it in 4.5).
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.attacks.layers.conftest import Ground, Prize, carefully, jailed, plainly

QUERY = "select a from b\n"
BREAKS = {
    "a newline": "\n",
    "a carriage return": "\r",
    "both": "\r\n",
    "a vertical tab": "\x0b",
    "a form feed": "\x0c",
    "a file separator": "\x1c",
    "a group separator": "\x1d",
    "a record separator": "\x1e",
    "a next line": "\x85",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
}
"""All at which `str.splitlines` begins a new line; git and editors begin one at the first and the third alone."""
SPOTS = {
    "first": "-- sqlfluff:{order}\n" + QUERY,
    "without a space": "--sqlfluff:{order}\n" + QUERY,
    "with blanks": "-- sqlfluff: {order} \n" + QUERY,
    "last, unended": QUERY + "-- sqlfluff:{order}",
    "after another": "-- sqlfluff:dialect:ansi\n-- sqlfluff:{order}\n" + QUERY,
    "in a block comment": "/*\n-- sqlfluff:{order}\n*/\n" + QUERY,
    "in a Jinja comment": "{#\n-- sqlfluff:{order}\n#}" + QUERY,
    "in a branch not taken": "{% if false %}\n-- sqlfluff:{order}\n{% endif %}" + QUERY,
    "in a string": "select '\n-- sqlfluff:{order}\n' as a from b\n",
    "in a front matter": "---\n-- sqlfluff:{order}\n---\n" + QUERY,
}
ORDERS = {"by the section": "templater:jinja:library_path:{}", "by the root": "library_path:{}"}
"""The second is stronger than what the caller of sqlfluff sets."""
COMMENTS = {
    **{
        f"{spot}, {which}": text.replace("{order}", order)
        for spot, text in SPOTS.items()
        for which, order in ORDERS.items()
    },
    **{
        f"after {name}": f"select a --{sign}-- sqlfluff:{ORDERS['by the section']}\nfrom b\n"
        for name, sign in BREAKS.items()
    },
    **{
        f"after {name}, tight": f"select a /*{sign}--sqlfluff:{ORDERS['by the root']}\n*/from b\n"
        for name, sign in BREAKS.items()
    },
}
FILES = {
    "section": ".sqlfluff\n[sqlfluff:templater:jinja]\nlibrary_path = {}\n",
    "root": ".sqlfluff\n[sqlfluff]\nlibrary_path = {}\n",
    "setup.cfg": "setup.cfg\n[sqlfluff:templater:jinja]\nlibrary_path = {}\n",
    "tox.ini": "tox.ini\n[sqlfluff]\nlibrary_path = {}\n",
    "pep8.ini": "pep8.ini\n[sqlfluff:templater:jinja]\nlibrary_path = {}\n",
    "pyproject.toml": 'pyproject.toml\n[tool.sqlfluff.templater.jinja]\nlibrary_path = "{}"\n',
}
"""Name, then text. Even the team's own is not obeyed, at the base commit: a review runs nothing of anybody's."""
Taken = Mapping[str, Mapping[str, Prize]]
"""Way → attack → what there was to take."""


def prizes(ground: Ground, way: str, attacks: Mapping[str, str]) -> dict[str, Prize]:
    return {name: ground.prize(f"{way}_{number}") for number, name in enumerate(attacks)}


@pytest.fixture(scope="module")
def commented(ground: Ground) -> Taken:
    ways = {way: prizes(ground, way, COMMENTS) for way in ("plain", "both", "directives", "templater", "jail")}
    texts = {
        way: {name: COMMENTS[name].replace("{}", str(prize.library)) for name, prize in taken.items()}
        for way, taken in ways.items()
    }
    folder = ground.plant({f"{number}.sql": text for number, text in enumerate(texts["plain"].values())})
    plainly(folder, "--ignore-local-config")
    jobs = [{"text": text, "only": way} for way in ("both", "directives", "templater") for text in texts[way].values()]
    carefully(jobs, ground.folder)
    replies = jailed(*({"text": text} for text in texts["jail"].values()))
    assert [reply.failure for reply in replies] == [None] * len(COMMENTS), "sqlfluff itself has read each"
    return ways


@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_that_names_a_library(name: str, commented: Taken) -> None:
    assert commented["plain"][name].is_taken, "the attack works where nothing stops it"
    assert [way for way, taken in commented.items() if taken[name].is_taken] == ["plain"]


@pytest.fixture(scope="module")
def configured(ground: Ground) -> Taken:
    ways = {way: prizes(ground, f"file_{way}", FILES) for way in ("plain", "reading", "jail")}
    texts = {
        way: {name: FILES[name].replace("{}", str(prize.library)) for name, prize in taken.items()}
        for way, taken in ways.items()
    }
    planted = {}
    for number, text in enumerate(texts["plain"].values()):
        file, _, content = text.partition("\n")
        planted |= {f"{number}/{file}": content, f"{number}/attack.sql": QUERY}
    plainly(ground.plant(planted))
    carefully([{"text": QUERY, "file": text} for text in texts["reading"].values()], ground.folder)
    replies = jailed(
        *({"text": QUERY, "configs": section(prize, name)} for name, prize in ways["jail"].items()),
    )
    assert [reply.failure for reply in replies] == [None] * len(FILES), "sqlfluff itself has read each"
    return ways


def section(prize: Prize, name: str) -> dict[str, Any]:
    setting: dict[str, Any] = {"library_path": str(prize.library)}
    return {"core": setting} if name in ("root", "tox.ini") else {"templater": {"jinja": setting}}


@pytest.mark.parametrize("name", FILES)
def test_a_configuration_that_names_a_library(name: str, configured: Taken) -> None:
    assert configured["plain"][name].is_taken, "the attack works where nothing stops it"
    assert [way for way, taken in configured.items() if taken[name].is_taken] == ["plain"]


def test_what_its_documentation_advises_against_it_does_not_help(ground: Ground) -> None:
    """`--library-path none`: why there are two layers here and not that switch."""
    by_file, by_comment = ground.prize("advised_file"), ground.prize("advised_comment")
    files = {
        ".sqlfluff": FILES["section"].partition("\n")[2].replace("{}", str(by_file.library)),
        "a.sql": f"-- sqlfluff:library_path:{by_comment.library}\n{QUERY}",
        "b.sql": QUERY,
    }
    plainly(ground.plant(files), "--library-path", "none")
    assert by_file.is_taken
    assert by_comment.is_taken


PLUGIN = '''\
"""Does what the real one does first: it loads the project's own code."""
from pathlib import Path
from sqlfluff.core.plugin import hookimpl
from sqlfluff.core.templaters import JinjaTemplater

class DbtTemplater(JinjaTemplater):
    name = "dbt"

    def process(self, *, in_str, fname, config=None, formatter=None):
        place = Path(config.get_section(("templater", "dbt", "project_dir")))
        exec((place / "code.py").read_text())
        return super().process(in_str=in_str, fname=fname, config=config, formatter=formatter)

@hookimpl
def get_templaters():
    return [DbtTemplater]
'''
INSTALLED = {
    "sqlfluff_templater_dbt.py": PLUGIN,
    "sqlfluff_templater_dbt-4.5.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: sqlfluff-templater-dbt\n",
    "sqlfluff_templater_dbt-4.5.0.dist-info/entry_points.txt": "[sqlfluff]\ndbt = sqlfluff_templater_dbt\n",
}


def test_a_configuration_that_asks_for_dbt(ground: Ground) -> None:
    """With a plugin of that name installed; the real one needs dbt, a profile and a warehouse."""
    plugins = ground.plant(INSTALLED)
    files, configs, ways = {}, {}, {way: ground.prize(f"dbt_{way}") for way in ("plain", "reading", "jail")}
    for way, prize in ways.items():
        project = ground.plant({"code.py": f"open({str(prize.marker)!r}, 'w').close()\n", "attack.sql": QUERY})
        setting = f"[sqlfluff]\ntemplater = dbt\n[sqlfluff:templater:dbt]\nproject_dir = {project}\n"
        (project / ".sqlfluff").write_text(setting)
        files[way], configs[way] = project, setting
    plainly(files["plain"], path=[plugins])
    comment = "-- sqlfluff:templater:dbt\n"
    jobs = [{"text": text, "file": f".sqlfluff\n{configs['reading']}"} for text in (QUERY, comment + QUERY)]
    for said in carefully(jobs, files["reading"], path=[plugins]):
        assert said.startswith("LintResult(violations=(), unlintable=None, is_parsed=True"), "it is linted all the same"
    asked = {"core": {"templater": "dbt"}, "templater": {"dbt": {"project_dir": str(files["jail"])}}}
    (reply,) = jailed({"text": QUERY, "configs": asked}, plugins=[plugins])
    assert reply.failure is not None
    assert reply.failure.startswith("the parser failed on it (")
    assert [way for way, prize in ways.items() if prize.is_taken] == ["plain"]
