from typing import Any

import httpx
import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Doubts, LineSpec, Shop, TikTokShopSimulator
from local.tracking_numbers import usps
from order_sync.domain.errors import RejectedError, SplitRefusedError
from order_sync.domain.ids import LineId, OrderId
from order_sync.partners.http import open_client
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.gateway import partner_http
from order_sync.partners.tiktok_shop.parcels import SplitAttributes
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, a_simulator, http_to, shop_client

TEES = [LineSpec("TEE-BLU-M", "20.00", 2)]
ATTRIBUTES = "/split_attributes"


def ship(tiktok: TikTokShop, simulator: TikTokShopSimulator, order: str, *lines: str) -> str:
    return tiktok.ship(
        OrderId(order),
        tracking_number=usps(1),
        provider_id=simulator.provider_id("US", "USPS"),
        line_ids=[LineId(line) for line in lines],
    ).package_id


def client_answered_with(clock: Clock, secret: Secret, shop: Shop, data: Any) -> TikTokShop:
    envelope = {"code": 0, "message": "Success", "data": data, "request_id": "1"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=envelope))
    client = open_client(base_url="https://tiktok.invalid", transport=transport)
    http = partner_http(client, sleep=clock.sleep, monotonic=clock.monotonic, random=lambda: 0.0)
    return shop_client(http, shop, secret, clock)


def test_a_part_of_a_package_of_a_split_order_is_refused_as_a_split(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    lines = simulator.line_ids(ready_order)
    pair, _ = simulator.split_in_seller_center(ready_order, [lines[:2], lines[2:]])
    facts = tiktok.read_orders([ready_order]).readings[0].facts
    assert [(line.package_id == pair, line.tracking_number, line.shipped) for line in facts.lines] == [
        (True, "", False),
        (True, "", False),
        (False, "", False),
    ]
    with pytest.raises(SplitRefusedError, match=r"cannot leave without others.*code 21011036"):
        ship(tiktok, simulator, ready_order, lines[0])
    assert ship(tiktok, simulator, ready_order, *lines[:2]) == pair


def test_a_part_of_a_combined_order_is_refused_as_a_split(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, shop: Shop
) -> None:
    buyer = simulator.new_buyer(shop)
    one, other = (simulator.place_order(shop, TEES, hold=False, buyer=buyer) for _ in range(2))
    simulator.combine_in_seller_center([one, other])
    with pytest.raises(SplitRefusedError, match=r"combined.*code 21011046"):
        ship(tiktok, simulator, one, simulator.line_ids(one)[0])
    package = ship(tiktok, simulator, one, *simulator.line_ids(one))
    with pytest.raises(RejectedError, match=r"combined with another.*code 21011033") as caught:
        tiktok.ship(
            OrderId(other),
            tracking_number=usps(2),
            provider_id=simulator.provider_id("US", "USPS"),
            line_ids=[LineId(line) for line in simulator.line_ids(other)],
        )
    assert not isinstance(caught.value, SplitRefusedError)
    assert ship(tiktok, simulator, other, *simulator.line_ids(other)) == package


def test_an_order_that_must_not_be_split_is_refused_as_a_split(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.refuse_next("/packages", 21011035)
    with pytest.raises(SplitRefusedError, match=r"cannot be split.*code 21011035"):
        ship(tiktok, simulator, ready_order, simulator.line_ids(ready_order)[0])


def test_lines_that_must_be_named_are_no_refused_split(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.refuse_next("/packages", 21011048)
    with pytest.raises(RejectedError, match="must be named") as caught:
        ship(tiktok, simulator, ready_order, simulator.line_ids(ready_order)[0])
    assert not isinstance(caught.value, SplitRefusedError)


def test_an_order_that_may_be_split_says_so(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    assert tiktok.split_attributes(ready_order) == SplitAttributes(can_split=True)
    simulator.demand_split(ready_order)
    assert tiktok.split_attributes(ready_order) == SplitAttributes(can_split=True, must_split=True)


def test_an_order_that_cannot_be_split_says_why_in_tiktok_s_words(clock: Clock) -> None:
    simulator = a_simulator(clock, Doubts(same_sku_may_be_split=False))
    shop = simulator.open_shop("US", "Demo US")
    order = OrderId(simulator.place_order(shop, TEES, hold=False))
    with http_to(simulator, clock) as http:
        tiktok = shop_client(http, shop, Secret(simulator.authorize(shop)), clock)
        with pytest.raises(SplitRefusedError):
            ship(tiktok, simulator, order, simulator.line_ids(order)[0])
        attributes = tiktok.split_attributes(order)
    assert attributes == SplitAttributes(can_split=False, reason="split same sku in Multi Package not allow.")


def test_a_long_reason_is_cut_to_200_characters(clock: Clock, secret: Secret, shop: Shop) -> None:
    shown = {"order_id": "1", "can_split": False, "reason": "no " * 100}
    tiktok = client_answered_with(clock, secret, shop, {"split_attributes": [shown]})
    attributes = tiktok.split_attributes(OrderId("1"))
    assert attributes.reason == ("no " * 100)[:200]


@pytest.mark.parametrize("shown", [[], [{"order_id": "2", "can_split": True}]])
def test_the_attributes_of_an_order_that_tiktok_does_not_know_are_rejected(
    clock: Clock, secret: Secret, shop: Shop, shown: list[dict[str, object]]
) -> None:
    tiktok = client_answered_with(clock, secret, shop, {"split_attributes": shown})
    with pytest.raises(RejectedError, match="read split attributes: order 1 is not there"):
        tiktok.split_attributes(OrderId("1"))


@pytest.mark.parametrize("data", [{"split_attributes": [{"can_split": True}]}, {"split_attributes": {}}, None])
def test_attributes_that_cannot_be_read_are_rejected(clock: Clock, secret: Secret, shop: Shop, data: object) -> None:
    tiktok = client_answered_with(clock, secret, shop, data)
    with pytest.raises(RejectedError, match="cannot be read"):
        tiktok.split_attributes(OrderId("1"))


def test_attributes_are_a_read_that_is_repeated(
    simulator: TikTokShopSimulator, tiktok: TikTokShop, ready_order: OrderId
) -> None:
    simulator.faults.add(Fault.LOST_AFTER, ATTRIBUTES, times=2)
    assert tiktok.split_attributes(ready_order).can_split
    assert simulator.books.count("/fulfillment/202309/orders/split_attributes") == 3
