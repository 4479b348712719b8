"""What ChannelAdvisor holds: orders with their items, fulfilments and adjustments."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from local.simulators.channeladvisor.edm import (
    ADJUSTMENT,
    FULFILLMENT,
    FULFILLMENT_ITEM,
    ITEM_ADJUSTMENT,
    ITEM_ATTRIBUTE,
    ORDER,
    ORDER_ITEM,
    PROMOTION,
    Property,
)
from local.simulators.channeladvisor.refusals import no_property


@dataclass(slots=True, eq=False)
class Entity:
    """Named fields of one type; a field that was never set reads as null."""

    TYPE: ClassVar[str] = ""
    PROPERTIES: ClassVar[Mapping[str, Property]] = {}
    NAVIGATIONS: ClassVar[Mapping[str, "type[Entity]"]] = {}

    fields: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.fields.get(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.fields[name] = value

    def children(self, navigation: str) -> "Sequence[Entity]":
        """The entities behind a navigation; refused when the type has none of this name."""
        raise no_property(navigation, self.TYPE)


@dataclass(slots=True, eq=False)
class Promotion(Entity):
    """A discount on one item."""

    TYPE: ClassVar[str] = "OrderItemPromotion"
    PROPERTIES: ClassVar[Mapping[str, Property]] = PROMOTION


@dataclass(slots=True, eq=False)
class ItemAttribute(Entity):
    """A name and a value that travel with an item."""

    TYPE: ClassVar[str] = "OrderItemAttributeValue"
    PROPERTIES: ClassVar[Mapping[str, Property]] = ITEM_ATTRIBUTE


@dataclass(slots=True, eq=False)
class Adjustment(Entity):
    """A cancellation or refund, asked for or made; `units` are what it is about, by item ID."""

    TYPE: ClassVar[str] = "OrderAdjustment"
    PROPERTIES: ClassVar[Mapping[str, Property]] = ADJUSTMENT

    units: dict[int, int] = field(default_factory=dict)
    steps: list[tuple[datetime, str]] = field(default_factory=list)
    """The RequestStatus values still to come, with their moments."""
    prevents_site_processing: bool = False
    """The marketplace is not told (CA 4.5)."""
    refund_only: bool = False
    """The caller asked for a refund in so many words."""
    holds_units: bool = False
    """Its units can neither ship nor be cancelled again, until it ends in Error."""


@dataclass(slots=True, eq=False)
class ItemAdjustment(Adjustment):
    """The same of units of one item: another collection, another entity set (CA 3.5)."""

    TYPE: ClassVar[str] = "OrderItemAdjustment"
    PROPERTIES: ClassVar[Mapping[str, Property]] = ITEM_ADJUSTMENT


@dataclass(slots=True, eq=False)
class FulfillmentItem(Entity):
    """Units of one item in one fulfilment."""

    TYPE: ClassVar[str] = "FulfillmentItem"
    PROPERTIES: ClassVar[Mapping[str, Property]] = FULFILLMENT_ITEM


@dataclass(slots=True, eq=False)
class Fulfillment(Entity):
    """A shipment, made or still to be made."""

    TYPE: ClassVar[str] = "Fulfillment"
    PROPERTIES: ClassVar[Mapping[str, Property]] = FULFILLMENT
    NAVIGATIONS: ClassVar[Mapping[str, type[Entity]]] = {"Items": FulfillmentItem}

    items: list[FulfillmentItem] = field(default_factory=list)
    shipped_by_edit: bool = False
    """An integrator's PATCH or PUT shipped it, not the Ship action (CA 4.4)."""

    @property
    def units(self) -> Counter[int]:
        """What it holds, by item ID."""
        units = Counter[int]()
        for part in self.items:
            units[part["OrderItemID"]] += part["Quantity"]
        return units

    @property
    def shipped(self) -> bool:
        """Every DeliveryStatus but these two means that the parcel left (CA 4.4)."""
        return self["DeliveryStatus"] not in ("NoChange", "Canceled")

    @property
    def open(self) -> bool:
        """Still to be shipped."""
        return bool(self["DeliveryStatus"] == "NoChange")

    def children(self, navigation: str) -> Sequence[Entity]:
        """Items only."""
        if navigation == "Items":
            return self.items
        return Entity.children(self, navigation)


@dataclass(slots=True, eq=False)
class Item(Entity):
    """One SKU of an order with its quantity."""

    TYPE: ClassVar[str] = "OrderItem"
    PROPERTIES: ClassVar[Mapping[str, Property]] = ORDER_ITEM
    NAVIGATIONS: ClassVar[Mapping[str, type[Entity]]] = {
        "FulfillmentItems": FulfillmentItem,
        "Promotions": Promotion,
        "Adjustments": ItemAdjustment,
        "OrderItemAttributes": ItemAttribute,
        "BundleComponents": Entity,
    }

    order: "Order"
    promotions: list[Promotion] = field(default_factory=list)
    attributes: list[ItemAttribute] = field(default_factory=list)
    adjustments: list[ItemAdjustment] = field(default_factory=list)
    canceled: int = 0

    @property
    def shipped(self) -> int:
        """Units in fulfilments that left."""
        return sum(
            part["Quantity"] for parcel in self.order.fulfillments if parcel.shipped for part in self._parts(parcel)
        )

    @property
    def unshipped(self) -> int:
        """Units that can still be shipped or cancelled."""
        return int(self["Quantity"]) - self.shipped - self.canceled

    def _parts(self, parcel: Fulfillment) -> list[FulfillmentItem]:
        return [part for part in parcel.items if part["OrderItemID"] == self["ID"]]

    def children(self, navigation: str) -> Sequence[Entity]:
        """FulfillmentItems are found through the order's fulfilments, the rest is the item's own."""
        match navigation:
            case "FulfillmentItems":
                return [part for parcel in self.order.fulfillments for part in self._parts(parcel)]
            case "Promotions":
                return self.promotions
            case "Adjustments":
                return self.adjustments
            case "OrderItemAttributes":
                return self.attributes
            case "BundleComponents":
                return ()
            case _:
                return Entity.children(self, navigation)


@dataclass(slots=True, eq=False)
class Order(Entity):
    """An order of any site."""

    TYPE: ClassVar[str] = "Order"
    PROPERTIES: ClassVar[Mapping[str, Property]] = ORDER
    NAVIGATIONS: ClassVar[Mapping[str, type[Entity]]] = {
        "Items": Item,
        "Fulfillments": Fulfillment,
        "Adjustments": Adjustment,
        "CustomFields": Entity,
        "OrderAttributes": Entity,
        "ChannelDocuments": Entity,
    }

    listed_from: datetime
    """From this moment a list shows the order; reading it by ID works at once."""
    asked_for_as: str = ""
    """The SiteOrderID that the creator sent, wherever it ended up."""
    items: list[Item] = field(default_factory=list)
    fulfillments: list[Fulfillment] = field(default_factory=list)
    deleted_fulfillments: list[Fulfillment] = field(default_factory=list)
    """As they stood when they were deleted, oldest first."""
    adjustments: list[Adjustment] = field(default_factory=list)

    @property
    def every_adjustment(self) -> list[Adjustment]:
        """Those of the order and those of its items."""
        return [*self.adjustments, *(each for item in self.items for each in item.adjustments)]

    def children(self, navigation: str) -> Sequence[Entity]:
        """Order-level adjustments are apart from those of the items (CA 3.5)."""
        match navigation:
            case "Items":
                return self.items
            case "Fulfillments":
                return self.fulfillments
            case "Adjustments":
                return self.adjustments
            case "CustomFields" | "OrderAttributes" | "ChannelDocuments":
                return ()
            case _:
                return Entity.children(self, navigation)
