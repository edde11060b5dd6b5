"""Words without which a text holds none of the secrets we know: cheap to look for, and nothing is imported for it.

Most changed files have none of them, so that the library of detectors is not loaded for a README.
"""

import re

AWS = ("AKIA", "ASIA", "ABIA", "ACCA", "A3T")
AZURE = ("AccountKey=", "SharedAccessKey=", "sig=")
GITHUB = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")
GITLAB = ("glpat-", "gldt-", "glsoat-", "glrt-", "glcbt-", "glptt-", "glagent-")
OPENAI = ("T3BlbkFJ",)
PYPI = ("pypi-AgE",)
SENDGRID = ("SG.",)
SLACK = ("xox", "hooks.slack.com/services/")
STRIPE = ("k_live_",)
PLATFORMS = ("dapi", "dbtc_", "dbtu_", "AIza", "github_pat_", "sk-ant-")
NPM = ("npm_",)
JDBC = ("jdbc:",)
PRIVATE_KEY = ("PRIVATE KEY", "PuTTY-User-Key-File-2")
ADDRESS = ("://",)

_WORDS = (
    *(*AWS, *AZURE, *GITHUB, *GITLAB, *OPENAI, *PYPI, *SENDGRID, *SLACK, *STRIPE, *PLATFORMS),
    *(*NPM, *JDBC, *PRIVATE_KEY),
)
_ADDRESS = r"://[^\s/:@]{0,256}:[^\s/@]{1,256}@"
"""An address with a password, and mostly a user; bounded, so that it takes linear time."""


def may_hold_a_secret(text: str) -> bool:
    """Whether the detectors could find anything; says yes too often rather than too seldom."""
    if any(word in text for word in _WORDS):
        return True
    return "://" in text and re.search(_ADDRESS, text) is not None


SETTINGS = (
    *(".yml", ".yaml", ".json", ".toml", ".ini", ".cfg", ".conf", ".config", ".properties", ".tfvars", ".tf", ".env"),
    *(".envrc", ".sh", ".bash", "dockerfile", ".pgpass", ".hocon"),
)
"""Endings of files of settings, and of scripts that set them."""
_NAMES = ("passw", "pwd", "passphrase", "pass", "secret", "token", "key")
"""In every name of a setting that says that its value is secret."""


def is_of_settings(path: str) -> bool:
    """Whether the name says that the file holds settings: also `.env.prod`."""
    name = path.lower().rpartition("/")[2]
    return name.endswith(SETTINGS) or name.startswith(".env")


def may_hold_a_password(path: str, text: str) -> bool:
    """Whether the file is one of settings and has a word for a secret in it."""
    if not is_of_settings(path):
        return False
    lowered = text.lower()
    return any(word in lowered for word in _NAMES)


def is_python(path: str) -> bool:
    """Whether the name says that the file is a Python program."""
    return path.lower().endswith(".py")


def may_hold_code_password(path: str, text: str) -> bool:
    """Whether the file is a Python program and has a word for a secret in it."""
    if not is_python(path):
        return False
    lowered = text.lower()
    return any(word in lowered for word in _NAMES)
