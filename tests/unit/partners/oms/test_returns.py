"""Returns in the contract's words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.oms.contract import read_contract
from order_sync.domain.answering.answers import Answer, DecisionProblem
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, OrderId, ReturnId, ShopId
from order_sync.domain.returning.returns import Question, ReturnLine
from order_sync.domain.returning.statuses import ENDED, ReturnKind, ReturnState
from order_sync.partners.oms.returns import return_body
from tests.returned import HOUR, RETURN, RETURNED_AT, a_refund, a_return

SHOP, ORDER = ShopId("7495000000000000001"), OrderId("577086512123755123")
CANCEL_PROBLEMS = {
    DecisionProblem.UNKNOWN_DECISION,
    DecisionProblem.CANCEL_REQUEST_UNKNOWN,
    DecisionProblem.CANCEL_REQUEST_CLOSED,
    DecisionProblem.DECIDED_ALREADY,
}
RETURN_PROBLEMS = {
    DecisionProblem.UNKNOWN_DECISION,
    DecisionProblem.RETURN_UNKNOWN,
    DecisionProblem.RETURN_CLOSED,
    DecisionProblem.NOT_ASKED,
    DecisionProblem.DECIDED_ALREADY,
}


def body_of(**changes: Any) -> dict[str, Any]:
    """The body, which the contract must allow."""
    body = return_body(SHOP, ORDER, a_return(**changes))
    assert read_contract()["note_return"].mistakes_in_body(body) == []
    return body


def test_a_return_that_is_asked_about_is_told_whole() -> None:
    line = a_return().line_ids[0]
    assert body_of() == {
        "shop_id": SHOP,
        "tiktok_order_id": ORDER,
        "kind": "return_and_refund",
        "state": "request_pending",
        "lines": [{"line": line, "refund_amount": "18.90"}],
        "reason": "wrong_product",
        "requested_at": "2025-09-01T08:00:00Z",
        "changed_at": "2025-09-01T08:00:00Z",
        "question": {"asked": "return", "respond_by": "2025-09-03T07:00:00Z"},
        "refund": {
            "currency": "USD",
            "total": "18.90",
            "goods": "17.50",
            "shipping": "0.00",
            "tax": "1.40",
            "other": "0.00",
        },
    }


def test_what_a_return_need_not_have_is_told_where_it_has_it() -> None:
    body = body_of(
        state=ReturnState.REFUNDED,
        question=None,
        tracking_number=" 9400 1000 ",
        refunded_at=RETURNED_AT + HOUR,
        follows=ReturnId("4035000000000000007"),
        refund=None,
        lines=(ReturnLine(id=LineId("1")),),
    )
    assert body["lines"] == [{"line": "1"}]
    assert (body["question"], body["refund"]) == (None, None)
    assert (body["return_tracking_number"], body["follows"]) == ("9400 1000", "4035000000000000007")
    assert body["refunded_at"] == "2025-09-01T09:00:00Z"


@pytest.mark.parametrize("kind", list(ReturnKind))
@pytest.mark.parametrize("state", list(ReturnState))
def test_every_kind_and_state_has_a_word_of_the_contract(kind: ReturnKind, state: ReturnState) -> None:
    body = body_of(kind=kind, state=state)
    assert (body["kind"], body["state"]) == (kind.value.lower(), state.value.lower())
    assert (body["question"] is None) is (state in ENDED)


@pytest.mark.parametrize("question", list(Question))
def test_every_question_has_a_word_of_the_contract(question: Question) -> None:
    asked = body_of(question=question)["question"]["asked"]
    assert asked == question.value.lower()


def test_the_deadline_is_the_end_of_our_own_wait_where_there_is_one() -> None:
    assert body_of(answer_until=None)["question"]["respond_by"] == "2025-09-03T08:00:00Z"
    assert body_of(answer_until=None, respond_by=None)["question"] == {"asked": "return", "respond_by": None}


@pytest.mark.parametrize(
    "changes",
    [{"question": None}, {"answer": Answer.REJECT}, {"left_to_tiktok": True}, {"state": ReturnState.CLOSED}],
)
def test_the_oms_is_not_asked_what_its_answer_would_not_count_for(changes: dict[str, Any]) -> None:
    assert body_of(**changes)["question"] is None


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        ("12.5", "USD", "12.50"),
        ("12.50", "GBP", "12.50"),
        ("12.5000", "USD", "12.50"),
        ("12.345", "USD", "12.345"),
        ("12", "USD", "12.00"),
        ("0", "USD", "0.00"),
        ("0E-9", "USD", "0.00"),
        ("1E+3", "USD", "1000.00"),
        ("1200", "JPY", "1200"),
        ("1200.00", "JPY", "1200"),
        ("1200.5", "JPY", "1200.5"),
    ],
)
def test_money_has_at_least_the_digits_of_its_currency(amount: str, currency: str, told: str) -> None:
    given = a_refund(amount, currency=currency)
    body = body_of(refund=given, lines=(ReturnLine(id=LineId("1"), refund=given),))
    assert (body["refund"]["total"], body["lines"][0]["refund_amount"]) == (told, told)
    assert body["refund"]["currency"] == currency


@pytest.mark.parametrize("part", ["total", "goods", "shipping", "tax", "other"])
def test_negative_money_cannot_be_told(part: str) -> None:
    negative: dict[str, Any] = {part: Decimal("-0.01")}
    with pytest.raises(RejectedError, match=f"return {RETURN}: refund is negative: -0.01"):
        body_of(refund=replace(a_refund(), **negative))


def test_parts_that_do_not_add_up_are_told_as_tiktok_shows_them() -> None:
    told = body_of(refund=a_refund("20.00"))["refund"]
    assert (told["total"], told["goods"], told["tax"]) == ("20.00", "17.50", "1.40")


def test_long_texts_are_cut() -> None:
    body = body_of(reason="x" * 501, tracking_number="9" * 501)
    assert (len(body["reason"]), len(body["return_tracking_number"])) == (500, 500)


def test_times_are_told_in_utc() -> None:
    here = datetime(2025, 9, 1, 10, 0, tzinfo=UTC) + timedelta(microseconds=5)
    assert body_of(updated_at=here)["changed_at"] == "2025-09-01T10:00:00.000005Z"


def test_each_refusal_knows_the_problems_of_its_subject_and_no_others() -> None:
    operations = {"refuse_cancel_request_decision": CANCEL_PROBLEMS, "refuse_return_decision": RETURN_PROBLEMS}
    for operation, problems in operations.items():
        refuse = read_contract()[operation]
        allowed = {each for each in DecisionProblem if not refuse.mistakes_in_body({"problem": each, "detail": "why"})}
        assert allowed == problems
    assert set(DecisionProblem) == CANCEL_PROBLEMS | RETURN_PROBLEMS
