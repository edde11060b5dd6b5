"""What every command of a workflow run has at hand: the runner's facts, the inputs, and GitHub to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from review.config.environment import Environment
from review.config.inputs import Inputs
from review.github.reader import Reader


@dataclass(frozen=True)
class Session:
    """One run of the action. Its fields are made once, and handed on."""

    env: Environment
    inputs: Inputs
    reader: Reader
    environ: Mapping[str, str] = field(repr=False)
    """The variables the run was started with, secrets included."""
    cores: int
    """How many processors this process may use."""

    @classmethod
    def start(cls, env: Environment, environ: Mapping[str, str], cores: int) -> Self:
        """The session of this run. Raises InputError for an input that is not accepted."""
        inputs = Inputs.from_environ(environ)
        return cls(env, inputs, Reader(env.api_url, inputs.github_token, environ=environ), environ, cores)
