"""Pieces of work side by side: the first alone, then so many at once, and every failure told."""

import threading
from collections.abc import Callable

import pytest

from review.reviewers.side_by_side import SideBySide

Begin = Callable[[], None]


def test_results_come_in_the_order_of_the_pieces() -> None:
    def do(number: int, begin: Begin) -> int:
        if number % 2:
            threading.Event().wait(0.002)
        return number * number

    assert SideBySide(do, 3).run(range(9)) == [0, 1, 4, 9, 16, 25, 36, 49, 64]


@pytest.mark.parametrize("at_once", [1, 3])
def test_nothing_to_do(at_once: int) -> None:
    assert SideBySide(lambda piece, begin: piece, at_once).run([]) == []


def test_the_others_wait_until_the_first_lets_them() -> None:
    order: list[str] = []
    started = threading.Event()

    def do(piece: str, begin: Begin) -> None:
        if piece == "first":
            order.append("first begins")
            assert not started.wait(0.03)
            order.append("first lets them")
            begin()
            assert started.wait(5)
            order.append("first ends")
        else:
            order.append(piece)
            started.set()

    SideBySide(do, 2).run(["first", "second"])
    assert order == ["first begins", "first lets them", "second", "first ends"]


def test_the_end_of_the_first_lets_them_as_well() -> None:
    assert SideBySide(lambda piece, begin: piece, 3).run([1, 2, 3, 4]) == [1, 2, 3, 4]


def test_so_many_at_once_and_no_more() -> None:
    under_way = most = 0
    lock, full = threading.Lock(), threading.Barrier(3)

    def do(number: int, begin: Begin) -> None:
        nonlocal under_way, most
        begin()
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait(5)  # passes only where three are here together
        with lock:
            under_way -= 1

    SideBySide(do, 3).run(range(9))
    assert most == 3


def test_a_failure_is_raised_once_what_began_has_ended_and_nothing_new_begins() -> None:
    ended: list[int] = []
    failed = threading.Event()

    def do(number: int, begin: Begin) -> None:
        begin()
        if number == 0:
            failed.set()
            raise ZeroDivisionError
        failed.wait(5)
        threading.Event().wait(0.02)
        ended.append(number)

    with pytest.raises(ZeroDivisionError):
        SideBySide(do, 2).run(range(50))
    assert ended in ([], [1])


def test_the_threads_keep_no_exit_waiting() -> None:
    seen: list[bool] = []
    SideBySide(lambda piece, begin: seen.append(threading.current_thread().daemon), 2).run([1, 2])
    assert seen == [True, True]
