"""The client of one ChannelAdvisor account for one shop's profile (CA 3, 4)."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts
from order_sync.domain.errors import OutcomeUnknownError, RejectedError
from order_sync.domain.ids import OrderId, ParcelId, ReturnId
from order_sync.domain.parcels import Parcel
from order_sync.domain.purchase import Purchase, Recipient
from order_sync.domain.returning.refunds_told import RefundInChannelAdvisor
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.partners.channeladvisor.addresses import shipping_address
from order_sync.partners.channeladvisor.calls import Calls, order_path, read_as
from order_sync.partners.channeladvisor.cancelling import cancel_order, cancel_unit
from order_sync.partners.channeladvisor.changes import ChangedOrders, OrdersPage
from order_sync.partners.channeladvisor.creating import CHECKOUT_DIRECT, buyer_texts, creation_body
from order_sync.partners.channeladvisor.credentials import AccountCredentials
from order_sync.partners.channeladvisor.flags import clear_flag, set_flag
from order_sync.partners.channeladvisor.models import OrderPayload
from order_sync.partners.channeladvisor.notes import note_return
from order_sync.partners.channeladvisor.odata import Row, complete, text, walk
from order_sync.partners.channeladvisor.open_orders import OpenOrders
from order_sync.partners.channeladvisor.refunding import refund_units
from order_sync.partners.channeladvisor.shipping import correct_parcel, has_number, is_shipped, ship_parcel
from order_sync.partners.channeladvisor.standing import Standing, standing_of
from order_sync.partners.channeladvisor.tokens import AccessTokens
from order_sync.partners.http import PartnerHttp

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
    units: Mapping[str, int]
    """How many units of each SKU it was created with."""


class ChannelAdvisor:
    """One shop's orders in ChannelAdvisor. One thread at a time."""

    def __init__(
        self,
        http: PartnerHttp,
        credentials: AccountCredentials,
        settings: ChannelAdvisorSettings,
        *,
        now: Callable[[], datetime],
        default_reason: SellerReason = SellerReason.OUT_OF_STOCK,
    ) -> None:
        """`now` decides only when the access token is renewed.

        `default_reason` stands for the reasons of cancellations by hand that say nothing.
        """
        tokens = AccessTokens(http, credentials, account=settings.account, now=now)
        self._calls = Calls(http, tokens)
        self._settings = settings
        self._changed = ChangedOrders(self._calls, settings, default_reason)
        self.open_orders: Final = OpenOrders(self._calls, settings, default_reason)

    def find_orders(self, tiktok_order_id: OrderId) -> tuple[FoundOrder, ...]:
        """Every order of this profile that carries TikTok's id in either of its fields (CA 9.13)."""
        literal = text(tiktok_order_id)
        start = self._calls.url(
            "/v1/Orders",
            filter=f"ProfileID eq {self._settings.profile_id} "
            f"and (SiteOrderID eq {literal} or SecondarySiteOrderID eq {literal})",
            select=_FOUND_FIELDS,
            expand="Items",
        )
        operation = f"look for order {tiktok_order_id}"
        get = self._get(operation)
        rows = (complete(get, row, self._calls.base, {"Items": {}}) for row in walk(get, start, self._calls.base))
        return tuple(self._found(row, operation) for row in rows)

    def create_order(self, purchase: Purchase) -> FoundOrder:
        """Create an order as Checkout Direct (CA 4.8), in one call; `paid` says whether `mark_paid` must follow.

        Raises RejectedError for a purchase that cannot become an order, and when ChannelAdvisor refuses it.
        """
        body = creation_body(purchase, self._settings)
        operation = f"create order {purchase.order}"
        created = self._calls.write(operation, "POST", "/v1/Orders", body, private=buyer_texts(body))
        try:
            found = self._found(created, operation)
        except RejectedError as error:
            raise OutcomeUnknownError(f"{error}; it may have been created") from None
        return replace(found, units=Counter(line.sku for line in purchase.lines))

    def mark_paid(self, channeladvisor_id: str) -> None:
        """Set the payment as cleared and the checkout as completed, so that the seller's side takes the order."""
        self._calls.write(
            f"mark order {channeladvisor_id} as paid",
            "PATCH",
            order_path(channeladvisor_id),
            {"PaymentStatus": "Cleared", "CheckoutStatus": "Completed"},
        )

    def export(self, channeladvisor_id: str) -> None:
        """Set our application's export flag; other applications do not see it (CA 4.1)."""
        self._calls.write(f"export order {channeladvisor_id}", "POST", f"{order_path(channeladvisor_id)}/Export")

    def set_seller_order_id(self, channeladvisor_id: str, number: str) -> None:
        """Write the OMS's number; at most 25 characters (CA 3.2), else RejectedError."""
        operation = f"set the seller's number of order {channeladvisor_id}"
        if not 0 < len(number.strip()) <= LONGEST_SELLER_ORDER_ID:
            raise RejectedError(
                f"ChannelAdvisor: {operation}: {number!r} must have 1 to {LONGEST_SELLER_ORDER_ID} characters"
            )
        self._calls.write(operation, "PATCH", order_path(channeladvisor_id), {"SellerOrderID": number})

    def ship(
        self,
        channeladvisor_id: str,
        parcel: Parcel,
        mapped: MappedCarrier,
        units: Sequence[tuple[str, int]],
        *,
        relay: bool = False,
    ) -> None:
        """Ship some units by SKU (CA 4.3), under our parcel id and newest label, for which `mapped` stands.

        The marketplace hears of parcels from us alone, unless ChannelAdvisor is to `relay` this one. Raises
        CarrierRefusedError for a carrier and class that the account does not have.
        """
        ship_parcel(self._calls, channeladvisor_id, parcel, mapped, units, relay=relay)

    def correct(self, channeladvisor_id: str, parcel: Parcel, mapped: MappedCarrier) -> None:
        """Write a parcel's newest label, for which `mapped` stands, over the old one (CA 4.4). Nothing ever ships.

        It looks first, so that it can be repeated. Raises AlreadyDoneError when the parcel carries this label there,
        RejectedError when no shipped fulfilment stands for it, CarrierRefusedError like `ship`.
        """
        correct_parcel(self._calls, channeladvisor_id, parcel, mapped)

    def find_fulfillment(self, channeladvisor_id: str, parcel_id: ParcelId) -> bool:
        """Whether a shipped fulfilment stands for this parcel there, told by us or made there."""
        return is_shipped(self._calls, channeladvisor_id, parcel_id)

    def has_tracking(self, channeladvisor_id: str, numbers: Collection[str]) -> bool:
        """Whether a shipped fulfilment carries one of these tracking numbers there, whoever entered it."""
        return has_number(self._calls, channeladvisor_id, numbers)

    def standing(self, channeladvisor_id: str) -> Standing:
        """What of an order lives, is still to be shipped and was refunded there; nothing is changed."""
        return standing_of(self._calls, channeladvisor_id)

    def read_order(self, channeladvisor_id: str, order: OrderId) -> ChannelAdvisorFacts:
        """One order as the list of changed orders would show it. Raises UnreadableOrderError."""
        return self._changed.one(channeladvisor_id, order)

    def update_address(self, channeladvisor_id: str, recipient: Recipient) -> None:
        """Write a new address over the old one (CA 4.2)."""
        body = shipping_address(recipient)
        self._calls.write(
            f"change the address of order {channeladvisor_id}",
            "PATCH",
            order_path(channeladvisor_id),
            body,
            private=[value for value in body.values() if value],
        )

    def cancel(self, channeladvisor_id: str, adjustment_id: str, *, by_buyer: bool, restock: bool = False) -> None:
        """Cancel a whole unshipped order (CA 4.5), without a word to the marketplace, under an id of ours.

        It returns when the order is cancelled, and looks first, so that it can be repeated until then. Raises
        AlreadyDoneError when it is cancelled there, by us or by others; NotYetError while that is being processed;
        RejectedError when something is shipped, since the same call would then refund, and after three errors;
        HalfDoneError when it became a refund nevertheless; OutcomeUnknownError when it could not be read back.
        """
        cancel_order(self._calls, channeladvisor_id, adjustment_id, by_buyer=by_buyer, restock=restock)

    def cancel_unit(
        self, channeladvisor_id: str, sku: str, adjustment_id: str, *, by_buyer: bool, restock: bool = False
    ) -> None:
        """Cancel one unshipped unit of a SKU, otherwise like the whole order: RejectedError when none is unshipped."""
        cancel_unit(
            self._calls,
            channeladvisor_id,
            sku,
            adjustment_id,
            by_buyer=by_buyer,
            restock=restock,
            unshipped_first=self._settings.adjusts_unshipped_first,
        )

    def flag_cancel_request(self, channeladvisor_id: str, cancel_id: str, text: str) -> None:
        """Show a buyer's request as a flag on the order, with a short text; a long one is cut.

        Raises AlreadyDoneError when it is shown, SkippableError when the order carries a flag of the seller's own.
        """
        set_flag(self._calls, channeladvisor_id, cancel_id, text)

    def clear_flag(self, channeladvisor_id: str, cancel_id: str) -> None:
        """Take the flag of a buyer's request off. Raises AlreadyDoneError when the order does not carry it any more."""
        clear_flag(self._calls, channeladvisor_id, cancel_id)

    def refund(self, channeladvisor_id: str, refund: RefundInChannelAdvisor) -> None:
        """Enter the final refund of a return (CA 4.5), without a word to the marketplace, with its exact amounts.

        It returns when the refund is done, and looks first, so that it can be repeated until then. Raises
        AlreadyDoneError when it is done there; NotYetError while that is being processed, or parcels may follow;
        RejectedError where the units or the money are not there, somebody else may have refunded them, and after
        three errors; HalfDoneError when a part of it stands there; OutcomeUnknownError like `cancel`.
        """
        refund_units(self._calls, channeladvisor_id, refund)

    def note_return(self, channeladvisor_id: str, return_id: ReturnId, text: str) -> None:
        """Show a return as a line of the order's private notes, among what others wrote there.

        Raises AlreadyDoneError when it is shown, RejectedError when others' text leaves no room.
        """
        note_return(self._calls, channeladvisor_id, return_id, text)

    def orders_updated(self, since: datetime, until: datetime, page_link: str = "") -> OrdersPage:
        """One page of our orders that changed in [since, until), oldest change first.

        `page_link` is the `next_link` of the page before. It counts rows, and an order that changes meanwhile
        leaves its place: a reader who must not skip any goes on from the last time seen instead (DESIGN 7).
        """
        return self._changed.page(since, until, page_link)

    def _get(self, operation: str) -> Callable[[str], Row]:
        return partial(self._calls.get, operation)

    def _found(self, row: Any, operation: str) -> FoundOrder:
        order = read_as(OrderPayload, row, operation)
        units = Counter[str]()
        for item in order.items:
            units[item.sku] += item.quantity
        return FoundOrder(
            id=order.id,
            is_ours=order.site_id == CHECKOUT_DIRECT,
            paid=order.payment_status in _PAID,
            units=units,
        )
