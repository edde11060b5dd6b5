"""Typed, bounded access to JSON that somebody else wrote: a report of another run, which anybody may have made up."""

import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NoReturn, TypeVar

from review.domain.hexadecimal import SHA, is_hex

MAX_PATH = 4_096
"""Characters; the longest path that Linux opens."""

Choice = TypeVar("Choice", bound=Enum)


class Malformed(ValueError):
    """The data is not of the agreed shape; the text is a clause such as "findings[3].title is no text"."""


class Fields:
    """The fields of one JSON object. Whatever is missing, of another type or above its bound raises Malformed.

    Keys that are not asked for are ignored: a newer version may have written them.
    """

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, dict):
            raise Malformed(f"{where or 'it'} is no object")
        self._data: Mapping[str, Any] = data
        self._where = where

    def text(self, key: str, most: int, *, least: int = 0) -> str:
        """The text at that key, of at most `most` characters."""
        value = self._data.get(key)
        if not isinstance(value, str):
            self._refuse(key, "is no text")
        if not least <= len(value) <= most:
            self._refuse(key, f"has {len(value):,} characters, where {least:,} to {most:,} are taken")
        return value

    def optional_text(self, key: str, most: int) -> str | None:
        """The same, or None where null stands there."""
        return None if self._data.get(key) is None else self.text(key, most)

    def number(self, key: str, least: int, most: int) -> int:
        """The whole number at that key."""
        value = self._data.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self._refuse(key, "is no whole number")
        if not least <= value <= most:
            self._refuse(key, f"is not from {least:,} to {most:,}")
        return value

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self._data.get(key)
        if not isinstance(value, bool):
            self._refuse(key, "is neither true nor false")
        return value

    def choice(self, key: str, of: type[Choice]) -> Choice:
        """The member of an enumeration whose value stands there."""
        value = self._data.get(key)
        found = next((member for member in of if member.value == value), None)
        if found is None or not isinstance(value, str):
            self._refuse(key, "is none of the values that are known")
        return found

    def commit(self, key: str) -> str:
        """A full object name: 40 or 64 lower-case hexadecimal digits."""
        value = self.text(key, 64)
        if not is_hex(value, *SHA):
            self._refuse(key, "is no commit")
        return value

    def path(self, key: str) -> str:
        """A path as git has it: relative, and without a part that leads elsewhere."""
        value = self.text(key, MAX_PATH, least=1)
        if not is_path(value):
            self._refuse(key, "is no path inside a repository")
        return value

    def inner(self, key: str) -> "Fields":
        """The object at that key."""
        return Fields(self._data.get(key), self._name(key))

    def has(self, key: str) -> bool:
        """Whether there is anything but null at that key."""
        return self._data.get(key) is not None

    def items(self, key: str, most: int) -> Iterator["Fields"]:
        """The objects in the list at that key."""
        for number, entry in enumerate(self.listed(key, most)):
            yield Fields(entry, f"{self._name(key)}[{number}]")

    def listed(self, key: str, most: int) -> list[Any]:
        """The list at that key, its entries unchecked."""
        value = self._data.get(key)
        if not isinstance(value, list):
            self._refuse(key, "is no list")
        if len(value) > most:
            self._refuse(key, f"has {len(value):,} entries, where at most {most:,} are taken")
        return value

    def _name(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

    def _refuse(self, key: str, why: str) -> NoReturn:
        raise Malformed(f"{self._name(key)} {why}")


def read_object(content: bytes, most: int) -> Fields:
    """The JSON object in these bytes. Raises Malformed where they are more than `most`, or no such thing."""
    if len(content) > most:
        raise Malformed(f"it has {len(content):,} bytes, where at most {most:,} are taken")
    try:
        data = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("it is no JSON that can be read") from error
    return Fields(data, "")


def is_path(text: str) -> bool:
    """Whether git could have it as a path. Control characters are possible there, and shown by nobody as they are."""
    return "\0" not in text and all(part not in ("", ".", "..") for part in text.split("/"))


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and infinity are no JSON")
