"""What TikTok Shop would take, and what it says to an answer that it does not take."""

from datetime import timedelta

import pytest

from local.simulators.tiktok_shop import Doubts, ReturnStatus, ReturnType, Shop, TikTokShopSimulator
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ReturnId
from order_sync.domain.returning.returns import Question
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import DecisionNotPossibleError, RequestClosedError
from order_sync.partners.tiktok_shop.returns import Returns
from tests.adapters.tiktok_shop.return_scenes import a_delivered_order, a_return_that_asks
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, a_simulator, http_to, shop_client

UNKNOWN = ReturnId("4035000000000000000")
NOT_ELIGIBLE = "reverse_reject_request_reason_3"
REFUND, RETURN, RECEIVE = Question.REFUND, Question.RETURN, Question.RECEIVE_PACKAGE
ELIGIBILITY, REASONS = "/return_refund/202601/decision_eligibility", "/return_refund/202309/reject_reasons"


@pytest.fixture
def returns(tiktok: TikTokShop) -> Returns:
    return tiktok.returns


@pytest.fixture
def asked(simulator: TikTokShopSimulator, shop: Shop) -> ReturnId:
    """A buyer's open request to send one tee back."""
    return a_return_that_asks(simulator, shop, RETURN)


@pytest.mark.parametrize("question", Question)
def test_only_the_question_that_is_open_takes_an_answer(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns, question: Question
) -> None:
    asked = a_return_that_asks(simulator, shop, question)
    for each in Question:
        is_open = each is question
        assert (returns.may_approve(asked, each) == "") is is_open
        assert bool(returns.reasons_to_reject(asked, each)) is is_open


def test_reasons_to_reject_are_tiktok_s_own_for_the_question_and_the_region(
    simulator: TikTokShopSimulator, shop: Shop, http: PartnerHttp, returns: Returns, clock: Clock
) -> None:
    uk_shop = simulator.open_shop("GB", "Demo UK")
    uk = shop_client(http, uk_shop, Secret(simulator.authorize(uk_shop)), clock).returns
    parcel, uk_parcel = (a_return_that_asks(simulator, each, RECEIVE) for each in (shop, uk_shop))
    assert returns.reasons_to_reject(parcel, RECEIVE) == tuple(
        f"reverse_reject_return_parcel_reason_{number}" for number in range(1, 6)
    )
    assert uk.reasons_to_reject(uk_parcel, RECEIVE)[0] == "reverse_reject_return_parcel_reason_1_uk"
    request = a_return_that_asks(simulator, shop, REFUND)
    assert NOT_ELIGIBLE in returns.reasons_to_reject(request, REFUND)
    assert {request.path for request in simulator.books.requests} == {ELIGIBILITY}


def test_reject_reasons_that_are_not_listed_are_asked_for(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId
) -> None:
    for reason in returns.reasons_to_reject(asked, RETURN):
        simulator.take_reason_offline(reason)
    assert returns.reasons_to_reject(asked, RETURN) == ()
    assert [request.path for request in simulator.books.requests][1:] == [ELIGIBILITY, REASONS]


def test_why_an_approval_is_not_possible_is_said_in_our_words_and_tiktok_s_code(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId
) -> None:
    simulator.buyer_withdraws_return(asked)
    assert returns.may_approve(asked, RETURN) == "TikTok Shop does not take APPROVE_RETURN now (code 25020009)"
    assert returns.may_approve(asked, REFUND) == "TikTok Shop does not take APPROVE_REFUND now (code 25020004)"


def test_a_request_that_is_over_takes_no_answer(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId
) -> None:
    simulator.buyer_withdraws_return(asked)
    with pytest.raises(RequestClosedError, match="25020009"):
        returns.approve(asked, RETURN)
    with pytest.raises(DecisionNotPossibleError, match="25001003"):
        returns.reject(asked, RETURN, NOT_ELIGIBLE)


@pytest.mark.parametrize("code", [25011012, 25001003])
def test_what_was_approved_or_rejected_in_seller_center_takes_no_approval(clock: Clock, code: int) -> None:
    simulator = a_simulator(clock, Doubts(return_approved_again_code=code))
    shop = simulator.open_shop("US", "Demo US")
    with http_to(simulator, clock) as http:
        returns = shop_client(http, shop, Secret(simulator.authorize(shop)), clock).returns
        approved, rejected = (a_return_that_asks(simulator, shop, RETURN) for _ in range(2))
        simulator.approve_return_in_seller_center(approved)
        simulator.reject_return_in_seller_center(rejected, NOT_ELIGIBLE)
        for asked in (approved, rejected):
            with pytest.raises(DecisionNotPossibleError, match=str(code)):
                returns.approve(asked, RETURN)


@pytest.mark.parametrize("code", [25001003, 25011011])
def test_what_was_rejected_in_seller_center_takes_no_rejection(clock: Clock, code: int) -> None:
    simulator = a_simulator(clock, Doubts(return_rejected_again_code=code))
    shop = simulator.open_shop("US", "Demo US")
    with http_to(simulator, clock) as http:
        returns = shop_client(http, shop, Secret(simulator.authorize(shop)), clock).returns
        asked = a_return_that_asks(simulator, shop, RETURN)
        simulator.reject_return_in_seller_center(asked, NOT_ELIGIBLE)
        with pytest.raises((DecisionNotPossibleError, RequestClosedError), match=str(code)):
            returns.reject(asked, RETURN, NOT_ELIGIBLE)


def test_rejecting_what_tiktok_approved_by_itself_comes_too_late(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns, clock: Clock
) -> None:
    asked = a_return_that_asks(simulator, shop, REFUND)
    clock.pass_time(timedelta(hours=24))
    with pytest.raises(RequestClosedError, match="25020010"):
        returns.reject(asked, REFUND, NOT_ELIGIBLE)


def test_a_parcel_that_is_not_on_its_way_yet_takes_no_answer(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId
) -> None:
    simulator.approve_return_in_seller_center(asked)
    with pytest.raises(DecisionNotPossibleError, match="25011013"):
        returns.approve(asked, RECEIVE)
    with pytest.raises(DecisionNotPossibleError, match="25020012"):
        returns.reject(asked, RECEIVE, "reverse_reject_return_parcel_reason_5")


def test_a_parcel_that_was_received_in_seller_center_takes_no_answer(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    asked = a_return_that_asks(simulator, shop, RECEIVE)
    simulator.approve_return_in_seller_center(asked)
    with pytest.raises(DecisionNotPossibleError, match="25011013"):
        returns.approve(asked, RECEIVE)
    with pytest.raises(RequestClosedError, match="25020011"):
        returns.reject(asked, RECEIVE, "reverse_reject_return_parcel_reason_5")


def test_what_is_in_arbitration_is_left_to_tiktok_s_staff(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId
) -> None:
    simulator.reject_return_in_seller_center(asked, NOT_ELIGIBLE)
    simulator.buyer_escalates(asked)
    assert returns.reasons_to_reject(asked, RETURN) == ()
    assert returns.may_approve(asked, RETURN)
    with pytest.raises(DecisionNotPossibleError, match="25011010"):
        returns.approve(asked, RETURN)
    with pytest.raises(DecisionNotPossibleError, match="25011010"):
        returns.reject(asked, RETURN, NOT_ELIGIBLE)


def test_an_offer_that_the_buyer_has_not_answered_comes_first(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId
) -> None:
    simulator.offer_partial_refund_in_seller_center(asked, "5.00")
    with pytest.raises(DecisionNotPossibleError, match="25007007"):
        returns.approve(asked, RETURN)
    simulator.buyer_answers_offer(asked, accepts=False)
    returns.approve(asked, RETURN)
    assert simulator.return_record(asked).status is ReturnStatus.AWAITING_BUYER_SHIP


@pytest.mark.parametrize("question", [Question.REFUND, Question.REPLACEMENT])
def test_an_answer_to_another_kind_of_return_is_for_a_person(
    returns: Returns, asked: ReturnId, question: Question
) -> None:
    with pytest.raises(DecisionNotPossibleError, match="25020004"):
        returns.approve(asked, question)
    with pytest.raises(DecisionNotPossibleError, match="25020004"):
        returns.reject(asked, question, NOT_ELIGIBLE)


def test_an_exchange_is_tiktok_s_own_affair(simulator: TikTokShopSimulator, shop: Shop, returns: Returns) -> None:
    exchange = ReturnId(simulator.buyer_requests_return(a_delivered_order(simulator, shop), ReturnType.EXCHANGE))
    assert all(returns.may_approve(exchange, question) for question in Question)
    assert all(returns.reasons_to_reject(exchange, question) == () for question in Question)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("changed_my_mind", "25001014"),
        ("seller_cancel_reason_out_of_stock", "25001016"),
        ("reverse_reject_return_parcel_reason_5", "25001057"),
    ],
)
def test_a_wrong_reason_is_rejected(
    simulator: TikTokShopSimulator, returns: Returns, asked: ReturnId, reason: str, code: str
) -> None:
    with pytest.raises(RejectedError, match=code):
        returns.reject(asked, RETURN, reason)
    assert simulator.return_record(asked).status is ReturnStatus.PENDING


def test_a_return_that_tiktok_does_not_know_or_of_another_shop_is_rejected(
    simulator: TikTokShopSimulator, returns: Returns
) -> None:
    foreign = a_return_that_asks(simulator, simulator.open_shop("US", "Another shop"), RETURN)
    for return_id, code in ((UNKNOWN, "25007006"), (foreign, "25020005")):
        with pytest.raises(RejectedError, match=code):
            returns.approve(return_id, RETURN)
        with pytest.raises(RejectedError, match=code):
            returns.reject(return_id, RETURN, NOT_ELIGIBLE)
        with pytest.raises(RejectedError, match=code):
            returns.may_approve(return_id, RETURN)
