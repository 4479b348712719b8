from collections.abc import Callable

import httpx
import pytest

from local.simulators.tiktok_shop import Blank, Doubts, IllegalStepError, LineSpec, Status, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEES = [LineSpec("TEE", "20.00", 2)]
Open = Callable[[Doubts], tuple[TikTokShopSimulator, Caller]]


def packages_of(caller: Caller, order: str) -> list[str | None]:
    return [line.get("package_id") for line in caller.order(order)["line_items"]]


def test_an_order_without_a_split_shows_no_package_before_it_ships(caller: Caller, ready_order: str) -> None:
    order = caller.order(ready_order)
    assert (packages_of(caller, ready_order), "packages" in order) == ([None] * 3, False)
    assert "split_or_combine_tag" not in order


def test_the_packages_of_a_split_order_are_known_before_they_ship(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, clock: Clock
) -> None:
    first, second, third = simulator.line_ids(ready_order)
    clock.pass_time(minutes=5)
    pair, single = simulator.split_in_seller_center(ready_order, [[first, second], [third]])
    order = caller.order(ready_order)
    assert order["update_time"] == clock.seconds
    assert packages_of(caller, ready_order) == [pair, pair, single]
    assert (order["split_or_combine_tag"], order["packages"]) == ("SPLIT", [{"id": pair}, {"id": single}])
    assert (order["status"], order["tracking_number"]) == ("AWAITING_SHIPMENT", "")
    line = order["line_items"][0]
    assert (line["display_status"], line["package_status"]) == ("AWAITING_SHIPMENT", "TO_FULFILL")
    assert (line["tracking_number"], "rts_time" in line) == ("", False)
    detail = caller.package(pair)
    assert (detail["order_line_item_ids"], detail["split_and_combine_tag"]) == ([first, second], "SPLIT")
    assert (detail["package_sub_status"], "tracking_number" in detail) == ("CREATED", False)


def test_where_absent_values_have_no_key_only_the_package_is_named(doubtful: Open) -> None:
    simulator, caller = doubtful(Doubts(tracking_before_shipping=Blank.OMITTED))
    order = simulator.place_order(caller.shop, TEES, hold=False)
    groups = simulator.split_in_seller_center(order, [[line] for line in simulator.line_ids(order)])
    assert packages_of(caller, order) == groups
    assert "tracking_number" not in caller.order(order)["line_items"][0]


def test_a_package_of_a_split_order_keeps_its_id_when_it_ships_alone(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first, second, third = simulator.line_ids(ready_order)
    pair, single = simulator.split_in_seller_center(ready_order, [[first, second], [third]])
    reply = caller.ship(ready_order, order_line_item_ids=[second, first]).json()
    assert (reply["code"], reply["data"]["package_id"]) == (0, pair)
    assert simulator.status(ready_order) is Status.PARTIALLY_SHIPPING
    assert packages_of(caller, ready_order) == [pair, pair, single]
    rest = caller.ship(ready_order, tracking_number="OTHER-1").json()
    assert (rest["code"], rest["data"]["package_id"]) == (0, single)
    assert [each["id"] for each in caller.order(ready_order)["packages"]] == [pair, single]
    assert [each.package_id for each in simulator.books.shipments_of(ready_order)] == [pair, single]


@pytest.mark.parametrize("chosen", [[0], [1], [0, 2], [1, 2]])
def test_a_part_of_a_package_of_a_split_order_is_refused_with_21011036(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, chosen: list[int]
) -> None:
    lines = simulator.line_ids(ready_order)
    simulator.split_in_seller_center(ready_order, [lines[:2], lines[2:]])
    assert caller.ship_code(ready_order, order_line_item_ids=[lines[place] for place in chosen]) == 21011036
    assert simulator.books.shipments == []
    assert [refused.code for refused in simulator.books.refused_shipments] == [21011036]


def test_several_whole_packages_may_leave_as_one(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    lines = simulator.line_ids(ready_order)
    groups = simulator.split_in_seller_center(ready_order, [[line] for line in lines])
    package = caller.ship(ready_order, order_line_item_ids=lines[:2]).json()["data"]["package_id"]
    assert package not in groups
    assert packages_of(caller, ready_order) == [package, package, groups[2]]
    assert caller.code("GET", f"/fulfillment/202309/packages/{groups[0]}") == 21011001
    assert caller.ship_code(ready_order, order_line_item_ids=lines[2:], tracking_number="OTHER-1") == 0


def test_what_is_left_of_a_package_is_a_whole_one(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first, second, third = simulator.line_ids(ready_order)
    pair, single = simulator.split_in_seller_center(ready_order, [[first, second], [third]])
    simulator.cancel_by_seller(ready_order, lines=[first])
    assert packages_of(caller, ready_order) == [None, pair, single]
    assert caller.ship(ready_order, order_line_item_ids=[second]).json()["data"]["package_id"] == pair


def test_a_package_of_which_nothing_is_left_is_gone(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first, second, third = simulator.line_ids(ready_order)
    pair, single = simulator.split_in_seller_center(ready_order, [[first, second], [third]])
    simulator.cancel_by_seller(ready_order, lines=[first, second])
    assert caller.code("GET", f"/fulfillment/202309/packages/{pair}") == 21011001
    assert caller.ship(ready_order).json()["data"]["package_id"] == single


def test_a_second_split_replaces_the_first(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    first, second, third = simulator.line_ids(ready_order)
    old, _ = simulator.split_in_seller_center(ready_order, [[first, second], [third]])
    new = simulator.split_in_seller_center(ready_order, [[first], [second, third]])
    assert packages_of(caller, ready_order) == [new[0], new[1], new[1]]
    assert caller.code("GET", f"/fulfillment/202309/packages/{old}") == 21011001


def test_only_a_scanned_package_s_lines_are_in_transit(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    first = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [one])
    simulator.ship_in_seller_center(ready_order, "SECOND-1", "UPS", rest)
    simulator.collect(first)
    order = caller.order(ready_order)
    assert [line["display_status"] for line in order["line_items"]] == [
        "IN_TRANSIT",
        "AWAITING_COLLECTION",
        "AWAITING_COLLECTION",
    ]
    assert (order["status"], "collection_time" in order) == ("AWAITING_COLLECTION", False)


@pytest.mark.parametrize("groups", [[[0, 1, 2]], [[0], [1]], [[0, 1], [1, 2]], [[0, 1, 2], []]])
def test_groups_must_be_all_that_is_left(
    simulator: TikTokShopSimulator, ready_order: str, groups: list[list[int]]
) -> None:
    lines = simulator.line_ids(ready_order)
    with pytest.raises(IllegalStepError, match="what is left"):
        simulator.split_in_seller_center(ready_order, [[lines[place] for place in group] for group in groups])


def test_the_attributes_of_orders_that_can_be_split(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, ready_order: str
) -> None:
    foreign = simulator.place_order(uk_caller.shop, TEES, hold=False)
    assert caller.split_attributes(ready_order, "576461413038785752", foreign, ready_order) == [
        {"order_id": ready_order, "can_split": True, "must_split": False}
    ]


def test_orders_that_cannot_be_split_say_why(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    held = simulator.place_order(caller.shop, TEES)
    single = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    shipped = simulator.place_order(caller.shop, TEES, hold=False)
    simulator.ship_in_seller_center(shipped, "FIRST-1", "UPS")
    by_tiktok = simulator.place_order(caller.shop, TEES, hold=False, fulfilled_by_tiktok=True)
    simulator.request_cancel(ready_order)
    orders = [held, single, shipped, by_tiktok, ready_order]
    shown = caller.split_attributes(*orders)
    assert [(each["order_id"], each["can_split"]) for each in shown] == [(order, False) for order in orders]
    reasons = [each["reason"] for each in shown]
    assert reasons[:3] == ["split order not allowed"] * 3
    assert "fulfilled by platform" in reasons[3]
    assert "after-sale request" in reasons[4]
    for order in orders:
        with pytest.raises(IllegalStepError, match="is not split"):
            simulator.split_in_seller_center(order, [[line] for line in simulator.line_ids(order)])


def test_an_order_that_must_be_split_says_by_which_rule(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.demand_split(ready_order, type_="CATEGORY", category_id="601739", max_count="1")
    (shown,) = caller.split_attributes(ready_order)
    assert (shown["can_split"], shown["must_split"]) == (True, True)
    assert shown["must_split_reasons"] == [{"type": "CATEGORY", "category_id": "601739", "max_count": "1"}]


def test_units_of_one_sku_stay_together_where_tiktok_wants_it(doubtful: Open) -> None:
    simulator, caller = doubtful(Doubts(same_sku_may_be_split=False))
    tees = simulator.place_order(caller.shop, TEES, hold=False)
    mixed = simulator.place_order(caller.shop, [*TEES, LineSpec("CAP", "15.00")], hold=False)
    shown = caller.split_attributes(tees, mixed)
    assert [each["can_split"] for each in shown] == [False, True]
    assert shown[0]["reason"] == "split same sku in Multi Package not allow."
    one, other = simulator.line_ids(tees)
    first, second, third = simulator.line_ids(mixed)
    assert caller.ship_code(tees, order_line_item_ids=[one]) == 21011036
    assert caller.ship_code(mixed, order_line_item_ids=[second, third]) == 21011036
    with pytest.raises(IllegalStepError, match="same sku"):
        simulator.split_in_seller_center(mixed, [[first], [second, third]])
    simulator.split_in_seller_center(mixed, [[first, second], [third]])
    assert caller.ship_code(mixed, order_line_item_ids=[first, second]) == 0
    assert caller.ship_code(tees, order_line_item_ids=[one, other], tracking_number="OTHER-1") == 0


@pytest.mark.parametrize("ids", ["", ",".join(str(number) for number in range(51))])
def test_attributes_are_asked_for_at_most_fifty_orders(caller: Caller, ids: str) -> None:
    path = "/fulfillment/202309/orders/split_attributes"
    assert caller.code("GET", path, query={"order_ids": ids}) == 36009004


def test_an_app_without_the_scope_may_not_ask_for_attributes(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    caller.token = simulator.authorize(caller.shop, scopes=["seller.order.info"]).access_token
    path = "/fulfillment/202309/orders/split_attributes"
    reply: httpx.Response = caller.send("GET", path, query={"order_ids": ready_order})
    assert reply.json()["code"] == 105005
