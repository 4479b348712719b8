"""The delivery options of a shop, over all of its warehouses (TT 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from order_sync.partners.tiktok_shop.gateway import Gateway
from order_sync.partners.tiktok_shop.parcel_models import DeliveryOptionsData, WarehousesData

_FOR_RETURNS: Final = "RETURN_WAREHOUSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOption:
    """A way to deliver that buyers of a shop can choose."""

    id: str
    name: str


def offered_options(gateway: Gateway) -> Iterator[DeliveryOption]:
    """Every delivery option of every warehouse that sends goods, once.

    Neither the type of an option nor anything else here tells who ships by it: its list of providers does.
    """
    seen = set()
    for warehouse in _sending_warehouses(gateway):
        operation = "read delivery options"
        path = f"/logistics/202309/warehouses/{quote(warehouse, safe='')}/delivery_options"
        answer = gateway.read(operation, "GET", path)
        for option in gateway.data(DeliveryOptionsData, operation, answer).delivery_options:
            if option.id not in seen:
                seen.add(option.id)
                yield DeliveryOption(id=option.id, name=option.name)


def _sending_warehouses(gateway: Gateway) -> list[str]:
    operation = "read warehouses"
    answer = gateway.read(operation, "GET", "/logistics/202309/warehouses")
    data = gateway.data(WarehousesData, operation, answer)
    return [warehouse.id for warehouse in data.warehouses if warehouse.type != _FOR_RETURNS]
