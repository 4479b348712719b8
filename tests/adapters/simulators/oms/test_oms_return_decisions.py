"""The OMS's answers to what TikTok Shop asks about returns."""

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.oms import OmsSimulator
from local.simulators.oms.cancel_records import Verdict
from local.simulators.oms.contract import ContractBrokenError
from local.simulators.oms.records import Order
from local.simulators.oms.return_records import ReturnRecord
from tests.adapters.simulators.oms.caller import ORDER, RETURN, SHOP, Caller, Clock, problem_of

LATER = "2025-08-19T15:00:00Z"
PARCEL = {"asked": "receive_package", "respond_by": None}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _a_return(caller: Caller) -> None:
    caller.take()
    caller.tell()


def test_a_decision_is_listed_when_it_is_made(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    decision = oms.decide_return(SHOP, RETURN, "return", "reject", "reason_4", after=2 * HOUR)
    assert caller.return_decisions() == []
    clock.move(hours=3)
    assert caller.return_decisions() == [
        {
            "id": decision,
            "return_id": RETURN,
            "question": "return",
            "decision": "reject",
            "reject_reason": "reason_4",
            "decided_at": "2025-08-19T14:00:00+00:00",
        }
    ]
    assert [each.id for each in oms.books.return_decisions(RETURN)] == [decision]
    assert oms.books.return_decisions("unheard-of") == []


def test_decisions_stand_behind_a_stable_cursor(caller: Caller, oms: OmsSimulator) -> None:
    made = [oms.decide_return(SHOP, RETURN, "return", "approve") for _ in range(5)]
    assert [each["id"] for each in caller.return_decisions()] == made
    first = caller.call("list_return_decisions", shop_id=SHOP, limit=3).json()
    oms.repeat_return_decision(made[0])
    assert [each["id"] for each in caller.return_decisions(after=first["next_cursor"])] == [*made[3:], made[0]]
    assert caller.return_decisions(shop_id="another") == []


def test_the_cursor_of_another_list_of_decisions_is_refused(caller: Caller) -> None:
    for own, other in (
        ("list_return_decisions", "list_cancel_request_decisions"),
        ("list_cancel_request_decisions", "list_return_decisions"),
        ("list_seller_cancellations", "list_seller_refunds"),
    ):
        cursor = caller.call(own, shop_id=SHOP).json()["next_cursor"]
        assert problem_of(caller.call(other, shop_id=SHOP, after=cursor)) == (400, "invalid-request")


def test_a_decision_on_a_question_that_was_never_asked_waits_for_its_refusal(caller: Caller, oms: OmsSimulator) -> None:
    oms.decide_return(SHOP, RETURN, "return", "approve")
    decision = oms.decide_return(SHOP, RETURN, "refund", "approve")
    assert oms.books.unsettled() == [RETURN, decision]
    caller.tell(question=None)
    assert oms.books.unsettled() == [decision]
    body = {"problem": "not-asked", "detail": "TikTok Shop asks something else."}
    for _ in range(2):
        assert caller.call("refuse_return_decision", body, decision_id=decision).status_code == 204
    assert oms.books.return_decisions()[-1].told == body
    assert oms.books.unsettled() == []


def test_a_refusal_knows_its_list(caller: Caller, oms: OmsSimulator) -> None:
    decision = oms.decide_return(SHOP, RETURN, "return", "approve")
    body = {"problem": "decided-already", "detail": "Twice."}
    other = caller.call("refuse_cancel_request_decision", body, decision_id=decision)
    assert problem_of(other) == (404, "decision-unknown")
    assert problem_of(caller.call("refuse_return_decision", body, decision_id="D-9")) == (404, "decision-unknown")
    wrong = {"problem": "cancel-request-closed", "detail": "Closed."}
    assert problem_of(caller.call("refuse_return_decision", wrong, decision_id=decision)) == (400, "invalid-request")


def by_rule(known: ReturnRecord, order: Order) -> Verdict | None:
    assert order.tiktok_order_id == known.tiktok_order_id == ORDER
    return {"return": ("approve", None), "receive_package": ("reject", "reason_4")}.get(known.question)


def test_each_question_is_answered_by_a_rule_once(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.decide_returns_automatically(by_rule, after=HOUR)
    caller.tell("R1")
    caller.tell("R2", question={"asked": "refund", "respond_by": None})
    clock.move(minutes=30)
    caller.tell("R1", changed_at="2025-08-19T12:10:00Z")
    clock.move(minutes=30)
    assert [(each["return_id"], each["decision"]) for each in caller.return_decisions()] == [("R1", "approve")]
    caller.tell("R1", changed_at="2025-08-19T13:00:00Z", question=None, state="buyer_shipped")
    caller.tell("R1", changed_at=LATER, question=PARCEL, state="buyer_shipped")
    clock.move(hours=1)
    assert [(each["question"], each["reject_reason"]) for each in caller.return_decisions()] == [
        ("return", None),
        ("receive_package", "reason_4"),
    ]


def test_a_rule_answers_a_question_that_is_asked_again(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.decide_returns_automatically(by_rule)
    caller.tell("R1")
    clock.move(hours=1)
    caller.tell("R1", changed_at="2025-08-19T13:00:00Z", question=None)
    caller.tell("R1", changed_at=LATER)
    assert [each["question"] for each in caller.return_decisions()] == ["return", "return"]


def test_a_rule_takes_its_time_for_the_next_question_too(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.decide_returns_automatically(by_rule, after=HOUR)
    caller.tell("R1")
    clock.move(minutes=30)
    caller.tell("R1", changed_at=LATER, question=PARCEL)
    clock.move(minutes=30)
    assert caller.return_decisions() == []
    clock.move(minutes=30)
    assert [each["question"] for each in caller.return_decisions()] == ["receive_package"]


def test_a_rule_leaves_alone_what_is_answered_or_not_asked_any_more(
    caller: Caller, oms: OmsSimulator, clock: Clock
) -> None:
    oms.decide_returns_automatically(by_rule, after=HOUR)
    caller.tell("R1")
    caller.tell("R2")
    oms.decide_return(SHOP, "R1", "return", "reject")
    caller.tell("R2", question=None, state="closed")
    clock.move(hours=1)
    assert [each["decision"] for each in caller.return_decisions()] == ["reject"]


def test_an_oms_that_falls_silent_answers_nothing_by_itself(caller: Caller, oms: OmsSimulator, clock: Clock) -> None:
    oms.decide_returns_automatically(by_rule, after=HOUR)
    caller.tell("R1")
    oms.stay_silent()
    caller.tell("R2")
    clock.move(hours=2)
    assert caller.return_decisions() == []


def test_an_approval_with_a_reason_to_reject_is_outside_of_the_contract(caller: Caller, oms: OmsSimulator) -> None:
    oms.decide_return(SHOP, RETURN, "return", "reject", "reason_4")
    page = caller.call("list_return_decisions", shop_id=SHOP).json()
    page["decisions"][0]["decision"] = "approve"
    with pytest.raises(ContractBrokenError, match="list_return_decisions"):
        caller.contract["list_return_decisions"].check_answer(200, page)


BAD: list[dict[str, Any]] = [
    {"id": "X1", "return_id": RETURN, "question": "return", "decision": "maybe", "decided_at": LATER},
    {"id": "X2", "return_id": "unheard-of", "question": "return", "decision": "approve", "decided_at": LATER},
    {"colour": "blue"},
]


def test_a_broken_oms_lists_decisions_that_no_contract_allows(caller: Caller, oms: OmsSimulator) -> None:
    for entry in BAD:
        oms.list_raw_return_decision(SHOP, entry)
    page = caller.http.get("/return-decisions", params={"shop_id": SHOP}).json()
    assert page["decisions"] == BAD
    assert oms.books.unsettled() == [RETURN, "X2", ""]


@pytest.mark.parametrize(
    ("question", "decision", "reason"),
    [("return", "maybe", ""), ("exchange", "approve", ""), ("return", "approve", "reason_4")],
)
def test_a_scenario_cannot_decide_by_mistake(
    caller: Caller, oms: OmsSimulator, question: str, decision: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=r"neither|only a rejection"):
        oms.decide_return(SHOP, RETURN, question, decision, reason)
    with pytest.raises(ValueError, match="not one of shop"):
        oms.decide_return("another", RETURN, "return", "approve")
    with pytest.raises(KeyError):
        oms.decide_return(SHOP, "unheard-of", "return", "approve")
    assert caller.return_decisions() == []
