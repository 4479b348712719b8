"""What the passing of time brings: reminders, the shop's rule, and confirmations that are missing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.answering.times import rule_is_due
from order_sync.domain.cancelling.answers import decide_reject_not_offered
from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.cancelling.unanswered import decide_due
from order_sync.domain.ids import LineId
from order_sync.domain.orders import Handling, LineState, Source, lines_in_state
from order_sync.domain.outbox import Action, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    TIMING,
    a_cancellation,
    a_shop,
    a_wish,
    answered,
    applied,
    cancel_facts,
    cancellation_change,
    events_of,
    handed_over,
    minutes,
    released,
    requested,
    settled,
    the_entry,
    the_request,
    wished,
)

SHOP = a_shop()
NOBODY: frozenset[LineId] = frozenset()


def after(hours: float) -> datetime:
    return ASKED + timedelta(hours=hours)


def rule(text: str) -> ShopSettings:
    return a_shop(cancellations={"without_answer": text})


def due(
    record: OrderRecord, now: datetime, shop: ShopSettings = SHOP, packed: frozenset[LineId] | None = NOBODY
) -> Change | None:
    return decide_due(record, shop, TIMING, now, packed=packed)


def notices(change: Change | None) -> list[str]:
    return [entry.revision for entry in change.outbox if entry.action is Action.NOTIFY] if change else []


def test_nothing_is_due_before_the_first_reminder() -> None:
    assert due(requested(), after(12) - timedelta(milliseconds=1)) is None


@pytest.mark.parametrize(
    ("earlier", "now", "number"),
    [((), after(12), 1), ((12,), after(20), 2), ((12, 20), after(23), 3), ((12,), after(20.2), 2)],
)
def test_each_reminder_is_recorded_at_its_time_and_told_to_people(
    earlier: tuple[int, ...], now: datetime, number: int
) -> None:
    record = requested()
    for hour in earlier:
        record = applied(record, due(record, after(hour)))
    change = due(record, now)
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.source) == (Event.CANCEL_REQUEST_REMINDER, Source.ORDER_SYNC)
    assert fact.happened_at == after((12, 20, 23)[number - 1])
    assert fact.detail == {
        "cancel_request": CANCEL_ID,
        "number": str(number),
        "respond_by": after(24).isoformat(),
    }
    (notice,) = change.outbox
    assert (notice.target, notice.action, notice.subject) == (Target.OPERATOR, Action.NOTIFY, CANCEL_ID)
    assert (notice.revision, notice.due_at) == (f"reminder-{number}", now)
    assert due(applied(record, change), now) is None


def test_after_an_outage_people_get_one_reminder_and_not_three() -> None:
    change = due(requested(), after(23.1))
    assert events_of(change) == [Event.CANCEL_REQUEST_REMINDER]
    assert notices(change) == ["reminder-3"]
    assert the_request(applied(requested(), change)).next_due == after(23.25)


@pytest.mark.parametrize("answer", Answer)
def test_nobody_is_reminded_of_what_is_answered(answer: Answer) -> None:
    record = answered(requested(), answer)
    assert Event.CANCEL_REQUEST_REMINDER not in events_of(due(record, after(13)))


def test_nobody_is_reminded_of_what_is_closed() -> None:
    assert due(settled(requested(), "CLOSED", timedelta(hours=1)), after(99)) is None


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
@pytest.mark.parametrize("hours", [12, 23.25, 24, 99])
def test_a_request_that_is_not_ours_is_never_due(handling: Handling, hours: float) -> None:
    record = released()
    record = requested(replace(record, order=replace(record.order, handling=handling)))
    assert due(record, after(hours)) is None


@pytest.mark.parametrize(
    ("text", "packed", "answer"),
    [
        ("approve", NOBODY, Answer.APPROVE),
        ("approve", {LINE_1, LINE_2}, Answer.APPROVE),
        ("reject_if_packed", NOBODY, Answer.APPROVE),
        ("reject_if_packed", {LINE_1}, Answer.REJECT),
        ("reject_if_packed", {LINE_1, LINE_2}, Answer.REJECT),
        ("leave_to_tiktok", NOBODY, None),
        ("leave_to_tiktok", {LINE_1}, None),
    ],
)
def test_the_shop_s_rule_answers_at_the_end_of_the_wait(
    text: str, packed: frozenset[LineId], answer: Answer | None
) -> None:
    shop = rule(text)
    record = applied(requested(shop=shop), due(requested(shop=shop), after(23), shop))
    assert due(record, after(23.25) - timedelta(milliseconds=1), shop, packed) is None
    change = due(record, after(23.25), shop, packed)
    assert change is not None
    (request,) = change.cancellations
    assert (request.answer, request.left_to_tiktok) == (answer, answer is None)
    assert request.answered_by == (Decider.SHOP_RULE if answer else None)
    assert events_of(change) == [Event.CANCEL_REQUEST_ANSWERED if answer else Event.CANCEL_REQUEST_LEFT_TO_TIKTOK]
    assert [entry.action for entry in change.outbox] == ([Action(f"{answer}_CANCEL_REQUEST")] if answer else [])
    assert due(applied(record, change), after(23.3), shop, packed) is None


def test_packed_lines_that_nobody_asks_for_do_not_reject() -> None:
    change = due(requested(line_ids=(LINE_1,)), after(23.25), packed=frozenset({LINE_2}))
    assert change is not None
    assert change.cancellations[0].answer is Answer.APPROVE


@pytest.mark.parametrize("state", [LineState.IN_PARCEL, LineState.SHIPPED])
def test_what_has_left_counts_as_packed(state: LineState) -> None:
    record = requested()
    record = replace(record, order=replace(record.order, lines=lines_in_state(record.order.lines, [LINE_2], state)))
    change = due(record, after(23.25))
    assert change is not None
    assert change.cancellations[0].answer is Answer.REJECT


def test_the_rule_waits_while_the_oms_cannot_say_what_is_packed() -> None:
    record = applied(requested(), due(requested(), after(23)))
    assert due(record, after(23.25), packed=None) is None
    change = due(record, after(23.5), packed=frozenset({LINE_1}))
    assert change is not None
    assert change.cancellations[0].answer is Answer.REJECT


def test_the_rule_says_why_it_answered() -> None:
    change = due(requested(), after(23.25))
    assert change is not None
    (fact,) = change.timeline
    assert fact.detail["by"] == "SHOP_RULE"
    assert fact.detail["reason"] == "nobody answered; the shop's rule is reject_if_packed"


@pytest.mark.parametrize("answer", Answer)
def test_the_rule_never_overrides_an_answer(answer: Answer) -> None:
    record = answered(requested(), answer, at=after(23.24))
    assert due(record, after(23.25)) is None
    assert the_request(applied(record, due(record, after(30)))).answer is answer


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        ({}, True),
        ({"answer": Answer.REJECT}, False),
        ({"left_to_tiktok": True}, False),
        ({"next_due": None}, False),
        ({"answer_until": None}, False),
    ],
)
def test_the_rule_is_due_for_what_nobody_answered(changes: dict[str, Any], *, is_due: bool) -> None:
    request = a_cancellation(**({"next_due": after(12)} | changes))
    assert rule_is_due(request, after(23.25)) is is_due
    assert not rule_is_due(request, after(23.2))


@pytest.mark.parametrize("time", [timedelta(hours=24), timedelta(hours=1)])
def test_nobody_is_reminded_when_it_is_too_late_to_answer(time: timedelta) -> None:
    shop = rule("leave_to_tiktok")
    record = requested(shop=shop, respond_by=ASKED + time)
    record = applied(record, due(record, ASKED + time * 0.98, shop))
    assert the_request(record).left_to_tiktok
    assert Event.CANCEL_REQUEST_REMINDER not in events_of(due(record, ASKED + time + minutes(1), shop))


def test_a_later_deadline_gives_everybody_who_was_silent_another_chance() -> None:
    shop = rule("leave_to_tiktok")
    record = requested(shop=shop, respond_by=after(1))
    record = applied(record, due(record, after(0.5), shop))
    record = applied(record, due(record, after(0.95), shop))
    assert the_request(record).left_to_tiktok
    later = cancel_facts(respond_by=after(5), seen_after=minutes(58))
    record = applied(record, cancellation_change(record, later, shop))
    request = the_request(record)
    # One reminder went out; the others are those of the new time.
    assert (request.left_to_tiktok, request.confirm_by, request.next_due) == (False, None, after(5 - 5 / 6))
    said = []
    for hour in (4, 4.2, 4.5, 4.8, 4.9):
        change = due(record, after(hour), shop)
        said.append(events_of(change))
        record = applied(record, change)
    reminder, left = Event.CANCEL_REQUEST_REMINDER, Event.CANCEL_REQUEST_LEFT_TO_TIKTOK
    assert said == [[], [reminder], [left], [reminder], []]


@pytest.mark.parametrize("hours", [0.97, 0.99])
def test_an_earlier_deadline_gives_no_second_chance(hours: float) -> None:
    shop = rule("leave_to_tiktok")
    record = requested(shop=shop, respond_by=after(1))
    record = applied(record, due(record, after(0.95), shop))
    earlier = cancel_facts(respond_by=after(hours), seen_after=minutes(58))
    request = the_request(applied(record, cancellation_change(record, earlier, shop)))
    assert (request.left_to_tiktok, request.respond_by) == (True, after(hours))


@pytest.mark.parametrize("answer", Answer)
def test_an_answer_that_tiktok_does_not_confirm_is_said_once(answer: Answer) -> None:
    record = answered(requested(), answer)
    assert due(record, after(1.5) - timedelta(milliseconds=1)) is None
    change = due(record, after(1.5))
    assert change is not None
    (fact,) = change.timeline
    assert (fact.event, fact.detail) == (
        Event.CANCEL_ANSWER_UNCONFIRMED,
        {"cancel_request": CANCEL_ID, "answer": answer},
    )
    assert notices(change) == ["unconfirmed"]
    record = applied(record, change)
    assert due(record, after(30)) is None
    # It stays in the due list, so that every cycle looks for the confirmation.
    assert the_request(record).next_due == after(1.5)


def test_a_confirmation_ends_the_alarm() -> None:
    record = applied(answered(requested()), due(answered(requested()), after(2)))
    assert the_request(settled(record, "GRANTED", timedelta(hours=3))).next_due is None


def test_a_rejection_that_needs_a_parcel_is_reminded_of_until_the_deadline() -> None:
    record = answered(requested(), Answer.REJECT)
    entry = the_entry(record, Target.TIKTOK_SHOP, Action.REJECT_CANCEL_REQUEST, CANCEL_ID)
    record = applied(record, decide_reject_not_offered(record, entry, after(1)))
    said = []
    for hour in (2, 12, 13, 20, 23, 23.25):
        change = due(record, after(hour))
        said += notices(change)
        record = applied(record, change)
    assert said == ["reminder-1", "reminder-2", "reminder-3"]
    assert not the_request(record).unconfirmed
    assert the_request(record).next_due == after(24)


def test_a_seller_s_cancellation_that_tiktok_does_not_confirm_is_said_once() -> None:
    record = wished(handed_over())
    reported = ASKED + minutes(10)
    assert due(record, reported + TIMING.confirmation - timedelta(milliseconds=1)) is None
    change = due(record, reported + TIMING.confirmation)
    assert change is not None
    assert events_of(change) == [Event.SELLER_CANCELLATION_UNCONFIRMED]
    (wish,) = change.seller_cancellations
    assert (wish.unconfirmed, wish.state) == (True, SellerCancelState.OPEN)
    record = applied(record, change)
    assert due(record, after(9)) is None
    assert record.seller_cancellations[0].confirm_by == reported + TIMING.confirmation


def test_a_request_and_a_seller_s_cancellation_that_are_both_overdue_are_both_said() -> None:
    record = wished(requested(line_ids=(LINE_1,)), a_wish(line_ids=(LINE_2,)))
    change = due(answered(record), after(2))
    assert set(events_of(change)) == {Event.CANCEL_ANSWER_UNCONFIRMED, Event.SELLER_CANCELLATION_UNCONFIRMED}
