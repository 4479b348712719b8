"""Parcels that meet a buyer's request: which of the two TikTok Shop hears of first."""

from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.answers import decide_answer, decide_reject_not_offered
from order_sync.domain.ids import CancelId, ParcelId
from order_sync.domain.orders import LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.telling import decide_failed
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    TIMING,
    a_report,
    a_shop,
    answered,
    applied,
    claimed,
    entry_for,
    events_of,
    handed_over,
    minutes,
    parcel_reported,
    requested,
    settled,
    the_entry,
    the_request,
    told,
)

US, GB = a_shop(), a_shop(region="GB")


LATER = ASKED + timedelta(hours=2)


APPROVE, REJECT = Action.APPROVE_CANCEL_REQUEST, Action.REJECT_CANCEL_REQUEST


def answer(
    record: OrderRecord, answer: Answer, by: Decider = Decider.OMS, cancel: CancelId = CANCEL_ID
) -> Change | None:
    return decide_answer(record, cancel, answer, by, timing=TIMING, now=LATER)


def answer_entry(record: OrderRecord, action: Action) -> OutboxEntry:
    return the_entry(record, Target.TIKTOK_SHOP, action, CANCEL_ID)


def ship_entry(record: OrderRecord, target: Target = Target.TIKTOK_SHOP, parcel: str = "oms-S1") -> OutboxEntry:
    return the_entry(record, target, Action.SHIP, parcel)


def with_parcel(record: OrderRecord, shop: ShopSettings = US, **changes: Any) -> OrderRecord:
    return applied(record, parcel_reported(record, a_report(**changes), LATER, shop))


def test_a_parcel_with_requested_lines_is_a_rejection() -> None:
    record = with_parcel(requested())
    request = the_request(record)
    assert (request.answer, request.answered_by, request.answered_at) == (Answer.REJECT, Decider.OMS, LATER)
    assert request.answer_reason == "parcel 9400100000000000000000 has left"


def test_a_parcel_shipped_in_channeladvisor_is_the_seller_s_rejection() -> None:
    record = with_parcel(requested(), source=Source.CHANNELADVISOR)
    assert the_request(record).answered_by is Decider.SELLER


def test_in_the_us_the_rejection_waits_for_the_parcel_but_not_for_ever() -> None:
    record = with_parcel(requested())
    ship, reject = ship_entry(record), answer_entry(record, REJECT)
    assert (ship.waits_for, ship.due_at) == ("", LATER)
    assert (reject.waits_for, reject.due_at) == (ship.name, LATER + TIMING.confirmation)
    reject = answer_entry(told(record, Target.TIKTOK_SHOP, Action.SHIP, "oms-S1", at=LATER + minutes(1)), REJECT)
    assert (reject.waits_for, reject.due_at) == ("", LATER + minutes(1))


def test_in_the_us_a_parcel_that_tiktok_refuses_lets_the_rejection_go_at_once() -> None:
    record = with_parcel(requested())
    record = applied(record, decide_failed(record, ship_entry(record), LATER + minutes(1), reason="no such carrier"))
    reject = answer_entry(record, REJECT)
    assert (reject.state, reject.due_at, reject.waits_for) == (EntryState.WAITING, LATER + minutes(1), "")


def test_in_gb_the_parcel_waits_for_the_end_of_the_request_but_not_for_ever() -> None:
    record = with_parcel(requested(shop=GB), GB)
    ship, reject = ship_entry(record), answer_entry(record, REJECT)
    assert (reject.waits_for, reject.due_at) == ("", LATER)
    assert (ship.waits_for, ship.due_at) == (the_request(record).name, LATER + TIMING.confirmation)
    # ChannelAdvisor takes a parcel at any time.
    assert ship_entry(record, Target.CHANNELADVISOR).due_at == LATER
    ship = ship_entry(settled(record, "CLOSED", timedelta(hours=3), GB))
    assert (ship.waits_for, ship.due_at) == ("", ASKED + timedelta(hours=3, minutes=5))


def test_a_parcel_of_other_lines_answers_nothing() -> None:
    record = with_parcel(requested(line_ids=(LINE_1,)), line_ids=(LINE_2,))
    assert the_request(record).answer is None
    assert entry_for(record, Target.TIKTOK_SHOP, REJECT, CANCEL_ID) is None
    assert ship_entry(record).due_at == LATER


def test_a_parcel_after_an_approval_is_held_back_from_everyone_until_tiktok_has_decided() -> None:
    record = with_parcel(answered(requested()))
    assert the_request(record).answer is Answer.APPROVE
    for target in (Target.TIKTOK_SHOP, Target.CHANNELADVISOR):
        ship = ship_entry(record, target)
        assert (ship.waits_for, ship.due_at) == (the_request(record).name, None)


def test_a_parcel_that_was_held_back_is_told_when_the_request_closes_without_cancelling() -> None:
    record = settled(with_parcel(answered(requested())), "CLOSED", timedelta(hours=3))
    for target in (Target.TIKTOK_SHOP, Target.CHANNELADVISOR):
        ship = ship_entry(record, target)
        assert (ship.state, ship.waits_for, ship.due_at) == (
            EntryState.WAITING,
            "",
            ASKED + timedelta(hours=3, minutes=5),
        )


def test_a_parcel_after_a_rejection_that_was_told_is_told_at_once() -> None:
    record = told(answered(requested(), Answer.REJECT), Target.TIKTOK_SHOP, REJECT, CANCEL_ID, at=LATER)
    record = with_parcel(record)
    assert ship_entry(record).due_at == LATER
    assert answer_entry(record, REJECT).state is EntryState.DONE


@pytest.mark.parametrize(("shop", "first"), [(US, "parcel"), (GB, "rejection")])
def test_a_parcel_after_a_rejection_that_was_not_told_is_put_in_order_with_it(shop: ShopSettings, first: str) -> None:
    record = with_parcel(answered(requested(shop=shop), Answer.REJECT), shop)
    waiting = {"parcel": answer_entry(record, REJECT), "rejection": ship_entry(record)}[first]
    assert waiting.waits_for
    assert waiting.due_at == LATER + TIMING.confirmation


def test_a_rejection_on_its_way_to_tiktok_waits_for_no_parcel() -> None:
    record = claimed(answered(requested(), Answer.REJECT), Target.TIKTOK_SHOP, REJECT, CANCEL_ID)
    record = with_parcel(record)
    assert answer_entry(record, REJECT).waits_for == ""
    assert ship_entry(record).waits_for == ""


def test_a_parcel_that_nobody_was_told_of_is_put_before_the_rejection_when_the_request_is_seen() -> None:
    record = with_parcel(handed_over())
    record = requested(record)
    assert the_request(record).answered_by is Decider.OMS
    assert answer_entry(record, REJECT).waits_for == ship_entry(record).name


def test_a_parcel_at_tiktok_lets_the_rejection_go_at_once() -> None:
    record = told(with_parcel(handed_over()), Target.TIKTOK_SHOP, Action.SHIP, "oms-S1", at=LATER)
    reject = answer_entry(requested(record), REJECT)
    assert (reject.waits_for, reject.due_at) == ("", ASKED + minutes(5))


def test_a_refused_parcel_is_no_answer() -> None:
    record = requested(with_parcel(handed_over(), tracking_number=""))
    assert the_request(record).answer is None


def test_a_shop_whose_rejections_tiktok_does_not_take_needs_a_parcel_before_the_deadline() -> None:
    record = answered(requested(), Answer.REJECT)
    change = decide_reject_not_offered(record, answer_entry(record, REJECT), LATER)
    assert change is not None
    assert events_of(change) == [Event.TRACKING_DUE_FOR_REJECTION]
    assert change.timeline[0].detail["due"] == "2026-06-02T16:00:00+00:00"
    record = applied(record, change)
    request = the_request(record)
    assert request.rejected_by_shipping
    assert request.next_due == ASKED + timedelta(hours=12)
    assert answer_entry(record, REJECT).state is EntryState.WITHDRAWN
    assert the_entry(record, Target.OPERATOR, Action.NOTIFY, CANCEL_ID).revision == "tracking-due"


def test_a_rejection_that_is_not_offered_late_reminds_of_nothing_that_is_past() -> None:
    record = answered(requested(), Answer.REJECT, at=ASKED + timedelta(hours=21))
    change = decide_reject_not_offered(record, answer_entry(record, REJECT), ASKED + timedelta(hours=21))
    request = the_request(applied(record, change))
    assert (request.reminders, request.next_due) == (2, ASKED + timedelta(hours=23))


def test_the_parcel_that_a_rejection_needed_ends_its_reminders() -> None:
    record = answered(requested(), Answer.REJECT)
    record = applied(record, decide_reject_not_offered(record, answer_entry(record, REJECT), LATER))
    record = with_parcel(record)
    request = the_request(record)
    assert not request.rejected_by_shipping
    assert (request.answer, request.next_due) == (Answer.REJECT, LATER + TIMING.confirmation)
    assert ship_entry(record).due_at == LATER


def test_a_rejection_that_is_not_offered_for_a_closed_request_is_only_dropped() -> None:
    record = claimed(answered(requested(), Answer.REJECT), Target.TIKTOK_SHOP, REJECT, CANCEL_ID)
    record = settled(record, "CLOSED", timedelta(hours=3))
    change = decide_reject_not_offered(record, answer_entry(record, REJECT), LATER)
    assert change is not None
    assert (change.cancellations, change.timeline) == ((), ())
    assert [entry.state for entry in change.outbox] == [EntryState.WITHDRAWN]


def test_what_waited_for_a_rejection_that_is_not_offered_goes_on() -> None:
    record = with_parcel(requested())
    change = decide_reject_not_offered(record, answer_entry(record, REJECT), LATER)
    assert ship_entry(applied(record, change)).due_at == LATER


def test_two_parcels_of_a_requested_order_are_one_rejection() -> None:
    record = with_parcel(requested(), line_ids=(LINE_1,))
    record = with_parcel(record, id=ParcelId("oms-S2"), tracking_number="T2", line_ids=(LINE_2,))
    assert [line.state for line in record.order.lines] == [LineState.IN_PARCEL] * 2
    assert sum(entry.action is REJECT for entry in record.outbox) == 1
