"""What a sighting of an order at TikTok Shop decides: the hold, its end, and what happens to an order afterwards."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.facts import OrderFacts
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.sightings import decide_sighting
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import (
    LINE_1,
    LINE_2,
    NOON,
    TIMING,
    a_shop,
    applied,
    claimed,
    created,
    entry_for,
    events_of,
    handed_over,
    minutes,
    released,
    seen,
    some_facts,
    some_lines,
    the_entry,
)

HOLD_END = NOON + minutes(60)
LATER = NOON + timedelta(hours=3)


def sighting_of(record: OrderRecord | None, facts: OrderFacts, at: datetime = LATER) -> list[Event]:
    return events_of(decide_sighting(record, facts, a_shop(), TIMING, at))


@pytest.mark.parametrize(
    ("status", "state", "handling", "waits"),
    [
        ("UNPAID", "PENDING", "OURS", True),
        ("ON_HOLD", "PENDING", "OURS", True),
        ("AWAITING_SHIPMENT", "PENDING", "OURS", True),
        ("AWAITING_COLLECTION", "SHIPPED", "WATCHED", False),
        ("IN_TRANSIT", "SHIPPED", "WATCHED", False),
        ("DELIVERED", "SHIPPED", "WATCHED", False),
        ("COMPLETED", "SHIPPED", "WATCHED", False),
        ("CANCELLED", "CANCELED", "OURS", False),
    ],
)
def test_an_order_first_seen_in_a_status(status: str, state: str, handling: str, *, waits: bool) -> None:
    record = seen(some_facts(status), at=NOON + minutes(1))
    assert record.order.state == state
    assert record.order.handling == handling
    assert (record.order.release_due is not None) is waits
    assert record.order.tiktok_status == status
    assert record.outbox == ()


def test_an_order_that_is_part_shipped_when_first_seen_is_watched() -> None:
    one, two = some_lines()
    facts = some_facts("PARTIALLY_SHIPPING", lines=(replace(one, shipped=True, tracking_number="T1"), two))
    record = seen(facts)
    assert (record.order.state, record.order.handling) == (OrderState.PARTIALLY_SHIPPED, Handling.WATCHED)
    assert record.order.handling_reason == "already shipped when first seen"
    assert record.outbox == ()


def test_an_order_placed_before_go_live_is_watched_through_its_whole_life() -> None:
    shop = a_shop(starts_at=NOON + minutes(1))
    record = seen(some_facts("ON_HOLD"), shop=shop, at=NOON + minutes(2))
    assert (record.order.handling, record.order.handling_reason) == (Handling.WATCHED, "placed before go-live")
    record = seen(some_facts(seen_after=minutes(70)), record, shop=shop)
    assert record.order.state is OrderState.RELEASED_FOR_SHIPMENT
    record = seen(some_facts("IN_TRANSIT", seen_after=minutes(90)), record, shop=shop)
    assert record.order.state is OrderState.SHIPPED
    assert record.outbox == ()


def test_an_order_placed_at_the_moment_of_go_live_is_ours() -> None:
    assert seen(some_facts("ON_HOLD"), shop=a_shop(starts_at=NOON)).order.handling is Handling.OURS


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}, "fulfilled by FULFILLMENT_BY_TIKTOK"),
        ({"shipping_type": "TIKTOK"}, "shipping type TIKTOK"),
        ({"shipping_type": "TIKTOK_DIGITAL"}, "shipping type TIKTOK_DIGITAL"),
    ],
)
def test_an_order_that_the_seller_does_not_ship_is_recorded_with_the_reason(
    changes: dict[str, Any], reason: str
) -> None:
    record = seen(some_facts("ON_HOLD", **changes), at=NOON + minutes(1))
    for status in ("AWAITING_SHIPMENT", "IN_TRANSIT", "DELIVERED"):
        record = seen(some_facts(status, seen_after=minutes(70), **changes), record)
        assert (record.order.handling, record.order.handling_reason) == (Handling.THIRD_PARTY, reason)
        assert record.order.release_due is None
        assert record.outbox == ()


def test_an_order_that_only_later_turns_out_to_be_tiktok_s_to_ship_is_never_pushed() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    facts = some_facts(seen_after=minutes(70), shipping_type="TIKTOK")
    change = decide_sighting(record, facts, a_shop(), TIMING, LATER)
    assert change is not None
    assert change.order.handling is Handling.THIRD_PARTY
    assert change.order.release_due is None
    assert change.outbox == ()
    assert Event.HANDLING_CHANGED in events_of(change)


def test_a_hand_over_that_has_not_begun_is_withdrawn_when_tiktok_ships_the_order() -> None:
    record = seen(some_facts(seen_after=minutes(70), shipping_type="TIKTOK"), released())
    assert {entry.state for entry in record.outbox} == {EntryState.WITHDRAWN}


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (HOLD_END - timedelta(seconds=1), "PENDING"),
        (HOLD_END, "RELEASED_FOR_SHIPMENT"),
        (HOLD_END + timedelta(seconds=1), "RELEASED_FOR_SHIPMENT"),
    ],
)
def test_a_category_without_a_hold_is_held_by_us_to_the_second(at: datetime, state: str) -> None:
    record = seen(some_facts(), at=NOON + minutes(1))
    assert record.order.state is OrderState.PENDING
    assert record.order.release_due == HOLD_END
    # The same facts once more: only the time has passed.
    record = seen(some_facts(), replace(record, order=replace(record.order, release_due=at)), at=at)
    assert record.order.state == state


def test_a_hold_is_noted_once_with_the_slot_in_which_it_is_looked_at() -> None:
    facts = some_facts("ON_HOLD")
    change = decide_sighting(None, facts, a_shop(), TIMING, NOON + minutes(1))
    assert change is not None
    assert events_of(change) == [Event.SEEN, Event.HELD]
    assert change.timeline[1].detail == {"until": HOLD_END.isoformat()}
    assert sighting_of(applied(None, change), facts, at=HOLD_END) == []


def test_an_order_is_not_released_while_tiktok_holds_it_however_late_it_is() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    record = seen(some_facts("ON_HOLD"), record, at=HOLD_END + minutes(30))
    assert record.order.state is OrderState.PENDING
    assert record.order.release_due == HOLD_END + minutes(35)
    assert record.outbox == ()


def test_a_release_queues_the_hand_over_and_ends_the_wait() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    change = decide_sighting(record, some_facts(seen_after=minutes(60)), a_shop(), TIMING, HOLD_END)
    assert change is not None
    assert change.order.release_due is None
    assert change.order.state is OrderState.RELEASED_FOR_SHIPMENT
    assert events_of(change) == [Event.RELEASED]
    assert {(entry.target, entry.action) for entry in change.outbox} == {
        (Target.CHANNELADVISOR, Action.CREATE_ORDER),
        (Target.OMS, Action.CREATE_ORDER),
    }


def test_a_payment_time_that_tiktok_stops_showing_still_starts_the_hold() -> None:
    record = seen(some_facts("ON_HOLD", paid_at=NOON + minutes(30)), at=NOON + minutes(31))
    record = seen(some_facts(seen_after=minutes(60), paid_at=None), record, at=HOLD_END)
    assert record.order.state is OrderState.PENDING
    assert record.order.hold_ends_at == HOLD_END + minutes(30)


def test_a_pre_order_waits_in_one_wait_for_its_release_date() -> None:
    release_date = NOON + timedelta(days=30)
    facts = some_facts("ON_HOLD", release_at=release_date)
    record = seen(facts, at=NOON + minutes(1))
    assert record.order.release_due == release_date
    assert decide_sighting(record, facts, a_shop(), TIMING, release_date - minutes(1)) is None


def test_an_order_cancelled_in_the_hold_never_leaves_the_ledger() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    change = decide_sighting(
        record, some_facts("CANCELLED", seen_after=minutes(5), canceled_by="BUYER"), a_shop(), TIMING, NOON + minutes(6)
    )
    assert change is not None
    assert change.order.state is OrderState.CANCELED
    assert change.order.release_due is None
    assert change.outbox == ()
    (fact,) = change.timeline
    assert (fact.event, fact.detail["initiator"]) == (Event.CANCELED, "BUYER")
    # And it stays so when its hold would have been over.
    assert sighting_of(applied(record, change), some_facts(seen_after=minutes(70))) == [Event.STATUS_CHANGED]


def test_a_repeated_sighting_changes_nothing() -> None:
    facts = some_facts("ON_HOLD")
    record = seen(facts, at=NOON + minutes(1))
    assert decide_sighting(record, facts, a_shop(), TIMING, NOON + minutes(15)) is None


def test_an_older_page_is_ignored() -> None:
    record = seen(some_facts("CANCELLED", seen_after=minutes(5)))
    assert decide_sighting(record, some_facts("ON_HOLD", seen_after=minutes(4)), a_shop(), TIMING, LATER) is None


def test_a_page_of_the_same_second_counts_when_its_content_differs() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    assert seen(some_facts("CANCELLED"), record).order.state is OrderState.CANCELED


def test_a_late_page_never_undoes_what_tiktok_confirmed() -> None:
    record = handed_over()
    shipped = tuple(replace(line, state=LineState.SHIPPED) for line in record.order.lines)
    record = replace(record, order=replace(record.order, state=OrderState.SHIPPED, lines=shipped))
    record = seen(some_facts(seen_after=minutes(90), collected_at=None), record)
    assert record.order.state is OrderState.SHIPPED
    assert record.order.lines == shipped


def test_what_tiktok_stops_showing_is_not_forgotten() -> None:
    full = some_facts(
        "DELIVERED",
        cancels_unless_shipped_by=NOON + timedelta(days=9),
        cancels_unless_collected_by=NOON + timedelta(days=10),
        collected_at=NOON + minutes(90),
        delivered_at=NOON + minutes(100),
    )
    bare = some_facts("COMPLETED", seen_after=LATER - NOON, paid_at=None, ship_by=None, collect_by=None, recipient="")
    before = seen(full)
    assert before.order.paid_at == full.paid_at
    assert (before.order.ship_by, before.order.collect_by) == (full.ship_by, full.collect_by)
    assert before.order.cancels_unless_shipped_by == full.cancels_unless_shipped_by
    assert before.order.cancels_unless_collected_by == full.cancels_unless_collected_by
    assert (before.order.collected_at, before.order.delivered_at) == (full.collected_at, full.delivered_at)
    after = seen(bare, before)
    kept = replace(
        before.order,
        version=after.order.version,
        tiktok_status="COMPLETED",
        updated_at=LATER,
        digest=after.order.digest,
    )
    assert after.order == kept


def test_an_unknown_status_is_kept_and_noted_once_and_the_order_recovers() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    strange = some_facts("SOMETHING_NEW", seen_after=minutes(10))
    assert sighting_of(record, strange) == [Event.UNKNOWN_STATUS]
    record = seen(strange, record, at=NOON + minutes(11))
    assert record.order.tiktok_status == "SOMETHING_NEW"
    assert record.order.state is OrderState.PENDING
    still_strange = some_facts("SOMETHING_NEW", seen_after=minutes(20))
    assert sighting_of(record, still_strange, at=NOON + minutes(21)) == []
    record = seen(still_strange, record, at=NOON + minutes(21))
    assert seen(some_facts(seen_after=minutes(70)), record).order.state is OrderState.RELEASED_FOR_SHIPMENT


def test_an_order_first_seen_in_an_unknown_status_recovers_too() -> None:
    record = seen(some_facts("SOMETHING_NEW"), at=NOON + minutes(1))
    assert (record.order.state, record.outbox) == (OrderState.PENDING, ())
    assert seen(some_facts(seen_after=minutes(70)), record).order.state is OrderState.RELEASED_FOR_SHIPMENT


def test_an_order_held_an_hour_longer_than_expected_is_noted_once() -> None:
    facts = some_facts("ON_HOLD")
    record = seen(facts, at=NOON + minutes(1))
    record = seen(facts, record, at=HOLD_END + minutes(59))
    assert not record.order.held_long
    assert sighting_of(record, facts, at=HOLD_END + minutes(60)) == [Event.HELD_LONGER_THAN_EXPECTED]
    record = seen(facts, record, at=HOLD_END + minutes(60))
    assert record.order.held_long
    assert sighting_of(record, facts, at=HOLD_END + minutes(90)) == []


def test_a_hint_at_a_cancel_request_is_kept_and_the_request_itself_notes_the_rest() -> None:
    record = handed_over()
    asked = some_facts(seen_after=minutes(90), cancel_requested=True)
    assert sighting_of(record, asked) == []
    record = seen(asked, record)
    assert record.order.cancel_requested
    assert not seen(some_facts(seen_after=minutes(99)), record).order.cancel_requested


def test_a_recipient_that_is_shown_for_the_first_time_is_no_change() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    change = decide_sighting(record, some_facts(seen_after=minutes(70)), a_shop(), TIMING, LATER)
    assert change is not None
    assert change.order.recipient == "f1"
    assert Event.ADDRESS_CHANGED not in events_of(change)


def test_an_address_that_changes_before_the_hand_over_is_noted_and_told_to_nobody() -> None:
    record = released()
    change = decide_sighting(record, some_facts(seen_after=minutes(90), recipient="f2"), a_shop(), TIMING, LATER)
    assert events_of(change) == [Event.ADDRESS_CHANGED]
    assert change is not None
    assert (change.order.recipient, change.outbox) == ("f2", ())


def test_an_address_that_changes_after_the_hand_over_is_told_to_whoever_has_the_order() -> None:
    change = decide_sighting(handed_over(), some_facts(seen_after=minutes(90), recipient="f2"), a_shop(), TIMING, LATER)
    assert change is not None
    assert events_of(change) == [Event.ADDRESS_CHANGED]
    assert [(entry.target, entry.action, entry.due_at) for entry in change.outbox] == [
        (Target.CHANNELADVISOR, Action.UPDATE_ADDRESS, LATER),
        (Target.OMS, Action.UPDATE_ADDRESS, LATER),
    ]


def test_an_address_that_changes_while_the_order_is_being_created_follows_right_after() -> None:
    record = claimed(released(), Target.CHANNELADVISOR, Action.CREATE_ORDER)
    record = seen(some_facts(seen_after=minutes(90), recipient="f2"), record)
    update = the_entry(record, Target.CHANNELADVISOR, Action.UPDATE_ADDRESS)
    assert (update.due_at, update.waits_for) == (None, "CHANNELADVISOR#CREATE_ORDER#order#1")
    assert the_entry(created(record), Target.CHANNELADVISOR, Action.UPDATE_ADDRESS).due_at is not None
    assert entry_for(record, Target.OMS, Action.UPDATE_ADDRESS) is None


def test_a_buyer_who_returns_to_an_earlier_address_is_told_about_each_time() -> None:
    record = handed_over()
    for after, recipient in enumerate(("f2", "f1", "f2"), start=90):
        record = seen(some_facts(seen_after=minutes(after), recipient=recipient), record)
    told = [entry for entry in record.outbox if entry.action is Action.UPDATE_ADDRESS and entry.target is Target.OMS]
    assert len(told) == 3


def test_an_address_that_changes_after_shipping_is_noted_as_too_late() -> None:
    one, two = some_lines()
    lines = (replace(one, shipped=True, package_id="P1", tracking_number="T1"), two)
    record = seen(some_facts("PARTIALLY_SHIPPING", seen_after=minutes(80), lines=lines), handed_over())
    change = decide_sighting(
        record,
        some_facts("PARTIALLY_SHIPPING", seen_after=minutes(90), lines=lines, recipient="f2"),
        a_shop(),
        TIMING,
        LATER,
    )
    assert change is not None
    assert events_of(change) == [Event.ADDRESS_CHANGED_TOO_LATE]
    assert (change.order.recipient, change.outbox) == ("f2", ())


def test_an_address_that_changes_in_the_same_sighting_as_the_shipping_is_too_late() -> None:
    lines = some_lines(package_id="P1", tracking_number="T1")
    change = decide_sighting(
        handed_over(),
        some_facts("AWAITING_COLLECTION", seen_after=minutes(90), lines=lines, recipient="f2"),
        a_shop(),
        TIMING,
        LATER,
    )
    assert Event.ADDRESS_CHANGED_TOO_LATE in events_of(change)
    assert change is not None
    assert all(entry.action is not Action.UPDATE_ADDRESS for entry in change.outbox)


def test_an_order_cancelled_before_the_hand_over_is_told_to_nobody() -> None:
    record = seen(some_facts("CANCELLED", seen_after=minutes(90)), released())
    assert {(entry.action, entry.state) for entry in record.outbox} == {(Action.CREATE_ORDER, EntryState.WITHDRAWN)}


def test_an_order_cancelled_after_the_hand_over_is_told_to_whoever_has_it() -> None:
    facts = some_facts("CANCELLED", seen_after=minutes(90), lines=some_lines(canceled=True))
    change = decide_sighting(handed_over(), facts, a_shop(), TIMING, LATER)
    assert change is not None
    assert events_of(change) == [Event.CANCELED]
    told = {entry.target: entry.due_at for entry in change.outbox if entry.action is Action.CANCEL_ORDER}
    assert told == {Target.CHANNELADVISOR: LATER, Target.OMS: LATER}
    assert {line.state for line in change.order.lines} == {LineState.CANCELED}


def test_a_cancellation_withdraws_what_nobody_was_told_yet() -> None:
    record = handed_over()
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SET_REFERENCE).state is EntryState.WAITING
    record = seen(some_facts("CANCELLED", seen_after=minutes(90)), record)
    waiting = {entry.action for entry in record.outbox if entry.state is EntryState.WAITING}
    assert waiting == {Action.CANCEL_ORDER}
    assert the_entry(record, Target.TIKTOK_SHOP, Action.SET_REFERENCE).reason == "the order was cancelled"


@pytest.mark.parametrize("status", ["AWAITING_COLLECTION", "IN_TRANSIT"])
def test_an_order_can_be_cancelled_after_it_was_shipped(status: str) -> None:
    record = seen(some_facts(status, seen_after=minutes(80), lines=some_lines(tracking_number="T1")), handed_over())
    record = seen(some_facts("CANCELLED", seen_after=minutes(90), canceled_by="SYSTEM"), record)
    assert record.order.state is OrderState.CANCELED
    assert the_entry(record, Target.OMS, Action.CANCEL_ORDER).state is EntryState.WAITING


def test_a_single_cancelled_line_is_noted_once_and_the_order_goes_on() -> None:
    one, two = some_lines()
    facts = some_facts("ON_HOLD", seen_after=minutes(5), lines=(replace(one, canceled=True), two))
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    change = decide_sighting(record, facts, a_shop(), TIMING, NOON + minutes(6))
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.detail["lines"]) == (Event.LINES_CANCELED, LINE_1)
    record = seen(replace(facts, status_text="AWAITING_SHIPMENT", updated_at=LATER), applied(record, change))
    assert record.order.state is OrderState.RELEASED_FOR_SHIPMENT
    assert [line.state for line in record.order.lines] == [LineState.CANCELED, LineState.OPEN]


def test_an_order_whose_last_line_is_cancelled_is_cancelled_whatever_its_status_says() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    record = seen(some_facts(seen_after=minutes(70), lines=some_lines(canceled=True)), record)
    assert record.order.state is OrderState.CANCELED
    assert record.outbox == ()


def test_an_order_is_shipped_when_what_is_not_shipped_is_cancelled() -> None:
    one, two = some_lines()
    one = replace(one, shipped=True, package_id="P1", tracking_number="T1")
    facts = some_facts("PARTIALLY_SHIPPING", seen_after=minutes(80), lines=(one, two))
    record = seen(facts, handed_over())
    assert record.order.state is OrderState.PARTIALLY_SHIPPED
    record = seen(replace(facts, updated_at=LATER, lines=(one, replace(two, canceled=True))), record)
    assert record.order.state is OrderState.SHIPPED


def test_a_line_that_tiktok_adds_later_is_kept() -> None:
    one, two = some_lines()
    record = seen(some_facts(seen_after=minutes(90)), seen(some_facts(lines=(one,)), at=NOON + minutes(1)))
    assert [line.id for line in record.order.lines] == [LINE_1, LINE_2]
    assert two.id == LINE_2


def test_delivery_progress_stands_on_the_timeline_with_the_buyer_s_notices_once_each() -> None:
    record = handed_over()
    lines = some_lines(package_id="P1", tracking_number="T1")
    collected, delivered = NOON + timedelta(days=1), NOON + timedelta(days=3)
    told: list[tuple[Event, datetime | None, str]] = []
    for hours, status, times in (
        (4, "AWAITING_COLLECTION", {}),
        (26, "IN_TRANSIT", {"collected_at": collected}),
        (27, "IN_TRANSIT", {"collected_at": collected, "ship_by": LATER}),
        (75, "DELIVERED", {"collected_at": collected, "delivered_at": delivered}),
        (400, "COMPLETED", {"collected_at": collected, "delivered_at": delivered}),
    ):
        facts = some_facts(status, seen_after=timedelta(hours=hours), lines=lines, **times)
        change = decide_sighting(record, facts, a_shop(), TIMING, facts.updated_at)
        assert change is not None
        told += [
            (fact.event, fact.happened_at, fact.detail.get("buyer_notice", ""))
            for fact in change.timeline
            if fact.source is Source.TIKTOK_SHOP and fact.event is not Event.PARCEL_REPORTED
        ]
        record = applied(record, change)
    assert told == [
        (Event.STATUS_CHANGED, NOON + timedelta(hours=4), ""),
        (Event.COLLECTED, collected, "shipment notice"),
        (Event.DELIVERED, delivered, "delivery notice"),
        (Event.COMPLETED, None, ""),
    ]


def test_a_collection_that_no_poll_saw_is_noted_with_the_delivery() -> None:
    lines = some_lines(package_id="P1", tracking_number="T1")
    record = seen(some_facts("AWAITING_COLLECTION", seen_after=minutes(80), lines=lines), handed_over())
    facts = some_facts(
        "DELIVERED", seen_after=minutes(99), lines=lines, collected_at=NOON + minutes(90), delivered_at=NOON
    )
    assert sighting_of(record, facts) == [Event.COLLECTED, Event.DELIVERED]


@pytest.mark.parametrize(
    ("status", "time", "event"),
    [("IN_TRANSIT", "collected_at", Event.COLLECTED), ("DELIVERED", "delivered_at", Event.DELIVERED)],
)
def test_progress_is_noted_once_even_where_tiktok_gives_its_time_only_later(
    status: str, time: str, event: Event
) -> None:
    lines = some_lines(package_id="P1", tracking_number="T1")
    record = seen(some_facts("AWAITING_COLLECTION", seen_after=minutes(80), lines=lines), handed_over())
    facts = some_facts(status, seen_after=minutes(90), lines=lines)
    assert sighting_of(record, facts) == [event]
    timed = some_facts(status, seen_after=minutes(91), lines=lines, **{time: NOON + minutes(90)})
    assert sighting_of(seen(facts, record), timed) == []
    again = some_facts(status, seen_after=minutes(92), lines=lines, ship_by=LATER, **{time: NOON + minutes(90)})
    assert sighting_of(seen(timed, record), again) == []


@pytest.mark.parametrize("between", ["A_NEW_WORD", "AWAITING_COLLECTION", "DELIVERED"])
def test_a_collection_without_its_time_is_noted_once_whatever_status_is_shown_in_between(between: str) -> None:
    lines = some_lines(package_id="P1", tracking_number="T1")
    record = seen(some_facts("AWAITING_COLLECTION", seen_after=minutes(80), lines=lines), handed_over())
    record = seen(some_facts("IN_TRANSIT", seen_after=minutes(90), lines=lines), record)
    record = seen(some_facts(between, seen_after=minutes(91), lines=lines), record)
    again = some_facts("IN_TRANSIT", seen_after=minutes(92), lines=lines, collected_at=NOON + minutes(90))
    assert Event.COLLECTED not in sighting_of(record, again)


def test_a_refund_that_completes_an_order_is_no_delivery() -> None:
    lines = some_lines(package_id="P1", tracking_number="T1")
    record = seen(some_facts("AWAITING_COLLECTION", seen_after=minutes(80), lines=lines), handed_over())
    assert sighting_of(record, some_facts("COMPLETED", seen_after=minutes(90), lines=lines)) == [Event.COMPLETED]
