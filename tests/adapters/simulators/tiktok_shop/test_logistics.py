from collections.abc import Callable

import pytest

from local.simulators.tiktok_shop import DeliveryOption, Doubts, LineSpec, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller

TEE = [LineSpec("TEE", "20.00")]
WAREHOUSES = "/logistics/202309/warehouses"


def options_of(caller: Caller, warehouse: str) -> list[str]:
    options = caller.data("GET", f"{WAREHOUSES}/{warehouse}/delivery_options")["delivery_options"]
    return [option["name"] for option in options]


def providers_of(caller: Caller, option: DeliveryOption) -> dict[str, str]:
    path = f"/logistics/202309/delivery_options/{option.id}/shipping_providers"
    return {each["name"]: each["id"] for each in caller.data("GET", path)["shipping_providers"]}


def test_a_shop_has_a_warehouse_to_sell_from_and_one_for_returns(caller: Caller, ready_order: str) -> None:
    main, returns = caller.data("GET", WAREHOUSES)["warehouses"]
    assert (main["id"], main["type"], main["is_default"]) == (caller.shop.warehouse_id, "SALES_WAREHOUSE", True)
    assert caller.order(ready_order)["warehouse_id"] == main["id"]
    assert (returns["type"], returns["is_default"], returns["effect_status"]) == ("RETURN_WAREHOUSE", False, "ENABLED")
    assert (main["address"]["region_code"], main["sub_type"]) == ("US", "DOMESTIC_WAREHOUSE")
    assert options_of(caller, main["id"]) == ["Standard shipping", "TikTok shipping"]
    assert options_of(caller, returns["id"]) == []


def test_each_shop_has_its_own_warehouses(caller: Caller, uk_caller: Caller) -> None:
    ours = {each["id"] for each in caller.data("GET", WAREHOUSES)["warehouses"]}
    theirs = {each["id"] for each in uk_caller.data("GET", WAREHOUSES)["warehouses"]}
    assert not ours & theirs
    assert uk_caller.code("GET", f"{WAREHOUSES}/{caller.shop.warehouse_id}/delivery_options") == 36009004


def test_a_warehouse_serves_the_options_that_it_was_given(simulator: TikTokShopSimulator, caller: Caller) -> None:
    express = simulator.add_delivery_option(caller.shop, "Express")
    second = simulator.add_warehouse(caller.shop, "Second", [express], effect_status="RESTRICTED")
    assert options_of(caller, caller.shop.warehouse_id) == ["Standard shipping", "TikTok shipping", "Express"]
    assert options_of(caller, second.id) == ["Express"]
    shown = {each["name"]: each["effect_status"] for each in caller.data("GET", WAREHOUSES)["warehouses"]}
    assert shown["Second"] == "RESTRICTED"
    (option,) = caller.data("GET", f"{WAREHOUSES}/{second.id}/delivery_options")["delivery_options"]
    assert (option["id"], option["type"], option["platform"]) == (express.id, "STANDARD", ["TIKTOK_SHOP"])
    assert (option["weight_limit"]["unit"], option["dimension_limit"]["unit"]) == ("POUND", "INCH")


def test_the_type_of_the_seller_s_option_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]],
) -> None:
    _, caller = doubtful(Doubts(sellers_option_type="SEND_BY_SELLER"))
    path = f"{WAREHOUSES}/{caller.shop.warehouse_id}/delivery_options"
    shown = {each["name"]: each["type"] for each in caller.data("GET", path)["delivery_options"]}
    assert shown == {"Standard shipping": "SEND_BY_SELLER", "TikTok shipping": "STANDARD"}


@pytest.mark.parametrize(("scope", "code"), [("WAREHOUSE", 0), ("PRODUCT", 0), ("SHOP", 36009004)])
def test_options_are_asked_for_in_a_scope(caller: Caller, scope: str, code: int) -> None:
    path = f"{WAREHOUSES}/{caller.shop.warehouse_id}/delivery_options"
    assert caller.code("GET", path, query={"scope": scope}) == code


def test_a_carrier_is_withdrawn_from_one_option_and_stays_with_the_others(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    standard = caller.shop.option(shipped_by_tiktok=False)
    express = simulator.add_delivery_option(caller.shop, "Express")
    simulator.withdraw_provider(caller.shop, standard, "USPS")
    assert ("USPS" in providers_of(caller, standard), "USPS" in providers_of(caller, express)) == (False, True)
    assert caller.ship_code(ready_order) == 21011022
    order = simulator.place_order(caller.shop, TEE, hold=False, delivery_option=express)
    assert caller.ship_code(order) == 0
    simulator.offer_provider(caller.shop, standard, "USPS")
    assert providers_of(caller, standard) == providers_of(caller, express)


def test_a_new_carrier_is_offered_with_an_id_of_its_own(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    standard = caller.shop.option(shipped_by_tiktok=False)
    veho = simulator.offer_provider(caller.shop, standard, "Veho")
    assert providers_of(caller, standard)["Veho"] == veho
    assert caller.ship_code(ready_order, shipping_provider_id=veho) == 0
    other = simulator.place_order(caller.shop, TEE, hold=False)
    simulator.ship_in_seller_center(other, "VEHO-1", "Veho")
    assert [each.provider for each in simulator.books.shipments] == ["Veho", "Veho"]


def test_a_carrier_or_an_option_that_is_not_there_cannot_change(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller
) -> None:
    standard = caller.shop.option(shipped_by_tiktok=False)
    with pytest.raises(LookupError):
        simulator.withdraw_provider(caller.shop, standard, "Veho")
    with pytest.raises(LookupError):
        simulator.offer_provider(uk_caller.shop, standard, "EVRi")


def test_an_app_without_the_scope_may_not_see_warehouses(simulator: TikTokShopSimulator, caller: Caller) -> None:
    caller.token = simulator.authorize(caller.shop, scopes=["seller.order.info"]).access_token
    assert caller.code("GET", WAREHOUSES) == 105005
