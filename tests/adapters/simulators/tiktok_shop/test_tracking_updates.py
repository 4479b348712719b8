import pytest

from local.simulators.tiktok_shop import LineSpec, RefusalError, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
FIRST, SECOND, THIRD = "1Z999AA10123456784", "9400110898825022579493", "9400110898825022579500"


@pytest.fixture
def package(simulator: TikTokShopSimulator, ready_order: str) -> str:
    return simulator.ship_in_seller_center(ready_order, FIRST, "UPS")


def test_a_package_gets_another_tracking_number_and_carrier(
    caller: Caller, ready_order: str, package: str, clock: Clock
) -> None:
    shipped_at = clock.seconds
    clock.pass_time(hours=2)
    assert caller.relabel(package, SECOND, "USPS") == 0
    order, detail = caller.order(ready_order), caller.package(package)
    assert (order["tracking_number"], order["shipping_provider"]) == (SECOND, "USPS")
    assert (order["update_time"], order["rts_time"], order["status"]) == (
        clock.seconds,
        shipped_at,
        "AWAITING_COLLECTION",
    )
    assert {(line["tracking_number"], line["package_id"]) for line in order["line_items"]} == {(SECOND, package)}
    assert {line["shipping_provider_name"] for line in order["line_items"]} == {"USPS"}
    assert (detail["tracking_number"], detail["shipping_provider_name"]) == (SECOND, "USPS")
    assert (detail["create_time"], detail["update_time"]) == (shipped_at, clock.seconds)
    listed = caller.data("POST", "/fulfillment/202309/packages/search", query={"page_size": "50"}, body={})
    assert [each["tracking_number"] for each in listed["packages"]] == [SECOND]


def test_each_change_is_written_into_the_books(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, package: str, clock: Clock
) -> None:
    clock.pass_time(hours=1)
    caller.relabel(package, SECOND)
    caller.relabel(package, THIRD)
    (update,) = simulator.books.tracking_updates_of(ready_order)
    assert (update.at, update.package_id, update.order_ids, update.by) == (clock.now, package, (ready_order,), "api")
    assert (update.earlier_tracking_number, update.earlier_provider) == (FIRST, "UPS")
    assert (update.tracking_number, update.provider) == (SECOND, "USPS")
    (refused,) = simulator.books.refused_tracking_updates
    assert (refused.named, refused.tracking_number, refused.code) == (package, THIRD, 21011051)
    assert [each.tracking_number for each in simulator.books.shipments_of(ready_order)] == [FIRST]
    (now,) = simulator.books.shipments_now_of(ready_order)
    assert (now.tracking_number, now.provider, now.package_id) == (SECOND, "USPS", package)


@pytest.mark.parametrize(("minutes", "code"), [(0, 0), (72 * 60 - 1, 0), (72 * 60, 0), (72 * 60 + 1, 21011050)])
def test_a_label_is_changed_within_72_hours_of_shipping(
    caller: Caller, package: str, clock: Clock, minutes: int, code: int
) -> None:
    clock.pass_time(minutes=minutes)
    assert caller.relabel(package, SECOND) == code


def test_each_package_has_its_own_72_hours_and_its_own_change(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, clock: Clock
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    first = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [one])
    clock.pass_time(hours=71)
    second = simulator.ship_in_seller_center(ready_order, "SECOND-1", "UPS", rest)
    clock.pass_time(hours=2)
    assert (caller.relabel(first, "FIRST-2"), caller.relabel(second, "SECOND-2")) == (21011050, 0)
    assert [line["tracking_number"] for line in caller.order(ready_order)["line_items"]] == [
        "FIRST-1",
        "SECOND-2",
        "SECOND-2",
    ]


def test_a_label_is_changed_once(caller: Caller, ready_order: str, package: str) -> None:
    assert caller.relabel(package, SECOND) == 0
    assert caller.relabel(package, THIRD) == 21011051
    assert caller.order(ready_order)["tracking_number"] == SECOND


def test_a_refused_change_does_not_use_up_the_one_that_is_allowed(caller: Caller, package: str) -> None:
    assert caller.relabel(package, "1 2 3 4") == 21004012
    assert caller.relabel(package, SECOND) == 0


def test_the_carrier_alone_can_be_changed(caller: Caller, ready_order: str, package: str) -> None:
    assert caller.relabel(package, FIRST, "FedEx") == 0
    order = caller.order(ready_order)
    assert (order["tracking_number"], order["shipping_provider"]) == (FIRST, "FedEx")


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ({"tracking_number": "123"}, 21011022),
        ({"tracking_number": "1" * 51}, 21011022),
        ({"tracking_number": "9400#1108"}, 21004012),
        ({"shipping_provider_id": "1"}, 21011022),
        ({"shipping_provider_id": "6965462095427526401"}, 21011022),
        ({"tracking_number": None}, 36009004),
        ({"tracking_number": ""}, 36009004),
        ({"tracking_number": 940011089882}, 36009004),
        ({"shipping_provider_id": None}, 36009004),
        ({"order_line_item_ids": ["1"]}, 36009004),
    ],
)
@pytest.mark.parametrize("owner", ["packages/{package}", "orders/{order}"])
def test_a_bad_label_is_refused_and_changes_nothing(
    simulator: TikTokShopSimulator,
    caller: Caller,
    ready_order: str,
    package: str,
    spoiled: dict[str, object],
    code: int,
    owner: str,
) -> None:
    path = f"/fulfillment/202309/{owner.format(package=package, order=ready_order)}/shipping_info/update"
    given = {"tracking_number": SECOND, "shipping_provider_id": simulator.provider_id("US", "USPS"), **spoiled}
    body = {name: value for name, value in given.items() if value is not None}
    assert caller.code("POST", path, body=body) == code
    assert caller.order(ready_order)["tracking_number"] == FIRST
    assert simulator.books.tracking_updates == []


def test_a_carrier_that_the_order_s_delivery_option_lacks_is_refused(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    option = simulator.add_delivery_option(caller.shop, "Express", lacks=["Wizmo"])
    order = simulator.place_order(caller.shop, TEE, hold=False, delivery_option=option)
    package = simulator.ship_in_seller_center(order, FIRST, "UPS")
    assert caller.relabel(package, FIRST, "Wizmo") == 21011022
    with pytest.raises(RefusalError, match="21011022"):
        simulator.change_tracking_in_seller_center(package, FIRST, "Wizmo")


def test_an_earlier_number_is_free_again(simulator: TikTokShopSimulator, caller: Caller, package: str) -> None:
    stranger = simulator.place_order(caller.shop, TEE, hold=False)
    assert caller.ship_code(stranger, tracking_number=FIRST) == 21034012
    assert caller.relabel(package, SECOND) == 0
    assert caller.ship_code(stranger, tracking_number=SECOND) == 21034012
    assert caller.ship_code(stranger, tracking_number=FIRST) == 0


def test_a_number_of_another_recipient_is_refused(simulator: TikTokShopSimulator, caller: Caller, package: str) -> None:
    simulator.ship_in_seller_center(simulator.place_order(caller.shop, TEE, hold=False), SECOND, "USPS")
    assert caller.relabel(package, SECOND) == 21034012


def test_a_number_of_another_package_of_the_order_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    simulator.ship_in_seller_center(ready_order, FIRST, "UPS", [one])
    other = simulator.ship_in_seller_center(ready_order, SECOND, "USPS", rest)
    assert caller.relabel(other, FIRST) == 21011025


def test_a_number_is_taken_over_by_the_twentieth_order_of_a_recipient_and_not_by_the_next(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    buyer = simulator.new_buyer(caller.shop)
    orders = [simulator.place_order(caller.shop, TEE, hold=False, buyer=buyer) for _ in range(21)]
    for order in orders[:19]:
        simulator.ship_in_seller_center(order, FIRST, "UPS")
    twentieth = simulator.ship_in_seller_center(orders[19], SECOND, "UPS")
    next_one = simulator.ship_in_seller_center(orders[20], THIRD, "UPS")
    assert caller.relabel(twentieth, FIRST) == 0
    assert caller.relabel(next_one, FIRST) == 21011026


def test_the_carrier_of_a_number_on_twenty_orders_can_still_be_changed(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    buyer = simulator.new_buyer(caller.shop)
    orders = [simulator.place_order(caller.shop, TEE, hold=False, buyer=buyer) for _ in range(20)]
    packages = [simulator.ship_in_seller_center(order, FIRST, "UPS") for order in orders]
    assert caller.relabel(packages[0], FIRST, "FedEx") == 0


def test_the_limits_hold_by_hand_as_well(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, package: str, clock: Clock
) -> None:
    clock.pass_time(hours=1)
    simulator.change_tracking_in_seller_center(package, SECOND, "USPS")
    order = caller.order(ready_order)
    assert (order["tracking_number"], order["update_time"]) == (SECOND, clock.seconds)
    assert [update.by for update in simulator.books.tracking_updates] == ["seller_center"]
    assert caller.relabel(package, THIRD) == 21011051
    with pytest.raises(RefusalError, match="21011051"):
        simulator.change_tracking_in_seller_center(package, THIRD, "USPS")


def test_nobody_changes_a_label_by_hand_after_72_hours(
    simulator: TikTokShopSimulator, package: str, clock: Clock
) -> None:
    clock.pass_time(hours=72, minutes=1)
    with pytest.raises(RefusalError, match="21011050"):
        simulator.change_tracking_in_seller_center(package, SECOND, "USPS")
