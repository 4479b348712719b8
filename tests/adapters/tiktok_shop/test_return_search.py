from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import Shop, TikTokShopSimulator
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId, ReturnId
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.returns import Returns, ReturnsPage
from tests.adapters.tiktok_shop.return_scenes import a_delivered_order
from tests.adapters.tiktok_shop.surroundings import NOON, Clock

SEARCH = "/returns/search"


@pytest.fixture
def returns(tiktok: TikTokShop) -> Returns:
    return tiktok.returns


def ids(page: ReturnsPage) -> list[str]:
    return [each.id for each in page.returns]


def everything(returns: Returns, page_token: str = "") -> ReturnsPage:
    return returns.search(NOON - timedelta(hours=1), NOON + timedelta(hours=2), page_token)


def test_a_search_finds_returns_by_update_time_oldest_first(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns, clock: Clock
) -> None:
    orders = [a_delivered_order(simulator, shop) for _ in range(3)]
    asked = []
    for order in orders:
        asked.append(simulator.buyer_requests_return(order))
        clock.pass_time(timedelta(minutes=1))
    simulator.buyer_withdraws_return(asked[0])
    page = everything(returns)
    assert ids(page) == [asked[1], asked[2], asked[0]]
    assert (page.unreadable, page.unknown, page.next_page_token) == ((), (), "")


def test_a_search_leaves_out_what_is_updated_at_its_end(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    asked = simulator.buyer_requests_return(a_delivered_order(simulator, shop))
    assert ids(returns.search(NOON - timedelta(minutes=5), NOON)) == []
    assert ids(returns.search(NOON, NOON + timedelta(seconds=1))) == [asked]


def test_a_search_says_order_and_size_itself_and_goes_on_over_pages_of_fifty(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns, clock: Clock
) -> None:
    asked = []
    for _ in range(120):
        asked.append(simulator.buyer_requests_return(a_delivered_order(simulator, shop)))
        clock.pass_time(timedelta(seconds=1))
    found, sizes, token = [], [], ""
    while True:
        page = everything(returns, token)
        found += ids(page)
        sizes.append(len(page.returns))
        token = page.next_page_token
        if not token:
            break
    assert (found, sizes) == (asked, [50, 50, 20])
    said = simulator.books.requests[0].query
    assert (said["page_size"], said["sort_field"], said["sort_order"]) == ("50", "update_time", "ASC")


def test_an_idle_search_is_one_request(simulator: TikTokShopSimulator, returns: Returns) -> None:
    assert everything(returns) == ReturnsPage(returns=())
    assert simulator.books.count() == 1


def test_values_that_tiktok_adds_are_counted_and_what_is_unreadable_is_named(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    new, broken, plain = (a_delivered_order(simulator, shop) for _ in range(3))
    odd = simulator.buyer_requests_return(new)
    bad = simulator.buyer_requests_return(broken)
    good = simulator.buyer_requests_return(plain)
    simulator.show_return_as(odd, return_status="RETURN_PAUSED", return_type="RENTAL")
    simulator.show_return_as(bad, return_line_items=None)
    page = everything(returns)
    assert sorted(ids(page)) == sorted([odd, good])
    assert page.unknown == ("return type RENTAL", "return status RETURN_PAUSED")
    (unreadable,) = page.unreadable
    assert (unreadable.id, unreadable.order) == (bad, broken)
    assert unreadable.problem.startswith("return_line_items: ")


def test_returns_of_many_orders_are_read_fifty_at_a_time_with_all_their_pages(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    orders = [a_delivered_order(simulator, shop) for _ in range(55)]
    asked = []
    for order in orders:
        asked.append(simulator.buyer_requests_return(order))
        simulator.buyer_withdraws_return(asked[-1])
    asked += [simulator.buyer_requests_return(order) for order in orders]
    page = returns.of_orders([*orders, OrderId("576000000000000000"), orders[0]])
    assert sorted(ids(page)) == sorted(asked)
    assert page.next_page_token == ""
    assert simulator.books.count() == 3  # two pages of the first fifty orders, one of the rest
    # The creation never changes, so that nothing moves from page to page.
    assert {request.query["sort_field"] for request in simulator.books.requests} == {"create_time"}


def test_returns_by_id_leave_out_what_tiktok_does_not_know_and_what_is_another_shop_s(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns
) -> None:
    other = simulator.open_shop("US", "Another shop")
    foreign = ReturnId(simulator.buyer_requests_return(a_delivered_order(simulator, other)))
    own = ReturnId(simulator.buyer_requests_return(a_delivered_order(simulator, shop)))
    assert ids(returns.read([own, foreign, ReturnId("4035000000000000000")])) == [own]


def test_no_ids_are_no_request(simulator: TikTokShopSimulator, returns: Returns) -> None:
    assert returns.of_orders([]) == returns.read([]) == ReturnsPage(returns=())
    assert simulator.books.count() == 0


@pytest.mark.parametrize("fault", list(Fault))
def test_a_search_survives_two_faults(
    simulator: TikTokShopSimulator, shop: Shop, returns: Returns, fault: Fault
) -> None:
    asked = simulator.buyer_requests_return(a_delivered_order(simulator, shop))
    simulator.faults.add(fault, SEARCH, times=2)
    assert ids(everything(returns)) == [asked]
    assert simulator.books.count() == 3


def test_an_outage_ends_a_search_as_retriable(simulator: TikTokShopSimulator, returns: Returns) -> None:
    simulator.faults.add(Fault.UNAVAILABLE, SEARCH, times=None)
    with pytest.raises(RetriableError, match="TikTok Shop: search returns: "):
        everything(returns)


def test_a_refused_search_says_operation_code_and_request(simulator: TikTokShopSimulator, returns: Returns) -> None:
    simulator.refuse_next(SEARCH, 25020005)
    with pytest.raises(RejectedError, match=r"search returns: .*HTTP 200, code 25020005, request 2026\w+\)"):
        everything(returns)
