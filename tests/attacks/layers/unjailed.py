"""Our own lint of texts, outside the jail: what stands between an attack and sqlfluff where the jail is open.

Two things do, and either can be left out: directives are made inert, and our templater reads and loads nothing. What
the templater printed is told too: our lint quotes none of it, which must not be all that keeps a file's text from us.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from review.sql import prepare
from review.sql.directives import neutralise
from review.sql.linter import lint
from review.sql.render import Renderer
from review.sql.settings import team_settings
from review.sql.templater import Templater

PRINTED: list[str] = []
process = Templater.process


def recorded(self: Templater, **arguments: Any) -> Any:
    """As it is, and what came of it is kept."""
    rendered, problems = process(self, **arguments)
    PRINTED.append(str(rendered))
    return rendered, problems


Templater.process = recorded


def look_at(data: Mapping[str, Any]) -> str:
    """All that a review would say of the file, with the configuration as the team's; `only` one of the two things."""
    if data.get("only") == "directives":
        from tests.attacks.layers.undefended import lint as undefended

        return str(undefended({"text": neutralise(data["text"])}))
    prepare.neutralise = str if data.get("only") == "templater" else neutralise
    name, _, file = data.get("file", ".sqlfluff\n").partition("\n")
    settings = team_settings({name: file}, "attack.sql")
    configs = settings.configs if settings else {}
    text = data["text"]
    PRINTED.clear()
    result = lint("attack.sql", text, "ansi", configs, Renderer(), frozenset(range(1, text.count("\n") + 2)))
    return f"{result!r} {' '.join(PRINTED)}"


if __name__ == "__main__":
    print(json.dumps([look_at(data) for data in json.load(sys.stdin)]))
