"""The client of one ChannelAdvisor account for one shop's profile (CA 3, 4)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from order_sync.domain.errors import AlreadyDoneError, OutcomeUnknownError, RejectedError
from order_sync.domain.ids import OrderId, ParcelId
from order_sync.domain.orders import Parcel
from order_sync.domain.purchase import Purchase, Recipient
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.domain.statuses import ShippingStatus
from order_sync.partners.channeladvisor.addresses import shipping_address
from order_sync.partners.channeladvisor.calls import Calls
from order_sync.partners.channeladvisor.changes import ChangedOrders, OrdersPage
from order_sync.partners.channeladvisor.creating import (
    CHECKOUT_DIRECT,
    buyer_texts,
    creation_body,
    wire_time,
)
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.channeladvisor.models import FulfillmentPayload, OrderPayload
from order_sync.partners.channeladvisor.odata import Row, text, walk
from order_sync.partners.channeladvisor.seeing import has_left, parcel_id_of, unshipped_units
from order_sync.partners.channeladvisor.tokens import AccessTokens
from order_sync.partners.http import PartnerHttp
from order_sync.partners.unreadable import why_unreadable

LONGEST_SELLER_ORDER_ID: Final = 25
_PAID: Final = frozenset({"Cleared", "Deposited"})
_FOUND_FIELDS: Final = "ID,SiteID,PaymentStatus"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrder:
    """An order that ChannelAdvisor has."""

    id: str
    is_ours: bool
    """Created through the API (Checkout Direct). Else another link, such as Rithum's own, brought it."""
    paid: bool


class ChannelAdvisor:
    """One shop's orders in ChannelAdvisor. One thread at a time."""

    def __init__(
        self,
        http: PartnerHttp,
        credentials: AccountCredentials,
        settings: ChannelAdvisorSettings,
        *,
        now: Callable[[], datetime],
    ) -> None:
        """`now` decides only when the access token is renewed."""
        tokens = AccessTokens(http, credentials, account=settings.account, now=now)
        self._calls = Calls(http, tokens)
        self._settings = settings
        self._changed = ChangedOrders(self._calls, settings)

    def find_orders(self, tiktok_order_id: OrderId) -> tuple[FoundOrder, ...]:
        """Every order of this profile that carries TikTok's id in either of its fields (CA 9.13)."""
        literal = text(tiktok_order_id)
        start = self._calls.url(
            "/v1/Orders",
            filter=f"ProfileID eq {self._settings.profile_id} "
            f"and (SiteOrderID eq {literal} or SecondarySiteOrderID eq {literal})",
            select=_FOUND_FIELDS,
        )
        operation = f"look for order {tiktok_order_id}"
        return tuple(self._found(row, operation) for row in walk(self._get(operation), start, self._calls.base))

    def create_order(self, purchase: Purchase) -> FoundOrder:
        """Create an order as Checkout Direct (CA 4.8), in one call; `paid` says whether `mark_paid` must follow.

        Raises RejectedError for a purchase that cannot become an order, and when ChannelAdvisor refuses it.
        """
        body = creation_body(purchase, self._settings)
        operation = f"create order {purchase.order}"
        created = self._calls.write(operation, "POST", "/v1/Orders", body, private=buyer_texts(body))
        try:
            return self._found(created, operation)
        except RejectedError as error:
            raise OutcomeUnknownError(f"{error}; it may have been created") from None

    def mark_paid(self, channeladvisor_id: str) -> None:
        """Set the payment as cleared and the checkout as completed, so that the seller's side takes the order."""
        self._calls.write(
            f"mark order {channeladvisor_id} as paid",
            "PATCH",
            _order(channeladvisor_id),
            {"PaymentStatus": "Cleared", "CheckoutStatus": "Completed"},
        )

    def export(self, channeladvisor_id: str) -> None:
        """Set our application's export flag; other applications do not see it (CA 4.1)."""
        self._calls.write(f"export order {channeladvisor_id}", "POST", f"{_order(channeladvisor_id)}/Export")

    def set_seller_order_id(self, channeladvisor_id: str, number: str) -> None:
        """Write the OMS's number; at most 25 characters (CA 3.2), else RejectedError."""
        operation = f"set the seller's number of order {channeladvisor_id}"
        if not 0 < len(number.strip()) <= LONGEST_SELLER_ORDER_ID:
            raise RejectedError(
                f"ChannelAdvisor: {operation}: {number!r} must have 1 to {LONGEST_SELLER_ORDER_ID} characters"
            )
        self._calls.write(operation, "PATCH", _order(channeladvisor_id), {"SellerOrderID": number})

    def ship(
        self,
        channeladvisor_id: str,
        parcel: Parcel,
        mapped: MappedCarrier,
        units: Sequence[tuple[str, int]],
    ) -> None:
        """Ship some units by SKU (CA 4.3), under our parcel id. The marketplace hears of parcels from us alone."""
        wanted = Counter[str]()
        for sku, quantity in units:
            wanted[sku] += quantity
        operation = f"ship parcel {parcel.id} of order {channeladvisor_id}"
        if not wanted:
            # Without items ChannelAdvisor would ship all that is left.
            raise RejectedError(f"ChannelAdvisor: {operation}: the parcel holds no units")
        value = {
            "ShippedDateUtc": wire_time(parcel.shipped_at),
            "TrackingNumber": parcel.tracking_number,
            "SellerFulfillmentID": parcel.id,
            "DeliveryStatus": "Complete",
            "ShippingCarrier": mapped.channeladvisor_carrier,
            "ShippingClass": mapped.channeladvisor_class,
            "PreventMarketplaceCommunication": True,
            "Items": [{"Sku": sku, "Quantity": quantity} for sku, quantity in wanted.items()],
        }
        self._calls.write(operation, "POST", f"{_order(channeladvisor_id)}/Ship", {"Value": value})

    def find_fulfillment(self, channeladvisor_id: str, parcel_id: ParcelId) -> bool:
        """Whether a shipped fulfilment stands for this parcel there, told by us or made there."""
        operation = f"look for parcel {parcel_id} of order {channeladvisor_id}"
        start = self._calls.url(f"{_order(channeladvisor_id)}/Fulfillments")
        for row in walk(self._get(operation), start, self._calls.base):
            fulfillment = _read(FulfillmentPayload, row, operation)
            if parcel_id_of(fulfillment) == parcel_id and has_left(fulfillment):
                return True
        return False

    def update_address(self, channeladvisor_id: str, recipient: Recipient) -> None:
        """Write a new address over the old one (CA 4.2)."""
        body = shipping_address(recipient)
        self._calls.write(
            f"change the address of order {channeladvisor_id}",
            "PATCH",
            _order(channeladvisor_id),
            body,
            private=[value for value in body.values() if value],
        )

    def cancel(self, channeladvisor_id: str, adjustment_id: str, *, by_buyer: bool) -> None:
        """Cancel a whole unshipped order (CA 4.5), without a word to the marketplace, under an id of ours.

        Raises AlreadyDoneError when it is cancelled there or our adjustment stands; RejectedError when
        something is shipped, since the same call would then refund.
        """
        operation = f"cancel order {channeladvisor_id}"
        url = self._calls.url(
            _order(channeladvisor_id),
            select="ID,SiteID,ShippingStatus",
            expand="Adjustments,Fulfillments($expand=Items)",
        )
        order = _read(OrderPayload, self._calls.get(operation, url), operation)
        if order.shipping_status == ShippingStatus.CANCELED:
            raise AlreadyDoneError(f"ChannelAdvisor: {operation}: it is cancelled already")
        if any(each.seller_adjustment_id == adjustment_id and each.stands for each in order.adjustments):
            raise AlreadyDoneError(f"ChannelAdvisor: {operation}: adjustment {adjustment_id} stands already")
        if order.shipping_status in (ShippingStatus.SHIPPED, ShippingStatus.PARTIALLY_SHIPPED) or any(
            has_left(each) for each in order.fulfillments
        ):
            raise RejectedError(
                f"ChannelAdvisor: {operation}: something is shipped there (ShippingStatus "
                f"{order.shipping_status}), so the adjustment would be a refund; settle it by hand"
            )
        self._calls.write(
            operation,
            "POST",
            f"{_order(channeladvisor_id)}/Adjust",
            {
                "Reason": "BuyerCancelled" if by_buyer else "GeneralAdjustment",
                "PreventSiteProcessing": True,
                "SellerAdjustmentID": adjustment_id,
            },
        )

    def cancel_unit(self, channeladvisor_id: str, sku: str, adjustment_id: str) -> None:
        """Cancel one unshipped unit of a SKU (CA 4.5), without a word to the marketplace, under an id of ours.

        Raises AlreadyDoneError when our adjustment stands; RejectedError when no unit of the SKU is unshipped,
        since the same call would then refund.
        """
        operation = f"cancel a unit of order {channeladvisor_id}"
        url = self._calls.url(
            _order(channeladvisor_id),
            select="ID,SiteID,ShippingStatus",
            expand="Items($expand=Adjustments),Fulfillments($expand=Items)",
        )
        order = _read(OrderPayload, self._calls.get(operation, url), operation)
        items = [item for item in order.items if item.sku == sku]
        adjustments = [each for item in items for each in item.adjustments]
        if any(each.seller_adjustment_id == adjustment_id and each.stands for each in adjustments):
            raise AlreadyDoneError(f"ChannelAdvisor: {operation}: adjustment {adjustment_id} stands already")
        for item in items:
            if unshipped_units(item, order) > 0:
                self._calls.write(
                    operation,
                    "POST",
                    f"/v1/OrderItems({item.id})/Adjust",
                    {
                        "Quantity": 1,
                        "Reason": "GeneralAdjustment",
                        "PreventSiteProcessing": True,
                        "SellerAdjustmentID": adjustment_id,
                    },
                )
                return
        raise RejectedError(
            f"ChannelAdvisor: {operation}: no unit of {sku!r} is unshipped there, "
            "so the adjustment would be a refund; settle it by hand"
        )

    def orders_updated(self, since: datetime, until: datetime, page_link: str = "") -> OrdersPage:
        """One page of our orders that changed in [since, until), oldest change first.

        `page_link` is the `next_link` of the page before. It counts rows, and an order that changes meanwhile
        leaves its place: a reader who must not skip any goes on from the last time seen instead (DESIGN 7).
        """
        return self._changed.page(since, until, page_link)

    def _get(self, operation: str) -> Callable[[str], Row]:
        return partial(self._calls.get, operation)

    def _found(self, row: Any, operation: str) -> FoundOrder:
        order = _read(OrderPayload, row, operation)
        return FoundOrder(id=order.id, is_ours=order.site_id == CHECKOUT_DIRECT, paid=order.payment_status in _PAID)


def _read[Entity: BaseModel](model: type[Entity], row: Any, operation: str) -> Entity:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        raise RejectedError(f"ChannelAdvisor: {operation}: the answer is unreadable: {why_unreadable(error)}") from None


def _order(channeladvisor_id: str) -> str:
    """The path of an order, from an ID that is one: it must not lead anywhere else."""
    if not (channeladvisor_id.isascii() and channeladvisor_id.isdigit()):
        raise RejectedError(f"{channeladvisor_id!r} is not an ID of an order in ChannelAdvisor")
    return f"/v1/Orders({channeladvisor_id})"
