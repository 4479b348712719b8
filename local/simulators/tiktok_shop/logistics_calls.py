"""What a shop ships from and by: warehouses, delivery options and shipping providers (TT 3)."""

from local.simulators.tiktok_shop.calls import Call, Json, query_choice
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import business, invalid
from local.simulators.tiktok_shop.shops import DeliveryOption, Shop, Warehouse

SCOPES = ("WAREHOUSE", "PRODUCT")


def warehouses(call: Call) -> Json:
    """GET /logistics/202309/warehouses."""
    return {"warehouses": [_warehouse(call.shop, each) for each in call.shop.warehouses.values()]}


def delivery_options(call: Call) -> Json:
    """GET /logistics/202309/warehouses/{warehouse_id}/delivery_options."""
    query_choice(call, "scope", SCOPES, SCOPES[0])
    warehouse = call.shop.warehouses.get(call.path["warehouse_id"])
    if warehouse is None:
        # No code is documented for it.
        raise invalid("Invalid warehouse_id. The shop has no such warehouse")
    options = [call.shop.delivery_options[option_id] for option_id in warehouse.option_ids]
    return {"delivery_options": [_option(each, call.state.doubts) for each in options]}


def shipping_providers(call: Call) -> Json:
    """GET /logistics/202309/delivery_options/{delivery_option_id}/shipping_providers."""
    option = call.shop.delivery_options.get(call.path["delivery_option_id"])
    if option is None:
        raise business(21008116)
    if option.shipped_by_tiktok:
        raise business(21008117)
    providers = option.providers.values()
    return {"shipping_providers": [{"id": provider.id, "name": provider.name} for provider in providers]}


def _warehouse(shop: Shop, warehouse: Warehouse) -> Json:
    return {
        "id": warehouse.id,
        "entity_id": warehouse.id,
        "name": warehouse.name,
        "effect_status": warehouse.effect_status,
        "type": warehouse.type,
        "sub_type": "DOMESTIC_WAREHOUSE",
        "is_default": warehouse.id == shop.warehouse_id,
        "address": {
            "region": shop.region.country,
            "region_code": shop.region.code,
            "city": "Example City",
            "contact_person": "Example Seller",
            "address_line1": "1 Warehouse Road",
            "full_address": f"{shop.region.country}, Example City, 1 Warehouse Road",
        },
    }


def _option(option: DeliveryOption, doubts: Doubts) -> Json:
    return {
        "id": option.id,
        "name": option.name,
        "type": "STANDARD" if option.shipped_by_tiktok else doubts.sellers_option_type,
        "description": option.name,
        "dimension_limit": {"max_height": 40, "max_length": 60, "max_width": 40, "unit": "INCH"},
        "weight_limit": {"max_weight": 70, "min_weight": 0, "unit": "POUND"},
        "platform": ["TIKTOK_SHOP"],
    }
