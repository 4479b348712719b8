"""What TikTok Shop shows about a cancellation: first sight, a moved deadline, and who is asked."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from order_sync.domain.answering.answers import Decider
from order_sync.domain.cancelling.cancellations import Initiator, Outcome
from order_sync.domain.ids import CancelId
from order_sync.domain.orders import Handling, LineState, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    NOON,
    a_shop,
    applied,
    cancel_facts,
    cancellation_change,
    events_of,
    handed_over,
    minutes,
    released,
    requested,
    seen,
    settled,
    some_facts,
    the_entry,
    the_request,
)

SEEN = ASKED + minutes(5)


def after(hours: float) -> datetime:
    return ASKED + timedelta(hours=hours)


def questions(record: OrderRecord) -> list[OutboxEntry]:
    return [entry for entry in record.outbox if entry.action is Action.NOTE_CANCEL_REQUEST]


def of_others(handling: Handling) -> OrderRecord:
    record = released()
    return replace(record, order=replace(record.order, handling=handling, handling_reason="not ours"), outbox=())


def test_a_request_is_recorded_with_its_deadlines_and_put_to_the_oms() -> None:
    change = cancellation_change(handed_over(), cancel_facts())
    assert change is not None
    (request,) = change.cancellations
    assert (request.is_request, request.is_open, request.answer) == (True, True, None)
    assert (request.respond_by, request.answer_until, request.next_due) == (after(24), after(23.25), after(12))
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.at, fact.happened_at) == (
        Event.CANCEL_REQUESTED,
        Source.TIKTOK_SHOP,
        SEEN,
        ASKED,
    )
    assert fact.detail == {
        "cancel_request": CANCEL_ID,
        "reason": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "lines": f"{LINE_1} {LINE_2}",
        "respond_by": after(24).isoformat(),
    }
    (question,) = change.outbox
    assert (question.name, question.due_at) == (f"OMS#NOTE_CANCEL_REQUEST#{CANCEL_ID}#1", SEEN)


@pytest.mark.parametrize(
    ("deadline", "respond_by", "until"),
    [(None, after(24), after(23.25)), (after(1), after(1), after(0.9)), (after(30), after(24), after(23.25))],
)
def test_tiktok_s_own_deadline_counts_where_it_is_earlier(
    deadline: datetime | None, respond_by: datetime, until: datetime
) -> None:
    request = the_request(requested(respond_by=deadline))
    assert (request.respond_by, request.answer_until) == (respond_by, until)


def test_a_shop_s_own_margin_ends_the_wait() -> None:
    shop = a_shop(cancellations={"margin_minutes": 100})
    assert the_request(requested(shop=shop)).answer_until == after(24) - minutes(100)


def test_a_deadline_that_tiktok_brings_forward_moves_the_wait_and_the_question() -> None:
    record = requested()
    change = cancellation_change(record, cancel_facts(seen_after=minutes(30), respond_by=after(3)))
    request = the_request(applied(record, change))
    assert (request.respond_by, request.answer_until, request.next_due) == (after(3), after(2.7), after(1.5))
    assert [entry.revision for entry in questions(applied(record, change))] == ["1", "2"]


def test_a_deadline_that_tiktok_stops_showing_is_not_forgotten() -> None:
    record = requested(respond_by=after(1))
    record = applied(record, cancellation_change(record, cancel_facts(seen_after=minutes(20), respond_by=None)))
    request = the_request(record)
    assert (request.respond_by, request.answer_until) == (after(1), after(0.9))
    assert len(questions(record)) == 1


def test_a_reading_that_is_older_than_a_known_one_changes_nothing() -> None:
    record = requested()
    record = applied(record, cancellation_change(record, cancel_facts(seen_after=minutes(30))))
    assert cancellation_change(record, cancel_facts("CLOSED", seen_after=minutes(20))) is None


@pytest.mark.parametrize("status", ["PENDING", "GRANTED", "CLOSED"])
@pytest.mark.parametrize("first", ["GRANTED", "CLOSED"])
def test_what_is_closed_stays_closed(first: str, status: str) -> None:
    record = settled(requested(), first, timedelta(hours=1))
    assert cancellation_change(record, cancel_facts(status, seen_after=timedelta(hours=5))) is None


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
def test_a_request_of_an_order_that_is_not_ours_is_recorded_only(handling: Handling) -> None:
    change = cancellation_change(of_others(handling), cancel_facts())
    assert change is not None
    (request,) = change.cancellations
    assert (request.next_due, request.answer, change.outbox) == (None, None, ())
    assert events_of(change) == [Event.CANCEL_REQUESTED]


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
@pytest.mark.parametrize(("status", "outcome"), [("GRANTED", Outcome.APPROVED), ("CLOSED", Outcome.WITHDRAWN)])
def test_the_end_of_a_request_that_is_not_ours_is_recorded_only(
    handling: Handling, status: str, outcome: Outcome
) -> None:
    record = requested(of_others(handling))
    moved = applied(record, cancellation_change(record, cancel_facts(seen_after=minutes(9), respond_by=after(2))))
    assert (the_request(moved).next_due, questions(moved)) == (None, [])
    change = cancellation_change(moved, cancel_facts(status, seen_after=timedelta(hours=1)))
    assert change is not None
    assert (change.cancellations[0].outcome, change.outbox) == (outcome, ())


@pytest.mark.parametrize(
    ("initiator", "decider"),
    [
        (Initiator.BUYER, Decider.BUYER),
        (Initiator.SELLER, Decider.SELLER),
        (Initiator.PLATFORM, Decider.PLATFORM),
    ],
)
def test_a_cancellation_that_needs_no_answer_is_recorded_with_its_reason(
    initiator: Initiator, decider: Decider
) -> None:
    facts = cancel_facts("GRANTED", is_request=False, initiator=initiator, reason="package_lost", line_ids=(LINE_2,))
    change = cancellation_change(handed_over(), facts)
    assert change is not None
    (cancellation,) = change.cancellations
    assert (cancellation.outcome, cancellation.decided_by) == (Outcome.AT_ONCE, decider)
    assert (cancellation.respond_by, cancellation.next_due, cancellation.closed_at) == (None, None, ASKED)
    assert events_of(change) == [Event.LINES_CANCELED, Event.CANCELLATION_SEEN]
    fact = change.timeline[-1]
    assert fact.happened_at == ASKED
    assert fact.detail == {
        "cancellation": CANCEL_ID,
        "initiator": initiator,
        "reason": "package_lost",
        "lines": LINE_2,
        "buyer_notice": '"order cancelled" e-mail, with a refund',
    }
    assert cancellation_change(applied(handed_over(), change), facts) is None


@pytest.mark.parametrize("status", ["PENDING", "CLOSED"])
def test_a_cancellation_that_tiktok_has_not_carried_out_cancels_nothing(status: str) -> None:
    facts = cancel_facts(status, is_request=False, initiator=Initiator.SELLER, respond_by=None)
    change = cancellation_change(handed_over(), facts)
    for cancellation in change.cancellations if change else ():
        assert not cancellation.cancels
    assert not any(fact.detail.get("buyer_notice") for fact in (change.timeline if change else ()))


def test_a_seller_s_cancellation_that_tiktok_carries_out_later_is_recorded_as_granted() -> None:
    pending = cancel_facts(is_request=False, initiator=Initiator.SELLER, respond_by=None)
    record = applied(handed_over(), cancellation_change(handed_over(), pending))
    granted = cancel_facts("GRANTED", is_request=False, initiator=Initiator.SELLER, seen_after=minutes(20))
    record = applied(record, cancellation_change(record, granted))
    assert the_request(record).outcome is Outcome.AT_ONCE
    assert the_request(record).closed_at == granted.updated_at


@pytest.mark.parametrize("is_request", [True, False])
def test_what_is_granted_is_cancelled_even_while_the_order_cannot_be_read(*, is_request: bool) -> None:
    record = requested(line_ids=(LINE_2,)) if is_request else handed_over()
    granted = cancel_facts("GRANTED", seen_after=minutes(30), line_ids=(LINE_2,), is_request=is_request)
    record = applied(record, cancellation_change(record, granted))
    assert [line.state for line in record.order.lines] == [LineState.OPEN, LineState.CANCELED]
    for target in (Target.CHANNELADVISOR, Target.OMS):
        assert the_entry(record, target, Action.CANCEL_LINE, LINE_2).due_at == ASKED + minutes(35)


@pytest.mark.parametrize(
    ("initiator", "named"),
    [(Initiator.BUYER, "BUYER"), (Initiator.SELLER, "SELLER"), (Initiator.PLATFORM, "SYSTEM")],
)
def test_the_last_units_that_are_granted_cancel_the_order(initiator: Initiator, named: str) -> None:
    record = handed_over()
    for number, line in enumerate((LINE_1, LINE_2)):
        facts = cancel_facts(
            "GRANTED", id=CancelId(str(number)), is_request=False, initiator=initiator, line_ids=(line,)
        )
        record = applied(record, cancellation_change(record, facts))
    assert (record.order.state, record.order.canceled_by) == (OrderState.CANCELED, named)
    assert the_entry(record, Target.OMS, Action.CANCEL_ORDER).state is EntryState.WAITING
    assert (
        seen(some_facts("CANCELLED", seen_after=timedelta(hours=5), canceled_by=named), record).outbox == record.outbox
    )


def test_a_buyer_s_cancellation_in_the_cool_down_needs_no_answer() -> None:
    record = seen(some_facts("ON_HOLD"), at=NOON + minutes(1))
    change = cancellation_change(record, cancel_facts("GRANTED", requested_at=NOON + minutes(59), updated_at=ASKED))
    assert change is not None
    assert (change.cancellations[0].outcome, change.cancellations[0].decided_by) == (Outcome.AT_ONCE, Decider.BUYER)


def test_a_buyer_s_request_after_the_cool_down_had_an_answer() -> None:
    change = cancellation_change(handed_over(), cancel_facts("GRANTED", requested_at=NOON + minutes(60)))
    assert change is not None
    assert (change.cancellations[0].outcome, change.cancellations[0].decided_by) == (Outcome.APPROVED, Decider.SELLER)


def test_the_shop_s_extra_hold_is_no_cool_down_of_tiktok_s() -> None:
    shop = a_shop(extra_hold_minutes=120)
    record = seen(some_facts("ON_HOLD"), shop=shop, at=NOON + minutes(1))
    facts = cancel_facts("GRANTED", requested_at=NOON + minutes(90), updated_at=NOON + minutes(100))
    change = cancellation_change(record, facts, shop)
    assert change is not None
    assert (change.cancellations[0].outcome, change.cancellations[0].decided_by) == (Outcome.APPROVED, Decider.SELLER)
