"""What people do in ChannelAdvisor's own screens, and sellers' systems beside ours: no HTTP, at once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.channeladvisor.adjusting import adjust_order
from local.simulators.channeladvisor.adjusting_items import cancel_units, refund_units
from local.simulators.channeladvisor.editing import edit_order
from local.simulators.channeladvisor.fulfillments import change_fulfillment, delete_fulfillment, split
from local.simulators.channeladvisor.shipping import ship
from local.simulators.channeladvisor.state import Account, State, set_shipping_status, touch


class ActionsByHand:
    """Orders and fulfilments are named by their numbers. What ChannelAdvisor does not allow raises RefusedError."""

    _state: State

    def ship_by_hand(
        self,
        order: int,
        carrier: str,
        shipping_class: str,
        tracking_number: str,
        *,
        items: Mapping[str, int] | None = None,
    ) -> int:
        """A person ships: the fulfilment's ID. `items` are quantities by SKU, none: the whole rest."""
        value: dict[str, Any] = {
            "ShippingCarrier": carrier,
            "ShippingClass": shipping_class,
            "TrackingNumber": tracking_number,
            "DeliveryStatus": "Complete",
        }
        if items is not None:
            value["Items"] = [{"Sku": sku, "Quantity": quantity} for sku, quantity in items.items()]
        with self._state.lock:
            found = self._state.orders[order]
            return int(ship(self._state, self._account_of(found["ProfileID"]), found, {"Value": value})["ID"])

    def cancel_by_hand(self, order: int, *, reason: str = "GeneralAdjustment") -> None:
        """A person cancels the unshipped order in ChannelAdvisor: done at once."""
        with self._state.lock:
            adjust_order(self._state, self._state.orders[order], {"Reason": reason}, source="UserInterface")

    def cancel_units_by_hand(self, order: int, units: Mapping[str, int], *, reason: str = "GeneralAdjustment") -> None:
        """A person cancels unshipped units, quantities by SKU: done at once. Raises ValueError when fewer are left."""
        with self._state.lock:
            cancel_units(self._state, self._state.orders[order], units, reason)

    def refund_by_hand(
        self, order: int, *, amount: Decimal | None = None, reason: str = "CustomerReturnedItem"
    ) -> None:
        """A person refunds what is shipped of the order as a whole, or so much of it: done at once."""
        with self._state.lock:
            payload = {"Reason": reason, "RefundOnly": True, "AdjustmentAmount": amount}
            adjust_order(self._state, self._state.orders[order], payload, source="UserInterface")

    def refund_units_by_hand(
        self,
        order: int,
        units: Mapping[str, int],
        *,
        amount: Decimal | None = None,
        reason: str = "CustomerReturnedItem",
    ) -> None:
        """A person refunds shipped units, quantities by SKU: done at once. Raises ValueError when fewer are shipped.

        Without an amount all that was paid for them, with one so much for the units of one item.
        """
        with self._state.lock:
            refund_units(self._state, self._state.orders[order], units, amount, reason)

    def write_private_notes(self, order: int, text: str | None) -> None:
        """A person writes notes that the buyer does not see, in place of those that stand there."""
        with self._state.lock:
            edit_order(self._state, self._state.orders[order], {"PrivateNotes": text})

    def set_pending_shipment(self, order: int) -> None:
        """The seller's own system starts on the order inside ChannelAdvisor."""
        with self._state.lock:
            edit_order(self._state, self._state.orders[order], {"ShippingStatus": "PendingShipment"})

    def set_seller_order_id(self, order: int, number: str) -> None:
        """The seller's own system writes its number on the order."""
        with self._state.lock:
            edit_order(self._state, self._state.orders[order], {"SellerOrderID": number})

    def set_third_party_managed(self, order: int) -> None:
        """The account lets somebody else fulfil this order: Ship and Adjust are refused from now on."""
        with self._state.lock:
            now = self._state.clock()
            found = self._state.orders[order]
            set_shipping_status(found, "ThirdPartyManaged", now)
            touch(found, now)

    def lose(self, order: int) -> None:
        """Somebody deletes an order, or moves it where this account does not see it."""
        with self._state.lock:
            gone = self._state.orders.pop(order)
            for orders in self._state.by_site_id.values():
                orders[:] = [each for each in orders if each is not gone]

    def reopen(self, order: int) -> None:
        """A backup is restored: the order stands as before its cancellation, of which nothing is left."""
        with self._state.lock:
            found = self._state.orders[order]
            found.adjustments.clear()
            for item in found.items:
                item.adjustments.clear()
                item.canceled = 0
            set_shipping_status(found, "Unshipped", self._state.clock())

    def change_fulfillment_by_hand(
        self,
        fulfillment: int,
        *,
        tracking_number: str | None = None,
        carrier: str | None = None,
        shipping_class: str | None = None,
    ) -> None:
        """A person corrects a fulfilment, shipped or not, and leaves its DeliveryStatus as it is."""
        with self._state.lock:
            order, found = self._state.fulfillments[fulfillment]
            entered = {
                "TrackingNumber": tracking_number,
                "ShippingCarrier": carrier,
                "ShippingClass": shipping_class,
                "DeliveryStatus": found["DeliveryStatus"],
            }
            fields = {name: text for name, text in entered.items() if text is not None}
            change_fulfillment(self._state, self._account_of(order["ProfileID"]), order, found, fields)

    def delete_fulfillment_by_hand(self, fulfillment: int) -> None:
        """A person deletes a fulfilment: what it held is still to be shipped."""
        with self._state.lock:
            delete_fulfillment(self._state, *self._state.fulfillments[fulfillment])

    def split_by_hand(self, order: int, *parts: Mapping[str, int]) -> tuple[int, ...]:
        """A person gives each part, quantities by SKU, a fulfilment of its own, still to be shipped: their IDs."""
        with self._state.lock:
            return tuple(int(each["ID"]) for each in split(self._state, self._state.orders[order], parts))

    def _account_of(self, profile: int) -> Account:
        for account in self._state.accounts.values():
            if profile in account.profiles:
                return account
        raise ValueError(f"no account has profile {profile}")
