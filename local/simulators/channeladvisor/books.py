"""The simulated ChannelAdvisor's own books: what really happened here, for checks."""

from collections import Counter
from typing import Any

from local.simulators.channeladvisor.creating import CHECKOUT_DIRECT, reconciled_total
from local.simulators.channeladvisor.entities import Adjustment, Entity, Order
from local.simulators.channeladvisor.limits import Limits
from local.simulators.channeladvisor.refund_books import BookedRefund, refunds_of
from local.simulators.channeladvisor.settling import advance
from local.simulators.channeladvisor.state import LoggedRequest, State

Snapshot = dict[str, Any]
"""An entity's fields and children under their wire names; times are datetime, money is Decimal."""


class Books:
    """Copies of the state; reading them changes nothing."""

    def __init__(self, state: State, limits: Limits) -> None:
        self._state = state
        self._limits = limits

    def order(self, order_id: int) -> Snapshot:
        """One order with all of its children. Raises KeyError when there is none."""
        with self._state.lock:
            return _snapshot(self._state.orders[order_id])

    def orders(self) -> list[Snapshot]:
        """All orders of all sites and accounts, by ID."""
        with self._state.lock:
            return [_snapshot(order) for order in self._state.orders.values()]

    def orders_of_tiktok(self, tiktok_order_id: str) -> list[Snapshot]:
        """Every order that carries this id in either of its site id fields: one, if all is well."""
        with self._state.lock:
            found = self._state.by_site_id.get(tiktok_order_id, [])
            return [_snapshot(order) for order in sorted(found, key=lambda each: int(each["ID"]))]

    def created_by_api(self) -> list[Snapshot]:
        """The orders that an integrator created."""
        return [order for order in self.orders() if order["SiteID"] == CHECKOUT_DIRECT]

    def duplicates(self) -> dict[str, list[int]]:
        """IDs of the orders of one profile that share a site order id, by that id."""
        with self._state.lock:
            found: dict[str, list[int]] = {}
            for site_id, orders in self._state.by_site_id.items():
                per_profile = Counter(order["ProfileID"] for order in orders)
                twice = sorted(order["ID"] for order in orders if per_profile[order["ProfileID"]] > 1)
                if twice:
                    found[site_id] = twice
            return found

    def shipped_fulfillments(self, order_id: int) -> list[Snapshot]:
        """The parcels of an order that left."""
        with self._state.lock:
            return [_snapshot(parcel) for parcel in self._state.orders[order_id].fulfillments if parcel.shipped]

    def deleted_fulfillments(self, order_id: int) -> list[Snapshot]:
        """The fulfilments of an order that somebody deleted, as they stood then."""
        with self._state.lock:
            return [_snapshot(each) for each in self._state.orders[order_id].deleted_fulfillments]

    def accidental_shipments(self) -> list[Snapshot]:
        """Fulfilments that left because an integrator changed them, not because it said Ship (CA 4.4)."""
        with self._state.lock:
            orders = self._state.orders.values()
            return [_snapshot(each) for order in orders for each in order.fulfillments if each.shipped_by_edit]

    def adjustments(self, order_id: int) -> list[Snapshot]:
        """An order's adjustments of both levels, as they stand now, oldest first.

        Beside the wire fields: PreventSiteProcessing, RefundOnly as the caller sent them, and Units by OrderItemID.
        """
        with self._state.lock:
            advance(self._state)
            found = self._state.orders[order_id].every_adjustment
            return [_adjustment(each) for each in sorted(found, key=lambda each: each["CreatedDateUtc"])]

    def accidental_refunds(self) -> list[Snapshot]:
        """Refunds made by calls that did not say RefundOnly: meant as cancellations, but the units had left."""
        with self._state.lock:
            advance(self._state)
            found = [each for order in self._state.orders.values() for each in order.every_adjustment]
            return [
                _adjustment(each)
                for each in found
                if (each["Type"], each["CreatedSource"], each.refund_only) == ("Refund", "Api", False)
            ]

    def refunds(self, order_id: int | None = None) -> list[BookedRefund]:
        """The refunds of one order, or of all: also those that failed, or that a buyer only asks for."""
        with self._state.lock:
            advance(self._state)
            orders = self._state.orders.values() if order_id is None else [self._state.orders[order_id]]
            return [refund for order in orders for refund in refunds_of(order)]

    def repeated_seller_ids(self) -> dict[str, int]:
        """SellerFulfillmentIDs and SellerAdjustmentIDs used more than once on one order, with the count.

        One SellerAdjustmentID may stand on several items, and on a cancellation and a refund of the same call.
        """
        with self._state.lock:
            found: dict[str, int] = {}
            for order in self._state.orders.values():
                parcels = Counter(parcel["SellerFulfillmentID"] for parcel in order.fulfillments if parcel.shipped)
                adjustments = Counter(
                    (each["SellerAdjustmentID"], each["Type"], each["OrderItemID"]) for each in order.every_adjustment
                )
                found |= {name: times for name, times in parcels.items() if name and times > 1}
                found |= {name: times for (name, _, _), times in adjustments.items() if name and times > 1}
            return found

    def unreconciled(self) -> list[int]:
        """IDs of the orders whose TotalPrice is not the sum of its parts (CA 3.2)."""
        with self._state.lock:
            orders = self._state.orders.values()
            return [order["ID"] for order in orders if order["TotalPrice"] != reconciled_total(order)]

    def exported(self, application: str) -> frozenset[int]:
        """IDs of the orders that this application has marked."""
        with self._state.lock:
            return frozenset(order_id for marked_by, order_id in self._state.exports if marked_by == application)

    def requests(self, *, method: str = "", path: str = "") -> list[LoggedRequest]:
        """The requests so far, oldest first, of this method and with this text in the path."""
        with self._state.lock:
            return [each for each in self._state.requests if method in ("", each.method) and path in each.path]

    @property
    def highest_concurrency(self) -> int:
        """The most requests that one integration ever had in flight."""
        return self._limits.highest_concurrency

    @property
    def highest_per_minute(self) -> int:
        """The most requests that one account ever made within a minute."""
        return self._limits.highest_per_minute

    @property
    def refused_for_concurrency(self) -> int:
        """How often the concurrency limit answered 429."""
        return self._limits.refused_for_concurrency

    @property
    def refused_for_rate(self) -> int:
        """How often the limit per minute answered 429."""
        return self._limits.refused_for_rate


def _snapshot(entity: Entity) -> Snapshot:
    fields = {name: entity[name] for name in entity.PROPERTIES}
    children = {name: [_snapshot(child) for child in entity.children(name)] for name in entity.NAVIGATIONS}
    if isinstance(entity, Order):
        children["Adjustments"] = [
            _snapshot(each) | {"PreventSiteProcessing": each.prevents_site_processing} for each in entity.adjustments
        ]
    return fields | children


def _adjustment(found: Adjustment) -> Snapshot:
    return _snapshot(found) | {
        "PreventSiteProcessing": found.prevents_site_processing,
        "RefundOnly": found.refund_only,
        "Units": dict(found.units),
    }
