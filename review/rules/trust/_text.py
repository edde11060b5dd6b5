"""Text as a reader who cannot be fooled by its form would read it, line for line."""

import re
import unicodedata

IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Inside of a character class: what shows nothing, as Unicode has it (Default_Ignorable_Code_Point of its
DerivedCoreProperties.txt), and the three signs of interlinear annotation."""

_NOTHING = re.compile(f"[{IGNORABLE}\u0300-\u036f]+")
_MAGIC = "\n# magic "


def folded(text: str) -> str:
    """Small letters without accents, full-width forms or characters that show nothing.

    It has as many line feeds as before, so that a place in it tells its line.
    """
    if not text.isascii():
        text = _NOTHING.sub("", unicodedata.normalize("NFKD", text))
    text = text.casefold()
    if _MAGIC in text:  # how Databricks keeps cells of other languages, prose among them
        text = text.replace(_MAGIC, "\n")
    return text
