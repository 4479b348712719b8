from collections.abc import Callable

import pytest

from local.simulators.tiktok_shop import Doubts, IllegalStepError, LineSpec, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
FIRST, SECOND, THIRD = "1Z999AA10123456784", "9400110898825022579493", "9400110898825022579500"
Open = Callable[[Doubts], tuple[TikTokShopSimulator, Caller]]


@pytest.fixture
def package(simulator: TikTokShopSimulator, ready_order: str) -> str:
    return simulator.ship_in_seller_center(ready_order, FIRST, "UPS")


def test_a_package_or_an_order_of_nobody_is_refused_with_21011001(caller: Caller) -> None:
    assert caller.relabel("1152921504606846976", SECOND) == 21011001
    assert caller.relabel_by("orders/576461413038785752", SECOND) == 21011001


def test_what_belongs_to_another_shop_is_refused_with_21011028(
    uk_caller: Caller, ready_order: str, package: str
) -> None:
    assert uk_caller.relabel(package, SECOND) == 21011028
    assert uk_caller.relabel_by(f"orders/{ready_order}", SECOND) == 21011028


def test_what_has_not_shipped_is_refused_with_21011043(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, ready_order: str
) -> None:
    assert caller.relabel_by(f"orders/{ready_order}", SECOND) == 21011043
    one, *rest = simulator.line_ids(ready_order)
    waiting, _ = simulator.split_in_seller_center(ready_order, [[one], rest])
    assert caller.relabel(waiting, SECOND) == 21011043
    assert uk_caller.relabel(waiting, SECOND) == 21011028
    with pytest.raises(IllegalStepError, match="no shipped package"):
        simulator.change_tracking_in_seller_center(waiting, SECOND, "USPS")
    assert [each.code for each in simulator.books.refused_tracking_updates] == [21011043, 21011043, 21011028]


def test_a_package_on_its_way_can_be_relabelled_and_a_delivered_one_cannot(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    first = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [one])
    second = simulator.ship_in_seller_center(ready_order, "SECOND-1", "UPS", rest)
    simulator.collect(ready_order)
    assert caller.relabel(first, "FIRST-2") == 0
    simulator.deliver(second)
    assert caller.relabel(second, "SECOND-2") == 21011030


def test_a_cancelled_order_keeps_its_labels(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, package: str
) -> None:
    simulator.cancel_by_seller(ready_order)
    assert caller.relabel(package, SECOND) == 21011042
    assert caller.relabel_by(f"orders/{ready_order}", SECOND) == 21011041


def test_a_platform_rule_keeps_the_labels_of_one_order(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, package: str
) -> None:
    other = simulator.ship_in_seller_center(simulator.place_order(caller.shop, TEE, hold=False), THIRD, "USPS")
    simulator.forbid_tracking_changes(ready_order)
    assert caller.relabel(package, SECOND) == 21011049
    assert caller.relabel_by(f"orders/{ready_order}", SECOND) == 21011049
    assert caller.relabel(other, SECOND) == 0


def test_what_tiktok_ships_is_not_the_seller_s_to_relabel(simulator: TikTokShopSimulator, caller: Caller) -> None:
    order = simulator.place_order(caller.shop, TEE, hold=False, shipped_by_tiktok=True)
    package = simulator.ship_by_tiktok(order, "TT0000000001")
    assert caller.relabel(package, SECOND) == 21011004
    assert caller.relabel_by(f"orders/{order}", SECOND) == 21011004


def test_an_order_is_relabelled_where_it_has_one_package(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, package: str
) -> None:
    assert caller.relabel_by(f"orders/{ready_order}", SECOND) == 0
    assert caller.order(ready_order)["tracking_number"] == SECOND
    assert caller.relabel(package, THIRD) == 21011051
    assert caller.relabel_by(f"orders/{ready_order}", THIRD) == 21011051
    assert [each.named for each in simulator.books.refused_tracking_updates] == [package, ready_order]


def test_an_order_of_several_packages_is_not_relabelled_by_its_own_id(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    groups = simulator.split_in_seller_center(ready_order, [[one], rest])
    simulator.ship_in_seller_center(ready_order, FIRST, "UPS", [one])
    assert caller.relabel_by(f"orders/{ready_order}", THIRD) == 21011048
    simulator.ship_in_seller_center(ready_order, SECOND, "UPS", rest)
    assert caller.relabel_by(f"orders/{ready_order}", THIRD) == 21011048
    assert [caller.package(group)["tracking_number"] for group in groups] == [FIRST, SECOND]


def test_a_partly_shipped_order_of_one_package_is_relabelled_by_its_own_id(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.ship_in_seller_center(ready_order, FIRST, "UPS", simulator.line_ids(ready_order)[:1])
    assert caller.relabel_by(f"orders/{ready_order}", SECOND) == 0


def test_an_app_without_the_scope_may_not_relabel(simulator: TikTokShopSimulator, caller: Caller, package: str) -> None:
    caller.token = simulator.authorize(caller.shop, scopes=["seller.order.info"]).access_token
    assert caller.relabel(package, SECOND) == 105005


def test_an_open_request_for_what_is_in_the_package_must_be_settled_first(doubtful: Open) -> None:
    simulator, caller = doubtful(Doubts(us_shipment_rejects_request=False))
    order = simulator.place_order(caller.shop, TEE, hold=False)
    simulator.request_cancel(order)
    package = simulator.ship_in_seller_center(order, FIRST, "UPS")
    assert caller.relabel(package, SECOND) == 21011007
    simulator.withdraw_cancel_request(order)
    assert caller.relabel(package, SECOND) == 0


def test_two_changes_are_allowed_where_tiktok_allows_two(doubtful: Open) -> None:
    simulator, caller = doubtful(Doubts(tracking_changes=2, too_many_changes_code=21011052))
    package = simulator.ship_in_seller_center(simulator.place_order(caller.shop, TEE, hold=False), FIRST, "UPS")
    assert [caller.relabel(package, number) for number in (SECOND, THIRD, FIRST)] == [0, 0, 21011052]


@pytest.mark.parametrize(
    ("doubts", "changes", "code"),
    [(Doubts(same_label_again_counts=True), 1, 21011051), (Doubts(same_label_again_counts=False), 0, 0)],
)
def test_whether_the_same_label_again_uses_up_the_change_is_a_doubt(
    doubtful: Open, clock: Clock, doubts: Doubts, changes: int, code: int
) -> None:
    simulator, caller = doubtful(doubts)
    order = simulator.place_order(caller.shop, TEE, hold=False)
    package = simulator.ship_in_seller_center(order, FIRST, "UPS")
    before = clock.seconds
    clock.pass_time(hours=1)
    assert caller.relabel(package, FIRST, "UPS") == 0
    assert len(simulator.books.tracking_updates) == changes
    assert (caller.order(order)["update_time"] > before) is bool(changes)
    assert caller.relabel(package, SECOND) == code
