import pytest

from local.simulators.tiktok_shop import TikTokShopSimulator
from local.tracking_numbers import ups, usps
from order_sync.domain.facts import OrderFacts
from order_sync.domain.ids import OrderId
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.mapping import facts_of
from order_sync.partners.tiktok_shop.models import OrderPayload


def facts(tiktok: TikTokShop, order: OrderId) -> OrderFacts:
    return tiktok.read_orders([order]).readings[0].facts


def collected(tiktok: TikTokShop, order: OrderId) -> list[bool]:
    return [line.collected for line in facts(tiktok, order).lines]


def read(status: str, **line: str) -> OrderFacts:
    moments = {"create_time": 1780300800, "update_time": 1780304470}
    return facts_of(
        OrderPayload.model_validate({"id": "1", "status": status, **moments, "line_items": [{"id": "1", **line}]}), b""
    )


def test_the_lines_of_each_parcel_are_collected_by_its_own_scan(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    assert collected(tiktok, ready_order) == [False] * 3
    first = simulator.ship_in_seller_center(ready_order, ups(1), "UPS", [one])
    simulator.collect(first)
    assert collected(tiktok, ready_order) == [True, False, False]
    second = simulator.ship_in_seller_center(ready_order, usps(2), "USPS", rest)
    assert collected(tiktok, ready_order) == [True, False, False]
    simulator.collect(second)
    assert collected(tiktok, ready_order) == [True] * 3
    simulator.deliver(ready_order)
    simulator.complete(ready_order)
    assert collected(tiktok, ready_order) == [True] * 3


def test_a_scan_makes_another_sighting_of_the_same_moment(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    first = simulator.ship_in_seller_center(ready_order, ups(1), "UPS", [one])
    simulator.ship_in_seller_center(ready_order, usps(2), "USPS", rest)
    before = facts(tiktok, ready_order)
    simulator.collect(first)
    after = facts(tiktok, ready_order)
    assert (after.updated_at, after.status) == (before.updated_at, before.status)
    assert after.digest != before.digest


def test_a_cancelled_line_is_not_collected(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    one, *rest = simulator.line_ids(ready_order)
    simulator.cancel_by_seller(ready_order, lines=[one])
    simulator.ship_in_seller_center(ready_order, ups(1), "UPS", rest)
    simulator.collect(ready_order)
    assert collected(tiktok, ready_order) == [False, True, True]


@pytest.mark.parametrize(
    ("order", "line", "seen"),
    [
        ("IN_TRANSIT", {}, [True]),
        ("DELIVERED", {"display_status": ""}, [True]),
        ("COMPLETED", {}, [True]),
        ("AWAITING_COLLECTION", {}, [False]),
        ("AWAITING_COLLECTION", {"display_status": "IN_TRANSIT"}, [True]),
        ("IN_TRANSIT", {"display_status": "CANCELLED"}, [False]),
        ("IN_TRANSIT", {"display_status": "SOMETHING_NEW"}, [False]),
    ],
)
def test_the_order_s_status_counts_only_for_lines_that_show_none(
    order: str, line: dict[str, str], seen: list[bool]
) -> None:
    assert [each.collected for each in read(order, **line).lines] == seen
