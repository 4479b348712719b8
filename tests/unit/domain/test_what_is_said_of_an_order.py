"""What stands on the timeline and in the outbox, word for word, for each decision about an order and its hand-over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from order_sync.domain.drafts import Draft
from order_sync.domain.hand_over import decide_created, decide_taken
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.telling import decide_dropped, decide_failed, decide_not_told, decide_replay
from tests.builders import (
    CANCEL_ID,
    LINE_1,
    LINE_2,
    NOON,
    TIMING,
    a_shop,
    answered,
    applied,
    claimed,
    created,
    handed_over,
    minutes,
    released,
    requested,
    seen,
    some_facts,
    some_lines,
    the_entry,
    with_entry,
)
from tests.unit.domain.in_words import in_words

SHOP = a_shop()
LATER = NOON + timedelta(hours=3)
CREATE = (Target.CHANNELADVISOR, Action.CREATE_ORDER)
GIVE = (Target.OMS, Action.CREATE_ORDER)
SHIPPED = some_lines(package_id="P1", tracking_number="T1", carrier="usps")


def sighting(record: OrderRecord | None, status: str, after: float, **changes: Any) -> Change | None:
    facts = some_facts(status, seen_after=minutes(after), **changes)
    return decide_sighting(record, facts, SHOP, TIMING, NOON + minutes(after + 1))


def shipped_by_hand(record: OrderRecord) -> Change | None:
    return sighting(record, "AWAITING_COLLECTION", 150, lines=SHIPPED)


def in_transit() -> OrderRecord:
    record = handed_over()
    record = applied(record, shipped_by_hand(record))
    collected = NOON + minutes(155)
    return applied(record, sighting(record, "IN_TRANSIT", 160, lines=SHIPPED, collected_at=collected))


def test_an_order_is_first_seen_with_what_tiktok_shop_says_of_it_and_counts_for_it() -> None:
    assert in_words(sighting(None, "ON_HOLD", 1, replaces="5764000")) == [
        (
            "SEEN by TIKTOK_SHOP at 06-01 12:00:00: status=ON_HOLD, replaces=5764000, profile=guide-2025-08, "
            "dispatch_by=2026-06-05T06:59:59+00:00, cancels_by=2026-06-11T06:59:59+00:00, "
            "delivery_by=2026-06-12T06:59:59+00:00"
        ),
        "HELD by ORDER_SYNC: until=2026-06-01T13:00:00+00:00",
    ]


def test_an_order_that_is_not_ours_is_first_seen_with_the_reason() -> None:
    assert in_words(sighting(None, "ON_HOLD", 1, fulfillment_type="FULFILLMENT_BY_TIKTOK")) == [
        (
            "SEEN by TIKTOK_SHOP at 06-01 12:00:00: status=ON_HOLD, handling=fulfilled by "
            "FULFILLMENT_BY_TIKTOK, profile=guide-2025-08, dispatch_by=2026-06-05T06:59:59+00:00, "
            "cancels_by=2026-06-11T06:59:59+00:00, delivery_by=2026-06-12T06:59:59+00:00"
        )
    ]
    assert in_words(sighting(None, "IN_TRANSIT", 1)) == [
        (
            "SEEN by TIKTOK_SHOP at 06-01 12:00:00: status=IN_TRANSIT, handling=already shipped when first "
            "seen, profile=guide-2025-08, dispatch_by=2026-06-05T06:59:59+00:00, "
            "cancels_by=2026-06-11T06:59:59+00:00, delivery_by=2026-06-12T06:59:59+00:00"
        ),
        ("DISPATCH_COUNTED by ORDER_SYNC: counts_as=on_time, deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"),
    ]


def test_an_unknown_status_is_said_once_and_again_where_it_is_another() -> None:
    record = seen(some_facts("A_NEW_WORD"))
    assert in_words(sighting(None, "A_NEW_WORD", 1)) == [
        (
            "SEEN by TIKTOK_SHOP at 06-01 12:00:00: status=A_NEW_WORD, profile=guide-2025-08, "
            "dispatch_by=2026-06-05T06:59:59+00:00, cancels_by=2026-06-11T06:59:59+00:00, "
            "delivery_by=2026-06-12T06:59:59+00:00"
        ),
        "UNKNOWN_STATUS by TIKTOK_SHOP: status=A_NEW_WORD",
    ]
    assert in_words(sighting(record, "A_NEW_WORD", 5, recipient="f7")) == [
        "ADDRESS_CHANGED by TIKTOK_SHOP at 06-01 12:05:00"
    ]
    assert in_words(sighting(record, "ANOTHER_WORD", 5)) == ["UNKNOWN_STATUS by TIKTOK_SHOP: status=ANOTHER_WORD"]


def test_an_order_that_replaces_another_is_said_once() -> None:
    record = handed_over()
    known = seen(some_facts(seen_after=minutes(99), replaces="5764000"), record)
    assert in_words(sighting(record, "AWAITING_SHIPMENT", 100, replaces="5764000")) == [
        "ORDER_REPLACED by TIKTOK_SHOP: replaces=5764000"
    ]
    assert in_words(sighting(known, "AWAITING_SHIPMENT", 100, replaces="5764000")) == []
    assert in_words(sighting(known, "AWAITING_SHIPMENT", 100)) == []


def test_a_hold_is_said_with_its_end_and_once_more_when_it_lasts_longer_than_expected() -> None:
    held = seen(some_facts("ON_HOLD"), at=NOON)
    still = some_facts("ON_HOLD", seen_after=minutes(1))
    assert in_words(sighting(held, "AWAITING_SHIPMENT", 5)) == [
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 12:05:00: before=ON_HOLD, after=AWAITING_SHIPMENT"
    ]
    assert in_words(decide_sighting(held, still, SHOP, TIMING, NOON + minutes(121))) == [
        "HELD_LONGER_THAN_EXPECTED by ORDER_SYNC: expected=2026-06-01T13:00:00+00:00"
    ]


def test_a_release_gives_the_order_to_both_partners() -> None:
    assert in_words(sighting(seen(some_facts("ON_HOLD"), at=NOON), "AWAITING_SHIPMENT", 65)) == [
        "RELEASED by ORDER_SYNC",
        "CHANNELADVISOR CREATE_ORDER order 1: WAITING, due 06-01 13:06:00",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 13:26:00, after CHANNELADVISOR#CREATE_ORDER#order#1",
    ]


def test_what_is_shipped_by_hand_becomes_a_parcel_of_which_both_partners_hear() -> None:
    assert in_words(shipped_by_hand(handed_over()), handed_over()) == [
        "PARCEL_REPORTED by TIKTOK_SHOP at 06-01 14:30:00: parcel=tiktok-P1, tracking_number=T1, carrier=usps",
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 14:30:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "CHANNELADVISOR SHIP tiktok-P1 1: WAITING, due 06-01 14:31:00",
        "OMS NOTE_PARCEL tiktok-P1 1: WAITING, due 06-01 14:31:00",
        "order: state SHIPPED, tiktok_status AWAITING_COLLECTION, updated_at 06-01 14:30:00",
        (
            "Parcel tiktok-P1: source TIKTOK_SHOP, carrier usps, tracking_number T1, in_tiktoks_words True, "
            "shipped_at 06-01 14:30:00, line_ids line-1 line-2, package_id P1, at_tiktok_since 06-01 "
            "14:30:00, tiktok_carrier usps"
        ),
    ]


def test_what_is_shipped_by_hand_before_the_hand_over_is_given_to_nobody() -> None:
    assert in_words(shipped_by_hand(released()), released()) == [
        "HANDLING_CHANGED by ORDER_SYNC: handling=WATCHED, reason=shipped in Seller Center before the hand-over",
        "PARCEL_REPORTED by TIKTOK_SHOP at 06-01 14:30:00: parcel=tiktok-P1, tracking_number=T1, carrier=usps",
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 14:30:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "CHANNELADVISOR CREATE_ORDER order 1: WITHDRAWN, shipped in Seller Center before the hand-over",
        "OMS CREATE_ORDER order 1: WITHDRAWN, shipped in Seller Center before the hand-over",
        (
            "order: state SHIPPED, handling WATCHED, handling_reason shipped in Seller Center before the "
            "hand-over, tiktok_status AWAITING_COLLECTION, updated_at 06-01 14:30:00"
        ),
        (
            "Parcel tiktok-P1: source TIKTOK_SHOP, carrier usps, tracking_number T1, in_tiktoks_words True, "
            "shipped_at 06-01 14:30:00, line_ids line-1 line-2, package_id P1, at_tiktok_since 06-01 "
            "14:30:00, tiktok_carrier usps"
        ),
    ]


def test_what_is_shipped_by_hand_before_the_oms_had_it_is_not_given_to_the_oms() -> None:
    assert in_words(shipped_by_hand(created(released()))) == [
        "PARCEL_REPORTED by TIKTOK_SHOP at 06-01 14:30:00: parcel=tiktok-P1, tracking_number=T1, carrier=usps",
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 14:30:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "OMS CREATE_ORDER order 1: WITHDRAWN, shipped in Seller Center before the OMS had the order",
        "CHANNELADVISOR SHIP tiktok-P1 1: WAITING, due 06-01 14:31:00",
    ]


def test_a_parcel_goes_its_way_with_the_notices_that_the_buyer_gets() -> None:
    record = applied(handed_over(), shipped_by_hand(handed_over()))
    collected: dict[str, Any] = {"lines": SHIPPED, "collected_at": NOON + minutes(155)}
    assert in_words(sighting(record, "IN_TRANSIT", 160, **collected)) == [
        (
            "COLLECTED by TIKTOK_SHOP at 06-01 14:35:00: buyer_notice=shipment notice, counts_as=on_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        )
    ]
    assert in_words(sighting(in_transit(), "AWAITING_COLLECTION", 170, **collected)) == [
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 14:50:00: before=IN_TRANSIT, after=AWAITING_COLLECTION"
    ]
    assert in_words(sighting(in_transit(), "DELIVERED", 170, delivered_at=NOON + minutes(165), **collected)) == [
        "DELIVERED by TIKTOK_SHOP at 06-01 14:45:00: buyer_notice=delivery notice"
    ]
    assert in_words(sighting(in_transit(), "COMPLETED", 170, **collected)) == ["COMPLETED by TIKTOK_SHOP"]


def test_a_collection_whose_time_comes_after_its_status_is_no_second_one() -> None:
    record = applied(handed_over(), shipped_by_hand(handed_over()))
    record = applied(record, sighting(record, "IN_TRANSIT", 160, lines=SHIPPED))
    assert in_words(sighting(record, "IN_TRANSIT", 170, lines=SHIPPED, collected_at=NOON + minutes(155))) == []


def test_another_address_is_told_as_long_as_nothing_has_left() -> None:
    assert in_words(sighting(handed_over(), "AWAITING_SHIPMENT", 100, recipient="f2")) == [
        "ADDRESS_CHANGED by TIKTOK_SHOP at 06-01 13:40:00",
        "CHANNELADVISOR UPDATE_ADDRESS order 20260601T134000Z-f2: WAITING, due 06-01 13:41:00",
        "OMS UPDATE_ADDRESS order 20260601T134000Z-f2: WAITING, due 06-01 13:41:00",
    ]
    assert in_words(sighting(in_transit(), "IN_TRANSIT", 170, lines=SHIPPED, recipient="f2")) == [
        "ADDRESS_CHANGED_TOO_LATE by TIKTOK_SHOP at 06-01 14:50:00"
    ]


def test_an_order_that_tiktok_ships_itself_after_all_is_withdrawn_with_the_reason() -> None:
    assert in_words(sighting(released(), "AWAITING_SHIPMENT", 150, shipping_type="TIKTOK"), released()) == [
        "HANDLING_CHANGED by ORDER_SYNC: handling=THIRD_PARTY, reason=shipping type TIKTOK",
        "CHANNELADVISOR CREATE_ORDER order 1: WITHDRAWN, shipping type TIKTOK",
        "OMS CREATE_ORDER order 1: WITHDRAWN, shipping type TIKTOK",
        "order: handling THIRD_PARTY, handling_reason shipping type TIKTOK, updated_at 06-01 14:30:00",
    ]


def test_channeladvisor_has_an_order_created_or_adopted_or_brought_by_its_own_link() -> None:
    record = released()
    entry = the_entry(record, *CREATE)
    assert in_words(decide_created(record, entry, "777", adopted=False, now=LATER), record) == [
        "CREATED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=777",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 15:00:00",
        "order: channeladvisor_id 777",
    ]
    assert in_words(decide_created(record, entry, "777", adopted=True, now=LATER), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=777",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 15:00:00",
        "order: channeladvisor_id 777",
    ]
    assert in_words(decide_created(record, entry, "777", adopted=True, brought_by_link=True, now=LATER), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=777, brought_by=the native link",
        "CHANNELADVISOR CREATE_ORDER order 1: DONE",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 15:00:00",
        "order: channeladvisor_id 777, brought_by_link True",
    ]


def test_another_number_at_channeladvisor_is_told_to_all_who_know_the_first() -> None:
    record = handed_over()
    assert in_words(decide_created(record, the_entry(record, *CREATE), "777", adopted=True, now=LATER), record) == [
        "ADOPTED_IN_CHANNELADVISOR by CHANNELADVISOR: channeladvisor_id=777",
        "OMS SET_CHANNELADVISOR_NUMBER order 777: WAITING, due 06-01 15:00:00",
        "TIKTOK_SHOP SET_REFERENCE order 2: WAITING, due 06-01 15:00:00",
        "CHANNELADVISOR MARK_EXPORTED order 777: WAITING, due 06-01 15:00:00",
        "order: channeladvisor_id 777",
    ]


def test_another_number_of_the_oms_is_told_to_tiktok_shop() -> None:
    record = handed_over()
    again = applied(record, decide_taken(record, the_entry(record, *GIVE), "OMS-2", LATER))
    assert in_words(decide_taken(record, the_entry(record, *GIVE), "OMS-1", LATER), record) == [
        "TAKEN_BY_OMS by OMS: oms_number=OMS-1"
    ]
    assert in_words(decide_taken(record, the_entry(record, *GIVE), "OMS-2", LATER), record) == [
        "TAKEN_BY_OMS by OMS: oms_number=OMS-2",
        "TIKTOK_SHOP SET_REFERENCE order 2: WAITING, due 06-01 15:00:00",
        "order: oms_number OMS-2",
    ]
    assert in_words(decide_taken(again, the_entry(again, *GIVE), "OMS-3", LATER)) == [
        "TAKEN_BY_OMS by OMS: oms_number=OMS-3",
        "TIKTOK_SHOP SET_REFERENCE order 3: WAITING, due 06-01 15:00:00",
    ]


def test_what_a_partner_refuses_waits_for_a_person_who_can_send_it_again() -> None:
    record = claimed(released(), *CREATE)
    entry = the_entry(record, *CREATE)
    failed = applied(record, decide_failed(record, entry, LATER, reason="no such SKU"))
    assert in_words(decide_failed(record, entry, LATER, reason="no such SKU"), record) == [
        "FAILED by CHANNELADVISOR: target=CHANNELADVISOR, told=CREATE_ORDER, subject=order, reason=no such SKU",
        "CHANNELADVISOR CREATE_ORDER order 1: FAILED, attempts 1, failed 06-01 15:00:00, no such SKU",
    ]
    assert in_words(decide_failed(record, entry, LATER, reason="no such SKU", in_doubt=True), record) == [
        "FAILED by CHANNELADVISOR: target=CHANNELADVISOR, told=CREATE_ORDER, subject=order, reason=no such SKU",
        "CHANNELADVISOR CREATE_ORDER order 1: FAILED, attempts 1, in doubt, failed 06-01 15:00:00, no such SKU",
    ]
    assert in_words(decide_replay(failed, LATER + minutes(1))) == [
        "REPLAYED by OPERATOR: target=CHANNELADVISOR, told=CREATE_ORDER, subject=order",
        "CHANNELADVISOR CREATE_ORDER order 1: WAITING, due 06-01 15:01:00",
    ]


def test_what_need_not_be_told_is_said_with_the_reason() -> None:
    record = claimed(released(), *CREATE)
    entry = the_entry(record, *CREATE)
    assert in_words(decide_not_told(record, entry, LATER, reason="too late"), record) == [
        "NOT_TOLD by CHANNELADVISOR: told=CREATE_ORDER, subject=order, reason=too late",
        "CHANNELADVISOR CREATE_ORDER order 1: WITHDRAWN, attempts 1, too late",
        "OMS CREATE_ORDER order 1: WITHDRAWN, too late",
    ]
    assert in_words(decide_dropped(record, entry, LATER, reason="not needed"), record) == [
        "NOT_TOLD by CHANNELADVISOR: told=CREATE_ORDER, subject=order, reason=not needed",
        "CHANNELADVISOR CREATE_ORDER order 1: WITHDRAWN, attempts 1, not needed",
        "OMS CREATE_ORDER order 1: WAITING, due 06-01 15:00:00",
    ]


def test_a_line_that_the_oms_was_not_given_needs_not_be_cancelled_there() -> None:
    record = claimed(created(released()), *GIVE)
    lines = tuple(replace(line, canceled=line.id == LINE_1) for line in some_lines())
    record = applied(record, sighting(record, "AWAITING_SHIPMENT", 150, lines=lines))
    entry = the_entry(record, *GIVE)
    assert in_words(decide_taken(record, entry, "OMS-1", LATER), record) == [
        "TAKEN_BY_OMS by OMS: oms_number=OMS-1",
        "OMS CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CANCEL_LINE line-1 1: WAITING, due 06-01 15:00:00",
        "CHANNELADVISOR MARK_EXPORTED order 1: WAITING, due 06-01 15:00:00",
        "TIKTOK_SHOP SET_REFERENCE order 1: WAITING, due 06-01 15:00:00",
        "order: state ACKNOWLEDGED_BY_SELLER, oms_number OMS-1",
    ]
    assert in_words(decide_taken(record, entry, "OMS-1", LATER, given=[LINE_2]), record) == [
        "TAKEN_BY_OMS by OMS: oms_number=OMS-1",
        "OMS CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CANCEL_LINE line-1 1: WITHDRAWN, the order was given without it",
        "CHANNELADVISOR MARK_EXPORTED order 1: WAITING, due 06-01 15:00:00",
        "TIKTOK_SHOP SET_REFERENCE order 1: WAITING, due 06-01 15:00:00",
        "order: state ACKNOWLEDGED_BY_SELLER, oms_number OMS-1",
    ]
    assert in_words(decide_taken(record, entry, "OMS-1", LATER, given=[LINE_1, LINE_2]), record) == [
        "TAKEN_BY_OMS by OMS: oms_number=OMS-1",
        "OMS CREATE_ORDER order 1: DONE, attempts 1",
        "OMS CANCEL_LINE line-1 1: WAITING, due 06-01 15:00:00",
        "CHANNELADVISOR MARK_EXPORTED order 1: WAITING, due 06-01 15:00:00",
        "TIKTOK_SHOP SET_REFERENCE order 1: WAITING, due 06-01 15:00:00",
        "order: state ACKNOWLEDGED_BY_SELLER, oms_number OMS-1",
    ]


def test_what_was_told_and_left_no_trace_is_told_once_more_in_doubt() -> None:
    record = handed_over()
    draft = Draft(record, LATER)
    draft.tell_again(replace(the_entry(record, *CREATE), attempts=3, claimed_until=LATER, reason="why"))
    assert in_words(draft.change()) == ["CHANNELADVISOR CREATE_ORDER order 1: WAITING, due 06-01 15:00:00, in doubt"]


@pytest.mark.parametrize(("revision", "what"), [("1", "failed"), ("2", "failed-2")])
def test_people_hear_of_each_answer_that_tiktok_refuses(revision: str, what: str) -> None:
    record = answered(requested())
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.APPROVE_CANCEL_REQUEST, CANCEL_ID)
    record = with_entry(record, entry, revision=revision)
    entry = replace(entry, revision=revision)
    said = in_words(decide_failed(record, entry, LATER, reason="closed"))
    assert said[-1] == f"OPERATOR NOTIFY the-request {what}: WAITING, due 06-01 15:00:00"
