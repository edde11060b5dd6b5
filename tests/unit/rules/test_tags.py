"""A template is cut where Jinja's own lexer cuts it, in linear time."""

import time

import pytest

from review.rules.project.jinja import snapshots
from review.rules.project.tags import cuts
from review.sql.jinja import grammar

TEMPLATES = [
    "",
    "select 1",
    "select {{ a }} from {{ ref('b') }}_c",
    "a {%- if x -%} b {% else %}\n c {%- endif %} d",
    "{{ m({'a': {'b': 1}}, 'ord') }}e",
    "{% set a = {'b': {'c': 'd'}} %}{{ {} }}",
    "{{ 'it''s' }}{{ \"say 'x' }}\" }}f",
    r"{{ 'a\'b' }}g{{ 'c\\' }}h{{ '\\\'d' }}",
    "{# {{ not }} '{% a %} #}i{#- j -#} k",
    "{% raw %}{{ no }}'{% endraw %}{{ 'yes' }}",
    "{%- raw -%} {% x %} {%- endraw -%} l",
    "a { b } %} }} #} {c{{ d }}",
    "{% snapshot s %}select 1{% endsnapshot %}",
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_as_jinja_cuts_it(text: str) -> None:
    expected: tuple[list[str], list[str]] = [], []
    for _, kind, value in grammar().lex(text):
        if kind == "data":
            expected[0].append(value)
        elif kind == "string":
            expected[1].append(value[1:-1])
    found = list(cuts(text))
    assert [cut.data for cut in found if cut.data] == [each for each in expected[0] if each]
    assert [string for cut in found for string in cut.strings] == expected[1]


@pytest.mark.parametrize("text", ["{{ 'open", "{{ a", "{% b", "{# c", "{% raw %} d", "{{ {", '{{ "\\'])
def test_what_never_ends_goes_on_to_the_end(text: str) -> None:
    assert "".join(cut.data for cut in cuts(f"a{text}")) in ("a", "a d")


def test_snapshots() -> None:
    text = "{% set sep = '\\\\' %}\n{%- snapshot one -%}\n{% raw %}{% snapshot no %}{% endraw %}\n{% snapshot two %}"
    assert list(snapshots(text)) == [("one", 2), ("two", 4)]


@pytest.mark.parametrize(
    "part", ["'a', ", "{{ '", "{{ {", "{% raw %}", '{{ "\\\\', "{", "{{ '\\' }}", "{# ", "\\'", "{% snapshot a %}\n"]
)
def test_hostile_texts_take_linear_time(part: str) -> None:
    text = "{{ [" + part * (200_000 // len(part))
    begin = time.process_time()
    assert list(cuts(text))
    list(snapshots(text))
    assert time.process_time() - begin < 3
