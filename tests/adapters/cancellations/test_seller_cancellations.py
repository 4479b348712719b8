"""The OMS cancels (G9): TikTok Shop has the last word, ChannelAdvisor follows, the OMS learns what became of it."""

from collections.abc import Iterator

import pytest

from local.simulators.faults import Fault
from order_sync.domain.timeline import Event
from tests.adapters.cancellations.seller_cancel_scenes import (
    adjustments,
    asked_at_tiktok,
    buyer_notices,
    cancel_in_oms,
    canceled_by_oms,
    check_books,
    check_canceled_everywhere,
    check_ships,
    outcome,
    refusal,
    taken_at_tiktok,
    told_to_oms,
    units_in_oms,
)
from tests.adapters.jobs.checks import check_nothing_left, failed_entries
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor
from tests.world import MUG, TWO_TEES, World

REASONS = {
    ("US", "out_of_stock"): "seller_cancel_reason_out_of_stock",
    ("US", "wrong_price"): "seller_cancel_reason_wrong_price",
    ("US", "address_not_deliverable"): "seller_cancel_paid_reason_address_not_deliver",
    ("US", "buyer_requested"): "seller_cancel_paid_reason_buyer_requested_cancellation",
    ("GB", "out_of_stock"): "seller_cancel_reason_out_of_stock_uk",
    ("GB", "wrong_price"): "seller_cancel_reason_wrong_price_uk",
    ("GB", "address_not_deliverable"): "seller_cancel_paid_reason_address_not_deliver_uk",
}


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_books(world)


@pytest.mark.parametrize(("region", "reason"), REASONS)
def test_a_whole_order_is_cancelled_on_all_sides_for_tiktok_s_name_of_the_reason(
    world: World, region: str, reason: str
) -> None:
    shop = world.connect(region)
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, MUG, reason=reason)
    world.cycle(3)

    assert taken_at_tiktok(world, order) == [(REASONS[region, reason], tuple(world.tiktok.line_ids(order)))]
    assert adjustments(world, order) == [("Cancellation", f"cancel-{order}", "PostProcessingComplete")]
    assert outcome(world, cancellation) == {"outcome": "accepted"}
    check_canceled_everywhere(world, shop, order)
    assert world.problems() == []


@pytest.mark.parametrize("region", ["US", "GB"])
def test_one_unit_is_cancelled_on_all_sides_and_the_rest_ships(world: World, region: str) -> None:
    shop = world.connect(region)
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, MUG, cancel=[1])
    world.cycle(2)

    second = world.tiktok.line_ids(order)[1]
    ((reason, lines),) = taken_at_tiktok(world, order)
    assert (reason, lines) == (REASONS[region, "out_of_stock"], (second,))
    assert adjustments(world, order) == [("Cancellation", f"cancel-{second}", "PostProcessingComplete")]
    assert told_to_oms(world, cancellation) == "accepted"
    assert units_in_oms(world, order) == ["open", "cancelled", "open"]
    check_ships(world, shop, order)
    check_nothing_left(world, shop, order)


def test_who_started_it_is_not_told_to_cancel(world: World) -> None:
    shop = world.connect()
    order, _ = canceled_by_oms(world, shop, TWO_TEES)
    world.cycle(2)
    assert world.oms.books.order(order).cancellations == []
    assert world.oms.books.requests(method="PUT", path=f"/orders/{order}/cancellation") == []


def test_the_timeline_tells_who_cancelled_and_what_the_buyer_hears(world: World) -> None:
    shop = world.connect()
    order, _ = canceled_by_oms(world, shop)
    world.cycle(2)
    facts = {fact.event: fact for fact in world.ledger.timeline(shop.id, order)}
    assert facts[Event.SELLER_CANCELLATION_REPORTED].source == "OMS"
    assert facts[Event.SELLER_CANCELLATION_REPORTED].detail["reason"] == "out_of_stock"
    assert facts[Event.CANCELED].detail["initiator"] == "SELLER"
    (notice,) = buyer_notices(world, shop, order)
    assert "order cancelled" in notice
    assert Event.SELLER_CANCELLATION_ACCEPTED in facts


def test_a_reason_that_tiktok_does_not_offer_is_refused_and_the_order_ships(world: World) -> None:
    shop = world.connect("GB")
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, reason="buyer_requested")
    world.cycle(2)

    assert "buyer_requested" in refusal(world, cancellation)
    assert REASONS["GB", "wrong_price"] in refusal(world, cancellation)
    assert asked_at_tiktok(world, order) == []
    assert list(failed_entries(world, shop, order)) == [f"TIKTOK_SHOP#CANCEL_AS_SELLER#oms-{cancellation}#1"]
    assert world.counted("seller_cancellations_refused") == 1
    assert adjustments(world, order) == []
    check_ships(world, shop, order)


@pytest.mark.parametrize("region", ["US", "GB"])
@pytest.mark.parametrize("reason", ["wrong_price", "address_not_deliverable", "buyer_requested"])
def test_a_part_of_an_order_is_refused_for_every_other_reason_than_out_of_stock(
    world: World, region: str, reason: str
) -> None:
    shop = world.connect(region)
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, cancel=[0], reason=reason)
    world.cycle(2)

    assert "only as out_of_stock" in refusal(world, cancellation)
    assert asked_at_tiktok(world, order) == []
    assert world.counted("seller_cancellations_refused") == 1
    assert units_in_oms(world, order) == ["open", "open"]
    check_ships(world, shop, order)


def test_all_units_by_name_are_the_whole_order_and_take_every_reason(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, cancel=[0, 1], reason="wrong_price")
    world.cycle(3)
    assert told_to_oms(world, cancellation) == "accepted"
    check_canceled_everywhere(world, shop, order)


def test_unit_after_unit_can_be_cancelled_to_the_last_one(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    told = []
    for number in range(3):
        cancellation = cancel_in_oms(world, order, [number])
        world.cycle(3)
        told.append(told_to_oms(world, cancellation))
    assert told == ["accepted"] * 3
    assert len(taken_at_tiktok(world, order)) == 3
    assert len(adjustments(world, order)) == 3
    check_canceled_everywhere(world, shop, order)


def test_every_unit_by_a_cancellation_of_its_own_in_one_list_is_the_whole_order(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    cancellations = [cancel_in_oms(world, order, [number]) for number in range(3)]
    world.cycle(4)
    assert [told_to_oms(world, each) for each in cancellations] == ["accepted"] * 3
    assert world.counted("seller_cancellations_refused") == 0
    check_canceled_everywhere(world, shop, order)


@pytest.mark.parametrize("reason", ["out_of_stock", "wrong_price", "buyer_requested", "address_not_deliverable"])
@pytest.mark.parametrize("region", ["US", "GB"])
def test_an_unpaid_order_is_cancelled_for_the_reasons_that_fit_its_status(
    world: World, region: str, reason: str
) -> None:
    shop = world.connect(region)
    order = world.order(shop, paid=False)
    world.cycle(1)
    world.oms.list_raw_cancellation(
        shop.id,
        {
            "id": "C-9",
            "tiktok_order_id": order,
            "lines": None,
            "reason": reason,
            "cancelled_at": world.time.isoformat(),
        },
    )
    world.cycle(2)
    offered = reason in ("out_of_stock", "wrong_price") or (reason, region) == ("buyer_requested", "US")
    assert told_to_oms(world, "C-9") == ("accepted" if offered else "refused")
    assert all("unpaid" in name and reason in name for name, _ in taken_at_tiktok(world, order))
    assert world.tiktok.status(order) == ("CANCELLED" if offered else "UNPAID")
    assert world.created(order) == []


def test_two_cancellations_in_one_list_are_both_carried_out(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    first, rest = cancel_in_oms(world, order, [0]), cancel_in_oms(world, order)
    world.cycle(3)
    assert [told_to_oms(world, each) for each in (first, rest)] == ["accepted", "accepted"]
    check_canceled_everywhere(world, shop, order)


@pytest.mark.parametrize("tiktok_agrees", [True, False])
def test_an_order_that_channeladvisor_has_not_got_yet_is_not_created_unless_tiktok_refuses(
    world: World, *, tiktok_agrees: bool
) -> None:
    shop = world.connect("GB")
    order = world.order(shop, TWO_TEES)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(7)
    assert world.oms.books.order(order).channeladvisor_order_id is None
    cancellation = cancel_in_oms(world, order, reason="wrong_price" if tiktok_agrees else "buyer_requested")
    world.run("poll_oms", shop)
    world.channeladvisor.faults.clear()
    if tiktok_agrees:
        world.cycle(5)
        assert told_to_oms(world, cancellation) == "accepted"
        assert world.created(order) == []
        check_canceled_everywhere(world, shop, order)
    else:
        world.cycle(5)
        assert told_to_oms(world, cancellation) == "refused"
        check_ships(world, shop, order)


def test_while_tiktok_has_not_answered_the_order_is_not_created_in_channeladvisor(world: World) -> None:
    shop = world.connect()
    order = world.order(shop)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(7)
    cancellation = cancel_in_oms(world, order)
    world.tiktok.fail_next_lock(order, times=100)
    world.cycle(2)
    world.channeladvisor.faults.clear()
    world.cycle(3)
    assert world.created(order) == []
    assert outcome(world, cancellation) is None
    assert world.counted("held_back_for_cancellation") > 0


def test_a_list_that_repeats_itself_cancels_once(world: World) -> None:
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES, cancel=[0])
    world.oms.repeat_cancellation(cancellation)
    world.cycle(1)
    world.oms.repeat_cancellation(cancellation)
    world.cycle(2)
    assert asked_at_tiktok(world, order) == [0]
    assert len(adjustments(world, order)) == 1
    assert world.counted("seller_cancellations_known") == 2
    assert world.events(shop, order).count("SELLER_CANCELLATION_REPORTED") == 1


def test_an_order_that_is_cancelled_already_is_accepted_without_asking_tiktok(world: World) -> None:
    shop = world.connect()
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.tiktok.cancel_by_seller(order)
    world.cycle(2)
    world.oms.list_raw_cancellation(
        shop.id,
        {
            "id": "C-9",
            "tiktok_order_id": order,
            "lines": None,
            "reason": "wrong_price",
            "cancelled_at": world.time.isoformat(),
        },
    )
    world.cycle(2)
    assert told_to_oms(world, "C-9") == "accepted"
    assert asked_at_tiktok(world, order) == []
    assert len(adjustments(world, order)) == 1
    check_canceled_everywhere(world, shop, order)
    assert world.channeladvisor.books.order(in_channeladvisor(world, order))["ShippingStatus"] == "Canceled"
