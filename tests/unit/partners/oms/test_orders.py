"""An order as the OMS gets it: money that adds up, lines one by one, the recipient."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId, ParcelId
from order_sync.domain.orders import Handling, Order, Source
from order_sync.domain.parcels import Parcel
from order_sync.domain.purchase import PurchasedLine
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.partners.oms.orders import order_body, parcel_body, recipient_body, wire_id
from tests.builders import a_shop
from tests.purchases import ORDERED_AT, a_line, a_purchase, a_recipient, money_for

SHOP = a_shop()
PRICES = st.decimals(min_value=0, max_value=5000, places=2)


def the_order(**changes: Any) -> OrderRecord:
    values: dict[str, Any] = {
        "shop": SHOP.shop,
        "id": OrderId("577086512123755123"),
        "state": OrderState.RELEASED_FOR_SHIPMENT,
        "handling": Handling.OURS,
        "tiktok_status": "AWAITING_SHIPMENT",
        "updated_at": ORDERED_AT,
        "digest": "",
        "created_at": ORDERED_AT,
        "lines": (),
    }
    return OrderRecord(order=Order(**(values | changes)))


def adds_up(body: dict[str, Any]) -> bool:
    totals = {name: Decimal(text) for name, text in body["totals"].items()}
    lines = body["lines"]
    return (
        totals["total"] == totals["items"] - totals["discount"] + totals["shipping"] + totals["tax"] + totals["fees"]
        and totals["items"] == sum(Decimal(line["unit_price"]) for line in lines)
        and totals["discount"] == sum(Decimal(line["discount"]) for line in lines)
        and min(totals.values()) >= 0
        and all(Decimal(line["discount"]) >= 0 for line in lines)
    )


@st.composite
def lines(draw: st.DrawFn) -> tuple[PurchasedLine, ...]:
    count = draw(st.integers(1, 6))
    return tuple(
        a_line(
            number,
            sku=draw(st.sampled_from(["A", "B"])),
            price=draw(PRICES),
            seller_discount=draw(PRICES),
            platform_discount=draw(PRICES),
            tax=draw(PRICES),
        )
        for number in range(count)
    )


@settings(max_examples=150)
@given(bought=lines(), shipping=PRICES, fees=st.decimals(min_value=-5000, max_value=5000, places=2))
def test_lines_and_totals_add_up_to_tiktoks_total_whatever_else_it_holds(
    bought: tuple[PurchasedLine, ...], shipping: Decimal, fees: Decimal
) -> None:
    money = money_for(bought, shipping=shipping, fees=fees)
    purchase = a_purchase(*bought, money=money)
    if money.total < 0:
        with pytest.raises(RejectedError, match="total is negative"):
            order_body(purchase, the_order(), SHOP)
        return
    body = order_body(purchase, the_order(), SHOP)
    assert adds_up(body)
    assert Decimal(body["totals"]["total"]) == money.total
    assert [line["tiktok_line_id"] for line in body["lines"]] == [line.id for line in bought]


def test_what_the_total_holds_beyond_goods_shipping_and_tax_are_fees() -> None:
    bought = (a_line(1), a_line(2))
    body = order_body(a_purchase(*bought, money=money_for(bought, fees=Decimal("0.28"))), the_order(), SHOP)
    assert body["totals"] == {
        "items": "40.00",
        "discount": "5.00",
        "shipping": "4.99",
        "tax": "3.15",
        "fees": "0.28",
        "total": "43.42",
    }
    assert body["lines"][0] | {"title": ""} == {
        "tiktok_line_id": bought[0].id,
        "sku": "TEE-BLU-M",
        "title": "",
        "unit_price": "20.00",
        "discount": "2.50",
        "tax": "1.40",
        "is_gift": False,
    }


def test_a_discount_on_the_payment_is_shared_out_over_the_lines_by_price() -> None:
    bought = (a_line(1, price=Decimal("30.00")), a_line(2, price=Decimal("10.00")))
    body = order_body(a_purchase(*bought, money=money_for(bought, fees=Decimal("-1.00"))), the_order(), SHOP)
    assert [line["discount"] for line in body["lines"]] == ["3.25", "2.75"]
    assert body["totals"]["fees"] == "0"


def test_a_line_with_negative_money_is_refused_by_its_id() -> None:
    with pytest.raises(RejectedError, match=r"line 576512345678900001: tax is negative: -0\.01"):
        order_body(a_purchase(a_line(tax=Decimal("-0.01"))), the_order(), SHOP)


def test_an_order_that_cannot_be_told_is_refused() -> None:
    with pytest.raises(RejectedError, match="no recipient"):
        order_body(a_purchase(recipient=None), the_order(), SHOP)
    with pytest.raises(RejectedError, match="has no lines"):
        order_body(a_purchase(lines=()), the_order(), SHOP)
    with pytest.raises(RejectedError, match="lines 576512345678900002 have no seller SKU"):
        order_body(a_purchase(a_line(1), a_line(2, sku=" ")), the_order(), SHOP)


def test_numbers_deadline_and_payment_are_null_while_there_is_none() -> None:
    body = order_body(a_purchase(paid_at=None), the_order(), SHOP)
    assert (body["channeladvisor_order_id"], body["dispatch_by"], body["paid_at"]) == (None, None, None)
    known = the_order(
        channeladvisor_id="4100123",
        ship_by=datetime(2025, 8, 22, tzinfo=UTC),
        collect_by=datetime(2025, 8, 21, tzinfo=UTC),
    )
    body = order_body(a_purchase(), known, SHOP)
    assert (body["channeladvisor_order_id"], body["dispatch_by"]) == ("4100123", "2025-08-21T00:00:00Z")
    assert (body["shop_id"], body["paid_at"]) == (SHOP.shop, "2025-08-19T12:34:56Z")


def test_a_recipient_has_no_empty_parts_and_at_most_four_address_lines() -> None:
    body = recipient_body(a_recipient(phone=" ", address_lines=("1", "", "2", "3", "4", "5")), "x" * 600)
    assert "phone" not in body
    assert body["address_lines"] == ["1", "2", "3", "4, 5"]
    assert (body["state"], body["delivery_note"]) == ("IL", "x" * 500)


def test_a_uk_recipient_has_no_state() -> None:
    assert "state" not in recipient_body(a_recipient(country="GB", state="ENG", county="West Yorkshire"))


def test_a_parcel_without_lines_is_refused_and_its_id_fits_the_contract() -> None:
    parcel = Parcel(
        id=ParcelId("tiktok-9400 1/x"),
        source=Source.TIKTOK_SHOP,
        carrier="USPS",
        tracking_number="9400 1/x",
        shipped_at=ORDERED_AT,
        line_ids=(),
    )
    with pytest.raises(RejectedError, match="holds no lines"):
        parcel_body(parcel)
    assert wire_id(parcel.id) == "tiktok-9400-1-x"
