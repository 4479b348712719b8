"""Amounts of money: decimal, with their currency, and never added across currencies."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from order_sync.domain.errors import RejectedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        """Raises RejectedError for another currency."""
        if other.currency != self.currency:
            raise RejectedError(f"{self} and {other} are not in one currency")
        return Money(amount=self.amount + other.amount, currency=self.currency)


def add_up(amounts: Iterable[Money]) -> Money | None:
    """The sum; None of nothing. Raises RejectedError for several currencies."""
    total: Money | None = None
    for each in amounts:
        total = total + each if total else each
    return total
