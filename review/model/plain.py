"""Text of the API's made fit to be shown, and text of ours made fit to be sent."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from review.domain.redaction import MASK, redact
from review.domain.wording import shorten

_LONGEST = 300
_LOOKED_AT = 4_000
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(text: object, secrets: Iterable[str] = ()) -> str:
    """One printable line of at most 300 characters, without these secrets and without what looks like one."""
    shown = str(text)[:_LOOKED_AT]
    for secret in secrets:
        shown = shown.replace(secret, MASK)
    shown = "".join(char if char.isprintable() else " " for char in redact(shown))
    shown = " ".join(shown.split())
    return shorten(shown, _LONGEST)


def whole(value: Any) -> Any:
    """The JSON value with U+FFFD where a string has half a character, which UTF-8 cannot carry."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {whole(name): whole(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [whole(each) for each in value]
    return value
