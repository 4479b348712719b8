"""The seller's answer to what TikTok Shop asks about a return: given once, kept, and queued (TT 4.4)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider, DecisionProblem, UnusableDecisionError
from order_sync.domain.ids import ReturnId
from order_sync.domain.orders import Handling
from order_sync.domain.outbox import Action, EntryState, OutboxEntry, Target
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import decide_answer_not_taken, decide_return_answer
from order_sync.domain.returning.returns import Question
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.telling import decide_failed
from order_sync.domain.timeline import Event
from tests.builders import ORDER_ID, TIMING, a_shop, applied, events_of, minutes
from tests.unit.domain.returning.scenes import (
    ANSWER_OF_BUYER,
    CANCEL,
    COMPLETE,
    HOUR,
    REJECT,
    RETURN_ID,
    SHIPPED_BACK,
    TO_SHIP,
    WANTED,
    all_notes_told,
    answered,
    answers_told,
    due_change,
    ended,
    facts_of,
    not_ours,
    notes,
    notices,
    shipped,
    the_return,
    wanted_back,
)


def answer_change(
    record: OrderRecord,
    answer: Answer = Answer.APPROVE,
    by: Decider = Decider.OMS,
    *,
    return_id: ReturnId = RETURN_ID,
    question: Question = Question.RETURN,
    now: datetime = WANTED + HOUR,
    **changes: Any,
) -> Change | None:
    return decide_return_answer(record, return_id, question, answer, by, timing=TIMING, now=now, **changes)


def refused(record: OrderRecord, **changes: Any) -> tuple[DecisionProblem, str]:
    with pytest.raises(UnusableDecisionError) as refusal:
        answer_change(record, **changes)
    return refusal.value.problem, str(refusal.value)


def test_a_return_that_the_order_does_not_have_is_unknown() -> None:
    assert refused(shipped()) == (
        DecisionProblem.RETURN_UNKNOWN,
        f"order {ORDER_ID} has no return {RETURN_ID}",
    )
    assert refused(wanted_back(), return_id=ReturnId("7"))[0] is DecisionProblem.RETURN_UNKNOWN


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
def test_what_is_not_ours_is_not_ours_to_answer(handling: Handling) -> None:
    assert refused(not_ours(wanted_back(), handling)) == (
        DecisionProblem.RETURN_UNKNOWN,
        f"order {ORDER_ID} is not ours to answer for: placed before go-live",
    )


@pytest.mark.parametrize(("status", "state"), [(REJECT, "REJECTED"), (CANCEL, "CLOSED"), (COMPLETE, "REFUNDED")])
def test_a_return_that_has_ended_takes_no_answer(status: str, state: str) -> None:
    record = wanted_back(wanted_back(), status, after=HOUR / 2)
    assert refused(record) == (DecisionProblem.RETURN_CLOSED, f"return {RETURN_ID} has ended: {state}")


@pytest.mark.parametrize("status", [TO_SHIP, SHIPPED_BACK, ANSWER_OF_BUYER])
def test_a_return_that_asks_nothing_takes_no_answer(status: str) -> None:
    assert refused(wanted_back(status=status)) == (
        DecisionProblem.NOT_ASKED,
        f"return {RETURN_ID}: it waits for no answer, not to RETURN",
    )


@pytest.mark.parametrize("question", [each for each in Question if each is not Question.RETURN])
def test_an_answer_to_another_question_is_refused(question: Question) -> None:
    assert refused(wanted_back(), question=question) == (
        DecisionProblem.NOT_ASKED,
        f"return {RETURN_ID}: it waits for an answer to RETURN, not to {question}",
    )


@pytest.mark.parametrize(("first", "then"), [(Answer.APPROVE, Answer.REJECT), (Answer.REJECT, Answer.APPROVE)])
@pytest.mark.parametrize("by", [Decider.OMS, Decider.OPERATOR])
def test_the_first_answer_holds(first: Answer, then: Answer, by: Decider) -> None:
    record = answered(wanted_back(), first, by)
    assert refused(record, answer=then) == (
        DecisionProblem.DECIDED_ALREADY,
        f"return {RETURN_ID} was answered {first} by {by}",
    )


@pytest.mark.parametrize("hours", [48, 48.1, 500])
def test_when_the_time_is_over_it_is_too_late(hours: float) -> None:
    assert refused(wanted_back(), now=WANTED + hours * HOUR) == (
        DecisionProblem.RETURN_CLOSED,
        f"the time to answer return {RETURN_ID} is over",
    )


def test_until_the_last_moment_it_is_not_too_late() -> None:
    assert answer_change(wanted_back(), now=WANTED + 48 * HOUR - minutes(0.001)) is not None


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("now", [WANTED + HOUR, WANTED + 99 * HOUR])
def test_the_same_answer_again_changes_nothing(answer: Answer, now: datetime) -> None:
    record = answered(wanted_back(), answer)
    assert answer_change(record, answer, now=now) is None
    assert answer_change(record, answer, Decider.OPERATOR, now=now) is None


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("status", [TO_SHIP, SHIPPED_BACK, REJECT, CANCEL, COMPLETE])
def test_the_same_answer_again_changes_nothing_when_it_has_done_its_work(answer: Answer, status: str) -> None:
    record = wanted_back(answered(wanted_back(), answer), status, after=2 * HOUR)
    assert answer_change(record, answer, now=WANTED + 3 * HOUR) is None


@pytest.mark.parametrize("status", [TO_SHIP, REJECT])
def test_another_answer_to_what_was_answered_is_still_refused(status: str) -> None:
    record = wanted_back(answered(wanted_back(), Answer.APPROVE), status, after=2 * HOUR)
    assert refused(record, answer=Answer.REJECT)[0] in (DecisionProblem.RETURN_CLOSED, DecisionProblem.NOT_ASKED)


def asked_again() -> OrderRecord:
    """The seller rejected the parcel, TikTok Shop asked the buyer, and asks the seller again four days later."""
    asks: dict[str, Any] = {"question": Question.RECEIVE_PACKAGE}
    record = wanted_back(status=SHIPPED_BACK, respond_by=WANTED + 48 * HOUR, **asks)
    record = wanted_back(answered(record, Answer.REJECT), SHIPPED_BACK, after=2 * HOUR)
    return wanted_back(record, SHIPPED_BACK, after=100 * HOUR, respond_by=WANTED + 148 * HOUR, **asks)


def test_an_old_decision_that_is_read_again_answers_no_new_question() -> None:
    now = WANTED + 101 * HOUR
    again: dict[str, Any] = {"question": Question.RECEIVE_PACKAGE, "now": now, "decided_at": WANTED + HOUR}
    assert answer_change(asked_again(), Answer.REJECT, **again) is None


@pytest.mark.parametrize("decided_at", [None, WANTED + 100 * HOUR, WANTED + 100.5 * HOUR])
@pytest.mark.parametrize("answer", Answer)
def test_a_new_decision_answers_the_question_that_is_asked_again(answer: Answer, decided_at: datetime | None) -> None:
    now = WANTED + 101 * HOUR
    change = answer_change(asked_again(), answer, question=Question.RECEIVE_PACKAGE, now=now, decided_at=decided_at)
    assert events_of(change) == [Event.RETURN_ANSWERED]


@pytest.mark.parametrize(
    ("answer", "action"), [(Answer.APPROVE, Action.APPROVE_RETURN), (Answer.REJECT, Action.REJECT_RETURN)]
)
def test_an_answer_is_queued_for_tiktok_under_the_name_of_its_question(answer: Answer, action: Action) -> None:
    change = answer_change(wanted_back(), answer)
    assert change is not None
    (entry,) = change.outbox
    assert (entry.target, entry.action, entry.subject) == (Target.TIKTOK_SHOP, action, RETURN_ID)
    assert (entry.revision, entry.due_at, entry.state) == (
        "RETURN-20260606T120000Z",
        WANTED + HOUR,
        EntryState.WAITING,
    )


@pytest.mark.parametrize(
    ("by", "source"), [(Decider.OMS, "OMS"), (Decider.OPERATOR, "OPERATOR"), (Decider.SELLER, "CHANNELADVISOR")]
)
def test_an_answer_is_kept_with_who_gave_it_when_and_why(by: Decider, source: str) -> None:
    change = answer_change(
        wanted_back(), Answer.REJECT, by, reject_reason="seller_reject_reason_7", decided_at=WANTED + HOUR / 2
    )
    assert change is not None
    (known,) = change.returns
    assert (known.answer, known.answered_by, known.answered_at) == (Answer.REJECT, by, WANTED + HOUR)
    assert known.reject_reason == "seller_reject_reason_7"
    (fact,) = change.timeline
    assert (fact.event, fact.source, fact.happened_at) == (Event.RETURN_ANSWERED, source, WANTED + HOUR / 2)
    assert fact.detail == {"return_id": RETURN_ID, "question": "RETURN", "answer": "REJECT", "by": by}


@pytest.mark.parametrize(("hours", "confirmed"), [(1, 1.5), (47.4, 47.9), (47.6, 48)])
def test_tiktok_has_half_an_hour_to_show_an_answer_but_its_own_deadline_at_most(hours: float, confirmed: float) -> None:
    change = answer_change(wanted_back(), now=WANTED + hours * HOUR)
    assert change is not None
    assert change.returns[0].confirm_by == change.returns[0].next_due == WANTED + confirmed * HOUR


@pytest.mark.parametrize("kind", [ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND, ReturnKind.REPLACEMENT])
def test_every_kind_of_question_takes_an_answer(kind: ReturnKind) -> None:
    record = answered(wanted_back(kind=kind))
    assert [entry.revision.split("-")[0] for entry in answers_told(record)] == [
        {"REFUND": "REFUND", "RETURN_AND_REFUND": "RETURN", "REPLACEMENT": "REPLACEMENT"}[kind]
    ]


# --- what TikTok Shop does not take


def not_taken(
    record: OrderRecord, reason: str = "reason 7 is offline", at: datetime = WANTED + 2 * HOUR
) -> OrderRecord:
    return applied(record, decide_answer_not_taken(record, answers_told(record)[-1], at, reason=reason, timing=TIMING))


def test_an_answer_that_tiktok_does_not_take_opens_the_question_again() -> None:
    record = answered(wanted_back(), Answer.REJECT)
    (entry,) = answers_told(record)
    change = decide_answer_not_taken(record, entry, WANTED + 2 * HOUR, reason="reason 7 is offline", timing=TIMING)
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.RETURN_ANSWER_NOT_TAKEN, "TIKTOK_SHOP")
    assert fact.detail == {
        "return_id": RETURN_ID,
        "question": "RETURN",
        "answer": "REJECT",
        "reason": "reason 7 is offline",
    }
    known = the_return(applied(record, change))
    assert (known.answer, known.answered_by, known.confirm_by, known.answer_problem) == (
        None,
        None,
        None,
        "reason 7 is offline",
    )
    assert (known.is_asked, known.next_due) == (True, WANTED + 24 * HOUR)


def test_whoever_decides_hears_that_tiktok_did_not_take_an_answer() -> None:
    record = not_taken(answered(all_notes_told(wanted_back()), Answer.REJECT))
    assert [entry.state for entry in notes(record, Target.OMS)] == [EntryState.DONE, EntryState.WAITING]
    assert len(notices(record)) == 1


@pytest.mark.parametrize("answer", Answer)
def test_after_that_any_answer_can_be_given_and_is_told(answer: Answer) -> None:
    record = answered(not_taken(answered(wanted_back(), Answer.REJECT)), answer, at=WANTED + 3 * HOUR)
    known = the_return(record)
    assert (known.answer, known.answer_problem) == (answer, "")
    waiting = [entry for entry in answers_told(record) if entry.state is EntryState.WAITING]
    assert [(entry.action, entry.due_at) for entry in waiting] == [(Action(f"{answer}_RETURN"), WANTED + 3 * HOUR)]


def test_people_hear_of_each_answer_that_is_not_taken() -> None:
    record = answered(not_taken(answered(wanted_back(), Answer.REJECT)), Answer.REJECT, at=WANTED + 3 * HOUR)
    record = not_taken(record, "reason 8 is offline", WANTED + 4 * HOUR)
    assert len(set(notices(record))) == 2
    assert the_return(record).answer_problem == "reason 8 is offline"


def test_an_answer_that_was_not_taken_to_a_question_that_is_over_changes_only_its_entry() -> None:
    record = answered(wanted_back(), Answer.REJECT)
    (entry,) = answers_told(record)
    sending = ended(record, entry, EntryState.SENDING)
    later = wanted_back(sending, TO_SHIP, after=2 * HOUR)
    change = decide_answer_not_taken(later, answers_told(later)[0], WANTED + 3 * HOUR, reason="too late", timing=TIMING)
    assert change is not None
    assert (change.returns, change.timeline) == ((), ())
    assert [each.state for each in change.outbox] == [EntryState.WITHDRAWN]


def rule_not_taken() -> OrderRecord:
    shop = a_shop(returns={"without_answer": "approve"})
    record = wanted_back(shop=shop)
    for hours in (24, 40, 46, 47.25):
        record = applied(record, due_change(record, WANTED + hours * HOUR, shop))
    return not_taken(record, "not eligible", WANTED + 47.3 * HOUR)


def test_what_the_rule_was_not_allowed_is_not_tried_again_but_left_to_tiktok() -> None:
    record = rule_not_taken()
    shop = a_shop(returns={"without_answer": "approve"})
    assert the_return(record).left_to_tiktok
    change = due_change(record, WANTED + 47.5 * HOUR, shop)
    assert Event.RETURN_ANSWERED not in events_of(change)


def test_people_hear_when_tiktok_does_not_decide_what_the_rule_was_not_allowed() -> None:
    change = due_change(rule_not_taken(), WANTED + 49 * HOUR, a_shop(returns={"without_answer": "approve"}))
    assert Event.RETURN_ANSWER_UNCONFIRMED in events_of(change)


def failed_entry(record: OrderRecord) -> OutboxEntry:
    return next(entry for entry in record.outbox if entry.state is EntryState.FAILED)


def test_people_hear_of_an_answer_that_failed_once_for_each_question() -> None:
    record = answered(wanted_back())
    (entry,) = answers_told(record)
    record = applied(record, decide_failed(record, entry, WANTED + 2 * HOUR, reason="no permission"))
    assert failed_entry(record).reason == "no permission"
    assert notices(record) == [(RETURN_ID, "failed-RETURN-20260606T120000Z")]
    again = replace(failed_entry(record), state=EntryState.SENDING)
    record = applied(record, decide_failed(record, again, WANTED + 3 * HOUR, reason="no permission"))
    assert len(notices(record)) == 1
