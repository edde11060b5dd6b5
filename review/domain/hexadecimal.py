"""Whether a text is a name that a digest gave: a commit's, a finding's, a branch's mark."""

SHA = (40, 64)
"""Digits of a commit's name, by SHA-1 and by SHA-256."""
_DIGITS = frozenset("0123456789abcdef")


def is_hex(text: str, *lengths: int) -> bool:
    """Whether it is that many hexadecimal digits, in lower case; of several lengths, any."""
    return len(text) in lengths and _DIGITS.issuperset(text)
