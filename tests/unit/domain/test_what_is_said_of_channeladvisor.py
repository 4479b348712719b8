"""What a sighting in ChannelAdvisor says and does, word for word: where its own TikTok link works, and where not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from order_sync.domain.cancelling.cancellations import ReportedCancellation, SellerReason
from order_sync.domain.channeladvisor_sightings import (
    ChannelAdvisorFacts,
    decide_channeladvisor_sighting,
    decide_found,
)
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from tests.builders import (
    LINE_1,
    NOON,
    ORDER_ID,
    TIMING,
    a_shop,
    a_wish,
    applied,
    claimed,
    created,
    handed_over,
    minutes,
    released,
    seen,
    some_facts,
    some_lines,
    the_entry,
)
from tests.unit.domain.in_words import in_words

SHOP = a_shop()
OBSERVING = a_shop(channeladvisor={"account": "test", "profile_id": 12345678, "mode": "observe"})
LATER = NOON + timedelta(hours=4)
CREATE = (Target.CHANNELADVISOR, Action.CREATE_ORDER)
SKU = "TEE-BLU-M"


def facts(**changes: Any) -> ChannelAdvisorFacts:
    values: dict[str, Any] = {
        "id": "12345",
        "order": ORDER_ID,
        "updated_at": LATER - minutes(1),
        "shipping_status": "Unshipped",
        "units": ((SKU, 1), (SKU, 1)),
    }
    return ChannelAdvisorFacts(**(values | changes))


def shown(record: OrderRecord, shop: ShopSettings = OBSERVING, **changes: Any) -> Change | None:
    return decide_channeladvisor_sighting(record, facts(**changes), shop, TIMING, LATER)


def canceled(record: OrderRecord, *lines: str, shop: ShopSettings = OBSERVING) -> OrderRecord:
    """The record after TikTok Shop showed these lines, or all, as cancelled."""
    marked = tuple(replace(line, canceled=line.id in lines) for line in some_lines())
    status = "AWAITING_SHIPMENT" if lines else "CANCELLED"
    return seen(some_facts(status, seen_after=minutes(150), lines=marked), record, shop=shop, at=NOON + minutes(151))


def by_link(record: OrderRecord) -> OrderRecord:
    return replace(record, order=replace(record.order, brought_by_link=True))


def by_hand(number: int, **changes: Any) -> ReportedCancellation:
    values: dict[str, Any] = {"id": f"channeladvisor-{number}", "source": Source.CHANNELADVISOR, "units": ((SKU, 1),)}
    return a_wish(**(values | changes))


def test_an_order_that_the_link_brought_is_linked_and_what_was_cancelled_told_to_it() -> None:
    record = released(OBSERVING)
    part, whole = canceled(record, LINE_1), canceled(record)
    assert in_words(shown(record), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345, brought_by=the native link",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_id 12345, brought_by_link True, channeladvisor_status Unshipped",
    ]
    assert in_words(shown(part), part) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345, brought_by=the native link",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 16:00:00",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_id 12345, brought_by_link True, channeladvisor_status Unshipped",
    ]
    assert in_words(shown(part, units=((SKU, 1),)), part) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345, brought_by=the native link",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 16:00:00",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WITHDRAWN, the order was created without it",
        "order: channeladvisor_id 12345, brought_by_link True, channeladvisor_status Unshipped",
    ]
    assert in_words(shown(whole), whole) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345, brought_by=the native link",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "CHANNELADVISOR CANCEL_ORDER order 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_id 12345, brought_by_link True, channeladvisor_status Unshipped",
    ]


def test_an_order_that_holds_no_cancelled_unit_is_not_told_to_cancel_one() -> None:
    record = claimed(canceled(released(), LINE_1, shop=SHOP), *CREATE)
    entry = the_entry(record, *CREATE)
    also: dict[str, Any] = {"shop": OBSERVING, "timing": TIMING, "now": LATER, "brought_by_link": False}
    assert in_words(decide_found(record, entry, facts=facts(units=((SKU, 1),)), **also), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 16:00:00",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WITHDRAWN, the order was created without it",
        "order: channeladvisor_id 12345, channeladvisor_status Unshipped",
    ]
    assert in_words(decide_found(record, entry, facts=facts(), **also), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 16:00:00",
        "CHANNELADVISOR CANCEL_LINE line-1 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_id 12345, channeladvisor_status Unshipped",
    ]


def test_an_order_that_the_link_cannot_have_brought_is_not_linked_by_being_seen() -> None:
    record = released(OBSERVING)
    sending = claimed(record, *CREATE)
    watched = replace(record, order=replace(record.order, handling=Handling.WATCHED))
    assert in_words(shown(record, SHOP), record) == []
    assert in_words(shown(watched), watched) == []
    assert in_words(shown(sending, shipping_status="PendingShipment"), sending) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=PendingShipment",
        "order: channeladvisor_status PendingShipment",
    ]
    assert in_words(shown(created(record), id="999"), created(record)) == []


def test_an_order_that_was_looked_for_is_linked_and_what_happened_to_it_there_is_seen() -> None:
    record = released()
    entry = the_entry(record, *CREATE)
    found = facts(shipping_status="PendingShipment", seller_order_id="SO-1")
    also: dict[str, Any] = {"facts": found, "timing": TIMING, "now": LATER}
    assert in_words(decide_found(record, entry, shop=SHOP, brought_by_link=False, **also), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345",
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=PendingShipment",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_id 12345, channeladvisor_status PendingShipment",
    ]
    assert in_words(decide_found(record, entry, shop=OBSERVING, brought_by_link=True, **also), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=12345, brought_by=the native link",
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=PendingShipment",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_id 12345, brought_by_link True, channeladvisor_status PendingShipment",
    ]


def test_another_status_is_said_with_both() -> None:
    record = applied(handed_over(), shown(handed_over(), SHOP))
    assert in_words(shown(record, SHOP, shipping_status="PendingShipment"), record) == [
        ("CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: before=Unshipped, after=PendingShipment"),
        "order: channeladvisor_status PendingShipment",
    ]
    assert in_words(shown(handed_over(), SHOP, shipping_status="PendingShipment"), handed_over()) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=PendingShipment",
        "order: channeladvisor_status PendingShipment",
    ]


def test_the_link_is_given_the_time_that_it_takes_to_carry_a_cancellation() -> None:
    record = by_link(handed_over())
    assert in_words(shown(record, cancellations=(by_hand(1),)), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=1xTEE-BLU-M"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Unshipped",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, confirm_by 06-01 18:00:00"
        ),
    ]
    assert in_words(shown(handed_over(), cancellations=(by_hand(1),)), handed_over()) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=1xTEE-BLU-M"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Unshipped",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, confirm_by 06-01 16:30:00"
        ),
    ]


def test_unit_by_unit_until_nothing_is_left_is_the_whole_order() -> None:
    record = handed_over()
    all_gone: dict[str, Any] = {"shipping_status": "Canceled"}
    known = applied(record, shown(record, SHOP, cancellations=(by_hand(1),)))
    asked = by_hand(2, reason=SellerReason.BUYER_REQUESTED)
    also_asked = by_hand(3, reason=SellerReason.BUYER_REQUESTED)
    assert in_words(shown(record, SHOP, cancellations=(by_hand(1), by_hand(2)), **all_gone), record) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=Canceled",
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, parts=channeladvisor-2"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Canceled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1 line-2, parts channeladvisor-2, confirm_by 06-01 16:30:00"
        ),
    ]
    assert in_words(shown(record, SHOP, cancellations=(by_hand(1), by_hand(2))), record) == [
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=1xTEE-BLU-M"
        ),
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-2,"
            " reason=out_of_stock, lines=1xTEE-BLU-M"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WAITING, due 06-01 16:00:00",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-2 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Unshipped",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, confirm_by 06-01 16:30:00"
        ),
        (
            "SellerCancellation channeladvisor-2: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-2, confirm_by 06-01 16:30:00"
        ),
    ]
    assert in_words(shown(record, SHOP, cancellations=(by_hand(1),), **all_gone), record) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=Canceled",
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=1xTEE-BLU-M"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Canceled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, confirm_by 06-01 16:30:00"
        ),
    ]
    assert in_words(shown(known, SHOP, cancellations=(by_hand(1), by_hand(2)), **all_gone), known) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: before=Unshipped, after=Canceled",
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-2,"
            " reason=out_of_stock, lines=1xTEE-BLU-M"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-2 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Canceled",
        (
            "SellerCancellation channeladvisor-2: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-2, confirm_by 06-01 16:30:00"
        ),
    ]
    assert in_words(shown(record, SHOP, cancellations=(by_hand(1), asked), **all_gone), record) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=Canceled",
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-1,"
            " reason=out_of_stock, lines=1xTEE-BLU-M"
        ),
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-2,"
            " reason=buyer_requested"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-1 1: WAITING, due 06-01 16:00:00",
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-2 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Canceled",
        (
            "SellerCancellation channeladvisor-1: source CHANNELADVISOR, reason out_of_stock, requested_at "
            "06-01 16:00:00, line_ids line-1, confirm_by 06-01 16:30:00"
        ),
        (
            "SellerCancellation channeladvisor-2: source CHANNELADVISOR, reason buyer_requested, requested_at"
            " 06-01 16:00:00, line_ids line-1 line-2, confirm_by 06-01 16:30:00"
        ),
    ]
    assert in_words(shown(record, SHOP, cancellations=(asked, also_asked), **all_gone), record) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=Canceled",
        (
            "SELLER_CANCELLATION_REPORTED by CHANNELADVISOR at 06-01 16:00:00: cancellation=channeladvisor-2,"
            " reason=buyer_requested, parts=channeladvisor-3"
        ),
        "TIKTOK_SHOP CANCEL_AS_SELLER channeladvisor-2 1: WAITING, due 06-01 16:00:00",
        "order: channeladvisor_status Canceled",
        (
            "SellerCancellation channeladvisor-2: source CHANNELADVISOR, reason buyer_requested, requested_at"
            " 06-01 16:00:00, line_ids line-1 line-2, parts channeladvisor-3, confirm_by 06-01 16:30:00"
        ),
    ]


def test_a_cancellation_that_the_link_brought_after_all_is_done() -> None:
    record = canceled(by_link(handed_over()))
    part = canceled(by_link(handed_over()), LINE_1)
    assert in_words(shown(record, shipping_status="Canceled"), record) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=Canceled",
        "CARRIED_BY_NATIVE_LINK by CHANNELADVISOR: told=CANCEL_ORDER, subject=order",
        "CHANNELADVISOR CANCEL_ORDER order 1: DONE",
        "order: channeladvisor_status Canceled",
    ]
    assert in_words(shown(record), record) == ["order: channeladvisor_status Unshipped"]
    assert in_words(shown(part, shipping_status="Canceled"), part) == [
        "CHANNELADVISOR_STATUS_CHANGED by CHANNELADVISOR at 06-01 15:59:00: after=Canceled",
        "CARRIED_BY_NATIVE_LINK by CHANNELADVISOR: told=CANCEL_LINE, subject=line-1",
        "CHANNELADVISOR CANCEL_LINE line-1 1: DONE",
        "order: channeladvisor_status Canceled",
    ]
