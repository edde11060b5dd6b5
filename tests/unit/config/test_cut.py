"""Which shard is meant: one word of a plan, which a workflow hands on."""

import pytest

from review.config.cut import Cut, mark, read_cut
from review.errors import InputError

BASE, HEAD = "a" * 40, "b" * 64


@pytest.mark.parametrize(
    "cut",
    [
        Cut(1, 1),
        Cut(256, 256),
        Cut(4, None),
        Cut(4, 2, BASE, HEAD),
        Cut(4, None, BASE, HEAD),
        Cut(4, 2, BASE, HEAD, mark("main")),
        Cut(4, None, BASE, HEAD, mark("\udcff@x..y:z")),
    ],
    ids=str,
)
def test_what_a_plan_writes_is_read_back(cut: Cut) -> None:
    assert read_cut(str(cut), "input shard") == cut


def test_a_mark_tells_branches_apart_and_nothing_of_them() -> None:
    assert mark("main") == mark("main") != mark("release")
    assert mark("`$(x)`").isalnum()


def test_a_plan_names_each_of_its_shards() -> None:
    plan = Cut(3, None, BASE, HEAD)
    assert [plan.shard(index).name for index in (1, 2, 3)] == ["1/3", "2/3", "3/3"]
    assert str(plan.shard(2)) == f"2/3@{BASE}..{HEAD}"


WRONG = [
    "", "2", "/", "0/2", "3/2", "-1/2", "1/0", "1/257", "1/9999", "٢/٣", "1/2@", f"1/2@{BASE}", f"1/2@{BASE}..",
    f"1/2@{BASE}..main", f"1/2@--upload-pack=x..{HEAD}", f"1/2@{BASE.upper()}..{HEAD}", "all", "all/", "one/2", "1/2/3",
    "1/2 ", f"1/2@{BASE}..{HEAD}..{HEAD}", f"1/2@{BASE}..{HEAD}:", f"1/2@{BASE}..{HEAD}:main",
    f"1/2@:{mark('main')}", f"1/2@{BASE}..{HEAD}:{mark('main')}:",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"input shard: .* is not accepted"):
        read_cut(text, "input shard")
