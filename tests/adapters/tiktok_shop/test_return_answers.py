from collections.abc import Callable
from typing import NamedTuple

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import ReturnStatus, Shop, TikTokShopSimulator
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import ReturnId
from order_sync.domain.returning.returns import Question
from order_sync.partners.http import TransientError
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import DecisionNotPossibleError
from order_sync.partners.tiktok_shop.returns import Returns
from tests.adapters.tiktok_shop.return_scenes import a_return_that_asks
from tests.adapters.tiktok_shop.surroundings import Secret

LOST = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.TRUNCATED_JSON, Fault.HTML, Fault.SERVER_ERROR, Fault.UNAVAILABLE]
NOT_ELIGIBLE = "reverse_reject_request_reason_3"
REASONS = dict.fromkeys(Question, NOT_ELIGIBLE) | {Question.RECEIVE_PACKAGE: "reverse_reject_return_parcel_reason_5"}


class Answer(NamedTuple):
    """One of the two answers: how it is given, on which path, and where it leaves the return."""

    give: Callable[[Returns, ReturnId, Question], None]
    path: str
    leaves: dict[Question, ReturnStatus]


APPROVAL = Answer(
    lambda returns, asked, question: returns.approve(asked, question),
    "/approve",
    {
        Question.REFUND: ReturnStatus.SUCCESS,
        Question.RETURN: ReturnStatus.AWAITING_BUYER_SHIP,
        Question.RECEIVE_PACKAGE: ReturnStatus.SUCCESS,
        Question.REPLACEMENT: ReturnStatus.REPLACEMENT_COMPLETE,
    },
)
REJECTION = Answer(
    lambda returns, asked, question: returns.reject(asked, question, REASONS[question]),
    "/reject",
    {
        Question.REFUND: ReturnStatus.REJECT,
        Question.RETURN: ReturnStatus.REJECT,
        Question.RECEIVE_PACKAGE: ReturnStatus.REJECT_RECEIVED,
        Question.REPLACEMENT: ReturnStatus.REPLACEMENT_REJECT,
    },
)


@pytest.fixture(params=[APPROVAL, REJECTION], ids=["approve", "reject"])
def answer(request: pytest.FixtureRequest) -> Answer:
    chosen: Answer = request.param
    return chosen


@pytest.fixture
def returns(tiktok: TikTokShop) -> Returns:
    return tiktok.returns


@pytest.fixture
def asked(simulator: TikTokShopSimulator, shop: Shop) -> ReturnId:
    """A buyer's open request for money, without goods that come back."""
    return a_return_that_asks(simulator, shop, Question.REFUND)


def status(simulator: TikTokShopSimulator, asked: ReturnId) -> ReturnStatus:
    return simulator.return_record(asked).status


@pytest.mark.parametrize("question", Question)
def test_an_answer_to_every_question_is_taken_once_and_repeated_under_the_same_key(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns, answer: Answer, question: Question
) -> None:
    asked = a_return_that_asks(simulator, shop, question)
    for _ in range(2):
        answer.give(returns, asked, question)
    assert status(simulator, asked) is answer.leaves[question]
    first, second = [each for each in simulator.books.return_decisions_of(asked) if each.by == "api"]
    assert first.idempotency_key == second.idempotency_key
    assert [(each.code, each.replayed) for each in (first, second)] == [(0, False), (0, True)]
    assert simulator.books.count(f"/return_refund/202309/returns/<return_id>{answer.path}") == 2


def test_each_question_of_a_return_is_answered_under_a_key_of_its_own(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    asked = a_return_that_asks(simulator, shop, Question.RETURN)
    returns.approve(asked, Question.RETURN)
    simulator.buyer_ships_return(asked, "9400100000000000000000")
    returns.approve(asked, Question.RECEIVE_PACKAGE)
    assert status(simulator, asked) is ReturnStatus.SUCCESS
    keys = [each.idempotency_key or "" for each in simulator.books.return_decisions_of(asked)]
    assert keys == [f"order-sync-approve-{asked}-return", f"order-sync-approve-{asked}-receive_package"]


def test_the_same_question_asked_once_more_gets_an_answer_of_its_own(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    asked = a_return_that_asks(simulator, shop, Question.RETURN)
    returns.approve(asked, Question.RETURN, asking="20260601T120000Z")
    with pytest.raises(DecisionNotPossibleError):
        returns.approve(asked, Question.RETURN, asking="20260602T120000Z")
    first, second = simulator.books.return_decisions_of(asked)
    assert first.idempotency_key == f"order-sync-approve-{asked}-return-20260601T120000Z"
    assert second.idempotency_key == f"order-sync-approve-{asked}-return-20260602T120000Z"


def test_a_rejection_for_another_reason_has_another_key(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId
) -> None:
    simulator.take_reason_offline(NOT_ELIGIBLE)
    with pytest.raises(RejectedError, match="25001020"):
        returns.reject(asked, Question.REFUND, NOT_ELIGIBLE)
    returns.reject(asked, Question.REFUND, "reverse_reject_request_reason_4")
    keys = [each.idempotency_key or "" for each in simulator.books.return_decisions_of(asked)]
    assert len(set(keys)) == 2
    assert all(key.startswith(f"order-sync-reject-{asked}-refund-") for key in keys)
    assert max(len(key) for key in keys) <= 255


@pytest.mark.parametrize("fault", LOST)
def test_an_answer_that_may_have_arrived_is_in_doubt_is_not_sent_again_and_may_be_repeated(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId, answer: Answer, fault: Fault
) -> None:
    simulator.faults.add(fault, answer.path)
    with pytest.raises(OutcomeUnknownError):
        answer.give(returns, asked, Question.REFUND)
    assert simulator.books.count() == 1
    took_effect = fault in {Fault.LOST_AFTER, Fault.TRUNCATED_JSON}
    assert (status(simulator, asked) is answer.leaves[Question.REFUND]) is took_effect
    answer.give(returns, asked, Question.REFUND)
    assert [each.replayed for each in simulator.books.return_decisions_of(asked)] == [False, True][: 1 + took_effect]
    assert len(simulator.books.decided_return(asked)) == 1
    assert status(simulator, asked) is answer.leaves[Question.REFUND]


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_an_answer_that_did_not_arrive_can_be_sent_later(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId, answer: Answer, fault: Fault
) -> None:
    simulator.faults.add(fault, answer.path)
    with pytest.raises(TransientError):
        answer.give(returns, asked, Question.REFUND)
    answer.give(returns, asked, Question.REFUND)
    assert status(simulator, asked) is answer.leaves[Question.REFUND]


def test_a_lock_is_retriable_and_nothing_happened(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId, answer: Answer
) -> None:
    simulator.fail_next_lock()
    with pytest.raises(RetriableError, match="25001028") as caught:
        answer.give(returns, asked, Question.REFUND)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert status(simulator, asked) is ReturnStatus.PENDING
    answer.give(returns, asked, Question.REFUND)
    assert status(simulator, asked) is answer.leaves[Question.REFUND]


@pytest.mark.parametrize("code", [25001058, 25020008])
def test_a_failure_inside_tiktok_leaves_an_answer_in_doubt(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId, answer: Answer, code: int
) -> None:
    simulator.refuse_next(answer.path, code)
    with pytest.raises(OutcomeUnknownError, match=str(code)):
        answer.give(returns, asked, Question.REFUND)
    answer.give(returns, asked, Question.REFUND)
    assert status(simulator, asked) is answer.leaves[Question.REFUND]


def test_an_expired_token_is_renewed_on_the_way(
    simulator: TikTokShopSimulator, shop: Shop, secret: Secret, returns: Returns, asked: ReturnId, answer: Answer
) -> None:
    simulator.expire_token(shop)
    secret.store(simulator.authorize(shop))
    answer.give(returns, asked, Question.REFUND)
    assert (secret.read_afresh, simulator.books.count()) == (1, 2)
    assert status(simulator, asked) is answer.leaves[Question.REFUND]
