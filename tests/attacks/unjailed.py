"""Our own lint of a text, outside the jail: what stands between an attack and sqlfluff where the jail is open."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from review.sql.linter import lint
from review.sql.render import Renderer
from review.sql.settings import team_settings


def look_at(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a review would say of the file, with the .sqlfluff as the team's."""
    settings = team_settings({".sqlfluff": data.get("file", "")}, "attack.sql")
    configs = settings.configs if settings else {}
    text = data["text"]
    result = lint("attack.sql", text, "ansi", configs, Renderer(), frozenset(range(1, text.count("\n") + 2)))
    return {"said": [each.description for each in result.violations], "unlintable": result.unlintable}


if __name__ == "__main__":
    print(json.dumps([look_at(data) for data in json.load(sys.stdin)]))
