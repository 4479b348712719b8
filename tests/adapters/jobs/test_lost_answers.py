"""An answer that is lost, before or after the effect, at each write of ChannelAdvisor and of the OMS (promise 2)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from tests.adapters.jobs.checks import check_handed_over_once, check_nothing_left, check_nothing_twice
from tests.world import Connected, World

DOUBTFUL = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON]
doubtful = pytest.mark.parametrize("fault", DOUBTFUL)


def placed() -> tuple[World, Connected, OrderId]:
    """An order shortly before its release."""
    world = World()
    shop = world.connect(
        shipping_mappings=[
            {"carrier": carrier, "code": "usps", "channeladvisor_class": "Ground"}
            for carrier in ("USPS", "USPS Ground")
        ]
    )
    order = world.order(shop)
    world.cycle(4)
    return world, shop, order


@doubtful
@pytest.mark.parametrize(
    ("method", "path", "after"),
    [
        pytest.param("POST", "/v1/Orders", 0, id="create"),
        pytest.param("PATCH", "/v1/Orders(", 0, id="mark paid"),
        pytest.param("PATCH", "/v1/Orders(", 1, id="seller's number"),
        pytest.param("POST", "/Export", 0, id="export"),
        pytest.param("GET", "/v1/Orders", 0, id="look"),
        pytest.param("POST", "/oauth2/token", 0, id="token"),
    ],
)
def test_a_lost_answer_of_channeladvisor_in_a_hand_over_leaves_one_order(
    method: str, path: str, after: int, fault: Fault
) -> None:
    world, shop, order = placed()
    world.channeladvisor.faults.add(fault, path, method=method, after=after)
    world.cycle(5)
    assert world.channeladvisor.faults.happened[fault] == 1
    check_handed_over_once(world, shop, order)


@doubtful
def test_a_lost_answer_of_the_oms_in_a_hand_over_leaves_one_order(fault: Fault) -> None:
    world, shop, order = placed()
    world.oms.faults.add(fault, "/orders/", method="PUT")
    world.cycle(5)
    assert world.oms.faults.happened[fault] == 1
    check_handed_over_once(world, shop, order)


@doubtful
def test_a_lost_answer_when_the_number_follows_to_the_oms_does_no_harm(fault: Fault) -> None:
    world, shop, order = placed()
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(3)
    world.channeladvisor.faults.clear()
    world.oms.faults.add(fault, "/channeladvisor-order")
    world.cycle(6)
    assert world.oms.faults.happened[fault] == 1
    check_handed_over_once(world, shop, order)


@doubtful
def test_a_lost_answer_when_a_parcel_is_shipped_leaves_one_fulfilment(fault: Fault) -> None:
    world, shop, order = placed()
    world.cycle(2)
    world.oms.ship(order, "USPS Ground", "Ground", usps(1))
    world.channeladvisor.faults.add(fault, "/Ship")
    world.cycle(5)
    assert world.channeladvisor.faults.happened[fault] == 1
    (created,) = world.created(order)
    (parcel,) = world.channeladvisor.books.shipped_fulfillments(created["ID"])
    assert parcel["TrackingNumber"] == usps(1)
    assert created["ShippingStatus"] == "Shipped"
    check_nothing_twice(world)
    check_nothing_left(world, shop, order)


@doubtful
@pytest.mark.parametrize("partner", ["channeladvisor", "oms"])
def test_a_lost_answer_when_an_order_is_cancelled_leaves_one_cancellation(partner: str, fault: Fault) -> None:
    world, shop, order = placed()
    world.cycle(2)
    world.tiktok.cancel_by_seller(order)
    faults = {"channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}[partner]
    faults.add(fault, {"channeladvisor": "/Adjust", "oms": "/cancellation"}[partner])
    world.cycle(4)
    assert faults.happened[fault] == 1
    (created,) = world.created(order)
    assert [each["Type"] for each in created["Adjustments"]] == ["Cancellation"]
    assert created["ShippingStatus"] == "Canceled"
    assert len(world.oms.books.order(order).cancellations) == 1
    check_nothing_left(world, shop, order)


@doubtful
@pytest.mark.parametrize("partner", ["channeladvisor", "oms"])
def test_a_lost_answer_when_an_address_changes_leaves_the_new_one(partner: str, fault: Fault) -> None:
    world, shop, order = placed()
    world.cycle(2)
    world.tiktok.change_address(order)
    faults = {"channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}[partner]
    faults.add(fault, {"channeladvisor": "/v1/Orders(", "oms": "/shipping-address"}[partner])
    world.cycle(4)
    assert faults.happened[fault] == 1
    street = world.tiktok._state.order(order).address.line1
    assert world.created(order)[0]["ShippingAddressLine1"] == street
    assert world.oms.books.order(order).recipient["address_lines"][0] == street
    check_nothing_left(world, shop, order)


@doubtful
def test_a_lost_answer_when_the_oms_hears_of_a_parcel_from_elsewhere_does_no_harm(fault: Fault) -> None:
    world, shop, order = placed()
    world.cycle(2)
    world.tiktok.ship_in_seller_center(order, usps(1), "USPS")
    world.oms.faults.add(fault, "/parcels/")
    world.cycle(4)
    assert world.oms.faults.happened[fault] == 1
    assert world.oms.books.order(order).state == "shipped"
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
@pytest.mark.parametrize("asked_to_cancel", [True, False])
def test_a_doubtful_creation_is_not_sent_again_before_its_claim_would_have_run_out(
    fault: Fault, *, asked_to_cancel: bool
) -> None:
    world, shop, order = placed()
    world.channeladvisor.faults.add(fault, "/v1/Orders", method="POST")
    world.run("push_channeladvisor", shop)
    if asked_to_cancel:
        world.tiktok.request_cancel(order)
    for _ in range(9):
        world.advance(timedelta(minutes=1))
        world.run("push_channeladvisor", shop)
    looks = [each for each in world.channeladvisor.books.requests(method="GET") if order in each.query]
    assert len(looks) == 1
