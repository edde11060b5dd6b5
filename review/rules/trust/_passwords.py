"""What tells a password or a key by its name, and a value that could be one from one that says it is none."""

from itertools import pairwise

from review.rules._credentials import AZURE_KEY, is_reference, words
from review.rules.trust._settings import Setting
from review.rules.trust._signs import may_hold_a_secret
from review.rules.trust._values import DEFAULTS, is_stand_in

CHOSEN = frozenset({"password", "passwd", "passphrase", "pwd", "pass"})
"""Last words of a setting's name whose value a person may have chosen."""
WRITTEN_TOGETHER = ("password", "passwd", "passphrase")
"""The same at the end of a word: `PGPASSWORD`, `dbpassword`."""
MADE = (
    *(("secret", "key"), ("access", "key"), ("account", "key"), ("api", "key"), ("private", "key"), ("fernet", "key")),
    *(("client", "secret"), ("app", "secret"), ("jwt", "secret"), ("access", "token"), ("auth", "token")),
    *(("session", "token"), ("api", "token"), ("bot", "token"), ("refresh", "token"), ("encryption", "key")),
)
"""Last words of a setting's name whose value a machine made."""
PASSES = frozenset({"first", "second", "third", "final", "last", "next", "single", "one", "two", "multi", "boarding"})
"""Words with which `pass` is no password."""
FILES = (".pem", ".p8", ".key", ".crt", ".cer", ".json", ".ppk", ".jks", ".p12")
"""How names of files of keys end."""
USERS = ("user", "username", "user_name", "login", "email", "usr")
MIN_CHOSEN, MIN_MADE = 8, 16
MORE_STAND_INS = (
    *("passw0rd", "p@ss", "p4ss", "welcome", "replace", "insert", "todo", "test", "demo", "local", "none", "change"),
    *("1234", "admin", "api-key", "api_key", "access-key", "access_key"),
)
NO_SECRETS = (
    *("enc[", "enc(", "aqica", "vault:", "sops", "sha256", "sha1", "md5", "pbkdf2", "scram-", "gaaaaa", "agb", "pk."),
    *("pk_", "alias/", "arn:"),
)
"""How values begin, in small letters, that are encrypted, hashed or meant for everybody (a key of Mapbox or Stripe)."""


_PARTS = frozenset({*("pass", "pwd"), *("".join(pair) for pair in MADE), "".join(AZURE_KEY[-2:])})
"""One of these is in every name of a secret, once all but letters and digits is taken out of it."""


class _Squeezed(dict[int, str | None]):
    """For `str.translate`: what is no letter or digit is left out. Filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = chr(code) if chr(code).isalnum() else None
        return self[code]


_SQUEEZED = _Squeezed()


def may_name_a_secret(text: str) -> bool:
    """Whether a text can hold a name that `is_secret` takes for one: quicker than to read its settings."""
    squeezed = text.translate(_SQUEEZED).lower()
    return any(part in squeezed for part in _PARTS)


def is_secret(each: Setting) -> bool:
    """Whether the name says that the value is secret, and the value looks like a secret of something that lasts."""
    name = words(each.name)
    if not name:
        return False
    value = each.value
    if name[-1] in CHOSEN or name[-1].endswith(WRITTEN_TOGETHER):
        if name[-1] == "pass" and not PASSES.isdisjoint(name):
            return False
        fits = len(value) >= MIN_CHOSEN and _is_mixed(value)
    else:
        is_made = name[-2:] in MADE or any(name[at : at + 4] == AZURE_KEY for at in range(len(name) - 3))
        fits = is_made and len(value) >= MIN_MADE and _is_made(value)
    return fits and not (_says_it_is_none(each) or each.beside.is_of_this_machine or _is_of_known_form(value))


def _is_of_known_form(value: str) -> bool:
    """Whether it is one that TRU003 tells by its form."""
    if not may_hold_a_secret(value):
        return False
    from review.rules.trust._secrets import found

    return next(found(value), None) is not None


def _is_mixed(value: str) -> bool:
    """Whether it has letters, and digits or signs among them, as a password that was thought about has.

    A word with the sign at its end that ends a sentence is no more than a word: `Forgotten?`.
    """
    value = value.rstrip("?!")
    return any(sign.isalpha() for sign in value) and any(sign.isdigit() or sign in "!@#%^&*+=?~" for sign in value)


def _is_made(value: str) -> bool:
    """Whether letters and digits are mixed as no person would."""
    pairs = ((one, other) for one, other in pairwise(value) if one.isalnum() and other.isalnum())
    turns = sum(one.isdigit() != other.isdigit() for one, other in pairs)
    return turns >= 4 and any(sign.isalpha() for sign in value)


def _says_it_is_none(each: Setting) -> bool:
    lowered = each.value.lower()
    return (
        any(sign.isspace() for sign in each.value)
        or "://" in each.value
        or is_stand_in(each.value)
        or is_reference(each.value)
        or lowered.startswith(NO_SECRETS)
        or lowered.rstrip("0123456789!") in DEFAULTS
        or any(part in lowered for part in MORE_STAND_INS)
        or lowered.rstrip("0123456789") in _users(each)
        or lowered in each.name.lower()
        or lowered.endswith(FILES)
        or (lowered.endswith(")") and "(" in lowered)
    )


def _users(each: Setting) -> frozenset[str]:
    """The users beside it, without the host of their addresses: `orders` of `orders@acme.io`."""
    return frozenset(each.beside[name].partition("@")[0].lower() for name in USERS if name in each.beside)
