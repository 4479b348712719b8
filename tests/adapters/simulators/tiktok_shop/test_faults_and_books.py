from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local.simulators.faults import Fault
from local.simulators.serving import serve
from local.simulators.tiktok_shop import Status, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_SECRET, Caller, Clock

DETAIL = "/order/202309/orders"


def test_429_is_worded_as_the_partner_does_and_may_say_when_to_retry(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    simulator.faults.add(Fault.RATE_LIMITED, "/orders", retry_after=7)
    response = caller.send("GET", DETAIL, query={"ids": "1"})
    assert (response.status_code, response.json()["code"], response.headers["retry-after"]) == (429, 36009002, "7")
    assert caller.code("GET", DETAIL, query={"ids": "1"}) == 0


def test_500_has_the_envelope_and_503_has_none(simulator: TikTokShopSimulator, caller: Caller) -> None:
    simulator.faults.add(Fault.SERVER_ERROR)
    simulator.faults.add(Fault.UNAVAILABLE)
    first, second = (caller.send("GET", DETAIL, query={"ids": "1"}) for _ in range(2))
    assert (first.status_code, first.json()["code"]) == (500, 36009003)
    assert (second.status_code, second.text) == (503, "Service Unavailable")


def test_garbage_is_not_json(simulator: TikTokShopSimulator, caller: Caller) -> None:
    simulator.faults.add(Fault.HTML)
    simulator.faults.add(Fault.TRUNCATED_JSON)
    for _ in range(2):
        response = caller.send("GET", DETAIL, query={"ids": "1"})
        assert response.status_code == 200
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            response.json()


def test_a_request_lost_before_it_arrives_has_no_effect(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.faults.add(Fault.LOST_BEFORE, "/packages")
    with pytest.raises(httpx.ReadTimeout):
        caller.ship(ready_order)
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT


def test_a_request_whose_answer_is_lost_has_its_effect(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.faults.add(Fault.LOST_AFTER, "/packages")
    with pytest.raises(httpx.ReadTimeout):
        caller.ship(ready_order)
    assert simulator.status(ready_order) is Status.AWAITING_COLLECTION
    last = simulator.books.requests[-1]
    assert (last.fault, last.code, last.status) == (Fault.LOST_AFTER, 0, None)


def test_an_unreachable_partner_refuses_the_connection(simulator: TikTokShopSimulator, caller: Caller) -> None:
    simulator.faults.add(Fault.UNREACHABLE)
    with pytest.raises(httpx.ConnectError):
        caller.send("GET", DETAIL, query={"ids": "1"})


def test_a_fault_can_wait_repeat_and_choose_its_path_and_method(simulator: TikTokShopSimulator, caller: Caller) -> None:
    simulator.faults.add(Fault.RATE_LIMITED, "/orders/search", method="POST", after=1, times=2)
    codes = [caller.code("POST", f"{DETAIL}/search", query={"page_size": "1"}, body={}) for _ in range(4)]
    assert codes == [0, 36009002, 36009002, 0]
    simulator.faults.add(Fault.RATE_LIMITED, "/orders/search", times=None)
    assert caller.code("GET", DETAIL, query={"ids": "1"}) == 0
    assert [caller.code("POST", f"{DETAIL}/search", query={"page_size": "1"}, body={}) for _ in range(2)] == [
        36009002
    ] * 2
    simulator.faults.clear()
    assert caller.code("POST", f"{DETAIL}/search", query={"page_size": "1"}, body={}) == 0
    assert simulator.faults.happened[Fault.RATE_LIMITED] == 4
    assert simulator.faults.pending == 0


def test_the_books_list_every_request_without_secrets(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    caller.code("GET", DETAIL, query={"ids": "1"})
    caller.code("GET", DETAIL, query={"ids": "1"}, secret="wrong")
    caller.client.get(
        "/api/v2/token/refresh",
        params={"app_key": "29a39d", "app_secret": APP_SECRET, "refresh_token": "gone", "grant_type": "refresh_token"},
    )
    good, bad, token = simulator.books.requests
    assert (good.at, good.method, good.endpoint, good.shop_id, good.code) == (
        clock.now,
        "GET",
        DETAIL,
        caller.shop.id,
        0,
    )
    assert (bad.code, bad.status, bad.shop_id) == (106001, 401, None)
    assert token.code == 36004005
    assert all(record.query.keys() <= {"app_key", "timestamp", "ids", "grant_type"} for record in (good, bad, token))
    assert simulator.books.count(DETAIL) == 2
    assert simulator.books.count(DETAIL, caller.shop.id) == 1
    assert simulator.books.counts()[DETAIL, caller.shop.id] == 1


def test_an_endpoint_is_counted_with_its_ids_left_open(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    caller.ship(ready_order)
    assert simulator.books.count("/fulfillment/202309/orders/<order_id>/packages", caller.shop.id) == 1


@pytest.mark.enable_socket
def test_over_sockets_a_lost_answer_is_a_broken_connection(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    with serve(simulator) as server, httpx.Client(base_url=server.url, timeout=5) as client:
        caller.client = client
        assert caller.code("GET", DETAIL, query={"ids": "1"}) == 0
        simulator.faults.add(Fault.LOST_AFTER, "/packages")
        with pytest.raises(httpx.RemoteProtocolError):
            caller.ship(ready_order)
        assert caller.order(ready_order)["status"] == "AWAITING_COLLECTION"
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, timeout=5)


@pytest.mark.enable_socket
def test_over_sockets_many_callers_ship_an_order_once(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    with serve(simulator) as server, httpx.Client(base_url=server.url, timeout=10) as client:
        caller.client = client
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda _: caller.ship_code(ready_order), range(16)))
    assert sorted(codes) == [0] + [21011020] * 15
    assert len(simulator.books.shipments_of(ready_order)) == 1
    assert 1 <= simulator.books.max_concurrent <= 8
    assert simulator.books.max_per_second == 16
