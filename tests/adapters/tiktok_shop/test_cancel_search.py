from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Doubts, LineSpec, Shop, TikTokShopSimulator
from order_sync.domain.cancelling.cancellations import CancellationStatus, Initiator
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import CancelId, OrderId
from order_sync.partners.tiktok_shop.cancellations import Cancellations, CancellationsPage
from order_sync.partners.tiktok_shop.client import TikTokShop
from tests.adapters.tiktok_shop.surroundings import APP, NOON, Clock, Secret, http_to, shop_client

TEE, TEES = [LineSpec("TEE-BLU-M", "20.00")], [LineSpec("TEE-BLU-M", "20.00", 2)]
SEARCH = "/cancellations/search"


@pytest.fixture
def cancellations(tiktok: TikTokShop) -> Cancellations:
    return tiktok.cancellations


@contextmanager
def a_market(
    clock: Clock, doubts: Doubts, *, index_lag: timedelta = timedelta(0)
) -> Iterator[tuple[TikTokShopSimulator, Shop, Cancellations]]:
    """One shop of a TikTok Shop with doubts of its own."""
    key, secret = APP.app_key, APP.app_secret.get_secret_value()
    simulator = TikTokShopSimulator(clock, app_key=key, app_secret=secret, doubts=doubts, index_lag=index_lag)
    shop = simulator.open_shop("US", "Demo US")
    with http_to(simulator, clock) as http:
        yield simulator, shop, shop_client(http, shop, Secret(simulator.authorize(shop)), clock).cancellations


def ids(page: CancellationsPage) -> list[str]:
    return [each.id for each in page.cancellations]


def everything(cancellations: Cancellations, page_token: str = "") -> CancellationsPage:
    return cancellations.search(NOON - timedelta(hours=1), NOON + timedelta(hours=2), page_token)


def test_a_search_finds_cancellations_by_update_time_oldest_first(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations, clock: Clock
) -> None:
    orders = [simulator.place_order(shop, TEE, hold=False) for _ in range(3)]
    asked = []
    for order in orders:
        asked.append(simulator.request_cancel(order))
        clock.pass_time(timedelta(minutes=1))
    simulator.withdraw_cancel_request(orders[0])
    page = everything(cancellations)
    assert ids(page) == [asked[1], asked[2], asked[0]]
    assert (page.unreadable, page.unknown, page.next_page_token) == ((), (), "")


def test_a_search_leaves_out_what_is_updated_at_its_end(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations
) -> None:
    asked = simulator.request_cancel(simulator.place_order(shop, TEE, hold=False))
    assert ids(cancellations.search(NOON - timedelta(minutes=5), NOON)) == []
    assert ids(cancellations.search(NOON, NOON + timedelta(seconds=1))) == [asked]


def test_a_search_says_order_and_size_itself_and_goes_on_over_pages_of_fifty(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations, clock: Clock
) -> None:
    asked = []
    for _ in range(120):
        asked.append(simulator.request_cancel(simulator.place_order(shop, TEE, hold=False)))
        clock.pass_time(timedelta(seconds=1))
    found, sizes, token = [], [], ""
    while True:
        page = everything(cancellations, token)
        found += ids(page)
        sizes.append(len(page.cancellations))
        token = page.next_page_token
        if not token:
            break
    assert (found, sizes) == (asked, [50, 50, 20])
    said = simulator.books.requests[0].query
    assert (said["page_size"], said["sort_field"], said["sort_order"]) == ("50", "update_time", "ASC")


def test_an_idle_search_is_one_request(simulator: TikTokShopSimulator, cancellations: Cancellations) -> None:
    assert everything(cancellations) == CancellationsPage(cancellations=())
    assert simulator.books.count() == 1


def test_a_search_hears_of_a_change_late(clock: Clock) -> None:
    with a_market(clock, Doubts(), index_lag=timedelta(seconds=30)) as (simulator, shop, cancellations):
        asked = simulator.request_cancel(simulator.place_order(shop, TEE, hold=False))
        assert ids(everything(cancellations)) == []
        clock.pass_time(timedelta(seconds=30))
        assert ids(everything(cancellations)) == [asked]


def test_a_request_is_read_through_its_life(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations, clock: Clock
) -> None:
    order = OrderId(simulator.place_order(shop, TEES, hold=False))
    first, _ = simulator.line_ids(order)
    asked = CancelId(simulator.request_cancel(order, [first], reason="Better price available"))
    (request,) = cancellations.read([asked]).cancellations
    assert (request.order, request.line_ids) == (order, (first,))
    assert (request.initiator, request.is_request, request.status) == (
        Initiator.BUYER,
        True,
        CancellationStatus.PENDING,
    )
    assert request.reason == "ecom_order_to_ship_canceled_reason_better_price"
    assert (request.requested_at, request.respond_by) == (NOON, NOON + timedelta(hours=24))
    clock.pass_time(timedelta(hours=24))
    (granted,) = cancellations.read([asked]).cancellations
    assert (granted.status, granted.respond_by) == (CancellationStatus.GRANTED, None)
    assert granted.updated_at == NOON + timedelta(hours=24)
    clock.pass_time(timedelta(hours=1))
    (refunded,) = cancellations.read([asked]).cancellations
    assert refunded.status is CancellationStatus.GRANTED
    assert refunded.updated_at > granted.updated_at


def test_every_way_to_cancel_tells_who_did_it(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations
) -> None:
    held, paid, late = (OrderId(simulator.place_order(shop, TEES, hold=hold)) for hold in (True, False, False))
    simulator.cancel_as_buyer(held)
    simulator.cancel_by_seller(paid)
    simulator.cancel_by_platform(late)
    found = cancellations.of_orders([held, paid, late]).cancellations
    assert [(each.order, each.initiator, each.is_request, each.status) for each in found] == [
        (held, Initiator.BUYER, True, CancellationStatus.GRANTED),
        (paid, Initiator.SELLER, False, CancellationStatus.GRANTED),
        (late, Initiator.PLATFORM, False, CancellationStatus.GRANTED),
    ]
    assert [each.reason for each in found[1:]] == [
        "seller_cancel_reason_out_of_stock",
        "system_cancel_order_reason_shipping_timeout",
    ]
    assert all(len(each.line_ids) == 2 for each in found)


@pytest.mark.parametrize(
    "doubts",
    [
        Doubts(),
        Doubts(
            closed_cancel_status="CANCELLATION_REQUEST_CANCEL",
            respond_action="SELLER_RESPOND_BUYER_CANCEL",
            staff_is_operator=True,
        ),
    ],
    ids=["of 2023", "of 2026"],
)
def test_both_spellings_of_tiktok_s_documents_read_the_same(clock: Clock, doubts: Doubts) -> None:
    with a_market(clock, doubts) as (simulator, shop, cancellations):
        asked, withdrawn, fraud = (OrderId(simulator.place_order(shop, TEE, hold=False)) for _ in range(3))
        simulator.request_cancel(asked)
        simulator.request_cancel(withdrawn)
        simulator.withdraw_cancel_request(withdrawn)
        simulator.cancel_by_platform(fraud, "Potential fraud")
        page = cancellations.of_orders([asked, withdrawn, fraud])
    assert [(each.status, each.initiator, each.respond_by) for each in page.cancellations] == [
        (CancellationStatus.PENDING, Initiator.BUYER, NOON + timedelta(hours=24)),
        (CancellationStatus.CLOSED, Initiator.BUYER, None),
        (CancellationStatus.GRANTED, Initiator.PLATFORM, None),
    ]
    assert (page.unknown, page.unreadable) == ((), ())


def test_an_unknown_status_is_named_and_the_others_are_read(clock: Clock) -> None:
    with a_market(clock, Doubts(closed_cancel_status="CANCELLATION_REQUEST_PAUSED")) as (
        simulator,
        shop,
        cancellations,
    ):
        asked, paused = (OrderId(simulator.place_order(shop, TEE, hold=False)) for _ in range(2))
        open_request = simulator.request_cancel(asked)
        odd_request = simulator.request_cancel(paused)
        simulator.withdraw_cancel_request(paused)
        page = everything(cancellations)
    assert ids(page) == [open_request]
    (odd,) = page.unreadable
    assert (odd.id, odd.order) == (odd_request, paused)
    assert odd.problem == "cancel_status: 'CANCELLATION_REQUEST_PAUSED' is not known"


def test_an_unknown_action_is_counted_and_its_deadline_taken(clock: Clock) -> None:
    with a_market(clock, Doubts(respond_action="SELLER_DECIDES")) as (simulator, shop, cancellations):
        simulator.request_cancel(simulator.place_order(shop, TEE, hold=False))
        page = everything(cancellations)
    assert page.cancellations[0].respond_by == NOON + timedelta(hours=24)
    assert page.unknown == ("cancel action SELLER_DECIDES",)


def test_cancellations_of_many_orders_are_read_fifty_at_a_time_with_all_their_pages(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations
) -> None:
    orders = [OrderId(simulator.place_order(shop, TEES, hold=False)) for _ in range(55)]
    asked = []
    for order in orders:
        asked.append(simulator.request_cancel(order))
        simulator.withdraw_cancel_request(order)
    asked += [simulator.request_cancel(order) for order in orders]
    page = cancellations.of_orders([*orders, OrderId("576000000000000000"), orders[0]])
    assert sorted(ids(page)) == sorted(asked)
    assert page.next_page_token == ""
    assert simulator.books.count() == 3  # two pages of the first fifty orders, one of the rest


def test_cancellations_by_id_leave_out_what_tiktok_does_not_know_and_what_is_another_shop_s(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations
) -> None:
    other = simulator.open_shop("US", "Another shop")
    foreign = CancelId(simulator.request_cancel(simulator.place_order(other, TEE, hold=False)))
    own = CancelId(simulator.request_cancel(simulator.place_order(shop, TEE, hold=False)))
    assert ids(cancellations.read([own, foreign, CancelId("4035000000000000000")])) == [own]


def test_no_ids_are_no_request(simulator: TikTokShopSimulator, cancellations: Cancellations) -> None:
    assert cancellations.of_orders([]) == cancellations.read([]) == CancellationsPage(cancellations=())
    assert simulator.books.count() == 0


@pytest.mark.parametrize("fault", list(Fault))
def test_a_search_survives_two_faults(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations, fault: Fault
) -> None:
    asked = simulator.request_cancel(simulator.place_order(shop, TEE, hold=False))
    simulator.faults.add(fault, SEARCH, times=2)
    assert ids(everything(cancellations)) == [asked]
    assert simulator.books.count() == 3


def test_an_outage_ends_a_search_as_retriable(simulator: TikTokShopSimulator, cancellations: Cancellations) -> None:
    simulator.faults.add(Fault.UNAVAILABLE, SEARCH, times=None)
    with pytest.raises(RetriableError, match="TikTok Shop: search cancellations: "):
        everything(cancellations)


def test_a_refused_search_says_operation_code_and_request(
    simulator: TikTokShopSimulator, cancellations: Cancellations
) -> None:
    simulator.refuse_next(SEARCH, 25020005)
    with pytest.raises(RejectedError, match=r"search cancellations: .*HTTP 200, code 25020005, request 2026\w+\)"):
        everything(cancellations)


def test_nothing_of_a_buyer_is_in_what_is_read(
    simulator: TikTokShopSimulator, shop: Shop, cancellations: Cancellations
) -> None:
    simulator.request_cancel(simulator.place_order(shop, TEE, hold=False), reason="Jane moved house")
    page = everything(cancellations)
    assert ids(page)
    assert not [part for part in {*simulator.buyer_data(), "Jane moved house"} if part in repr(page)]
