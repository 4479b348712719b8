"""Refunds made in ChannelAdvisor by people and other systems are seen; ours and what buyers ask for are not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from local.simulators.channeladvisor import Doubts
from local.simulators.faults import FaultyTransport
from order_sync.domain.errors import HalfDoneError, NotYetError
from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.returning.returns import ReportedRefund
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import create
from tests.adapters.channeladvisor.refunds import TEE, item_id, refund, ship, shipped, units
from tests.adapters.channeladvisor.world import START, World

LATER = START + timedelta(days=1)


@pytest.fixture
def order(world: World, client: ChannelAdvisor) -> str:
    return shipped(world, client)


def seen(client: ChannelAdvisor) -> tuple[ReportedRefund, ...]:
    page = client.orders_updated(START, LATER)
    assert page.unreadable == ()
    assert [each.cancellations for each in page.orders] == [()] * len(page.orders)
    return tuple(each for facts in page.orders for each in facts.refunds)


def by_hand(number: int, at: datetime, amount: str, *of: tuple[str, int]) -> ReportedRefund:
    return ReportedRefund(
        id=f"channeladvisor-{number}",
        source=Source.CHANNELADVISOR,
        requested_at=at,
        units=of,
        amount=Money(amount=Decimal(amount), currency="USD"),
    )


@pytest.mark.parametrize("negative", [False, True])
def test_refunds_by_hand_are_seen_with_units_and_amounts(build: Callable[..., World], *, negative: bool) -> None:
    world = build(Doubts(negative_adjustment_amounts=negative))
    client = world.client()
    order = int(shipped(world, client))
    world.clock.move(minutes=1)
    world.simulator.refund_units_by_hand(order, {TEE: 2})
    world.clock.move(minutes=1)
    world.simulator.refund_units_by_hand(order, {"MUG": 1}, amount=Decimal("5.25"))
    world.clock.move(minutes=1)
    world.simulator.refund_by_hand(order, amount=Decimal(3))
    tees, mug, whole = (each.id for each in world.simulator.books.refunds(order))
    assert seen(client) == (
        by_hand(whole, START + timedelta(minutes=3), "3"),
        by_hand(tees, START + timedelta(minutes=1), "42.8", (TEE, 2)),
        by_hand(mug, START + timedelta(minutes=2), "5.25", ("MUG", 1)),
    )


def test_a_refund_of_all_that_is_shipped_has_the_amount_of_all_its_parts(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.refund_by_hand(int(order))
    (booked,) = world.simulator.books.refunds(int(order))
    (found,) = seen(client)
    assert (found.units, found.amount) == ((), Money(amount=booked.total, currency="USD"))
    assert booked.total == booked.goods + booked.tax + booked.shipping + Decimal("0.35")


def test_our_own_refunds_are_not_seen_at_any_stage(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.fail_next_adjustment(int(order))
    for _ in range(2):
        with pytest.raises(NotYetError):
            client.refund(order, refund(units(TEE, 1), units("MUG", 1)))
        assert seen(client) == ()
        world.clock.move(minutes=5)
        assert seen(client) == ()
    there = [(each.units, each.status) for each in world.simulator.books.refunds(int(order))]
    assert sorted(there, key=str) == [
        ({"MUG": 1}, "PostProcessingComplete"),
        ({TEE: 1}, "Error"),
        ({TEE: 1}, "PostProcessingComplete"),
    ]


def test_a_cancellation_of_ours_that_became_a_refund_is_not_seen(build: Callable[..., World]) -> None:
    world = build(Doubts(adjusts_shipped_units_first=True))
    client = world.client()
    order = create(client)
    ship(world, order, tees=1)
    with pytest.raises(HalfDoneError):
        client.cancel_unit(order, TEE, "cancel-1", by_buyer=False)
    assert seen(client) == ()


@pytest.mark.parametrize("name", ["refund-1", "refund-403-1", "cancelled-7", None])
def test_another_systems_refund_is_seen_whatever_it_is_called(
    world: World, client: ChannelAdvisor, order: str, name: str | None
) -> None:
    transport = FaultyTransport(httpx.WSGITransport(app=world.simulator))
    token = world.client(transport=transport)._calls._tokens.current()
    with httpx.Client(transport=transport, base_url="https://api.channeladvisor.com") as other:
        answer = other.post(
            f"/v1/OrderItems({item_id(world, order, 'MUG')})/Adjust",
            json={"Quantity": 1, "RefundOnly": True, "SellerAdjustmentID": name},
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.status_code == 204
    (found,) = seen(client)
    assert found.units == (("MUG", 1),)


@pytest.mark.parametrize("of", [None, {"MUG": 1}])
def test_a_buyers_request_for_a_return_is_not_seen(
    world: World, client: ChannelAdvisor, order: str, of: dict[str, int] | None
) -> None:
    world.simulator.request_by_buyer(int(order), units=of, is_return=True)
    assert seen(client) == ()


def test_refunds_beyond_those_that_a_list_shows_are_seen(world: World, client: ChannelAdvisor, order: str) -> None:
    for _ in range(25):
        world.simulator.refund_units_by_hand(int(order), {"MUG": 1}, amount=Decimal("0.10"))
    found = seen(client)
    assert len({each.id for each in found}) == 25
    assert {each.amount for each in found} == {Money(amount=Decimal("0.1"), currency="USD")}
