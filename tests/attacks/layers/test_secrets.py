"""Attempts to have a key posted in a finding: a template that includes what the linter's process may read.

A pure SQL file, no configuration, no code: what the template printed does not parse, and sqlfluff quotes it.
"""

import json
import re
import sys
from collections.abc import Mapping
from itertools import product

import pytest

from review.domain.redaction import redact
from review.sandbox.process import ENVIRONMENT
from review.sql.render import CannotRender, Renderer
from tests.attacks.layers.conftest import KEY, Ground, carefully, jailed, plainly, run

SEARCH = "-- sqlfluff:templater:jinja:loader_search_path:"
PRINTED = ' {{ all | replace("\\x00", " ") }}\n'
ENVIRON = '{% set all %}{% include "environ" %}{% endset %}' + PRINTED
TEXTS = {
    "an included file": SEARCH + '{config}\n{% include "config" %}\n',
    "an included file, tight": "--" + SEARCH.removeprefix("-- ") + '{config}\n{% include "config" %}\n',
    "an included file, in a comment": "/*\r" + SEARCH + '{config}\r*/{% include "config" %}\n',
    "a file of whatever name": SEARCH + '{config}\n{% include ["nothing", "config"] %}\n',
    "an imported macro": SEARCH + '{config}\n{% from "leak.sql" import leak %}{{ leak() }}\n',
    "a loaded macro": SEARCH.replace("loader_search_path", "load_macros_from_path") + "{config}\n{{ leak() }}\n",
    "the process's own environment": SEARCH + "/proc/self\n" + ENVIRON,
    "another process's environment": SEARCH + "/proc/{victim}\n" + ENVIRON,
    "a process found by its number": SEARCH + "/proc\n" + ENVIRON.replace('"environ"', '"{victim}/environ"'),
    "the system's list of users": SEARCH + '/etc\n{% include "passwd" %}\n',
}
WANTED = {"the system's list of users": "root:x:0:0"}
"""What shows that the attack has worked; the key, if nothing else."""
FILES = {
    "an opened folder": ("loader_search_path = {config}", '{% include "config" %}\n'),
    "an opened process": ("loader_search_path = /proc/self", ENVIRON),
    "a folder of macros": ("load_macros_from_path = {config}", "{{ leak() }}\n"),
}
"""A line of the team's own file, and the text."""


def filled(text: str, ground: Ground) -> str:
    return text.replace("{config}", str(ground.folder / "config")).replace("{victim}", str(ground.victim))


@pytest.fixture(scope="module")
def said(ground: Ground) -> Mapping[str, Mapping[str, str]]:
    """Way → attack → all that was said."""
    config = ground.folder / "config"
    config.mkdir()
    (config / "config").write_text(f"basic {KEY}\n")
    (config / "leak.sql").write_text("{% macro leak() %}" + KEY + "{% endmacro %}")
    names = [*TEXTS, *FILES]
    texts = [filled(text, ground) for text in (*TEXTS.values(), *(text for _, text in FILES.values()))]
    lines = [""] * len(TEXTS) + [filled(line, ground) for line, _ in FILES.values()]
    settings = [f"[sqlfluff:templater:jinja]\n{line}\n" if line else "" for line in lines]
    planted = {f"{number}/attack.sql": text for number, text in enumerate(texts)}
    planted |= {f"{number}/.sqlfluff": setting for number, setting in enumerate(settings) if setting}
    plain = plainly(ground.plant(planted))
    read = [
        {"text": text, "file": f".sqlfluff\n{setting}", "only": way}
        for way in ("", "templater", "directives")
        for text, setting in zip(texts, settings, strict=True)
    ]
    reading = carefully(read, ground.folder)
    jobs = [
        {"text": text, "configs": {"templater": {"jinja": dict([line.split(" = ")])}} if line else None}
        for text, line in zip(texts, lines, strict=True)
    ]
    whole = len(names)
    return {
        "plain": {name: plain[f"{number}/attack.sql"] for number, name in enumerate(names)},
        "both": dict(zip(names, reading, strict=False)),
        "templater": dict(zip(names, reading[whole:], strict=False)),
        "directives": dict(zip(names, reading[2 * whole :], strict=True)),
        "jail": dict(zip(names, map(str, jailed(*jobs)), strict=True)),
    }


@pytest.mark.parametrize("name", [*TEXTS, *FILES])
def test_what_the_linter_may_read(name: str, said: Mapping[str, Mapping[str, str]]) -> None:
    wanted = WANTED.get(name, KEY)
    assert wanted in said["plain"][name], "the attack works where nothing stops it"
    assert [way for way, each in said.items() if wanted in each[name]] == ["plain"]


def test_redaction_does_not_hide_a_leak_from_these_tests() -> None:
    assert redact(f"basic {KEY} ANTHROPIC_API_KEY={KEY}") == f"basic {KEY} ANTHROPIC_API_KEY={KEY}"


CLIMBS = {
    "lipsum": "{{ lipsum.__globals__['os'].environ }}",
    "cycler": "{{ cycler.__init__.__globals__.os.environ }}",
    "joiner": "{{ joiner.__init__.__globals__['os'].environ }}",
    "namespace": "{{ namespace.__init__.__globals__.os.environ }}",
    "by a filter": "{{ (lipsum | attr('__globals__'))['os'].environ }}",
    "by a map": "{{ ([lipsum] | map(attribute='__globals__') | first)['os'].environ }}",
    "by a pieced name": "{{ lipsum['__glo' ~ 'bals__']['os'].environ }}",
    "by a format": "{{ '{0.__globals__[os].environ}'.format(lipsum) }}",
    "by a mapped format": "{{ '{a.__globals__[os].environ}'.format_map({'a': lipsum}) }}",
    "by a borrowed format": "{% set f = '{0.__globals__[os].environ}'.format %}{{ f(lipsum) }}",
    "imported": "{{ lipsum.__globals__['__builtins__']['__import__']('os').environ }}",
    "read": "{{ lipsum.__globals__['__builtins__']['open']('/proc/self/environ').read() }}",
    "by a program": "{{ lipsum.__globals__['os'].popen('env').read() }}",
}
"""Ways out of a template without a sandbox, to where this process keeps its key."""
OURS = (
    *("ref config var env_var adapter this exceptions target modules builtins source log return execute".split()),
    *("adapter.dispatch config.get modules.datetime modules.datetime.datetime fromjson fromyaml zip unknown".split()),
    *("caller self loop varargs graph model run_query dbt_utils.star ''.join [].append {}.get run_started_at".split()),
)
"""What our templates have, and much of it Jinja's own have not."""
STEPS = ("__class__", "__globals__", "__init__", "__func__", "__self__", "__code__", "_printer", "_macros")
FORMS = ("{{{{ {name}.{step} }}}}", "{{{{ {name} | attr('{step}') }}}}", "{{{{ '{{0.{step}}}'.format({name}) }}}}")


def test_expressions_that_climb_out_of_the_template(ground: Ground) -> None:
    """sqlfluff's sandbox stops those too; ours is another environment, and the jail needs neither."""
    source = "import sys, json, jinja2\nfor text in json.load(sys.stdin):\n"
    source += "    print(jinja2.Environment().from_string(text).render().replace(chr(10), ' '))"
    plain = run([sys.executable, "-c", source], ground.folder, json.dumps(list(CLIMBS.values()))).stdout.splitlines()
    assert [KEY in each for each in plain] == [True] * len(CLIMBS), "the attacks work where nothing stops them"
    reading = carefully([{"text": f"select '{text}' from where\n"} for text in CLIMBS.values()], ground.folder)
    assert not [each for each in reading if KEY in each]
    replies = jailed(*({"expression": text} for text in CLIMBS.values()))
    shown = [reply.answer["said"][0] for reply in replies if reply.answer is not None]
    assert shown, "some do get out, and find this"
    assert {each.replace("&#39;", "'") for each in shown if each} == {f"environ({ENVIRONMENT})"}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_that_our_templates_have_leads_out(form: str) -> None:
    renderer = Renderer()
    for name, step in product(OURS, STEPS):
        try:
            out = renderer.render("attack.sql", "select " + form.format(name=name, step=step)).text
        except CannotRender as refused:
            out = str(refused)
        assert not re.search(r"<(?!class 'str'>)|\bat 0x", out), "no object of Python's shows"


def test_the_function_that_dbt_reads_the_environment_with(ground: Ground) -> None:
    text = "select {{ env_var('ANTHROPIC_API_KEY') }}, {{ env_var('ANTHROPIC_API_KEY', 'stated') }} from where;\n"
    (said,) = carefully([{"text": text}], ground.folder)
    assert KEY not in said
