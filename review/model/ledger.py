"""What a run has spent on the model, and whether there is money left for the next call.

A call is let through only if it fits under the cap with the most that it, and every call under way, can cost. An answer
that broke off midway is billed as well, and asked for once more only where that fits, too.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from threading import Condition

from review.domain.agent import Spend, Tokens
from review.errors import AnswerIncomplete, InputError
from review.model.catalogue import Price, cost

_ROUNDING = 1e-9
"""Dollars by which sums of floating-point numbers may be off."""


def estimate(characters: int) -> int:
    """Tokens that so much text likely is: 2.5 characters to one.

    Source: https://platform.claude.com/docs/en/build-with-claude/context-windows, "1M tokens, about 2.5M Unicode
    characters".
    """
    return math.ceil(characters / 2.5)


def worst(characters: int) -> int:
    """Tokens that so much text is at most: 1.8 characters to one.

    Patches are the densest text we send. With the tokenizer that Anthropic published last they have 2.9 characters to
    a token, 2.3 in the densest twentieth; today's models make 1.3 times as many tokens of the same text.
    """
    return math.ceil(characters / 1.8)


class Ledger:
    """The account of one run; any thread may use it."""

    def __init__(self, cap: float | Decimal | None, price: Price | None, model: str, soft: float = 0.7) -> None:
        """`cap` is in dollars, None for none. `soft` is the share of it from which on work should come to an end.

        Raises InputError where a cap is wanted for a model whose price is not known.
        """
        if cap is not None and price is None:
            raise InputError(
                f"model {model} is not known here, and so neither is its price, without which max-cost-usd cannot be"
                " kept. Correct the name, or give the price in model-price (dollars per million tokens of input,"
                " output, cache write, cache read: 2,10,2.5,0.1)."
            )
        self.cap = math.inf if cap is None else float(cap)
        """Dollars."""
        self._price = price
        self._soft = soft
        self._changed = Condition()
        self._calls = 0
        self._tokens = Tokens()
        self._dollars = 0.0
        self._under_way = 0.0

    @contextmanager
    def reserved(self, input_tokens: int, max_output: int, until: float) -> Iterator[Callable[[Tokens], bool]]:
        """Money for one call of at most so many tokens, held while the block runs; what it gives books real tokens.

        Waits for calls under way where they may leave enough, until that `time.monotonic` moment. Raises
        AnswerIncomplete where the cap does not allow the call: a smaller one may still fit.
        """
        most = self.most(input_tokens, max_output)
        with self._changed:
            while self._dollars + self._under_way + most > self.cap + _ROUNDING:
                left = until - time.monotonic()
                could_fit = self._under_way > 0 and self._dollars + most <= self.cap + _ROUNDING
                if not could_fit or not self._changed.wait(max(left, 0)):
                    used = self._dollars + self._under_way
                    raise AnswerIncomplete(
                        f"was not asked: it could cost {_usd(most)}, and of the {_usd(self.cap)} that max-cost-usd"
                        f" allows {_usd(used)} are spent or set aside"
                    )
            self._under_way += most
        try:
            yield self.spent
        finally:
            with self._changed:
                self._under_way -= most
                self._changed.notify_all()

    def spent(self, tokens: Tokens) -> bool:
        """Book one call, or one failed attempt at it; whether there is room to send the same once more."""
        with self._changed:
            self._calls += 1
            self._tokens += tokens
            self._dollars += cost(self._price, tokens) if self._price else 0.0
            return self._dollars + self._under_way <= self.cap + _ROUNDING

    @property
    def is_soft(self) -> bool:
        """Whether so much is spent that conversations should come to their answers, without more looks around."""
        with self._changed:
            return self._dollars >= self._soft * self.cap

    @property
    def spend(self) -> Spend:
        """Everything up to now."""
        with self._changed:
            return Spend(self._calls, self._tokens, self._dollars)

    def most(self, input_tokens: int, max_output: int) -> float:
        """Dollars of a call at most: all of the input of the dearer kind, the answer as long as it may be."""
        if self._price is None:
            return 0.0
        return max(
            cost(self._price, Tokens(input=input_tokens, output=max_output)),
            cost(self._price, Tokens(cache_write=input_tokens, output=max_output)),
        )


def _usd(amount: float) -> str:
    """`$1.25`; small amounts with the digits that tell them from nothing."""
    return f"${amount:.2f}" if amount >= 0.1 or not amount else f"${amount:.4f}"
