"""How a return stands, as the OMS is told."""

from typing import Any

import pytest

from local.simulators.oms import OmsSimulator
from tests.adapters.simulators.oms.caller import ORDER, RETURN, Caller, problem_of, return_body

REFUND = return_body()["refund"]
ONE, TWO, NOON = "2025-08-19T13:00:00Z", "2025-08-19T14:00:00Z", "2025-08-19T12:00:00+00:00"


@pytest.fixture(autouse=True)
def _an_order(caller: Caller) -> None:
    caller.take()


def test_a_return_is_noted_once_and_moves_no_line(caller: Caller, oms: OmsSimulator) -> None:
    assert [caller.tell().status_code for _ in range(2)] == [204, 204]
    [told] = oms.books.returns()
    assert (told.id, told.tiktok_order_id, told.times_told, told.body) == (RETURN, ORDER, 2, return_body())
    assert (told.state, told.question, told.lines, told.changed_at.isoformat()) == (
        "request_pending",
        "return",
        ("11",),
        NOON,
    )
    assert [line.state for line in oms.books.order(ORDER).lines] == ["open"] * 3


def test_the_newest_change_holds_whenever_it_is_told(caller: Caller, oms: OmsSimulator) -> None:
    caller.tell()
    caller.tell(state="buyer_shipped", question=None, changed_at=TWO)
    assert caller.tell(state="return_label_generated", question=None, changed_at=ONE).status_code == 204
    told = oms.books.return_(RETURN)
    assert (told.state, told.times_told) == ("buyer_shipped", 3)
    assert [body["state"] for body in told.earlier] == ["request_pending"]


def test_of_two_words_about_one_change_the_last_holds(caller: Caller, oms: OmsSimulator) -> None:
    caller.tell()
    caller.tell(changed_at="2025-08-19T14:00:00+02:00", question=None)
    assert oms.books.return_(RETURN).question == ""


def test_a_return_is_unsettled_while_its_question_is_open(caller: Caller, oms: OmsSimulator) -> None:
    caller.tell()
    assert oms.books.unsettled() == [RETURN]
    caller.tell(question=None)
    assert oms.books.unsettled() == []
    assert oms.books.return_(RETURN).questions == {"return"}


def test_returns_are_found_by_their_order(caller: Caller, oms: OmsSimulator) -> None:
    caller.take("T2")
    caller.tell()
    caller.tell("R2", tiktok_order_id="T2")
    assert [each.id for each in oms.books.returns()] == [RETURN, "R2"]
    assert [each.id for each in oms.books.returns("T2")] == ["R2"]


@pytest.mark.parametrize("change", [{"tiktok_order_id": "T2"}, {"shop_id": "another"}])
def test_another_order_under_a_known_id_is_a_conflict(
    caller: Caller, oms: OmsSimulator, change: dict[str, Any]
) -> None:
    caller.take("T2")
    caller.tell()
    assert problem_of(caller.tell(**change)) == (409, "return-differs")
    assert oms.books.return_(RETURN).body == return_body()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tiktok_order_id": "576400000000000009"}, (404, "order-unknown")),
        ({"shop_id": "another"}, (404, "order-unknown")),
        ({"lines": [{"line": "11"}, {"line": "99"}]}, (422, "line-unknown")),
        ({"lines": [{"line": "11"}, {"line": "11", "refund_amount": "1.00"}]}, (422, "line-repeated")),
        ({"refund": REFUND | {"currency": "GBP"}}, (422, "currency-differs")),
        ({"lines": []}, (400, "invalid-request")),
        ({"lines": ["11"]}, (400, "invalid-request")),
        ({"lines": [{"line": "11", "refund_amount": 18.9}]}, (400, "invalid-request")),
        ({"refund": REFUND | {"total": "-1.00"}}, (400, "invalid-request")),
        ({"refund": REFUND | {"currency": "usd"}}, (400, "invalid-request")),
        ({"refund": {"currency": "USD", "total": "1.00"}}, (400, "invalid-request")),
        ({"state": "REFUNDED"}, (400, "invalid-request")),
        ({"kind": "return"}, (400, "invalid-request")),
        ({"question": {"asked": "return"}}, (400, "invalid-request")),
        ({"question": {"asked": "exchange", "respond_by": None}}, (400, "invalid-request")),
        ({"question": {"asked": "return", "respond_by": "tomorrow"}}, (400, "invalid-request")),
        ({"refunded_at": None}, (400, "invalid-request")),
        ({"colour": "blue"}, (400, "invalid-request")),
    ],
)
def test_a_return_that_breaks_a_rule_is_refused(
    caller: Caller, oms: OmsSimulator, change: dict[str, Any], problem: tuple[int, str]
) -> None:
    assert problem_of(caller.tell(**change)) == problem
    assert oms.books.returns() == []


def test_parts_that_do_not_add_up_are_nobodys_mistake_here(caller: Caller) -> None:
    assert caller.tell(refund=REFUND | {"total": "20.00"}).status_code == 204
