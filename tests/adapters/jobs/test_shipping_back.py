"""Parcels on their way back: each is told once to everyone who does not know it, whoever shipped it (issue item 10)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import ups, usps
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.statuses import OrderState
from order_sync.jobs.oms_news import OmsNews
from order_sync.jobs.oms_reports import Refusals
from tests.adapters.jobs.scenes import (
    TRACKING,
    an_order_everywhere,
    entry_states,
    in_channeladvisor,
    nothing_left_to_tell,
    parcels_at_tiktok,
    parcels_in_channeladvisor,
    ship_from_oms,
)
from tests.builders import a_report
from tests.world import MUG, TEE, TWO_TEES, Connected, World

OTHER_TRACKING = usps(2)
PACKAGES = "/packages"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def state_of(world: World, shop: Connected, order: OrderId) -> OrderState:
    return world.record(shop, order).order.state


def test_a_whole_order_that_the_oms_ships_is_told_once_to_both_sides(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    lines = tuple(world.tiktok.line_ids(order))
    shipment = ship_from_oms(world, order, ups(1), carrier="ups")
    world.cycle(4)

    assert parcels_at_tiktok(world, order) == [(ups(1), lines)]
    assert parcels_in_channeladvisor(world, order) == [(f"oms-{shipment}", ups(1), {"TEE-BLU-M": 2, "MUG-RED": 1})]
    assert world.oms.books.order(order).parcels == {}
    assert state_of(world, shop, order) is OrderState.SHIPPED
    assert nothing_left_to_tell(world, shop, order)
    assert world.problems() == []
    assert world.tiktok.books.refused_shipments == []


@pytest.mark.parametrize("by_sku", [False, True], ids=["by lines", "by sku and quantity"])
def test_an_order_that_ships_in_parts_is_partially_shipped_and_then_shipped(
    world: World, shop: Connected, *, by_sku: bool
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    ship_from_oms(world, order, lines=[first, mug], by_sku=by_sku)
    world.cycle(2)

    assert parcels_at_tiktok(world, order) == [(TRACKING, (first, mug))]
    assert state_of(world, shop, order) is OrderState.PARTIALLY_SHIPPED
    assert world.tiktok.status(order) == "PARTIALLY_SHIPPING"

    ship_from_oms(world, order, OTHER_TRACKING, lines=[second], by_sku=by_sku)
    world.cycle(2)

    assert parcels_at_tiktok(world, order) == [(TRACKING, (first, mug)), (OTHER_TRACKING, (second,))]
    told = [(tracking, units) for _, tracking, units in parcels_in_channeladvisor(world, order)]
    assert told == [(TRACKING, {"TEE-BLU-M": 1, "MUG-RED": 1}), (OTHER_TRACKING, {"TEE-BLU-M": 1})]
    assert state_of(world, shop, order) is OrderState.SHIPPED
    assert world.channeladvisor.books.repeated_seller_ids() == {}


def test_an_order_can_ship_one_line_at_a_time(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    lines = world.tiktok.line_ids(order)
    for number, line in enumerate(lines):
        ship_from_oms(world, order, usps(number), lines=[line])
        world.cycle()
    world.cycle(2)

    assert [told for _, told in parcels_at_tiktok(world, order)] == [(line,) for line in lines]
    assert len(parcels_in_channeladvisor(world, order)) == 3
    assert state_of(world, shop, order) is OrderState.SHIPPED
    assert world.tiktok.books.double_ship_attempts == []


def test_an_outage_of_channeladvisor_does_not_delay_a_parcel_at_tiktok(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle()

    assert parcels_at_tiktok(world, order) == [(TRACKING, tuple(world.tiktok.line_ids(order)))]
    assert parcels_in_channeladvisor(world, order) == []

    world.channeladvisor.faults.clear()
    world.cycle(8)
    assert len(parcels_in_channeladvisor(world, order)) == 1
    assert len(parcels_at_tiktok(world, order)) == 1


def test_an_outage_of_tiktok_does_not_delay_a_parcel_in_channeladvisor(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None)
    world.cycle(2)

    assert len(parcels_in_channeladvisor(world, order)) == 1
    assert parcels_at_tiktok(world, order) == []

    world.tiktok.faults.clear()
    world.cycle(8)
    assert len(parcels_at_tiktok(world, order)) == 1
    assert len(parcels_in_channeladvisor(world, order)) == 1
    assert state_of(world, shop, order) is OrderState.SHIPPED


def test_our_own_echo_in_channeladvisor_is_recognised(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    ship_from_oms(world, order)
    world.cycle(6)

    assert [parcel.tracking_number for parcel in world.record(shop, order).parcels] == [TRACKING]
    assert world.events(shop, order).count("PARCEL_REPORTED") == 1
    assert world.record(shop, order).order.channeladvisor_status == "Shipped"


def test_a_parcel_entered_in_channeladvisor_goes_to_tiktok_and_to_the_oms_once(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    world.channeladvisor.ship_by_hand(
        in_channeladvisor(world, order), "USPS", "Ground", TRACKING, items={"TEE-BLU-M": 1}
    )
    world.reconnect(shop, shipping_mappings=[{"carrier": "USPS", "code": "usps"}])
    world.cycle(4)
    (parcel,) = world.record(shop, order).parcels

    assert parcel.id.startswith("channeladvisor-")
    assert parcels_at_tiktok(world, order) == [(TRACKING, parcel.line_ids)]
    (noted,) = world.oms.books.order(order).parcels.values()
    assert noted["tracking_number"] == TRACKING
    assert noted["lines"] == list(parcel.line_ids)
    assert len(parcels_in_channeladvisor(world, order)) == 1
    assert state_of(world, shop, order) is OrderState.PARTIALLY_SHIPPED


def test_the_same_parcel_from_the_oms_and_from_channeladvisor_is_one_parcel(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", TRACKING)
    world.cycle(6)

    assert len(world.record(shop, order).parcels) == 1
    assert len(parcels_at_tiktok(world, order)) == 1
    assert len(parcels_in_channeladvisor(world, order)) == 1
    assert world.oms.books.order(order).parcels == {}


def test_the_same_shipment_repeated_by_the_oms_changes_nothing(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    shipment = ship_from_oms(world, order)
    world.cycle(3)
    events = world.events(shop, order)
    for _ in range(3):
        world.oms.repeat_shipment(shipment)
        world.cycle()

    assert world.events(shop, order) == events
    assert len(parcels_at_tiktok(world, order)) == len(parcels_in_channeladvisor(world, order)) == 1


def test_an_order_shipped_by_hand_in_seller_center_is_told_to_the_others_and_ships_once(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.tiktok.ship_in_seller_center(order, TRACKING, "USPS")
    world.reconnect(shop, shipping_mappings=[{"carrier": "USPS", "code": "usps", "channeladvisor_class": "Ground"}])
    world.cycle(4)

    assert len(parcels_at_tiktok(world, order)) == 1
    (noted,) = world.oms.books.order(order).parcels.values()
    assert noted["tracking_number"] == TRACKING
    assert [tracking for _, tracking, _ in parcels_in_channeladvisor(world, order)] == [TRACKING]
    assert state_of(world, shop, order) is OrderState.SHIPPED
    assert world.tiktok.books.refused_shipments == []


def test_a_part_shipped_by_hand_leaves_the_rest_to_the_warehouse(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    first, second = world.tiktok.line_ids(order)
    world.tiktok.ship_in_seller_center(order, TRACKING, "USPS", [first])
    world.reconnect(
        shop,
        shipping_mappings=[
            {"carrier": "USPS", "code": "usps", "channeladvisor_class": "Ground"},
            {"carrier": "USPS Ground", "code": "usps", "channeladvisor_class": "Ground"},
        ],
    )
    world.cycle(2)
    assert state_of(world, shop, order) is OrderState.PARTIALLY_SHIPPED
    assert world.oms.books.order(order).state == "partially_shipped"

    ship_from_oms(world, order, OTHER_TRACKING)
    world.cycle(3)
    assert parcels_at_tiktok(world, order) == [(TRACKING, (first,)), (OTHER_TRACKING, (second,))]
    assert len(parcels_in_channeladvisor(world, order)) == 2
    assert state_of(world, shop, order) is OrderState.SHIPPED


def test_an_order_cancelled_by_hand_in_seller_center_is_cancelled_on_all_sides(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(3)

    assert world.oms.books.order(order).state == "cancelled"
    assert [cancelled.initiator for cancelled in world.oms.books.order(order).cancellations] == ["seller"]
    (created,) = world.created(order)
    assert created["ShippingStatus"] == "Canceled"
    assert state_of(world, shop, order) is OrderState.CANCELED
    assert parcels_at_tiktok(world, order) == []


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.TRUNCATED_JSON, Fault.SERVER_ERROR])
def test_a_lost_answer_to_a_shipment_is_read_back_and_the_parcel_ships_once(
    world: World, shop: Connected, fault: Fault
) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.tiktok.faults.add(fault, PACKAGES)
    world.cycle()
    assert world.counted("outcomes_unknown") == 1

    world.cycle(4)
    assert len(parcels_at_tiktok(world, order)) == 1
    assert world.tiktok.books.double_ship_attempts == []
    assert nothing_left_to_tell(world, shop, order)
    assert world.events(shop, order).count("PARCEL_AT_TIKTOK") == 1
    assert state_of(world, shop, order) is OrderState.SHIPPED


def test_lines_that_left_with_another_tracking_number_need_a_person(world: World, shop: Connected) -> None:
    """Somebody ships part of the same lines by hand, between the warehouse's report and our push."""
    order = an_order_everywhere(world, shop, TWO_TEES)
    first, _ = world.tiktok.line_ids(order)
    ship_from_oms(world, order)
    world.run("poll_oms", shop)
    world.tiktok.ship_in_seller_center(order, OTHER_TRACKING, "USPS", [first])
    world.run("push_tiktok", shop)
    world.cycle()

    assert entry_states(world, shop, order)[Target.TIKTOK_SHOP, Action.SHIP] is EntryState.FAILED
    assert any(OTHER_TRACKING in problem and first in problem for problem in world.problems())
    assert parcels_at_tiktok(world, order) == [(OTHER_TRACKING, (first,))]
    assert world.tiktok.books.double_ship_attempts == []


def test_a_refusal_as_already_shipped_is_checked_and_needs_a_person_when_tiktok_shows_no_such_parcel(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.tiktok.refuse_next(PACKAGES, 21011020)
    world.cycle()

    assert entry_states(world, shop, order)[Target.TIKTOK_SHOP, Action.SHIP] is EntryState.FAILED
    assert any("but not with this tracking number" in problem for problem in world.problems())

    world.replay(shop, order)
    world.cycle(2)
    assert len(parcels_at_tiktok(world, order)) == 1


def test_a_warning_about_a_tracking_number_is_recorded_and_counted(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    world.tiktok.warn_next_shipment("The tracking number looks unusual", order)
    ship_from_oms(world, order)
    world.cycle(2)
    (parcel,) = world.record(shop, order).parcels

    assert parcel.warning == "The tracking number looks unusual"
    assert world.counted("doubtful_acceptances") == 1
    assert any(fact.detail.get("warning") == parcel.warning for fact in world.ledger.timeline(shop.id, order))
    assert state_of(world, shop, order) is OrderState.SHIPPED


def test_delivery_progress_stands_on_the_timeline_with_what_the_buyer_was_told(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.cycle(2)
    world.tiktok.collect(order)
    collected_at = world.time
    world.cycle()
    world.tiktok.deliver(order)
    world.cycle()
    world.tiktok.complete(order)
    world.cycle()
    facts = {fact.event: fact for fact in world.ledger.timeline(shop.id, order)}

    assert world.events(shop, order)[-4:] == ["COLLECTED", "PARCEL_SCANNED", "DELIVERED", "COMPLETED"]
    happened_at = facts["COLLECTED"].happened_at  # type: ignore[index]
    assert happened_at is not None
    assert abs(happened_at - collected_at) < timedelta(seconds=2)
    assert facts["COLLECTED"].detail["buyer_notice"] == "shipment notice"  # type: ignore[index]
    assert facts["DELIVERED"].detail["buyer_notice"] == "delivery notice"  # type: ignore[index]
    statuses = [fact.detail.get("after") for fact in world.ledger.timeline(shop.id, order)]
    assert "AWAITING_COLLECTION" in statuses


def test_a_parcel_for_an_order_that_nobody_knows_is_named_and_blocks_nothing(world: World, shop: Connected) -> None:
    unknown = an_order_everywhere(world, shop)
    known = an_order_everywhere(world, shop)
    for key in [key for key in world.table.items if unknown in key.pk]:
        world.table.delete(key)
    shipment = ship_from_oms(world, unknown)
    ship_from_oms(world, known, OTHER_TRACKING)
    world.cycle(2)

    assert world.counted("parcels_for_unknown_orders") == 1
    assert any(f"order {unknown} parcel oms-{shipment}" in problem for problem in world.problems())
    assert unknown in world.shops.notice(shop.id, f"parcel oms-{shipment}")
    assert parcels_at_tiktok(world, known)[0][0] == OTHER_TRACKING
    assert parcels_at_tiktok(world, unknown) == []


def test_a_parcel_with_lines_that_are_not_open_is_kept_with_the_reason_and_told_to_nobody(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop, TEE, MUG)
    tee, _ = world.tiktok.line_ids(order)
    ship_from_oms(world, order, lines=[tee])
    world.cycle(2)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", OTHER_TRACKING)
    ship_from_oms(world, order, usps(3))
    world.cycle(3)
    record = world.record(shop, order)
    refused = [parcel for parcel in record.parcels if parcel.refused]

    assert world.counted("parcels_refused") == 1
    assert len(refused) == 1
    assert len(parcels_at_tiktok(world, order)) == 2
    assert all(line.state is LineState.SHIPPED for line in record.order.lines)


def test_a_parcel_for_an_order_that_is_still_held_is_kept_until_it_is_reported_again(
    world: World, shop: Connected
) -> None:
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    run = world.shop_run(shop)
    news = OmsNews(run, world.oms_client(run.shop), Refusals(run))
    news.take_parcel(order, a_report(tracking_number=TRACKING))
    world.run("push_tiktok", shop)
    (parcel,) = world.record(shop, order).parcels

    assert parcel.refused == "the order is PENDING"
    assert run.report.problems == [f"parcels_refused: order {order} parcel oms-S1: the order is PENDING"]
    assert parcels_at_tiktok(world, order) == []

    world.until_released()
    news.take_parcel(order, a_report(tracking_number=TRACKING))
    world.cycle(2)
    assert parcels_at_tiktok(world, order) == [(TRACKING, tuple(world.tiktok.line_ids(order)))]


def test_a_parcel_of_which_tiktok_has_only_a_part_goes_to_a_person(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TEE, MUG)
    tee, mug = world.tiktok.line_ids(order)
    ship_from_oms(world, order)
    world.run("poll_oms", shop)
    world.tiktok.ship_in_seller_center(order, TRACKING, "USPS", lines=[tee])
    world.cycle(2)
    (entry,) = [e for e in world.record(shop, order).outbox if (e.target, e.action) == ("TIKTOK_SHOP", "SHIP")]

    assert entry.state == "FAILED"
    assert f"only lines {tee} of the parcel" in entry.reason
    assert parcels_at_tiktok(world, order) == [(TRACKING, (tee,))]
    assert mug not in str(parcels_at_tiktok(world, order))


def test_a_new_number_of_the_sellers_is_told_to_tiktok_again() -> None:
    world = World()
    shop = world.connect(oms={"adapter": "none"})
    order = world.order(shop)
    world.cycle(5)
    for number in ("SO-1", "SO-2"):
        world.channeladvisor.set_seller_order_id(in_channeladvisor(world, order), number)
        world.cycle(2)
        assert world.tiktok.books.references_of(order)["ORDER_MANAGEMENT_SYSTEM"] == number


def test_a_parcel_that_somebody_enters_in_channeladvisor_too_fails_nowhere(world: World, shop: Connected) -> None:
    order, other = an_order_everywhere(world, shop), an_order_everywhere(world, shop)
    ship_from_oms(world, order)
    world.run("poll_oms", shop)
    for each, tracking in ((order, TRACKING), (other, OTHER_TRACKING)):
        world.channeladvisor.ship_by_hand(in_channeladvisor(world, each), "USPS", "Ground", tracking)
    world.run("poll_channeladvisor", shop)
    ship_from_oms(world, other, OTHER_TRACKING)
    world.reconnect(shop, shipping_mappings=[{"carrier": name, "code": "usps"} for name in ("USPS", "USPS Ground")])
    world.cycle(3)
    for each in (order, other):
        assert nothing_left_to_tell(world, shop, each)
        assert len(parcels_at_tiktok(world, each)) == len(parcels_in_channeladvisor(world, each)) == 1
