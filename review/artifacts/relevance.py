"""Could a path be one of ours? By its name alone, so that a change to anything else costs nothing."""

SQL_SUFFIXES = (".sql", ".hql", ".ddl", ".dml", ".pgsql", ".psql", ".sql.jinja", ".sql.jinja2", ".sql.j2")
CODE_SUFFIXES = (".py", ".ipynb", ".scala")
SUFFIXES = (*SQL_SUFFIXES, *CODE_SUFFIXES, ".yml", ".yaml", ".csv")
_PROSE = ".md"
_OF_DBT = frozenset({"models", "macros", "snapshots", "seeds"})
"""Folders in which prose may hold doc blocks of dbt's: by their usual names, so that other prose costs nothing."""
_NEVER = (".github/", ".circleci/", ".gitlab/", ".vscode/", "node_modules/")


def may_matter(path: str) -> bool:
    """Whether the content has to be looked at to know. Says yes too often rather than too seldom."""
    lowered = path.lower()
    may_be_docs = lowered.endswith(_PROSE) and not _OF_DBT.isdisjoint(lowered.split("/")[:-1])
    is_named = lowered.endswith(SUFFIXES) or may_be_docs
    if not is_named or lowered.startswith(_NEVER) or "/node_modules/" in lowered:
        return False
    return not any(map(_is_distribution, lowered.split("/")[:-1]))


def _is_distribution(folder: str) -> bool:
    """Whether a folder is a release of Spark that was unpacked: `spark-3.1.2-bin-hadoop2.7`."""
    return folder.startswith("spark-") and "-bin-" in folder


def is_sql(path: str) -> bool:
    """Whether the name says that the file holds SQL."""
    return path.lower().endswith(SQL_SUFFIXES)


def is_code(path: str) -> bool:
    """Whether the name says that the file is a program: a DAG or a Spark job may be in it."""
    return path.lower().endswith(CODE_SUFFIXES)


_NO_TEXT = frozenset(
    (
        *("7z", "avi", "avro", "bmp", "bz2", "class", "dll", "doc", "docx", "duckdb", "dylib", "eot", "exe", "feather"),
        *("gif", "gz", "h5", "heic", "ico", "jar", "jpeg", "jpg", "joblib", "keystore", "mkv", "mov", "mp3", "mp4"),
        *("npy", "npz", "odt", "ogg", "onnx", "orc", "otf", "parquet", "pdf", "pickle", "pkl", "png", "ppt", "pptx"),
        *("psd", "pt", "pyc", "rar", "snappy", "so", "sqlite", "sqlite3", "svg", "tar", "tgz", "tif", "tiff", "ttf"),
        *("wasm", "wav", "webm", "webp", "whl", "woff", "woff2", "xls", "xlsx", "xz", "zip", "zst"),
    )
)
"""Endings of files that hold pictures, archives, rows or programs of machines."""
_WRITTEN = (
    ".lock",
    ".min.js",
    ".min.css",
    ".map",
    ".sum",
    "-lock.json",
    "-lock.yaml",
    "-lock.yml",
    ".ipynb_checkpoints",
)
"""Endings of files that a program writes, and that hold hashes of what it found."""
_BROUGHT_ALONG = frozenset(
    {
        "node_modules",
        "vendor",
        "vendored",
        "site-packages",
        "dbt_packages",
        "dbt_modules",
        ".venv",
        "venv",
        "third_party",
    }
)
"""Folders of what others wrote."""


def may_hold_secrets(path: str) -> bool:
    """Whether a file of this name is text that somebody here wrote, whatever it is about."""
    *folders, name = path.lower().split("/")
    if not _BROUGHT_ALONG.isdisjoint(folders) or any(map(_is_distribution, folders)) or name.endswith(_WRITTEN):
        return False
    return name.rpartition(".")[2] not in _NO_TEXT or "." not in name
