"""Keeps what is said between us and the model: one file a request, one an answer, without secrets."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from review.domain.agent import Tokens
from review.domain.redaction import redact
from review.errors import InputError, ModelError
from review.model.base import Model, Reply


class Transcript:
    """A model whose requests and answers are written down. Implements `review.model.base.Model`."""

    def __init__(self, model: Model, directory: Path) -> None:
        """`directory` is made where there is none. Raises InputError where that cannot be done, or it is not empty."""
        self._model = model
        self._directory = directory
        self._lock = Lock()
        self._number = 0
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            is_used = any(directory.iterdir())
        except OSError as error:
            raise InputError(f"--save-transcript {directory}: cannot be made ({error.strerror}).") from error
        if is_used:
            raise InputError(f"--save-transcript {directory}: is not empty; each run needs a directory of its own.")

    def ask(self, body: Mapping[str, Any], until: float, spent: Callable[[Tokens], object]) -> Reply:
        """As the model."""
        with self._lock:
            self._number += 1
            number = self._number
        self._write(f"{number:03}-request.json", body)
        try:
            reply = self._model.ask(body, until, spent)
        except ModelError as error:
            self._write(f"{number:03}-error.json", {"error": type(error).__name__, "message": str(error)})
            raise
        answer = {
            "stop_reason": reply.stop_reason,
            "content": list(reply.content),
            "tokens": vars(reply.tokens),
            "request_id": reply.request_id,
        }
        self._write(f"{number:03}-answer.json", answer)
        return reply

    def _write(self, name: str, value: Any) -> None:
        path = self._directory / name
        try:
            path.write_text(json.dumps(_clean(value), indent=2, ensure_ascii=True) + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"--save-transcript: {path} cannot be written ({error.strerror}).") from error


def _clean(value: Any) -> Any:
    """The value with the secrets in its texts blotted out."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value
