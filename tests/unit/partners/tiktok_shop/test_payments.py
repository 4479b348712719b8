from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.money import Money
from order_sync.partners.tiktok_shop.mapping import Reading, read_order
from tests.unit.partners.tiktok_shop.payloads import a_payload

UNREADABLE = ("payment that cannot be read",)


def read(payment: object) -> tuple[Money | None, tuple[str, ...]]:
    """What is paid for an order, and what of the order is unknown."""
    reading, unknown = read_order(a_payload(payment=payment), b"key")
    assert isinstance(reading, Reading)
    return reading.facts.paid, unknown


def a_payment(**changes: Any) -> dict[str, Any]:
    return {"currency": "USD", "sub_total": "35.00", "tax": "3.04", "total_amount": "41.04"} | changes


def test_what_is_paid_is_the_total_with_its_currency() -> None:
    assert read(a_payment()) == (Money(amount=Decimal("41.04"), currency="USD"), ())


def test_only_the_total_has_to_be_readable() -> None:
    payment = a_payment(sub_total="a lot", tax=None, small_order_fee=[])
    assert read(payment) == (Money(amount=Decimal("41.04"), currency="USD"), ())


def test_a_free_order_is_paid_with_nothing() -> None:
    assert read(a_payment(total_amount="0")) == (Money(amount=Decimal(0), currency="USD"), ())


@pytest.mark.parametrize("absent", [None, {}, "", {"currency": "", "total_amount": ""}, {"currency": None}])
def test_nothing_is_known_while_tiktok_shows_no_payment(absent: object) -> None:
    assert read(absent) == (None, ())


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(total_amount="a lot"),
        a_payment(total_amount=""),
        a_payment(total_amount=41.04),
        a_payment(total_amount="-0.01"),
        a_payment(total_amount="NaN"),
        a_payment(total_amount="1E+400"),
        a_payment(currency="dollars"),
        a_payment(currency=None),
        {"total_amount": "41.04"},
        {"currency": "USD"},
        [],
        ["41.04"],
        "41.04",
        41,
    ],
)
def test_a_payment_that_cannot_be_read_is_counted_and_leaves_the_order_readable(payment: object) -> None:
    assert read(payment) == (None, UNREADABLE)


def test_another_total_is_another_sighting() -> None:
    one, other = (read_order(a_payload(payment=a_payment(total_amount=total)), b"key")[0] for total in ("1", "2"))
    assert isinstance(one, Reading)
    assert isinstance(other, Reading)
    assert one.facts.digest != other.facts.digest
