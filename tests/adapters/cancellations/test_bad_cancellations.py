"""Cancellations and decisions of the OMS that cannot be right: a clear word to the OMS, counted, nothing changed."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.simulators.faults import Fault
from order_sync.ledger import keys
from tests.adapters.cancellations.seller_cancel_scenes import (
    adjustments,
    cancel_in_oms,
    check_books,
    check_canceled_everywhere,
    check_ships,
    outcome,
    refusal,
    told_to_oms,
)
from tests.adapters.jobs.checks import check_nothing_left
from tests.adapters.jobs.scenes import an_order_everywhere, ship_from_oms
from tests.world import TWO_TEES, Connected, World

COUNT = "seller_cancellations_refused"
BAD_ENTRIES = {
    "lines left out": {"lines": ...},
    "no lines": {"lines": []},
    "a line twice": {"lines": ["577086512001154103", "577086512001154103"]},
    "lines as text": {"lines": "all"},
    "an unknown reason": {"reason": "changed_my_mind"},
    "a reason in capitals": {"reason": "OUT_OF_STOCK"},
    "no reason": {"reason": ...},
    "an empty reason": {"reason": None},
    "no time": {"cancelled_at": ...},
    "a time without a zone": {"cancelled_at": "2026-06-01T12:00:00"},
    "no order": {"tiktok_order_id": ...},
    "an order as a number": {"tiktok_order_id": 5},
    "an order that is an address": {"tiktok_order_id": "../x"},
}


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_books(world)


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def entry(world: World, order: str, **changes: Any) -> dict[str, Any]:
    """A cancellation as the OMS lists it; `...` leaves a field out."""
    good = {
        "id": "C-9",
        "tiktok_order_id": order,
        "lines": None,
        "reason": "out_of_stock",
        "cancelled_at": world.time.isoformat(),
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def kept(world: World, shop: Connected, order: str) -> dict[Any, Any]:
    """All that the ledger has of an order."""
    pk = keys.order_key(shop.id, order).pk  # type: ignore[arg-type]
    return {key: item for key, item in world.table.items.items() if key.pk == pk}


@pytest.mark.parametrize("changes", BAD_ENTRIES.values(), ids=BAD_ENTRIES)
def test_what_is_no_cancellation_is_refused_counted_and_changes_nothing(
    world: World, shop: Connected, changes: dict[str, Any]
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.cycle(1)
    before = kept(world, shop, order)
    world.oms.list_raw_cancellation(shop.id, entry(world, order, **changes))
    world.cycle(2)

    (field,) = changes
    assert field in refusal(world, "C-9")
    assert world.counted(COUNT) == 1
    assert kept(world, shop, order) == before
    assert world.tiktok.books.seller_cancels == []
    assert adjustments(world, order) == []
    check_ships(world, shop, order)


@pytest.mark.parametrize("entry_id", [..., "", None, "a b", "../C-9", "x" * 200, 7.5, "\ud800"])
def test_a_cancellation_whose_sender_cannot_be_answered_is_kept_for_a_person_and_stops_nothing(
    world: World, shop: Connected, entry_id: object
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    other = an_order_everywhere(world, shop, TWO_TEES)
    world.oms.list_raw_cancellation(shop.id, entry(world, order, id=entry_id))
    good = cancel_in_oms(world, other)
    world.cycle(3)
    assert world.counted("seller_cancellations_unreadable") == 1
    assert world.tiktok.status(order) == "AWAITING_SHIPMENT"
    assert told_to_oms(world, good) == "accepted"
    check_canceled_everywhere(world, shop, other)


def test_an_empty_entry_stops_nothing(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.oms.list_raw_cancellation(shop.id, {})
    good = cancel_in_oms(world, order)
    world.cycle(3)
    assert told_to_oms(world, good) == "accepted"
    assert world.counted("seller_cancellations_unreadable") == 1


def test_a_cancellation_of_an_unknown_order_is_refused(world: World, shop: Connected) -> None:
    world.oms.list_raw_cancellation(shop.id, entry(world, "576461419999999999"))
    world.cycle(2)
    assert refusal(world, "C-9") == "order 576461419999999999 is not known"
    assert world.counted(COUNT) == 1
    assert world.tiktok.books.seller_cancels == []


def test_a_cancellation_of_another_shop_s_order_is_refused(world: World, shop: Connected) -> None:
    other = world.connect("GB")
    order = an_order_everywhere(world, other)
    world.oms.list_raw_cancellation(shop.id, entry(world, order))
    world.cycle(2)
    assert "is not known" in refusal(world, "C-9")
    assert world.tiktok.status(order) == "AWAITING_SHIPMENT"


def test_a_line_that_is_not_in_the_order_is_refused(world: World, shop: Connected) -> None:
    order, other = an_order_everywhere(world, shop, TWO_TEES), world.order(shop)
    (foreign,) = world.tiktok.line_ids(other)
    lines = [world.tiktok.line_ids(order)[0], foreign]
    world.oms.list_raw_cancellation(shop.id, entry(world, order, lines=lines))
    world.cycle(2)
    assert refusal(world, "C-9") == f"lines {foreign} are not in order {order}"
    assert world.counted(COUNT) == 1
    assert world.tiktok.books.seller_cancels == []
    assert world.record(shop, order).order.state == "ACKNOWLEDGED_BY_SELLER"
    check_nothing_left(world, shop, order)
    check_ships(world, shop, order)


def test_an_order_that_tiktok_ships_is_not_ours_to_cancel(world: World, shop: Connected) -> None:
    order = world.order(shop, fulfilled_by_tiktok=True)
    world.cycle(2)
    world.oms.list_raw_cancellation(shop.id, entry(world, order))
    world.cycle(2)
    assert "not ours to cancel" in refusal(world, "C-9")
    assert world.counted(COUNT) == 1
    assert world.tiktok.books.seller_cancels == []


def test_an_order_on_hold_can_be_cancelled_and_is_handed_to_nobody(world: World, shop: Connected) -> None:
    order = world.order(shop, TWO_TEES)
    world.cycle(1)
    world.oms.list_raw_cancellation(shop.id, entry(world, order))
    world.cycle(6)
    assert told_to_oms(world, "C-9") == "accepted"
    assert world.tiktok.status(order) == "CANCELLED"
    assert world.created(order) == []
    assert world.oms.books.orders() == []
    check_nothing_left(world, shop, order)


def test_a_parcel_on_its_way_to_tiktok_is_not_cancelled(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    ship_from_oms(world, order)
    world.oms.list_raw_cancellation(shop.id, entry(world, order))
    world.cycle(3)
    assert f"of order {order} are in a parcel" in refusal(world, "C-9")
    assert world.tiktok.status(order) == "AWAITING_COLLECTION"
    assert adjustments(world, order) == []


def test_the_same_id_with_other_content_changes_nothing(world: World, shop: Connected) -> None:
    order, other = an_order_everywhere(world, shop, TWO_TEES), an_order_everywhere(world, shop, TWO_TEES)
    cancellation = cancel_in_oms(world, order, [0])
    world.cycle(2)
    world.oms.list_raw_cancellation(shop.id, entry(world, order, id=cancellation))
    world.cycle(2)
    assert world.tiktok.status(order) == "AWAITING_SHIPMENT"
    assert len(world.tiktok.books.seller_cancels) == 1
    check_ships(world, shop, other)


def test_a_refusal_that_the_oms_does_not_take_is_kept_for_a_person(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.oms.list_raw_cancellation(shop.id, entry(world, order, reason="no"))
    world.oms._state.seller_cancellations[-1].told = {"outcome": "accepted"}
    good = cancel_in_oms(world, order)
    world.cycle(3)
    assert world.counted("refusals_not_taken") == 1
    assert told_to_oms(world, good) == "accepted"


def test_a_refusal_whose_answer_is_lost_is_told_in_the_end(world: World, shop: Connected) -> None:
    world.oms.list_raw_cancellation(shop.id, entry(world, "576461419999999999"))
    world.oms.faults.add(Fault.LOST_BEFORE, "/outcome")
    world.cycle(3)
    assert "is not known" in refusal(world, "C-9")


@pytest.mark.parametrize("page", [Fault.HTML, Fault.TRUNCATED_JSON])
def test_a_list_that_cannot_be_read_stops_no_other_list(world: World, shop: Connected, page: Fault) -> None:
    order, other = an_order_everywhere(world, shop), an_order_everywhere(world, shop)
    cancellation = cancel_in_oms(world, order)
    ship_from_oms(world, other)
    world.oms.faults.add(page, "/seller-cancellations", method="GET", times=4)
    world.cycle(1)
    assert len(world.tiktok.books.shipments_of(other)) == 1
    world.cycle(4)
    assert outcome(world, cancellation) == {"outcome": "accepted"}
    check_canceled_everywhere(world, shop, order)
