"""Templates walked give what Jinja's own compiled code gives, whatever they say, and fail where that fails."""

from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import nodes, pass_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context

from review.sql.builtins import builtins
from review.sql.interpreter import Interpreter
from review.sql.jinja import environment

VALUES: dict[str, Any] = {
    "rows": [{"name": "a", "kids": [{"name": "b", "kids": []}]}, {"name": "c", "kids": []}],
    "pairs": [(1, "x"), (2, "y")],
    "word": "quay",
    "many": {"b": 2, "a": 1},
    "nothing": None,
    "each": lambda *args, **kwargs: f"{args}{sorted(kwargs.items())}",
    "fails": lambda: 1 // 0,
}

TEMPLATES = {
    "text": "select 1 {# no #} from t\n",
    "values": "{{ 1 }} {{ 1.5 }} {{ 'a' 'b' }} {{ none }} {{ true }}",
    "collections": "{{ [1, word] }} {{ (1,) }} {{ () }} {{ {'a': word} }}",
    "sums": "{{ 1 + 2 * 3 - 4 / 5 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 3 ** 2 }} {{ -(+3) }} {{ 1 ~ 'a' ~ none }}",
    "comparisons": "{{ 1 < 2 < 3 }} {{ 1 == 1 != 2 }} {{ 3 >= 3 > 4 }} {{ 1 in [1] }} {{ 1 not in [1] }} {{ 1 <= 0 }}",
    "chains stop early": "{{ 2 < 1 < fails() }}",
    "logic": "{{ 0 or 'b' }} {{ 1 and [] }} {{ not 1 }} {{ 0 and fails() }} {{ 1 or fails() }}",
    "conditional": "{{ 'a' if 0 else 'b' }} {{ 'a' if 0 }}|{{ ('a' if 0) is defined }}",
    "members": "{{ rows[0].name }} {{ rows[1]['name'] }} {{ word[1:3] }} {{ word[::-1] }} {{ many.a }}",
    "a member's call": "{{ word.upper() }}",
    "none such": "{{ rows[9] }} {{ word.nothing }} {{ many['zz'] is defined }} {{ unknown }} {{ unknown is defined }}",
    "calls": "{{ each(1, 'a', b=2) }} {{ each(*[1, 2], **{'c': 3}) }} {{ range(3) | list }} {{ dict(a=1) }}",
    "filters": "{{ word | upper | replace('Q', 'K') }} {{ many | dictsort }} {{ pairs | map('last') | join(', ') }}",
    "filters of a team": "{{ word | as_bool }} {{ rows | selectattr('name', 'equalto', 'c') | list | length }}",
    "tests": "{{ 3 is odd }} {{ 4 is divisibleby 2 }} {{ nothing is none }} {{ word is not string }}",
    "test with a list": "{{ word is in ['quay'] }}",
    "loop": "{% for a in [3, 4] %}{{ loop.index }}/{{ loop.length }}{{ a }}{{ loop.cycle('x', 'y') }}{% endfor %}",
    "loop of pairs": "{% for a, b in pairs %}{{ a }}{{ b }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "loop with condition": "{% for a in range(6) if a is even %}{{ a }}{{ loop.index }}{% else %}none{% endfor %}",
    "loop of nothing": "{% for a in [] %}{{ a }}{% else %}none {{ word }}{% endfor %}",
    "loop of none that fits": "{% for a in [1] if 0 %}{% else %}-{% endfor %}",
    "nested loops": (
        "{% for a in [1, 2] %}{% for b in 'xy' %}{{ loop.index }}{{ a }}{{ b }}{% endfor %}{{ loop.index }}{% endfor %}"
    ),
    "loop that recurses": "{% for r in rows recursive %}{{ r.name }}{{ loop.depth }}({{ loop(r.kids) }}){% endfor %}",
    "break": "{% for a in [1, 2, 3] %}{% if a == 2 %}{% break %}{% endif %}{{ a }}{% endfor %}",
    "continue": "{% for a in [1, 2, 3] %}{% if a == 2 %}{% continue %}{% endif %}{{ a }}{% else %}none{% endfor %}",
    "break at once": "{% for a in [1] %}{% break %}{% else %}none{% endfor %}",
    "loop ahead": "{% for a in [1, 2] %}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.changed(1) }}{% endfor %}",
    "names of a loop": (
        "{% set a = 0 %}{% for b in [1, 2] %}{% set a = a + b %}{{ a }}{% endfor %}{{ a }}{{ b is defined }}"
    ),
    "namespace": "{% set n = namespace(x=0) %}{% for b in [1, 2] %}{% set n.x = n.x + b %}{% endfor %}{{ n.x }}",
    "branches": "{% if 0 %}a{% elif word %}b{% elif fails() %}c{% else %}d{% endif %}{% if 0 %}{% else %}e{% endif %}",
    "set in a branch": "{% if 1 %}{% set a = 1 %}{% endif %}{{ a }}",
    "set several": "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d), e = [[3, 4], 5] %}{{ c }}{{ d }}{{ e }}",
    "set block": "{% set a %}x {{ word }}{% endset %}{{ a }}{% set b | upper | trim %} y {% endset %}{{ b }}",
    "macro": "{% macro m(a, b=word, c=b) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1, 2) }} {{ m(c=3, a=4) }}",
    "macro without": "{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m() }}",
    "macro takes more": "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, b=4) }}",
    "macro sees what comes later": "{% macro m() %}{{ late }}{% endmacro %}{% set late = 1 %}{{ m() }}",
    "macro keeps its names": "{% macro m() %}{% set a = 2 %}{{ a }}{% endmacro %}{% set a = 1 %}{{ m() }}{{ a }}",
    "macro in a loop": "{% for a in [1, 2] %}{% macro m() %}{{ a }}{% endmacro %}{{ m() }}{% endfor %}",
    "macro that calls itself": "{% macro m(n) %}{{ n }}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}",
    "macro's attributes": "{% macro m(a, b) %}{% endmacro %}{{ m.name }}{{ m.arguments | list }}{{ m.catch_varargs }}",
    "call": "{% macro m(a) %}<{{ caller() }}{{ a }}>{% endmacro %}{% call m(1) %}in {{ word }}{% endcall %}",
    "call with arguments": (
        "{% macro m() %}{{ caller(1, b=2) }}{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}"
    ),
    "macro with a caller or none": "{% macro m(caller=none) %}{{ caller is none }}{% endmacro %}{{ m() }}",
    "filter": "{% filter upper %}a {{ word }}{% endfilter %}{% filter replace('a', 'b') | upper %}a{% endfilter %}",
    "with": "{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% set c = 3 %}{% endwith %}{{ a }}{{ c is defined }}",
    "do": "{% set a = [] %}{% do a.append(1) %}{{ a }}",
    "raw": "{% raw %}{{ a }}{% endraw %}",
    "autoescape": "{% autoescape false %}<{{ word }}>{% endautoescape %}",
    "block": "{% block b %}{{ word }}{% endblock %}",
    "scope": "{% snapshot s %}{% set a = 1 %}{{ a }}{% endsnapshot %}{{ a is defined }}",
    "test": "{% test t(model) %}{{ model }}{% endtest %}{{ test_t(1) }}",
    "return": "{% macro m() %}a{% set x = [1] %}{{ return(x) }}b{% endmacro %}{{ m()[0] + 1 }}",
    "return at the top": "{{ return(1) }}",
    "format": "{{ '%s-%s' | format(1, word) }} {{ '{0}'.format(word) }}",
    "unsafe": "{{ ''.__class__ }}|{{ each.__globals__ }}",
    "unsafe call": "{{ ''.__class__.mro() }}",
    "unsafe format": "{{ '{0.__class__}'.format(word) }}",
    "division": "a{{ 1 / 0 }}",
    "no filter's argument": "{{ word | replace('a') }}",
    "no such test": "{{ word is quaint }}",
    "break in a macro": "{% macro m() %}{% break %}{% endmacro %}{% for a in [1, 2] %}{{ a }}{{ m() }}{% endfor %}",
    "continue in a call": (
        "{% macro m() %}{{ caller() }}{% endmacro %}"
        "{% for a in [1] %}{% call m() %}{% continue %}{% endcall %}{% endfor %}"
    ),
    "break at the top": "a{% break %}b",
    "no such keyword": "{% macro m() %}{% endmacro %}{{ m(a=1) }}",
    "too many": "{% macro m() %}{% endmacro %}{{ m(1) }}",
    "not to be unpacked": "{% set a, b = 1 %}",
    "too few": "{% set a, b = [1] %}",
    "no namespace": "{% set word.x = 1 %}",
    "include": "{% include 'a' %}",
    "import": "{% import 'a' as a %}{{ a.b }}",
    "from import": "{% from 'a' import b %}",
    "extends": "{% extends 'a' %}",
}


OTHERWISE: dict[str, type[Exception]] = dict.fromkeys(
    (
        "no such test",
        "include",
        "import",
        "from import",
        "extends",
        "break in a macro",
        "continue in a call",
        "break at the top",
    ),
    TemplateRuntimeError,
)
"""What fails otherwise: for want of a loader or a test, and in Python's own compiler."""


def compiled(text: str) -> str:
    """As Jinja does it, with everything unknown undefined."""
    made = environment()
    return made.from_string(text, globals={**made.globals, **_values()}).render()


def walked(text: str) -> str:
    """As we do."""
    made = environment()
    values = {**made.globals, **_values()}
    interpreter = Interpreter(made, lambda name: values[name] if name in values else made.undefined(name=name))
    return "".join(piece for piece, _, _ in interpreter.printed(made.parse(text)))


def _values() -> dict[str, Any]:
    return {**VALUES, "return": builtins(str, {}, "ansi", "m")["return"]}


def outcome(render: Callable[[str], str], text: str) -> str | type[Exception]:
    """What comes of it: a text, or a kind of failure."""
    try:
        return render(text)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("name", TEMPLATES)
def test_walked_as_compiled(name: str) -> None:
    assert outcome(walked, TEMPLATES[name]) == OTHERWISE.get(name, outcome(compiled, TEMPLATES[name]))


def test_every_kind_of_node_that_jinja_parses_is_walked_here() -> None:
    """A new version of Jinja with another statement or expression is noticed, and so is a template too few above."""
    made = environment()
    used = {type(node) for text in TEMPLATES.values() for node in made.parse(text).find_all(nodes.Node)} | {
        nodes.Template
    }
    concrete = {each for each in _below(nodes.Node) if not each.abstract}
    never_parsed = {
        nodes.ContextReference, nodes.DerivedContextReference, nodes.EnvironmentAttribute, nodes.EvalContextModifier,
        nodes.ExtensionAttribute, nodes.ImportedName, nodes.InternalName, nodes.MarkSafe, nodes.MarkSafeIfAutoescape,
        nodes.OverlayScope,
    }  # fmt: skip
    assert concrete - used == never_parsed


def _below(kind: type[Any]) -> set[type[Any]]:
    return {each for sub in kind.__subclasses__() for each in {sub, *_below(sub)}}


def test_a_forced_branch_is_taken_whatever_the_tests_say() -> None:
    made = environment()
    tree = made.parse("{% if 1 %}a{% elif fails() %}b{% else %}c{% endif %}")
    choice = tree.find(nodes.If)
    assert choice is not None
    for branch, printed in enumerate("abc"):
        interpreter = Interpreter(made, lambda name: VALUES[name], forced={choice: branch})
        assert "".join(piece for piece, _, _ in interpreter.printed(tree)) == printed


def test_the_context_is_what_a_filter_is_given() -> None:
    made = environment()

    def told(context: Context, value: str) -> str:
        return f"{type(context).__name__} {value}"

    made.filters["told"] = pass_context(told)
    found = Interpreter(made, lambda name: name).printed(made.parse("{{ word | told }}"))
    assert found[0][0] == "Context word"
