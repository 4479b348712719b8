"""The list of the orders that the OMS has still to ship, which it need not offer."""

from dataclasses import replace

import httpx
import pytest

from local.simulators.faults import Fault
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.reconciling.comparing import OrderThere
from order_sync.domain.statuses import OrderState
from order_sync.partners.oms.open_orders import NotOfferedError
from order_sync.partners.oms.rest import RestOms
from tests.adapters.oms.world import OURS, SHOP, World, take
from tests.purchases import a_line, a_purchase


def all_open(oms: RestOms) -> list[OrderThere]:
    found: list[OrderThere] = []
    cursor = ""
    while True:
        page = oms.open_orders_after(SHOP.shop, cursor)
        found += page.reported
        if not page.has_more:
            return found
        cursor = page.next_cursor


def five_orders(oms: RestOms) -> list[OrderId]:
    orders = [OrderId(f"57708651212375{number:04}") for number in range(5)]
    for number, order in enumerate(orders):
        take(oms, a_purchase(a_line(2 * number), a_line(2 * number + 1), order=order))
    return orders


def test_open_orders_are_read_page_by_page(world: World, oms: RestOms) -> None:
    orders = five_orders(oms)

    assert [order.order for order in all_open(oms)] == orders
    assert len(world.simulator.books.requests(path="/open-orders")) == 3


def test_an_order_that_leaves_the_list_meanwhile_hides_no_other(world: World, oms: RestOms) -> None:
    orders = five_orders(oms)
    page = oms.open_orders_after(SHOP.shop, "")
    world.simulator.ship(orders[0], "usps", None, "94001")

    assert [order.order for order in oms.open_orders_after(SHOP.shop, page.next_cursor).reported] == orders[2:4]


def test_shipped_and_cancelled_orders_are_not_listed(world: World, oms: RestOms) -> None:
    shipped, canceled, packed, *left = five_orders(oms)
    world.simulator.ship(shipped, "usps", None, "94001")
    oms.cancel_order(canceled, initiator="seller", reason="out of stock")
    world.simulator.pack(packed)

    assert [order.order for order in all_open(oms)] == [packed, *left]


def test_an_order_shows_how_far_it_is_and_what_is_left_of_it(world: World, oms: RestOms) -> None:
    lines = [a_line(number) for number in range(3)]
    take(oms, a_purchase(*lines))
    world.simulator.ship(OURS, "usps", None, "94001", lines=[lines[0].id])
    oms.cancel_order(OURS, initiator="seller", reason="out of stock", lines=[lines[1].id])
    [shown] = all_open(oms)

    looked_up = oms.look_up(OURS)
    assert looked_up is not None
    assert (looked_up.changed_at, replace(looked_up, changed_at=None)) == (world.now, shown)
    assert shown.state is OrderState.PARTIALLY_SHIPPED
    assert shown.units == {lines[0].id: 1, lines[2].id: 1}


def test_an_order_that_is_over_is_looked_up_all_the_same(oms: RestOms) -> None:
    assert oms.look_up(OURS) is None
    take(oms)
    oms.cancel_order(OURS, initiator="buyer", reason="changed my mind")
    found = oms.look_up(OURS)

    assert found is not None
    assert (found.state, found.units) == (OrderState.CANCELED, {})


def test_another_shop_sees_none_of_it(oms: RestOms) -> None:
    take(oms)

    assert oms.open_orders_after(ShopId("7000"), "").reported == ()


def test_an_oms_that_does_not_offer_the_list_says_so(world: World, oms: RestOms) -> None:
    world.simulator.offer_open_orders(offered=False)

    with pytest.raises(NotOfferedError):
        oms.open_orders_after(SHOP.shop, "")


def test_an_oms_of_an_older_contract_knows_no_such_path(world: World) -> None:
    unknown = httpx.MockTransport(lambda _request: httpx.Response(404, text="Not Found"))

    with pytest.raises(NotOfferedError):
        world.client(transport=unknown).open_orders_after(SHOP.shop, "")


def test_an_outage_is_no_sign_of_a_list_that_is_not_offered(world: World, oms: RestOms) -> None:
    world.simulator.faults.add(Fault.UNAVAILABLE, "/open-orders", times=None)

    with pytest.raises(RetriableError):
        oms.open_orders_after(SHOP.shop, "")


def test_neither_is_a_wrong_token(world: World) -> None:
    with pytest.raises(RejectedError, match="refused our token"):
        world.client("wrong").open_orders_after(SHOP.shop, "")


def test_a_line_in_a_state_that_nobody_knows_leaves_the_orders_open(world: World) -> None:
    line = {"tiktok_line_id": "1", "state": "on_the_moon"}
    body = {
        "orders": [{"tiktok_order_id": "1", "state": "open", "lines": [line]}, {"tiktok_order_id": "2"}],
        "next_cursor": "x",
        "has_more": False,
    }
    odd = httpx.MockTransport(lambda _request: httpx.Response(200, json=body))
    page = world.client(transport=odd).open_orders_after(SHOP.shop, "")

    assert [order.state for order in page.reported] == [None]
    assert [entry.order for entry in page.unreadable] == ["2"]


def test_a_cursor_of_another_list_is_refused(oms: RestOms) -> None:
    with pytest.raises(RejectedError, match="The cursor is unknown"):
        oms.open_orders_after(SHOP.shop, oms.shipments_after(SHOP.shop, "").next_cursor)
