from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest

from local.simulators.tiktok_shop import Doubts, LabelSign, LineSpec, ReturnType, Shop, TikTokShopSimulator
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.ids import OrderId, ReturnId
from order_sync.domain.returning.returns import Question, ReturnFacts
from order_sync.domain.returning.statuses import ReturnKind, ReturnState, state_of
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.returns import Returns
from tests.adapters.tiktok_shop.return_scenes import a_delivered_order
from tests.adapters.tiktok_shop.surroundings import NOON, Clock, Secret, a_simulator, http_to, shop_client

TRACKING = "9400100000000000000000"


@pytest.fixture
def returns(tiktok: TikTokShop) -> Returns:
    return tiktok.returns


@contextmanager
def a_market(clock: Clock, doubts: Doubts) -> Iterator[tuple[TikTokShopSimulator, Shop, Returns]]:
    """One shop of a TikTok Shop with doubts of its own."""
    simulator = a_simulator(clock, doubts)
    shop = simulator.open_shop("US", "Demo US")
    with http_to(simulator, clock) as http:
        yield simulator, shop, shop_client(http, shop, Secret(simulator.authorize(shop)), clock).returns


def state(facts: ReturnFacts) -> ReturnState:
    return state_of(facts.status_text, facts.kind, has_label=facts.has_label, in_arbitration=facts.in_arbitration)


def the_return(returns: Returns, return_id: str) -> ReturnFacts:
    page = returns.read([ReturnId(return_id)])
    (facts,) = page.returns
    assert (page.unknown, page.unreadable) == ((), ())
    return facts


def test_a_return_of_goods_is_read_through_its_life(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns, clock: Clock
) -> None:
    order = a_delivered_order(simulator, shop, units=2)
    line = simulator.line_ids(order)[0]
    asked = simulator.buyer_requests_return(order, ReturnType.RETURN_AND_REFUND, [line], approved_by_tiktok=False)
    found = the_return(returns, asked)
    assert (found.order, [each.id for each in found.lines]) == (order, [line])
    assert (found.kind, found.initiator, state(found)) == (
        ReturnKind.RETURN_AND_REFUND,
        Initiator.BUYER,
        ReturnState.REQUEST_PENDING,
    )
    assert (found.question, found.respond_by) == (Question.RETURN, simulator.return_record(asked).respond_by)
    assert (found.requested_at, found.updated_at) == (NOON, NOON)
    clock.pass_time(timedelta(hours=1))
    simulator.approve_return_in_seller_center(asked)
    waiting = the_return(returns, asked)
    assert (state(waiting), waiting.question) == (ReturnState.WAITING_FOR_BUYER_TO_SHIP, None)
    simulator.tiktok_makes_label(asked)
    assert state(the_return(returns, asked)) is ReturnState.RETURN_LABEL_GENERATED
    simulator.buyer_ships_return(asked, TRACKING)
    shipped = the_return(returns, asked)
    assert (state(shipped), shipped.question) == (ReturnState.BUYER_SHIPPED, Question.RECEIVE_PACKAGE)
    assert shipped.tracking_number == TRACKING
    simulator.approve_return_in_seller_center(asked)
    assert state(the_return(returns, asked)) is ReturnState.RECEIVED
    clock.pass_time(timedelta(hours=2))
    refunded = the_return(returns, asked)
    assert (state(refunded), refunded.question, refunded.respond_by) == (ReturnState.REFUNDED, None, None)
    assert refunded.updated_at > shipped.updated_at


def test_the_amounts_are_those_that_tiktok_refunds_and_add_up(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    lines = [LineSpec("TEE-BLU-M", "20.00", 2, platform_discount="1.50")]
    order = a_delivered_order(simulator, shop, lines=lines)
    part = simulator.buyer_requests_return(order, lines=simulator.line_ids(order)[:1])
    rest = simulator.buyer_requests_return(order)
    for asked in (part, rest):
        truth, found = simulator.return_record(asked).refund, the_return(returns, asked)
        assert found.refund is not None
        assert (found.refund.total, found.refund.currency) == (truth.total, "USD")
        assert found.refund.shipping == truth.shipping_fee
        assert all(line.refund for line in found.lines)
    assert the_return(returns, part).refund != the_return(returns, rest).refund


@pytest.mark.parametrize("sign", LabelSign)
def test_a_label_is_seen_however_tiktok_shows_it(clock: Clock, sign: LabelSign) -> None:
    with a_market(clock, Doubts(label_shows_as=sign)) as (simulator, shop, returns):
        order = a_delivered_order(simulator, shop)
        asked = simulator.buyer_requests_return(order, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=True)
        assert state(the_return(returns, asked)) is ReturnState.WAITING_FOR_BUYER_TO_SHIP
        simulator.tiktok_makes_label(asked)
        found = the_return(returns, asked)
    assert state(found) is ReturnState.RETURN_LABEL_GENERATED
    assert bool(found.tracking_number) is (sign is LabelSign.TRACKING)


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        (ReturnType.REFUND, Question.REFUND),
        (ReturnType.RETURN_AND_REFUND, Question.RETURN),
        (ReturnType.REPLACEMENT, Question.REPLACEMENT),
        (ReturnType.EXCHANGE, None),
    ],
)
@pytest.mark.parametrize("names_action", [True, False])
def test_every_kind_asks_its_own_question_whether_tiktok_names_an_action_or_not(
    clock: Clock, kind: ReturnType, question: Question | None, *, names_action: bool
) -> None:
    with a_market(clock, Doubts(returns_name_next_action=names_action)) as (simulator, shop, returns):
        order = a_delivered_order(simulator, shop)
        found = the_return(returns, simulator.buyer_requests_return(order, kind, approved_by_tiktok=False))
    assert (found.kind.value, found.question) == (kind.value, question)
    assert (found.respond_by is not None) is (names_action and question is not None)


def test_a_platform_s_refund_asks_nothing(simulator: TikTokShopSimulator, shop: Shop, returns: Returns) -> None:
    found = the_return(returns, simulator.refund_by_platform(a_delivered_order(simulator, shop)))
    assert (found.initiator, found.question, state(found)) == (Initiator.PLATFORM, None, ReturnState.REFUND_ACCEPTED)


def test_an_arbitration_is_seen_and_asks_nothing(simulator: TikTokShopSimulator, shop: Shop, returns: Returns) -> None:
    asked = ReturnId(simulator.buyer_requests_return(a_delivered_order(simulator, shop)))
    simulator.reject_return_in_seller_center(asked, returns.reasons_to_reject(asked, Question.REFUND)[0])
    assert state(the_return(returns, asked)) is ReturnState.REJECTED
    simulator.buyer_escalates(asked)
    found = the_return(returns, asked)
    assert (state(found), found.question, found.arbitration) == (ReturnState.IN_ARBITRATION, None, "IN_PROGRESS")
    simulator.tiktok_decides_arbitration(asked, for_buyer=True)
    settled = the_return(returns, asked)
    assert (state(settled), settled.arbitration) == (ReturnState.REFUND_ACCEPTED, "SUPPORT_BUYER")


def test_while_the_buyer_thinks_about_an_offer_nothing_is_asked(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    asked = simulator.buyer_requests_return(a_delivered_order(simulator, shop))
    simulator.offer_partial_refund_in_seller_center(asked, "5.00")
    assert the_return(returns, asked).question is None
    simulator.buyer_answers_offer(asked, accepts=False)
    assert the_return(returns, asked).question is Question.REFUND


def test_a_return_that_another_one_continues_is_named(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    order = a_delivered_order(simulator, shop)
    first = simulator.buyer_requests_return(order)
    second = simulator.buyer_requests_return(order, ReturnType.REPLACEMENT, follows=first)
    assert (the_return(returns, first).follows, the_return(returns, second).follows) == (None, first)
    assert state(the_return(returns, first)) is ReturnState.CLOSED


def test_nothing_of_a_buyer_is_in_what_is_read(simulator: TikTokShopSimulator, shop: Shop, returns: Returns) -> None:
    asked = simulator.buyer_requests_return(a_delivered_order(simulator, shop), ReturnType.RETURN_AND_REFUND)
    planted = {"return_reason_text": "Jane moved house", "comments": "Jane wrote this"}
    simulator.show_return_as(asked, **planted)
    page = returns.read([ReturnId(asked)])
    assert page.returns
    words = {*simulator.buyer_data(), *planted.values(), "Returns Road", simulator.return_record(asked).reason_text}
    assert not [part for part in words if part in repr(page)]


def test_a_new_order_in_place_of_returned_goods_names_the_old_one(
    simulator: TikTokShopSimulator, shop: Shop, tiktok: TikTokShop
) -> None:
    order = a_delivered_order(simulator, shop)
    asked = simulator.buyer_requests_return(order, ReturnType.REPLACEMENT)
    simulator.approve_return_in_seller_center(asked)
    exchanged = a_delivered_order(simulator, shop)
    exchange = simulator.buyer_requests_return(exchanged, ReturnType.EXCHANGE, exchange_for="TEE-RED-L")
    simulator.tiktok_settles_exchange(exchange)
    for old, settled in ((order, asked), (exchanged, exchange)):
        new = simulator.return_record(settled).new_order_id
        assert new is not None
        page = tiktok.read_orders([OrderId(new)])
        (facts,) = [reading.facts for reading in page.readings]
        assert (facts.replaces, page.unknown) == (old, ())
        assert facts.paid is not None
        assert facts.paid.amount == Decimal(0)
