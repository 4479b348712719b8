"""What becomes of a buyer's request to cancel, and of the order, word for word."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from order_sync.domain.answering.answers import Answer
from order_sync.domain.cancelling.answers import decide_reject_not_offered
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.cancelling.origins import origin_of
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.hand_over import decide_created
from order_sync.domain.ids import CancelId, LineId, ParcelId
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_failed
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    TIMING,
    a_report,
    a_shop,
    a_wish,
    answered,
    applied,
    cancel_facts,
    claimed,
    created,
    handed_over,
    minutes,
    parcel_reported,
    released,
    requested,
    some_facts,
    some_lines,
    the_entry,
    told,
    wished,
)
from tests.unit.domain.in_words import in_words

SHOP = a_shop()
US, GB = SHOP, a_shop(region="GB")
LEAVES = a_shop(cancellations={"without_answer": "leave_to_tiktok"})
APPROVAL = (Target.TIKTOK_SHOP, Action.APPROVE_CANCEL_REQUEST, CANCEL_ID)
REJECTION = (Target.TIKTOK_SHOP, Action.REJECT_CANCEL_REQUEST, CANCEL_ID)
CREATE = (Target.CHANNELADVISOR, Action.CREATE_ORDER)
SHIP = (Target.TIKTOK_SHOP, Action.SHIP, "oms-S1")
OMS_LINE = (Target.OMS, Action.CANCEL_LINE, LINE_1)


def after(hours: float) -> datetime:
    return ASKED + timedelta(hours=hours)


def seen_as(record: OrderRecord, status: str = "PENDING", hours: float = 0, **changes: Any) -> Change | None:
    """What it decides that TikTok Shop shows the request so, looked at a minute after."""
    facts = cancel_facts(status, seen_after=timedelta(hours=hours), **({"reason": "no need"} | changes))
    return decide_cancellation_sighting(record, facts, SHOP, TIMING, facts.updated_at + minutes(1))


def shipped(record: OrderRecord, hours: float = 1, **changes: Any) -> OrderRecord:
    """The record after the OMS has reported a parcel."""
    return applied(record, parcel_reported(record, a_report(**changes), after(hours), SHOP))


def canceled_at_tiktok(record: OrderRecord, hours: float, lines: tuple[str, ...] = (LINE_1, LINE_2)) -> Change | None:
    """What it decides that TikTok Shop shows lines of the order as cancelled."""
    shown = tuple(replace(line, canceled=line.id in lines) for line in some_lines())
    status = "CANCELLED" if len(lines) == len(shown) else "AWAITING_SHIPMENT"
    facts = some_facts(status, seen_after=timedelta(hours=4 + hours), lines=shown, canceled_by="SELLER")
    return decide_sighting(record, facts, SHOP, TIMING, after(hours) + minutes(1))


def closed_beside_a_parcel(minutes_before: float, shop: ShopSettings = US) -> Change | None:
    """What it decides that a request is closed so long before another parcel is at TikTok Shop."""
    record = shipped(requested(line_ids=(LINE_1,)), 1, line_ids=(LINE_2,))
    at = after(2) + minutes(minutes_before)
    record = applied(record, decide_shipped_at_tiktok(record, the_entry(record, *SHIP), "P1", "", at))
    facts = cancel_facts("CLOSED", seen_after=timedelta(hours=2), line_ids=(LINE_1,))
    return decide_cancellation_sighting(record, facts, shop, TIMING, after(3))


def test_a_request_that_is_closed_is_told_to_whom_it_was_put() -> None:
    record = told(requested(), Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID, at=after(0.1))
    assert in_words(seen_as(requested(), "CLOSED", 1), requested()) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 17:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        (
            "Cancellation the-request: updated_at 06-01 17:00:00, next_due None, outcome WITHDRAWN, "
            "decided_by BUYER, closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(seen_as(record, "CLOSED", 1), record) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 17:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS SETTLE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 17:01:00",
        (
            "Cancellation the-request: updated_at 06-01 17:00:00, next_due None, outcome WITHDRAWN, "
            "decided_by BUYER, closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(seen_as(record, "GRANTED", 1), record) == [
        "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=BUYER",
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 17:00:00: cancel_request=the-request, "
            'outcome=APPROVED, by=SELLER, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "OMS SETTLE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: updated_at 06-01 17:00:00, next_due None, outcome APPROVED, decided_by"
            " SELLER, closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(seen_as(record, "GRANTED", 24), record) == [
        "CANCELED by TIKTOK_SHOP at 06-02 16:00:00: initiator=BUYER",
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-02 16:00:00: cancel_request=the-request, "
            'outcome=APPROVED_AUTOMATICALLY, by=PLATFORM, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-02 16:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-02 16:01:00",
        "OMS SETTLE_CANCEL_REQUEST the-request 1: WAITING, due 06-02 16:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: updated_at 06-02 16:00:00, next_due None, outcome "
            "APPROVED_AUTOMATICALLY, decided_by PLATFORM, closed_at 06-02 16:00:00"
        ),
    ]


def test_an_outcome_against_the_answer_says_so() -> None:
    approved = told(answered(requested()), *APPROVAL, at=after(1.1))
    rejected = told(answered(requested(), Answer.REJECT), *REJECTION, at=after(1.1))
    assert in_words(seen_as(approved, "GRANTED", 2), approved) == [
        "CANCELED by TIKTOK_SHOP at 06-01 18:00:00: initiator=BUYER",
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            'outcome=APPROVED, by=OMS, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 18:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-01 18:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome APPROVED, decided_by"
            " OMS, closed_at 06-01 18:00:00"
        ),
    ]
    assert in_words(seen_as(approved, "CLOSED", 2), approved) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome WITHDRAWN, "
            "decided_by BUYER, closed_at 06-01 18:00:00"
        ),
    ]
    assert in_words(seen_as(rejected, "CLOSED", 2), rejected) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            'outcome=REJECTED, by=OMS, buyer_notice="order cancelation rejected" e-mail'
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome REJECTED, decided_by"
            " OMS, closed_at 06-01 18:00:00"
        ),
    ]
    assert in_words(seen_as(rejected, "GRANTED", 2), rejected) == [
        "CANCELED by TIKTOK_SHOP at 06-01 18:00:00: initiator=BUYER",
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            'outcome=APPROVED, by=SELLER, overruled=REJECT, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 18:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-01 18:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome APPROVED, decided_by"
            " SELLER, closed_at 06-01 18:00:00"
        ),
    ]
    assert in_words(seen_as(answered(requested()), "CLOSED", 2), answered(requested())) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop shows the request as WITHDRAWN",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome WITHDRAWN, "
            "decided_by BUYER, closed_at 06-01 18:00:00"
        ),
    ]
    assert in_words(seen_as(answered(requested()), "GRANTED", 24), answered(requested())) == [
        "CANCELED by TIKTOK_SHOP at 06-02 16:00:00: initiator=BUYER",
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-02 16:00:00: cancel_request=the-request, "
            'outcome=APPROVED_AUTOMATICALLY, by=PLATFORM, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the order was cancelled",
        (
            "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop shows the request as "
            "APPROVED_AUTOMATICALLY"
        ),
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-02 16:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-02 16:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: updated_at 06-02 16:00:00, next_due None, outcome "
            "APPROVED_AUTOMATICALLY, decided_by PLATFORM, closed_at 06-02 16:00:00"
        ),
    ]


def test_a_parcel_after_an_approval_waits_for_the_end_of_the_request() -> None:
    record = shipped(answered(requested()), 1.2)
    assert in_words(parcel_reported(answered(requested()), a_report(), after(1.2), SHOP), answered(requested())) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, after CANCEL_REQUEST#the-request",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, after CANCEL_REQUEST#the-request",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
    ]
    assert in_words(seen_as(record, "CLOSED", 2), record) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop shows the request as WITHDRAWN",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:01:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:01:00",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome WITHDRAWN, "
            "decided_by BUYER, closed_at 06-01 18:00:00"
        ),
    ]
    assert in_words(seen_as(record, "GRANTED", 2), record) == [
        "CANCELED by TIKTOK_SHOP at 06-01 18:00:00: initiator=BUYER",
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000",
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            'outcome=APPROVED, by=OMS, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop shows the request as APPROVED",
        "TIKTOK_SHOP SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 18:01:00",
        "OMS RECOVER_PARCELS order recovery-1: WAITING, due 06-01 18:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome APPROVED, decided_by"
            " OMS, closed_at 06-01 18:00:00"
        ),
    ]


def test_a_parcel_after_the_deadline_waits_for_tiktok_s_word() -> None:
    record = requested(respond_by=after(1))
    assert in_words(parcel_reported(record, a_report(), after(1.2), SHOP), record) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 17:42:00, after CANCEL_REQUEST#the-request",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 17:42:00, after CANCEL_REQUEST#the-request",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
    ]


def test_a_parcel_rejects_a_request() -> None:
    record = requested()
    assert in_words(parcel_reported(record, a_report(), after(1), SHOP), record) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=REJECT, by=OMS, reason=parcel"
            " 9400100000000000000000 has left"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 17:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 17:00:00",
        (
            "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-01 17:30:00, after "
            "TIKTOK_SHOP#SHIP#oms-S1#1"
        ),
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
        (
            "Cancellation the-request: next_due 06-01 17:30:00, answer REJECT, answered_by OMS, answered_at "
            "06-01 17:00:00, answer_reason parcel 9400100000000000000000 has left, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(parcel_reported(record, a_report(), after(1), GB), record) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=REJECT, by=OMS, reason=parcel"
            " 9400100000000000000000 has left"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 17:30:00, after CANCEL_REQUEST#the-request",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 17:00:00",
        "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-01 17:00:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
        (
            "Cancellation the-request: next_due 06-01 17:30:00, answer REJECT, answered_by OMS, answered_at "
            "06-01 17:00:00, answer_reason parcel 9400100000000000000000 has left, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(parcel_reported(record, a_report(line_ids=(LINE_1,)), after(23.8), SHOP), record) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=REJECT, by=OMS, reason=parcel"
            " 9400100000000000000000 has left"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-02 15:48:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-02 15:48:00",
        (
            "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-02 15:15:00, after "
            "TIKTOK_SHOP#SHIP#oms-S1#1"
        ),
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1"
        ),
        (
            "Cancellation the-request: next_due 06-02 16:00:00, answer REJECT, answered_by OMS, answered_at "
            "06-02 15:48:00, answer_reason parcel 9400100000000000000000 has left, confirm_by 06-02 16:00:00"
        ),
    ]


def test_a_parcel_is_the_rejection_that_tiktok_did_not_offer() -> None:
    record = answered(requested(), Answer.REJECT)
    record = applied(record, decide_reject_not_offered(record, the_entry(record, *REJECTION), after(1.5)))
    shipping = shipped(record, 2)
    assert in_words(parcel_reported(record, a_report(), after(2), SHOP), record) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
        "Cancellation the-request: next_due 06-01 18:30:00, rejected_by_shipping False, confirm_by 06-01 18:30:00",
    ]
    assert in_words(parcel_reported(record, a_report(), after(23.9), SHOP), record) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-02 15:54:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-02 15:54:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
        "Cancellation the-request: next_due 06-02 16:00:00, rejected_by_shipping False, confirm_by 06-02 16:00:00",
    ]
    assert in_words(
        decide_failed(claimed(shipping, *SHIP), the_entry(claimed(shipping, *SHIP), *SHIP), after(13), reason="no"),
        shipping,
    ) == [
        "FAILED by TIKTOK_SHOP: target=TIKTOK_SHOP, told=SHIP, subject=oms-S1, reason=no",
        "TIKTOK_SHOP SHIP oms-S1 1: FAILED, attempts 1, failed 06-02 05:00:00, no",
        "OPERATOR NOTIFY the-request tracking-due-oms-S1: WAITING, due 06-02 05:00:00",
        "Cancellation the-request: next_due 06-02 12:00:00, reminders 1, rejected_by_shipping True",
    ]


def test_a_parcel_that_fails_lets_the_rejection_go_without_it() -> None:
    record = claimed(shipped(requested()), *SHIP)
    assert in_words(decide_failed(record, the_entry(record, *SHIP), after(2), reason="no such carrier"), record) == [
        "FAILED by TIKTOK_SHOP: target=TIKTOK_SHOP, told=SHIP, subject=oms-S1, reason=no such carrier",
        "TIKTOK_SHOP SHIP oms-S1 1: FAILED, attempts 1, failed 06-01 18:00:00, no such carrier",
        "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-01 18:00:00",
    ]


def test_a_request_may_be_overtaken_by_a_cancellation_of_the_seller_or_of_tiktok() -> None:
    record = requested()
    wish = wished(record, a_wish(id="oms-3", line_ids=(LINE_1, LINE_2)), at=after(1))
    by_seller = applied(wish, canceled_at_tiktok(wish, 2))
    by_order = applied(record, canceled_at_tiktok(record, 2))
    assert in_words(canceled_at_tiktok(wish, 2), wish) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 18:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=oms-3",
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-3 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 18:01:00",
        "OMS SETTLE_SELLER_CANCELLATION oms-3 1: WAITING, due 06-01 18:01:00",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 18:00:00, canceled_by SELLER",
        "SellerCancellation oms-3: state ACCEPTED, confirm_by None",
    ]
    assert in_words(seen_as(by_seller, "CLOSED", 3), by_seller) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 19:00:00: cancel_request=the-request, "
            "outcome=OVERTAKEN, by=SELLER"
        ),
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop shows the request as OVERTAKEN",
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, next_due None, outcome OVERTAKEN, "
            "decided_by SELLER, closed_at 06-01 19:00:00"
        ),
    ]
    assert in_words(seen_as(by_order, "CLOSED", 3), by_order) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 19:00:00: cancel_request=the-request, "
            "outcome=OVERTAKEN, by=SELLER"
        ),
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, next_due None, outcome OVERTAKEN, "
            "decided_by SELLER, closed_at 06-01 19:00:00"
        ),
    ]


def test_single_lines_that_the_seller_had_cancelled_overtake_a_request_for_them() -> None:
    record = wished(requested(line_ids=(LINE_1,)), a_wish(id="oms-4", line_ids=(LINE_2,)), at=after(1))
    others = applied(record, canceled_at_tiktok(record, 2, (LINE_1,)))
    by_seller: dict[str, Any] = {
        "id": CancelId("7"),
        "is_request": False,
        "initiator": Initiator.SELLER,
        "line_ids": (LINE_1,),
    }
    carried = applied(record, seen_as(record, "GRANTED", 2, **by_seller))
    wish = wished(requested(line_ids=(LINE_1,)), a_wish(id="oms-5", line_ids=(LINE_1,)), at=after(1))
    wish = applied(wish, canceled_at_tiktok(wish, 2, (LINE_1,)))
    assert in_words(seen_as(others, "CLOSED", 3, line_ids=(LINE_1,)), others) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 19:00:00: cancel_request=the-request, "
            "outcome=OVERTAKEN, by=PLATFORM"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-4 1: WAITING, due 06-01 19:01:00",
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, next_due None, outcome OVERTAKEN, "
            "decided_by PLATFORM, closed_at 06-01 19:00:00"
        ),
    ]
    assert in_words(seen_as(carried, "CLOSED", 3, line_ids=(LINE_1,)), carried) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 19:00:00: cancel_request=the-request, "
            "outcome=OVERTAKEN, by=SELLER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-4 1: WAITING, due 06-01 19:01:00",
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, next_due None, outcome OVERTAKEN, "
            "decided_by SELLER, closed_at 06-01 19:00:00"
        ),
    ]
    assert in_words(seen_as(wish, "CLOSED", 3, line_ids=(LINE_1,)), wish) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 19:00:00: cancel_request=the-request, "
            "outcome=OVERTAKEN, by=SELLER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop shows the request as OVERTAKEN",
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, next_due None, outcome OVERTAKEN, "
            "decided_by SELLER, closed_at 06-01 19:00:00"
        ),
    ]


def test_a_refused_wish_of_the_seller_overtakes_nothing() -> None:
    record = wished(requested(line_ids=(LINE_1,)), a_wish(id="oms-6", line_ids=(LINE_1, LineId("9"))), at=after(1))
    record = applied(record, canceled_at_tiktok(record, 2, (LINE_1,)))
    assert in_words(seen_as(record, "CLOSED", 3, line_ids=(LINE_1,)), record) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 19:00:00: cancel_request=the-request, "
            "outcome=OVERTAKEN, by=PLATFORM"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, next_due None, outcome OVERTAKEN, "
            "decided_by PLATFORM, closed_at 06-01 19:00:00"
        ),
    ]


def test_in_the_us_another_parcel_may_reject_a_request_at_the_moment_in_which_it_gets_to_tiktok_shop() -> None:
    assert in_words(closed_beside_a_parcel(0)) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            'outcome=REJECTED, by=OMS, buyer_notice="order cancelation rejected" e-mail'
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
    ]
    assert in_words(closed_beside_a_parcel(30)) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            'outcome=REJECTED, by=OMS, buyer_notice="order cancelation rejected" e-mail'
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
    ]
    assert in_words(closed_beside_a_parcel(-0.1)) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
    ]
    assert in_words(closed_beside_a_parcel(30.1)) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
    ]
    assert in_words(closed_beside_a_parcel(0, GB)) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
    ]


def test_a_parcel_with_what_is_cancelled_alone_is_withdrawn_when_its_request_is_granted() -> None:
    record = shipped(answered(requested(line_ids=(LINE_1,))), 1.2, line_ids=(LINE_1,))
    assert in_words(seen_as(record, "GRANTED", 2, line_ids=(LINE_1,)), record) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-1",
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000",
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 18:00:00: cancel_request=the-request, "
            'outcome=APPROVED, by=OMS, buyer_notice="order refund" e-mail'
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop shows the request as APPROVED",
        "TIKTOK_SHOP SHIP oms-S1 1: WITHDRAWN, its lines were cancelled",
        "CHANNELADVISOR SHIP oms-S1 1: WITHDRAWN, its lines were cancelled",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WAITING, due 06-01 18:01:00",
        "OMS RECOVER_PARCELS order recovery-1: WAITING, due 06-01 18:01:00",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, next_due None, outcome APPROVED, decided_by"
            " OMS, closed_at 06-01 18:00:00"
        ),
    ]


def test_a_side_that_could_not_cancel_what_had_left_there_is_forgiven_when_it_reports_the_parcel() -> None:
    part = applied(handed_over(), canceled_at_tiktok(handed_over(), 1, (LINE_1,)))
    failed = applied(part, decide_failed(part, the_entry(part, *OMS_LINE), after(1.5), reason="it has left"))
    assert in_words(parcel_reported(failed, a_report(line_ids=(LINE_1,)), after(2), SHOP), failed) == [
        (
            "FAILED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000, "
            "reason=the order is CANCELED"
        ),
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000",
        "OMS CANCEL_LINE line-1 1: WITHDRAWN, parcel 9400100000000000000000 has left there",
        "OMS RECOVER_PARCELS order recovery-1: WAITING, due 06-01 18:00:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1, refused the order is CANCELED"
        ),
    ]
    assert in_words(parcel_reported(failed, a_report(line_ids=(LINE_2,)), after(2), SHOP), failed) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-2"
        ),
    ]


def test_each_further_parcel_that_must_come_back_is_said_anew() -> None:
    record = shipped(handed_over(), -0.5, line_ids=(LINE_1,))
    record = shipped(record, -0.4, id=ParcelId("oms-S2"), tracking_number="9400B", line_ids=(LINE_2,))
    one = applied(record, canceled_at_tiktok(record, 1, (LINE_1,)))
    assert in_words(canceled_at_tiktok(record, 1), record) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000 9400B",
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SHIP oms-S2 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR SHIP oms-S2 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "OMS RECOVER_PARCELS order recovery-2: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 17:00:00, canceled_by SELLER",
        "Parcel oms-S1: recalled True",
        "Parcel oms-S2: recalled True",
    ]
    assert in_words(canceled_at_tiktok(one, 2), one) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 18:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000 9400B",
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SHIP oms-S2 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR SHIP oms-S2 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WITHDRAWN, the whole order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 18:01:00",
        "OMS RECOVER_PARCELS order recovery-2: WAITING, due 06-01 18:01:00",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 18:00:00, canceled_by SELLER",
        "Parcel oms-S2: recalled True",
    ]
    assert in_words(
        parcel_reported(one, a_report(line_ids=(LINE_1,), tracking_number="9400C"), after(2), SHOP), one
    ) == [
        (
            "PARCEL_CORRECTED by OMS at 06-01 15:00:00: parcel=oms-S1, before=9400100000000000000000, "
            "tracking_number=9400C, carrier=usps"
        ),
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400C",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "OMS RECOVER_PARCELS order recovery-1-1: WAITING, due 06-01 18:00:00",
        "Parcel oms-S1: tracking_number 9400C, earlier (carrier usps, tracking_number 9400100000000000000000)",
    ]


def test_a_single_line_that_is_cancelled_overtakes_a_request_for_it() -> None:
    record = requested(line_ids=(LINE_1,))
    record = applied(record, canceled_at_tiktok(record, 2, (LINE_1,)))
    assert in_words(seen_as(record, "CLOSED", 3, line_ids=(LINE_1,)), record) == [
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 19:00:00: cancel_request=the-request, "
            "outcome=OVERTAKEN, by=PLATFORM"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WITHDRAWN, the request is closed",
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, next_due None, outcome OVERTAKEN, "
            "decided_by PLATFORM, closed_at 06-01 19:00:00"
        ),
    ]


def test_who_cancelled_is_whoever_was_granted_it_or_wished_it_or_is_named() -> None:
    record = wished(handed_over(), a_wish(id="oms-3", line_ids=(LINE_1,)), at=after(1))
    granted = applied(handed_over(), seen_as(handed_over(), "GRANTED", 1, line_ids=(LINE_1,)))
    assert str(origin_of(record, [LINE_1]).initiator) == "SELLER"
    assert origin_of(record, [LINE_1]).reason == a_wish().reason
    assert str(origin_of(record, [LINE_2]).initiator) == "PLATFORM"
    assert (str(origin_of(granted, [LINE_1]).initiator), origin_of(granted, [LINE_1]).at) == ("BUYER", after(1))
    assert in_words(None) == []


def test_a_cancelled_order_is_told_to_whoever_has_it_and_withdrawn_from_whoever_has_not() -> None:
    record = released()
    assert in_words(canceled_at_tiktok(record, 1), record) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "CHANNELADVISOR CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "OMS CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 17:00:00, canceled_by SELLER",
    ]
    assert in_words(canceled_at_tiktok(created(record), 1), created(record)) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "OMS CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 17:00:00, canceled_by SELLER",
    ]
    assert in_words(canceled_at_tiktok(handed_over(), 1), handed_over()) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 17:00:00, canceled_by SELLER",
    ]
    assert in_words(canceled_at_tiktok(handed_over(), 1, (LINE_1,)), handed_over()) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-1",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WAITING, due 06-01 17:01:00",
        "OMS CANCEL_LINE line-1 1: WAITING, due 06-01 17:01:00",
        "order: updated_at 06-01 17:00:00",
    ]


def test_single_lines_that_wait_to_be_told_are_withdrawn_with_the_whole_order() -> None:
    record = claimed(released(), *CREATE)
    part = applied(record, canceled_at_tiktok(record, 1, (LINE_1,)))
    assert in_words(canceled_at_tiktok(record, 1, (LINE_1,)), record) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-1",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WAITING, after CHANNELADVISOR#CREATE_ORDER#order#1",
        "order: updated_at 06-01 17:00:00",
    ]
    assert in_words(canceled_at_tiktok(part, 2), part) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 18:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "OMS CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WITHDRAWN, the whole order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, after CHANNELADVISOR#CREATE_ORDER#order#1",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 18:00:00, canceled_by SELLER",
    ]


def test_lines_that_channeladvisor_s_order_never_held_need_not_be_taken_out_of_it() -> None:
    record = claimed(released(), *CREATE)
    part = applied(record, canceled_at_tiktok(record, 1, (LINE_1,)))
    entry = the_entry(part, *CREATE)
    assert in_words(decide_created(part, entry, "777", adopted=False, units={"TEE-BLU-M": 1}, now=after(2)), part) == [
        "CREATED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=777",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WITHDRAWN, the order was created without it",
        "order: channeladvisor_id 777",
    ]
    assert in_words(decide_created(part, entry, "777", adopted=False, units={"TEE-BLU-M": 2}, now=after(2)), part) == [
        "CREATED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=777",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WAITING, due 06-01 18:00:00",
        "order: channeladvisor_id 777",
    ]
    assert in_words(decide_created(part, entry, "777", adopted=False, units={}, now=after(2)), part) == [
        "CREATED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=777",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WITHDRAWN, the order was created without it",
        "order: channeladvisor_id 777",
    ]


def test_a_parcel_with_something_cancelled_must_come_back() -> None:
    record = shipped(handed_over(), -0.5)
    alone = shipped(applied(released(), None), -0.5)
    assert in_words(canceled_at_tiktok(record, 1), record) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000",
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "OMS RECOVER_PARCELS order recovery-1: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 17:00:00, canceled_by SELLER",
        "Parcel oms-S1: recalled True",
    ]
    assert in_words(canceled_at_tiktok(record, 1, (LINE_2,)), record) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-2",
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000",
        "CHANNELADVISOR CANCEL_LINE line-2 1: WAITING, due 06-01 17:01:00",
        "OMS RECOVER_PARCELS order recovery-1: WAITING, due 06-01 17:01:00",
        "order: updated_at 06-01 17:00:00",
    ]
    assert in_words(canceled_at_tiktok(alone, 1), alone) == [
        (
            "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=SELLER, counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "RECOVERY_NEEDED by ORDER_SYNC: tracking_numbers=9400100000000000000000",
        "CHANNELADVISOR CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "OMS CREATE_ORDER order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR SHIP oms-S1 1: WITHDRAWN, the order was cancelled",
        "OPERATOR NOTIFY order recovery-1: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, tiktok_status CANCELLED, updated_at 06-01 17:00:00, canceled_by SELLER",
        "Parcel oms-S1: recalled True",
    ]
