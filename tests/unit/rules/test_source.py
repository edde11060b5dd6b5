"""The views of a file: lines as git counts them, and a clause where there is no view."""

import pytest

from review.domain.artifact import Kind, Version
from review.rules.source import Source
from review.rules.trees import NotEvaluated, compose


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"])
def test_yaml_lines_are_gits(sign: str) -> None:
    root = compose(f"a: 'x{sign}y'\nb: 1\n")
    assert root is not None
    assert [key.start_mark.line for key, _ in root.value] == [0, 1]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [("a.py", "a = 1\rb = 2\r", Kind.DAG), ("a.yml", "a: 1\rb: 2\r", Kind.DBT_PROPERTIES)],
)
def test_lone_carriage_returns_are_refused(path: str, text: str, kind: Kind) -> None:
    with pytest.raises(NotEvaluated, match="carriage return alone"):
        Source(Version(path, text), kind).parse()
    Source(Version(path, text.replace("\r", "\r\n")), kind).parse()


def test_the_version_of_python_that_cannot_parse_is_named() -> None:
    with pytest.raises(NotEvaluated, match=r"does not parse as Python 3\.\d+ \(line 2: "):
        Source(Version("a.py", "a = 1\nprint 2\n"), Kind.DAG).parse()


def test_dbts_own_blocks_are_jinja() -> None:
    blocks = (
        "{% materialization m, default %}{% endmaterialization %}",
        "{% test t(model) %}select 1{% endtest %}",
        "{% snapshot s %}select 1{% endsnapshot %}",
        "{% docs d %}It's 100 % prose{% enddocs %}",
        "{% do log('x') %}",
        "{% for a in b %}{% if a %}{% continue %}{% endif %}{% endfor %}",
    )
    for block in blocks:
        Source(Version("macros/m.sql", block), Kind.DBT_MACRO).parse()
