"""Orders of the past: all that happened to them has its own time, and TikTok's update_time says when it was learnt."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from local.simulators.tiktok_shop import (
    Doubts,
    IllegalStepError,
    LineSpec,
    RefusalError,
    Shop,
    Status,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.cancel_caller import in_doubt, search, shown
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
TWO = [LineSpec("TEE", "20.00", 2)]
USPS, OTHER_USPS = "9400110898825022579493", "9400110898825022579494"


def ago(clock: Clock, **parts: float) -> datetime:
    return clock.now - timedelta(**parts)


def seen(caller: Caller, order_id: str) -> Any:
    """The order, as whoever asks for what changed in this second finds it."""
    found = caller.search(update_time_ge=caller.clock.seconds)["orders"]
    return next(order for order in found if order["id"] == order_id)


def test_an_order_of_the_past_was_paid_held_shipped_collected_and_delivered_then(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(
        caller.shop, TWO, created_at=ago(clock, days=5), paid_at=ago(clock, days=4, hours=23)
    )
    simulator.dispatch_at(
        order_id,
        tracking_added=ago(clock, days=4),
        collected=ago(clock, days=3),
        delivered=ago(clock, days=1),
    )
    order = seen(caller, order_id)
    wanted = {
        "create_time": ago(clock, days=5),
        "paid_time": ago(clock, days=4, hours=23),
        "rts_time": ago(clock, days=4),
        "collection_time": ago(clock, days=3),
        "delivery_time": ago(clock, days=1),
        "update_time": clock.now,
    }
    assert {name: order[name] for name in wanted} == {name: int(time.timestamp()) for name, time in wanted.items()}
    assert order["status"] == "DELIVERED"
    assert {line["rts_time"] for line in order["line_items"]} == {order["rts_time"]}
    times = simulator.times(order_id)
    assert times.hold_ends_at == ago(clock, days=4, hours=22)
    assert (times.tracking_added_at, times.collected_at) == (wanted["rts_time"], wanted["collection_time"])
    assert (times.created_at, times.paid_at, times.delivered_at) == (
        wanted["create_time"],
        wanted["paid_time"],
        wanted["delivery_time"],
    )


def test_the_books_have_a_parcel_of_the_past_at_its_time(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, created_at=ago(clock, days=5))
    package_id = simulator.dispatch_at(order_id, tracking_added=ago(clock, days=4))
    (shipment,) = simulator.books.shipments_of(order_id)
    assert (shipment.at, shipment.package_id, shipment.by) == (ago(clock, days=4), package_id, "seller_center")
    package = caller.data("GET", f"/fulfillment/202309/packages/{package_id}")
    assert (package["create_time"], package["update_time"]) == (int(shipment.at.timestamp()), clock.seconds)
    assert package["tracking_number"] == shipment.tracking_number


def test_a_hundred_orders_of_the_past_have_parcels_of_their_own(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock
) -> None:
    for number in range(100):
        with simulator.in_one_go():
            order_id = simulator.place_order(shop, TEE, created_at=ago(clock, days=30, minutes=number))
            simulator.dispatch_at(
                order_id, tracking_added=ago(clock, days=28), collected=ago(clock, days=27, minutes=number)
            )
    times = simulator.times_of_orders(shop)
    assert [each.collected_at for each in times] == [ago(clock, days=27, minutes=number) for number in range(100)]
    assert {each.status for each in times} == {Status.IN_TRANSIT}
    assert len({shipment.tracking_number for shipment in simulator.books.shipments}) == 100


def test_an_order_whose_time_is_long_over_was_cancelled_then_unless_it_shipped(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock
) -> None:
    late = simulator.place_order(shop, TEE, created_at=ago(clock, days=30))
    limits = simulator.times(late).deadlines
    assert limits is not None
    assert simulator.times(late).cancelled_at == limits.shipping_due_time
    with pytest.raises(RefusalError):
        simulator.dispatch_at(late, tracking_added=ago(clock, days=1))
    with simulator.in_one_go():
        shipped = simulator.place_order(shop, TEE, created_at=ago(clock, days=30))
        simulator.dispatch_at(shipped, tracking_added=limits.shipping_due_time - timedelta(seconds=1))
    clock.pass_time(minutes=1)
    assert simulator.times(shipped).tracking_added_at == limits.shipping_due_time - timedelta(seconds=1)


def test_an_order_is_not_shipped_after_its_cancellation_was_due(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock
) -> None:
    with simulator.in_one_go():
        order_id = simulator.place_order(shop, TEE, created_at=ago(clock, days=30))
        with pytest.raises(RefusalError):
            simulator.dispatch_at(order_id, tracking_added=ago(clock, days=10))
    assert simulator.status(order_id) is Status.CANCELLED


def test_a_parcel_of_the_past_is_refused_while_the_order_was_held(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock
) -> None:
    with simulator.in_one_go():
        order_id = simulator.place_order(shop, TEE, created_at=ago(clock, days=5))
        with pytest.raises(RefusalError) as refused:
            simulator.dispatch_at(order_id, tracking_added=ago(clock, days=4, hours=23, minutes=1))
    assert refused.value.code == 21011044


@pytest.mark.parametrize("days", [-0.01, 5.01])
def test_nothing_happens_to_an_order_before_it_was_placed_or_in_the_future(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock, days: float
) -> None:
    order_id = simulator.place_order(shop, TEE, created_at=ago(clock, days=5))
    for step in (simulator.cancel_by_seller, simulator.cancel_by_platform, simulator.collect):
        with pytest.raises(IllegalStepError, match="nothing can happen"):
            step(order_id, at=ago(clock, days=days))
    with pytest.raises(IllegalStepError, match="nothing can happen"):
        simulator.dispatch_at(order_id, tracking_added=ago(clock, days=days))


def test_nobody_orders_in_the_future_or_pays_before_ordering(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock
) -> None:
    with pytest.raises(IllegalStepError, match="cannot be placed"):
        simulator.place_order(shop, TEE, created_at=clock.now + timedelta(seconds=1))
    for paid_at in (ago(clock, days=5.1), clock.now + timedelta(seconds=1)):
        with pytest.raises(IllegalStepError, match="cannot be paid"):
            simulator.place_order(shop, TEE, created_at=ago(clock, days=5), paid_at=paid_at)


@pytest.mark.parametrize(
    ("step", "initiator", "hours"),
    [("cancel_as_buyer", "BUYER", 0.5), ("cancel_by_seller", "SELLER", 70), ("cancel_by_platform", "SYSTEM", 70)],
)
def test_a_cancellation_of_the_past_has_its_time_and_is_found_by_those_who_ask_for_news(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, step: str, initiator: str, hours: float
) -> None:
    created_at = ago(clock, days=4)
    canceled_at = created_at + timedelta(hours=hours)
    with simulator.in_one_go():
        order_id = simulator.place_order(caller.shop, TEE, created_at=created_at)
        cancel_id = getattr(simulator, step)(order_id, at=canceled_at)
    order = seen(caller, order_id)
    assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", initiator)
    assert (order["cancel_time"], order["update_time"]) == (int(canceled_at.timestamp()), clock.seconds)
    assert [each["cancel_id"] for each in search(caller, update_time_ge=clock.seconds)["cancellations"]] == [cancel_id]
    cancellation = shown(caller, cancel_id)
    assert (cancellation["create_time"], cancellation["cancel_status"]) == (
        int(canceled_at.timestamp()),
        "CANCELLATION_REQUEST_COMPLETE",
    )
    times = simulator.times(order_id)
    assert (times.cancelled_at, times.cancelled_by) == (canceled_at, initiator)


def test_a_seller_s_cancellation_of_the_past_is_in_the_books_at_its_time(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock
) -> None:
    order_id = simulator.place_order(shop, TWO, created_at=ago(clock, days=4))
    simulator.cancel_by_seller(order_id, lines=simulator.line_ids(order_id)[:1], at=ago(clock, days=1))
    (cancel,) = simulator.books.seller_cancels
    assert (cancel.at, cancel.line_ids) == (ago(clock, days=1), tuple(simulator.line_ids(order_id)[:1]))
    assert simulator.status(order_id) is Status.AWAITING_SHIPMENT


@pytest.mark.parametrize("days", [[(5, 4, 2), (3, 2, 1)], [(3, 2, 1), (5, 4, 2)]])
def test_the_times_of_several_parcels_are_the_last_one_s_in_whatever_order_tiktok_learns_of_them(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, days: list[tuple[int, int, int]]
) -> None:
    order_id = simulator.place_order(caller.shop, TWO, created_at=ago(clock, days=6))
    parcels = []
    for line, tracking, (added, _, _) in zip(simulator.line_ids(order_id), (USPS, OTHER_USPS), days, strict=True):
        parcels.append(simulator.ship_in_seller_center(order_id, tracking, "USPS", [line], at=ago(clock, days=added)))
    for parcel, (_, collected, _) in zip(parcels, days, strict=True):
        simulator.collect(parcel, at=ago(clock, days=collected))
    for parcel, (_, _, delivered) in zip(parcels, days, strict=True):
        simulator.deliver(parcel, at=ago(clock, days=delivered))
    simulator.complete(order_id, at=ago(clock, hours=1))
    times = simulator.times(order_id)
    assert (times.tracking_added_at, times.collected_at, times.delivered_at) == (
        ago(clock, days=3),
        ago(clock, days=2),
        ago(clock, days=1),
    )
    order = seen(caller, order_id)
    assert order["status"] == "COMPLETED"
    assert [line["rts_time"] for line in order["line_items"]] == [
        int(ago(clock, days=added).timestamp()) for added, _, _ in days
    ]


def test_an_order_is_collected_with_its_first_parcel_where_tiktok_means_that(clock: Clock) -> None:
    with in_doubt(clock, Doubts(first_parcel_sets_collection_time=True)) as (simulator, caller):
        order_id = simulator.place_order(caller.shop, TWO, created_at=ago(clock, days=6))
        first, last = simulator.line_ids(order_id)
        parcel = simulator.ship_in_seller_center(order_id, USPS, "USPS", [first], at=ago(clock, days=5))
        simulator.collect(parcel, at=ago(clock, days=4))
        simulator.ship_in_seller_center(order_id, OTHER_USPS, "USPS", [last], at=ago(clock, days=3))
        assert caller.order(order_id)["status"] == "AWAITING_COLLECTION"
        simulator.collect(order_id, at=ago(clock, days=2))
        order = caller.order(order_id)
        assert (order["status"], order["collection_time"]) == ("IN_TRANSIT", int(ago(clock, days=4).timestamp()))
        assert simulator.times(order_id).collected_at == ago(clock, days=2)
        simulator.correct_collection_time(order_id, ago(clock, days=1))
        assert caller.order(order_id)["collection_time"] == int(ago(clock, days=1).timestamp())


def test_every_action_moves_update_time_to_when_tiktok_learns_of_it(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, created_at=ago(clock, days=5))
    steps: list[Callable[[], object]] = [
        partial(simulator.ship_in_seller_center, order_id, USPS, "USPS", at=ago(clock, days=4)),
        partial(simulator.collect, order_id, at=ago(clock, days=3)),
        partial(simulator.deliver, order_id, at=ago(clock, days=2)),
        partial(simulator.complete, order_id, at=ago(clock, days=1)),
    ]
    for step in steps:
        clock.pass_time(minutes=1)
        step()
        clock.pass_time(minutes=1)
        assert caller.order(order_id)["update_time"] == clock.seconds - 60


def test_tiktok_corrects_a_collection_time_afterwards(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, created_at=ago(clock, days=5))
    added, seen_at, truly = ago(clock, days=4), ago(clock, days=1), ago(clock, days=3)
    simulator.dispatch_at(order_id, tracking_added=added, collected=seen_at)
    clock.pass_time(hours=3)
    simulator.correct_collection_time(order_id, truly)
    order = seen(caller, order_id)
    assert (order["collection_time"], order["update_time"]) == (int(truly.timestamp()), clock.seconds)
    assert (order["status"], simulator.times(order_id).collected_at) == ("IN_TRANSIT", truly)


def test_only_a_collection_that_happened_is_corrected(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str
) -> None:
    with pytest.raises(IllegalStepError, match="was not collected"):
        simulator.correct_collection_time(ready_order, clock.now)
    simulator.dispatch_at(ready_order, tracking_added=clock.now, collected=clock.now)
    for wrong in (ago(clock, seconds=1), clock.now + timedelta(seconds=1)):
        with pytest.raises(IllegalStepError, match="was not collected"):
            simulator.correct_collection_time(ready_order, wrong)


@pytest.mark.parametrize("fulfillment", ["FULFILLMENT_BY_TIKTOK", "FULFILLMENT_BY_SELLER"])
def test_tiktok_dispatches_what_the_seller_does_not(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, fulfillment: str
) -> None:
    order_id = simulator.place_order(
        caller.shop,
        TEE,
        created_at=ago(clock, days=5),
        shipped_by_tiktok=True,
        fulfilled_by_tiktok=fulfillment == "FULFILLMENT_BY_TIKTOK",
    )
    simulator.dispatch_at(order_id, tracking_added=ago(clock, days=4), collected=ago(clock, days=3))
    order = caller.order(order_id)
    assert (order["status"], order["shipping_type"]) == ("IN_TRANSIT", "TIKTOK")
    assert order["fulfillment_type"] == simulator.times(order_id).fulfillment_type == fulfillment
    assert [shipment.by for shipment in simulator.books.shipments_of(order_id)] == ["tiktok"]


def test_a_pre_order_of_the_past_was_held_until_its_release(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    release = ago(clock, days=2)
    with simulator.in_one_go():
        order_id = simulator.place_order(caller.shop, TEE, created_at=ago(clock, days=12), release_date=release)
        with pytest.raises(RefusalError):
            simulator.dispatch_at(order_id, tracking_added=release - timedelta(seconds=1))
        simulator.dispatch_at(order_id, tracking_added=release)
    order = seen(caller, order_id)
    assert order["release_date"] == order["rts_time"] == int(release.timestamp())
    assert (order["order_type"], order["status"]) == ("PRE_ORDER", "AWAITING_COLLECTION")


def test_an_unpaid_order_has_no_times_but_that_of_its_creation(
    simulator: TikTokShopSimulator, shop: Shop, clock: Clock
) -> None:
    clock.now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    times = simulator.times(simulator.place_order(shop, TEE, paid=False))
    assert (times.created_at, times.status) == (clock.now, Status.UNPAID)
    later = (times.paid_at, times.hold_ends_at, times.tracking_added_at, times.collected_at, times.delivered_at)
    assert set(later) == {None}
    assert (times.cancelled_at, times.cancelled_by, times.deadlines) == (None, None, None)
