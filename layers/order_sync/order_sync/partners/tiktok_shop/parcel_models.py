"""TikTok Shop's payloads about parcels: carriers, delivery options, packages and splits (TT 3)."""

from typing import Annotated

from order_sync.partners.tiktok_shop.models import Flag, Id, Payload, Text, absent_as


class ProviderItem(Payload):
    """A carrier that TikTok offers for a delivery option."""

    id: Id
    name: str


class ProvidersData(Payload):
    """The carriers of a delivery option."""

    shipping_providers: tuple[ProviderItem, ...]


class WarehouseItem(Payload):
    """A warehouse of the shop: SALES_WAREHOUSE or RETURN_WAREHOUSE."""

    id: Id
    type: Text = ""


class WarehousesData(Payload):
    """The warehouses of a shop."""

    warehouses: Annotated[tuple[WarehouseItem, ...], absent_as(())] = ()


class DeliveryOptionItem(Payload):
    """A way to deliver."""

    id: Id
    name: Text = ""


class DeliveryOptionsData(Payload):
    """The delivery options of a warehouse."""

    delivery_options: Annotated[tuple[DeliveryOptionItem, ...], absent_as(())] = ()


class ShipWarning(Payload):
    """A doubt about a tracking number that was accepted."""

    message: Text = ""


class ShippedData(Payload):
    """A parcel that TikTok took."""

    package_id: Id
    warning: ShipWarning | None = None


class SplitAttributesItem(Payload):
    """Whether an order can go, or has to go, in several packages."""

    order_id: Id
    can_split: Flag = False
    reason: Text = ""
    must_split: Flag = False


class SplitAttributesData(Payload):
    """The same of the orders that were asked for."""

    split_attributes: Annotated[tuple[SplitAttributesItem, ...], absent_as(())] = ()
