"""The process that parses what the pull request brought: reads one JSON line, answers one JSON line.

A handler is a module with four functions. `warm()` and `prepare(data)` run before the jail closes, on nothing but our
own trusted data, and load everything from disk. `share(data)` and `handle(data)` run inside it, on hostile text.
"""

import importlib
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO


def main(handler: str, memory_mb: int, cpu_seconds: int) -> None:
    """Serve until the parent closes the pipe. Descriptors 0 and 1 are the pipes; nothing else may write to them."""
    requests, answers = _private_pipes()
    from review.sandbox import jail

    module = importlib.import_module(handler)
    module.warm()
    line = requests.readline()
    if not line:
        return
    greeting = module.prepare(json.loads(line))
    jail.close(memory_mb)
    _send(answers, {"answer": greeting})
    for line in iter(requests.readline, b""):
        message = json.loads(line)
        _allow_cpu(cpu_seconds)
        work = module.handle if message["kind"] == "job" else module.share
        _send(answers, _attempt(work, message["data"]))


def _attempt(work: Callable[[Any], Any], data: Any) -> dict[str, Any]:
    """The answer, or the name of what went wrong: a worker survives what its parsers raise."""
    try:
        return {"answer": work(data)}
    except MemoryError:
        return {"failure": "memory"}
    except RecursionError:
        return {"failure": "recursion"}
    except Exception as error:
        return {"failure": type(error).__name__}


def _send(answers: BinaryIO, value: dict[str, Any]) -> None:
    answers.write(json.dumps(value).encode("ascii") + b"\n")
    answers.flush()


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes under new numbers; what a parser prints then goes nowhere instead of forging an answer."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _allow_cpu(seconds: int) -> None:
    """SIGXCPU ends the process when this job has used that much processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
