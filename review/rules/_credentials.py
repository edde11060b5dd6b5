"""What tells a secret by its setting: names that say so, and values that could be one."""

SECRET_WORDS = ("password", "passwd", "passphrase")
SECRET_ENDINGS = (
    ("secret", "key"),
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("private", "key"),
    ("client", "secret"),
    ("access", "token"),
    ("auth", "token"),
    ("session", "token"),
    ("api", "token"),
)
"""Last words of a setting's name that make its value a secret: `fs.s3a.secret.key`, `AWS_SECRET_ACCESS_KEY`."""

AZURE_KEY = ("fs", "azure", "account", "key")
"""Hadoop's setting for a storage account's key goes on with the account's name (hadoop.apache.org, "Azure Blob")."""

STAND_INS = (
    *("password", "passwd", "secret", "token", "example", "dummy", "fake", "test", "change", "your", "xxx"),
    *("placeholder", "redacted", "null", "none", "todo", "insert", "***", "..."),
)
"""Parts of values that say they are none."""


def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in snake_case, kebab-case, camelCase or with dots."""
    spaced = "".join(
        f" {letter}"
        if letter.isupper() and index and name[index - 1].islower()
        else letter
        if letter.isalnum()
        else " "
        for index, letter in enumerate(name)
    )
    return tuple(spaced.lower().split())


def is_secret(name: str) -> bool:
    """Whether a setting of such a name has a secret for its value."""
    parts = words(name)
    if not parts:
        return False
    return parts[-1] in SECRET_WORDS or is_generated(parts)


def is_generated(parts: tuple[str, ...]) -> bool:
    """Whether a machine made the value of a setting with such a name: a key or token, and no word one could say."""
    return parts[-2:] in SECRET_ENDINGS or parts[:4] == AZURE_KEY


def is_real(value: str, name: str) -> bool:
    """Whether the value could be a secret: not a reference, a template, an address, or an obvious stand-in."""
    if len(value) < 4 or any(letter.isspace() for letter in value):
        return False
    if any(mark in value for mark in ("{", "}", "$", "<", ">", "%(", "://")) or is_reference(value):
        return False
    lowered = value.lower()
    if lowered in name.lower() or any(part in lowered for part in STAND_INS):
        return False
    return not is_generated(words(name)) or could_be_generated(value)


def is_reference(value: str) -> bool:
    """Whether it says where the secret is: a path, `arn:…`, `vault/data/spark#tok`, the name of a variable."""
    if value.startswith(("/", "./", "../", "~")):
        return True
    scheme, colon, _ = value.partition(":")
    if colon and scheme.isalpha():
        return True
    if "/" in value and _is_of_words(value):
        return True
    return value.isupper() and value.isidentifier() and _is_of_words(value.lower())


def could_be_generated(value: str) -> bool:
    """Whether it is long and mixed enough for a key or a token, and no name such as `orders-api-prod-2`."""
    is_mixed = any(letter.isdigit() for letter in value) and any(letter.isalpha() for letter in value)
    return len(value) >= 12 and is_mixed and "#" not in value and not _is_of_words(value)


def _is_of_words(value: str) -> bool:
    """Whether it is two or more lower-case words or numbers with signs between them: `vault/data/spark`, `key-v2`."""
    parts = "".join(letter if letter.isalnum() else " " for letter in value).split()
    return len(parts) > 1 and all(_is_word(part) for part in parts)


def _is_word(part: str) -> bool:
    """Letters with at most four digits behind them, or a number."""
    letters = part.rstrip("0123456789")
    return not letters or (letters.isalpha() and letters.islower() and len(part) - len(letters) <= 4)
