"""What a person may write for a branch, a tag or a commit: git's own rules for the names of references."""

from review.errors import InputError

MAX_BYTES = 255
"""GitHub takes no longer name for a branch."""
_REFUSED = frozenset(" ~^:?*[\\")


def checked_ref(value: str, what: str) -> str:
    """The name as it is, if a reference can be called so. Raises InputError, naming `what`.

    The rules are those of `git check-ref-format --allow-onelevel` (https://git-scm.com/docs/git-check-ref-format); a
    leading hyphen is refused as well, as git does for branches. So a range, an expression such as `x^{}` or `@{1}`, a
    refspec and an option of git's are none.
    """
    if not _is_ref(value):
        raise InputError(
            f"{what}: {value[:80]!r} is not accepted; use the name of a branch or tag, such as main, or a commit's, and"
            " no range, expression or option."
        )
    return value


def _is_ref(text: str) -> bool:
    if not text or len(text.encode("utf-8", "replace")) > MAX_BYTES or not text.isprintable():
        return False
    if _REFUSED.intersection(text) or ".." in text or "@{" in text or text == "@":
        return False
    if text.startswith("-") or text.endswith("."):
        return False
    return all(part and not part.startswith(".") and not part.endswith(".lock") for part in text.split("/"))
