"""The profile's open orders by their IDs, and all that it has for some orders of TikTok Shop's."""

import pytest

from local.simulators.channeladvisor import Doubts
from order_sync.domain.ids import OrderId
from order_sync.domain.reconciling.comparing import OrderThere
from order_sync.domain.statuses import OrderState
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from order_sync.partners.channeladvisor.open_orders import IDS_PER_LOOK_UP, OpenOrdersPage
from tests.adapters.channeladvisor.world import PROFILE, World
from tests.purchases import a_line, a_purchase


def number(last: int) -> OrderId:
    return OrderId(f"57708651212375{last:04}")


def create(client: ChannelAdvisor, last: int) -> int:
    lines = (a_line(2 * last), a_line(2 * last + 1))
    return int(client.create_order(a_purchase(*lines, order=number(last))).id)


def pages_of(client: ChannelAdvisor) -> list[OpenOrdersPage]:
    pages = [client.open_orders.page("")]
    while pages[-1].has_more:
        pages.append(client.open_orders.page(pages[-1].last_id))
    return pages


def listed(client: ChannelAdvisor) -> list[OrderThere]:
    return [shown.there for page in pages_of(client) for shown in page.orders]


@pytest.mark.parametrize("short_pages", [False, True])
def test_open_orders_are_read_by_ascending_id(short_pages: bool) -> None:  # noqa: FBT001
    world = World(Doubts(short_pages=short_pages), page_size=3)
    client = world.client()
    ids = [create(client, each) for each in range(7)]

    assert [order.number for order in listed(client)] == [str(each) for each in ids]


def test_an_order_that_is_shipped_meanwhile_hides_no_other() -> None:
    world = World(page_size=2)
    client = world.client()
    ids = [create(client, each) for each in range(5)]
    first = client.open_orders.page("")
    world.simulator.ship_by_hand(ids[0], "USPS", "Priority", "T1")

    assert [shown.there.number for shown in client.open_orders.page(first.last_id).orders] == [
        str(each) for each in ids[2:4]
    ]


def test_what_is_over_and_what_others_ship_is_not_listed() -> None:
    world = World()
    client = world.client()
    shipped, canceled, given_away, begun, partial = (create(client, each) for each in range(5))
    world.simulator.ship_by_hand(shipped, "USPS", "Priority", "T1")
    world.simulator.cancel_by_hand(canceled)
    world.simulator.set_third_party_managed(given_away)
    world.simulator.set_pending_shipment(begun)
    world.simulator.ship_by_hand(partial, "USPS", "Priority", "T2", items={"TEE-BLU-M": 1})

    assert {order.number: order.state for order in listed(client)} == {
        str(begun): OrderState.ACKNOWLEDGED_BY_SELLER,
        str(partial): OrderState.PARTIALLY_SHIPPED,
    }


def test_cancelled_units_are_not_counted_and_shipped_ones_are() -> None:
    world = World()
    client = world.client()
    order = create(client, 1)
    world.simulator.cancel_units_by_hand(order, {"TEE-BLU-M": 1})
    [shown] = listed(client)

    assert (shown.units, shown.is_ours, shown.changed_at) == ({"TEE-BLU-M": 1}, True, world.clock.now)


def test_other_sites_and_other_profiles_are_left_out() -> None:
    world = World()
    client = world.client()
    world.simulator.add_order_of_another_site(PROFILE)
    world.simulator.add_profile(world.account, 777)
    world.simulator.bring_native_tiktok_order(777, number(1))
    native = world.simulator.bring_native_tiktok_order(PROFILE, number(2))
    [shown] = listed(client)

    assert (shown.number, shown.order, shown.is_ours) == (str(native), number(2), False)


def test_an_empty_profile_has_one_empty_page() -> None:
    client = World().client()

    assert [(page.orders, page.last_id) for page in pages_of(client)] == [((), "")]


def test_orders_are_looked_up_in_any_state_and_with_every_twin() -> None:
    world = World()
    client = world.client()
    ids = [create(client, each) for each in range(IDS_PER_LOOK_UP + 2)]
    world.simulator.cancel_by_hand(ids[0])
    twin = world.simulator.bring_native_tiktok_order(PROFILE, number(1))
    wanted = [number(each) for each in range(IDS_PER_LOOK_UP + 2)]
    before = len(world.simulator.books.requests(path="/v1/Orders"))
    shown, unreadable = client.open_orders.look_up([*wanted, number(99)])

    assert len(world.simulator.books.requests(path="/v1/Orders")) == before + 2
    assert sorted(each.there.number for each in shown) == sorted(map(str, [*ids, twin]))
    assert {each.there.state for each in shown if each.facts.order == number(0)} == {OrderState.CANCELED}
    assert unreadable == []
