"""What a decision about a seller's own cancellation says and does, word for word."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from order_sync.domain.cancelling.by_seller import (
    decide_refused_by_tiktok,
    decide_reported_cancellation,
)
from order_sync.domain.facts import LineFacts
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_not_told
from tests.builders import (
    ASKED,
    LINE_1,
    LINE_2,
    TIMING,
    a_report,
    a_shop,
    a_wish,
    applied,
    claimed,
    created,
    parcel_reported,
    requested,
    seen,
    some_facts,
    taken,
    the_entry,
    told,
)
from tests.unit.domain.in_words import in_words

SHOP = a_shop()
OBSERVING = a_shop(channeladvisor={"account": "test", "profile_id": 12345678, "mode": "observe"})
LINE_3, LINE_4 = LineId("577086512123755125"), LineId("577086512123755126")
LINES = (
    LineFacts(id=LINE_1, sku="TEE"),
    LineFacts(id=LINE_2, sku="TEE"),
    LineFacts(id=LINE_3, sku="TEE"),
    LineFacts(id=LINE_4, sku="CAP"),
)
IN_CHANNELADVISOR: dict[str, Any] = {"id": "channeladvisor-1", "source": Source.CHANNELADVISOR}


def after(hours: float) -> datetime:
    return ASKED + timedelta(hours=hours)


def four_lines(shop: ShopSettings = SHOP) -> OrderRecord:
    """Three of one SKU and one of another, with both partners."""
    return taken(created(seen(some_facts(lines=LINES), shop=shop)))


def reported(record: OrderRecord, hours: float = 1, **changes: Any) -> Change | None:
    return decide_reported_cancellation(record, a_wish(**changes), TIMING, after(hours))


def canceled(record: OrderRecord, *lines: LineId, hours: float = 2, shop: ShopSettings = SHOP) -> Change | None:
    """What it decides that TikTok Shop shows these lines as cancelled."""
    shown = tuple(replace(line, canceled=line.id in lines) for line in LINES)
    facts = some_facts(seen_after=timedelta(hours=4 + hours), lines=shown)
    return decide_sighting(record, facts, shop, TIMING, after(hours))


def test_a_seller_cancels_all_that_lives_or_the_lines_or_units_that_it_names() -> None:
    record = four_lines()
    part = applied(record, canceled(record, LINE_1, hours=0.5))
    assert in_words(reported(record), record) == [
        "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-1 line-2 577086512123755125 577086512123755126, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(reported(part, parts=("oms-18", "oms-19")), part) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " parts=oms-18 oms-19"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-2 577086512123755125 577086512123755126, parts oms-18 oms-19, confirm_by 06-01 "
            "17:30:00"
        ),
    ]
    assert in_words(reported(record, line_ids=(LINE_4, LINE_2)), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=577086512123755126 line-2"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-2 577086512123755126, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(reported(record, units=(("TEE", 2), ("CAP", 1))), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=2xTEE 1xCAP"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-1 line-2 577086512123755126, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(reported(record, units=(("TEE", 1), ("TEE", 1))), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=1xTEE 1xTEE"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-1 line-2, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(reported(applied(record, reported(record)), 2), record) == []


def test_what_cannot_be_cancelled_is_refused_with_the_reason() -> None:
    record = four_lines()
    watched = replace(record, order=replace(record.order, handling=Handling.WATCHED, handling_reason="placed before"))
    shipped = applied(record, parcel_reported(record, a_report(line_ids=(LINE_1, LINE_2)), after(0), SHOP))
    assert in_words(reported(record, line_ids=(LINE_1, LineId("1"), LineId("2"))), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=line-1 1 2"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=lines 1, 2 are not in "
            "order 576461413038785752"
        ),
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, state "
            "REFUSED, detail lines 1, 2 are not in order 576461413038785752"
        ),
    ]
    assert in_words(reported(record, units=(("TEE", 4), ("CAP", 2))), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=4xTEE 2xCAP"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=more units than can be "
            "cancelled in order 576461413038785752: 1 of 'TEE', 1 of 'CAP'"
        ),
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, state "
            "REFUSED, detail more units than can be cancelled in order 576461413038785752: 1 of 'TEE', 1 of "
            "'CAP'"
        ),
    ]
    assert in_words(reported(record, units=(("TEE", 0),)), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=0xTEE"
        ),
        "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=0 of 'TEE' is no number of units",
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, state "
            "REFUSED, detail 0 of 'TEE' is no number of units"
        ),
    ]
    assert in_words(reported(watched), watched) == [
        "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock",
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=the order is not ours to "
            "cancel: placed before"
        ),
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, state "
            "REFUSED, detail the order is not ours to cancel: placed before"
        ),
    ]
    assert in_words(reported(shipped), shipped) == [
        "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock",
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=lines line-1, line-2 of "
            "order 576461413038785752 are in a parcel"
        ),
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, state "
            "REFUSED, detail lines line-1, line-2 of order 576461413038785752 are in a parcel"
        ),
    ]
    assert in_words(reported(shipped, line_ids=(LINE_2, LINE_3)), shipped) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=line-2 577086512123755125"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=lines line-2 of order "
            "576461413038785752 are in a parcel"
        ),
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, state "
            "REFUSED, detail lines line-2 of order 576461413038785752 are in a parcel"
        ),
    ]
    assert in_words(reported(shipped, line_ids=(LINE_3,)), shipped) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=577086512123755125"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids 577086512123755125, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(reported(record, **IN_CHANNELADVISOR, units=(("HAT", 1),)), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=1xHAT"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=channeladvisor-1, reason=more units than"
            " can be cancelled in order 576461413038785752: 1 of 'HAT'"
        ),
        "OPERATOR NOTIFY channeladvisor-1 refused: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, state REFUSED, detail more units than can be cancelled in order "
            "576461413038785752: 1 of 'HAT'"
        ),
    ]


def test_a_shipped_order_may_be_cancelled_only_whole() -> None:
    record = four_lines()
    lines = tuple(replace(line, shipped=True, tracking_number="T1", package_id="P1") for line in LINES)
    gone = seen(some_facts("AWAITING_COLLECTION", seen_after=timedelta(hours=3), lines=lines), record, at=after(0))
    assert in_words(reported(gone, line_ids=(LINE_4,)), gone) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=577086512123755126"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=lines 577086512123755126 "
            "of order 576461413038785752 are in a parcel"
        ),
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, state "
            "REFUSED, detail lines 577086512123755126 of order 576461413038785752 are in a parcel"
        ),
    ]
    assert in_words(reported(gone), gone) == [
        "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-1 line-2 577086512123755125 577086512123755126, confirm_by 06-01 17:30:00"
        ),
    ]


def test_units_of_a_side_are_those_that_it_waits_to_be_told_of_first_and_none_twice() -> None:
    record = four_lines()
    one = applied(record, canceled(record, LINE_2, hours=0.5))
    first = applied(record, reported(record, **IN_CHANNELADVISOR, units=(("TEE", 1),)))
    refused = applied(record, reported(record, **IN_CHANNELADVISOR, line_ids=(LINE_1, LineId("9"))))
    again: dict[str, Any] = {"id": "channeladvisor-2", "source": Source.CHANNELADVISOR, "units": (("TEE", 1),)}
    assert in_words(reported(one, **IN_CHANNELADVISOR, units=(("TEE", 1),)), one) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=1xTEE"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "CHANNELADVISOR CANCEL_LINE line-2 1: WITHDRAWN, it was cancelled there as well",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-2, state ACCEPTED"
        ),
    ]
    assert in_words(reported(one, units=(("TEE", 1),)), one) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=1xTEE"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=oms-17",
        "OMS CANCEL_LINE line-2 1: WITHDRAWN, it was cancelled there as well",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-2, state ACCEPTED"
        ),
    ]
    assert in_words(reported(first, 2, **again), first) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-2,"
            " reason=out_of_stock, lines=1xTEE"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-2 1: WAITING, due 06-01 18:00:00",
        (
            "SellerCancellation channeladvisor-2: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-2, confirm_by 06-01 18:30:00"
        ),
    ]
    assert in_words(reported(first, 2, units=(("TEE", 1),)), first) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=1xTEE"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 18:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-1, confirm_by 06-01 18:30:00"
        ),
    ]
    assert in_words(reported(refused, 2, **again), refused) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-2,"
            " reason=out_of_stock, lines=1xTEE"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-2 1: WAITING, due 06-01 18:00:00",
        (
            "SellerCancellation channeladvisor-2: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, confirm_by 06-01 18:30:00"
        ),
    ]


def test_units_of_an_order_that_is_cancelled_are_those_that_its_side_waits_to_be_told_of() -> None:
    record = four_lines()
    whole = applied(record, canceled(record, LINE_1, LINE_2, LINE_3, LINE_4, hours=0.5))
    informed = told(whole, Target.CHANNELADVISOR, Action.CANCEL_ORDER, at=after(0.6))
    assert in_words(reported(whole, **IN_CHANNELADVISOR, units=(("TEE", 2),)), whole) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=2xTEE"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1 line-2, state ACCEPTED"
        ),
    ]
    assert in_words(reported(informed, **IN_CHANNELADVISOR, units=(("TEE", 2),)), informed) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=2xTEE"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=channeladvisor-1, reason=more units than"
            " can be cancelled in order 576461413038785752: 2 of 'TEE'"
        ),
        "OPERATOR NOTIFY channeladvisor-1 refused: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, state REFUSED, detail more units than can be cancelled in order "
            "576461413038785752: 2 of 'TEE'"
        ),
    ]


def test_a_seller_s_cancellation_agrees_with_the_buyer_s_request_for_the_same() -> None:
    record = requested(line_ids=(LINE_1,))
    assert in_words(reported(record, line_ids=(LINE_1,)), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=line-1"
        ),
        (
            "CANCEL_REQUEST_ANSWERED by OMS: cancel_request=the-request, answer=APPROVE, by=OMS, reason=the "
            "seller has cancelled as well"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:30:00, after CANCEL_REQUEST#the-request",
        "TIKTOK_SHOP APPROVE_CANCEL_REQUEST the-request 1: WAITING, due 06-01 17:00:00",
        (
            "Cancellation the-request: next_due 06-01 17:30:00, answer APPROVE, answered_by OMS, answered_at "
            "06-01 17:00:00, answer_reason the seller has cancelled as well, confirm_by 06-01 17:30:00"
        ),
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-1, confirm_by 06-01 17:30:00"
        ),
    ]
    assert in_words(reported(record, line_ids=(LINE_2,)), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by OMS at 06-01 16:00:00: cancellation=oms-17, reason=out_of_stock,"
            " lines=line-2"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: WAITING, due 06-01 17:00:00",
        (
            "SellerCancellation oms-17: source OMS, reason out_of_stock, requested_at 06-01 16:00:00, "
            "line_ids line-2, confirm_by 06-01 17:30:00"
        ),
    ]


def test_what_tiktok_shows_as_cancelled_is_accepted_and_its_sender_spared() -> None:
    record = four_lines()
    whole = applied(record, reported(record, **IN_CHANNELADVISOR))
    part = applied(record, reported(record, **IN_CHANNELADVISOR, line_ids=(LINE_1,)))
    both = applied(part, reported(part, id="oms-20", line_ids=(LINE_2,)))
    assert in_words(canceled(whole, LINE_1, LINE_2, LINE_3, LINE_4), whole) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-1 line-2 577086512123755125 577086512123755126",
        (
            "CANCELED by TIKTOK_SHOP at 06-01 18:00:00: counts_as=canceled_in_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "CHANNELADVISOR MARK_EXPORTED order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP SET_REFERENCE order 1: WITHDRAWN, the order was cancelled",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "OMS CANCEL_LINE line-1 1: WITHDRAWN, the whole order was cancelled",
        "OMS CANCEL_LINE line-2 1: WITHDRAWN, the whole order was cancelled",
        "OMS CANCEL_LINE 577086512123755125 1: WITHDRAWN, the whole order was cancelled",
        "OMS CANCEL_LINE 577086512123755126 1: WITHDRAWN, the whole order was cancelled",
        "OMS CANCEL_ORDER order 1: WAITING, due 06-01 18:00:00",
        "order: state CANCELED, updated_at 06-01 18:00:00",
        "SellerCancellation channeladvisor-1: state ACCEPTED, confirm_by None",
    ]
    assert in_words(canceled(both, LINE_2), both) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-2",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=oms-20",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-20 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "CHANNELADVISOR CANCEL_LINE line-2 1: WAITING, due 06-01 18:00:00",
        "OMS SETTLE_SELLER_CANCELLATION oms-20 1: WAITING, due 06-01 18:00:00",
        "order: updated_at 06-01 18:00:00",
        "SellerCancellation oms-20: state ACCEPTED, confirm_by None",
    ]
    assert in_words(canceled(both, LINE_1, LINE_2), both) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-1 line-2",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=oms-20",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-20 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "CHANNELADVISOR CANCEL_LINE line-2 1: WAITING, due 06-01 18:00:00",
        "OMS CANCEL_LINE line-1 1: WAITING, due 06-01 18:00:00",
        "OMS SETTLE_SELLER_CANCELLATION oms-20 1: WAITING, due 06-01 18:00:00",
        "order: updated_at 06-01 18:00:00",
        "SellerCancellation channeladvisor-1: state ACCEPTED, confirm_by None",
        "SellerCancellation oms-20: state ACCEPTED, confirm_by None",
    ]


def test_a_cancellation_that_comes_after_tiktok_s_spares_its_sender_the_news() -> None:
    record = four_lines()
    part = applied(record, canceled(record, LINE_1, LINE_2, hours=0.5))
    whole = applied(record, canceled(record, LINE_1, LINE_2, LINE_3, LINE_4, hours=0.5))
    assert in_words(reported(part, **IN_CHANNELADVISOR, line_ids=(LINE_1,)), part) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=line-1"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WITHDRAWN, it was cancelled there as well",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, state ACCEPTED"
        ),
    ]
    assert in_words(reported(whole, **IN_CHANNELADVISOR, line_ids=(LINE_1,)), whole) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=line-1"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, state ACCEPTED"
        ),
    ]
    assert in_words(reported(whole, **IN_CHANNELADVISOR), whole) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock"
        ),
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "CHANNELADVISOR CANCEL_ORDER order 1: WITHDRAWN, it was cancelled there as well",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1 line-2 577086512123755125 577086512123755126, state ACCEPTED"
        ),
    ]


def test_what_tiktok_refuses_is_told_to_its_sender() -> None:
    record = applied(four_lines(), reported(four_lines(), line_ids=(LINE_1,)))
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-17")
    by_hand = applied(four_lines(), reported(four_lines(), **IN_CHANNELADVISOR))
    by_hand_entry = the_entry(by_hand, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "channeladvisor-1")
    assert in_words(decide_refused_by_tiktok(record, entry, after(2), reason="25001045"), record) == [
        "FAILED by TIKTOK_SHOP: told=CANCEL_AS_SELLER, subject=oms-17, reason=25001045",
        "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-17, reason=25001045",
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-17 1: FAILED, failed 06-01 18:00:00, 25001045",
        "OMS SETTLE_SELLER_CANCELLATION oms-17 1: WAITING, due 06-01 18:00:00",
        "SellerCancellation oms-17: state REFUSED, detail 25001045, confirm_by None",
    ]
    assert in_words(decide_refused_by_tiktok(by_hand, by_hand_entry, after(2), reason="25001045"), by_hand) == [
        "FAILED by TIKTOK_SHOP: told=CANCEL_AS_SELLER, subject=channeladvisor-1, reason=25001045",
        "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=channeladvisor-1, reason=25001045",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: FAILED, failed 06-01 18:00:00, 25001045",
        "OPERATOR NOTIFY channeladvisor-1 refused: WAITING, due 06-01 18:00:00",
        "SellerCancellation channeladvisor-1: state REFUSED, detail 25001045, confirm_by None",
    ]


def test_a_parcel_wins_over_a_cancellation_that_tiktok_was_not_told_of() -> None:
    record = applied(four_lines(), reported(four_lines(), id="oms-1", line_ids=(LINE_3,)))
    record = applied(record, reported(record, id="oms-2", line_ids=(LINE_1,)))
    being_told = claimed(record, Target.TIKTOK_SHOP, Action.CANCEL_AS_SELLER, "oms-2")
    report = a_report(line_ids=(LINE_1, LINE_2))
    assert in_words(parcel_reported(record, report, after(2), SHOP), record) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        (
            "SELLER_CANCELLATION_REFUSED by ORDER_SYNC: cancellation=oms-2, reason=parcel "
            "9400100000000000000000 left before TikTok Shop had cancelled"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER oms-2 1: WITHDRAWN, parcel 9400100000000000000000 has left",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "OMS SETTLE_SELLER_CANCELLATION oms-2 1: WAITING, due 06-01 18:00:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
        (
            "SellerCancellation oms-2: state REFUSED, detail parcel 9400100000000000000000 left before TikTok"
            " Shop had cancelled, confirm_by None"
        ),
    ]
    assert in_words(parcel_reported(being_told, report, after(2), SHOP), being_told) == [
        (
            "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400100000000000000000,"
            " carrier=usps"
        ),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:30:00, after TIKTOK_SHOP#CANCEL_AS_SELLER#oms-2#1",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:30:00, after TIKTOK_SHOP#CANCEL_AS_SELLER#oms-2#1",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400100000000000000000, shipped_at "
            "06-01 15:00:00, line_ids line-1 line-2"
        ),
    ]


def test_a_partner_that_does_not_hear_of_a_parcel_hears_of_what_is_cancelled_in_it() -> None:
    record = applied(four_lines(), parcel_reported(four_lines(), a_report(line_ids=(LINE_1, LINE_2)), after(0), SHOP))
    record = claimed(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    record = applied(record, canceled(record, LINE_1, hours=0.5))
    entry = the_entry(record, Target.CHANNELADVISOR, Action.SHIP, "oms-S1")
    assert in_words(decide_not_told(record, entry, after(2), reason="too late"), record) == [
        "NOT_TOLD by CHANNELADVISOR: told=SHIP, subject=oms-S1, reason=too late",
        "CHANNELADVISOR SHIP oms-S1 1: WITHDRAWN, attempts 1, too late",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WAITING, due 06-01 18:00:00",
    ]


def test_units_that_channeladvisor_s_own_link_carried_may_be_others_than_those_that_were_meant() -> None:
    record = created(seen(some_facts(lines=LINES), shop=OBSERVING))
    record = replace(record, order=replace(record.order, brought_by_link=True))
    wish = applied(record, reported(record, **IN_CHANNELADVISOR, units=(("TEE", 1), ("CAP", 1))))
    two = applied(wish, reported(wish, 1.1, id="channeladvisor-2", source=Source.CHANNELADVISOR, units=(("TEE", 1),)))
    assert in_words(canceled(wish, LINE_3, LINE_4, shop=OBSERVING), wish) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=577086512123755125 577086512123755126",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "CHANNELADVISOR CANCEL_LINE 577086512123755125 1: WITHDRAWN, it was cancelled there as well",
        "order: updated_at 06-01 18:00:00",
        (
            "SellerCancellation channeladvisor-1: line_ids 577086512123755125 577086512123755126, state "
            "ACCEPTED, confirm_by None"
        ),
    ]
    assert in_words(canceled(wish, LINE_3, shop=OBSERVING), wish) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=577086512123755125",
        "CHANNELADVISOR CANCEL_LINE 577086512123755125 1: WAITING, due 06-01 18:00:00",
        "order: updated_at 06-01 18:00:00",
        "SellerCancellation channeladvisor-1: line_ids 577086512123755125 577086512123755126",
    ]
    assert in_words(canceled(wish, LINE_1, LINE_4, shop=OBSERVING), wish) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-1 577086512123755126",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "order: updated_at 06-01 18:00:00",
        "SellerCancellation channeladvisor-1: state ACCEPTED, confirm_by None",
    ]
    assert in_words(canceled(two, LINE_3, LINE_4, shop=OBSERVING), two) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=577086512123755125 577086512123755126",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "CHANNELADVISOR CANCEL_LINE 577086512123755125 1: WITHDRAWN, it was cancelled there as well",
        "order: updated_at 06-01 18:00:00",
        (
            "SellerCancellation channeladvisor-1: line_ids 577086512123755125 577086512123755126, state "
            "ACCEPTED, confirm_by None"
        ),
    ]
    assert in_words(canceled(two, LINE_2, LINE_3, LINE_4, shop=OBSERVING), two) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=line-2 577086512123755125 577086512123755126",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-2",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-2 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "CHANNELADVISOR CANCEL_LINE 577086512123755125 1: WITHDRAWN, it was cancelled there as well",
        "order: updated_at 06-01 18:00:00",
        (
            "SellerCancellation channeladvisor-1: line_ids 577086512123755125 577086512123755126, state "
            "ACCEPTED, confirm_by None"
        ),
        "SellerCancellation channeladvisor-2: state ACCEPTED, confirm_by None",
    ]
    assert in_words(canceled(wish, LINE_3, LINE_4), wish) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=577086512123755125 577086512123755126",
        "SELLER_CANCELLATION_ACCEPTED by TIKTOK_SHOP: cancellation=channeladvisor-1",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WITHDRAWN, TikTok Shop shows the lines as cancelled",
        "CHANNELADVISOR CANCEL_LINE 577086512123755125 1: WITHDRAWN, it was cancelled there as well",
        "order: updated_at 06-01 18:00:00",
        (
            "SellerCancellation channeladvisor-1: line_ids 577086512123755125 577086512123755126, state "
            "ACCEPTED, confirm_by None"
        ),
    ]


def test_what_the_oms_cancelled_is_never_taken_for_what_the_link_carried() -> None:
    record = created(seen(some_facts(lines=LINES), shop=OBSERVING))
    record = replace(record, order=replace(record.order, brought_by_link=True))
    record = applied(record, reported(record, line_ids=(LINE_1,)))
    assert in_words(canceled(record, LINE_3, shop=OBSERVING), record) == [
        "LINES_CANCELED by TIKTOK_SHOP: lines=577086512123755125",
        "CHANNELADVISOR CANCEL_LINE 577086512123755125 1: WAITING, due 06-01 18:00:00",
        "order: updated_at 06-01 18:00:00",
    ]
