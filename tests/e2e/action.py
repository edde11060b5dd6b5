"""One workflow run of the action, as the runner starts it: event file, variables with hyphens, files for answers."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from githubkit_schemas.v2026_03_10 import models

from tests.forked.programs import PROGRAM, program
from tests.github_server import state
from tests.github_server.schema import NOW, check_event, example
from tests.github_server.server import WRITES, GitHubServer
from tests.github_server.state import Comment, Pull, Repository
from tests.model_server.routes import KEY
from tests.model_server.server import ModelServer
from tests.network import NO_WAY_OUT
from tests.unit.git.git_checkout import Checkout

NAME = "shop/data-platform"
EXAMPLE = Path(__file__).parents[2] / "review" / "demo"
NUMBER = 7
DEFAULTS = {
    "anthropic-api-key": "",
    "provider": "",
    "base-url": "",
    "agent": "data-engineer",
    "model": "",
    "model-price": "",
    "agent-can-block": "false",
    "on-agent-failure": "pass",
    "max-cost-usd": "1.00",
    "config": ".github/data-review.yml",
    "fail-on": "",
    "comments": "inline",
    "max-inline-comments": "20",
    "base": "",
    "head": "",
    "pull-request": "",
    "mode": "review",
    "shard": "",
    "max-shards": "16",
    "shards-dir": "data-review-shards",
    "report-dir": "data-review-report",
}
"""What the runner fills in from action.yml."""
RUN_ID = "4711"
AS_STARTED = (*PROGRAM, "run")
"""The command of the image; without one, `Action.run` forks a process that has imported the program."""
SMALL = "reports/refunds.sql"
SMALL_TEXT = """grant select on shop.refunds to public;
grant select on shop.orders to public;
select o.order_id
from shop.orders as o
inner join shop.refunds as r on o.order_id = o.order_id;
"""


def files_of(folder: Path) -> dict[str, bytes]:
    """Path → content of a folder's files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@dataclass(frozen=True)
class Run:
    """What the runner sees of one run."""

    status: int
    log: str
    """Stdout and stderr."""
    outputs: Mapping[str, str]
    summary: str
    report: Mapping[str, str]
    """Name → text of the report's files."""
    writes: tuple[str, ...]
    """The requests that wanted to change something on GitHub."""

    @property
    def review(self) -> Any:
        """review.json."""
        return json.loads(self.report["review.json"])


@dataclass
class Action:
    """A repository on a GitHub with one pull request, and the runs that it starts."""

    root: Path
    server: GitHubServer
    checkout: Checkout = field(init=False)
    repository: Repository = field(init=False)
    pull: Pull = field(init=False)
    model: ModelServer | None = None
    """Who is asked about the change: the runs then have a key, and know where to go with it."""

    def open(
        self, base: Mapping[str, str | bytes], head: Mapping[str, str | bytes], delete: Iterable[str] = ()
    ) -> None:
        """Open the pull request that brings the repository from one state to another."""
        self.checkout = Checkout(self.root / "author")
        base_sha = self.checkout.commit(base, message="base")
        self.checkout.git("checkout", "-q", "-b", "refunds")
        head_sha = self.checkout.commit(head, delete=delete, message="head")
        bare = self.root / "served" / f"{NAME}.git"
        bare.parent.mkdir(parents=True)
        self.checkout.git("clone", "-q", "--bare", ".", str(bare))
        for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self.checkout.git("-C", str(bare), "config", setting, "true")
        self.pull = Pull(NUMBER, base_sha, head_sha)
        self.repository = self.server.add(NAME, bare, self.pull)

    def open_example(self) -> None:
        """The pull request of `data-review demo`."""
        base, head = files_of(EXAMPLE / "base"), files_of(EXAMPLE / "head")
        self.open(base, head, delete=sorted(set(base) - set(head)))

    def open_small(self) -> None:
        """One file of SQL with three findings, all of which block."""
        self.open({SMALL: "select 1\n"}, {SMALL: SMALL_TEXT})

    def push(self, files: Mapping[str, str | bytes], delete: Iterable[str] = ()) -> str:
        """A further commit on the pull request's branch."""
        self.pull.head_sha = self.checkout.commit(files, delete=delete, message="more")
        self.checkout.git("push", "-q", "--force", str(self.repository.directory), "HEAD:refs/heads/refunds")
        return self.pull.head_sha

    @property
    def summaries(self) -> list[Comment]:
        """The comments in the conversation."""
        return self.repository.conversation.get(NUMBER, [])

    @property
    def inline(self) -> list[Comment]:
        """The comments on the diff."""
        return self.repository.inline.get(NUMBER, [])

    def payload(self, action: str = "synchronize") -> dict[str, Any]:
        """The event's payload, checked against GitHub's schema."""
        pull = state.pull_request(self.repository, self.pull, self.server.url)
        repository = example(models.RepositoryWebhooks, **common(NAME, self.server.url))
        head = {**pull["head"], "repo": repository, "sha": self.pull.head_sha}
        base = {**pull["base"], "repo": repository, "sha": self.pull.base_sha}
        model = models.WebhookPullRequestSynchronize if action == "synchronize" else models.WebhookPullRequestOpened
        inner = model.model_fields["pull_request"].annotation
        known = {key: pull[key] for key in ("number", "title", "draft", "state", "user", "html_url")}
        payload = example(
            model,
            action=action,
            number=NUMBER,
            pull_request=fitting(inner, {**known, "head": head, "base": base}),
            repository=repository,
            sender=state.user("ana"),
        )
        check_event(payload)
        return payload

    def variables(self, token: str, inputs: Mapping[str, str], workspace: str, runner: str) -> dict[str, str]:
        """The runner's variables, with directories as the process sees them."""
        key = {"anthropic-api-key": KEY} if self.model else {}
        given = {"github-token": token, **DEFAULTS, **key, **inputs}
        return {
            **({"ANTHROPIC_BASE_URL": self.model.url} if self.model else {}),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_REF": "v0",
            "GITHUB_ACTION_REPOSITORY": "acme/data-architecture-review",
            "GITHUB_ACTOR": "ana",
            "GITHUB_API_URL": self.server.api_url,
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": f"{runner}/event.json",
            "GITHUB_OUTPUT": f"{runner}/output",
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_RUN_ID": RUN_ID,
            "GITHUB_SERVER_URL": self.server.url,
            "GITHUB_STEP_SUMMARY": f"{runner}/summary",
            "GITHUB_WORKSPACE": workspace,
            **{f"INPUT_{name.upper()}": value for name, value in given.items()},
        }

    def run(
        self,
        token: str = WRITES,
        *,
        payload: Any = None,
        command: Iterable[str] = (),
        environ: Mapping[str, str] | None = None,
        timeout: float = 120,
        **inputs: str,
    ) -> Run:
        """Run the action in a process of its own, forked where no `command` is given. `inputs` have underscores."""
        seen = len(self.server.writes)
        process = self.start(token, payload=payload, command=command, environ=environ, **inputs)
        try:
            log, _ = process.communicate(timeout=timeout)
        finally:
            process.kill()
        runner, report = self.root / "runner", files_of(self.root / "workspace" / DEFAULTS["report-dir"])
        return Run(
            status=process.returncode,
            log=log,
            outputs=read_outputs((runner / "output").read_text()),
            summary=(runner / "summary").read_text(),
            report={name: content.decode() for name, content in report.items()},
            writes=tuple(f"{method} {path.partition(NAME + '/')[2]}" for method, path in self.server.writes[seen:]),
        )

    def start(
        self,
        token: str = WRITES,
        *,
        payload: Any = None,
        command: Iterable[str] = (),
        environ: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> subprocess.Popen[str]:
        """Begin what `run` waits for; stdout and stderr come in one stream."""
        runner, workspace = self.root / "runner", self.root / "workspace"
        runner.mkdir(exist_ok=True)
        workspace.mkdir(exist_ok=True)
        for name in ("output", "summary"):
            (runner / name).write_text("")
        payload = self.payload() if payload is None else payload
        (runner / "event.json").write_text(payload if isinstance(payload, str) else json.dumps(payload))
        named = {name.replace("_", "-"): value for name, value in inputs.items()}
        shutil.rmtree(workspace / DEFAULTS["report-dir"], ignore_errors=True)
        return subprocess.Popen(
            [*(command or (*program(), "run"))],
            cwd=workspace,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.root),
                **NO_WAY_OUT,
                **self.variables(token, named, str(workspace), str(runner)),
                **(environ or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def sentence(run: Run) -> str:
    """The one sentence of a run that could not review: exit status 2, one error, nothing written anywhere."""
    assert run.status == 2, run.log
    lines = [line for line in run.log.splitlines() if line]
    assert len(lines) == 1, run.log
    assert lines[0].startswith("::error::")
    assert "Traceback" not in run.log
    assert (run.writes, run.outputs, run.summary, run.report) == ((), {}, "", {})
    return lines[0].removeprefix("::error::")


def read_outputs(text: str) -> dict[str, str]:
    """GITHUB_OUTPUT as actions/runner reads it (EnvFileKeyValuePairs)."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, is_heredoc, delimiter = line.partition("<<")
        if is_heredoc and "=" not in name:
            value: list[str] = []
            for each in lines:
                if each == delimiter:
                    break
                value.append(each)
            else:
                raise AssertionError("EOF marker missing new line")
            found[name] = "\n".join(value)
        elif line:
            name, found_equals, value_text = line.partition("=")
            assert found_equals, line
            found[name] = value_text
    return found


def common(name: str, url: str) -> dict[str, Any]:
    """What payloads say of a repository."""
    owner, _, short = name.partition("/")
    return {
        "name": short,
        "full_name": name,
        "owner": state.user(owner),
        "clone_url": f"{url}/{name}.git",
        "html_url": f"{url}/{name}",
        "default_branch": "main",
        "created_at": NOW,
        "updated_at": NOW,
    }


def fitting(model: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """An example of the model with what is known, each object reduced to the keys that its model has."""
    return example(model, **{key: _reduced(model, key, value) for key, value in known.items()})


def _reduced(model: Any, key: str, value: Any) -> Any:
    annotation = model.model_fields[key].annotation
    inner = next(
        (each for each in getattr(annotation, "__args__", (annotation,)) if hasattr(each, "model_fields")), None
    )
    if inner is None or not isinstance(value, dict):
        return value
    keys = {field.alias or name for name, field in inner.model_fields.items()}
    names = {field.alias or name: name for name, field in inner.model_fields.items()}
    kept = {each: _reduced(inner, names[each], part) for each, part in value.items() if each in keys}
    return example(inner, **kept)
