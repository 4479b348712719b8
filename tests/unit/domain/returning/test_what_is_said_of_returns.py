"""What a decision about a return or a seller's refund says, word for word."""

from datetime import timedelta
from typing import Any

from order_sync.domain.orders import Handling
from tests.builders import LINE_1, LINE_2, a_shop, applied
from tests.unit.domain.in_words import in_words
from tests.unit.domain.returning.scenes import (
    WANTED,
    a_refund,
    a_reported_refund,
    answered,
    due_change,
    not_ours,
    refund_change,
    refund_reported,
    return_change,
    return_facts,
    shipped,
    the_lines,
    wanted_back,
)

HOUR = timedelta(hours=1)
LEAVES = a_shop(returns={"without_answer": "leave_to_tiktok"})


def test_a_return_is_noted_with_all_that_the_buyer_said() -> None:
    record = shipped()
    assert in_words(return_change(record, return_facts(reason="too small", tracking_number="T9", follows="R0"))) == [
        (
            "RETURN_REQUESTED by TIKTOK_SHOP at 06-06 12:00:00: return_id=4035318504086605001, "
            "kind=RETURN_AND_REFUND, initiator=BUYER, state=Request Pending, "
            "status=RETURN_OR_REFUND_REQUEST_PENDING, reason=too small, lines=line-1, refund=18.90 USD, "
            "tracking_number=T9, follows=R0"
        ),
        (
            "RETURN_QUESTION_OPENED by TIKTOK_SHOP at 06-06 12:00:00: return_id=4035318504086605001, "
            "question=RETURN, respond_by=2026-06-08T12:00:00+00:00"
        ),
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
    ]
    assert in_words(return_change(record, return_facts(lines=the_lines(LINE_1, LINE_2), refund=None))) == [
        (
            "RETURN_REQUESTED by TIKTOK_SHOP at 06-06 12:00:00: return_id=4035318504086605001, "
            "kind=RETURN_AND_REFUND, initiator=BUYER, state=Request Pending, "
            "status=RETURN_OR_REFUND_REQUEST_PENDING, "
            "reason=ecom_order_delivered_refund_and_return_reason_wrong_product, lines=line-1 line-2, "
            "refund=37.80 USD"
        ),
        (
            "RETURN_QUESTION_OPENED by TIKTOK_SHOP at 06-06 12:00:00: return_id=4035318504086605001, "
            "question=RETURN, respond_by=2026-06-08T12:00:00+00:00"
        ),
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
    ]


def test_what_is_new_about_a_return_is_noted_and_nothing_else() -> None:
    record = wanted_back()
    sent: dict[str, Any] = {"tracking_number": "T9", "has_label": True}
    known = applied(record, return_change(record, return_facts(seen_after=HOUR, **sent)))
    assert in_words(return_change(record, return_facts(seen_after=HOUR, **sent))) == [
        (
            "RETURN_CHANGED by TIKTOK_SHOP at 06-06 13:00:00: return_id=4035318504086605001, after=Request "
            "Pending, tracking_number=T9, label=generated"
        ),
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
    ]
    assert in_words(return_change(known, return_facts(seen_after=2 * HOUR, **sent))) == []
    assert in_words(return_change(known, return_facts(seen_after=2 * HOUR, arbitration="IN_PROGRESS", **sent))) == [
        (
            "RETURN_CHANGED by TIKTOK_SHOP at 06-06 14:00:00: return_id=4035318504086605001, after=Request "
            "Pending, arbitration=IN_PROGRESS"
        ),
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
    ]
    assert in_words(return_change(known, return_facts(seen_after=2 * HOUR, refund=a_refund(2), **sent))) == [
        (
            "RETURN_CHANGED by TIKTOK_SHOP at 06-06 14:00:00: return_id=4035318504086605001, after=Request "
            "Pending, refund=37.80 USD"
        ),
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
    ]


def test_a_return_that_tiktok_shop_decides_with_the_buyer_is_for_people_where_the_order_is_ours() -> None:
    record = wanted_back()
    assert in_words(return_change(record, return_facts(seen_after=HOUR, in_arbitration=True))) == [
        (
            "RETURN_CHANGED by TIKTOK_SHOP at 06-06 13:00:00: return_id=4035318504086605001, before=Request "
            "Pending, after=In Arbitration"
        ),
        "RETURN_IN_ARBITRATION by TIKTOK_SHOP at 06-06 13:00:00: return_id=4035318504086605001",
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OPERATOR NOTIFY 4035318504086605001 arbitration: WAITING, due 06-06 13:05:00",
    ]
    assert in_words(
        return_change(not_ours(record, Handling.WATCHED), return_facts(seen_after=HOUR, in_arbitration=True))
    ) == [
        (
            "RETURN_CHANGED by TIKTOK_SHOP at 06-06 13:00:00: return_id=4035318504086605001, before=Request "
            "Pending, after=In Arbitration"
        ),
        "RETURN_IN_ARBITRATION by TIKTOK_SHOP at 06-06 13:00:00: return_id=4035318504086605001",
    ]


def test_a_refund_is_confirmed_with_the_order_s_total() -> None:
    record = wanted_back()
    assert in_words(return_change(record, return_facts("RETURN_OR_REFUND_REQUEST_COMPLETE", seen_after=HOUR))) == [
        (
            "RETURN_CHANGED by TIKTOK_SHOP at 06-06 13:00:00: return_id=4035318504086605001, question=RETURN,"
            " before=Request Pending, after=Refunded, by=SELLER, status=RETURN_OR_REFUND_REQUEST_COMPLETE"
        ),
        (
            "REFUND_CONFIRMED by TIKTOK_SHOP at 06-06 13:00:00: return_id=4035318504086605001, lines=line-1, "
            "refund=18.90 USD, refunded_in_all=18.90 USD, paid=37.80 USD"
        ),
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "CHANNELADVISOR REFUND_LINES 4035318504086605001 1: WAITING, due 06-06 13:05:00",
    ]


def test_what_nobody_answers_is_reminded_of_and_left_to_tiktok_with_its_question() -> None:
    record = wanted_back()
    left = applied(record, due_change(record, WANTED + timedelta(hours=47.9), LEAVES))
    assert in_words(due_change(record, WANTED + 24 * HOUR)) == [
        (
            "RETURN_REMINDER by ORDER_SYNC at 06-07 12:00:00: return_id=4035318504086605001, question=RETURN,"
            " number=1, respond_by=2026-06-08T12:00:00+00:00"
        ),
        "OPERATOR NOTIFY 4035318504086605001 reminder-1-RETURN-20260606T120000Z: WAITING, due 06-07 12:00:00",
    ]
    assert in_words(due_change(record, WANTED + timedelta(hours=47.9), LEAVES)) == [
        ("RETURN_LEFT_TO_TIKTOK by ORDER_SYNC: return_id=4035318504086605001, question=RETURN, rule=leave_to_tiktok")
    ]
    assert in_words(
        return_change(left, return_facts(seen_after=timedelta(hours=47.95), respond_by=WANTED + 60 * HOUR), LEAVES)
    ) == [
        "CHANNELADVISOR NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
        "OMS NOTE_RETURN 4035318504086605001 1: WAITING, due 06-06 12:05:00",
    ]


def test_an_answer_that_is_not_confirmed_is_said_with_its_question() -> None:
    record = answered(wanted_back())
    assert in_words(due_change(record, WANTED + 8 * HOUR)) == [
        "RETURN_ANSWER_UNCONFIRMED by TIKTOK_SHOP: return_id=4035318504086605001, question=RETURN, answer=APPROVE",
        "OPERATOR NOTIFY 4035318504086605001 unconfirmed-RETURN-20260606T120000Z: WAITING, due 06-06 20:00:00",
    ]


def test_a_seller_s_refund_is_noted_with_what_it_is_for() -> None:
    assert in_words(refund_change(shipped(), a_reported_refund())) == [
        "SELLER_REFUND_REPORTED by OMS at 06-06 13:00:00: refund=oms-31, lines=line-1",
        "TIKTOK_SHOP REFUND_AS_SELLER oms-31 1: WAITING, due 06-06 13:05:00",
    ]
    assert in_words(refund_change(shipped(), a_reported_refund(line_ids=(LINE_1, LINE_2)))) == [
        "SELLER_REFUND_REPORTED by OMS at 06-06 13:00:00: refund=oms-31, lines=line-1 line-2",
        "TIKTOK_SHOP REFUND_AS_SELLER oms-31 1: WAITING, due 06-06 13:05:00",
    ]
    assert in_words(refund_change(refund_reported(), a_reported_refund(id="oms-32"))) == [
        "SELLER_REFUND_REPORTED by OMS at 06-06 13:00:00: refund=oms-32, lines=line-1",
        (
            "SELLER_REFUND_REFUSED by ORDER_SYNC: refund=oms-32, reason=line line-1 is refunded already, or "
            "is being refunded"
        ),
        "OMS SETTLE_SELLER_REFUND oms-32 1: WAITING, due 06-06 13:05:00",
    ]
    assert in_words(refund_change(refund_reported(), a_reported_refund(id="oms-32", line_ids=(LINE_1, LINE_2)))) == [
        "SELLER_REFUND_REPORTED by OMS at 06-06 13:00:00: refund=oms-32, lines=line-1 line-2",
        (
            "SELLER_REFUND_REFUSED by ORDER_SYNC: refund=oms-32, reason=line line-1 is refunded already, or "
            "is being refunded"
        ),
        "OMS SETTLE_SELLER_REFUND oms-32 1: WAITING, due 06-06 13:05:00",
    ]
