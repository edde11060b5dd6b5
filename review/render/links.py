"""Where a reader goes from here: permalinks into the reviewed commit, and the rule's page. We publish no other link."""

from urllib.parse import quote, urlsplit

from review.domain.changeset import Side
from review.domain.finding import Finding, Location
from review.domain.verdict import Review

HELP_HOSTS = frozenset({"github.com", "docs.sqlfluff.com", "docs.astral.sh"})
"""Where rules are explained: a page elsewhere was not written by us, whatever a worker says."""

_RENDERED = (".md", ".ipynb", ".csv", ".tsv", ".geojson")
"""Files that GitHub shows rendered, without line numbers, unless it is asked for the source."""


def permalink(review: Review, location: Location) -> str | None:
    """The lines at the reviewed commit (at the merge base for removed ones), or None where there is no server."""
    commit, path = review.changeset.head_sha, location.path
    if location.side is Side.LEFT:
        file = review.changeset.file(path)
        commit, path = review.changeset.merge_base, (file and file.base_path) or path
    end = f"-L{location.end_line}" if location.end_line > location.line else ""
    source = "?plain=1" if path.lower().endswith(_RENDERED) else ""
    root = _blob(review, commit)
    return root and f"{root}/{quote(path, safe='/', errors='replace')}{source}#L{location.line}{end}"


def commit_link(review: Review, sha: str) -> str | None:
    """The commit's page, or None where there is no server."""
    root = _repository(review)
    return root and f"{root}/commit/{quote(sha, safe='')}"


def help_page(finding: Finding) -> str | None:
    """The rule's page, or None where there is none or it is not one of ours to send a reader to."""
    try:
        parts = urlsplit(finding.help_url)
    except ValueError:
        return None
    if parts.scheme != "https" or parts.netloc not in HELP_HOSTS:
        return None
    return f"https://{parts.netloc}{quote(parts.path, safe='/%')}" + (
        f"#{quote(parts.fragment, safe='-._%')}" if parts.fragment else ""
    )


def _repository(review: Review) -> str | None:
    server = review.target.server_url.rstrip("/")
    return f"{server}/{quote(review.target.repository, safe='/')}" if server else None


def _blob(review: Review, commit: str) -> str | None:
    root = _repository(review)
    return root and f"{root}/blob/{quote(commit, safe='')}"
