"""What TikTok Shop asks about a return: opened, moved, closed, and asked again (G2, OP B2)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.questions import named
from order_sync.domain.returning.returns import Question, ReturnFacts
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.timeline import Event
from tests.builders import a_shop, a_shop_without_oms, applied, minutes
from tests.unit.domain.returning.scenes import (
    ANSWER_OF_BUYER,
    CANCEL,
    COMPLETE,
    HOUR,
    PENDING,
    REJECT,
    RETURN_ID,
    SHIPPED_BACK,
    SUCCESS,
    TO_SHIP,
    WANTED,
    answered,
    answers_told,
    due_change,
    ended,
    facts_of,
    notices,
    return_change,
    return_facts,
    the_return,
    wanted_back,
)

WITHOUT_GOODS: dict[str, Any] = {"kind": ReturnKind.REFUND}


def asked_until(hours: float | None, **changes: Any) -> OrderRecord:
    return wanted_back(respond_by=None if hours is None else WANTED + hours * HOUR, **changes)


@pytest.mark.parametrize(("tiktok", "until"), [(48, 24), (24, 24), (23, 23), (0.5, 0.5), (None, 24)])
def test_a_refund_without_goods_is_answered_within_24_hours_or_sooner(tiktok: float | None, until: float) -> None:
    assert the_return(asked_until(tiktok, **WITHOUT_GOODS)).respond_by == WANTED + until * HOUR


@pytest.mark.parametrize("kind", [ReturnKind.RETURN_AND_REFUND, ReturnKind.REPLACEMENT])
@pytest.mark.parametrize(("tiktok", "until"), [(72, 72), (48, 48), (3, 3), (None, 24)])
def test_for_what_comes_back_tiktok_s_own_deadline_counts(kind: ReturnKind, tiktok: float | None, until: float) -> None:
    assert the_return(asked_until(tiktok, kind=kind)).respond_by == WANTED + until * HOUR


def test_a_parcel_that_came_back_is_asked_about_from_its_arrival() -> None:
    until = WANTED + 148 * HOUR
    record = wanted_back(wanted_back(status=TO_SHIP), SHIPPED_BACK, after=HOUR)
    record = wanted_back(record, SHIPPED_BACK, after=100 * HOUR, question=Question.RECEIVE_PACKAGE, respond_by=until)
    known = the_return(record)
    assert (known.question, known.asked_at, known.respond_by) == (
        Question.RECEIVE_PACKAGE,
        WANTED + 100 * HOUR,
        until,
    )


@pytest.mark.parametrize(("hours", "wait"), [(48, 48 - 0.75), (24, 23.25), (7.5, 6.75), (5, 4.5), (1, 0.9)])
def test_the_wait_ends_before_the_deadline_by_the_margin_but_by_a_tenth_at_most(hours: float, wait: float) -> None:
    assert the_return(asked_until(hours)).answer_until == WANTED + wait * HOUR


def test_the_margin_is_the_one_of_the_shop() -> None:
    shop = a_shop(cancellations={"margin_minutes": 120})
    assert the_return(wanted_back(shop=shop)).answer_until == WANTED + 46 * HOUR


def test_an_opened_question_is_on_the_timeline_with_its_deadline() -> None:
    fact = facts_of(return_change(wanted_back(status=SHIPPED_BACK), received()))[0]
    assert (fact.event, fact.source) == (Event.RETURN_QUESTION_OPENED, "TIKTOK_SHOP")
    assert fact.happened_at == WANTED + 100 * HOUR
    assert fact.detail == {
        "return_id": RETURN_ID,
        "question": "RECEIVE_PACKAGE",
        "respond_by": (WANTED + 148 * HOUR).isoformat(),
    }


def received(after: float = 100, **changes: Any) -> ReturnFacts:
    """The parcel is back, and TikTok Shop asks for two days."""
    values: dict[str, Any] = {"question": Question.RECEIVE_PACKAGE, "respond_by": WANTED + (after + 48) * HOUR}
    return return_facts(SHIPPED_BACK, seen_after=after * HOUR, **(values | changes))


@pytest.mark.parametrize("status", [ANSWER_OF_BUYER, TO_SHIP, SHIPPED_BACK, SUCCESS, "EXCHANGE_REQUEST_PENDING"])
def test_nothing_is_waited_for_where_tiktok_asks_nothing(status: str) -> None:
    known = the_return(wanted_back(status=status))
    assert (known.question, known.respond_by, known.answer_until, known.is_asked) == (None, None, None, False)


@pytest.mark.parametrize("status", [TO_SHIP, SHIPPED_BACK, SUCCESS, COMPLETE, REJECT, CANCEL, ANSWER_OF_BUYER])
def test_a_question_that_tiktok_does_not_ask_any_more_is_closed_with_its_answer(status: str) -> None:
    record = answered(wanted_back(), Answer.REJECT)
    record = applied(record, due_change(record, WANTED + 47 * HOUR))
    known = the_return(wanted_back(record, status, after=47 * HOUR))
    assert (known.question, known.respond_by, known.answer_until) == (None, None, None)
    assert (known.answer, known.answered_by, known.answered_at, known.reject_reason) == (None, None, None, "")
    assert (known.reminders, known.left_to_tiktok, known.confirm_by, known.unconfirmed) == (0, False, None, False)


def test_what_was_left_to_tiktok_is_not_left_in_the_next_question() -> None:
    record = wanted_back()
    for hours in (24, 40, 46, 47.25):
        record = applied(record, due_change(record, WANTED + hours * HOUR))
    assert (the_return(record).left_to_tiktok, the_return(record).reminders) == (True, 3)
    record = applied(record, return_change(record, received(200)))
    known = the_return(record)
    assert (known.left_to_tiktok, known.reminders, known.next_due) == (False, 0, WANTED + 224 * HOUR)


def test_the_next_question_has_a_wait_of_its_own() -> None:
    record = answered(wanted_back(), Answer.APPROVE)
    record = wanted_back(record, TO_SHIP, after=2 * HOUR)
    record = applied(record, return_change(record, received(100)))
    known = the_return(record)
    assert (known.question, known.answer, known.asked_at) == (Question.RECEIVE_PACKAGE, None, WANTED + 100 * HOUR)
    assert (known.respond_by, known.next_due) == (WANTED + 148 * HOUR, WANTED + 124 * HOUR)
    record = answered(record, Answer.REJECT, at=WANTED + 101 * HOUR)
    assert [entry.action for entry in answers_told(record)] == [Action.APPROVE_RETURN, Action.REJECT_RETURN]


def test_a_question_that_follows_another_at_once_closes_it() -> None:
    record = answered(wanted_back(), Answer.APPROVE)
    change = return_change(record, received(2))
    assert [(fact.event, fact.detail["question"]) for fact in facts_of(change)] == [
        (Event.RETURN_CHANGED, "RETURN"),
        (Event.RETURN_QUESTION_OPENED, "RECEIVE_PACKAGE"),
    ]
    known = the_return(applied(record, change))
    assert (known.question, known.answer, known.asked_at) == (Question.RECEIVE_PACKAGE, None, WANTED + 2 * HOUR)


def test_the_same_question_later_is_another_one() -> None:
    record = wanted_back(status=SHIPPED_BACK, question=Question.RECEIVE_PACKAGE, respond_by=WANTED + 48 * HOUR)
    record = answered(record, Answer.REJECT)
    (first,) = answers_told(record)
    record = wanted_back(ended(record, first), SHIPPED_BACK, after=2 * HOUR)
    record = applied(record, return_change(record, received(100)))
    assert the_return(record).answer is None
    record = answered(record, Answer.REJECT, at=WANTED + 101 * HOUR)
    names = [entry.name for entry in answers_told(record)]
    assert len(set(names)) == 2
    assert answers_told(record)[1].state is EntryState.WAITING


def asked_twice_while_pending() -> OrderRecord:
    """The seller's first answer made TikTok Shop ask the buyer; then it asks the seller again."""
    record = answered(wanted_back(**WITHOUT_GOODS), Answer.REJECT)
    (first,) = answers_told(record)
    record = wanted_back(ended(record, first), ANSWER_OF_BUYER, after=2 * HOUR, **WITHOUT_GOODS)
    return wanted_back(record, PENDING, after=30 * HOUR, respond_by=WANTED + 60 * HOUR, **WITHOUT_GOODS)


@pytest.mark.parametrize("answer", Answer)
def test_the_same_question_later_in_a_pending_request_is_another_one(answer: Answer) -> None:
    record = asked_twice_while_pending()
    assert the_return(record).answer is None
    record = answered(record, answer, at=WANTED + 31 * HOUR)
    waiting = [entry for entry in answers_told(record) if entry.state is EntryState.WAITING]
    assert [entry.action for entry in waiting] == [Action(f"{answer}_RETURN")]


def test_a_question_that_is_asked_again_in_a_pending_request_is_not_over_when_it_begins() -> None:
    known = the_return(asked_twice_while_pending())
    assert known.asked_at == WANTED + 30 * HOUR
    assert known.respond_by == WANTED + 54 * HOUR


def test_the_answer_of_a_question_is_named_after_its_question_and_moment() -> None:
    record = answered(wanted_back(), Answer.APPROVE)
    (entry,) = answers_told(record)
    assert entry.name == f"TIKTOK_SHOP#APPROVE_RETURN#{RETURN_ID}#RETURN-20260606T120000Z"
    assert named(the_return(record)) == "RETURN-20260606T120000Z"


@pytest.mark.parametrize("hours", [30, 72])
def test_a_deadline_that_tiktok_moves_moves_the_wait(hours: float) -> None:
    record = asked_until(hours, record=wanted_back(), after=HOUR)
    known = the_return(record)
    assert (known.respond_by, known.answer_until) == (WANTED + hours * HOUR, WANTED + (hours - 0.75) * HOUR)
    assert known.next_due == WANTED + hours / 2 * HOUR
    assert known.asked_at == WANTED


def test_a_moved_deadline_of_a_refund_without_goods_stays_within_24_hours() -> None:
    record = asked_until(20, **WITHOUT_GOODS)
    assert the_return(asked_until(90, record=record, after=HOUR, **WITHOUT_GOODS)).respond_by == WANTED + 24 * HOUR


def test_a_deadline_that_tiktok_does_not_show_any_more_is_not_forgotten() -> None:
    assert the_return(asked_until(None, record=wanted_back(), after=HOUR)).respond_by == WANTED + 48 * HOUR


def test_a_moved_deadline_leaves_the_answer_as_it_is() -> None:
    record = asked_until(30, record=answered(wanted_back(), Answer.APPROVE), after=2 * HOUR)
    known = the_return(record)
    assert (known.answer, known.confirm_by, known.next_due) == (
        Answer.APPROVE,
        WANTED + HOUR + minutes(30),
        WANTED + HOUR + minutes(30),
    )
    assert len(answers_told(record)) == 1


def test_where_no_oms_answers_people_are_asked_once_for_each_question() -> None:
    shop = a_shop_without_oms()
    record = wanted_back(shop=shop)
    assert notices(record) == [(RETURN_ID, "asked-RETURN-20260606T120000Z")]
    record = wanted_back(record, after=HOUR, respond_by=WANTED + 50 * HOUR, shop=shop)
    assert len(notices(record)) == 1
    record = applied(record, return_change(record, received(100), shop))
    assert notices(record)[1:] == [(RETURN_ID, "asked-RECEIVE_PACKAGE-20260610T160000Z")]


def test_an_oms_is_asked_by_its_own_call_alone() -> None:
    assert notices(wanted_back()) == []


@pytest.mark.parametrize("state", [EntryState.WAITING, EntryState.FAILED])
def test_an_answer_that_tiktok_has_not_heard_is_dropped_with_its_question(state: EntryState) -> None:
    record = answered(wanted_back(), Answer.APPROVE)
    (entry,) = answers_told(record)
    record = wanted_back(ended(record, entry, state), REJECT, after=2 * HOUR)
    (entry,) = answers_told(record)
    assert (entry.state, entry.reason) == (EntryState.WITHDRAWN, "TikTok Shop shows the return as Rejected")


@pytest.mark.parametrize(
    "told",
    [
        {"state": EntryState.SENDING},
        {"state": EntryState.DONE},
        {"state": EntryState.WAITING, "in_doubt": True},
        {"state": EntryState.FAILED, "in_doubt": True},
    ],
)
def test_an_answer_that_tiktok_may_have_heard_is_left_as_it_is(told: dict[str, Any]) -> None:
    record = answered(wanted_back(), Answer.APPROVE)
    (entry,) = answers_told(record)
    record = ended(record, entry, **told)
    before = answers_told(record)
    assert answers_told(wanted_back(record, TO_SHIP, after=2 * HOUR)) == before


@pytest.mark.parametrize("at", [WANTED + timedelta(days=9)])
def test_a_question_that_comes_to_light_too_late_is_told_as_such(at: datetime) -> None:
    change = return_change(wanted_back(status=TO_SHIP), received(100), at=at)
    assert change is not None
    assert [entry.target for entry in change.outbox] == [Target.CHANNELADVISOR, Target.OMS]
    assert change.returns[0].next_due == WANTED + 124 * HOUR
