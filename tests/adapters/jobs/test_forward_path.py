"""An order's way from TikTok Shop to ChannelAdvisor and the OMS, where nothing goes wrong."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.statuses import OrderState
from tests.adapters.jobs.checks import check_handed_over_once
from tests.world import MUG, TEE, TWO_TEES, World

DISCOUNTED = LineSpec("TEE-BLU-M", "20.00", 2, seller_discount="2.00", platform_discount="1.50")
GIFT = LineSpec("CAP-RED", "15.00", is_gift=True)
SHIPPED_FOR_LESS: dict[str, Any] = {"shipping_fee": "4.99", "shipping_seller_discount": "1.00"}


@pytest.mark.parametrize("region", ["US", "GB"])
def test_an_order_reaches_both_sides_once_and_each_learns_the_others_number(region: str) -> None:
    world = World()
    shop = world.connect(region)
    order = world.order(shop, TWO_TEES, MUG)
    world.cycle(6)
    check_handed_over_once(world, shop, order)
    assert world.oms.books.order(order).times_sent == 1
    assert len(world.tiktok.books.references) == 2
    assert world.record(shop, order).order.state is OrderState.ACKNOWLEDGED_BY_SELLER
    assert world.problems() == []


@pytest.mark.parametrize(
    ("region", "total", "tax"),
    [
        # 2 x 16.50 + 12.50 + 3.99 shipping; in the US 8 % on each line and on shipping, in the UK VAT is inside.
        pytest.param("US", "53.45", "3.96", id="US"),
        pytest.param("GB", "49.49", "0", id="UK with VAT in the price"),
    ],
)
def test_discounts_gifts_shipping_and_tax_add_up_to_the_cent_on_both_sides(region: str, total: str, tax: str) -> None:
    world = World()
    shop = world.connect(region)
    order = world.order(shop, DISCOUNTED, MUG, GIFT, **SHIPPED_FOR_LESS)
    world.until_released()
    (created,) = world.created(order)
    assert created["TotalPrice"] == Decimal(total)
    assert created["TotalTaxPrice"] == Decimal(tax)
    assert created["TotalShippingPrice"] == Decimal("3.99")
    assert created["PromotionAmount"] == Decimal("7.00")
    assert created["PromotionCode"] == "TikTok seller 4.00 + platform 3.00"
    assert created["Currency"] == {"US": "USD", "GB": "GBP"}[region]
    assert world.channeladvisor.books.unreconciled() == []
    assert Decimal(world.oms.books.order(order).body["totals"]["total"]) == Decimal(total)


def test_a_fee_that_only_tiktok_knows_keeps_the_sum_right() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, fees={"retail_delivery_fee": "0.28", "small_order_fee": "1.50"})
    world.until_released()
    (created,) = world.created(order)
    assert created["TotalPrice"] == Decimal("23.38")
    assert created["AdditionalCostOrDiscount"] == Decimal("1.78")
    assert world.channeladvisor.books.unreconciled() == []
    assert world.oms.books.order(order).body["totals"]["fees"] == "1.78"


def test_units_of_one_sku_become_one_quantity_and_keep_their_tiktok_lines() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, LineSpec("TEE-BLU-M", "20.00", 3), MUG)
    world.until_released()
    lines = world.tiktok.line_ids(order)
    (created,) = world.created(order)
    tees, mug = created["Items"]
    assert [(item["Sku"], item["Quantity"]) for item in (tees, mug)] == [("TEE-BLU-M", 3), ("MUG-RED", 1)]
    assert [attribute["Value"] for attribute in tees["OrderItemAttributes"]] == lines[:3]
    assert mug["SiteOrderItemID"] == lines[3]
    assert [line["tiktok_line_id"] for line in world.oms.books.order(order).body["lines"]] == lines


def test_a_sample_without_any_money_is_handed_over() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, sample=True, tax_rate="0")
    world.cycle(6)
    check_handed_over_once(world, shop, order)
    assert world.created(order)[0]["TotalPrice"] == 0


def test_cash_on_delivery_is_held_from_its_creation_and_handed_over_without_a_payment_time() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, cod=True)
    world.cycle(4)
    assert world.created(order) == []
    world.cycle(2)
    check_handed_over_once(world, shop, order)
    assert world.oms.books.order(order).body["paid_at"] is None


def test_a_name_beyond_ascii_arrives_letter_by_letter() -> None:
    world = World()
    shop = world.connect("GB")
    buyer = replace(world.tiktok.new_buyer(shop.simulated), first_name="Zoë 美", last_name="Ó Súilleabháin-Łęcka")
    order = world.order(shop, TEE, buyer=buyer, buyer_message="Bitte beim Nachbarn läuten 🎁")
    world.cycle(6)
    check_handed_over_once(world, shop, order)
    (created,) = world.created(order)
    assert created["ShippingFirstName"] == "Zoë 美"
    assert created["ShippingLastName"] == "Ó Súilleabháin-Łęcka"
    recipient = world.oms.books.order(order).recipient
    assert recipient["name"] == "Zoë 美 Ó Súilleabháin-Łęcka"
    assert recipient["delivery_note"] == "Bitte beim Nachbarn läuten 🎁"


def test_a_british_address_has_its_post_town_and_an_american_one_its_state() -> None:
    world = World()
    us, uk = world.connect("US"), world.connect("GB")
    american, british = world.order(us, TEE), world.order(uk, TEE)
    world.until_released()
    assert world.created(american)[0]["ShippingStateOrProvince"] == "TX"
    assert world.created(british)[0]["ShippingCity"] in ("STOCKPORT", "DALKEITH")
    assert (world.created(american)[0]["ProfileID"], world.created(british)[0]["ProfileID"]) == (12345678, 87654321)


def test_an_account_that_honours_payment_on_creation_needs_no_second_call() -> None:
    world = World()
    shop = world.connect(channeladvisor={"account": "account-1", "profile_id": 12345678, "paid_on_create": True})
    world.channeladvisor._state.doubts = replace(
        world.channeladvisor._state.doubts, payment_status_honoured_on_create=True
    )
    order = world.order(shop)
    world.until_released()
    assert world.created(order)[0]["PaymentStatus"] == "Cleared"
    assert [each.path for each in world.channeladvisor.books.requests(method="PATCH")] == []


def test_each_step_of_a_hand_over_stands_on_the_timeline_once() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(8)
    assert world.events(shop, order) == [
        "SEEN",
        "HELD",
        "RELEASED",
        "CREATED_IN_CHANNELADVISOR",
        "TAKEN_BY_OMS",
        "TOLD",
        "TOLD",
    ]


def test_an_order_of_another_site_is_left_alone() -> None:
    world = World()
    shop = world.connect()
    decoy = world.channeladvisor.add_order_of_another_site(12345678)
    order = world.order(shop)
    world.cycle(6)
    check_handed_over_once(world, shop, order)
    assert world.channeladvisor.books.order(decoy)["SellerOrderID"] is None
    assert decoy not in world.channeladvisor.books.exported("application")
