"""Could a path be one of ours? By its name alone, so that a change to anything else costs nothing."""

SQL_SUFFIXES = (".sql", ".hql", ".ddl", ".dml", ".pgsql", ".psql", ".sql.jinja", ".sql.jinja2", ".sql.j2")
CODE_SUFFIXES = (".py", ".ipynb", ".scala")
SUFFIXES = (*SQL_SUFFIXES, *CODE_SUFFIXES, ".yml", ".yaml", ".csv")
_NEVER = (".github/", ".circleci/", ".gitlab/", ".vscode/", "node_modules/")


def may_matter(path: str) -> bool:
    """Whether the content has to be looked at to know. Says yes too often rather than too seldom."""
    lowered = path.lower()
    return lowered.endswith(SUFFIXES) and not lowered.startswith(_NEVER) and "/node_modules/" not in lowered


def is_sql(path: str) -> bool:
    """Whether the name says that the file holds SQL."""
    return path.lower().endswith(SQL_SUFFIXES)


def is_code(path: str) -> bool:
    """Whether the name says that the file is a program: a DAG or a Spark job may be in it."""
    return path.lower().endswith(CODE_SUFFIXES)
