import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import LineSpec, Shop, TikTokShopSimulator
from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.errors import NotYetError, OutcomeUnknownError, RejectedError, RetriableError, SkippableError
from order_sync.domain.ids import LineId, OrderId
from order_sync.partners.http import PartnerHttp
from order_sync.partners.tiktok_shop.cancel_reasons import tiktok_reason
from order_sync.partners.tiktok_shop.cancellations import Cancellations
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import InProcessError
from tests.adapters.tiktok_shop.surroundings import Clock, Secret, shop_client

TEE = [LineSpec("TEE-BLU-M", "20.00")]
NO_STOCK, NO_STOCK_UK = "seller_cancel_reason_out_of_stock", "seller_cancel_reason_out_of_stock_uk"
WRONG_PRICE = "seller_cancel_reason_wrong_price"
CANCEL = "/return_refund/202309/cancellations"


@pytest.fixture
def cancellations(tiktok: TikTokShop) -> Cancellations:
    return tiktok.cancellations


@pytest.fixture
def uk_shop(simulator: TikTokShopSimulator) -> Shop:
    return simulator.open_shop("GB", "Demo UK")


@pytest.fixture
def uk_cancellations(simulator: TikTokShopSimulator, http: PartnerHttp, uk_shop: Shop, clock: Clock) -> Cancellations:
    return shop_client(http, uk_shop, Secret(simulator.authorize(uk_shop)), clock).cancellations


def lines_of(simulator: TikTokShopSimulator, order: OrderId) -> list[LineId]:
    return [LineId(line) for line in simulator.line_ids(order)]


def test_a_whole_order_is_cancelled_at_once(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    cancel_id = cancellations.cancel(ready_order, NO_STOCK)
    assert simulator.status(ready_order) == "CANCELLED"
    (booked,) = simulator.books.seller_cancels
    assert (booked.cancel_id, booked.reason, booked.by) == (cancel_id, NO_STOCK, "api")


def test_a_part_of_an_order_is_cancelled_with_its_lines(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    first, second, third = lines_of(simulator, ready_order)
    cancel_id = cancellations.cancel(ready_order, NO_STOCK, [first, third])
    (found,) = cancellations.read([cancel_id]).cancellations
    assert found.line_ids == (first, third)
    assert simulator.status(ready_order) == "AWAITING_SHIPMENT"
    reasons = cancellations.seller_reasons(ready_order)
    assert (reasons[first], reasons[third]) == ((), ())
    assert NO_STOCK in reasons[second]


def test_an_order_that_is_cancelled_already_is_in_process(cancellations: Cancellations, ready_order: OrderId) -> None:
    cancellations.cancel(ready_order, NO_STOCK)
    with pytest.raises(InProcessError, match="25001011"):
        cancellations.cancel(ready_order, NO_STOCK)


def test_an_order_with_an_open_request_is_in_process(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    simulator.request_cancel(ready_order)
    with pytest.raises(InProcessError, match="25001011") as caught:
        cancellations.cancel(ready_order, NO_STOCK)
    assert isinstance(caught.value, NotYetError)


def test_a_completed_order_is_passed_over(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS")
    for step in (simulator.collect, simulator.deliver, simulator.complete):
        step(ready_order)
    with pytest.raises(SkippableError, match="25001051"):
        cancellations.cancel(ready_order, NO_STOCK)


def test_a_lock_is_retriable_and_nothing_happened(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    simulator.fail_next_lock(ready_order)
    with pytest.raises(RetriableError, match="25001028") as caught:
        cancellations.cancel(ready_order, NO_STOCK)
    assert not isinstance(caught.value, NotYetError | OutcomeUnknownError)
    assert cancellations.cancel(ready_order, NO_STOCK)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("out of stock", "25001014"),
        (NO_STOCK_UK, "25001015"),
        ("ecom_order_to_ship_canceled_reason_better_price", "25001015"),
        ("seller_cancel_unpaid_reason_out_of_stock", "25001021"),
        ("", "36009004"),
    ],
)
def test_a_wrong_reason_is_rejected(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId, reason: str, code: str
) -> None:
    with pytest.raises(RejectedError, match=code):
        cancellations.cancel(ready_order, reason)
    assert simulator.status(ready_order) == "AWAITING_SHIPMENT"


def test_a_reason_that_is_offline_is_neither_offered_nor_taken(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    simulator.take_reason_offline(NO_STOCK)
    assert all(NO_STOCK not in names for names in cancellations.seller_reasons(ready_order).values())
    with pytest.raises(RejectedError, match="25001020"):
        cancellations.cancel(ready_order, NO_STOCK)


def test_lines_of_an_order_are_cancelled_only_when_out_of_stock(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    with pytest.raises(RejectedError, match="25005010"):
        cancellations.cancel(ready_order, WRONG_PRICE, lines_of(simulator, ready_order)[:1])


def test_a_line_is_cancelled_once(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    first = lines_of(simulator, ready_order)[:1]
    cancellations.cancel(ready_order, NO_STOCK, first)
    with pytest.raises(RejectedError, match="25005011"):
        cancellations.cancel(ready_order, NO_STOCK, first)


def test_a_line_of_another_order_is_rejected(cancellations: Cancellations, ready_order: OrderId) -> None:
    with pytest.raises(RejectedError, match="25001001"):
        cancellations.cancel(ready_order, NO_STOCK, [LineId("577000000000000000")])


def test_a_shipped_line_is_not_cancelled(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    first, *others = lines_of(simulator, ready_order)
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [first])
    with pytest.raises(RejectedError, match=r"shipped.*25001045"):
        cancellations.cancel(ready_order, NO_STOCK, [first])
    assert cancellations.seller_reasons(ready_order) == {first: (), **dict.fromkeys(others, (NO_STOCK,))}


@pytest.mark.parametrize("code", [25001046, 25001045, 25005010])
def test_what_tiktok_will_not_cancel_is_rejected(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId, code: int
) -> None:
    simulator.refuse_next(CANCEL, code)
    with pytest.raises(RejectedError, match=str(code)):
        cancellations.cancel(ready_order, NO_STOCK)


def test_an_order_of_another_shop_is_rejected(
    simulator: TikTokShopSimulator, cancellations: Cancellations, uk_shop: Shop
) -> None:
    foreign = OrderId(simulator.place_order(uk_shop, TEE, hold=False))
    with pytest.raises(RejectedError, match="25020005"):
        cancellations.cancel(foreign, NO_STOCK)
    with pytest.raises(RejectedError, match="25020005"):
        cancellations.seller_reasons(foreign)


def test_an_unknown_order_is_rejected(cancellations: Cancellations) -> None:
    with pytest.raises(RejectedError, match="25001001"):
        cancellations.cancel(OrderId("576000000000000000"), NO_STOCK)
    with pytest.raises(RejectedError, match="25007006"):
        cancellations.seller_reasons(OrderId("576000000000000000"))


@pytest.mark.parametrize(
    "fault",
    [Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.HTML, Fault.TRUNCATED_JSON, Fault.LOST_BEFORE, Fault.LOST_AFTER],
)
def test_a_cancellation_without_an_answer_is_in_doubt_and_not_sent_again(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId, fault: Fault
) -> None:
    simulator.faults.add(fault, CANCEL)
    with pytest.raises(OutcomeUnknownError):
        cancellations.cancel(ready_order, NO_STOCK)
    assert simulator.books.count() == 1
    took_effect = fault in {Fault.LOST_AFTER, Fault.TRUNCATED_JSON}
    assert bool(cancellations.of_orders([ready_order]).cancellations) is took_effect


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_cancellation_that_did_not_arrive_can_be_sent_later(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId, fault: Fault
) -> None:
    simulator.faults.add(fault, CANCEL)
    with pytest.raises(RetriableError) as caught:
        cancellations.cancel(ready_order, NO_STOCK)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert cancellations.cancel(ready_order, NO_STOCK)


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize("reason", SellerReason)
def test_every_reason_that_is_offered_in_the_us_is_taken(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations, *, reason: SellerReason, paid: bool
) -> None:
    order = OrderId(simulator.place_order(shop, TEE, paid=paid))
    (names,) = cancellations.seller_reasons(order).values()
    name = tiktok_reason(reason, names)
    assert (name is None) is (reason is SellerReason.ADDRESS_NOT_DELIVERABLE and not paid)
    assert name is None or cancellations.cancel(order, name)


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize("reason", SellerReason)
def test_every_reason_that_is_offered_in_the_uk_is_taken(
    simulator: TikTokShopSimulator, uk_shop: Shop, uk_cancellations: Cancellations, *, reason: SellerReason, paid: bool
) -> None:
    order = OrderId(simulator.place_order(uk_shop, TEE, paid=paid))
    (names,) = uk_cancellations.seller_reasons(order).values()
    name = tiktok_reason(reason, names)
    never = reason is SellerReason.BUYER_REQUESTED
    assert (name is None) is (never or (reason is SellerReason.ADDRESS_NOT_DELIVERABLE and not paid))
    assert name is None or uk_cancellations.cancel(order, name)


def test_a_shipped_order_may_be_cancelled_whole_in_the_us_and_not_in_the_uk(
    simulator: TikTokShopSimulator,
    shop: Shop,
    uk_shop: Shop,
    cancellations: Cancellations,
    uk_cancellations: Cancellations,
) -> None:
    us, uk = (OrderId(simulator.place_order(each, TEE, hold=False)) for each in (shop, uk_shop))
    simulator.ship_in_seller_center(us, "FIRST-1", "UPS")
    simulator.ship_in_seller_center(uk, "H1001234567890", "EVRi")
    (us_names,), (uk_names,) = cancellations.seller_reasons(us).values(), uk_cancellations.seller_reasons(uk).values()
    assert NO_STOCK in us_names
    assert uk_names == ()
    with pytest.raises(RejectedError, match="25001045"):
        uk_cancellations.cancel(uk, NO_STOCK_UK)


def test_an_open_request_leaves_the_seller_no_reason(
    simulator: TikTokShopSimulator, cancellations: Cancellations, ready_order: OrderId
) -> None:
    simulator.request_cancel(ready_order)
    assert cancellations.seller_reasons(ready_order) == dict.fromkeys(lines_of(simulator, ready_order), ())
