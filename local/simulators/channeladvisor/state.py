"""All that the simulated ChannelAdvisor remembers, behind one lock."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.channeladvisor.entities import Adjustment, Fulfillment, Item, ItemAdjustment, Order
from local.simulators.channeladvisor.refusals import unknown

_FIRST_IDS = {
    "Order": 4100001,
    "OrderItem": 8800001,
    "Fulfillment": 6600001,
    "FulfillmentItem": 9900001,
    "OrderAdjustment": 5500001,
    "OrderItemAdjustment": 5800001,
    "OrderItemPromotion": 7700001,
}


@dataclass(slots=True, eq=False)
class Account:
    """One ChannelAdvisor account: what one refresh token covers."""

    name: str
    refresh_token: str
    profiles: set[int]
    carriers: set[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it was answered; the query never holds a token."""

    at: datetime
    application: str
    account: str
    method: str
    path: str
    query: str
    status: int


@dataclass(slots=True, eq=False)
class State:
    """Orders, accounts and the log. Every read and write happens under `lock`."""

    clock: Callable[[], datetime]
    doubts: Doubts
    adjustment_time: timedelta
    index_delay: timedelta = timedelta(0)
    lock: RLock = field(default_factory=RLock)
    accounts: dict[str, Account] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    by_site_id: dict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))
    fulfillments: dict[int, tuple[Order, Fulfillment]] = field(default_factory=dict)
    exports: set[tuple[str, int]] = field(default_factory=set)
    catalogue: dict[str, str] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    adjustments: dict[int, tuple[Order, Adjustment]] = field(default_factory=dict)
    adjusting: list[Order] = field(default_factory=list)
    failing_adjustments: set[int] = field(default_factory=set)
    requests: list[LoggedRequest] = field(default_factory=list)
    _counters: dict[str, "count[int]"] = field(
        default_factory=lambda: {name: count(first) for name, first in _FIRST_IDS.items()}
    )

    def next_id(self, type_name: str) -> int:
        """The next ID of an entity type."""
        return next(self._counters[type_name])

    def product_id(self, sku: str) -> int:
        """One product per SKU."""
        return self.products.setdefault(sku, 700001 + len(self.products))

    def add(self, order: Order) -> None:
        """Enter a new order and make it findable by both of its site ids."""
        self.orders[order["ID"]] = order
        self.items |= {item["ID"]: item for item in order.items}
        for site_id in {order["SiteOrderID"], order["SecondarySiteOrderID"]} - {None}:
            self.by_site_id[site_id].append(order)

    def keep(self, order: Order, fulfillment: Fulfillment) -> None:
        """Add a fulfilment to its order."""
        order.fulfillments.append(fulfillment)
        self.fulfillments[fulfillment["ID"]] = (order, fulfillment)

    def discard(self, order: Order, fulfillment: Fulfillment) -> None:
        """Remove a fulfilment from its order."""
        order.fulfillments.remove(fulfillment)
        del self.fulfillments[fulfillment["ID"]]

    def enter(self, order: Order, adjustment: Adjustment) -> None:
        """Add an adjustment to its order, or to its item."""
        if isinstance(adjustment, ItemAdjustment):
            self.items[adjustment["OrderItemID"]].adjustments.append(adjustment)
        else:
            order.adjustments.append(adjustment)
        self.adjustments[adjustment["ID"]] = (order, adjustment)

    def order_of(self, account: Account, order_id: int) -> Order:
        """The order if this account may see it, else 404."""
        order = self.orders.get(order_id)
        if order is None or order["ProfileID"] not in account.profiles:
            raise unknown()
        return order

    def item_of(self, account: Account, item_id: int) -> Item:
        """The item if this account may see its order, else 404."""
        item = self.items.get(item_id)
        if item is None or item["ProfileID"] not in account.profiles:
            raise unknown()
        return item

    def fulfillment_of(self, account: Account, fulfillment_id: int) -> tuple[Order, Fulfillment]:
        """The fulfilment with its order if this account may see it, else 404."""
        found = self.fulfillments.get(fulfillment_id)
        if found is None or found[0]["ProfileID"] not in account.profiles:
            raise unknown()
        return found

    def adjustment_of(self, account: Account, kind: type[Adjustment], adjustment_id: int) -> tuple[Order, Adjustment]:
        """The adjustment of this entity set with its order if this account may see it, else 404."""
        found = self.adjustments.get(adjustment_id)
        if found is None or type(found[1]) is not kind or found[0]["ProfileID"] not in account.profiles:
            raise unknown()
        return found

    def orders_since(self, moment: datetime | None) -> list[Order]:
        """Orders with changes at that moment or later; all without one."""
        orders = self.orders.values()
        return list(orders) if moment is None else [each for each in orders if each.fields["UpdatedDateUtc"] >= moment]

    def listed(self, account: Account, candidates: Iterable[Order]) -> list[Order]:
        """Those of the candidates that a list shows to this account now, by ID."""
        now = self.clock()
        visible = [each for each in candidates if each["ProfileID"] in account.profiles and each.listed_from <= now]
        return sorted(visible, key=lambda order: int(order["ID"]))


def touch(order: Order, moment: datetime) -> None:
    """Every change of an order moves its UpdatedDateUtc, never backwards."""
    order["UpdatedDateUtc"] = max(moment, order["UpdatedDateUtc"] or moment)


def set_shipping_status(order: Order, status: str, moment: datetime) -> None:
    """Change the ShippingStatus; ShippingDateUtc is the moment of its last change (CA 3.2)."""
    if order["ShippingStatus"] != status:
        order["ShippingStatus"] = status
        order["ShippingDateUtc"] = moment


def follow_items(order: Order, moment: datetime) -> None:
    """Derive ShippingStatus from what was shipped and cancelled."""
    shipped = any(item.shipped for item in order.items)
    open_items = [item for item in order.items if item.unshipped > 0]
    if open_items and shipped:
        set_shipping_status(order, "PartiallyShipped", moment)
    elif open_items and order["ShippingStatus"] in ("Shipped", "PartiallyShipped"):
        set_shipping_status(order, "Unshipped", moment)
    elif not open_items:
        set_shipping_status(order, "Shipped" if shipped else "Canceled", moment)
