"""Parcels that TikTok Shop has: ours, confirmed, or shipped by hand in Seller Center."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.facts import OrderFacts
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    TIMING,
    a_report,
    a_shop,
    applied,
    claimed,
    created,
    entry_for,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    released,
    seen,
    some_facts,
    some_lines,
    taken,
    the_entry,
    with_entry,
)

LATER = NOON + timedelta(hours=4)
OUR_TRACKING = a_report().tracking_number


def all_shipped(package_id: str = "P1", tracking_number: str = "T1", **changes: Any) -> OrderFacts:
    lines = some_lines(package_id=package_id, tracking_number=tracking_number, carrier="USPS")
    return some_facts("AWAITING_COLLECTION", seen_after=minutes(90), lines=lines, **changes)


def first_shipped(tracking_number: str = "T1") -> OrderFacts:
    one, two = some_lines()
    one = replace(one, shipped=True, package_id="P1", tracking_number=tracking_number, carrier="USPS")
    return some_facts("PARTIALLY_SHIPPING", seen_after=minutes(90), lines=(one, two))


def reported(record: OrderRecord, *lines: LineId) -> OrderRecord:
    return applied(record, parcel_reported(record, a_report(line_ids=lines), LATER))


def test_an_order_shipped_by_hand_before_the_hand_over_is_only_watched_from_then_on() -> None:
    change = decide_sighting(released(), all_shipped(), a_shop(), TIMING, LATER)
    assert change is not None
    assert (change.order.state, change.order.handling) == (OrderState.SHIPPED, Handling.WATCHED)
    assert {entry.state for entry in change.outbox} == {EntryState.WITHDRAWN}
    assert {entry.action for entry in change.outbox} == {Action.CREATE_ORDER}
    assert Event.HANDLING_CHANGED in events_of(change)


def test_an_order_shipped_by_hand_during_the_hold_waits_for_nothing_more() -> None:
    record = seen(all_shipped(), seen(some_facts("ON_HOLD"), at=NOON + minutes(1)))
    assert (record.order.state, record.order.handling) == (OrderState.SHIPPED, Handling.WATCHED)
    assert (record.order.release_due, record.outbox) == (None, ())


def test_a_failed_creation_is_withdrawn_when_the_order_was_shipped_by_hand() -> None:
    record = released(a_shop(oms={"adapter": "none"}))
    create = the_entry(record, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    record = seen(all_shipped(), with_entry(record, create, state=EntryState.FAILED, due_at=None))
    assert {entry.state for entry in record.outbox} == {EntryState.WITHDRAWN}


def test_a_parcel_shipped_by_hand_after_the_hand_over_is_told_to_the_other_two() -> None:
    change = decide_sighting(handed_over(), all_shipped(), a_shop(), TIMING, LATER)
    assert change is not None
    assert change.order.state is OrderState.SHIPPED
    assert events_of(change) == [Event.PARCEL_REPORTED, Event.STATUS_CHANGED]
    (parcel,) = change.parcels
    assert (parcel.id, parcel.source, parcel.carrier) == ("tiktok-P1", Source.TIKTOK_SHOP, "USPS")
    assert parcel.line_ids == (LINE_1, LINE_2)
    assert [(entry.target, entry.action, entry.subject, entry.due_at) for entry in change.outbox] == [
        (Target.CHANNELADVISOR, Action.SHIP, "tiktok-P1", LATER),
        (Target.OMS, Action.NOTE_PARCEL, "tiktok-P1", LATER),
    ]


def test_several_parcels_shipped_by_hand_are_several_parcels() -> None:
    one, two = some_lines()
    lines = (replace(one, package_id="P1", tracking_number="T1"), replace(two, package_id="P2", tracking_number="T2"))
    facts = some_facts("AWAITING_COLLECTION", seen_after=minutes(90), lines=lines)
    record = seen(facts, handed_over())
    assert {parcel.id: parcel.line_ids for parcel in record.parcels} == {
        "tiktok-P1": (LINE_1,),
        "tiktok-P2": (LINE_2,),
    }


def test_a_part_shipped_by_hand_leaves_the_rest_to_ship() -> None:
    record = seen(first_shipped(), handed_over())
    assert record.order.state is OrderState.PARTIALLY_SHIPPED
    assert [line.state for line in record.order.lines] == [LineState.SHIPPED, LineState.OPEN]
    record = reported(record)
    assert record.parcels[-1].line_ids == (LINE_2,)
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING


def test_an_order_shipped_by_hand_is_not_given_to_an_oms_that_does_not_have_it() -> None:
    record = seen(all_shipped(), created(released()))
    assert the_entry(record, Target.OMS, Action.CREATE_ORDER).state is EntryState.WITHDRAWN
    assert entry_for(record, Target.OMS, Action.NOTE_PARCEL) is None
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "tiktok-P1").state is EntryState.WAITING


def test_an_order_part_shipped_by_hand_is_still_given_to_the_oms_and_the_parcel_follows() -> None:
    record = seen(first_shipped(), created(released()))
    assert the_entry(record, Target.OMS, Action.CREATE_ORDER).state is EntryState.WAITING
    note = the_entry(record, Target.OMS, Action.NOTE_PARCEL, "tiktok-P1")
    assert (note.due_at, note.waits_for) == (None, "OMS#CREATE_ORDER#order#1")
    assert the_entry(taken(record, LATER), Target.OMS, Action.NOTE_PARCEL, "tiktok-P1").due_at == LATER


def test_a_parcel_shipped_by_hand_while_a_creation_is_under_way_follows_it() -> None:
    record = seen(all_shipped(), claimed(released(), Target.CHANNELADVISOR, Action.CREATE_ORDER))
    assert record.order.handling is Handling.OURS
    ship = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "tiktok-P1")
    assert (ship.due_at, ship.waits_for) == (None, "CHANNELADVISOR#CREATE_ORDER#order#1")


def test_a_parcel_of_ours_is_confirmed_and_not_told_again() -> None:
    record = reported(handed_over())
    change = decide_sighting(record, all_shipped(tracking_number=OUR_TRACKING), a_shop(), TIMING, LATER)
    assert change is not None
    assert change.order.state is OrderState.SHIPPED
    (parcel,) = change.parcels
    assert (parcel.id, parcel.package_id) == ("oms-S1", "P1")
    assert parcel.at_tiktok_since == all_shipped().updated_at
    assert [(entry.name, entry.state) for entry in change.outbox] == [("TIKTOK_SHOP#SHIP#oms-S1#1", EntryState.DONE)]
    assert Event.PARCEL_AT_TIKTOK in events_of(change)


def test_a_parcel_that_is_being_told_is_confirmed_by_its_own_run() -> None:
    record = claimed(reported(handed_over()), Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    record = seen(all_shipped(tracking_number=OUR_TRACKING), record, at=LATER)
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    assert entry.state is EntryState.SENDING
    change = decide_shipped_at_tiktok(record, entry, "P1", "", LATER)
    assert change is not None
    assert change.order.state is OrderState.SHIPPED
    assert applied(record, change).parcels[0].at_tiktok_since == all_shipped().updated_at


def test_a_parcel_whose_lines_left_in_another_one_is_not_told_to_tiktok() -> None:
    record = reported(handed_over())
    record = seen(all_shipped(), record, at=LATER)
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    assert (entry.state, entry.reason) == (EntryState.WITHDRAWN, "its lines were shipped in another parcel")
    assert [parcel.id for parcel in record.parcels] == ["oms-S1", "tiktok-P1"]
    # ChannelAdvisor hears of one parcel only: it has the lines already.
    assert entry_for(record, Target.CHANNELADVISOR, Action.SHIP, "tiktok-P1") is None


def test_a_parcel_that_lost_only_some_lines_to_another_one_is_left_to_a_person() -> None:
    record = seen(first_shipped(), reported(handed_over()), at=LATER)
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING


def test_a_package_of_our_number_that_lacks_a_line_is_left_to_a_person() -> None:
    record = seen(first_shipped(OUR_TRACKING), reported(handed_over()), at=LATER)
    assert [parcel.id for parcel in record.parcels] == ["oms-S1"]
    assert record.parcels[0].at_tiktok_since is not None
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING


def test_a_package_of_our_number_that_lacks_only_what_was_cancelled_is_confirmed() -> None:
    one, two = first_shipped(OUR_TRACKING).lines
    facts = replace(all_shipped(), lines=(one, replace(two, canceled=True)))
    record = seen(facts, reported(handed_over()), at=LATER)
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.DONE


def test_a_parcel_that_was_refused_confirms_nothing_when_it_is_shipped_by_hand() -> None:
    record = reported(handed_over(), LineId("999"))
    assert record.parcels[0].refused
    record = seen(all_shipped(tracking_number=OUR_TRACKING), record, at=LATER)
    assert [parcel.id for parcel in record.parcels] == ["oms-S1", "tiktok-P1"]
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "tiktok-P1").state is EntryState.WAITING


def test_lines_that_tiktok_shows_as_shipped_without_a_parcel_are_no_second_parcel() -> None:
    record = reported(handed_over())
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    record = applied(record, decide_shipped_at_tiktok(record, entry, "P1", "", LATER))
    change = decide_sighting(record, all_shipped(package_id="", tracking_number=""), a_shop(), TIMING, LATER)
    assert change is not None
    assert (change.parcels, change.outbox) == ((), ())
    assert events_of(change) == [Event.STATUS_CHANGED]


def test_a_tracking_number_that_tiktok_shows_later_is_told_when_it_is_shown() -> None:
    record = seen(all_shipped(package_id="", tracking_number=""), handed_over(), at=LATER)
    assert record.order.state is OrderState.SHIPPED
    assert record.parcels == ()
    record = seen(replace(all_shipped(), updated_at=LATER), record, at=LATER)
    assert [parcel.id for parcel in record.parcels] == ["tiktok-P1"]
    assert the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "tiktok-P1").state is EntryState.WAITING
    assert the_entry(record, Target.OMS, Action.NOTE_PARCEL, "tiktok-P1").state is EntryState.WAITING


def test_an_order_shipped_by_hand_without_a_tracking_number_is_not_handed_over() -> None:
    record = seen(all_shipped(package_id="", tracking_number=""), released(), at=LATER)
    assert record.order.handling is Handling.WATCHED
    assert {entry.state for entry in record.outbox} == {EntryState.WITHDRAWN}


def test_a_parcel_known_by_its_tracking_number_learns_its_package() -> None:
    record = seen(all_shipped(package_id=""), handed_over(), at=LATER)
    assert record.parcels[0].id == ParcelId("tiktok-T1")
    record = seen(replace(all_shipped(), updated_at=LATER), record, at=LATER)
    assert [(parcel.id, parcel.package_id) for parcel in record.parcels] == [("tiktok-T1", "P1")]


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
def test_a_parcel_of_an_order_that_is_not_ours_is_kept_and_told_to_nobody(handling: Handling) -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    record = replace(record, order=replace(record.order, handling=handling))
    record = seen(all_shipped(), record, at=LATER)
    assert record.order.state is OrderState.SHIPPED
    assert len(record.parcels) == 1
    assert record.outbox == ()


def test_a_repeated_sighting_of_a_parcel_shipped_by_hand_changes_nothing() -> None:
    record = seen(all_shipped(), handed_over(), at=LATER)
    again = replace(all_shipped(), updated_at=LATER)
    change = decide_sighting(record, again, a_shop(), TIMING, LATER)
    assert change is not None
    assert (change.timeline, change.parcels, change.outbox) == ((), (), ())
