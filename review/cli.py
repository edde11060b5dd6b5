"""The command line, and the only place that touches the process: `os.environ`, the streams, signals, the exit status.

Secrets leave `os.environ` before anything else runs, so that no child process can inherit them.
"""

import argparse
import errno
import gc
import io
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from review import __version__, log
from review.config.secret_names import SECRETS as MODEL_SECRETS
from review.errors import InputError, ReviewError, where_raised

if TYPE_CHECKING:
    from review.commands.local import Asked

SECRETS = ("INPUT_GITHUB-TOKEN", "GITHUB_TOKEN", *MODEL_SECRETS)
CANNOT_REVIEW = 2
"""Exit status when the review could not be done."""
TERMINATED = 143
"""Exit status after SIGTERM, as a shell reports it."""


def console() -> NoReturn:
    """The program: run the command that the arguments name, and leave.

    At once, since all that Python does at exit is to take apart what the system frees anyway (mypy leaves likewise).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no UTF-8 shows a question mark
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()  # closed by whoever started us
    status = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough
        status = CANNOT_REVIEW
    except OSError as error:
        log.error(f"The output could not be written to its end ({error.strerror}).", {})
        status = CANNOT_REVIEW
    sys.stderr.flush()
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0 gate passes, 1 it fails, 2 the review could not be done."""
    environ = take_environment()
    gc.disable()  # importing makes no garbage, and looking for it takes a tenth of a short run; see `pipeline`
    signal.signal(signal.SIGTERM, _terminate)
    options = parser().parse_args(arguments)
    try:
        return dispatch(options, environ)
    except ReviewError as error:
        log.error(str(error), environ)
        return CANNOT_REVIEW
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_REVIEW
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            log.error("There is no space left for the output, so it is not whole; nothing was decided.", environ)
            return CANNOT_REVIEW
        log.error(
            f"Data Architecture Review failed on its own account ({where_raised(error)}), so nothing"
            " was decided. Please report it with this line.",
            environ,
        )
        return CANNOT_REVIEW


def take_environment() -> Mapping[str, str]:
    """A copy of the environment; the secrets are removed from the process's own."""
    environ = dict(os.environ)
    for name in SECRETS:
        os.environ.pop(name, None)
    return environ


def dispatch(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Import the chosen command, and only that one, and run it."""
    if options.command in ("run", "plan", "merge"):
        from review.commands.run import run

        try:
            return run({**environ, **_steps(options)}, cores())
        except InputError as error:
            raise _of_option(error, options) from error
    if options.command == "local":
        from review.commands.local import local

        asked = _asked(options, environ)
        return local(Path(options.repo), options.base, options.head, options.format, options.output, cores(), asked)
    if options.command == "demo":
        from review.commands.demo import demo

        return demo(options.format, options.keep, cores())
    from review.commands import catalogue

    if options.command == "docs":
        return catalogue.write_pages(Path.cwd())
    if options.action == "list":
        return catalogue.list_rules()
    if options.action == "show":
        return catalogue.show_rule(options.code)
    return catalogue.new_rule(Path.cwd(), options.family, options.name)


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top = argparse.ArgumentParser(
        prog="data-review", description="Review changes to Airflow DAGs, dbt projects, Spark jobs and SQL."
    )
    top.add_argument("--version", action="version", version=f"data-review {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="the GitHub Action: review the event of this workflow run")
    run.add_argument("--shard", metavar="I/N", help="look at one shard of a plan alone, and publish nothing")
    plan = commands.add_parser("plan", help="say into how many shards the change is cut, as a matrix for Actions")
    plan.add_argument("--shards", metavar="N", help="that many (default: as many as the change is worth)")
    plan.add_argument("--max", metavar="N", help="at most that many (default: 16)")
    merge = commands.add_parser("merge", help="join the shards' reports into one review, and publish it")
    merge.add_argument("directory", metavar="DIR", help="where the reports are, in the workspace")
    merge.add_argument("--shards", metavar="ALL/N", help="what the plan gave (its output shards)")
    local = commands.add_parser("local", help="review a range of a git repository, without GitHub")
    local.add_argument("--base", metavar="REF", help="what to compare with (default: the repository's main branch)")
    local.add_argument("--head", metavar="REF", default="HEAD", help="what to review (default: HEAD)")
    local.add_argument("--repo", metavar="DIR", default=".", help="the repository (default: this directory)")
    local.add_argument("--output", metavar="FILE", help="write there instead of to standard output")
    local.add_argument(
        "--agent", metavar="NAME", help="ask this agent, too: data-engineer, or an agent's file (.md) at base"
    )
    local.add_argument("--model", metavar="MODEL", help="of the agent: sonnet, opus, haiku or a full id")
    local.add_argument("--model-price", metavar="PRICE", help="of a model that is not known: 2,10,2.5,0.1")
    local.add_argument("--max-cost-usd", metavar="USD", help="what asking may cost (default: 1.00)")
    local.add_argument("--dry-run", action="store_true", help="print what the agent would be sent, and send nothing")
    local.add_argument("--save-transcript", metavar="DIR", help="keep what the agent is sent and what it answers there")
    demo = commands.add_parser("demo", help="review a bundled example change: no key, no network")
    demo.add_argument("--keep", metavar="DIR", help="build the example repository there and leave it")
    for command in (local, demo):
        command.add_argument("--format", choices=("text", "markdown", "json", "sarif"), default="text")
    rules = commands.add_parser("rules", help="list, show or add rules")
    actions = rules.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="every rule, one a line")
    show = actions.add_parser("show", help="one rule's page")
    show.add_argument("code", metavar="CODE")
    new = actions.add_parser("new", help="write the files of a new rule, to be filled in")
    new.add_argument("family", metavar="FAMILY")
    new.add_argument("name", metavar="NAME")
    commands.add_parser("docs", help="write the rules' pages anew from their docstrings")
    return top


_OPTIONS = {
    "plan": {"shard": "--shards", "max-shards": "--max"},
    "merge": {"shard": "--shards", "shards-dir": "DIR"},
    "run": {"shard": "--shard"},
}
"""Command → input → the option that says the same."""


def _steps(options: argparse.Namespace) -> dict[str, str]:
    """What the command line says of a review in steps, in the variables of the inputs that say the same."""
    if options.command == "plan":
        said = {"mode": "plan", "shard": options.shards, "max-shards": options.max}
    elif options.command == "merge":
        said = {"mode": "merge", "shard": options.shards, "shards-dir": options.directory}
    else:
        said = {"mode": "shard", "shard": options.shard} if options.shard is not None else {}
    return {f"INPUT_{name.upper()}": value for name, value in said.items() if value is not None}


def _of_option(error: InputError, options: argparse.Namespace) -> InputError:
    """The same error, under the name of the option where the value came by one, or could have only."""
    if options.command == "run" and options.shard is None:
        return error
    for name, option in _OPTIONS[options.command].items():
        if str(error).startswith(f"input {name}:"):
            return InputError(str(error).replace(f"input {name}:", f"{option}:", 1))
    return error


def _asked(options: argparse.Namespace, environ: Mapping[str, str]) -> "Asked | None":
    """Which agent a local review asks. Raises InputError where an option of the agent's stands without one."""
    if options.agent is None:
        given = (options.model, options.model_price, options.max_cost_usd, options.save_transcript)
        if options.dry_run or any(each is not None for each in given):
            raise InputError(
                "--model, --model-price, --max-cost-usd, --dry-run and --save-transcript are about the agent: name one"
                " with --agent."
            )
        return None
    if options.save_transcript is not None and (options.dry_run or not options.save_transcript):
        raise InputError("--save-transcript needs a directory, and something to be said: a dry run sends nothing.")
    if options.dry_run and options.format not in ("text", "json"):
        raise InputError("--dry-run: shows requests, no review; use --format text or json.")
    from review.commands.agent import Wish
    from review.commands.local import Asked
    from review.config.inputs import agent_name, dollars

    wish = Wish(
        agent_name(options.agent, "--agent"),
        options.model or "",
        options.model_price or "",
        max_cost_usd=dollars(options.max_cost_usd or Wish.max_cost_usd, "--max-cost-usd"),
        named_by="--agent",
    )
    return Asked(wish, environ, options.dry_run, options.save_transcript)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    """As PID 1 in a container Python ignores SIGTERM without a handler. Unwinding stops workers and removes files."""
    raise SystemExit(TERMINATED)
