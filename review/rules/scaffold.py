"""The files of a new rule: they fail the tests until someone has filled them in, so none is forgotten half-way."""

from pathlib import Path

from review.errors import InputError
from review.rules.registry import FAMILIES, load

PREFIXES = {"cross": "XST", "dag": "DAG", "dbt": "DBT", "spark": "SPK", "sql": "SQL", "trust": "TRU"}
"""What the codes of each family begin with."""

_KINDS = {
    "cross": "DAG",
    "dag": "DAG",
    "dbt": "DBT_MODEL",
    "spark": "PYSPARK",
    "sql": "SQL_QUERY",
    "trust": "SQL_QUERY",
}
_LANGUAGES = {"cross": "python", "dag": "python", "dbt": "sql", "spark": "python", "sql": "sql", "trust": "sql"}

_RULE = '''"""One sentence that names the pattern, as the finding's title.

### Why it matters

### Bad
```{language}
```

### Good
```{language}
```
"""

from collections.abc import Iterator

from review.domain.artifact import Kind
from review.domain.finding import Confidence, Standard
from review.domain.severity import Severity
from review.rules.base import Hit, Rule
from review.rules.source import Source

rule = Rule(
    module=__name__,
    code="{code}",
    standard=Standard.DATA_QUALITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({{Kind.{kind}}}),
)


@rule.detect
def detect(source: Source) -> Iterator[Hit]:
    """What is looked for, in one line."""
    raise NotImplementedError("{code} detects nothing yet")
'''

_CASES = """# Each case: head (and base), the lines where the rule must hit; see tests/rules/README.md.
pass_what_looks_like_it_but_is_right:
  head: ""

fail_the_pattern:
  head: ""
  lines: [1]
"""


def new(root: Path, family: str, name: str) -> list[Path]:
    """Write rule and cases of a new rule under a checkout, and return their paths.

    `name` is kebab-case and names the pattern, not the remedy. The code is the family's next free one. Raises
    InputError for an unknown family, a bad name, a name in use, or a `root` that is no checkout of this project.
    """
    if family not in FAMILIES:
        raise InputError(f"there is no family {family}; choose one of {', '.join(FAMILIES)}.")
    module = name.replace("-", "_")
    if name != name.lower() or not module.isidentifier() or module.startswith("_"):
        raise InputError(f"{name} cannot be a rule's name: write lower-case words with hyphens, such as missing-comma.")
    rule, cases = root / f"review/rules/{family}/{module}.py", root / f"tests/rules/{family}/{module}.yml"
    if not rule.parent.is_dir() or not cases.parent.is_dir():
        raise InputError(f"{root} is no checkout of this project: run this where review/ and tests/ are.")
    for path in (rule, cases):
        if path.exists():
            raise InputError(f"{path} exists already; choose another name.")
    text = _RULE.format(code=_next_code(family), kind=_KINDS[family], language=_LANGUAGES[family])
    rule.write_text(text, encoding="utf-8")
    cases.write_text(_CASES, encoding="utf-8")
    return [rule, cases]


def _next_code(family: str) -> str:
    prefix = PREFIXES[family]
    taken = [int(rule.code.removeprefix(prefix)) for rule in load() if rule.code.startswith(prefix)]
    return f"{prefix}{max(taken, default=0) + 1:03d}"
