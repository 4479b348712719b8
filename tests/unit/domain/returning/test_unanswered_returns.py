"""What the passing of time brings for returns: reminders, the shop's rule, and confirmations that are missing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.orders import Handling, Source
from order_sync.domain.outbox import Action, EntryState
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.answers import decide_return_answer
from order_sync.domain.returning.by_seller import decide_refund_started
from order_sync.domain.returning.returns import Question
from order_sync.domain.returning.stages import OF_RETURNS, ReturnStage, stage_of
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.returning.unanswered import decide_due_returns
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from tests.builders import LINE_2, TIMING, a_shop, applied, events_of, minutes
from tests.unit.domain.returning.scenes import (
    ANOTHER_ID,
    CANCEL,
    COMPLETE,
    HOUR,
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
    not_ours,
    notices,
    refund_entry,
    refund_reported,
    shipped,
    the_lines,
    the_return,
    the_wish,
    wanted_back,
)

INSTANCE = "RETURN-20260606T120000Z"
MOMENT = timedelta(milliseconds=1)
APPROVE = a_shop(returns={"without_answer": "approve"})
LEAVE = a_shop(returns={"without_answer": "leave_to_tiktok"})


def after(hours: float) -> datetime:
    return WANTED + hours * HOUR


def passed(record: OrderRecord, *hours: float, shop: ShopSettings | None = None) -> OrderRecord:
    for hour in hours:
        record = applied(record, due_change(record, after(hour), shop))
    return record


def news_for_people(change: Change | None) -> list[str]:
    return [entry.revision for entry in change.outbox if entry.action is Action.NOTIFY] if change else []


def test_nothing_is_due_before_the_first_reminder() -> None:
    assert due_change(wanted_back(), after(24) - MOMENT) is None


@pytest.mark.parametrize(
    ("earlier", "now", "number"),
    [((), 24, 1), ((24,), 40, 2), ((24, 40), 46, 3), ((24,), 41, 2), ((), 46.1, 3)],
)
def test_each_reminder_is_recorded_at_its_time_and_told_to_people(
    earlier: tuple[float, ...], now: float, number: int
) -> None:
    record = passed(wanted_back(), *earlier)
    change = due_change(record, after(now))
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.RETURN_REMINDER, Source.ORDER_SYNC)
    assert fact.happened_at == after((24, 40, 46)[number - 1])
    assert fact.detail == {
        "return_id": RETURN_ID,
        "question": "RETURN",
        "number": str(number),
        "respond_by": after(48).isoformat(),
    }
    assert news_for_people(change) == [f"reminder-{number}-{INSTANCE}"]
    assert due_change(applied(record, change), after(now)) is None


@pytest.mark.parametrize(("hours", "number"), [(12, 1), (20, 2), (23, 3)])
def test_a_refund_without_goods_is_reminded_of_within_its_24_hours(hours: float, number: int) -> None:
    record = passed(wanted_back(kind=ReturnKind.REFUND), *(hour for hour in (12, 20) if hour < hours))
    assert due_change(record, after(hours) - MOMENT) is None
    assert news_for_people(due_change(record, after(hours))) == [f"reminder-{number}-REFUND-20260606T120000Z"]


def test_the_next_question_is_reminded_of_anew() -> None:
    record = passed(wanted_back(), 24, 40, 46)
    asks: dict[str, Any] = {"question": Question.RECEIVE_PACKAGE, "respond_by": after(124)}
    record = passed(wanted_back(record, SHIPPED_BACK, after=100 * HOUR, **asks), 112)
    assert (RETURN_ID, "reminder-1-RECEIVE_PACKAGE-20260610T160000Z") in notices(record)


@pytest.mark.parametrize("answer", Answer)
def test_nobody_is_reminded_of_what_is_answered(answer: Answer) -> None:
    assert Event.RETURN_REMINDER not in events_of(due_change(answered(wanted_back(), answer), after(24)))


@pytest.mark.parametrize("status", [TO_SHIP, SHIPPED_BACK, REJECT, CANCEL, COMPLETE])
@pytest.mark.parametrize("hours", [24, 47.25, 999])
def test_nothing_is_due_about_what_is_not_asked(status: str, hours: float) -> None:
    assert due_change(wanted_back(wanted_back(), status, after=HOUR), after(hours)) is None


@pytest.mark.parametrize("handling", [Handling.WATCHED, Handling.THIRD_PARTY])
@pytest.mark.parametrize("hours", [24, 47.25, 48, 999])
@pytest.mark.parametrize("shop", [APPROVE, LEAVE])
def test_what_is_not_ours_is_never_due(handling: Handling, hours: float, shop: ShopSettings) -> None:
    record = wanted_back(not_ours(shipped(), handling))
    assert due_change(record, after(hours), shop) is None


def test_the_rule_to_approve_answers_at_the_end_of_the_wait() -> None:
    record = passed(wanted_back(), 24, 40, 46, shop=APPROVE)
    assert due_change(record, after(47.25) - MOMENT, APPROVE) is None
    change = due_change(record, after(47.25), APPROVE)
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.RETURN_ANSWERED, Source.ORDER_SYNC)
    assert fact.detail == {
        "return_id": RETURN_ID,
        "question": "RETURN",
        "answer": "APPROVE",
        "by": "SHOP_RULE",
        "reason": "nobody answered; the shop's rule is approve",
    }
    record = applied(record, change)
    known = the_return(record)
    assert (known.answer, known.answered_by, known.confirm_by) == (
        Answer.APPROVE,
        Decider.SHOP_RULE,
        after(47.75),
    )
    assert [entry.action for entry in answers_told(record)] == [Action.APPROVE_RETURN]
    assert due_change(record, after(47.3), APPROVE) is None


def test_the_rule_to_leave_it_tells_tiktok_nothing() -> None:
    record = passed(wanted_back(), 24, 40, 46, shop=LEAVE)
    assert due_change(record, after(47.25) - MOMENT, LEAVE) is None
    change = due_change(record, after(47.25), LEAVE)
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.RETURN_LEFT_TO_TIKTOK, Source.ORDER_SYNC)
    assert fact.detail == {"return_id": RETURN_ID, "question": "RETURN", "rule": "leave_to_tiktok"}
    record = applied(record, change)
    known = the_return(record)
    assert (known.left_to_tiktok, known.answer, known.next_due) == (True, None, after(48))
    assert answers_told(record) == []
    assert due_change(record, after(47.3), LEAVE) is None


def test_without_a_choice_of_the_seller_s_it_is_left_to_tiktok() -> None:
    assert the_return(passed(wanted_back(), 47.25)).left_to_tiktok


@pytest.mark.parametrize("question", Question)
@pytest.mark.parametrize("shop", [APPROVE, LEAVE])
def test_both_rules_hold_for_every_question(question: Question, shop: ShopSettings) -> None:
    record = wanted_back(status=SHIPPED_BACK, question=question, respond_by=after(20), shop=shop)
    known = the_return(passed(record, 19.25, shop=shop))
    assert (known.answer is Answer.APPROVE, known.left_to_tiktok) == (shop is APPROVE, shop is LEAVE)


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("shop", [APPROVE, LEAVE])
def test_the_rule_never_speaks_after_an_answer(answer: Answer, shop: ShopSettings) -> None:
    record = answered(wanted_back(), answer, at=after(47.2))
    change = due_change(record, after(47.25), shop)
    assert {Event.RETURN_ANSWERED, Event.RETURN_LEFT_TO_TIKTOK}.isdisjoint(events_of(change))
    assert the_return(applied(record, change)).answered_by is Decider.OMS


@pytest.mark.parametrize(("sweep", "speaks"), [(47.9, False), (48, True), (48.2, True)])
@pytest.mark.parametrize("shop", [APPROVE, LEAVE])
def test_while_the_oms_cannot_be_asked_the_rule_waits_as_long_as_there_is_time(
    sweep: float, shop: ShopSettings, *, speaks: bool
) -> None:
    record = passed(wanted_back(), 24, 40, 46)
    change = decide_due_returns(record, shop, TIMING, after(47.3), oms_until=after(sweep))
    assert bool(events_of(change)) is speaks


def test_an_answer_that_tiktok_does_not_confirm_is_said_once() -> None:
    record = answered(wanted_back(), Answer.REJECT)
    assert due_change(record, after(1.5) - MOMENT) is None
    change = due_change(record, after(1.5))
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.RETURN_ANSWER_UNCONFIRMED, Source.TIKTOK_SHOP)
    assert fact.detail == {"return_id": RETURN_ID, "question": "RETURN", "answer": "REJECT"}
    assert news_for_people(change) == [f"unconfirmed-{INSTANCE}"]
    record = applied(record, change)
    assert the_return(record).unconfirmed
    assert due_change(record, after(99)) is None
    # It stays in the due list, so that every cycle looks for the confirmation.
    assert the_return(record).next_due == after(1.5)


def test_what_was_left_to_tiktok_and_is_not_decided_there_is_said_once() -> None:
    record = passed(wanted_back(), 24, 40, 46, 47.25, shop=LEAVE)
    assert due_change(record, after(48.5) - MOMENT, LEAVE) is None
    change = due_change(record, after(48.5), LEAVE)
    (fact,) = facts_of(change)
    assert (fact.event, fact.detail.get("answer", "")) == (Event.RETURN_ANSWER_UNCONFIRMED, "")
    assert due_change(applied(record, change), after(99), LEAVE) is None


@pytest.mark.parametrize("status", [TO_SHIP, REJECT])
def test_a_confirmation_ends_the_alarm(status: str) -> None:
    record = passed(answered(wanted_back()), 2)
    known = the_return(wanted_back(record, status, after=3 * HOUR))
    assert (known.unconfirmed, known.next_due) == (False, None)


def left_and_answered() -> OrderRecord:
    shop = a_shop(cancellations={"margin_minutes": 300})
    record = passed(wanted_back(shop=shop), 24, 40, 43.2, shop=shop)
    assert the_return(record).left_to_tiktok
    change = decide_return_answer(
        record, RETURN_ID, Question.RETURN, Answer.APPROVE, Decider.OPERATOR, timing=TIMING, now=after(45)
    )
    return applied(record, change)


def test_nobody_is_reminded_of_what_a_person_answered_after_the_rule() -> None:
    assert Event.RETURN_REMINDER not in events_of(due_change(left_and_answered(), after(46)))


def test_what_a_person_answered_after_the_rule_is_looked_at_for_its_confirmation() -> None:
    assert the_return(left_and_answered()).next_due == after(45.5)


@pytest.mark.parametrize("kind", [ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND])
def test_a_refund_that_is_granted_and_not_there_after_exactly_a_day_is_late(kind: ReturnKind) -> None:
    record = wanted_back(wanted_back(kind=kind), SUCCESS, after=5 * HOUR, kind=kind)
    assert the_return(record).next_due == after(29)
    assert due_change(record, after(29) - MOMENT) is None
    change = due_change(record, after(29))
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.REFUND_LATE, Source.TIKTOK_SHOP)
    assert fact.detail == {"return_id": RETURN_ID, "due": after(29).isoformat()}
    assert news_for_people(change) == ["refund-late"]
    record = applied(record, change)
    assert (the_return(record).refund_late, the_return(record).next_due) == (True, None)
    assert due_change(record, after(999)) is None


def test_a_touch_of_a_granted_refund_does_not_move_its_day() -> None:
    record = wanted_back(wanted_back(status=SUCCESS), SUCCESS, after=20 * HOUR, tracking_number="T1")
    assert events_of(due_change(record, after(24))) == [Event.REFUND_LATE]


@pytest.mark.parametrize("status", [COMPLETE, CANCEL])
def test_a_refund_that_has_come_is_not_late(status: str) -> None:
    record = wanted_back(wanted_back(status=SUCCESS), status, after=HOUR)
    assert the_return(record).next_due is None
    assert due_change(record, after(999)) is None


def test_a_refund_is_not_late_while_tiktok_arbitrates() -> None:
    record = wanted_back(wanted_back(status=SUCCESS), SUCCESS, after=HOUR, in_arbitration=True)
    assert due_change(record, after(25)) is None


def test_the_day_of_a_refund_begins_anew_after_an_arbitration() -> None:
    record = wanted_back(wanted_back(status=SUCCESS), SUCCESS, after=HOUR, in_arbitration=True)
    record = wanted_back(record, SUCCESS, after=200 * HOUR)
    assert due_change(record, after(223)) is None
    assert events_of(due_change(record, after(224))) == [Event.REFUND_LATE]


def test_a_question_after_a_late_refund_is_looked_at_again() -> None:
    record = passed(wanted_back(status=SUCCESS), 24)
    record = wanted_back(record, SUCCESS, after=30 * HOUR, in_arbitration=True)
    record = wanted_back(record, SHIPPED_BACK, after=40 * HOUR, question=Question.RECEIVE_PACKAGE)
    record = answered(record, at=after(41))
    assert stage_of(the_return(record)) is ReturnStage.AWAITED


def test_two_returns_that_are_due_are_both_looked_at() -> None:
    record = wanted_back(wanted_back(), SUCCESS, id=ANOTHER_ID, lines=the_lines(LINE_2))
    assert events_of(due_change(record, after(24))) == [Event.RETURN_REMINDER, Event.REFUND_LATE]


def test_a_late_refund_and_an_unconfirmed_answer_of_one_return_are_both_said() -> None:
    record = wanted_back(status=SUCCESS, question=Question.REFUND, respond_by=after(20))
    record = answered(record, at=after(19.4))
    assert events_of(due_change(record, after(24))) == [Event.RETURN_ANSWER_UNCONFIRMED, Event.REFUND_LATE]


def test_a_refund_of_the_seller_s_that_tiktok_does_not_start_is_said_once_after_exactly_a_day() -> None:
    record = refund_reported(at=after(2))
    assert due_change(record, after(26) - MOMENT) is None
    change = due_change(record, after(26))
    (fact,) = facts_of(change)
    assert (fact.event, fact.source) == (Event.SELLER_REFUND_UNCONFIRMED, Source.TIKTOK_SHOP)
    assert fact.detail == {"refund": "oms-31"}
    assert news_for_people(change) == ["unconfirmed"]
    record = applied(record, change)
    assert (the_wish(record).unconfirmed, the_wish(record).confirm_by) == (True, after(26))
    assert due_change(record, after(999)) is None


@pytest.mark.parametrize("seen", [False, True])
def test_a_refund_of_the_seller_s_that_stays_open_for_days_is_said(*, seen: bool) -> None:
    record = refund_reported()
    change = decide_refund_started(record, refund_entry(record), after(2), return_id=RETURN_ID)
    record = applied(record, change)
    if seen:
        asks: dict[str, Any] = {"question": None, "kind": ReturnKind.REFUND}
        record = wanted_back(record, after=2 * HOUR, **asks)
    said = events_of(due_change(record, after(99)))
    assert {Event.SELLER_REFUND_UNCONFIRMED, Event.REFUND_LATE}.intersection(said)


def test_a_late_refund_that_the_seller_started_is_said_once() -> None:
    record = refund_reported()
    change = decide_refund_started(record, refund_entry(record), after(2), return_id=RETURN_ID)
    record = wanted_back(applied(record, change), SUCCESS, after=2 * HOUR, kind=ReturnKind.REFUND)
    said = list[Event]()
    for hours in (25, 25.1, 26, 27, 99):
        change = due_change(record, after(hours))
        said += events_of(change)
        record = applied(record, change)
    assert said == [Event.SELLER_REFUND_UNCONFIRMED, Event.REFUND_LATE]


def test_a_refund_that_was_said_to_be_late_is_not_said_again_for_the_seller_s_wish() -> None:
    record = refund_reported(wanted_back(kind=ReturnKind.REFUND))
    record = wanted_back(record, SUCCESS, after=0.9 * HOUR, kind=ReturnKind.REFUND)
    said = list[Event]()
    for hours in (24.9, 25.1, 26, 99):
        change = due_change(record, after(hours))
        said += events_of(change)
        record = applied(record, change)
    assert said == [Event.REFUND_LATE]
    assert (the_wish(record).confirm_by, the_wish(record).unconfirmed) == (None, False)


def test_a_refund_of_the_seller_s_that_was_refused_is_not_missed() -> None:
    record = refund_reported(line_ids=(LINE_2,))
    record = refund_reported(record, id="oms-32", line_ids=(LINE_2,))
    assert the_wish(record, "oms-32").confirm_by is None
    assert len(facts_of(due_change(record, after(999)))) == 1


@pytest.mark.parametrize(
    ("record", "stage"),
    [
        (wanted_back(), ReturnStage.ASKED),
        (answered(wanted_back()), ReturnStage.AWAITED),
        (passed(wanted_back(), 24, 40, 46, 47.25), ReturnStage.AWAITED),
        (wanted_back(status=TO_SHIP), ReturnStage.QUIET),
        (wanted_back(status=SHIPPED_BACK), ReturnStage.QUIET),
        (wanted_back(status=SUCCESS), ReturnStage.AWAITED),
        (passed(wanted_back(status=SUCCESS), 24), ReturnStage.REFUND_LATE),
        (wanted_back(not_ours(shipped(), Handling.WATCHED)), ReturnStage.QUIET),
        (wanted_back(status=SHIPPED_BACK, in_arbitration=True), ReturnStage.QUIET),
        (wanted_back(status=REJECT), None),
        (wanted_back(status=CANCEL), None),
        (wanted_back(status=COMPLETE), None),
        (wanted_back(status="EXCHANGE_REQUEST_COMPLETE"), None),
    ],
)
def test_a_return_stands_in_one_stage(record: OrderRecord, stage: ReturnStage | None) -> None:
    assert stage_of(the_return(record)) is stage
    assert stage is None or stage in OF_RETURNS


def test_a_telling_that_failed_does_not_stop_the_clock() -> None:
    record = answered(wanted_back())
    (entry,) = answers_told(record)
    record = ended(record, entry, EntryState.FAILED)
    assert events_of(due_change(record, after(1.5) + minutes(1))) == [Event.RETURN_ANSWER_UNCONFIRMED]
