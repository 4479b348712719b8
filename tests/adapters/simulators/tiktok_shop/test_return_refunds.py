"""How much goes back, and that it is never more than was paid."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.tiktok_shop import (
    Doubts,
    IllegalStepError,
    LineSpec,
    ReturnType,
    Status,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import (
    create_code,
    ship_and_deliver,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TWO = [LineSpec("TEE", "20.00", 2, seller_discount="1.00", platform_discount="1.50")]
PARTS = ("refund_subtotal", "refund_shipping_fee", "refund_tax", "retail_delivery_fee", "buyer_service_fee")


def two_tees(simulator: TikTokShopSimulator, caller: Caller, **extras: Any) -> tuple[str, str, str]:
    """A delivered order of two units, with what is given besides: its id, and those of its lines."""
    order_id = simulator.place_order(caller.shop, TWO, hold=False, **extras)
    ship_and_deliver(simulator, order_id)
    one, two = simulator.line_ids(order_id)
    return order_id, one, two


def amounts(refund: Any) -> dict[str, str]:
    assert sum(Decimal(refund[name]) for name in PARTS) == Decimal(refund["refund_total"])
    return {name: refund[name] for name in ("refund_total", *PARTS) if refund[name] != "0"}


def test_shipping_and_fees_go_back_with_the_last_unit(simulator: TikTokShopSimulator, caller: Caller) -> None:
    fees = {"retail_delivery_fee": "0.28", "buyer_service_fee": "0.50"}
    order_id, one, two = two_tees(simulator, caller, shipping_fee="5.00", fees=fees)
    first = shown(caller, simulator.buyer_requests_return(order_id, lines=[one]))
    assert amounts(first["refund_amount"]) == {
        "refund_total": "18.90",
        "refund_subtotal": "17.50",
        "refund_tax": "1.40",
    }
    last = shown(caller, simulator.buyer_requests_return(order_id, lines=[two]))
    assert amounts(last["refund_amount"]) == {
        "refund_total": "25.08",
        "refund_subtotal": "17.50",
        "refund_shipping_fee": "5.00",
        "refund_tax": "1.80",
        "retail_delivery_fee": "0.28",
        "buyer_service_fee": "0.50",
    }
    assert amounts(last["return_line_items"][0]["refund_amount"])["refund_total"] == "18.90"
    assert simulator.total_of(order_id) == Decimal("18.90") + Decimal("25.08")
    assert first["discount_amount"][0]["product_platform_discount"] == "1.50"


def test_shipping_goes_back_once(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    order_id, one, two = two_tees(simulator, caller, shipping_fee="5.00")
    first = simulator.buyer_requests_return(order_id, lines=[one])
    last = simulator.buyer_requests_return(order_id, lines=[two])
    simulator.buyer_withdraws_return(first)
    again = simulator.buyer_requests_return(order_id, lines=[one])
    for return_id in (last, again):
        simulator.approve_return_in_seller_center(return_id)
    clock.pass_time(hours=1)
    fees = [each.refund.shipping_fee for each in simulator.refunds_issued(order_id)]
    assert fees == [Decimal("5.00"), Decimal(0)]
    assert simulator.books.refunds_beyond_payment == {}


def test_that_shipping_goes_back_at_all_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]],
) -> None:
    simulator, caller = doubtful(Doubts(returns_give_back_shipping=False))
    order_id, *_ = two_tees(simulator, caller, shipping_fee="5.00")
    refund = shown(caller, simulator.buyer_requests_return(order_id))["refund_amount"]
    assert (refund["refund_total"], refund["refund_shipping_fee"]) == ("37.80", "0")


def test_what_is_not_shipped_yet_keeps_its_shipping(simulator: TikTokShopSimulator, caller: Caller) -> None:
    order_id = simulator.place_order(caller.shop, TWO, hold=False, shipping_fee="5.00")
    one, two = simulator.line_ids(order_id)
    simulator.ship_in_seller_center(order_id, "9400110898825022579493", "USPS", [one])
    refund = shown(caller, simulator.buyer_requests_return(order_id))["refund_amount"]
    assert (refund["refund_total"], refund["refund_shipping_fee"]) == ("18.90", "0")
    cancelled = simulator.cancel_by_seller(order_id, lines=[two])
    path = "/return_refund/202309/cancellations/search"
    (cancellation,) = caller.data("POST", path, body={"cancel_ids": [cancelled]})["cancellations"]
    assert cancellation["refund_amount"]["refund_total"] == "18.90"


def test_a_cancellation_after_a_refund_gives_back_the_rest_and_the_shipping(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TWO, hold=False, shipping_fee="5.00")
    one, two = simulator.line_ids(order_id)
    simulator.ship_in_seller_center(order_id, "9400110898825022579493", "USPS", [one])
    simulator.refund_in_seller_center(order_id, [one])
    clock.pass_time(hours=1)
    simulator.cancel_by_seller(order_id, lines=[two])
    clock.pass_time(hours=1)
    simulator.status(order_id)
    assert [each.refund.total for each in simulator.books.refunds] == [Decimal("18.90"), Decimal("24.30")]
    assert sum(each.refund.total for each in simulator.books.refunds) == simulator.total_of(order_id)
    assert [each.return_id is None for each in simulator.books.refunds] == [False, True]


@pytest.mark.parametrize("kind", [ReturnType.REFUND, ReturnType.RETURN_AND_REFUND])
def test_an_order_that_cost_nothing_is_refunded_with_nothing(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, kind: ReturnType
) -> None:
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False, sample=True)
    ship_and_deliver(simulator, order_id)
    return_id = simulator.buyer_requests_return(order_id, kind, approved_by_tiktok=False)
    assert shown(caller, return_id)["refund_amount"]["refund_total"] == "0"
    simulator.approve_return_in_seller_center(return_id, keeps_item=kind is ReturnType.RETURN_AND_REFUND)
    clock.pass_time(hours=1)
    (refund,) = simulator.refunds_issued(order_id)
    assert (refund.refund.total, refund.paid) == (Decimal(0), Decimal(0))
    assert create_code(caller, order_id) == 25001010
    with pytest.raises(IllegalStepError):
        simulator.buyer_requests_return(order_id, lines=simulator.line_ids(order_id))


def test_the_amounts_of_a_uk_order_hold_no_tax(simulator: TikTokShopSimulator, uk_caller: Caller) -> None:
    order_id = simulator.place_order(uk_caller.shop, TWO, hold=False)
    simulator.ship_in_seller_center(order_id, "H1001234567890", "EVRi")
    refund = shown(uk_caller, simulator.buyer_requests_return(order_id))["refund_amount"]
    assert (refund["currency"], amounts(refund)) == ("GBP", {"refund_total": "35.00", "refund_subtotal": "35.00"})


def test_refunds_in_parts_end_where_the_price_does(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id, one, _ = two_tees(simulator, caller)
    for amount in ("10.00", "8.00", "0.90"):
        assert create_code(caller, order_id, order_line_item_ids=[one], refund_total=amount, currency="USD") == 0
        clock.pass_time(hours=1)
    assert create_code(caller, order_id, order_line_item_ids=[one], refund_total="0.01", currency="USD") == 25001010
    parts = [(each.refund.subtotal, each.refund.tax) for each in simulator.refunds_issued(order_id)]
    assert [subtotal + tax for subtotal, tax in parts] == [Decimal("10.00"), Decimal("8.00"), Decimal("0.90")]
    assert tuple(sum(column) for column in zip(*parts, strict=True)) == (Decimal("17.50"), Decimal("1.40"))


def test_a_full_refund_completes_an_order_that_is_on_its_way(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    package_id = simulator.ship_in_seller_center(ready_order, "9400110898825022579493", "USPS")
    simulator.approve_return_in_seller_center(simulator.buyer_requests_return(ready_order))
    assert simulator.status(ready_order) is Status.AWAITING_COLLECTION
    clock.pass_time(hours=1)
    assert simulator.status(ready_order) is Status.COMPLETED
    simulator.collect(package_id)
    simulator.deliver(package_id)
    assert simulator.status(ready_order) is Status.COMPLETED
    assert create_code(caller, ready_order) == 25001051


def test_that_a_full_refund_completes_the_order_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]], clock: Clock
) -> None:
    simulator, caller = doubtful(Doubts(full_refund_completes_order=False))
    order_id = simulator.place_order(caller.shop, TWO, hold=False)
    simulator.ship_in_seller_center(order_id, "9400110898825022579493", "USPS")
    simulator.approve_return_in_seller_center(simulator.buyer_requests_return(order_id))
    clock.pass_time(hours=1)
    assert simulator.status(order_id) is Status.AWAITING_COLLECTION
    simulator.cancel_by_platform(order_id)
    clock.pass_time(hours=1)
    simulator.status(order_id)
    assert [each.refund.total for each in simulator.books.refunds] == [Decimal("37.80"), Decimal(0)]


def test_a_delivered_order_stays_delivered_when_it_is_refunded(
    simulator: TikTokShopSimulator, clock: Clock, delivered_order: str
) -> None:
    simulator.approve_return_in_seller_center(simulator.buyer_requests_return(delivered_order))
    clock.pass_time(hours=1)
    assert simulator.status(delivered_order) is Status.DELIVERED
