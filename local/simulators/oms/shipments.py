"""The list of shipments behind its cursor."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from local.simulators.oms.paging import page_of
from local.simulators.oms.records import Shipment
from local.simulators.oms.state import State


def page(state: State, query: Mapping[str, str], largest_page: int) -> dict[str, Any]:
    """One shop's shipments after the cursor, in the order in which they were recorded."""
    of_shop = [each for each in state.shipments if state.orders[each.tiktok_order_id].shop_id == query["shop_id"]]
    shown, following = page_of(of_shop, query, largest_page, name="shipments")
    return {"shipments": [_describe(state, shipment) for shipment in shown]} | following


def _describe(state: State, shipment: Shipment) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [{"tiktok_line_id": line} for line in shipment.lines]
    if shipment.by_sku:
        skus = {line.id: line.sku for line in state.orders[shipment.tiktok_order_id].lines}
        units = Counter(skus[line] for line in shipment.lines)
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    return {
        "id": shipment.id,
        "tiktok_order_id": shipment.tiktok_order_id,
        "carrier": shipment.carrier,
        "shipping_class": shipment.shipping_class,
        "tracking_number": shipment.tracking_number,
        "shipped_at": shipment.shipped_at.isoformat(),
        "lines": lines,
    }
