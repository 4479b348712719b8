from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import CancelStatus, LineSpec, Outcome, Shop, TikTokShopSimulator
from order_sync.domain.errors import AlreadyDoneError, OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import CancelId, OrderId
from order_sync.partners.http import PartnerHttp, TransientError
from order_sync.partners.tiktok_shop.cancellations import Cancellations
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import DecisionNotPossibleError, RequestClosedError
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, shop_client

TEE = [LineSpec("TEE-BLU-M", "20.00")]
PACKED = "ecom_reverse_reject_cancel_reason_product_packed"
NO_CHANGE = "seller_reject_apply_unable_to_change_address"
US_REASONS = (
    "ecom_reverse_reject_refund_request_package_delivery_multiple_boxes",
    NO_CHANGE,
    PACKED,
)
ELIGIBILITY, REASONS = "/decision_eligibility", "/reject_reasons"
LOST = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.TRUNCATED_JSON, Fault.HTML, Fault.SERVER_ERROR, Fault.UNAVAILABLE]


class Answer(NamedTuple):
    """One of the two answers: how it is given, on which path, and what the request ends with."""

    give: Callable[[Cancellations, CancelId], None]
    path: str
    outcome: Outcome


APPROVAL = Answer(lambda cancellations, asked: cancellations.approve(asked), "/approve", Outcome.APPROVED)
REJECTION = Answer(lambda cancellations, asked: cancellations.reject(asked, PACKED), "/reject", Outcome.REJECTED)


@pytest.fixture(params=[APPROVAL, REJECTION], ids=["approve", "reject"])
def answer(request: pytest.FixtureRequest) -> Answer:
    chosen: Answer = request.param
    return chosen


@pytest.fixture
def cancellations(tiktok: TikTokShop) -> Cancellations:
    return tiktok.cancellations


@pytest.fixture
def asked(simulator: TikTokShopSimulator, ready_order: OrderId) -> CancelId:
    """A buyer's open request for the whole order."""
    return CancelId(simulator.request_cancel(ready_order))


def test_an_answer_settles_the_request(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, answer: Answer
) -> None:
    answer.give(cancellations, asked)
    assert simulator.cancellation(asked).outcome is answer.outcome
    assert simulator.books.count(f"/return_refund/202309/cancellations/<cancel_id>{answer.path}") == 1


def test_the_same_answer_again_is_a_repeat_under_the_same_key(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, answer: Answer
) -> None:
    for _ in range(2):
        answer.give(cancellations, asked)
    first, second = simulator.books.decisions_of(asked)
    assert first.idempotency_key == second.idempotency_key
    assert (first.idempotency_key or "").startswith(f"order-sync-{answer.path[1:]}-{asked}")
    assert [(each.code, each.replayed) for each in (first, second)] == [(0, False), (0, True)]
    assert simulator.cancellation(asked).outcome is answer.outcome


@pytest.mark.parametrize("fault", LOST)
def test_an_answer_that_may_have_arrived_is_in_doubt_is_not_sent_again_and_may_be_repeated(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, answer: Answer, fault: Fault
) -> None:
    simulator.faults.add(fault, answer.path)
    with pytest.raises(OutcomeUnknownError):
        answer.give(cancellations, asked)
    assert simulator.books.count() == 1
    took_effect = fault in {Fault.LOST_AFTER, Fault.TRUNCATED_JSON}
    assert (simulator.cancellation(asked).outcome is answer.outcome) is took_effect
    answer.give(cancellations, asked)
    assert [each.replayed for each in simulator.books.decisions_of(asked)] == [False, True][: 1 + took_effect]
    assert len(simulator.books.decided(asked)) == 1
    assert simulator.cancellation(asked).outcome is answer.outcome


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_an_answer_that_did_not_arrive_can_be_sent_later(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, answer: Answer, fault: Fault
) -> None:
    simulator.faults.add(fault, answer.path)
    with pytest.raises(TransientError):
        answer.give(cancellations, asked)
    answer.give(cancellations, asked)
    assert simulator.cancellation(asked).outcome is answer.outcome


def test_a_lock_is_retriable_and_nothing_happened(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, answer: Answer
) -> None:
    simulator.fail_next_lock()
    with pytest.raises(RetriableError, match="25001028") as caught:
        answer.give(cancellations, asked)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert simulator.cancellation(asked).status is CancelStatus.PENDING
    answer.give(cancellations, asked)
    assert simulator.cancellation(asked).outcome is answer.outcome


def test_a_failure_inside_tiktok_leaves_an_answer_in_doubt(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, answer: Answer
) -> None:
    simulator.refuse_next(answer.path, 25007002)
    with pytest.raises(OutcomeUnknownError, match="25007002"):
        answer.give(cancellations, asked)
    answer.give(cancellations, asked)
    assert simulator.cancellation(asked).outcome is answer.outcome


def test_an_expired_token_is_renewed_on_the_way(
    simulator: TikTokShopSimulator,
    shop: Shop,
    secret: Secret,
    cancellations: Cancellations,
    asked: CancelId,
    answer: Answer,
) -> None:
    simulator.expire_token(shop)
    secret.store(simulator.authorize(shop))
    answer.give(cancellations, asked)
    assert (secret.read_afresh, simulator.books.count()) == (1, 2)
    assert simulator.cancellation(asked).outcome is answer.outcome


def test_a_rejection_for_another_reason_has_another_key(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId
) -> None:
    simulator.take_reason_offline(NO_CHANGE)
    with pytest.raises(RejectedError, match="25001020"):
        cancellations.reject(asked, NO_CHANGE)
    cancellations.reject(asked, PACKED)
    keys = [each.idempotency_key or "" for each in simulator.books.decisions_of(asked)]
    assert len(set(keys)) == 2
    assert max(len(key) for key in keys) <= 255


def test_approving_what_was_approved_in_seller_center_is_done(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId
) -> None:
    simulator.approve_in_seller_center(asked)
    with pytest.raises(AlreadyDoneError, match="already approved"):
        cancellations.approve(asked)


def test_a_request_that_is_over_takes_no_approval(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, ready_order: OrderId
) -> None:
    simulator.withdraw_cancel_request(ready_order)
    with pytest.raises(RequestClosedError, match="25020009"):
        cancellations.approve(asked)


def test_rejecting_what_tiktok_approved_by_itself_comes_too_late(
    cancellations: Cancellations, asked: CancelId, clock: Clock
) -> None:
    clock.pass_time(timedelta(hours=24))
    with pytest.raises(RequestClosedError, match="25020010"):
        cancellations.reject(asked, PACKED)


def test_where_rejecting_is_not_offered_it_is_not_possible(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations, asked: CancelId
) -> None:
    simulator.set_reject_offered(shop, offered=False)
    assert cancellations.reasons_to_reject(asked) == ()
    with pytest.raises(DecisionNotPossibleError, match="25020003"):
        cancellations.reject(asked, PACKED)
    assert simulator.cancellation(asked).status is CancelStatus.PENDING


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("packed", "25001014"),
        ("seller_cancel_reason_out_of_stock", "25001016"),
        ("seller_reject_apply_product_has_been_packed", "25001057"),
    ],
)
def test_a_wrong_reason_is_rejected(cancellations: Cancellations, asked: CancelId, reason: str, code: str) -> None:
    with pytest.raises(RejectedError, match=code):
        cancellations.reject(asked, reason)


def test_an_unknown_request_is_rejected(cancellations: Cancellations) -> None:
    with pytest.raises(RejectedError, match="25007006"):
        cancellations.approve(CancelId("4035000000000000000"))


def test_a_seller_s_cancellation_is_no_request(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    cancel_id = CancelId(simulator.cancel_by_seller(ready_order))
    with pytest.raises(RejectedError, match="25020004"):
        cancellations.approve(cancel_id)


def test_an_open_request_may_be_rejected_for_tiktok_s_reasons(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId
) -> None:
    assert cancellations.reasons_to_reject(asked) == US_REASONS
    assert simulator.books.count() == 1


def test_uk_reasons_are_the_uk_s(simulator: TikTokShopSimulator, http: PartnerHttp, clock: Clock) -> None:
    shop = simulator.open_shop("GB", "Demo UK")
    cancellations = shop_client(http, shop, Secret(simulator.authorize(shop)), clock).cancellations
    asked = CancelId(simulator.request_cancel(simulator.place_order(shop, TEE, hold=False)))
    assert "seller_reject_apply_product_has_been_packed" in cancellations.reasons_to_reject(asked)


def test_reject_reasons_that_are_not_listed_are_asked_for(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId
) -> None:
    for reason in US_REASONS:  # so that the eligibility call lists none
        simulator.take_reason_offline(reason)
    assert cancellations.reasons_to_reject(asked) == ()
    assert [request.path for request in simulator.books.requests] == [
        f"/return_refund/202601{ELIGIBILITY}",
        f"/return_refund/202309{REASONS}",
    ]


def test_a_settled_request_allows_nothing(
    simulator: TikTokShopSimulator, cancellations: Cancellations, asked: CancelId, ready_order: OrderId
) -> None:
    simulator.withdraw_cancel_request(ready_order)
    assert cancellations.reasons_to_reject(asked) == ()
