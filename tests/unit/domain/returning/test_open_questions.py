"""A question stays open for as long as TikTok Shop waits, and is answered by what was said last."""

from datetime import timedelta

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.answers import decide_answer_not_taken, decide_return_answer
from order_sync.domain.returning.questions import telling_of
from order_sync.domain.returning.returns import Question
from order_sync.domain.returning.statuses import ReturnKind
from order_sync.domain.telling import decide_told
from tests.builders import TIMING, applied
from tests.unit.domain.returning.scenes import (
    CANCEL,
    HOUR,
    PENDING,
    REJECT,
    RETURN_ID,
    WANTED,
    all_notes_told,
    answered,
    answers_told,
    due_change,
    facts_of,
    return_change,
    return_facts,
    the_return,
    wanted_back,
)


def two_tellings() -> OrderRecord:
    """An approval that TikTok Shop did not take, and the rejection that followed."""
    record = answered(wanted_back(kind=ReturnKind.REFUND), Answer.APPROVE)
    (approval,) = answers_told(record)
    record = applied(record, decide_answer_not_taken(record, approval, WANTED + 2 * HOUR, reason="no", timing=TIMING))
    return answered(record, Answer.REJECT, at=WANTED + 3 * HOUR)


def test_what_tells_the_answer_is_of_the_answer_that_holds() -> None:
    record = two_tellings()
    told = telling_of(record, the_return(record))
    assert told is not None
    assert (told.action, told.state) == ("REJECT_RETURN", EntryState.WAITING)


def test_who_answered_last_is_who_decided() -> None:
    record = two_tellings()
    told = telling_of(record, the_return(record))
    assert told is not None
    record = applied(record, decide_told(record, told, WANTED + 3 * HOUR))
    change = return_change(record, return_facts(REJECT, seen_after=3 * HOUR, kind=ReturnKind.REFUND))
    (closed,) = [fact for fact in facts_of(change) if fact.detail.get("by")]
    assert closed.detail["by"] == Decider.OMS


def test_an_answer_that_waits_is_dropped_when_the_return_is_withdrawn() -> None:
    record = two_tellings()
    change = return_change(record, return_facts(CANCEL, seen_after=3 * HOUR, kind=ReturnKind.REFUND))
    assert {entry.state for entry in answers_told(applied(record, change))} == {EntryState.WITHDRAWN}


def test_a_later_deadline_gives_whoever_was_silent_another_chance() -> None:
    record = wanted_back(respond_by=None)
    until = the_return(record).answer_until
    assert until is not None
    record = all_notes_told(applied(record, due_change(record, until)))
    assert the_return(record).left_to_tiktok
    later = return_facts(PENDING, seen_after=24 * HOUR - timedelta(minutes=5), respond_by=WANTED + 120 * HOUR)
    asked = the_return(applied(record, return_change(record, later)))
    assert (asked.left_to_tiktok, asked.confirm_by, asked.respond_by) == (False, None, WANTED + 120 * HOUR)
    assert asked.next_due is not None
    assert asked.next_due > WANTED + 24 * HOUR


def test_a_refund_request_that_is_seen_late_can_be_answered_while_tiktok_waits() -> None:
    record = wanted_back(kind=ReturnKind.REFUND, after=30 * HOUR, respond_by=WANTED + 54 * HOUR)
    assert the_return(record).respond_by == WANTED + 54 * HOUR
    change = decide_return_answer(
        record, RETURN_ID, Question.REFUND, Answer.REJECT, Decider.OMS, timing=TIMING, now=WANTED + 31 * HOUR
    )
    assert the_return(applied(record, change)).answer is Answer.REJECT
