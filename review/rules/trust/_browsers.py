"""Which of Google's keys are meant for everybody: those that a page hands to each browser that opens it.

Google restricts such a key to the sites that may use it, not to those who know it (developers.google.com, "Maps
JavaScript API", and firebase.google.com, "Learn about using and managing API keys").
"""

from collections.abc import Sequence

from review.rules._credentials import words
from review.rules.trust._secrets import Found

_KEY = "AIza"
_SCRIPT = "maps.googleapis.com/maps/api/js"
_FIREBASE = "authDomain"
_NEAR = 10
"""Lines before and behind a key in which the rest of Firebase's settings stands."""
_BEFORE = 300
"""Characters before a key, and of a line beside it, that are looked at."""
_NAMES = frozenset({"map", "maps", "gm", "gmap", "gmaps", "googlemap", "googlemaps", "browser", "firebase"})


def is_for_browsers(each: Found, lines: Sequence[str]) -> bool:
    """Whether a key of Google stands under a name that says so, in a page's script, or in Firebase's settings."""
    if not each.secret.startswith(_KEY):
        return False
    before = lines[each.line - 1][max(0, each.start - _BEFORE) : each.start]
    behind = lines[each.line - 1][each.start :][:_BEFORE]
    if _SCRIPT in "".join(before.split()[-1:]) or not _NAMES.isdisjoint(words(_name(before))):
        return True
    first = max(0, each.line - 1 - _NEAR)
    beside = (line[:_BEFORE] for line in lines[first : each.line + _NEAR])
    return any(_FIREBASE in text for text in (before, behind, *beside))


def _name(before: str) -> str:
    """The name that a value stands behind: `gmApiKey` of `"gmApiKey": "`, with whatever signs are between."""
    end = len(before)
    while end and not (before[end - 1].isalnum() or before[end - 1] in "_-"):
        end -= 1
    start = end
    while start and (before[start - 1].isalnum() or before[start - 1] in "_-"):
        start -= 1
    return before[start:end]
