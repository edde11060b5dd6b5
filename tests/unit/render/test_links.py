"""Links into the reviewed commit, whatever a path holds, and to rules' pages, whatever a worker says."""

from dataclasses import replace

import pytest

from review.domain.changeset import Side
from review.domain.finding import Location
from review.render.links import commit_link, help_page, permalink
from tests.unit.render.builders import HEAD, MERGE_BASE, changed, finding, review
from tests.unit.render.examples import clean

ROOT = "https://github.com/acme/shop-data-platform"


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("models/a.sql", "models/a.sql"),
        ("a b/c.sql", "a%20b/c.sql"),
        ("models/été.sql", "models/%C3%A9t%C3%A9.sql"),
        ("a#b?c.sql", "a%23b%3Fc.sql"),
        ("a%20b.sql", "a%2520b.sql"),
        ("a)[b](c.sql", "a%29%5Bb%5D%28c.sql"),
        ('a"<b>.sql', "a%22%3Cb%3E.sql"),
        ("a\\b\nc.sql", "a%5Cb%0Ac.sql"),
        ("a`b|c.sql", "a%60b%7Cc.sql"),
        ("a\udcff.sql", "a%3F.sql"),
        ("docs/a.md", "docs/a.md?plain=1"),
        ("jobs/A.IPYNB", "jobs/A.IPYNB?plain=1"),
        ("seeds/a.csv", "seeds/a.csv?plain=1"),
    ],
)
def test_permalinks(path: str, quoted: str) -> None:
    assert permalink(clean(), Location(path, 3, 3)) == f"{ROOT}/blob/{HEAD}/{quoted}#L3"


def test_several_lines_and_removed_ones() -> None:
    assert permalink(clean(), Location("a.sql", 3, 5)) == f"{ROOT}/blob/{HEAD}/a.sql#L3-L5"
    assert permalink(clean(), Location("a.sql", 3, 5, Side.LEFT)) == f"{ROOT}/blob/{MERGE_BASE}/a.sql#L3-L5"


def test_removed_lines_of_a_renamed_file_are_under_its_old_name() -> None:
    whole = review(files=[changed("new.sql", old_path="old.sql")])
    assert permalink(whole, Location("new.sql", 3, 3, Side.LEFT)) == f"{ROOT}/blob/{MERGE_BASE}/old.sql#L3"
    assert permalink(whole, Location("new.sql", 3, 3)) == f"{ROOT}/blob/{HEAD}/new.sql#L3"


def test_no_server_no_links() -> None:
    local = replace(clean(), target=replace(clean().target, server_url=""))
    assert permalink(local, Location("a.sql", 1, 1)) is None
    assert commit_link(local, HEAD) is None


def test_a_server_of_ones_own() -> None:
    own = replace(clean(), target=replace(clean().target, server_url="https://git.acme.example/"))
    assert commit_link(own, HEAD) == f"https://git.acme.example/acme/shop-data-platform/commit/{HEAD}"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://github.com/o/r/blob/v1/a.md#x-y", "https://github.com/o/r/blob/v1/a.md#x-y"),
        ("https://docs.sqlfluff.com/en/rules.html#a.b", "https://docs.sqlfluff.com/en/rules.html#a.b"),
        ("https://docs.astral.sh/ruff/rules/a-b/", "https://docs.astral.sh/ruff/rules/a-b/"),
        ("https://github.com/a)b](c?q=1#d)e", "https://github.com/a%29b%5D%28c#d%29e"),
        ("https://github.com/a\n![x](y)", "https://github.com/a%21%5Bx%5D%28y%29"),
        ("", None),
        ("http://github.com/a", None),
        ("https://evil.example/a", None),
        ("https://github.com.evil.example/a", None),
        ("https://github.com@evil.example/a", None),
        ("https://user@github.com/a", None),
        ("https://github.com:1/a", None),
        ("javascript:alert(1)", None),
        ("https://[github.com/a", None),
    ],
)
def test_only_our_pages_are_linked(address: str, page: str | None) -> None:
    assert help_page(finding(help_url=address)) == page
