"""Telling of parcels: who hears of one, what TikTok Shop confirmed, and a second look at what it doubts."""

import pytest

from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.telling import decide_checked, decide_shipped_at_tiktok
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    NOON,
    TIMING,
    a_report,
    a_shop,
    a_shop_without_oms,
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
    the_entry,
)
from tests.unit.domain.shipping.reported_parcels import LATER, kept


def at_tiktok(record: OrderRecord, parcel: str, package: str = "P1", warning: str = "") -> OrderRecord:
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, parcel)
    return applied(record, decide_shipped_at_tiktok(record, entry, package, warning, LATER))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Source.OMS, {(Target.TIKTOK_SHOP, Action.SHIP), (Target.CHANNELADVISOR, Action.SHIP)}),
        (Source.CHANNELADVISOR, {(Target.TIKTOK_SHOP, Action.SHIP), (Target.OMS, Action.NOTE_PARCEL)}),
    ],
)
def test_everyone_but_the_reporter_is_told(source: Source, told: set[tuple[Target, Action]]) -> None:
    change = parcel_reported(handed_over(), a_report(source=source), LATER)
    assert change is not None
    assert {(entry.target, entry.action) for entry in change.outbox} == told
    assert all(entry.due_at == LATER and entry.subject == "oms-S1" for entry in change.outbox)
    assert events_of(change) == [Event.PARCEL_REPORTED]


def test_a_shop_without_an_oms_has_none_to_tell() -> None:
    record = kept(created(released(a_shop_without_oms())), a_report(source=Source.CHANNELADVISOR))
    assert entry_for(record, Target.OMS, Action.NOTE_PARCEL, "oms-S1") is None


def test_a_parcel_never_waits_for_channeladvisor_on_its_way_to_tiktok() -> None:
    record = kept(claimed(released(), Target.CHANNELADVISOR, Action.CREATE_ORDER))
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").due_at == LATER
    waiting = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    assert (waiting.due_at, waiting.waits_for) == (None, "CHANNELADVISOR#CREATE_ORDER#order#1")


def test_an_order_is_shipped_when_tiktok_has_all_of_its_lines() -> None:
    record = kept(handed_over(), a_report(line_ids=(LINE_1,)))
    assert record.order.state is OrderState.ACKNOWLEDGED_BY_SELLER
    record = at_tiktok(record, "oms-S1")
    assert record.order.state is OrderState.PARTIALLY_SHIPPED
    record = kept(record, a_report(id=ParcelId("oms-S2"), tracking_number="T2"))
    assert record.order.state is OrderState.PARTIALLY_SHIPPED
    record = at_tiktok(record, "oms-S2", "P2")
    assert record.order.state is OrderState.SHIPPED
    assert [parcel.package_id for parcel in record.parcels] == ["P1", "P2"]


def test_a_warning_of_tiktok_is_kept_with_the_parcel_and_on_the_timeline() -> None:
    record = kept(handed_over())
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    change = decide_shipped_at_tiktok(record, entry, "P1", "tracking number not recognised", LATER)
    assert change is not None
    assert change.parcels[0].warning == "tracking number not recognised"
    (fact,) = change.timeline
    assert (fact.event, fact.detail["warning"]) == (Event.PARCEL_AT_TIKTOK, "tracking number not recognised")


def test_the_buyer_s_shipment_notice_is_recorded_once_in_a_parcel_s_life() -> None:
    record = kept(handed_over())
    change = decide_shipped_at_tiktok(
        record, the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1"), "P1", "", LATER
    )
    assert change is not None
    lines = some_lines(package_id="P1", tracking_number=a_report().tracking_number)
    facts = some_facts("IN_TRANSIT", seen_after=LATER - NOON, lines=lines, collected_at=LATER)
    collected = decide_sighting(applied(record, change), facts, a_shop(), TIMING, LATER)
    assert collected is not None
    notices = [fact.detail.get("buyer_notice") for fact in (*change.timeline, *collected.timeline)]
    assert notices.count("shipment notice") == 1


def test_a_cancellation_that_came_while_the_parcel_was_told_stays() -> None:
    record = claimed(kept(handed_over()), Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    record = seen(some_facts("CANCELLED", seen_after=minutes(100)), record)
    record = at_tiktok(record, "oms-S1")
    assert record.order.state is OrderState.CANCELED
    assert {line.state for line in record.order.lines} == {LineState.CANCELED}
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.DONE


# --- a second look


def with_a_warning() -> OrderRecord:
    return at_tiktok(kept(handed_over()), "oms-S1", warning="tracking number not recognised")


def test_a_parcel_that_tiktok_doubts_is_looked_at_again_after_a_rest() -> None:
    look = the_entry(with_a_warning(), Target.TIKTOK_SHOP, Action.CHECK_PARCEL, "oms-S1")
    assert (look.state, look.due_at) == (EntryState.WAITING, LATER + minutes(5))


def test_a_parcel_that_tiktok_does_not_doubt_is_not_looked_at_again() -> None:
    record = at_tiktok(kept(handed_over()), "oms-S1")
    assert entry_for(record, Target.TIKTOK_SHOP, Action.CHECK_PARCEL, "oms-S1") is None


def test_what_the_second_look_saw_stands_on_the_timeline_once() -> None:
    record = with_a_warning()
    look = the_entry(record, Target.TIKTOK_SHOP, Action.CHECK_PARCEL, "oms-S1")
    change = decide_checked(record, look, "USPS", LATER + minutes(15))
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.source) == (Event.PARCEL_CHECKED, Source.TIKTOK_SHOP)
    assert fact.detail == {
        "parcel": "oms-S1",
        "tracking_number": a_report().tracking_number,
        "carrier": "USPS",
        "warning": "tracking number not recognised",
    }
    assert [(entry.name, entry.state) for entry in change.outbox] == [(look.name, EntryState.DONE)]
    assert change.parcels == ()


def test_our_own_doubts_stand_beside_tiktok_s_on_the_timeline() -> None:
    record = kept(handed_over())
    ship = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
    change = decide_shipped_at_tiktok(record, ship, "P1", "", LATER, doubts="carrier 'usps' is restricted")
    assert change is not None
    assert change.timeline[0].detail["doubts"] == "carrier 'usps' is restricted"
    assert change.parcels[0].warning == ""
