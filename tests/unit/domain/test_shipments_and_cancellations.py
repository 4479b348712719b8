"""Parcels of orders that are cancelled, in part or by request."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import LineState
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    a_report,
    a_wish,
    applied,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    requested,
    seen,
    some_facts,
    some_lines,
    the_entry,
    wished,
)

LATER = NOON + timedelta(hours=4)


SKU = "TEE-BLU-M"


def kept(record: OrderRecord, report: ReportedParcel | None = None) -> OrderRecord:
    return applied(record, parcel_reported(record, report or a_report(), LATER))


def test_an_echo_of_a_parcel_ends_no_news_about_a_cancellation_of_the_same_name() -> None:
    record = wished(kept(handed_over(), a_report(id=ParcelId("oms-17"), line_ids=(LINE_1,))), a_wish(id="oms-17"))
    record = kept(record, a_report(id=ParcelId("oms-17"), line_ids=(LINE_1,)))
    outcome = the_entry(record, Target.OMS, Action.SETTLE_SELLER_CANCELLATION, "oms-17")
    assert outcome.state is EntryState.WAITING


def with_one_cancelled_line() -> OrderRecord:
    one, two = some_lines()
    return seen(some_facts(seen_after=minutes(90), lines=(replace(one, canceled=True), two)), handed_over())


@pytest.mark.parametrize("changes", [{"line_ids": (LINE_1, LINE_2)}, {"units": ((SKU, 2),)}])
def test_a_parcel_with_a_cancelled_line_is_told_and_recovered(changes: dict[str, Any]) -> None:
    change = parcel_reported(with_one_cancelled_line(), a_report(**changes), LATER)
    assert change is not None
    (parcel,) = change.parcels
    assert (parcel.refused, set(parcel.line_ids)) == ("", {LINE_1, LINE_2})
    assert events_of(change) == [Event.PARCEL_REPORTED, Event.RECOVERY_NEEDED]
    assert {entry.action for entry in change.outbox} == {Action.SHIP, Action.RECOVER_PARCELS}
    assert [line.state for line in change.order.lines] == [LineState.CANCELED, LineState.IN_PARCEL]


def test_a_parcel_of_nothing_but_cancelled_lines_is_refused_and_recovered() -> None:
    change = parcel_reported(with_one_cancelled_line(), a_report(line_ids=(LINE_1,)), LATER)
    assert change is not None
    (parcel,) = change.parcels
    assert (parcel.refused, parcel.line_ids) == ("the order is CANCELED", (LINE_1,))
    assert events_of(change) == [Event.FAILED, Event.RECOVERY_NEEDED]
    assert {entry.action for entry in change.outbox} == {Action.RECOVER_PARCELS}


def test_fewer_units_than_the_order_had_leave_the_cancelled_ones_behind() -> None:
    change = parcel_reported(with_one_cancelled_line(), a_report(units=((SKU, 1),)), LATER)
    assert change is not None
    assert change.parcels[0].line_ids == (LINE_2,)
    assert events_of(change) == [Event.PARCEL_REPORTED]


def test_a_parcel_is_one_decision_with_the_answer_that_it_gives() -> None:
    change = parcel_reported(requested(), a_report(), LATER + minutes(30))
    assert change is not None
    assert events_of(change) == [Event.PARCEL_REPORTED, Event.CANCEL_REQUEST_ANSWERED]
    assert [request.answer for request in change.cancellations] == [Answer.REJECT]


def test_a_parcel_that_cannot_be_right_answers_no_request() -> None:
    change = parcel_reported(requested(), a_report(tracking_number=""), LATER + minutes(30))
    assert change is not None
    assert change.cancellations == ()
