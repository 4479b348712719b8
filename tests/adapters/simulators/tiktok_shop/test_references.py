from typing import Any

import pytest

from local.simulators.tiktok_shop import TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller

ADD, SEARCH = "/order/202406/orders/external_orders", "/order/202406/orders/external_order_search"


def entry(order_id: str, lines: list[str], external_id: str = "12345", platform: str = "CHANNEL_ADVISOR") -> Any:
    items = [{"id": f"ca-{number}", "origin_id": line} for number, line in enumerate(lines)]
    return {"id": order_id, "external_order": {"id": external_id, "platform": platform, "line_items": items}}


def test_a_reference_is_set_read_and_found(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    lines = simulator.line_ids(ready_order)
    given = entry(ready_order, lines)
    assert caller.data("POST", ADD, body={"orders": [given]}) == {}
    path = f"/order/202406/orders/{ready_order}/external_orders"
    read = caller.data("GET", path, query={"platform": "CHANNEL_ADVISOR"})
    assert read == {"external_orders": [given["external_order"]]}
    assert caller.data("GET", path, query={"platform": "ERP_SYSTEM"}) == {"external_orders": []}
    found = caller.data("POST", SEARCH, query={"platform": "CHANNEL_ADVISOR", "external_order_id": "12345"})
    assert found == {"orders": [given]}


def test_a_second_reference_of_a_platform_replaces_the_first(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    lines = simulator.line_ids(ready_order)
    for platform, external_id in (("CHANNEL_ADVISOR", "1"), ("CHANNEL_ADVISOR", "2"), ("ORDER_MANAGEMENT_SYSTEM", "3")):
        caller.data("POST", ADD, body={"orders": [entry(ready_order, lines, external_id, platform)]})
    assert simulator.books.references_of(ready_order) == {"CHANNEL_ADVISOR": "2", "ORDER_MANAGEMENT_SYSTEM": "3"}
    assert len(simulator.books.references) == 3
    query = {"platform": "CHANNEL_ADVISOR", "external_order_id": "1"}
    assert caller.data("POST", SEARCH, query=query) == {"orders": []}


def test_what_fails_stands_in_errors_at_code_0_and_the_rest_is_done(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, ready_order: str
) -> None:
    lines = simulator.line_ids(ready_order)
    foreign = uk_caller.data("POST", ADD, body={"orders": [entry(ready_order, lines)]})
    assert [error["code"] for error in foreign["errors"]] == ["36020001"]
    body = {"orders": [entry("576", ["1"]), entry(ready_order, lines)]}
    (error,) = caller.data("POST", ADD, body=body)["errors"]
    assert error == {
        "code": "36020001",
        "message": "Invalid order_id",
        "detail": {"order_id": "576", "external_order": {"id": "12345", "platform": "CHANNEL_ADVISOR"}},
    }
    assert simulator.books.references_of(ready_order) == {"CHANNEL_ADVISOR": "12345"}


def test_a_line_of_another_order_fails(caller: Caller, ready_order: str) -> None:
    (error,) = caller.data("POST", ADD, body={"orders": [entry(ready_order, ["1"])]})["errors"]
    assert error["detail"]["order_id"] == ready_order


@pytest.mark.parametrize(
    "orders",
    [
        [],
        [entry("1", ["1"])] * 101,
        [entry("1", ["1"], platform="RITHUM")],
        [entry("1", [])],
        [entry("1", ["1"] * 101)],
        [entry("", ["1"])],
        [entry("1", ["1"], external_id="")],
        [{"id": "1"}],
        ["1"],
    ],
)
def test_a_call_outside_the_contract_is_refused_as_a_whole(caller: Caller, orders: list[object]) -> None:
    assert caller.code("POST", ADD, body={"orders": orders}) == 36009004


def test_reading_needs_a_platform_and_an_order(caller: Caller, ready_order: str) -> None:
    path = f"/order/202406/orders/{ready_order}/external_orders"
    assert caller.code("GET", path) == 36009004
    other = "/order/202406/orders/1/external_orders"
    assert caller.code("GET", other, query={"platform": "ERP_SYSTEM"}) == 36020001
