"""A purchase as ChannelAdvisor's order: money to the cent, units as items, the address."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from order_sync.domain.errors import RejectedError
from order_sync.domain.purchase import OrderMoney, PurchasedLine
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.partners.channeladvisor.addresses import shipping_address
from order_sync.partners.channeladvisor.creating import creation_body, rolled_up, wire_number
from tests.purchases import a_line, a_purchase, a_recipient, money_for

SETTINGS = ChannelAdvisorSettings(account="main", profile_id=12345678)
CENTS = st.decimals(min_value=-50, max_value=5000, places=2)
PRICES = st.decimals(min_value=0, max_value=5000, places=2)


def sum_of_parts(body: dict[str, Any]) -> Decimal:
    """ChannelAdvisor's total rule (CA 3.2), on the numbers as they stand on the wire."""
    wire = json.loads(json.dumps(body), parse_float=Decimal)
    return Decimal(
        sum(Decimal(item["UnitPrice"]) * item["Quantity"] for item in wire["Items"])
        + Decimal(wire["TotalShippingPrice"])
        + Decimal(wire["TotalTaxPrice"])
        + Decimal(wire["AdditionalCostOrDiscount"])
        - abs(Decimal(wire["PromotionAmount"]))
    )


def on_the_wire(amount: float) -> Decimal:
    return json.loads(json.dumps({"n": amount}), parse_float=Decimal, parse_int=Decimal)["n"]  # type: ignore[no-any-return]


@st.composite
def lines(draw: st.DrawFn) -> tuple[PurchasedLine, ...]:
    kinds = draw(
        st.lists(
            st.builds(
                lambda sku, price, seller, platform, is_gift: {
                    "sku": sku,
                    "price": price,
                    "seller_discount": seller,
                    "platform_discount": platform,
                    "is_gift": is_gift,
                },
                st.sampled_from(["A", "B"]),
                PRICES,
                CENTS,
                CENTS,
                st.booleans(),
            ),
            min_size=1,
            max_size=3,
        )
    )
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=12))
    return tuple(a_line(number, **kind, tax=draw(CENTS)) for number, kind in enumerate(chosen))


@settings(max_examples=150)
@given(bought=lines(), parts=st.tuples(CENTS, CENTS, CENTS, CENTS, CENTS))
def test_the_total_is_tiktoks_to_the_cent_whatever_tiktok_sends(
    bought: tuple[PurchasedLine, ...], parts: tuple[Decimal, Decimal, Decimal, Decimal, Decimal]
) -> None:
    sub_total, shipping, tax, shipping_tax, total = parts
    money = OrderMoney(
        currency="USD",
        sub_total=sub_total,
        shipping=shipping,
        tax=tax,
        shipping_tax=shipping_tax,
        total=total,
    )
    body = creation_body(a_purchase(*bought, money=money), SETTINGS)
    assert sum_of_parts(body) == total == on_the_wire(body["TotalPrice"])


@settings(max_examples=100)
@given(bought=lines(), shipping=PRICES, fees=PRICES)
def test_lines_lose_no_unit_no_cent_and_no_id_when_they_are_rolled_up(
    bought: tuple[PurchasedLine, ...], shipping: Decimal, fees: Decimal
) -> None:
    body = creation_body(a_purchase(*bought, money=money_for(bought, shipping=shipping, fees=fees)), SETTINGS)
    items = json.loads(json.dumps(body["Items"]), parse_float=Decimal, parse_int=Decimal)
    assert sum(item["Quantity"] for item in items) == len(bought)
    assert sum(item["UnitPrice"] * item["Quantity"] for item in items) == sum(line.price for line in bought)
    assert sum(item["TaxPrice"] for item in items) == sum(line.tax for line in bought)
    ids = []
    for item in items:
        named = [attribute["Value"] for attribute in item.get("OrderItemAttributes", [])]
        assert len(named or [item["SiteOrderItemID"]]) == item["Quantity"]
        ids += named or [item["SiteOrderItemID"]]
    assert sorted(ids) == sorted(line.id for line in bought)


def test_other_fees_are_the_additional_cost_of_an_order_that_adds_up() -> None:
    bought = (a_line(1), a_line(2))
    money = money_for(bought, fees=Decimal("0.28"))
    body = creation_body(a_purchase(*bought, money=money), SETTINGS)
    assert body["AdditionalCostOrDiscount"] == 0.28
    assert (body["TotalShippingPrice"], body["TotalTaxPrice"], body["TotalShippingTaxPrice"]) == (4.99, 3.15, 0.35)
    assert body["TotalPrice"] == 43.42


def test_discounts_are_one_promotion_whose_code_tells_the_sellers_from_the_platforms() -> None:
    body = creation_body(a_purchase(), SETTINGS)
    assert body["PromotionAmount"] == 5.0
    assert body["PromotionCode"] == "TikTok seller 2.00 + platform 3.00"
    assert body["Items"][0]["UnitPrice"] == 20.0


def test_an_order_without_discounts_names_no_promotion() -> None:
    line = a_line(seller_discount=Decimal(0), platform_discount=Decimal("0.00"))
    body = creation_body(a_purchase(line), SETTINGS)
    assert body["PromotionAmount"] == 0
    assert "PromotionCode" not in body


def test_a_surcharge_in_place_of_a_discount_is_an_additional_cost() -> None:
    line = a_line(seller_discount=Decimal("-2.00"), platform_discount=Decimal(0))
    body = creation_body(a_purchase(line), SETTINGS)
    assert (body["PromotionAmount"], body["AdditionalCostOrDiscount"]) == (0.0, 2.0)


def test_a_zero_money_sample_order_is_created_with_zeros() -> None:
    free = a_line(price=Decimal(0), seller_discount=Decimal(0), platform_discount=Decimal(0), tax=Decimal(0))
    money = money_for((free,), shipping=Decimal(0), shipping_tax=Decimal(0))
    body = creation_body(a_purchase(free, money=money), SETTINGS)
    assert body["TotalPrice"] == 0
    assert body["Items"][0]["UnitPrice"] == 0
    assert body["AdditionalCostOrDiscount"] == 0


def test_a_gift_is_an_item_apart_from_the_same_sku_that_was_paid_for() -> None:
    gift = a_line(
        2, price=Decimal(0), seller_discount=Decimal(0), platform_discount=Decimal(0), tax=Decimal(0), is_gift=True
    )
    body = creation_body(a_purchase(a_line(1), gift), SETTINGS)
    assert [(item["Sku"], item["Quantity"], item["UnitPrice"]) for item in body["Items"]] == [
        ("TEE-BLU-M", 1, 20.0),
        ("TEE-BLU-M", 1, 0.0),
    ]
    assert sum_of_parts(body) == on_the_wire(body["TotalPrice"])


@pytest.mark.parametrize("different", ["price", "seller_discount", "platform_discount"])
def test_units_of_one_sku_with_different_money_stay_apart(different: str) -> None:
    lines = [a_line(1), a_line(2, **{different: Decimal("0.50")}), a_line(3)]
    assert [[line.id[-1] for line in units] for units in rolled_up(lines)] == [["1", "3"], ["2"]]


def test_a_blank_sku_is_refused_by_the_ids_of_its_lines() -> None:
    with pytest.raises(RejectedError, match="lines 576512345678900002, 576512345678900003 have no seller SKU"):
        creation_body(a_purchase(a_line(1), a_line(2, sku=" "), a_line(3, sku="")), SETTINGS)


def test_an_order_without_lines_or_recipient_is_refused() -> None:
    with pytest.raises(RejectedError, match="no recipient"):
        creation_body(a_purchase(recipient=None), SETTINGS)
    with pytest.raises(RejectedError, match="has no lines"):
        creation_body(a_purchase(a_line(), lines=()), SETTINGS)


def test_the_order_is_checkout_direct_of_the_profile_under_tiktoks_id() -> None:
    body = creation_body(a_purchase(), SETTINGS)
    assert (body["ProfileID"], body["SiteID"], body["SiteOrderID"]) == (12345678, 587, "577086512123755123")
    assert body["CreatedDateUtc"] == "2025-08-19T12:34:56Z"
    assert body["RequestedShippingClass"] == "Standard Shipping"
    assert "PaymentStatus" not in body
    other_field = SETTINGS.model_copy(update={"order_id_field": "SecondarySiteOrderID", "paid_on_create": True})
    body = creation_body(a_purchase(), other_field)
    assert body["SecondarySiteOrderID"] == "577086512123755123"
    assert "SiteOrderID" not in body
    assert body["PaymentStatus"] == "Cleared"


def test_a_buyers_message_is_cut_to_what_fits() -> None:
    body = creation_body(a_purchase(buyer_message=" " + "x" * 300), SETTINGS)
    assert body["SpecialInstructions"] == "x" * 255


def test_a_us_address_has_the_states_code_and_name() -> None:
    assert shipping_address(a_recipient()) == {
        "ShippingFirstName": "Sam",
        "ShippingLastName": "Sample",
        "ShippingDaytimePhone": "(+1)5550100",
        "ShippingAddressLine1": "1 Example St",
        "ShippingAddressLine2": "Flat 2, Back door",
        "ShippingCity": "Springfield",
        "ShippingStateOrProvince": "IL",
        "ShippingStateOrProvinceName": "Illinois",
        "ShippingPostalCode": "62701",
        "ShippingCountry": "US",
    }


def test_a_uk_address_has_the_county_for_a_state() -> None:
    address = shipping_address(
        a_recipient(
            name="Ann van Dyke",
            first_name="",
            last_name="",
            address_lines=("2 High St",),
            city="Leeds",
            county="West Yorkshire",
            state="ENG",
            state_name="England",
            postal_code="LS1 4AP",
            country="GB",
        )
    )
    assert (address["ShippingFirstName"], address["ShippingLastName"]) == ("Ann van", "Dyke")
    assert address["ShippingCity"] == "Leeds"
    assert address["ShippingStateOrProvince"] == address["ShippingStateOrProvinceName"] == "West Yorkshire"
    assert address["ShippingAddressLine2"] is None


@given(st.decimals(min_value=Decimal(-9999999999999), max_value=Decimal(9999999999999), places=2))
def test_money_reads_back_from_json_as_it_was(amount: Decimal) -> None:
    assert on_the_wire(wire_number(amount)) == amount


def test_an_amount_that_json_would_round_is_refused() -> None:
    with pytest.raises(RejectedError, match="without rounding"):
        wire_number(Decimal("12345678901234567.89"))
