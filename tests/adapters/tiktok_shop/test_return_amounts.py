from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.returning.returns import Refund, ReturnFacts
from order_sync.partners.tiktok_shop.return_reading import UnreadableReturn, read_return
from tests.adapters.tiktok_shop.return_payloads import LINE_1, LINE_2, RETURN_ID, a_line, a_return, an_amount

DOES_NOT_ADD_UP = ("refund that does not add up",)
A_TEE = Refund(
    currency="USD",
    total=Decimal("19.40"),
    goods=Decimal("17.50"),
    tax=Decimal("1.40"),
    other=Decimal("0.50"),
)


def read(**changes: Any) -> tuple[ReturnFacts, tuple[str, ...]]:
    facts, unknown = read_return(a_return(**changes))
    assert isinstance(facts, ReturnFacts)
    return facts, unknown


def problem(**changes: Any) -> str:
    found, _ = read_return(a_return(**changes))
    assert isinstance(found, UnreadableReturn)
    assert found.id == RETURN_ID
    return found.problem


def test_the_amounts_of_the_return_and_of_each_unit_are_read_to_the_cent() -> None:
    whole = an_amount("43.80", refund_subtotal="35.00", refund_shipping_fee="5.00", refund_tax="3.30")
    lines = [a_line(LINE_1), a_line(LINE_2, refund_amount=None)]
    found, unknown = read(refund_amount=whole, return_line_items=lines)
    assert found.refund == Refund(
        currency="USD",
        total=Decimal("43.80"),
        goods=Decimal("35.00"),
        shipping=Decimal("5.00"),
        tax=Decimal("3.30"),
        other=Decimal("0.50"),
    )
    assert [line.refund for line in found.lines] == [A_TEE, None]
    assert unknown == ()


@pytest.mark.parametrize("absent", [None, "", {}, {"currency": "", "refund_total": "", "refund_tax": None}])
def test_a_return_may_have_no_amounts_however_tiktok_leaves_them_out(absent: object) -> None:
    found, unknown = read(refund_amount=absent, return_line_items=[a_line(refund_amount=absent)])
    assert (found.refund, found.lines[0].refund, unknown) == (None, None, ())


@pytest.mark.parametrize("absent", [None, ""])
def test_absent_parts_are_nothing(absent: str | None) -> None:
    parts = ("refund_shipping_fee", "refund_tax", "retail_delivery_fee", "buyer_service_fee")
    found, unknown = read(refund_amount=an_amount("17.50", **dict.fromkeys(parts, absent)))
    assert found.refund == Refund(currency="USD", total=Decimal("17.50"), goods=Decimal("17.50"))
    assert unknown == ()


def test_a_return_of_a_free_order_refunds_nothing() -> None:
    nothing = {"currency": "USD", "refund_total": "0", "refund_subtotal": "0"}
    found, unknown = read(refund_amount=nothing, return_line_items=[a_line(refund_amount=nothing)])
    assert found.refund == Refund(currency="USD", total=Decimal(0), goods=Decimal(0))
    assert unknown == ()


def test_amounts_without_decimals_are_read() -> None:
    yen = {"currency": "JPY", "refund_total": "2200", "refund_subtotal": "2000", "refund_tax": "200"}
    found, unknown = read(refund_amount=yen, return_line_items=[a_line(refund_amount=None)])
    assert found.refund is not None
    assert (str(found.refund.money), unknown) == ("2200 JPY", ())


@pytest.mark.parametrize("total", ["19.39", "19.41", "0", "1940"])
def test_a_refund_that_does_not_add_up_is_kept_and_counted(total: str) -> None:
    found, unknown = read(refund_amount=an_amount(total))
    assert found.refund is not None
    assert (found.refund.total, unknown) == (Decimal(total), DOES_NOT_ADD_UP)


def test_refunds_of_units_that_do_not_add_up_are_counted_once() -> None:
    lines = [a_line(LINE_1, refund_amount=an_amount("1")), a_line(LINE_2, refund_amount=an_amount("2"))]
    found, unknown = read(refund_amount=an_amount("3"), return_line_items=lines)
    assert [line.refund.total for line in found.lines if line.refund] == [Decimal(1), Decimal(2)]
    assert unknown == DOES_NOT_ADD_UP


@pytest.mark.parametrize(
    "part",
    [
        "refund_total",
        "refund_subtotal",
        "refund_shipping_fee",
        "refund_tax",
        "retail_delivery_fee",
        "buyer_service_fee",
    ],
)
@pytest.mark.parametrize("bad", ["-0.01", "NaN", "Infinity", "a lot", "1E+400", 17.5, "1" * 21])
def test_an_amount_that_is_none_makes_the_return_unreadable_and_is_not_repeated(part: str, bad: object) -> None:
    found = problem(refund_amount=an_amount(**{part: bad}))
    assert found.startswith(f"refund_amount.{part}: ")
    assert "a lot" not in found


@pytest.mark.parametrize("bad", ["-1", "a lot"])
def test_a_bad_amount_of_a_unit_makes_the_return_unreadable(bad: str) -> None:
    found = problem(return_line_items=[a_line(), a_line(LINE_2, refund_amount=an_amount(bad))])
    assert found.startswith("return_line_items.1.refund_amount.refund_total: ")


@pytest.mark.parametrize("missing", ["refund_total", "currency"])
def test_total_and_currency_are_needed_where_there_is_an_amount(missing: str) -> None:
    amount = {name: value for name, value in an_amount().items() if name != missing}
    assert problem(refund_amount=amount).startswith(f"refund_amount.{missing}: ")
    assert problem(refund_amount=an_amount(**{missing: ""})).startswith(f"refund_amount.{missing}: ")


@pytest.mark.parametrize("currency", ["usd", "US", "US$", "dollars", 840])
def test_a_currency_is_three_capital_letters(currency: object) -> None:
    assert problem(refund_amount=an_amount(currency=currency)).startswith("refund_amount.currency: ")


def test_a_return_in_two_currencies_is_unreadable() -> None:
    pounds = an_amount(currency="GBP")
    assert "several currencies" in problem(refund_amount=pounds)
    assert "several currencies" in problem(
        refund_amount=None, return_line_items=[a_line(LINE_1), a_line(LINE_2, refund_amount=pounds)]
    )


@pytest.mark.parametrize("not_an_object", ["19.40", 19, ["19.40"]])
def test_an_amount_of_another_shape_makes_the_return_unreadable(not_an_object: object) -> None:
    assert problem(refund_amount=not_an_object).startswith("refund_amount: ")
