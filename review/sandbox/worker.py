"""The process that parses what the pull request brought: reads one JSON line, answers one JSON line.

A handler is a module with four functions. `warm()` and `prepare(data)` run before the jail closes, on nothing but our
own trusted data, and load everything from disk. `share(data)` and `handle(data)` run inside it, on hostile text.
"""

import gc
import importlib
import json
import os
import resource
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

COLLECTED = 20_000, 20, 20
"""New objects, and younger collections, after which garbage is looked for. A tree is thousands of objects that live:
by Python's own 700 a fifth of the work was to go through them in vain."""


def main(handler: str, memory_mb: int, cpu_seconds: int) -> None:
    """Serve until the parent closes the pipe. Descriptors 0 and 1 are the pipes; nothing else may write to them."""
    requests, answers = _private_pipes()
    gc.disable()  # loading makes no garbage, and looking for it takes a tenth of the time
    try:
        module = importlib.import_module(handler)
        module.warm()
        line = requests.readline()
        if not line:
            return
        greeting = module.prepare(json.loads(line))
        from review.sandbox import jail

        gc.freeze()
        gc.set_threshold(*COLLECTED)
        gc.enable()
        jail.close(memory_mb)
    except Exception as error:
        # Nothing hostile has been read yet: the reason may be told as it is, and the parent gives up.
        _write(answers, _line({"failure": f"{type(error).__name__}: {error}"}))
        return
    _write(answers, _line({"answer": greeting}))
    works = {"job": module.handle, "share": module.share}
    for line in iter(requests.readline, b""):
        _allow_cpu(cpu_seconds)
        _write(answers, _answer(works, line))


def _answer(works: Mapping[str, Callable[[Any], Any]], line: bytes) -> bytes:
    """The answer as a line, or the name of what went wrong: a worker survives what its parsers raise."""
    try:
        message = json.loads(line)
        return _line({"answer": works[message["kind"]](message["data"])})
    except MemoryError:
        return _line({"failure": "memory"})
    except RecursionError:
        return _line({"failure": "recursion"})
    except Exception as error:
        return _line({"failure": type(error).__name__})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode("ascii") + b"\n"


def _write(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
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
    """SIGXCPU ends the process when this message has used that much processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
