"""What a decision about a buyer's request to cancel says and does, word for word."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.answers import decide_answer, decide_reject_not_offered
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.cancelling.sightings import decide_cancellation_sighting
from order_sync.domain.cancelling.unanswered import decide_due
from order_sync.domain.orders import Handling
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.sightings import decide_sighting
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    TIMING,
    a_report,
    a_shop,
    a_shop_without_oms,
    a_wish,
    answered,
    applied,
    cancel_facts,
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


def test_a_request_is_noted_with_all_that_the_buyer_said_and_put_to_the_oms() -> None:
    assert in_words(seen_as(handed_over()), handed_over()) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, next_due 06-02 04:00:00"
        ),
    ]
    assert in_words(seen_as(handed_over(), line_ids=(LINE_1,), respond_by=after(5)), handed_over()) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1, respond_by=2026-06-01T21:00:00+00:00"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1, "
            "requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-01 21:00:00, answer_until "
            "06-01 20:30:00, next_due 06-01 18:30:00"
        ),
    ]


def test_a_request_goes_to_people_where_there_is_no_oms() -> None:
    record = created(released(a_shop_without_oms()))
    facts = cancel_facts(reason="no need")
    assert in_words(decide_cancellation_sighting(record, facts, a_shop_without_oms(), TIMING, after(0)), record) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        "CHANNELADVISOR NOTE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:00:00",
        "OPERATOR NOTIFY the-request asked: WAITING, due 06-01 16:00:00",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, next_due 06-02 04:00:00"
        ),
    ]


def test_a_request_of_an_order_that_nobody_was_given_is_approved_unless_it_is_left_to_tiktok() -> None:
    record = released()
    assert in_words(seen_as(record), record) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by ORDER_SYNC: cancel_request=the-request, answer=APPROVE, by=SHOP_RULE,"
            " reason=the seller's side had not been given the order"
        ),
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, next_due 06-01 16:31:00, answer APPROVE, answered_by SHOP_RULE, "
            "answered_at 06-01 16:01:00, answer_reason the seller's side had not been given the order, "
            "confirm_by 06-01 16:31:00"
        ),
    ]
    assert in_words(
        decide_cancellation_sighting(record, cancel_facts(reason="no need"), LEAVES, TIMING, after(0)), record
    ) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, next_due 06-02 04:00:00"
        ),
    ]


def test_a_request_of_an_order_that_is_not_ours_is_kept_without_a_question() -> None:
    record = replace(handed_over(), order=replace(handed_over().order, handling=Handling.WATCHED))
    assert in_words(seen_as(record), record) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00"
        ),
    ]


def test_a_request_that_is_seen_only_when_it_is_over_needs_no_question() -> None:
    record = handed_over()
    assert in_words(seen_as(record, "CLOSED", 1), record) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 17:00:00: cancel_request=the-request, "
            "outcome=WITHDRAWN, by=BUYER"
        ),
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 17:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, outcome WITHDRAWN, decided_by BUYER, closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(seen_as(record, "GRANTED", 1), record) == [
        "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=BUYER",
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 17:00:00: cancel_request=the-request, "
            'outcome=APPROVED, by=SELLER, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 17:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, outcome APPROVED, decided_by SELLER, closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(seen_as(record, "GRANTED", 24), record) == [
        "CANCELED by TIKTOK_SHOP at 06-02 16:00:00: initiator=BUYER",
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-02 16:00:00: cancel_request=the-request, "
            'outcome=APPROVED_AUTOMATICALLY, by=PLATFORM, buyer_notice="order refund" e-mail'
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-02 16:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-02 16:01:00",
        "order: state CANCELED, canceled_by BUYER",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-02 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, outcome APPROVED_AUTOMATICALLY, decided_by PLATFORM, closed_at "
            "06-02 16:00:00"
        ),
    ]


def test_a_buyer_s_cancellation_in_the_cool_down_needed_no_answer() -> None:
    record = applied(None, decide_sighting(None, some_facts("ON_HOLD"), SHOP, TIMING, after(-4)))
    asked: dict[str, Any] = {"requested_at": after(-3.5), "updated_at": after(-3.4)}
    assert in_words(seen_as(record, "GRANTED", **asked), record) == [
        "CANCELED by TIKTOK_SHOP at 06-01 12:36:00: initiator=BUYER",
        (
            "CANCELLATION_SEEN by TIKTOK_SHOP at 06-01 12:30:00: cancellation=the-request, initiator=BUYER, "
            'reason=no need, lines=line-1 line-2, buyer_notice="order cancelled" e-mail, with a refund'
        ),
        "order: state CANCELED, release_due None, canceled_by BUYER",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 12:30:00, updated_at 06-01 12:36:00, outcome AT_ONCE, decided_by "
            "BUYER, closed_at 06-01 12:36:00"
        ),
    ]
    assert in_words(seen_as(record, "GRANTED", requested_at=after(-3), updated_at=after(-2.9)), record) == [
        "CANCELED by TIKTOK_SHOP at 06-01 13:06:00: initiator=BUYER",
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 13:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T13:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_CLOSED by TIKTOK_SHOP at 06-01 13:06:00: cancel_request=the-request, "
            'outcome=APPROVED, by=SELLER, buyer_notice="order refund" e-mail'
        ),
        "order: state CANCELED, release_due None, canceled_by BUYER",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 13:00:00, updated_at 06-01 13:06:00, respond_by 06-02 13:00:00, "
            "answer_until 06-02 12:15:00, outcome APPROVED, decided_by SELLER, closed_at 06-01 13:06:00"
        ),
    ]


def test_a_cancellation_without_a_question_is_noted_with_who_started_it() -> None:
    record = handed_over()
    assert in_words(seen_as(record, "GRANTED", 1, is_request=False, initiator=Initiator.PLATFORM), record) == [
        "CANCELED by TIKTOK_SHOP at 06-01 17:00:00: initiator=SYSTEM",
        (
            "CANCELLATION_SEEN by TIKTOK_SHOP at 06-01 16:00:00: cancellation=the-request, "
            'initiator=PLATFORM, reason=no need, lines=line-1 line-2, buyer_notice="order cancelled" e-mail, '
            "with a refund"
        ),
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-01 17:01:00",
        "order: state CANCELED, canceled_by SYSTEM",
        (
            "Cancellation the-request: initiator PLATFORM, is_request False, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 17:00:00, outcome AT_ONCE, decided_by "
            "PLATFORM, closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(
        seen_as(record, "GRANTED", 1, is_request=False, initiator=Initiator.SELLER, line_ids=(LINE_2,)), record
    ) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-2",
        (
            "CANCELLATION_SEEN by TIKTOK_SHOP at 06-01 16:00:00: cancellation=the-request, initiator=SELLER, "
            'reason=no need, lines=line-2, buyer_notice="order cancelled" e-mail, with a refund'
        ),
        "CHANNELADVISOR CANCEL_LINE line-2 1: WAITING, due 06-01 17:01:00",
        "OMS CANCEL_LINE line-2 1: WAITING, due 06-01 17:01:00",
        (
            "Cancellation the-request: initiator SELLER, is_request False, reason no need, line_ids line-2, "
            "requested_at 06-01 16:00:00, updated_at 06-01 17:00:00, outcome AT_ONCE, decided_by SELLER, "
            "closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(seen_as(record, "PENDING", 1, is_request=False, initiator=Initiator.SELLER), record) == [
        (
            "Cancellation the-request: initiator SELLER, is_request False, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 17:00:00"
        )
    ]
    assert in_words(seen_as(record, "CLOSED", 1, is_request=False, initiator=Initiator.BUYER), record) == [
        (
            "CANCELLATION_SEEN by TIKTOK_SHOP at 06-01 16:00:00: cancellation=the-request, outcome=WITHDRAWN,"
            " initiator=BUYER, reason=no need, lines=line-1 line-2"
        ),
        (
            "Cancellation the-request: initiator BUYER, is_request False, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 17:00:00, outcome WITHDRAWN, decided_by "
            "BUYER, closed_at 06-01 17:00:00"
        ),
    ]


def test_a_seller_s_cancellation_that_tiktok_took_and_did_not_carry_out_is_refused() -> None:
    record = wished(handed_over(), a_wish(id="oms-17", line_ids=(LINE_1,)))
    record = told(record, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17", at=after(0.5))
    seller: dict[str, Any] = {"is_request": False, "initiator": Initiator.SELLER, "line_ids": (LINE_1,)}
    assert in_words(seen_as(record, "CLOSED", 1, **seller), record) == [
        (
            "CANCELLATION_SEEN by TIKTOK_SHOP at 06-01 16:00:00: cancellation=the-request, outcome=WITHDRAWN,"
            " initiator=SELLER, reason=no need, lines=line-1"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=TikTok Shop took the "
            "cancellation and did not carry it out"
        ),
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:01:00",
        (
            "Cancellation the-request: initiator SELLER, is_request False, reason no need, line_ids line-1, "
            "requested_at 06-01 16:00:00, updated_at 06-01 17:00:00, outcome WITHDRAWN, decided_by SELLER, "
            "closed_at 06-01 17:00:00"
        ),
        (
            "SellerCancellation oms-17: state REFUSED, detail TikTok Shop took the cancellation and did not "
            "carry it out, confirm_by None"
        ),
    ]
    assert in_words(seen_as(record, "CLOSED", 1, **(seller | {"line_ids": (LINE_1, LINE_2)})), record) == [
        (
            "CANCELLATION_SEEN by TIKTOK_SHOP at 06-01 16:00:00: cancellation=the-request, outcome=WITHDRAWN,"
            " initiator=SELLER, reason=no need, lines=line-1 line-2"
        ),
        (
            "Cancellation the-request: initiator SELLER, is_request False, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 17:00:00, outcome WITHDRAWN, decided_by "
            "SELLER, closed_at 06-01 17:00:00"
        ),
    ]
    assert in_words(seen_as(record, "CLOSED", 1, **(seller | {"requested_at": after(-0.1)})), record) == [
        (
            "CANCELLATION_SEEN by TIKTOK_SHOP at 06-01 15:54:00: cancellation=the-request, outcome=WITHDRAWN,"
            " initiator=SELLER, reason=no need, lines=line-1"
        ),
        (
            "Cancellation the-request: initiator SELLER, is_request False, reason no need, line_ids line-1, "
            "requested_at 06-01 15:54:00, updated_at 06-01 17:00:00, outcome WITHDRAWN, decided_by SELLER, "
            "closed_at 06-01 17:00:00"
        ),
    ]


def test_a_request_that_meets_a_parcel_is_rejected_by_it() -> None:
    record = shipped(handed_over(), -0.5)
    assert in_words(seen_as(record), record) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=REJECT, by=OMS, reason=parcel"
            " 9400100000000000000000 has left"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
        (
            "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:31:00, after "
            "TIKTOK_SHOP#SHIP#oms-S1#1"
        ),
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, next_due 06-01 16:31:00, answer REJECT, answered_by OMS, "
            "answered_at 06-01 16:01:00, answer_reason parcel 9400100000000000000000 has left, confirm_by "
            "06-01 16:31:00"
        ),
    ]


def test_a_request_that_meets_a_seller_s_cancellation_is_approved() -> None:
    record = wished(handed_over(), at=after(-0.2))
    assert in_words(seen_as(record), record) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1 line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=APPROVE, by=OMS, reason=the "
            "seller had cancelled as well"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
        (
            "Cancellation the-request: initiator BUYER, is_request True, reason no need, line_ids line-1 "
            "line-2, requested_at 06-01 16:00:00, updated_at 06-01 16:00:00, respond_by 06-02 16:00:00, "
            "answer_until 06-02 15:15:00, next_due 06-01 16:31:00, answer APPROVE, answered_by OMS, "
            "answered_at 06-01 16:01:00, answer_reason the seller had cancelled as well, confirm_by 06-01 "
            "16:31:00"
        ),
    ]
    assert in_words(seen_as(wished(handed_over(), a_wish(line_ids=(LINE_2,)), at=after(-0.2)), line_ids=(LINE_2,))) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-2, respond_by=2026-06-02T16:00:00+00:00"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=APPROVE, by=OMS, reason=the "
            "seller had cancelled as well"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
    ]
    assert in_words(seen_as(wished(handed_over(), a_wish(line_ids=(LINE_2,)), at=after(-0.2)), line_ids=(LINE_1,))) == [
        (
            "CANCEL_REQUESTED by TIKTOK_SHOP at 06-01 16:00:00: cancel_request=the-request, reason=no need, "
            "lines=line-1, respond_by=2026-06-02T16:00:00+00:00"
        ),
        "OMS NOTE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 16:01:00",
    ]


def test_an_answer_is_kept_with_who_gave_it_and_when() -> None:
    record = requested()
    answers: dict[str, Any] = {"timing": TIMING, "now": after(2)}
    assert in_words(
        decide_answer(record, CANCEL_ID, Answer.APPROVE, Decider.OMS, decided_at=after(1.5), **answers), record
    ) == [
        "CANCEL_REQUEST_ANSWERED by OMS at 06-01 17:30:00: cancel_request=the-request, answer=APPROVE, by=OMS",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 18:00:00",
        (
            "Cancellation the-request: next_due 06-01 18:30:00, answer APPROVE, answered_by OMS, answered_at "
            "06-01 18:00:00, confirm_by 06-01 18:30:00"
        ),
    ]
    assert in_words(decide_answer(record, CANCEL_ID, Answer.REJECT, Decider.OPERATOR, **answers), record) == [
        "CANCEL_REQUEST_ANSWERED by OPERATOR: cancel_request=the-request, answer=REJECT, by=OPERATOR",
        "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-01 18:00:00",
        (
            "Cancellation the-request: next_due 06-01 18:30:00, answer REJECT, answered_by OPERATOR, "
            "answered_at 06-01 18:00:00, confirm_by 06-01 18:30:00"
        ),
    ]
    assert in_words(
        decide_answer(record, CANCEL_ID, Answer.REJECT, Decider.OMS, timing=TIMING, now=after(23.9)), record
    ) == [
        "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=REJECT, by=OMS",
        "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-02 15:54:00",
        (
            "Cancellation the-request: next_due 06-02 16:00:00, answer REJECT, answered_by OMS, answered_at "
            "06-02 15:54:00, confirm_by 06-02 16:00:00"
        ),
    ]


def test_an_answer_must_come_before_the_deadline_to_the_second() -> None:
    record = requested()
    assert in_words(
        decide_answer(record, CANCEL_ID, Answer.APPROVE, Decider.OMS, timing=TIMING, now=after(24) - minutes(1 / 60))
    ) == [
        "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=APPROVE, by=OMS",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WAITING, due 06-02 15:59:59",
    ]


def test_a_rejection_that_tiktok_does_not_offer_needs_a_parcel() -> None:
    record = answered(requested(), Answer.REJECT)
    assert in_words(decide_reject_not_offered(record, the_entry(record, *REJECTION), after(13)), record) == [
        "TRACKING_DUE_FOR_REJECTION by TIKTOK_SHOP: cancel_request=the-request, due=2026-06-02T16:00:00+00:00",
        (
            "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WITHDRAWN, TikTok Shop offers no rejection: a "
            "parcel is the rejection"
        ),
        "OPERATOR NOTIFY the-request tracking-due: WAITING, due 06-02 05:00:00",
        "Cancellation the-request: next_due 06-02 12:00:00, reminders 1, rejected_by_shipping True",
    ]


def test_a_deadline_that_moves_asks_once_more() -> None:
    record = requested(respond_by=after(10))
    again = applied(record, seen_as(record, hours=1, respond_by=after(5)))
    assert in_words(seen_as(record, hours=1, respond_by=after(5)), record) == [
        "OMS NOTE_CANCEL_REQUEST the-request 2: WAITING, due 06-01 17:01:00",
        (
            "Cancellation the-request: updated_at 06-01 17:00:00, respond_by 06-01 21:00:00, answer_until "
            "06-01 20:30:00, next_due 06-01 18:30:00"
        ),
    ]
    assert in_words(seen_as(again, hours=2, respond_by=after(6)), again) == [
        "OMS NOTE_CANCEL_REQUEST the-request 3: WAITING, due 06-01 18:01:00",
        (
            "Cancellation the-request: updated_at 06-01 18:00:00, respond_by 06-01 22:00:00, answer_until "
            "06-01 21:24:00, next_due 06-01 19:00:00"
        ),
    ]
    assert in_words(seen_as(record, hours=1, respond_by=None), record) == [
        "Cancellation the-request: updated_at 06-01 17:00:00"
    ]
    assert in_words(seen_as(answered(record), hours=2, respond_by=after(5)), answered(record)) == [
        ("Cancellation the-request: updated_at 06-01 18:00:00, respond_by 06-01 21:00:00, answer_until 06-01 20:30:00")
    ]


def test_a_later_deadline_takes_back_what_was_left_to_tiktok() -> None:
    record = requested(shop=LEAVES, respond_by=after(2))
    for hours in (1.9, 2.5):
        record = applied(record, decide_due(record, LEAVES, TIMING, after(hours)))
    later = cancel_facts(seen_after=timedelta(hours=3), respond_by=after(9))
    assert in_words(decide_cancellation_sighting(record, later, LEAVES, TIMING, after(3.1)), record) == [
        "OMS NOTE_CANCEL_REQUEST the-request 2: WAITING, due 06-01 19:06:00",
        (
            "Cancellation the-request: updated_at 06-01 19:00:00, respond_by 06-02 01:00:00, answer_until "
            "06-02 00:15:00, next_due 06-01 20:30:00, left_to_tiktok False, confirm_by None, unconfirmed "
            "False"
        ),
    ]


def test_the_rule_of_the_shop_is_told_with_its_name() -> None:
    record = requested()
    left = requested(shop=LEAVES)
    assert in_words(decide_due(record, SHOP, TIMING, after(23.25)), record) == [
        (
            "CANCEL_REQUEST_ANSWERED by ORDER_SYNC: cancel_request=the-request, answer=APPROVE, by=SHOP_RULE,"
            " reason=nobody answered; the shop's rule is reject_if_packed"
        ),
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WAITING, due 06-02 15:15:00",
        (
            "Cancellation the-request: next_due 06-02 15:45:00, answer APPROVE, answered_by SHOP_RULE, "
            "answered_at 06-02 15:15:00, answer_reason nobody answered; the shop's rule is reject_if_packed, "
            "confirm_by 06-02 15:45:00"
        ),
    ]
    assert in_words(decide_due(record, SHOP, TIMING, after(23.25), packed=[LINE_2]), record) == [
        (
            "CANCEL_REQUEST_ANSWERED by ORDER_SYNC: cancel_request=the-request, answer=REJECT, by=SHOP_RULE, "
            "reason=nobody answered; the shop's rule is reject_if_packed"
        ),
        "TIKTOK_SHOP REJECT_CANCEL_REQUEST the-request 1: WAITING, due 06-02 15:15:00",
        (
            "Cancellation the-request: next_due 06-02 15:45:00, answer REJECT, answered_by SHOP_RULE, "
            "answered_at 06-02 15:15:00, answer_reason nobody answered; the shop's rule is reject_if_packed, "
            "confirm_by 06-02 15:45:00"
        ),
    ]
    assert in_words(decide_due(left, LEAVES, TIMING, after(23.25)), left) == [
        "CANCEL_REQUEST_LEFT_TO_TIKTOK by ORDER_SYNC: cancel_request=the-request, rule=leave_to_tiktok",
        "Cancellation the-request: left_to_tiktok True, confirm_by 06-02 16:30:00",
    ]


def test_what_tiktok_does_not_confirm_is_said_with_the_answer() -> None:
    record = answered(requested())
    left = applied(requested(shop=LEAVES), decide_due(requested(shop=LEAVES), LEAVES, TIMING, after(23.25)))
    assert in_words(decide_due(record, SHOP, TIMING, after(1.5)), record) == [
        "CANCEL_ANSWER_UNCONFIRMED by TIKTOK_SHOP: cancel_request=the-request, answer=APPROVE",
        "OPERATOR NOTIFY the-request unconfirmed: WAITING, due 06-01 17:30:00",
        "Cancellation the-request: unconfirmed True",
    ]
    assert in_words(decide_due(left, LEAVES, TIMING, after(24.5) - minutes(0.1))) == []
    assert in_words(decide_due(left, LEAVES, TIMING, after(24.5)), left) == [
        "CANCEL_ANSWER_UNCONFIRMED by TIKTOK_SHOP: cancel_request=the-request",
        "OPERATOR NOTIFY the-request unconfirmed: WAITING, due 06-02 16:30:00",
        "Cancellation the-request: unconfirmed True",
    ]


def test_a_reminder_names_the_deadline() -> None:
    record = requested()
    assert in_words(decide_due(record, SHOP, TIMING, after(12)), record) == [
        (
            "CANCEL_REQUEST_REMINDER by ORDER_SYNC at 06-02 04:00:00: cancel_request=the-request, number=1, "
            "respond_by=2026-06-02T16:00:00+00:00"
        ),
        "OPERATOR NOTIFY the-request reminder-1: WAITING, due 06-02 04:00:00",
        "Cancellation the-request: next_due 06-02 12:00:00, reminders 1",
    ]


def test_of_two_seller_s_cancellations_only_the_overdue_one_is_said() -> None:
    record = wished(handed_over(), a_wish(id="oms-1", line_ids=(LINE_1,)), at=after(1))
    record = wished(record, a_wish(id="oms-2", line_ids=(LINE_2,)), at=after(0))
    assert in_words(decide_due(record, SHOP, TIMING, after(0.5)), record) == [
        "SELLER_CANCELLATION_UNCONFIRMED by TIKTOK_SHOP: cancellation=oms-2",
        "SellerCancellation oms-2: unconfirmed True",
    ]
