"""The profile's open orders, by the ID, and all that it has for some of TikTok Shop's orders (CA 3.2, 3.6, 4.1).

A list by ID is read from the last ID on, in one direction: an order that is shipped meanwhile leaves it, and none that
stays is skipped, as page numbers would.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import batched
from typing import Final

from order_sync.domain.cancelling.cancellations import SellerReason
from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts
from order_sync.domain.ids import OrderId
from order_sync.domain.reconciling.comparing import OrderThere
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.domain.statuses import SHIPPING_STATUS_TO_STATE, ShippingStatus, known_shipping_status
from order_sync.partners.channeladvisor.calls import Calls, order_path
from order_sync.partners.channeladvisor.changes import CHILDREN, EXPANDED, FIELDS, validated
from order_sync.partners.channeladvisor.creating import CHECKOUT_DIRECT
from order_sync.partners.channeladvisor.models import OrderNames, OrderPayload, UnreadableOrderError
from order_sync.partners.channeladvisor.odata import GetPage, Row, complete, next_link, rows_of, text, walk
from order_sync.partners.channeladvisor.refusals import MissingError
from order_sync.partners.channeladvisor.seeing import facts_of, order_id_of

IDS_PER_LOOK_UP: Final = 10
"""Each id stands twice in the filter, and addresses have a limit (CA 1.5: 414)."""
_OPEN: Final = (ShippingStatus.UNSHIPPED, ShippingStatus.PENDING_SHIPMENT, ShippingStatus.PARTIALLY_SHIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOrder:
    """One order of TikTok Shop's as ChannelAdvisor shows it: to compare, and to see again."""

    there: OrderThere
    facts: ChannelAdvisorFacts

    @property
    def held(self) -> Mapping[str, int]:
        """How many units it holds of each SKU, cancelled or not."""
        units = Counter[str]()
        for sku, quantity in self.facts.units:
            units[sku] += quantity
        return units


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrdersPage:
    """Some open orders, by ascending ID. Those of other sites are left out."""

    orders: tuple[ShownOrder, ...]
    unreadable: tuple[tuple[OrderId, str], ...]
    """TikTok's id and why, of those that are one of ours."""
    last_id: str
    """From where the next page goes on."""
    has_more: bool


class OpenOrders:
    """Reads them for one profile."""

    def __init__(self, calls: Calls, settings: ChannelAdvisorSettings, default_reason: SellerReason) -> None:
        self._calls = calls
        self._settings = settings
        self._default_reason = default_reason

    def page(self, after: str) -> OpenOrdersPage:
        """The open orders after an ID; an empty one asks for the first."""
        operation = "list open orders"
        statuses = " or ".join(f"ShippingStatus eq {text(status)}" for status in _OPEN)
        place = f" and ID gt {int(after)}" if after else ""
        url = self._url(f"({statuses}){place}", orderby="ID asc")
        answer = self._calls.get(operation, url)
        rows = rows_of(answer)
        shown, unreadable = self._read(rows, self._get(operation))
        ids = [int(row["ID"]) for row in rows if str(row.get("ID", "")).isdecimal()]
        return OpenOrdersPage(
            orders=tuple(shown),
            unreadable=tuple(unreadable),
            last_id=str(max(ids)) if ids else after,
            has_more=bool(ids) and bool(next_link(answer, self._calls.base)),
        )

    def look_up(self, orders: Sequence[OrderId]) -> tuple[list[ShownOrder], list[tuple[OrderId, str]]]:
        """All that the profile has for these orders, in any status, and what of it cannot be read."""
        operation = "look up orders"
        get = self._get(operation)
        shown: list[ShownOrder] = []
        unreadable: list[tuple[OrderId, str]] = []
        for some in batched(orders, IDS_PER_LOOK_UP, strict=False):
            fields = ("SiteOrderID", "SecondarySiteOrderID")
            wanted = " or ".join(f"{field} eq {text(order)}" for order in some for field in fields)
            rows = list(walk(get, self._url(f"({wanted})"), self._calls.base))
            more_shown, more_unreadable = self._read(rows, get)
            shown += more_shown
            unreadable += more_unreadable
        return shown, unreadable

    def profile_of(self, channeladvisor_id: str) -> str | None:
        """The profile in which an order stands, whatever it bears; None when nothing stands under this ID any more."""
        operation = "look for the linked order"
        url = self._calls.url(order_path(channeladvisor_id), select="ID,ProfileID")
        try:
            return str(self._calls.get(operation, url).get("ProfileID", ""))
        except MissingError:
            return None

    def _url(self, condition: str, **options: str) -> str:
        profile = f"ProfileID eq {self._settings.profile_id}"
        return self._calls.url(
            "/v1/Orders", filter=f"{profile} and {condition}", select=FIELDS, expand=EXPANDED, **options
        )

    def _get(self, operation: str) -> Callable[[str], Row]:
        return partial(self._calls.get, operation)

    def _read(self, rows: Sequence[Row], get: GetPage) -> tuple[list[ShownOrder], list[tuple[OrderId, str]]]:
        shown: list[ShownOrder] = []
        unreadable: list[tuple[OrderId, str]] = []
        for row, order in self._ours(rows):
            try:
                payload = validated(OrderPayload, complete(get, row, self._calls.base, CHILDREN))
                facts = facts_of(payload, order, self._default_reason)
                shown.append(ShownOrder(there=_there(payload, facts), facts=facts))
            except UnreadableOrderError as error:
                unreadable.append((order, str(error)))
        return shown, unreadable

    def _ours(self, rows: Sequence[Row]) -> Iterator[tuple[Row, OrderId]]:
        """The rows that carry an id of TikTok Shop's. What is wrong with the others is not ours to know."""
        for row in rows:
            try:
                order = order_id_of(validated(OrderNames, row), self._settings)
            except UnreadableOrderError:
                continue
            if order is not None:
                yield row, order


def _there(order: OrderPayload, facts: ChannelAdvisorFacts) -> OrderThere:
    status = known_shipping_status(order.shipping_status)
    units = Counter[str]()
    for item in order.items:
        units[item.sku] += item.quantity - sum(each.quantity or 0 for each in item.adjustments if each.cancels)
    return OrderThere(
        order=facts.order,
        number=order.id,
        state=SHIPPING_STATUS_TO_STATE[status] if status else None,
        units=units,
        changed_at=facts.updated_at,
        is_ours=order.site_id == CHECKOUT_DIRECT,
    )
