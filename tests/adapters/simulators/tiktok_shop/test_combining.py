from collections.abc import Callable

import pytest

from local.simulators.tiktok_shop import Doubts, IllegalStepError, LineSpec, Status, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
TEES = [LineSpec("TEE", "20.00", 2)]
FIRST, SECOND = "1Z999AA10123456784", "9400110898825022579493"
SEPARATE = Doubts(combined_orders_share_a_package=False)
Open = Callable[[Doubts], tuple[TikTokShopSimulator, Caller]]


def combined(simulator: TikTokShopSimulator, caller: Caller, number: int = 2) -> list[str]:
    buyer = simulator.new_buyer(caller.shop)
    orders = [simulator.place_order(caller.shop, TEES, hold=False, buyer=buyer) for _ in range(number)]
    simulator.combine_in_seller_center(orders)
    return orders


def labels(caller: Caller, *orders: str) -> set[tuple[str, str]]:
    return {(each["tracking_number"], each["shipping_provider"]) for each in map(caller.order, orders)}


def test_combined_orders_say_so_and_share_a_package_from_then_on(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    buyer = simulator.new_buyer(caller.shop)
    one, other = orders = [simulator.place_order(caller.shop, TEES, hold=False, buyer=buyer) for _ in range(2)]
    clock.pass_time(minutes=5)
    simulator.combine_in_seller_center(orders)
    shown = [caller.order(order) for order in orders]
    assert {(order["split_or_combine_tag"], order["status"]) for order in shown} == {("COMBINED", "AWAITING_SHIPMENT")}
    assert {order["update_time"] for order in shown} == {clock.seconds}
    (package,) = {line["package_id"] for order in shown for line in order["line_items"]}
    assert [order["packages"] for order in shown] == [[{"id": package}]] * 2
    assert caller.package(package)["split_and_combine_tag"] == "COMBINE"
    replies = [caller.ship(order).json()["data"]["package_id"] for order in orders]
    assert replies == [package, package]
    detail = caller.package(package)
    assert [each["id"] for each in detail["orders"]] == [one, other]
    assert detail["order_line_item_ids"] == [*simulator.line_ids(one), *simulator.line_ids(other)]


def test_each_combined_order_is_told_by_itself_with_one_tracking_number(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    one, other = combined(simulator, caller)
    assert caller.ship_code(one, tracking_number=SECOND) == 0
    assert (simulator.status(one), simulator.status(other)) == (Status.AWAITING_COLLECTION, Status.AWAITING_SHIPMENT)
    assert caller.ship_code(other, tracking_number=FIRST) == 21011033
    ups = simulator.provider_id("US", "UPS")
    assert caller.ship_code(other, tracking_number=SECOND, shipping_provider_id=ups) == 21011033
    assert caller.ship_code(other, tracking_number=SECOND) == 0
    assert [each.order_id for each in simulator.books.shipments] == [one, other]


def test_a_part_of_a_combined_order_is_refused_with_21011046(simulator: TikTokShopSimulator, caller: Caller) -> None:
    one, other = combined(simulator, caller)
    lines = simulator.line_ids(one)
    assert caller.ship_code(one, order_line_item_ids=lines[:1]) == 21011046
    assert caller.ship_code(one, order_line_item_ids=lines) == 0
    living, gone = simulator.line_ids(other)
    simulator.cancel_by_seller(other, lines=[gone])
    assert caller.ship_code(other, order_line_item_ids=[living]) == 0


def test_a_combined_order_is_not_split(simulator: TikTokShopSimulator, caller: Caller) -> None:
    one, _ = combined(simulator, caller)
    (shown,) = caller.split_attributes(one)
    assert (shown["can_split"], shown["reason"]) == (False, "Order has combine, not allow split order")
    with pytest.raises(IllegalStepError, match="not allow split"):
        simulator.split_in_seller_center(one, [[line] for line in simulator.line_ids(one)])


def test_a_scan_of_a_shared_package_moves_all_of_its_orders(simulator: TikTokShopSimulator, caller: Caller) -> None:
    one, other = combined(simulator, caller)
    for order in (one, other):
        caller.ship(order)
    simulator.collect(caller.order(one)["packages"][0]["id"])
    assert {simulator.status(one), simulator.status(other)} == {Status.IN_TRANSIT}
    simulator.deliver(other)
    assert {simulator.status(one), simulator.status(other)} == {Status.DELIVERED}


def test_a_shared_package_is_relabelled_once_for_all_of_its_orders(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    one, other, third = combined(simulator, caller, 3)
    package = caller.ship(one, tracking_number=FIRST).json()["data"]["package_id"]
    caller.ship(other, tracking_number=FIRST)
    clock.pass_time(hours=1)
    assert caller.relabel(package, SECOND) == 0
    assert labels(caller, one, other) == {(SECOND, "USPS")}
    assert {caller.order(order)["update_time"] for order in (one, other)} == {clock.seconds}
    assert caller.relabel_by(f"orders/{other}", FIRST) == 21011051
    (update,) = simulator.books.tracking_updates
    assert update.order_ids == (one, other)
    assert caller.ship_code(third, tracking_number=FIRST) == 21011033
    assert caller.ship_code(third, tracking_number=SECOND) == 0
    assert caller.relabel(package, FIRST) == 21011051
    stranger = simulator.place_order(caller.shop, TEE, hold=False)
    assert caller.ship_code(stranger, tracking_number=FIRST) == 0


def test_the_72_hours_of_a_shared_package_begin_with_the_first_order_that_was_told(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    one, other = combined(simulator, caller)
    began = clock.seconds
    package = caller.ship(one, tracking_number=FIRST).json()["data"]["package_id"]
    clock.pass_time(hours=2)
    caller.ship(other, tracking_number=FIRST)
    detail = caller.package(package)
    assert (detail["create_time"], detail["update_time"]) == (began, clock.seconds)
    clock.pass_time(hours=70, minutes=1)
    assert caller.relabel(package, SECOND) == 21011050


def test_twenty_combined_orders_take_over_a_free_number_and_no_other(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    buyer = simulator.new_buyer(caller.shop)
    orders = [simulator.place_order(caller.shop, TEE, hold=False, buyer=buyer) for _ in range(21)]
    simulator.combine_in_seller_center(orders[:20])
    replies = [caller.ship(order, tracking_number=FIRST).json() for order in orders[:20]]
    assert {reply["code"] for reply in replies} == {0}
    assert caller.ship_code(orders[20], tracking_number="OTHER-1") == 0
    package = replies[0]["data"]["package_id"]
    assert caller.relabel(package, "OTHER-1") == 21011026
    assert caller.relabel(package, SECOND) == 0


def test_combined_orders_may_have_packages_of_their_own(doubtful: Open) -> None:
    simulator, caller = doubtful(SEPARATE)
    one, other = combined(simulator, caller)
    assert "packages" not in caller.order(one)
    first, second = (caller.ship(order, tracking_number=FIRST).json()["data"]["package_id"] for order in (one, other))
    assert first != second
    assert caller.relabel(first, SECOND) == 0
    assert labels(caller, one) != labels(caller, other)
    assert caller.relabel(second, SECOND) == 0
    simulator.collect(first)
    assert (simulator.status(one), simulator.status(other)) == (Status.IN_TRANSIT, Status.AWAITING_COLLECTION)


def test_an_order_that_goes_elsewhere_travels_alone(simulator: TikTokShopSimulator, caller: Caller) -> None:
    one, other, third = combined(simulator, caller, 3)
    simulator.change_address(third)
    order = caller.order(third)
    assert ("split_or_combine_tag" in order, "packages" in order) == (False, False)
    assert [caller.ship_code(each, tracking_number=FIRST) for each in (one, other, third)] == [0, 0, 21034012]
    assert caller.ship_code(third, tracking_number=SECOND, order_line_item_ids=simulator.line_ids(third)[:1]) == 0


def test_the_last_of_combined_orders_is_an_order_like_any_other(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    one, other = combined(simulator, caller)
    clock.pass_time(minutes=5)
    simulator.cancel_by_seller(one)
    order = caller.order(other)
    assert ("split_or_combine_tag" in order, order["update_time"]) == (False, clock.seconds)
    assert caller.ship_code(other, order_line_item_ids=simulator.line_ids(other)[:1]) == 0


def test_a_cancelled_part_of_a_shared_package_leaves_the_others_alone(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    one, other, third = combined(simulator, caller, 3)
    shipped = [caller.ship(each, tracking_number=FIRST).json()["data"] for each in (one, other, third)]
    package = shipped[0]["package_id"]
    simulator.cancel_by_seller(one)
    assert caller.package(package)["package_status"] == "PROCESSING"
    assert caller.relabel(package, SECOND) == 0
    assert labels(caller, other, third) == {(SECOND, "USPS")}
    assert simulator.books.tracking_updates[0].order_ids == (other, third)
    simulator.cancel_by_seller(other)
    simulator.cancel_by_seller(third)
    assert caller.relabel(package, FIRST) == 21011042


def test_orders_that_tiktok_ships_are_not_combined(simulator: TikTokShopSimulator, caller: Caller) -> None:
    buyer = simulator.new_buyer(caller.shop)
    orders = [
        simulator.place_order(caller.shop, TEE, hold=False, buyer=buyer, shipped_by_tiktok=True) for _ in range(2)
    ]
    with pytest.raises(IllegalStepError, match="this seller ships"):
        simulator.combine_in_seller_center(orders)


@pytest.mark.parametrize("change", ["another buyer", "on hold", "shipped by TikTok", "another option", "another shop"])
def test_orders_that_differ_are_not_combined(simulator: TikTokShopSimulator, caller: Caller, change: str) -> None:
    buyer = simulator.new_buyer(caller.shop)
    good = simulator.place_order(caller.shop, TEE, hold=False, buyer=buyer)
    express = simulator.add_delivery_option(caller.shop, "Express")
    other = simulator.place_order(
        simulator.open_shop("US", "Other") if change == "another shop" else caller.shop,
        TEE,
        hold=change == "on hold",
        buyer=None if change == "another buyer" else buyer,
        delivery_option=express if change == "another option" else None,
        shipped_by_tiktok=change == "shipped by TikTok",
    )
    with pytest.raises(IllegalStepError):
        simulator.combine_in_seller_center([good, other])
    assert "split_or_combine_tag" not in caller.order(good)


@pytest.mark.parametrize("change", ["ship", "request_cancel", "split", "combine"])
def test_orders_that_have_gone_on_are_not_combined(simulator: TikTokShopSimulator, caller: Caller, change: str) -> None:
    buyer = simulator.new_buyer(caller.shop)
    one, other, third = (simulator.place_order(caller.shop, TEES, hold=False, buyer=buyer) for _ in range(3))
    match change:
        case "ship":
            simulator.ship_in_seller_center(one, FIRST, "UPS")
        case "request_cancel":
            simulator.request_cancel(one)
        case "split":
            simulator.split_in_seller_center(one, [[line] for line in simulator.line_ids(one)])
        case _:
            simulator.combine_in_seller_center([one, third])
    with pytest.raises(IllegalStepError):
        simulator.combine_in_seller_center([other, one])


@pytest.mark.parametrize("number", [1, 21])
def test_two_to_twenty_orders_are_combined(simulator: TikTokShopSimulator, caller: Caller, number: int) -> None:
    with pytest.raises(IllegalStepError, match=f"{number} orders are not combined"):
        combined(simulator, caller, number)
