"""Which names a text may speak of: a quick look before anything is parsed, and never an answer by itself."""


class _Breaks(dict[int, str]):
    """For `str.translate`: what is part of no name becomes a blank. Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character.isalnum() or character == "_" else " "
        return self[code]


_BREAKS = _Breaks()


def words(text: str) -> frozenset[str]:
    """Every run of letters, digits and underscores in a text, of whatever language it is."""
    return frozenset(text.translate(_BREAKS).split())
