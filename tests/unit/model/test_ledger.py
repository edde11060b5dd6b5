"""The account of a run: nothing is asked that could pass the cap."""

import threading
import time
from decimal import Decimal

import pytest

from review.domain.agent import Spend, Tokens
from review.errors import AnswerIncomplete, InputError
from review.model.catalogue import Price, price
from review.model.ledger import Ledger, estimate, worst

MILLION = 1_000_000
PRICE = Price(input=1, output=10, cache_write=2, cache_read=0.1)


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_characters_become_tokens() -> None:
    assert (estimate(0), estimate(250), estimate(251)) == (0, 100, 101)
    assert (worst(0), worst(180), worst(181)) == (0, 100, 101)


def test_what_is_spent_adds_up() -> None:
    ledger = Ledger(1.0, PRICE, "m")
    ledger.spent(Tokens(input=100_000))
    ledger.spent(Tokens(output=10_000, cache_read=100_000, cache_write=50_000))
    assert ledger.spend == Spend(2, Tokens(100_000, 10_000, 100_000, 50_000), pytest.approx(0.31))


def test_a_call_that_could_pass_the_cap_is_not_made() -> None:
    ledger = Ledger(Decimal("1.00"), PRICE, "m")
    with ledger.reserved(0, 100_000, soon()) as spent:
        spent(Tokens(output=50_000))
    assert ledger.spend.dollars == 0.5
    with ledger.reserved(0, 50_000, soon()):
        pass
    with pytest.raises(AnswerIncomplete) as caught, ledger.reserved(0, 50_001, soon()):
        pytest.fail("the call was made")
    assert str(caught.value) == (
        "was not asked: it could cost $0.50, and of the $1.00 that max-cost-usd allows $0.50 are spent or set aside"
    )
    assert not caught.value.is_cut


def test_input_is_taken_to_be_of_the_dearest_kind() -> None:
    ledger = Ledger(1.0, PRICE, "m")
    with ledger.reserved(MILLION // 2, 0, soon()):
        pass
    with pytest.raises(AnswerIncomplete), ledger.reserved(MILLION // 2 + 1, 0, soon()):
        pass


def test_a_long_prompt_is_reserved_at_its_own_price() -> None:
    ledger = Ledger(0.06, price("claude-haiku-5-5"), "claude-haiku-5-5")
    with ledger.reserved(100_000, 1000, soon()):
        pass
    with pytest.raises(AnswerIncomplete), ledger.reserved(100_001, 1000, soon()):
        pass


def test_a_call_waits_for_those_under_way_if_they_may_leave_enough() -> None:
    ledger = Ledger(1.0, PRICE, "m")
    order: list[str] = []
    started = threading.Event()

    def first() -> None:
        with ledger.reserved(0, 90_000, soon()) as spent:
            started.set()
            time.sleep(0.05)
            spent(Tokens(output=10_000))
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    started.wait()
    with ledger.reserved(0, 90_000, soon()):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_it_does_not_wait_beyond_the_deadline_or_for_what_cannot_help() -> None:
    ledger = Ledger(1.0, PRICE, "m")
    with ledger.reserved(0, 90_000, soon()):
        for output, until in ((90_000, soon(0.05)), (90_000, soon(-1)), (100_001, soon(60))):
            started = time.monotonic()
            with pytest.raises(AnswerIncomplete), ledger.reserved(0, output, until):
                pass
            assert time.monotonic() - started < 1


def test_what_a_failed_call_held_is_free_again() -> None:
    ledger = Ledger(1.0, PRICE, "m")
    with pytest.raises(ZeroDivisionError), ledger.reserved(0, 100_000, soon()):
        raise ZeroDivisionError
    with ledger.reserved(0, 100_000, soon()):
        pass


def test_from_a_share_of_the_cap_on_nothing_new_should_be_begun() -> None:
    ledger = Ledger(1.0, PRICE, "m")
    ledger.spent(Tokens(output=69_999))
    assert not ledger.is_soft
    ledger.spent(Tokens(output=1))
    assert ledger.is_soft
    assert Ledger(0, PRICE, "m").is_soft


def test_many_threads_never_pass_the_cap() -> None:
    ledger = Ledger(1.0, PRICE, "m")
    refused: list[str] = []

    def work() -> None:
        for _ in range(20):
            try:
                with ledger.reserved(0, 3000, soon()) as spent:
                    spent(Tokens(output=3000))
            except AnswerIncomplete as error:
                refused.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.spend.calls == 33
    assert ledger.spend.dollars == pytest.approx(0.99)
    assert len(refused) == 80 - 33


def test_a_cap_on_a_price_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Ledger(1.0, None, "my-own")
    assert str(caught.value) == (
        "model my-own is not known here, and so neither is its price, without which max-cost-usd cannot be kept."
        " Correct the name, or give the price in model-price (dollars per million tokens of input, output, cache write,"
        " cache read: 2,10,2.5,0.1)."
    )


def test_without_a_cap_everything_is_counted_and_nothing_refused() -> None:
    ledger = Ledger(None, None, "my-own")
    with ledger.reserved(10**9, 10**9, soon()) as spent:
        spent(Tokens(input=5))
    assert ledger.spend == Spend(1, Tokens(input=5), 0.0)
    assert not ledger.is_soft
    capless = Ledger(None, PRICE, "m")
    capless.spent(Tokens(output=MILLION))
    assert capless.spend.dollars == 10


def test_the_cap_and_the_most_that_a_call_can_cost_are_public() -> None:
    ledger = Ledger(Decimal("0.25"), PRICE, "m")
    assert ledger.cap == 0.25
    assert ledger.most(100_000, 10_000) == pytest.approx(0.3), "input of the dearer kind, and the whole answer"
    with pytest.raises(AnswerIncomplete), ledger.reserved(100_000, 10_000, soon()):
        pass
    assert Ledger(None, None, "m").cap == float("inf")
    assert Ledger(None, None, "m").most(MILLION, MILLION) == 0


def test_small_amounts_keep_the_digits_that_tell_them_from_nothing() -> None:
    with pytest.raises(AnswerIncomplete) as caught, Ledger(0.01, PRICE, "m").reserved(0, 1_234, soon()):
        pass
    assert str(caught.value) == (
        "was not asked: it could cost $0.0123, and of the $0.0100 that max-cost-usd allows $0.00 are spent or set aside"
    )


def test_it_is_told_whether_the_same_may_be_asked_again() -> None:
    """What broke off is paid for: where its repeat would pass the cap, there is none."""
    ledger = Ledger(1.0, PRICE, "m")
    with ledger.reserved(0, 60_000, soon()) as spent:
        assert spent(Tokens(output=40_000)) is True
        assert spent(Tokens(output=1)) is False
    assert ledger.spend.calls == 2
    with ledger.reserved(0, 10_000, soon()) as spent:
        assert spent(Tokens()) is True
