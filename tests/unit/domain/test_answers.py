"""The seller's answer to a buyer's request: given once, and in the right order with the parcel."""

from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.answering.answers import Answer, Decider, DecisionProblem, UnusableDecisionError, decider_of
from order_sync.domain.cancelling.answers import decide_answer
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.cancelling.unanswered import decide_due
from order_sync.domain.ids import CancelId
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.timeline import Event
from tests.builders import (
    ASKED,
    CANCEL_ID,
    TIMING,
    a_shop,
    a_shop_without_oms,
    answered,
    applied,
    cancel_facts,
    cancellation_change,
    created,
    entry_for,
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

LATER = ASKED + timedelta(hours=2)


APPROVE, REJECT = Action.APPROVE_CANCEL_REQUEST, Action.REJECT_CANCEL_REQUEST


def answer(
    record: OrderRecord, answer: Answer, by: Decider = Decider.OMS, cancel: CancelId = CANCEL_ID
) -> Change | None:
    return decide_answer(record, cancel, answer, by, timing=TIMING, now=LATER)


def answer_entry(record: OrderRecord, action: Action) -> OutboxEntry:
    return the_entry(record, Target.TIKTOK_SHOP, action, CANCEL_ID)


@pytest.mark.parametrize(("chosen", "action"), [(Answer.APPROVE, APPROVE), (Answer.REJECT, REJECT)])
def test_an_answer_is_kept_and_queued_for_tiktok_in_one_decision(chosen: Answer, action: Action) -> None:
    change = answer(requested(), chosen)
    assert change is not None
    (request,) = change.cancellations
    assert (request.answer, request.answered_by, request.answered_at, request.answer_reason) == (
        chosen,
        Decider.OMS,
        LATER,
        "",
    )
    assert request.confirm_by == request.next_due == LATER + TIMING.confirmation
    (entry,) = change.outbox
    assert (entry.target, entry.action, entry.subject, entry.due_at) == (Target.TIKTOK_SHOP, action, CANCEL_ID, LATER)
    (fact,) = change.timeline
    assert (fact.event, fact.source) == (Event.CANCEL_REQUEST_ANSWERED, Source.OMS)
    assert fact.detail == {"cancel_request": CANCEL_ID, "answer": chosen, "by": "OMS"}


@pytest.mark.parametrize(
    ("by", "source"),
    [
        (Decider.OMS, Source.OMS),
        (Decider.OPERATOR, Source.OPERATOR),
        (Decider.SHOP_RULE, Source.ORDER_SYNC),
        (Decider.SELLER, Source.CHANNELADVISOR),
    ],
)
def test_the_timeline_says_who_answered(by: Decider, source: Source) -> None:
    change = answer(requested(), Answer.REJECT, by)
    assert change is not None
    assert [fact.source for fact in change.timeline] == [source]


@pytest.mark.parametrize(
    ("source", "decider"),
    [
        (Source.OMS, Decider.OMS),
        (Source.OPERATOR, Decider.OPERATOR),
        (Source.ORDER_SYNC, Decider.SHOP_RULE),
        (Source.CHANNELADVISOR, Decider.SELLER),
        (Source.TIKTOK_SHOP, Decider.SELLER),
    ],
)
def test_who_acts_has_decided(source: Source, decider: Decider) -> None:
    assert decider_of(source) is decider


@pytest.mark.parametrize("by", [Decider.OMS, Decider.OPERATOR])
@pytest.mark.parametrize("chosen", Answer)
def test_the_same_answer_again_changes_nothing_whoever_gives_it(chosen: Answer, by: Decider) -> None:
    assert answer(answered(requested(), chosen), chosen, by) is None


def problem_of(record: OrderRecord, chosen: Answer, cancel: CancelId = CANCEL_ID) -> DecisionProblem:
    with pytest.raises(UnusableDecisionError) as refusal:
        answer(record, chosen, Decider.OPERATOR, cancel)
    assert cancel in str(refusal.value)
    return refusal.value.problem


@pytest.mark.parametrize(("first", "second"), [(Answer.APPROVE, Answer.REJECT), (Answer.REJECT, Answer.APPROVE)])
def test_the_first_answer_holds(first: Answer, second: Answer) -> None:
    assert problem_of(answered(requested(), first), second) is DecisionProblem.DECIDED_ALREADY


def test_an_answer_about_an_unknown_request_is_refused() -> None:
    unknown = CancelId("9")
    assert problem_of(requested(), Answer.APPROVE, unknown) is DecisionProblem.CANCEL_REQUEST_UNKNOWN
    assert problem_of(handed_over(), Answer.APPROVE) is DecisionProblem.CANCEL_REQUEST_UNKNOWN


def test_a_cancellation_that_is_no_request_takes_no_answer() -> None:
    record = requested(is_request=False, initiator=Initiator.SELLER)
    assert problem_of(record, Answer.REJECT) is DecisionProblem.CANCEL_REQUEST_UNKNOWN


@pytest.mark.parametrize("status", ["GRANTED", "CLOSED"])
def test_an_answer_about_a_closed_request_is_refused(status: str) -> None:
    record = settled(requested(), status, timedelta(hours=1))
    assert problem_of(record, Answer.REJECT) is DecisionProblem.CANCEL_REQUEST_CLOSED


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
def test_a_request_of_an_order_that_is_not_ours_takes_no_answer(handling: Handling) -> None:
    record = released()
    record = requested(replace(record, order=replace(record.order, handling=handling, handling_reason="not ours")))
    with pytest.raises(UnusableDecisionError):
        answer(record, Answer.APPROVE, Decider.OPERATOR)


def test_an_answer_may_come_while_the_request_is_left_to_tiktok() -> None:
    record = requested()
    left = replace(the_request(record), left_to_tiktok=True)
    record = answered(replace(record, cancellations=(left,)), Answer.REJECT)
    assert the_request(record).answer is Answer.REJECT
    assert answer_entry(record, REJECT).state is EntryState.WAITING


def test_nobody_is_reminded_of_what_was_answered_after_all_and_its_confirmation_is_watched() -> None:
    shop = a_shop(cancellations={"without_answer": "leave_to_tiktok"})
    record = requested(shop=shop)
    record = applied(record, decide_due(record, shop, TIMING, ASKED + timedelta(hours=23, minutes=15)))
    assert the_request(record).left_to_tiktok
    answered_at = ASKED + timedelta(hours=23, minutes=20)
    record = answered(record, Answer.APPROVE, at=answered_at)
    assert the_request(record).next_due == answered_at + TIMING.confirmation
    change = decide_due(record, shop, TIMING, answered_at + TIMING.confirmation)
    assert events_of(change) == [Event.CANCEL_ANSWER_UNCONFIRMED]


def test_an_answer_after_the_alarm_that_tiktok_did_not_decide_is_watched_anew() -> None:
    shop = a_shop(cancellations={"without_answer": "leave_to_tiktok"})
    record = requested(shop=shop)
    for hours in (23.25, 24.5):
        record = applied(record, decide_due(record, shop, TIMING, ASKED + timedelta(hours=hours)))
    assert (the_request(record).left_to_tiktok, the_request(record).unconfirmed) == (True, True)
    record = wished(record, at=ASKED + timedelta(hours=25))
    request = the_request(record)
    assert (request.answer, request.left_to_tiktok, request.unconfirmed) == (Answer.APPROVE, False, False)


def test_people_are_asked_by_a_flag_and_a_notice_where_there_is_no_oms() -> None:
    shop = a_shop_without_oms()
    record = requested(created(released(shop)), shop)
    assert the_entry(record, Target.CHANNELADVISOR, Action.NOTE_CANCEL_REQUEST, CANCEL_ID).due_at is not None
    assert the_entry(record, Target.OPERATOR, Action.NOTIFY, CANCEL_ID).revision == "asked"
    assert entry_for(record, Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID) is None


def test_an_oms_is_asked_and_people_are_not_yet() -> None:
    record = requested()
    assert the_entry(record, Target.OMS, Action.NOTE_CANCEL_REQUEST, CANCEL_ID).due_at == ASKED + minutes(5)
    assert entry_for(record, Target.CHANNELADVISOR, Action.NOTE_CANCEL_REQUEST, CANCEL_ID) is None
    assert entry_for(record, Target.OPERATOR, Action.NOTIFY, CANCEL_ID) is None


def test_a_request_seen_again_unchanged_decides_nothing_new() -> None:
    assert cancellation_change(requested(), cancel_facts()) is None
