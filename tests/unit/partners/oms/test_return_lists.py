"""The OMS's decisions about returns and its refunds as values."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from order_sync.domain.answering.answers import Answer
from order_sync.domain.errors import RejectedError
from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.returning.returns import Question
from order_sync.partners.oms.return_lists import read_refunds, read_return_decisions

ORDER = "577086512123755123"


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "id": "D-1",
        "return_id": "4035",
        "question": "return",
        "decision": "approve",
        "decided_at": "2025-09-01T16:48:00+02:00",
        "new_field": 1,
    } | changes


def refund(**changes: Any) -> dict[str, Any]:
    return {
        "id": "R-1",
        "tiktok_order_id": ORDER,
        "lines": ["1", "2"],
        "amount": {"currency": "USD", "total": "12.50", "new_field": 1},
        "refunded_at": "2025-09-01T16:48:00+02:00",
        "new_field": 1,
    } | changes


def page(name: str, *entries: Any, **changes: Any) -> dict[str, Any]:
    return {name: list(entries), "next_cursor": "c2", "has_more": False} | changes


def without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in entry.items() if each != name}


def test_a_decision_is_an_answer_to_a_question() -> None:
    rejected = decision(
        id="D-2", question="receive_package", decision="reject", reject_reason="reason_4", reason="Empty"
    )
    found = read_return_decisions(page("decisions", decision(reject_reason=None, reason=None), rejected), "c1")
    first, second = found.reported
    assert (first.id, first.return_id, first.question, first.answer) == ("D-1", "4035", Question.RETURN, Answer.APPROVE)
    assert (first.said, first.reject_reason) == ("", "")
    assert first.decided_at == datetime(2025, 9, 1, 14, 48, tzinfo=UTC)
    assert (second.question, second.answer) == (Question.RECEIVE_PACKAGE, Answer.REJECT)
    assert (second.said, second.reject_reason) == ("", "reason_4")
    assert (found.next_cursor, found.has_more) == ("c2", False)


@pytest.mark.parametrize("question", list(Question))
def test_every_question_of_the_contract_is_read(question: Question) -> None:
    [found] = read_return_decisions(page("decisions", decision(question=question.value.lower())), "").reported
    assert (found.question, found.said) == (question, "")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("maybe", "maybe"),
        ("Approve", "Approve"),
        ("x" * 41, ""),
        ("as Euphemia wishes", ""),
        (json.loads('"half\\ud83d"'), ""),
        (None, ""),
        (True, ""),
        (["approve"], ""),
    ],
)
@pytest.mark.parametrize("name", ["decision", "question"])
def test_a_word_that_is_no_decision_or_no_question_is_readable(name: str, word: Any, said: str) -> None:
    [found] = read_return_decisions(page("decisions", decision(**{name: word})), "").reported
    assert found.said == said
    assert (found.answer, found.question)[name == "question"] is None
    assert (found.answer, found.question)[name == "decision"] is not None


def test_of_two_words_that_mean_nothing_the_decision_is_quoted() -> None:
    [found] = read_return_decisions(page("decisions", decision(decision="maybe", question="why")), "").reported
    assert (found.answer, found.question, found.said) == (None, None, "maybe")


def test_a_decision_without_its_words_is_readable() -> None:
    bare = without(without(decision(), "decision"), "question")
    [found] = read_return_decisions(page("decisions", bare), "").reported
    assert (found.answer, found.question, found.said) == (None, None, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"return_id": "a b"}, "return_id: "),
        ({"return_id": None}, "return_id: "),
        ({"decided_at": "2025-09-01T14:48:00"}, "decided_at: "),
        ({"decision": "reject", "reject_reason": "the canary"}, "reject_reason: "),
        ({"decision": "reject", "reject_reason": ""}, "reject_reason: "),
        ({"reject_reason": "canary"}, "reject_reason: only a rejection has one"),
    ],
)
def test_a_bad_decision_is_told_by_id_and_place_and_the_others_are_read(changes: dict[str, Any], reason: str) -> None:
    found = read_return_decisions(page("decisions", decision(**changes), decision(id="D-2")), "")
    assert [each.id for each in found.reported] == ["D-2"]
    [bad] = found.unreadable
    assert (bad.id, bad.order, bad.can_be_told) == ("D-1", None, True)
    assert bad.reason.startswith(reason)
    assert "canary" not in bad.reason


def test_a_refund_is_a_wish_of_the_seller_under_the_omss_id() -> None:
    ((order, found),) = read_refunds(page("refunds", refund(reason="damaged")), "").reported
    assert (order, found.id, found.source, found.reason) == (ORDER, "oms-R-1", Source.OMS, "damaged")
    assert (found.line_ids, found.units) == (("1", "2"), ())
    assert found.amount == Money(amount=Decimal("12.50"), currency="USD")
    assert found.requested_at == datetime(2025, 9, 1, 14, 48, tzinfo=UTC)


@pytest.mark.parametrize("name", ["lines", "amount"])
def test_only_null_is_all_of_it(name: str) -> None:
    found = read_refunds(page("refunds", refund(**{name: None}), without(refund(id="R-2"), name)), "")
    [(_, whole)] = found.reported
    assert (whole.id, whole.reason) == ("oms-R-1", "")
    assert (not whole.line_ids, whole.amount is None) == (name == "lines", name == "amount")
    assert [(each.id, each.reason) for each in found.unreadable] == [("R-2", f"{name}: Field required")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lines": []}, "lines: "),
        ({"lines": ["1", "1"]}, "lines: a line stands there twice"),
        ({"lines": "canary"}, "lines: "),
        ({"amount": "12.50"}, "amount: "),
        ({"amount": {"total": "12.50"}}, "amount.currency: Field required"),
        ({"amount": {"currency": "USD"}}, "amount.total: Field required"),
        ({"amount": {"currency": "usd", "total": "12.50"}}, "amount.currency: "),
        ({"amount": {"currency": "USD", "total": 12.5}}, "amount.total: "),
        ({"amount": {"currency": "USD", "total": "-1"}}, "amount.total: "),
        ({"amount": {"currency": "USD", "total": "1,50"}}, "amount.total: "),
        ({"amount": {"currency": "USD", "total": "NaN"}}, "amount.total: "),
        ({"amount": {"currency": "USD", "total": "0.00"}}, "amount.total: it is nothing to refund"),
        ({"reason": "the canary"}, "reason: "),
        ({"refunded_at": "2025-09-01T14:48:00"}, "refunded_at: "),
    ],
)
def test_a_bad_refund_is_told_by_id_order_and_place(changes: dict[str, Any], reason: str) -> None:
    found = read_refunds(page("refunds", refund(**changes), refund(id="R-2")), "")
    assert [each.id for _, each in found.reported] == ["oms-R-2"]
    [bad] = found.unreadable
    assert (bad.id, bad.order, bad.can_be_told) == ("R-1", ORDER, True)
    assert bad.reason.startswith(reason)
    assert "canary" not in bad.reason


def test_an_unreadable_page_is_refused_as_a_whole() -> None:
    with pytest.raises(RejectedError, match="list return decisions: the answer is unreadable"):
        read_return_decisions(page("refunds"), "")
    with pytest.raises(RejectedError, match="list refunds: more is promised, but the cursor stands still"):
        read_refunds(page("refunds", next_cursor="c1", has_more=True), "c1")
