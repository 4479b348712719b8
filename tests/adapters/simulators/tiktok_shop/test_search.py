from datetime import timedelta

import httpx
import pytest

from local.simulators.tiktok_shop import LineSpec, Shop, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

SEARCH = "/order/202309/orders/search"
ASCENDING: dict[str, str | None] = {"sort_field": "update_time", "sort_order": "ASC"}


def place(simulator: TikTokShopSimulator, shop: Shop, clock: Clock, count: int) -> list[str]:
    """Orders of one unit each, ten seconds apart, ready to ship."""
    orders = []
    for _ in range(count):
        orders.append(simulator.place_order(shop, [LineSpec("TEE", "20.00")], hold=False))
        clock.pass_time(seconds=10)
    return orders


def ids(data: dict[str, list[dict[str, str]]]) -> list[str]:
    return [order["id"] for order in data["orders"]]


def test_search_lists_newest_creation_first_by_default(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    placed = place(simulator, caller.shop, clock, 3)
    data = caller.search()
    assert ids(data) == placed[::-1]
    assert (data["total_count"], data["next_page_token"]) == (3, "")


def test_search_by_update_time_follows_changes(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    first, second = place(simulator, caller.shop, clock, 2)
    simulator.touch(first)
    assert ids(caller.search(ASCENDING)) == [second, first]


def test_the_lower_bound_is_inclusive_and_the_upper_exclusive(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    start = clock.seconds
    placed = place(simulator, caller.shop, clock, 3)
    data = caller.search(ASCENDING, update_time_ge=start + 10, update_time_lt=start + 20)
    assert ids(data) == [placed[1]]
    assert ids(caller.search(create_time_ge=start + 20)) == [placed[2]]
    assert ids(caller.search(create_time_lt=start + 10)) == [placed[0]]


def test_filters_narrow_the_search(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    ready, asked = place(simulator, caller.shop, clock, 2)
    held = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")])
    tiktoks = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], shipped_by_tiktok=True)
    simulator.request_cancel(asked)
    assert set(ids(caller.search(order_status="ON_HOLD"))) == {held, tiktoks}
    assert ids(caller.search(shipping_type="TIKTOK")) == [tiktoks]
    assert ids(caller.search(is_buyer_request_cancel=True)) == [asked]
    assert ids(caller.search(warehouse_ids=["7000000000000000000"])) == []
    assert len(ids(caller.search(warehouse_ids=[caller.shop.warehouse_id]))) == 4
    buyer = caller.order(ready)["user_id"]
    assert ids(caller.search(buyer_user_id=buyer)) == [ready]


def test_a_shop_sees_only_its_own_orders(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, clock: Clock
) -> None:
    (order_id,) = place(simulator, caller.shop, clock, 1)
    assert ids(uk_caller.search()) == []
    assert uk_caller.data("GET", "/order/202309/orders", query={"ids": f"{order_id},1"}) == {"orders": []}


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({"page_size": None}, {}),
        ({"page_size": "0"}, {}),
        ({"page_size": "101"}, {}),
        ({"page_size": "ten"}, {}),
        ({"page_size": None}, {"page_size": 10}),
        ({}, {"page_size": 10}),
        ({"sort_order": "asc"}, {}),
        ({"sort_field": "id"}, {}),
        ({}, {"order_status": "LOST"}),
        ({}, {"order_status": ["UNPAID"]}),
        ({}, {"update_time_ge": "1780300800"}),
        ({}, {"update_time_ge": True}),
        ({}, {"is_buyer_request_cancel": "true"}),
        ({}, {"shipping_type": "POST"}),
        ({}, {"warehouse_ids": [1]}),
        ({"page_token": "not a token"}, {}),
    ],
)
def test_a_search_outside_the_contract_is_refused_with_36009004(
    caller: Caller, query: dict[str, str | None], body: dict[str, object]
) -> None:
    assert caller.code("POST", SEARCH, query={"page_size": "10", **query}, body=body) == 36009004


def test_pages_follow_each_other_to_an_empty_token(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    placed = place(simulator, caller.shop, clock, 5)
    seen: list[str] = []
    token: str | None = None
    while token != "":
        data = caller.search({**ASCENDING, "page_size": "2", "page_token": token})
        assert data["total_count"] == 5
        seen += ids(data)
        token = data["next_page_token"]
    assert seen == placed


def test_page_tokens_hold_the_characters_that_need_encoding(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    place(simulator, caller.shop, clock, 2)
    token = caller.search({"page_size": "1"})["next_page_token"]
    assert all(character in token for character in "/+=")


@pytest.mark.parametrize("changed", [{"page_size": "2"}, {"sort_order": "DESC"}, {"sort_field": "create_time"}])
def test_a_page_token_is_bound_to_its_query(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, changed: dict[str, str]
) -> None:
    place(simulator, caller.shop, clock, 3)
    token = caller.search({**ASCENDING, "page_size": "1"})["next_page_token"]
    query = {**ASCENDING, "page_size": "1", "page_token": token}
    assert caller.code("POST", SEARCH, query=query, body={}) == 0
    assert caller.code("POST", SEARCH, query={**query, **changed}, body={}) == 36009004
    assert caller.code("POST", SEARCH, query=query, body={"update_time_ge": 1}) == 36009004


def test_an_order_that_moves_while_paging_shifts_the_later_pages(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    placed = place(simulator, caller.shop, clock, 4)
    first = caller.search({**ASCENDING, "page_size": "2"})
    simulator.touch(placed[0])
    second = caller.search({**ASCENDING, "page_size": "2", "page_token": first["next_page_token"]})
    assert ids(first) + ids(second) == [placed[0], placed[1], placed[3], placed[0]]


def test_a_late_index_finds_an_order_by_its_old_time_and_returns_it_as_it_is(clock: Clock) -> None:
    simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, index_lag=timedelta(seconds=30))
    shop = simulator.open_shop("US", "Demo US")
    token = simulator.authorize(shop).access_token
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://tiktok.invalid") as client:
        caller = Caller(client=client, clock=clock, shop=shop, token=token)
        start = clock.seconds
        order_id = simulator.place_order(shop, [LineSpec("TEE", "20.00")], paid=False)
        assert ids(caller.search()) == []
        clock.pass_time(seconds=30)
        simulator.pay(order_id)
        old = caller.search(ASCENDING, update_time_lt=start + 1)["orders"]
        assert [(order["update_time"], order["status"]) for order in old] == [(start + 30, "ON_HOLD")]
        assert ids(caller.search(ASCENDING, update_time_ge=start + 1)) == []
        clock.pass_time(seconds=30)
        assert ids(caller.search(ASCENDING, update_time_ge=start + 1)) == [order_id]
