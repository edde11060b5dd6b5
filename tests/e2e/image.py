"""The image as actions/runner starts it: the same mounts, paths, working directory and variables (`DockerRun`)."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
TAG = os.environ.get("IMAGE", "data-review:test")
LOCAL_IMAGE = ROOT / os.environ.get("LOCAL_IMAGE", "../shared/tools/local-image.sh")
RUNNER_UID = 1001
"""Who owns the workspace on GitHub's hosted runners; the container's root does not."""

MOUNTS = {"workspace": "workspace", "home": "home", "workflow": "workflow", "file_commands": "file_commands"}


def has_docker() -> bool:
    """Whether there is an engine, and not its client alone."""
    return (
        bool(shutil.which("docker"))
        and not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    )


ENGINE = (
    ["docker", "run"]
    if has_docker()
    else ["podman", "--runtime", "runc", "run", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
)
"""podman as it works without cgroups of one's own (shared/tools/local-image.sh)."""


def missing() -> str:
    """What keeps the image from being built or run here; empty where nothing does."""
    if os.environ.get("DATA_REVIEW_E2E") != "1":
        return "DATA_REVIEW_E2E=1 is not set (make e2e sets it)"
    if ENGINE[0] == "docker":
        return ""
    if not (shutil.which("buildah") and shutil.which("podman") and LOCAL_IMAGE.exists()):
        return f"neither docker nor buildah, podman and {LOCAL_IMAGE} are here"
    return "" if os.geteuid() == 0 else "buildah and podman need root here"


def build() -> None:
    """Build the image from this checkout."""
    command = ["bash", LOCAL_IMAGE, "build", ".", TAG]
    if ENGINE[0] == "docker":
        command = ["docker", "build", "--tag", TAG, "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@dataclass
class Job:
    """One step of a job: the directories that the runner mounts, and the variables that it sets."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    read_only: bool = False
    """A workspace that the container can only read."""

    def __post_init__(self) -> None:
        for name in MOUNTS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in ("output", "summary"):
            (self.root / "file_commands" / name).touch()
        self.variables = {
            "HOME": "/github/home",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            "RUNNER_TEMP": "/github/runner_temp",
            **self.variables,
        }

    @property
    def workspace(self) -> Path:
        """The workspace as the host sees it."""
        return self.root / "workspace"

    def give_away(self) -> None:
        """Let the workspace and what is in it belong to the runner's user."""
        for path in (self.workspace, *self.workspace.rglob("*")):
            os.chown(path, RUNNER_UID, RUNNER_UID, follow_symlinks=False)

    def run(self, *arguments: str, network: str = "host", entrypoint: str = "") -> subprocess.CompletedProcess[str]:
        """Start the container and wait for it."""
        command = [*ENGINE, "--rm", "--network", network, "--workdir", "/github/workspace"]
        command += [option for name, value in self.variables.items() for option in ("-e", f"{name}={value}")]
        for host, inside in MOUNTS.items():
            mode = ":ro" if host == "workspace" and self.read_only else ""
            command += ["-v", f"{self.root / host}:/github/{inside}{mode}"]
        command += ["--entrypoint", entrypoint] if entrypoint else []
        return subprocess.run([*command, TAG, *arguments], capture_output=True, text=True, check=False, timeout=300)
