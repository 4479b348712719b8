"""Parcels that are reported to us: which lines they hold, who is told, and which cannot be right."""

from dataclasses import replace
from typing import Any

import pytest

from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import Handling, LineState
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    a_report,
    applied,
    created,
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
from tests.unit.domain.shipping.reported_parcels import LATER, SKU, kept


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


def test_a_parcel_does_not_take_the_name_of_one_that_was_refused() -> None:
    record = kept(kept(handed_over(), a_report(tracking_number="")), a_report(id=ParcelId("oms-S2")))
    assert [(parcel.id, bool(parcel.refused)) for parcel in record.parcels] == [("oms-S1", True), ("oms-S2", False)]
