"""Who is asked about a buyer's request, and who learns what became of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Outcome
from order_sync.domain.ids import CancelId
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.telling import decide_told
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    CANCEL_ID,
    LINE_1,
    LINE_2,
    NOON,
    a_shop,
    a_shop_without_oms,
    a_wish,
    answered,
    applied,
    cancel_facts,
    cancellation_change,
    claimed,
    created,
    entry_for,
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
    told,
    wished,
)

SEEN = ASKED + minutes(5)


def after(hours: float) -> datetime:
    return ASKED + timedelta(hours=hours)


def questions(record: OrderRecord) -> list[OutboxEntry]:
    return [entry for entry in record.outbox if entry.action is Action.NOTE_CANCEL_REQUEST]


def test_a_deadline_that_moves_after_the_answer_asks_nobody_again() -> None:
    record = answered(requested())
    change = cancellation_change(record, cancel_facts(seen_after=timedelta(hours=1.5), respond_by=after(3)))
    assert change is not None
    assert change.outbox == ()
    assert change.cancellations[0].next_due == after(1.5)


def test_a_request_that_is_over_when_it_is_first_seen_asks_nobody() -> None:
    change = cancellation_change(handed_over(), cancel_facts("CLOSED", seen_after=minutes(9)))
    assert change is not None
    assert events_of(change) == [Event.CANCEL_REQUESTED, Event.CANCEL_REQUEST_CLOSED]
    (request,) = change.cancellations
    assert (request.outcome, request.next_due, change.outbox) == (Outcome.WITHDRAWN, None, ())


@pytest.mark.parametrize(
    ("shop", "record"),
    [
        (a_shop(), released()),
        (a_shop(), created(released())),
        (a_shop_without_oms(), released(a_shop_without_oms())),
        (a_shop(), seen(some_facts("ON_HOLD"), at=NOON + minutes(1))),
    ],
)
def test_an_order_that_the_seller_s_side_was_not_given_may_be_cancelled_at_once(shop: Any, record: OrderRecord) -> None:
    change = cancellation_change(record, cancel_facts(), shop)
    assert change is not None
    (request,) = change.cancellations
    assert (request.answer, request.answered_by) == (Answer.APPROVE, Decider.SHOP_RULE)
    assert request.answer_reason == "the seller's side had not been given the order"
    assert [entry.action for entry in change.outbox] == [Action.APPROVE_CANCEL_REQUEST]


def test_an_order_that_nobody_was_given_is_left_to_tiktok_where_the_rule_says_so() -> None:
    shop = a_shop(cancellations={"without_answer": "leave_to_tiktok"})
    change = cancellation_change(released(shop), cancel_facts(), shop)
    assert change is not None
    (request,) = change.cancellations
    assert (request.answer, request.answer_until, change.outbox) == (None, after(23.25), ())


def test_who_is_just_being_given_the_order_is_asked_right_after() -> None:
    record = requested(claimed(created(released()), Target.OMS, Action.CREATE_ORDER))
    (question,) = questions(record)
    assert the_request(record).answer is None
    assert (question.waits_for, question.due_at) == ("OMS#CREATE_ORDER#order#1", None)


def test_a_buyer_who_asks_for_what_the_seller_cancels_is_answered_at_once() -> None:
    record = requested(wished(handed_over()))
    request = the_request(record)
    assert (request.answer, request.answered_by) == (Answer.APPROVE, Decider.OMS)
    assert request.answer_reason == "the seller had cancelled as well"
    assert len(questions(record)) == 1


@pytest.mark.parametrize(
    ("wish", "request_lines"),
    [((LINE_1,), (LINE_1, LINE_2)), ((LINE_1,), (LINE_2,))],
)
def test_a_buyer_who_asks_for_more_than_the_seller_cancels_must_be_answered(
    wish: tuple[str, ...], request_lines: tuple[str, ...]
) -> None:
    record = requested(wished(handed_over(), a_wish(line_ids=wish)), line_ids=request_lines)
    assert the_request(record).answer is None
    assert len(questions(record)) == 1


def test_a_seller_s_cancellation_that_was_refused_answers_no_request() -> None:
    assert the_request(requested(wished(handed_over(), a_wish(line_ids=("9",))))).answer is None


def test_who_was_asked_learns_the_outcome() -> None:
    record = told(requested(), Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID, at=SEEN)
    record = settled(record, "CLOSED", timedelta(hours=1))
    outcome = the_entry(record, Target.OMS, Action.SETTLE_CANCEL_REQUEST, CANCEL_ID)
    assert (outcome.due_at, outcome.waits_for) == (after(1) + minutes(5), "")


def test_who_is_just_being_asked_learns_the_outcome_right_after() -> None:
    record = claimed(requested(), Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID)
    record = settled(record, "CLOSED", timedelta(hours=1))
    (question,) = questions(record)
    outcome = the_entry(record, Target.OMS, Action.SETTLE_CANCEL_REQUEST, CANCEL_ID)
    assert (outcome.due_at, outcome.waits_for) == (None, question.name)
    freed = applied(record, decide_told(record, question, after(1.1)))
    assert the_entry(freed, Target.OMS, Action.SETTLE_CANCEL_REQUEST, CANCEL_ID).due_at == after(1.1)


def test_who_was_not_asked_yet_is_not_asked_any_more() -> None:
    record = settled(requested(), "CLOSED", timedelta(hours=1))
    (question,) = questions(record)
    assert question.state is EntryState.WITHDRAWN
    assert entry_for(record, Target.OMS, Action.SETTLE_CANCEL_REQUEST, CANCEL_ID) is None


def test_who_was_asked_twice_learns_the_outcome_once_and_after_the_last_question() -> None:
    record = told(requested(), Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID, at=SEEN)
    record = applied(record, cancellation_change(record, cancel_facts(seen_after=minutes(30), respond_by=after(3))))
    record = claimed(record, Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID)
    record = settled(record, "CLOSED", timedelta(hours=1))
    outcomes = [entry for entry in record.outbox if entry.action is Action.SETTLE_CANCEL_REQUEST]
    assert [entry.waits_for for entry in outcomes] == [f"OMS#NOTE_CANCEL_REQUEST#{CANCEL_ID}#2"]


def test_people_s_flag_is_taken_back_when_a_shop_without_an_oms_has_its_outcome() -> None:
    shop = a_shop_without_oms()
    record = requested(created(released(shop)), shop)
    record = told(record, Target.CHANNELADVISOR, Action.NOTE_CANCEL_REQUEST, CANCEL_ID, at=SEEN)
    record = settled(record, "GRANTED", timedelta(hours=1), shop)
    assert the_entry(record, Target.CHANNELADVISOR, Action.SETTLE_CANCEL_REQUEST, CANCEL_ID).due_at is not None
    assert entry_for(record, Target.OMS, Action.SETTLE_CANCEL_REQUEST, CANCEL_ID) is None


def test_a_second_request_is_a_question_of_its_own() -> None:
    record = settled(requested(), "CLOSED", timedelta(hours=1))
    second = cancel_facts(id=CancelId("4035318504086604003"), requested_at=after(2), updated_at=after(2))
    record = applied(record, cancellation_change(record, second))
    assert record.open_request is not None
    assert record.open_request.id == "4035318504086604003"
    assert [entry.subject for entry in questions(record) if entry.state is EntryState.WAITING] == [second.id]
