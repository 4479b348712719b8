"""Orders that changed, page by page (CA 2, 9)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from pydantic import ValidationError

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts
from order_sync.domain.ids import OrderId
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.partners.channeladvisor.calls import Calls, order_path
from order_sync.partners.channeladvisor.models import OrderNames, OrderPayload, UnreadableOrderError
from order_sync.partners.channeladvisor.odata import Chain, Row, complete, moment, next_link, rows_of
from order_sync.partners.channeladvisor.seeing import facts_of, order_id_of
from order_sync.partners.unreadable import why_unreadable

_OPERATION: Final = "list changed orders"
FIELDS: Final = (
    "ID,SiteID,SiteOrderID,SecondarySiteOrderID,SellerOrderID,CreatedDateUtc,UpdatedDateUtc,ShippingStatus,Currency"
)
_ADJUSTMENT_FIELDS: Final = (
    "ID,Type,Reason,RequestStatus,CreatedSource,CreatedDateUtc,SellerAdjustmentID,"
    "ItemAdjustment,TaxAdjustment,ShippingAdjustment,ShippingTaxAdjustment,"
    "GiftWrapAdjustment,GiftWrapTaxAdjustment,RecyclingFeeAdjustment"
)
"""Not their comments: those are the buyer's words."""
EXPANDED: Final = (
    f"Items($expand=Adjustments($select={_ADJUSTMENT_FIELDS},Quantity)),"
    f"Fulfillments($expand=Items),Adjustments($select={_ADJUSTMENT_FIELDS})"
)
CHILDREN: Final[dict[str, dict[str, Any]]] = {
    "Items": {"Adjustments": {}},
    "Fulfillments": {"Items": {}},
    "Adjustments": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableOrder:
    """An order in a list that could not be read, by ChannelAdvisor's ID, and why."""

    id: str
    order: OrderId | None
    """TikTok's id; None where not even that could be read."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    """One page of orders that changed."""

    orders: tuple[ChannelAdvisorFacts, ...]
    unreadable: tuple[UnreadableOrder, ...]
    times: tuple[datetime, ...]
    """When the orders of this page changed, as they stand there: also of those that are left out."""
    next_link: str
    """What to ask for next; empty at the end."""


class ChangedOrders:
    """Reads changed orders in the order of their changes, along ChannelAdvisor's own links, but not in circles."""

    def __init__(self, calls: Calls, settings: ChannelAdvisorSettings, default_reason: SellerReason) -> None:
        self._calls = calls
        self._settings = settings
        self._default_reason = default_reason
        self._chain = Chain()
        self._chained_link = ""

    def page(self, since: datetime, until: datetime, link: str) -> OrdersPage:
        """The page at the link, without one the first."""
        if not link or link != self._chained_link:
            self._chain = Chain()
        page = self._calls.get(_OPERATION, link or self._url(since, until))
        rows = rows_of(page)
        any_fresh = bool(self._chain.fresh(rows))
        orders: list[ChannelAdvisorFacts] = []
        unreadable: list[UnreadableOrder] = []
        times: list[datetime] = []
        for row in rows:
            tiktok_id = None
            try:
                names = validated(OrderNames, row)
                times += [names.updated_date_utc] if names.updated_date_utc else []
                tiktok_id = order_id_of(names, self._settings)
                # Other sites' orders cost their row: what is wrong with them is not ours to know.
                orders += [facts_of(self._read(row), tiktok_id, self._default_reason)] if tiktok_id else []
            except UnreadableOrderError as error:
                unreadable.append(UnreadableOrder(id=str(row.get("ID", "")), order=tiktok_id, reason=str(error)))
        following = next_link(page, self._calls.base)
        self._chained_link = self._chain.follow(following, met_something_new=any_fresh)
        return OrdersPage(
            orders=tuple(orders),
            unreadable=tuple(unreadable),
            times=tuple(times),
            next_link=self._chained_link,
        )

    def one(self, channeladvisor_id: str, tiktok_id: OrderId) -> ChannelAdvisorFacts:
        """One order as it stands now. Raises UnreadableOrderError."""
        url = self._calls.url(order_path(channeladvisor_id), select=FIELDS, expand=EXPANDED)
        return facts_of(self._read(self._calls.get(_OPERATION, url)), tiktok_id, self._default_reason)

    def _url(self, since: datetime, until: datetime) -> str:
        return self._calls.url(
            "/v1/Orders",
            filter=f"ProfileID eq {self._settings.profile_id} "
            f"and UpdatedDateUtc ge {moment(since)} and UpdatedDateUtc lt {moment(until)}",
            orderby="UpdatedDateUtc asc",
            select=FIELDS,
            expand=EXPANDED,
        )

    def _read(self, row: Row) -> OrderPayload:
        return validated(OrderPayload, complete(partial(self._calls.get, _OPERATION), row, self._calls.base, CHILDREN))


def validated[T: OrderNames](model: type[T], row: Row) -> T:
    """A row of a list of orders. Raises UnreadableOrderError."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        raise UnreadableOrderError(why_unreadable(error)) from None
