"""The OMS cancels what is, or may be, in a parcel already: a shipment beats a later cancellation (OP C19)."""

from collections.abc import Iterator

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import royal_mail, usps
from tests.adapters.cancellations.seller_cancel_scenes import (
    adjustments,
    asked_at_tiktok,
    cancel_in_oms,
    check_books,
    refusal,
    taken_at_tiktok,
    told_to_oms,
    units_in_oms,
)
from tests.adapters.jobs.checks import check_nothing_left
from tests.adapters.jobs.scenes import an_order_everywhere, ship_from_oms
from tests.world import TWO_TEES, World

OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_books(world)


def test_a_line_in_a_parcel_is_refused_and_its_parcel_goes_on(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    first, _ = world.tiktok.line_ids(order)
    world.tiktok.faults.add(Fault.UNREACHABLE, "/packages", times=2)
    ship_from_oms(world, order, lines=[first])
    world.run("poll_oms", shop)
    world.oms.list_raw_cancellation(
        shop.id,
        {
            "id": "C-9",
            "tiktok_order_id": order,
            "lines": [first],
            "reason": "out_of_stock",
            "cancelled_at": world.time.isoformat(),
        },
    )
    world.cycle(3)
    assert f"lines {first} of order {order} are in a parcel" in refusal(world, "C-9")
    assert asked_at_tiktok(world, order) == []
    assert [parcel.line_ids for parcel in world.tiktok.books.shipments_of(order)] == [(first,)]


def test_what_is_left_of_a_partly_shipped_order_can_be_cancelled(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    first, second = world.tiktok.line_ids(order)
    ship_from_oms(world, order, lines=[first])
    world.cycle(2)
    cancellation = cancel_in_oms(world, order, [1])
    world.cycle(3)

    assert told_to_oms(world, cancellation) == "accepted"
    assert taken_at_tiktok(world, order) == [(OUT_OF_STOCK, (second,))]
    assert adjustments(world, order) == [("Cancellation", f"cancel-{second}", "PostProcessingComplete")]
    assert units_in_oms(world, order) == ["shipped", "cancelled"]
    assert world.created(order)[0]["ShippingStatus"] == "Shipped"
    check_nothing_left(world, shop, order)


def test_the_whole_of_a_partly_shipped_order_is_refused(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    ship_from_oms(world, order, lines=world.tiktok.line_ids(order)[:1])
    world.cycle(2)
    cancellation = cancel_in_oms(world, order)
    world.cycle(2)
    assert refusal(world, cancellation)
    assert taken_at_tiktok(world, order) == []
    assert adjustments(world, order) == []
    assert units_in_oms(world, order) == ["shipped", "open"]


def test_a_shipped_order_is_cancelled_where_tiktok_allows_it_and_its_parcel_is_recovered(world: World) -> None:
    shop = world.connect("US")
    order = an_order_everywhere(world, shop, TWO_TEES)
    ship_from_oms(world, order)
    world.cycle(2)
    cancellation = cancel_in_oms(world, order)
    world.cycle(3)
    assert world.tiktok.status(order) == "CANCELLED"
    assert told_to_oms(world, cancellation) == "accepted"
    assert adjustments(world, order) == []
    assert [parcel["tracking_number"] for parcel in world.oms.books.recoveries()[order]["parcels"]]  # type: ignore[attr-defined]
    assert world.counted("event_recovery_needed") == 1


@pytest.mark.parametrize("region", ["GB", "US on its way", "US completed"])
def test_a_shipped_order_is_refused_where_tiktok_does_not_allow_it(world: World, region: str) -> None:
    shop = world.connect(region[:2])
    order = an_order_everywhere(world, shop)
    carrier, tracking = ("RM 24", royal_mail(42)) if region == "GB" else ("USPS Ground", usps(42))
    ship_from_oms(world, order, tracking, carrier=carrier)
    world.cycle(2)
    if region != "GB":
        world.tiktok.collect(order)
    if region == "US completed":
        world.tiktok.deliver(order)
        world.tiktok.complete(order)
    cancellation = cancel_in_oms(world, order)
    world.cycle(2)
    assert "TikTok Shop" in refusal(world, cancellation)
    assert world.counted("seller_cancellations_refused") == 1
    assert taken_at_tiktok(world, order) == []
    assert adjustments(world, order) == []
    assert world.created(order)[0]["ShippingStatus"] == "Shipped"
    assert world.oms.books.recoveries() == {}
