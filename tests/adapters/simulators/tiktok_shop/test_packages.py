import pytest

from local.simulators.tiktok_shop import TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

SEARCH = "/fulfillment/202309/packages/search"


def test_packages_are_searched_like_orders(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, ready_order: str, clock: Clock
) -> None:
    first, *rest = simulator.line_ids(ready_order)
    one = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [first])
    clock.pass_time(seconds=1)
    two = simulator.ship_in_seller_center(ready_order, "SECOND-1", "FedEx", rest)
    data = caller.data("POST", SEARCH, query={"page_size": "50"}, body={})
    assert ([package["id"] for package in data["packages"]], data["total_count"]) == ([two, one], 2)
    newest = data["packages"][0]
    assert (newest["status"], newest["shipping_provider_name"]) == ("PROCESSING", "FedEx")
    assert newest["order_line_item_ids"] == rest
    assert [(o["id"], [sku["quantity"] for sku in o["skus"]]) for o in newest["orders"]] == [(ready_order, [1, 1])]
    page = caller.data("POST", SEARCH, query={"page_size": "1", "sort_order": "ASC"}, body={})
    assert [package["id"] for package in page["packages"]] == [one]
    query = {"page_size": "1", "sort_order": "ASC", "page_token": page["next_page_token"]}
    assert [package["id"] for package in caller.data("POST", SEARCH, query=query, body={})["packages"]] == [two]
    later = caller.data("POST", SEARCH, query={"page_size": "50"}, body={"create_time_ge": clock.seconds})
    assert [package["id"] for package in later["packages"]] == [two]
    assert uk_caller.data("POST", SEARCH, query={"page_size": "50"}, body={})["packages"] == []


@pytest.mark.parametrize("query", [{}, {"page_size": "51"}, {"page_size": "50", "sort_field": "id"}])
def test_a_package_search_outside_the_contract_is_refused(caller: Caller, query: dict[str, str]) -> None:
    assert caller.code("POST", SEARCH, query=query, body={}) == 36009004


def test_a_package_is_followed_to_its_delivery(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    package_id = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS")
    path = f"/fulfillment/202309/packages/{package_id}"
    seen = [caller.data("GET", path)["package_status"]]
    for step in (simulator.collect, simulator.deliver):
        step(package_id)
        seen.append(caller.data("GET", path)["package_status"])
    assert seen == ["PROCESSING", "FULFILLING", "COMPLETED"]
    detail = caller.data("GET", path)
    assert (detail["tracking_number"], detail["has_multi_skus"]) == ("FIRST-1", True)


def test_a_package_of_nobody_or_of_another_shop_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, ready_order: str
) -> None:
    package_id = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS")
    assert caller.code("GET", "/fulfillment/202309/packages/1") == 21011001
    assert uk_caller.code("GET", f"/fulfillment/202309/packages/{package_id}") == 21011028
