"""Returns over the contract: how they stand goes out, the OMS's decisions come in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.simulators.faults import Fault
from order_sync.domain.answering.answers import Answer, DecisionProblem
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import LineId, OrderId, ReturnId, ShopId
from order_sync.domain.returning.returns import Question, Return, ReturnLine
from order_sync.domain.returning.statuses import ReturnState
from order_sync.partners.oms.rest import RestOms
from order_sync.partners.oms.returns import OmsReturns, return_body
from tests.adapters.oms.world import OURS, SHOP, START, TOKEN, World, all_pages, refusing, take
from tests.purchases import a_line, a_purchase
from tests.returned import HOUR, RETURN, RETURNED_AT, a_refund, a_return

TWO = (ReturnLine(id=a_line(1).id), ReturnLine(id=a_line(2).id))


def tell(returns: OmsReturns, known: Return | None = None, **changes: Any) -> None:
    returns.note_return(SHOP.shop, OURS, replace(known or a_return(), **changes))


def test_a_return_is_told_as_often_as_needed(world: World, returns: OmsReturns) -> None:
    for _ in range(2):
        tell(returns)
    told = world.simulator.books.return_(RETURN)
    assert (told.times_told, told.body) == (2, return_body(SHOP.shop, OURS, a_return()))
    assert (told.state, told.question, told.lines) == ("request_pending", "return", (a_line(1).id,))


def test_the_newest_state_holds_whenever_it_is_told(world: World, returns: OmsReturns) -> None:
    tell(returns)
    tell(returns, state=ReturnState.BUYER_SHIPPED, question=None, updated_at=RETURNED_AT + 2 * HOUR)
    tell(returns, state=ReturnState.WAITING_FOR_BUYER_TO_SHIP, question=None, updated_at=RETURNED_AT + HOUR)
    told = world.simulator.books.return_(RETURN)
    assert (told.state, told.times_told) == ("buyer_shipped", 3)
    tell(returns, state=ReturnState.BUYER_SHIPPED, question=Question.RECEIVE_PACKAGE, updated_at=told.changed_at)
    assert world.simulator.books.return_(RETURN).question == "receive_package"


def test_a_return_without_lines_is_not_told(world: World, returns: OmsReturns) -> None:
    with pytest.raises(RejectedError, match=f"note return {RETURN}: it has no lines"):
        tell(returns, lines=())
    assert world.simulator.books.requests(path="/returns/") == []


def test_a_return_that_the_oms_cannot_place_is_refused(world: World, oms: RestOms, returns: OmsReturns) -> None:
    other = OrderId("577086512123755999")
    with pytest.raises(RejectedError, match=f"note return {RETURN}: Order unknown.*HTTP 404"):
        returns.note_return(SHOP.shop, other, a_return())
    with pytest.raises(RejectedError, match=r"Line unknown.*HTTP 422"):
        tell(returns, lines=(ReturnLine(id=LineId("99")),))
    with pytest.raises(RejectedError, match=r"Line repeated.*HTTP 422"):
        tell(returns, lines=(TWO[0], TWO[0]))
    with pytest.raises(RejectedError, match=r"Currency differs.*HTTP 422"):
        tell(returns, refund=a_refund(currency="GBP"))
    with pytest.raises(RejectedError, match=r"Invalid request.*return_id.*HTTP 400"):
        tell(returns, id=ReturnId("a b"))
    assert world.simulator.books.returns() == []
    tell(returns)
    take(oms, a_purchase(a_line(1), order=other))
    with pytest.raises(RejectedError, match=r"Return differs.*HTTP 409"):
        returns.note_return(SHOP.shop, other, a_return())


def test_decisions_are_read_page_by_page_and_then_only_the_new_ones(world: World, returns: OmsReturns) -> None:
    asked = list(Question)
    made = []
    for number, question in enumerate(asked):
        return_id = ReturnId(str(number))
        tell(returns, id=return_id, question=question)
        word, reason = ("reject", f"reason_{number}") if number % 2 else ("approve", "")
        made.append(world.simulator.decide_return(SHOP.shop, return_id, question.value.lower(), word, reason))
    pages = all_pages(returns.decisions_after)
    assert [len(page.reported) for page in pages] == [2, 2]
    found = [each for page in pages for each in page.reported]
    assert [each.id for each in found] == made
    assert [(each.return_id, each.question) for each in found] == [(str(n), each) for n, each in enumerate(asked)]
    assert [each.answer for each in found] == [Answer.APPROVE, Answer.REJECT] * 2
    assert [each.reject_reason for each in found] == ["", "reason_1", "", "reason_3"]
    assert {(each.said, each.decided_at) for each in found} == {("", START)}
    cursor = pages[-1].next_cursor
    assert returns.decisions_after(SHOP.shop, cursor).reported == ()
    world.simulator.repeat_return_decision(made[0])
    assert returns.decisions_after(SHOP.shop, cursor).reported == (found[0],)


def test_a_word_that_is_no_decision_is_read_so_that_it_can_be_refused(world: World, returns: OmsReturns) -> None:
    entry = {"id": "D-1", "return_id": RETURN, "question": "return", "decided_at": START.isoformat()}
    world.simulator.list_raw_return_decision(SHOP.shop, entry | {"decision": "maybe"})
    [decision] = returns.decisions_after(SHOP.shop, "").reported
    assert (decision.answer, decision.said) == (None, "maybe")
    for detail, told in (("x" * 501, "x" * 500), ("", "unknown-decision")):
        returns.refuse_decision(decision.id, DecisionProblem.UNKNOWN_DECISION, detail)
        [listed] = world.simulator.books.return_decisions()
        assert listed.told == {"problem": "unknown-decision", "detail": told}


def test_a_decision_that_cannot_be_read_stops_no_other_and_can_be_refused(world: World, returns: OmsReturns) -> None:
    tell(returns)
    world.simulator.list_raw_return_decision(SHOP.shop, {"id": "D-1", "decision": "approve", "question": "return"})
    made = world.simulator.decide_return(SHOP.shop, RETURN, "return", "approve")
    page = returns.decisions_after(SHOP.shop, "")
    assert [each.id for each in page.reported] == [made]
    [bad] = page.unreadable
    assert (bad.id, bad.order, bad.can_be_told) == ("D-1", None, True)
    assert bad.reason == "return_id: Field required; decided_at: Field required"
    returns.refuse_decision(bad.id, DecisionProblem.UNKNOWN_DECISION, bad.reason)
    assert world.simulator.books.return_decisions()[0].told == {"problem": "unknown-decision", "detail": bad.reason}


def test_a_decision_about_a_return_is_not_one_about_a_cancel_request(world: World, oms: RestOms) -> None:
    take(oms)
    tell(oms.returns)
    made = world.simulator.decide_return(SHOP.shop, RETURN, "return", "approve")
    assert oms.cancellations.decisions_after(SHOP.shop, "").reported == ()
    with pytest.raises(RejectedError, match=f"refuse decision {made}: Decision unknown.*HTTP 404"):
        oms.cancellations.refuse_decision(made, DecisionProblem.DECIDED_ALREADY, "late")
    cursor = oms.returns.decisions_after(SHOP.shop, "").next_cursor
    with pytest.raises(RejectedError, match="list decisions: Invalid request; The cursor is unknown"):
        oms.cancellations.decisions_after(SHOP.shop, cursor)


def test_what_the_oms_never_listed_cannot_be_answered(returns: OmsReturns) -> None:
    with pytest.raises(RejectedError, match=r"refuse decision D-9: Decision unknown.*HTTP 404"):
        returns.refuse_decision("D-9", DecisionProblem.NOT_ASKED, "late")
    with pytest.raises(RejectedError, match=r"settle refund R-9: Refund unknown.*HTTP 404"):
        returns.settle_refund("R-9")


def test_another_shop_sees_none_of_it(world: World, returns: OmsReturns) -> None:
    tell(returns)
    world.simulator.decide_return(SHOP.shop, RETURN, "return", "approve")
    world.simulator.refund(SHOP.shop, OURS)
    other = ShopId("7000")
    assert returns.decisions_after(other, "").reported == ()
    assert returns.refunds_after(other, "").reported == ()


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.UNAVAILABLE, Fault.SERVER_ERROR])
def test_after_an_unknown_outcome_each_write_is_simply_made_again(
    world: World, returns: OmsReturns, fault: Fault
) -> None:
    entry = {"id": "D-1", "return_id": RETURN, "question": "refund", "decision": "approve"}
    world.simulator.list_raw_return_decision(SHOP.shop, entry | {"decided_at": START.isoformat()})
    refund = world.simulator.refund(SHOP.shop, OURS)
    writes: dict[str, Callable[[], None]] = {
        f"/returns/{RETURN}": lambda: tell(returns, question=None),
        "/return-decisions/D-1/refusal": lambda: returns.refuse_decision("D-1", DecisionProblem.NOT_ASKED, "no"),
        f"/seller-refunds/{refund}/outcome": lambda: returns.settle_refund(refund, return_id=RETURN),
    }
    for path, write in writes.items():
        world.simulator.faults.add(fault, path)
        with pytest.raises(OutcomeUnknownError):
            write()
        write()
    assert world.simulator.books.unsettled() == []
    assert len(world.simulator.books.returns()) == 1


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_write_that_did_nothing_can_be_made_later(world: World, returns: OmsReturns, fault: Fault) -> None:
    world.simulator.faults.add(fault, "/returns/")
    with pytest.raises(RetriableError) as caught:
        tell(returns)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert world.simulator.books.returns() == []


def test_the_lists_are_read_again_after_passing_faults(world: World, returns: OmsReturns) -> None:
    for path, read in (("/return-decisions", returns.decisions_after), ("/seller-refunds", returns.refunds_after)):
        world.slept.clear()
        world.simulator.faults.add(Fault.UNAVAILABLE, path, times=2)
        assert read(SHOP.shop, "").reported == ()
        assert world.slept == [1.0, 2.0]


def test_a_wrong_token_opens_no_return(world: World) -> None:
    with pytest.raises(RejectedError, match="list return decisions: the OMS refused our token"):
        world.client("wrong").returns.decisions_after(SHOP.shop, "")
    assert world.client(TOKEN).returns.decisions_after(SHOP.shop, "").reported == ()


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid-request"), (409, "outcome-differs"), (422, "currency-differs")]
)
def test_what_the_oms_says_against_it_is_told_to_a_person(world: World, status: int, kind: str) -> None:
    returns = refusing(world, status, kind, "we would rather not").returns
    writes: list[Callable[[], None]] = [
        lambda: tell(returns),
        lambda: returns.refuse_decision("D-1", DecisionProblem.NOT_ASKED, "late"),
        lambda: returns.settle_refund("R-1"),
    ]
    for write in writes:
        with pytest.raises(RejectedError, match=f"{kind}; we would rather not.*HTTP {status}"):
            write()
