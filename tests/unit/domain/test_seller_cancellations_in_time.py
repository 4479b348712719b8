"""A seller's cancellation and what comes after it: the buyer's request, TikTok's refusal, a parcel."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.by_seller import decide_refused_by_tiktok
from order_sync.domain.cancelling.cancellations import SellerCancellation, SellerCancelState
from order_sync.domain.ids import LineId, ParcelId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    TIMING,
    a_report,
    a_wish,
    answered,
    applied,
    claimed,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    requested,
    seen,
    settled,
    some_facts,
    some_lines,
    the_entry,
    the_request,
    wished,
)

NOW = ASKED + minutes(10)


LATER = ASKED + timedelta(hours=1)


def the_wish(record: OrderRecord, wish: str = "oms-17") -> SellerCancellation:
    found = record.seller_cancellation(wish)
    assert found is not None
    return found


def telling(record: OrderRecord) -> OutboxEntry:
    return the_entry(record, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17")


def with_parcel(record: OrderRecord, **changes: Any) -> OrderRecord:
    return applied(record, parcel_reported(record, a_report(**changes), LATER))


@pytest.mark.parametrize("wanted", [(), (LINE_1,)])
def test_a_seller_who_cancels_what_the_buyer_asked_for_approves(wanted: tuple[LineId, ...]) -> None:
    record = wished(requested(line_ids=(LINE_1,)), a_wish(line_ids=wanted))
    request = the_request(record)
    assert (request.answer, request.answered_by) == (Answer.APPROVE, Decider.OMS)
    assert request.answer_reason == "the seller has cancelled as well"
    assert (telling(record).waits_for, telling(record).due_at) == (request.name, NOW + TIMING.confirmation)
    assert the_entry(record, Target.TIKTOK_SHOP, Action.APPROVE_CANCEL_REQUEST, CANCEL_ID).due_at == NOW
    freed = settled(record, "CLOSED", timedelta(hours=2))
    assert (telling(freed).waits_for, telling(freed).due_at) == ("", ASKED + timedelta(hours=2, minutes=5))


def test_a_seller_who_cancels_other_lines_answers_nothing() -> None:
    record = wished(requested(line_ids=(LINE_1,)), a_wish(line_ids=(LINE_2,)))
    assert the_request(record).answer is None
    assert (telling(record).waits_for, telling(record).due_at) == ("", NOW)


def test_a_seller_s_cancellation_never_changes_an_answer() -> None:
    record = wished(answered(requested(), Answer.REJECT, at=ASKED + minutes(7)))
    assert the_request(record).answer is Answer.REJECT
    assert the_wish(record).is_open


def test_what_tiktok_refuses_has_failed_and_its_sender_is_told() -> None:
    record = wished(handed_over())
    change = decide_refused_by_tiktok(record, telling(record), LATER, reason="25001046 risk control")
    assert change is not None
    assert events_of(change) == [Event.FAILED, Event.SELLER_CANCELLATION_REFUSED]
    record = applied(record, change)
    assert (telling(record).state, telling(record).reason) == (EntryState.FAILED, "25001046 risk control")
    assert (the_wish(record).state, the_wish(record).detail) == (SellerCancelState.REFUSED, "25001046 risk control")
    assert the_entry(record, Target.OMS, Action.SETTLE_SELLER_CANCELLATION, "oms-17").due_at == LATER


@pytest.mark.parametrize("source", [Source.OMS, Source.CHANNELADVISOR])
def test_a_refusal_tells_its_sender_of_the_lines_that_are_cancelled_all_the_same(source: Source) -> None:
    record = wished(handed_over(), a_wish(source=source))
    one, two = some_lines()
    facts = some_facts(seen_after=timedelta(hours=5), lines=(replace(one, canceled=True), two))
    record = seen(facts, record, at=LATER)
    record = applied(record, decide_refused_by_tiktok(record, telling(record), LATER, reason="25001045"))
    assert the_entry(record, Target(source.value), Action.CANCEL_LINE, LINE_1).state is EntryState.WAITING


def test_what_is_accepted_already_cannot_be_refused_any_more() -> None:
    record = claimed(wished(handed_over()), Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17")
    record = seen(some_facts("CANCELLED", seen_after=timedelta(hours=5)), record, at=LATER)
    change = decide_refused_by_tiktok(record, telling(record), LATER, reason="25001051")
    assert change is not None
    assert change.seller_cancellations == ()


@pytest.mark.parametrize("wanted", [(), (LINE_1,)])
def test_a_parcel_that_left_before_tiktok_was_told_wins(wanted: tuple[LineId, ...]) -> None:
    record = with_parcel(wished(handed_over(), a_wish(line_ids=wanted)), line_ids=(LINE_1,))
    assert the_wish(record).state is SellerCancelState.REFUSED
    assert the_wish(record).detail == "parcel 9400100000000000000000 left before TikTok Shop had cancelled"
    assert telling(record).state is EntryState.WITHDRAWN
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").due_at == LATER


def test_a_parcel_of_other_lines_leaves_a_cancellation_alone() -> None:
    record = with_parcel(wished(handed_over(), a_wish(line_ids=(LINE_1,))), line_ids=(LINE_2,))
    assert the_wish(record).is_open
    assert telling(record).state is EntryState.WAITING


def test_a_parcel_waits_for_a_cancellation_on_its_way_to_tiktok_but_not_for_ever() -> None:
    record = claimed(wished(handed_over()), Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17")
    record = with_parcel(record)
    assert the_wish(record).is_open
    for target in (Target.TIKTOK_SHOP, Target.CHANNELADVISOR):
        ship = the_entry(record, target, Action.SHIP, "oms-S1")
        assert (ship.waits_for, ship.due_at) == (telling(record).name, LATER + TIMING.confirmation)
    refused = applied(record, decide_refused_by_tiktok(record, telling(record), LATER, reason="25001045"))
    assert the_entry(refused, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").due_at is not None


def test_a_cancellation_that_is_refused_leaves_the_rest_to_be_shipped() -> None:
    record = wished(handed_over(), a_wish(line_ids=(LineId("9"),)))
    record = with_parcel(record)
    assert [line.state for line in record.order.lines] == [LineState.IN_PARCEL] * 2
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1").due_at == LATER
    assert record.parcel(ParcelId("oms-S1")) is not None
