"""Parcels that are reported to us: which lines they hold, who is told, and which cannot be right."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipments import ReportedParcel, decide_shipped_at_tiktok
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.statuses import OrderState
from order_sync.domain.telling import decide_told
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
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

LATER = NOON + timedelta(hours=4)


SKU = "TEE-BLU-M"


def kept(record: OrderRecord, report: ReportedParcel | None = None) -> OrderRecord:
    return applied(record, parcel_reported(record, report or a_report(), LATER))


def at_tiktok(record: OrderRecord, parcel: str, package: str = "P1", warning: str = "") -> OrderRecord:
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, parcel)
    return applied(record, decide_shipped_at_tiktok(record, entry, package, warning, LATER))


def test_a_parcel_without_lines_or_units_holds_all_that_is_open() -> None:
    record = kept(handed_over())
    assert record.parcels[0].line_ids == (LINE_1, LINE_2)
    assert {line.state for line in record.order.lines} == {LineState.IN_PARCEL}


def test_a_parcel_holds_the_lines_that_it_names_each_once() -> None:
    record = kept(handed_over(), a_report(line_ids=(LINE_2, LINE_2)))
    assert record.parcels[0].line_ids == (LINE_2,)
    assert [line.state for line in record.order.lines] == [LineState.OPEN, LineState.IN_PARCEL]


def test_units_of_one_sku_are_shared_out_over_parcels() -> None:
    record = kept(handed_over(), a_report(units=((SKU, 1),)))
    record = kept(record, a_report(id=ParcelId("oms-S2"), tracking_number="T2", units=((SKU, 1),)))
    assert [parcel.line_ids for parcel in record.parcels] == [(LINE_1,), (LINE_2,)]


def test_units_of_several_skus_find_their_own_lines() -> None:
    one, two = some_lines()
    record = released(lines=(one, replace(two, sku="CAP-RED")))
    record = kept(created(record), a_report(units=(("CAP-RED", 1),)))
    assert record.parcels[0].line_ids == (LINE_2,)


def test_units_that_are_named_twice_add_up() -> None:
    record = kept(handed_over(), a_report(units=((SKU, 1), (SKU, 1))))
    assert record.parcels[0].line_ids == (LINE_1, LINE_2)


def test_a_cancelled_line_is_in_no_parcel() -> None:
    one, two = some_lines()
    facts = some_facts(seen_after=minutes(90), lines=(replace(one, canceled=True), two))
    assert kept(seen(facts, handed_over())).parcels[0].line_ids == (LINE_2,)


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


@pytest.mark.parametrize(
    "echo",
    [
        a_report(),
        a_report(source=Source.CHANNELADVISOR),
        a_report(source=Source.CHANNELADVISOR, id=ParcelId("channeladvisor-5"), units=((SKU, 2),)),
    ],
)
def test_an_echo_changes_nothing(echo: ReportedParcel) -> None:
    record = kept(handed_over())
    told = applied(record, decide_told(record, the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1"), LATER))
    assert parcel_reported(told, echo, LATER) is None


def test_a_parcel_whose_tracking_number_changed_is_kept_beside_the_first_and_told_to_nobody() -> None:
    record = kept(handed_over())
    corrected = a_report(tracking_number="T2")
    change = parcel_reported(record, corrected, LATER)
    assert change is not None
    (parcel,) = change.parcels
    assert parcel.id == "oms-S1@T2"
    assert parcel.refused == "parcel oms-S1 was reported before with '9400100000000000000000'"
    assert (events_of(change), change.outbox) == ([Event.FAILED], ())
    assert parcel_reported(applied(record, change), corrected, LATER) is None


def on_hold() -> OrderRecord:
    return seen(some_facts("ON_HOLD"), at=NOON + minutes(1))


def watched() -> OrderRecord:
    record = released()
    return replace(
        record, order=replace(record.order, handling=Handling.WATCHED, handling_reason="placed before go-live")
    )


def shipped() -> OrderRecord:
    facts = some_facts("AWAITING_COLLECTION", seen_after=minutes(90), lines=some_lines(tracking_number="T1"))
    return seen(facts, handed_over())


@pytest.mark.parametrize(
    ("record", "changes", "reason"),
    [
        (handed_over(), {"tracking_number": ""}, "the parcel has no tracking number"),
        (handed_over(), {"tracking_number": "  "}, "the parcel has no tracking number"),
        (handed_over(), {"line_ids": (LINE_1, LineId("9"))}, "lines 9 are not open lines of this order"),
        (handed_over(), {"units": ((SKU, 3),)}, "more units than are open in this order: 1 of 'TEE-BLU-M'"),
        (handed_over(), {"units": (("CAP", 1),)}, "more units than are open in this order: 1 of 'CAP'"),
        (handed_over(), {"units": ((SKU, 0),)}, "0 of 'TEE-BLU-M' is no number of units"),
        (handed_over(), {"units": ((SKU, 2), (SKU, -1))}, "-1 of 'TEE-BLU-M' is no number of units"),
        (on_hold(), {}, "the order is PENDING"),
        (watched(), {}, "the order is not ours to ship: placed before go-live"),
        (shipped(), {}, "no line of this order is open"),
        (shipped(), {"line_ids": (LINE_1,)}, f"lines {LINE_1} are not open lines of this order"),
    ],
)
def test_a_parcel_that_cannot_be_right_is_kept_once_with_the_reason(
    record: OrderRecord, changes: dict[str, Any], reason: str
) -> None:
    report = a_report(**changes)
    change = parcel_reported(record, report, LATER)
    assert change is not None
    (parcel,) = change.parcels
    assert (parcel.id, parcel.refused, parcel.line_ids) == ("oms-S1", reason, ())
    assert (change.order, change.outbox) == (record.order, ())
    assert events_of(change) == [Event.FAILED]
    again = applied(record, change)
    for _ in range(2):
        assert parcel_reported(again, report, LATER) is None


@pytest.mark.parametrize("wrong", [{"tracking_number": ""}, {"line_ids": (LineId("9"),)}])
def test_a_refused_parcel_that_is_reported_again_in_order_is_accepted(wrong: dict[str, Any]) -> None:
    record = kept(kept(handed_over(), a_report(**wrong)))
    (parcel,) = record.parcels
    assert (parcel.refused, parcel.line_ids) == ("", (LINE_1, LINE_2))
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING


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


def test_who_reports_a_parcel_that_we_know_from_elsewhere_is_not_told_of_it() -> None:
    record = kept(handed_over())
    by_hand = a_report(id=ParcelId("channeladvisor-88"), source=Source.CHANNELADVISOR, units=((SKU, 2),))
    change = parcel_reported(record, by_hand, LATER)
    assert change is not None
    assert events_of(change) == [Event.NOT_TOLD]
    told = applied(record, change)
    assert the_entry(told, Target.CHANNELADVISOR, Action.SHIP, "oms-S1").state is EntryState.DONE
    assert the_entry(told, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").state is EntryState.WAITING
    assert parcel_reported(told, by_hand, LATER) is None


def test_who_knows_only_a_part_of_a_parcel_is_told_of_it() -> None:
    part = a_report(id=ParcelId("channeladvisor-88"), source=Source.CHANNELADVISOR, units=((SKU, 1),))
    assert parcel_reported(kept(handed_over()), part, LATER) is None
