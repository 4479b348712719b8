from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Doubts, LineSpec, Shop, TikTokShopSimulator
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.errors import NotYetError, OutcomeUnknownError, RejectedError, RetriableError, WishRefusedError
from order_sync.domain.ids import LineId, OrderId, ReturnId
from order_sync.domain.money import Money
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import InProcessError
from order_sync.partners.tiktok_shop.returns import Returns
from tests.adapters.tiktok_shop.return_scenes import a_delivered_order
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, a_simulator, http_to, shop_client

DAMAGED = "ecom_order_delivered_refund_reason_damaged_seller"
KEY = "order-sync-refund-oms-17"
CREATE = "/return_refund/202602/returns"
LOST = [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.TRUNCATED_JSON, Fault.HTML, Fault.SERVER_ERROR, Fault.UNAVAILABLE]


@pytest.fixture
def returns(tiktok: TikTokShop) -> Returns:
    return tiktok.returns


@pytest.fixture
def order(simulator: TikTokShopSimulator, shop: Shop) -> OrderId:
    """Two tees, delivered."""
    return a_delivered_order(simulator, shop, units=2)


def lines_of(simulator: TikTokShopSimulator, order: OrderId) -> list[LineId]:
    return [LineId(line) for line in simulator.line_ids(order)]


def dollars(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def refund(
    returns: Returns, order: OrderId, lines: Sequence[LineId], amount: Money | None = None, key: str = KEY
) -> ReturnId:
    return returns.refund(order, lines, DAMAGED, key, amount)


def test_one_line_is_refunded_with_all_that_was_paid_for_it(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId
) -> None:
    first, _ = lines_of(simulator, order)
    return_id = refund(returns, order, [first])
    (booked,) = simulator.books.seller_returns
    assert (booked.return_id, booked.line_ids, booked.amount, booked.by) == (return_id, (first,), None, "api")
    assert (booked.reason, booked.idempotency_key) == (DAMAGED, KEY)
    (found,) = returns.read([return_id]).returns
    assert (found.order, found.initiator, found.question) == (order, Initiator.SELLER, None)
    assert [line.id for line in found.lines] == [first]
    assert found.refund is not None
    assert found.refund.total == simulator.return_record(return_id).refund.total


@pytest.mark.parametrize("amount", ["7.50", "10", "0.01", "1E+1"])
def test_a_part_of_the_money_is_refunded_with_its_currency(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId, amount: str
) -> None:
    return_id = refund(returns, order, lines_of(simulator, order), dollars(amount))
    (found,) = returns.read([return_id]).returns
    assert found.refund is not None
    assert found.refund.money == dollars(amount)


@pytest.mark.parametrize("amount", [None, dollars("7.50")])
def test_the_same_refund_again_under_the_same_key_is_the_same_return(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId, amount: Money | None
) -> None:
    lines = lines_of(simulator, order)
    assert refund(returns, order, lines, amount) == refund(returns, order, lines, amount)
    assert [each.replayed for each in simulator.books.seller_returns] == [False, True]
    assert len(simulator.returns_of(order)) == 1


@pytest.mark.parametrize("fault", LOST)
def test_a_refund_that_may_have_arrived_is_in_doubt_is_not_sent_again_and_may_be_repeated(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId, fault: Fault
) -> None:
    lines = lines_of(simulator, order)
    simulator.faults.add(fault, CREATE)
    with pytest.raises(OutcomeUnknownError):
        refund(returns, order, lines)
    assert simulator.books.count() == 1
    took_effect = fault in {Fault.LOST_AFTER, Fault.TRUNCATED_JSON}
    assert len(simulator.returns_of(order)) == took_effect
    return_id = refund(returns, order, lines)
    assert [each.id for each in simulator.returns_of(order)] == [return_id]
    assert [each.replayed for each in simulator.books.seller_returns] == [False, True][: 1 + took_effect]


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_refund_that_did_not_arrive_can_be_sent_later(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId, fault: Fault
) -> None:
    simulator.faults.add(fault, CREATE)
    with pytest.raises(RetriableError) as caught:
        refund(returns, order, lines_of(simulator, order))
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert refund(returns, order, lines_of(simulator, order))


def test_more_money_than_is_left_is_refused_in_words(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId
) -> None:
    with pytest.raises(WishRefusedError, match=r"more money than is left to refund.*25005005"):
        refund(returns, order, lines_of(simulator, order), dollars("1000.00"))
    assert simulator.returns_of(order) == []


def test_what_is_left_after_a_part_may_be_refunded_and_no_more(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId, clock: Clock
) -> None:
    lines = lines_of(simulator, order)
    refund(returns, order, lines[:1], dollars("5.00"))
    clock.pass_time(timedelta(hours=1))
    with pytest.raises(WishRefusedError, match="25005005"):
        refund(returns, order, lines[:1], dollars("20.00"), key="second")
    refund(returns, order, lines, key="third")
    clock.pass_time(timedelta(hours=1))
    assert all(each.refunded_at for each in simulator.returns_of(order))
    assert len(simulator.books.refunds_issued(order)) == 2
    assert simulator.books.refunds_beyond_payment == {}


def test_lines_of_an_open_return_are_in_process(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId
) -> None:
    simulator.buyer_requests_return(order)
    with pytest.raises(InProcessError, match=r"a return is open.*25001011") as caught:
        refund(returns, order, lines_of(simulator, order))
    assert isinstance(caught.value, NotYetError)


def test_an_order_that_is_not_shipped_or_is_completed_is_refused(
    simulator: TikTokShopSimulator, returns: Returns, ready_order: OrderId, order: OrderId
) -> None:
    with pytest.raises(WishRefusedError, match=r"status allows no refund.*25001003"):
        refund(returns, ready_order, lines_of(simulator, ready_order))
    simulator.complete(order)
    with pytest.raises(WishRefusedError, match=r"refunded no more.*25001051"):
        refund(returns, order, lines_of(simulator, order))


def test_a_lock_is_retriable_and_nothing_happened(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId
) -> None:
    simulator.fail_next_lock(order)
    with pytest.raises(RetriableError, match="25001028") as caught:
        refund(returns, order, lines_of(simulator, order))
    assert not isinstance(caught.value, NotYetError | OutcomeUnknownError)
    assert refund(returns, order, lines_of(simulator, order))


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("because", "25001014"),
        ("ecom_order_delivered_refund_reason_damaged", "25001015"),
        ("seller_shipped_refund_miss_estimated_delivery_date", "25001021"),
    ],
)
def test_a_wrong_reason_is_refused(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId, reason: str, code: str
) -> None:
    with pytest.raises(WishRefusedError, match=code):
        returns.refund(order, lines_of(simulator, order), reason, KEY)
    assert simulator.returns_of(order) == []


def test_another_currency_and_lines_of_another_order_are_rejected(
    simulator: TikTokShopSimulator, returns: Returns, order: OrderId
) -> None:
    with pytest.raises(RejectedError, match="25001001"):
        refund(returns, order, lines_of(simulator, order), Money(amount=Decimal(5), currency="GBP"))
    with pytest.raises(RejectedError, match="25001001"):
        refund(returns, order, [LineId("577000000000000000")])


def test_a_refund_without_lines_is_never_sent(simulator: TikTokShopSimulator, returns: Returns, order: OrderId) -> None:
    with pytest.raises(RejectedError, match="has no lines"):
        refund(returns, order, [])
    assert simulator.books.count() == 0


@pytest.mark.parametrize("spelled", ["REFUND", "RETURN"])
def test_reasons_are_tiktok_s_own_by_line_and_every_one_of_them_is_taken(clock: Clock, spelled: str) -> None:
    simulator = a_simulator(clock, Doubts(refund_eligibility_type=spelled))
    shop = simulator.open_shop("US", "Demo US")
    with http_to(simulator, clock) as http:
        returns = shop_client(http, shop, Secret(simulator.authorize(shop)), clock).returns
        (names,) = returns.refund_reasons(a_delivered_order(simulator, shop)).values()
        assert DAMAGED in names
        for name in names:
            each = a_delivered_order(simulator, shop)
            assert returns.refund(each, lines_of(simulator, each), name, f"key-{each}")


def test_reasons_depend_on_the_region(
    simulator: TikTokShopSimulator, http: PartnerHttp, clock: Clock, returns: Returns, order: OrderId
) -> None:
    uk_shop = simulator.open_shop("GB", "Demo UK")
    uk = shop_client(http, uk_shop, Secret(simulator.authorize(uk_shop)), clock).returns
    (names,) = uk.refund_reasons(a_delivered_order(simulator, uk_shop)).values()
    assert names
    assert all(name.endswith("_uk") for name in names)
    assert not set(names) & set(returns.refund_reasons(order)[lines_of(simulator, order)[0]])


def test_a_line_that_cannot_be_refunded_now_has_no_reason(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    order = a_delivered_order(simulator, shop, lines=[LineSpec("TEE-BLU-M", "20.00", 2), LineSpec("CAP-RED", "9.00")])
    first, second, third = lines_of(simulator, order)
    simulator.buyer_requests_return(order, lines=[first])
    reasons = returns.refund_reasons(order)
    assert reasons[first] == ()
    assert DAMAGED in reasons[second]
    assert DAMAGED in reasons[third]


def test_an_unknown_order_and_another_shop_s_are_rejected(simulator: TikTokShopSimulator, returns: Returns) -> None:
    foreign = a_delivered_order(simulator, simulator.open_shop("US", "Another shop"))
    with pytest.raises(RejectedError, match="25020005"):
        refund(returns, foreign, lines_of(simulator, foreign))
    with pytest.raises(RejectedError, match="25020005"):
        returns.refund_reasons(foreign)
    with pytest.raises(RejectedError, match="25007006"):
        returns.refund_reasons(OrderId("576000000000000000"))
