"""Who decided about a return: TikTok Shop names nobody, so that the ledger knows, or infers."""

from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.outbox import EntryState
from order_sync.domain.records import OrderRecord
from order_sync.domain.returning.returns import Question
from order_sync.domain.timeline import Event, TimelineEntry
from tests.builders import minutes
from tests.unit.domain.returning.scenes import (
    CANCEL,
    COMPLETE,
    HOUR,
    REJECT,
    REJECT_PACKAGE,
    RETURN_ID,
    SHIPPED_BACK,
    SUCCESS,
    TO_SHIP,
    WANTED,
    answered,
    answers_told,
    ended,
    facts_of,
    return_change,
    return_facts,
    wanted_back,
)

TOLD: dict[str, Any] = {"state": EntryState.DONE}
SENDING: dict[str, Any] = {"state": EntryState.SENDING}
IN_DOUBT: dict[str, Any] = {"state": EntryState.WAITING, "in_doubt": True}
UNTOLD: dict[str, Any] = {"state": EntryState.WAITING}
FAILED: dict[str, Any] = {"state": EntryState.FAILED}
A, R = Answer.APPROVE, Answer.REJECT


def decided(record: OrderRecord, status: str, hours: float = 2, **changes: Any) -> TimelineEntry:
    """The fact that ends a question."""
    facts = facts_of(return_change(record, return_facts(status, seen_after=hours * HOUR, **changes)))
    return next(fact for fact in facts if fact.event is Event.RETURN_CHANGED)


def with_answer(answer: Answer | None, told: dict[str, Any], by: Decider = Decider.OMS) -> OrderRecord:
    record = wanted_back()
    if answer is None:
        return record
    record = answered(record, answer, by)
    (entry,) = answers_told(record)
    return ended(record, entry, **told)


@pytest.mark.parametrize(
    ("answer", "told", "status", "hours", "by", "overruled"),
    [
        (A, TOLD, TO_SHIP, 2, "OMS", ""),
        (A, SENDING, TO_SHIP, 2, "OMS", ""),
        (A, IN_DOUBT, TO_SHIP, 2, "OMS", ""),
        (A, UNTOLD, TO_SHIP, 2, "SELLER", ""),
        (A, FAILED, TO_SHIP, 2, "SELLER", ""),
        (A, UNTOLD, TO_SHIP, 48, "PLATFORM", ""),
        (A, TOLD, TO_SHIP, 99, "OMS", ""),
        (A, TOLD, SHIPPED_BACK, 2, "OMS", ""),
        (A, TOLD, SUCCESS, 2, "OMS", ""),
        (A, TOLD, COMPLETE, 2, "OMS", ""),
        (A, TOLD, REJECT, 2, "SELLER", "APPROVE"),
        (A, UNTOLD, REJECT, 2, "SELLER", "APPROVE"),
        (A, TOLD, REJECT, 48, "PLATFORM", "APPROVE"),
        (A, TOLD, CANCEL, 2, "BUYER", ""),
        (R, TOLD, REJECT, 2, "OMS", ""),
        (R, TOLD, REJECT, 99, "OMS", ""),
        (R, UNTOLD, REJECT, 2, "SELLER", ""),
        (R, TOLD, TO_SHIP, 2, "SELLER", "REJECT"),
        (R, TOLD, TO_SHIP, 48, "PLATFORM", "REJECT"),
        (R, TOLD, SHIPPED_BACK, 60, "PLATFORM", "REJECT"),
        (R, TOLD, SUCCESS, 60, "PLATFORM", "REJECT"),
        (R, TOLD, COMPLETE, 60, "PLATFORM", "REJECT"),
        (R, TOLD, "EXCHANGE_REQUEST_COMPLETE", 60, "PLATFORM", "REJECT"),
        (R, TOLD, CANCEL, 2, "BUYER", ""),
        (None, UNTOLD, TO_SHIP, 47.99, "SELLER", ""),
        (None, UNTOLD, TO_SHIP, 48, "PLATFORM", ""),
        (None, UNTOLD, REJECT, 2, "SELLER", ""),
        (None, UNTOLD, CANCEL, 99, "BUYER", ""),
        (None, UNTOLD, COMPLETE, 2, "SELLER", ""),
    ],
)
def test_the_one_who_decided_is_known_or_inferred(
    answer: Answer | None, told: dict[str, Any], status: str, hours: float, by: str, overruled: str
) -> None:
    fact = decided(with_answer(answer, told), status, hours)
    assert (fact.detail["by"], fact.detail.get("overruled", "")) == (by, overruled)


@pytest.mark.parametrize("answer", [A, R, None])
def test_an_arbitration_takes_the_question_from_the_seller(answer: Answer | None) -> None:
    fact = decided(with_answer(answer, TOLD), "RETURN_OR_REFUND_REQUEST_PENDING", in_arbitration=True, question=None)
    assert (fact.detail["by"], fact.detail.get("overruled", "")) == ("PLATFORM", "")


@pytest.mark.parametrize("by", [Decider.OMS, Decider.OPERATOR])
def test_whoever_answered_has_decided(by: Decider) -> None:
    assert decided(with_answer(A, TOLD, by), TO_SHIP).detail["by"] == by


def test_the_fact_says_which_question_ended_how() -> None:
    fact = decided(with_answer(A, TOLD), TO_SHIP)
    assert (fact.source, fact.happened_at) == ("TIKTOK_SHOP", WANTED + 2 * HOUR)
    assert fact.detail == {
        "return_id": RETURN_ID,
        "question": "RETURN",
        "before": "Request Pending",
        "after": "Waiting for Buyer to Ship",
        "by": "OMS",
        "status": TO_SHIP,
    }


@pytest.mark.parametrize(
    ("answer", "status", "overruled"),
    [(A, REJECT_PACKAGE, "APPROVE"), (R, SUCCESS, "REJECT"), (R, REJECT_PACKAGE, ""), (R, SHIPPED_BACK, "")],
)
def test_a_parcel_that_came_back_is_decided_on_alike(answer: Answer, status: str, overruled: str) -> None:
    record = wanted_back(status=SHIPPED_BACK, question=Question.RECEIVE_PACKAGE, respond_by=WANTED + 48 * HOUR)
    record = answered(record, answer, at=WANTED + minutes(9))
    (entry,) = answers_told(record)
    assert decided(ended(record, entry), status).detail.get("overruled", "") == overruled
