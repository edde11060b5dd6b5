"""The action's inputs, checked once at the start, so that no later stage meets a value it does not know.

The runner hands an input over as `INPUT_<NAME>`, upper-cased with its hyphens kept, and an unset one as an empty string
(actions/runner, `ContainerActionHandler`). `action.yml` lists the same names; `tests/meta/test_action_yml.py` ties the
two together.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from review.config.cut import MAX_SHARDS
from review.config.refs import checked_ref
from review.domain.severity import Severity
from review.errors import InputError

COMMENTS = ("inline", "summary", "none")
"""What is written on the pull request: inline comments and the summary; the summary alone; nothing."""
FAIL_ON = (*(severity.value for severity in Severity), "never")
"""Least severity that fails the run."""
ON_AGENT_FAILURE = ("pass", "fail")
"""What becomes of a run in which the agent was asked and could not finish, and nothing else fails."""
MODES = ("review", "plan", "shard", "merge")
"""All at once; or the steps of a review on several runners (`review/commands/sharding.py`)."""
MAX_DOLLARS = 1000
MAX_INLINE = 100
"""Most inline comments a review may hold: with some two hundred of a bot's comments GitHub's page fails to load
(rtCamp/action-phpcs-code-review, issue 39)."""
MAX_DIGITS = 10
"""Of a pull request's number."""
MAX_VALUE = 1024
"""Longest value in characters; a longer one is a mistake (a file's content, an expression that was not expanded)."""


@dataclass(frozen=True)
class Inputs:
    """Every input of `action.yml`, checked. A field's name is the input's, with underscores."""

    github_token: str = field(default="", repr=False)
    anthropic_api_key: str = field(default="", repr=False)
    """Empty where the workflow gives none; other credentials may still be in the environment."""
    provider: str = ""
    base_url: str = ""
    """Where the model is served; with `provider` and the key it is checked where it is used (`credentials_of`)."""
    agent: str = "data-engineer"
    """A bundled agent's name, or a path in the repository, read at the base commit."""
    model: str = ""
    """An alias or a full id; empty for what the agent's file says. Checked by `review.model.catalogue`."""
    model_price: str = ""
    """Dollars per million tokens, for a model whose price we do not know: see `review.model.catalogue.parse_price`."""
    agent_can_block: bool = False
    on_agent_failure: str = "pass"
    """One of `ON_AGENT_FAILURE`."""
    max_cost_usd: str = "1.00"
    """An amount of US dollars, as `dollars` takes it."""
    config: str = ".github/data-review.yml"
    """The policy file's path in the repository, normalised; read at the base commit."""
    fail_on: str | None = None
    """One of `FAIL_ON`; None where the workflow does not say: the policy decides, and `high` where that is silent."""
    comments: str = "inline"
    """One of `COMMENTS`."""
    max_inline_comments: int = 20
    base: str = ""
    """For a run by hand, what to compare with: a branch, tag or commit; empty for the default branch."""
    head: str = ""
    """For a run by hand, what to review; empty for what the workflow was started on."""
    pull_request: int | None = None
    """For a run by hand, the pull request to review instead."""
    mode: str = "review"
    """One of `MODES`."""
    shard: str = ""
    """How many shards a plan is to make, or which of a plan's are meant (`review.config.cut.read_cut`)."""
    max_shards: int = 16
    """Most shards that a plan makes by itself."""
    shards_dir: str = "data-review-shards"
    """Where the reports of shards are, as `report_dir` is."""
    report_dir: str = "data-review-report"
    """Relative to the workspace, normalised, and inside it by its name: whoever writes there has to refuse symlinks."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Inputs":
        """The inputs that these variables hold; an input that is absent or empty has its default.

        Raises InputError, naming the input, its value and what is accepted. A token's value is never named.
        """
        _refuse_underscores(environ)
        mode, shard = _choice(environ, "mode", MODES) or cls.mode, _value(environ, "shard")
        if shard and mode == "review":
            raise InputError(
                f"input shard: {shard[:80]!r} is not accepted in the mode review, which looks at the whole change;"
                " leave it empty, or give the input mode."
            )
        return cls(
            github_token=_token(environ),
            anthropic_api_key=_value(environ, "anthropic-api-key"),
            provider=_value(environ, "provider"),
            base_url=_value(environ, "base-url"),
            agent=agent_name(_value(environ, "agent") or cls.agent, "input agent"),
            model=_value(environ, "model"),
            model_price=_value(environ, "model-price"),
            agent_can_block=(_choice(environ, "agent-can-block", ("true", "false")) or "false") == "true",
            on_agent_failure=_choice(environ, "on-agent-failure", ON_AGENT_FAILURE) or cls.on_agent_failure,
            max_cost_usd=dollars(_value(environ, "max-cost-usd") or cls.max_cost_usd, "input max-cost-usd"),
            config=_inside(environ, "config", cls.config, "the repository"),
            fail_on=_choice(environ, "fail-on", FAIL_ON) or None,
            comments=_choice(environ, "comments", COMMENTS) or cls.comments,
            max_inline_comments=_number(environ, "max-inline-comments", cls.max_inline_comments, MAX_INLINE),
            base=_ref(environ, "base"),
            head=_ref(environ, "head"),
            pull_request=_pull_request(environ),
            mode=mode,
            shard=shard,
            max_shards=_number(environ, "max-shards", cls.max_shards, MAX_SHARDS, least=1),
            shards_dir=_inside(environ, "shards-dir", cls.shards_dir, "the workspace"),
            report_dir=_inside(environ, "report-dir", cls.report_dir, "the workspace"),
        )


NAMES = tuple(field.name.replace("_", "-") for field in fields(Inputs))
"""Every input, as a workflow writes it."""


def variable(name: str) -> str:
    """The environment variable in which the runner hands that input over."""
    return "INPUT_" + name.upper()


def _refuse_underscores(environ: Mapping[str, str]) -> None:
    """The runner drops `fail_on: low` with a warning that nobody reads, and the gate is not what its author thinks."""
    for name in NAMES:
        other = name.replace("-", "_")
        if other != name and environ.get(variable(other)):
            raise InputError(f"input {other}: there is no such input; write {name}.")


def _value(environ: Mapping[str, str], name: str) -> str:
    """The input's text without surrounding blanks, empty where it is unset."""
    value = environ.get(variable(name), "").strip()
    if len(value) > MAX_VALUE:
        raise InputError(f"input {name}: {len(value)} characters long; at most {MAX_VALUE} are accepted.")
    if not value.isprintable():
        raise InputError(f"input {name}: holds a line break or another control character; write it on one line.")
    return value


def agent_name(value: str, what: str) -> str:
    """An agent's name, or a path to its file inside the repository. Raises InputError, naming `what`."""
    if all(sign.isascii() and (sign.islower() or sign.isdigit() or sign == "-") for sign in value):
        return value
    path = posixpath.normpath(value)
    if not value.endswith(".md") or _leads_out(path):
        raise InputError(
            f"{what}: {value[:80]!r} is not accepted; use the name of a bundled agent such as data-engineer, or the"
            " path of an agent's file (.md) inside the repository."
        )
    return path


def dollars(value: str, what: str) -> str:
    """That amount of US dollars, a decimal number above 0. Raises InputError, naming `what`."""
    plain = value.replace(".", "", 1)
    if not (plain.isascii() and plain.isdecimal() and len(value) <= 12 and 0 < float(value) <= MAX_DOLLARS):
        raise InputError(f"{what}: {value[:80]!r} is not accepted; use dollars such as 1.00, at most {MAX_DOLLARS}.")
    return value


def _token(environ: Mapping[str, str]) -> str:
    token = _value(environ, "github-token")
    if not token:
        raise InputError(
            "input github-token: no token was given. Leave the input out to use the workflow's own token; if it names a"
            " secret, that secret does not exist here (runs of forks and of Dependabot get none)."
        )
    if not token.isascii() or " " in token:
        raise InputError("input github-token: not a token; it holds blanks or characters that no token has.")
    return token


def _choice(environ: Mapping[str, str], name: str, accepted: tuple[str, ...]) -> str:
    value = _value(environ, name)
    if value and value not in accepted:
        raise InputError(f"input {name}: {value[:80]!r} is not accepted; use one of {', '.join(accepted)}.")
    return value


def _number(environ: Mapping[str, str], name: str, default: int, most: int, least: int = 0) -> int:
    value = _value(environ, name)
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(most)) and least <= int(value) <= most):
        raise InputError(f"input {name}: {value[:80]!r} is not accepted; use a whole number from {least} to {most}.")
    return int(value)


def _ref(environ: Mapping[str, str], name: str) -> str:
    value = _value(environ, name)
    return checked_ref(value, f"input {name}") if value else ""


def _pull_request(environ: Mapping[str, str]) -> int | None:
    value = _value(environ, "pull-request").removeprefix("#")
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= MAX_DIGITS and int(value)):
        raise InputError(f"input pull-request: {value[:80]!r} is not accepted; use its number, such as 123.")
    return int(value)


def _inside(environ: Mapping[str, str], name: str, default: str, root: str) -> str:
    """A normalised relative path that stays below where it starts, and out of `.git`."""
    value = _value(environ, name)
    if not value:
        return default
    path = posixpath.normpath(value)
    if _leads_out(path):
        raise InputError(
            f"input {name}: {value[:80]!r} is not accepted; use a relative path inside {root}, such as {default}."
        )
    return path


def _leads_out(path: str) -> bool:
    """Whether a normalised path leaves the directory it starts in, or enters `.git`."""
    first = path.partition("/")[0]
    return posixpath.isabs(path) or "\\" in path or first in (".", "..", "~") or first.lower() == ".git"
