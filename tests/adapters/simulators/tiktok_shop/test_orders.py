import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from local.simulators.tiktok_shop import (
    Blank,
    Damage,
    Doubts,
    IllegalStepError,
    LineSpec,
    OrderType,
    Shop,
    Status,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
USPS = "9400110898825022579493"


def money(payment: dict[str, str], *names: str) -> Decimal:
    return sum((Decimal(payment.get(name, "0")) for name in names), Decimal(0))


def assert_it_reconciles(order: dict[str, Any]) -> None:
    payment = order["payment"]
    for name in ("original_price", "seller_discount", "platform_discount"):
        total = {"original_price": "original_total_product_price"}.get(name, name)
        assert sum(Decimal(line[name]) for line in order["line_items"]) == money(payment, total)
    assert sum(Decimal(line["sale_price"]) for line in order["line_items"]) == money(payment, "sub_total")
    assert money(payment, "sub_total") == money(payment, "original_total_product_price") - money(
        payment, "seller_discount", "platform_discount"
    )
    assert money(payment, "shipping_fee") == money(payment, "original_shipping_fee") - money(
        payment,
        "shipping_fee_seller_discount",
        "shipping_fee_platform_discount",
        "shipping_fee_cofunded_discount",
    )
    assert money(payment, "tax") == money(payment, "product_tax", "shipping_fee_tax")
    assert money(payment, "total_amount") == money(
        payment, "sub_total", "shipping_fee", "tax", "retail_delivery_fee", "small_order_fee", "handling_fee"
    )


def test_the_sheet_s_sample_order_is_reproduced_to_the_cent(simulator: TikTokShopSimulator, caller: Caller) -> None:
    lines = [LineSpec("TEE-BLU-M", "20.00", 2, seller_discount="1.00", platform_discount="1.50")]
    order_id = simulator.place_order(
        caller.shop, lines, hold=False, shipping_fee="5.00", shipping_platform_discount="2.00"
    )
    order = caller.order(order_id)
    assert order["payment"] == {
        "currency": "USD",
        "original_total_product_price": "40.00",
        "seller_discount": "2.00",
        "platform_discount": "3.00",
        "sub_total": "35.00",
        "original_shipping_fee": "5.00",
        "shipping_fee_seller_discount": "0",
        "shipping_fee_platform_discount": "2.00",
        "shipping_fee_cofunded_discount": "0",
        "shipping_fee": "3.00",
        "product_tax": "2.80",
        "shipping_fee_tax": "0.24",
        "tax": "3.04",
        "retail_delivery_fee": "0",
        "total_amount": "41.04",
    }
    assert_it_reconciles(order)
    first, second = order["line_items"]
    assert first["id"] != second["id"]
    assert (first["sku_id"], first["seller_sku"]) == (second["sku_id"], "TEE-BLU-M")
    assert (first["sale_price"], first["item_tax"]) == (
        "17.50",
        [{"tax_type": "SALES_TAX", "tax_amount": "1.40", "tax_rate": "0.08"}],
    )


def test_odd_cents_discounts_and_fees_reconcile(simulator: TikTokShopSimulator, caller: Caller) -> None:
    lines = [
        LineSpec("A", "19.99", 3, seller_discount="0.33", platform_discount="1.11"),
        LineSpec("B", "7.77"),
        LineSpec("FREEBIE", "4.00", is_gift=True),
    ]
    order_id = simulator.place_order(
        caller.shop,
        lines,
        shipping_fee="5.99",
        shipping_seller_discount="1.00",
        shipping_platform_discount="0.49",
        shipping_cofunded_discount="0.50",
        fees={"retail_delivery_fee": "0.29", "small_order_fee": "1.50"},
        tax_rate="0.0875",
    )
    order = caller.order(order_id)
    assert_it_reconciles(order)
    gift = order["line_items"][-1]
    assert (gift["is_gift"], gift["sale_price"], gift["gift_retail_price"]) == (True, "0", "4.00")


def test_a_sample_order_has_no_money(simulator: TikTokShopSimulator, caller: Caller) -> None:
    order = caller.order(simulator.place_order(caller.shop, TEE, sample=True, shipping_fee="5.00"))
    assert order["is_sample_order"] is True
    assert set(order["payment"].values()) == {"USD", "0"}
    assert order["line_items"][0]["original_price"] == "0"


def test_prices_in_the_uk_carry_no_added_tax(simulator: TikTokShopSimulator, uk_caller: Caller) -> None:
    order = uk_caller.order(simulator.place_order(uk_caller.shop, TEE, shipping_fee="2.50"))
    assert (order["payment"]["currency"], order["payment"]["total_amount"]) == ("GBP", "22.50")
    assert "item_tax" not in order["line_items"][0]


def test_every_value_has_its_documented_type(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    order_id = simulator.place_order(caller.shop, TEE, handling_days=3, order_type=OrderType.MADE_TO_ORDER)
    clock.pass_time(hours=1)
    simulator.ship_in_seller_center(order_id, USPS, "USPS")
    order = caller.order(order_id)
    for name, value in order.items():
        if name.endswith("_time") or name == "release_date":
            assert type(value) is int, name
        elif name.startswith(("is_", "has_")):
            assert type(value) is bool, name
        elif not isinstance(value, dict | list):
            assert type(value) is str, name
    assert order["handling_duration"] == {"days": "3", "type": "BUSINESS_DAY"}
    assert int(order["id"]) > 2**53
    assert {type(value) for value in order["payment"].values()} == {str}


def test_keys_come_sorted(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    response = caller.send("GET", "/order/202309/orders", query={"ids": ready_order})
    pairs = json.loads(response.text, object_pairs_hook=list)
    assert [key for key, _ in pairs] == sorted(key for key, _ in pairs)
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT


def test_an_order_is_held_for_an_hour_from_payment(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, paid=False)
    assert caller.order(order_id)["status"] == "UNPAID"
    assert "paid_time" not in caller.order(order_id)
    clock.pass_time(minutes=5)
    simulator.pay(order_id)
    paid = clock.seconds
    clock.pass_time(minutes=59, seconds=59)
    held = caller.order(order_id)
    assert (held["status"], held["paid_time"], held["update_time"]) == ("ON_HOLD", paid, paid)
    assert held["is_on_hold_order"] is True
    clock.pass_time(minutes=10)
    released = caller.order(order_id)
    assert (released["status"], released["update_time"]) == ("AWAITING_SHIPMENT", paid + 3600)


def test_a_category_without_hold_goes_straight_to_awaiting_shipment(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    order = caller.order(simulator.place_order(caller.shop, TEE, hold=False))
    assert (order["status"], order["is_on_hold_order"]) == ("AWAITING_SHIPMENT", False)


def test_cash_on_delivery_is_held_from_creation_and_has_no_paid_time(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, cod=True)
    assert caller.order(order_id)["status"] == "ON_HOLD"
    clock.pass_time(hours=1)
    order = caller.order(order_id)
    assert (order["status"], order["is_cod"], "paid_time" in order) == ("AWAITING_SHIPMENT", True, False)


def test_a_pre_order_is_held_until_its_release_date(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, release_date=clock.now + timedelta(days=10))
    clock.pass_time(days=6)
    order = caller.order(order_id)
    assert (order["status"], order["order_type"]) == ("ON_HOLD", "PRE_ORDER")
    clock.pass_time(days=0.9)
    caller.token = simulator.authorize(caller.shop).access_token
    clock.pass_time(days=3.1)
    order = caller.order(order_id)
    assert (order["status"], order["update_time"]) == ("AWAITING_SHIPMENT", order["release_date"])


def test_a_back_dated_order_is_released_but_listed_from_now(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, created_at=clock.now - timedelta(days=3))
    order = caller.order(order_id)
    assert order["create_time"] == order["paid_time"] == clock.seconds - 3 * 86400
    assert (order["status"], order["update_time"]) == ("AWAITING_SHIPMENT", clock.seconds)


def test_deadlines_end_business_days_in_the_shop_s_time_zone(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    clock.now = datetime(2026, 6, 5, 20, 0, tzinfo=UTC)  # a Friday in Los Angeles
    caller.token = simulator.authorize(caller.shop).access_token
    order = caller.order(simulator.place_order(caller.shop, TEE))
    tuesday, wednesday = datetime(2026, 6, 10, 6, 59, 59, tzinfo=UTC), datetime(2026, 6, 11, 6, 59, 59, tzinfo=UTC)
    auto_cancel = datetime(2026, 6, 17, 6, 59, 59, tzinfo=UTC)
    assert order["rts_sla_time"] == tuesday.timestamp()
    assert order["tts_sla_time"] == wednesday.timestamp()
    assert order["shipping_due_time"] == order["cancel_order_sla_time"] == auto_cancel.timestamp()


def test_the_address_appears_with_release(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    order_id = simulator.place_order(caller.shop, TEE)
    assert "recipient_address" not in caller.order(order_id)
    clock.pass_time(hours=1)
    address = caller.order(order_id)["recipient_address"]
    assert [(d["address_level"], d["address_level_name"]) for d in address["district_info"]] == [
        ("L0", "Country"),
        ("L1", "State"),
        ("L2", "County"),
        ("L3", "City"),
    ]
    assert address["full_address"].endswith(address["address_detail"])
    assert address["region_code"] == "US"
    assert "post_town" not in address


def test_a_uk_address_has_post_town_and_county(simulator: TikTokShopSimulator, uk_caller: Caller, clock: Clock) -> None:
    order_id = simulator.place_order(uk_caller.shop, TEE)
    clock.pass_time(hours=1)
    address = uk_caller.order(order_id)["recipient_address"]
    assert address["post_town"] in {"STOCKPORT", "DALKEITH"}
    assert [d["address_name"] for d in address["district_info"]][2] in {"Greater Manchester", "Midlothian"}
    assert address["phone_number"].startswith("(+44)")


def test_blank_values_are_left_out_or_empty_as_the_doubts_say(clock: Clock) -> None:
    doubts = Doubts(tracking_before_shipping=Blank.OMITTED, withheld_address=Blank.EMPTY)
    simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=doubts)
    shop = simulator.open_shop("US", "Demo US")
    token = simulator.authorize(shop).access_token
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://tiktok.invalid") as client:
        caller = Caller(client=client, clock=clock, shop=shop, token=token)
        order = caller.order(simulator.place_order(shop, TEE))
    assert "tracking_number" not in order
    assert "tracking_number" not in order["line_items"][0]
    assert (order["recipient_address"]["name"], order["recipient_address"]["district_info"]) == ("", [])


def test_tracking_is_an_empty_text_before_shipping_by_default(caller: Caller, ready_order: str) -> None:
    order = caller.order(ready_order)
    assert (order["tracking_number"], order["shipping_provider_id"]) == ("", "")
    assert "package_id" not in order["line_items"][0]
    assert "packages" not in order


@pytest.mark.parametrize(("by_carrier", "by_warehouse"), [(True, False), (False, True)])
def test_what_tiktok_ships_has_a_masked_address(
    simulator: TikTokShopSimulator, caller: Caller, *, by_carrier: bool, by_warehouse: bool
) -> None:
    order_id = simulator.place_order(
        caller.shop, TEE, hold=False, shipped_by_tiktok=by_carrier, fulfilled_by_tiktok=by_warehouse
    )
    address = json.dumps(caller.order(order_id)["recipient_address"])
    assert "***" in address
    assert not [text for text in simulator.buyer_data() if text in address]


def test_a_cancelled_order_is_masked_in_the_us_and_clear_in_the_uk(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller
) -> None:
    cancelled = {}
    for each in (caller, uk_caller):
        order_id = simulator.place_order(each.shop, TEE, hold=False)
        simulator.cancel_by_seller(order_id)
        cancelled[each.shop.region.code] = each.order(order_id)["recipient_address"]["address_line1"]
    assert cancelled["US"] == "***"
    assert cancelled["GB"] in simulator.buyer_data()


def test_an_address_is_masked_thirty_days_after_completion(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    simulator.ship_in_seller_center(ready_order, USPS, "USPS")
    simulator.collect(ready_order)
    simulator.deliver(ready_order)
    simulator.complete(ready_order)
    clock.pass_time(days=30, seconds=-1)
    caller.token = simulator.authorize(caller.shop).access_token
    assert caller.order(ready_order)["recipient_address"]["postal_code"] != "***"
    clock.pass_time(seconds=1)
    assert caller.order(ready_order)["recipient_address"]["postal_code"] == "***"


def test_a_changed_address_is_flagged(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    before = caller.order(ready_order)
    caller.clock.pass_time(minutes=1)
    simulator.change_address(ready_order)
    after = caller.order(ready_order)
    assert (before["has_updated_recipient_address"], after["has_updated_recipient_address"]) == (False, True)
    assert before["recipient_address"]["address_line1"] != after["recipient_address"]["address_line1"]
    assert after["update_time"] == before["update_time"] + 60
    assert {before["recipient_address"]["address_line1"], after["recipient_address"]["address_line1"]} <= (
        simulator.buyer_data()
    )


def test_every_buyer_can_be_recognised_by_each_detail(simulator: TikTokShopSimulator, caller: Caller) -> None:
    orders = [simulator.place_order(caller.shop, TEE, hold=False) for _ in range(2)]
    one, two = (caller.order(order_id) for order_id in orders)
    for field in ("name", "first_name", "last_name", "phone_number", "address_line1", "address_line2"):
        values = {one["recipient_address"][field], two["recipient_address"][field]}
        assert len(values) == 2
        assert values <= simulator.buyer_data()
    assert {one["buyer_email"], two["buyer_email"]} <= simulator.buyer_data()
    assert one["buyer_email"].endswith("@scs2.tiktok.com")
    assert len(one["buyer_email"]) < 45


def test_the_buyer_cancels_alone_only_before_release(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    early, late = (simulator.place_order(caller.shop, TEE) for _ in range(2))
    simulator.cancel_as_buyer(early)
    order = caller.order(early)
    assert (order["status"], order["cancellation_initiator"], order["cancel_time"]) == (
        "CANCELLED",
        "BUYER",
        clock.seconds,
    )
    assert (order["line_items"][0]["display_status"], order["line_items"][0]["cancel_user"]) == ("CANCELLED", "BUYER")
    clock.pass_time(hours=1)
    with pytest.raises(IllegalStepError):
        simulator.cancel_as_buyer(late)
    assert simulator.status(early) is Status.CANCELLED


def test_a_buyer_s_request_waits_on_the_order(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    assert "request_cancel_time" not in caller.order(ready_order)
    simulator.request_cancel(ready_order)
    order = caller.order(ready_order)
    assert (order["status"], order["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", True)
    assert order["request_cancel_time"] == caller.clock.seconds
    with pytest.raises(IllegalStepError):
        simulator.request_cancel(ready_order)


def test_a_request_needs_a_released_order(simulator: TikTokShopSimulator, shop: Shop) -> None:
    with pytest.raises(IllegalStepError):
        simulator.request_cancel(simulator.place_order(shop, TEE))


def test_a_seller_cancels_a_shipped_order_only_in_the_us(
    simulator: TikTokShopSimulator, shop: Shop, uk_caller: Caller
) -> None:
    us, uk = (simulator.place_order(each, TEE, hold=False) for each in (shop, uk_caller.shop))
    simulator.ship_in_seller_center(us, USPS, "USPS")
    simulator.ship_in_seller_center(uk, "H1001234567890", "EVRi")
    simulator.cancel_by_seller(us)
    assert simulator.status(us) is Status.CANCELLED
    with pytest.raises(IllegalStepError):
        simulator.cancel_by_seller(uk)


def test_the_platform_cancels_with_initiator_system(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.cancel_by_platform(ready_order, "Potential fraud")
    order = caller.order(ready_order)
    assert (order["cancellation_initiator"], order["cancel_reason"]) == ("SYSTEM", "Potential fraud")


@pytest.mark.parametrize("step", ["collect", "deliver", "complete", "pay"])
def test_a_step_that_the_status_machine_lacks_is_an_error(
    simulator: TikTokShopSimulator, ready_order: str, step: str
) -> None:
    with pytest.raises(IllegalStepError):
        getattr(simulator, step)(ready_order)


def test_an_unknown_status_is_served_as_given(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    simulator.set_unknown_status(ready_order, "SOMETHING_NEW")
    assert caller.order(ready_order)["status"] == "SOMETHING_NEW"


@pytest.mark.parametrize(
    ("damage", "seen"),
    [
        (Damage.MISSING_ID, lambda order: "id" not in order),
        (Damage.WRONG_TYPE, lambda order: order["update_time"] == "yesterday"),
        (Damage.NO_LINE_ITEMS, lambda order: "line_items" not in order),
        (Damage.EMPTY_LINE_ITEMS, lambda order: order["line_items"] == []),
        (Damage.UNKNOWN_ENUMS, lambda order: order["order_type"] == "SOMETHING_NEW"),
        (Damage.BAD_MONEY, lambda order: order["payment"]["total_amount"] == "a lot"),
    ],
)
def test_an_order_can_be_served_broken_and_healed(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, damage: Damage, seen: Any
) -> None:
    whole = caller.order(ready_order)
    simulator.corrupt(ready_order, damage)
    assert seen(caller.order(ready_order))
    simulator.corrupt(ready_order, None)
    assert caller.order(ready_order) == whole


def test_the_same_seed_gives_the_same_ids() -> None:
    def run() -> tuple[str, str, str]:
        simulator = TikTokShopSimulator(Clock(), app_key=APP_KEY, app_secret=APP_SECRET, seed=7)
        shop = simulator.open_shop("US", "Demo US")
        return shop.cipher, simulator.place_order(shop, TEE), simulator.authorize(shop).access_token

    assert run() == run()


def test_a_holiday_is_no_business_day(simulator: TikTokShopSimulator, caller: Caller) -> None:
    def ship_by(shop: Shop) -> int:
        order_id = simulator.place_order(shop, TEE)
        caller.shop, caller.token = shop, simulator.authorize(shop).access_token
        seconds = caller.order(order_id)["rts_sla_time"]
        assert isinstance(seconds, int)
        return seconds

    usual, festive = caller.shop, simulator.open_shop("US", "Festive US", holidays=[date(2026, 6, 2)])
    assert ship_by(festive) == ship_by(usual) + 86400
