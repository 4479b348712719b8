"""Returns, refunds and cancellations of random days: nothing goes back twice, whatever people do."""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

import pytest

from local.simulators.tiktok_shop import (
    IllegalStepError,
    LineSpec,
    RefusalError,
    ReturnQuestion,
    ReturnRecord,
    ReturnStatus,
    ReturnType,
    Shop,
    TikTokShopSimulator,
)
from local.tracking_numbers import usps
from tests.adapters.simulators.tiktok_shop.return_caller import NO_CHANGE_OF_MIND, NOT_CLEAR, USED
from tests.adapters.simulators.tiktok_shop.signed_caller import Clock

type Act = Callable[[], object]

STEPS = 80
UNFINISHED = {
    ReturnStatus.PENDING,
    ReturnStatus.AWAITING_BUYER_RESPONSE,
    ReturnStatus.AWAITING_BUYER_SHIP,
    ReturnStatus.BUYER_SHIPPED,
    ReturnStatus.SUCCESS,
    ReturnStatus.REPLACEMENT_PENDING,
    ReturnStatus.EXCHANGE_PENDING,
}
AMOUNTS = (None, "3.33", "21.59")


def an_order(simulator: TikTokShopSimulator, shop: Shop, caps: int) -> str:
    lines = [LineSpec("TEE", "19.99", 2), LineSpec("CAP", "7.77", caps)]
    fees = {"retail_delivery_fee": "0.28"}
    return simulator.place_order(shop, lines, hold=False, shipping_fee="4.95", fees=fees)


def acts_on_an_order(simulator: TikTokShopSimulator, order_id: str, random: Random) -> Iterator[Act]:
    """What may be tried; most of it is impossible most of the time."""
    all_lines = simulator.line_ids(order_id)
    lines = random.sample(all_lines, random.randint(1, len(all_lines)))
    number = usps(random.randrange(10**9))
    yield partial(simulator.ship_in_seller_center, order_id, number, "USPS", lines)
    yield partial(simulator.collect, order_id)
    yield partial(simulator.deliver, order_id)
    yield partial(simulator.buyer_requests_return, order_id, random.choice(list(ReturnType)), lines)
    yield partial(simulator.buyer_requests_return, order_id, ReturnType.RETURN_AND_REFUND)
    yield partial(simulator.request_cancel, order_id, lines)
    yield partial(simulator.cancel_by_seller, order_id, lines=lines)
    yield partial(simulator.refund_in_seller_center, order_id, lines, amount=random.choice(AMOUNTS))
    yield partial(simulator.refund_by_platform, order_id, lines)
    if random.random() < 0.05:
        yield partial(simulator.cancel_by_platform, order_id)


def acts_on_a_return(simulator: TikTokShopSimulator, given: ReturnRecord, random: Random) -> Iterator[Act]:
    rejections = {ReturnQuestion.REFUND: NOT_CLEAR, ReturnQuestion.RECEIVE_PACKAGE: USED}
    rejection = rejections.get(given.question or ReturnQuestion.RETURN, NO_CHANGE_OF_MIND)
    yield partial(simulator.approve_return_in_seller_center, given.id)
    yield partial(simulator.reject_return_in_seller_center, given.id, rejection)
    yield partial(simulator.offer_partial_refund_in_seller_center, given.id, "5.55")
    yield partial(simulator.buyer_answers_offer, given.id, accepts=random.random() < 0.5)
    yield partial(simulator.buyer_ships_return, given.id, "BACK-1")
    yield partial(simulator.buyer_withdraws_return, given.id)
    yield partial(simulator.buyer_requests_return, given.order_id, lines=given.line_ids, follows=given.id)
    yield partial(simulator.buyer_escalates, given.id)
    yield partial(simulator.tiktok_decides_arbitration, given.id, for_buyer=random.random() < 0.5)


def works(act: Act) -> bool:
    try:
        act()
    except (IllegalStepError, RefusalError):
        return False
    return True


@pytest.mark.parametrize("seed", range(12))
def test_nothing_goes_back_twice(simulator: TikTokShopSimulator, shop: Shop, clock: Clock, seed: int) -> None:
    random = Random(seed)
    orders = [an_order(simulator, shop, caps) for caps in (1, 2, 3)]
    for _ in range(STEPS):
        order_id = random.choice(orders)
        acts = list(acts_on_an_order(simulator, order_id, random))
        for given in simulator.returns_of(order_id):
            acts += acts_on_a_return(simulator, given, random)
        random.shuffle(acts)
        if not any(works(act) for act in acts):
            orders[orders.index(order_id)] = an_order(simulator, shop, random.randint(1, 3))
        clock.pass_time(minutes=random.choice((0, 10, 30, 60, 600)))
        assert (simulator.books.refunds_beyond_payment, simulator.books.units_beyond_price) == ({}, {})
    clock.pass_time(days=90)
    assert simulator.refunds_issued() != []
    assert (simulator.books.refunds_beyond_payment, simulator.books.units_beyond_price) == ({}, {})
    for given in simulator.returns():
        parts = given.refund
        extras = parts.shipping_fee + parts.retail_delivery_fee + parts.buyer_service_fee
        assert parts.total == parts.subtotal + parts.tax + extras
        assert given.status not in UNFINISHED
