"""TikTok Shop, one shop: orders, shipping providers, parcels and references (TT 2, 3, 7)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import batched
from typing import Final
from urllib.parse import quote

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, OrderId
from order_sync.partners.http import Answer, PartnerHttp, sentence
from order_sync.partners.tiktok_shop.cancellations import Cancellations
from order_sync.partners.tiktok_shop.codes import error_for, read_code
from order_sync.partners.tiktok_shop.credentials import AppCredentials, ShopTokens
from order_sync.partners.tiktok_shop.delivery_options import DeliveryOption, offered_options
from order_sync.partners.tiktok_shop.gateway import PARTNER, Gateway, Tokens
from order_sync.partners.tiktok_shop.mapping import Reading, UnreadableOrder, read_order
from order_sync.partners.tiktok_shop.models import OrdersData, ReferencesData
from order_sync.partners.tiktok_shop.parcel_models import ProvidersData, ShippedData
from order_sync.partners.tiktok_shop.parcels import SplitAttributes, correct, split_attributes
from order_sync.partners.tiktok_shop.providers import Provider
from order_sync.partners.tiktok_shop.returns import Returns

IDS_PER_CALL: Final = 50
ORDERS_PER_PAGE: Final = 100
LINES_PER_REFERENCE: Final = 100
LONGEST_WARNING: Final = 200


class Platform(StrEnum):
    """Whose order number a reference is (TT 2.7)."""

    CHANNEL_ADVISOR = "CHANNEL_ADVISOR"
    ORDER_MANAGEMENT_SYSTEM = "ORDER_MANAGEMENT_SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    """Some orders. `unknown` are values that we do not know yet, to be counted."""

    readings: tuple[Reading, ...]
    unreadable: tuple[UnreadableOrder, ...] = ()
    next_page_token: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedPackage:
    """A parcel that TikTok took; `warning` is its doubt about the tracking number."""

    package_id: str
    warning: str = ""


class TikTokShop:
    """The client of one shop.

    Every call raises RetriableError (TokenExpiredError, HeldBackError and OutcomeUnknownError among them),
    RejectedError or SkippableError; the text names operation, code and request.
    """

    def __init__(
        self,
        http: PartnerHttp,
        *,
        app: AppCredentials,
        tokens: Tokens,
        cipher: str,
        fingerprint_key: bytes,
        now: Callable[[], datetime],
        ask_for_renewal: Callable[[ShopTokens], None] = lambda _refused: None,
    ) -> None:
        """`tokens(True)` reads the secret afresh; `ask_for_renewal` hears of stored tokens that ran out."""
        self._gateway = Gateway(http, app=app, tokens=tokens, cipher=cipher, now=now, ask_for_renewal=ask_for_renewal)
        self.cancellations: Final = Cancellations(self._gateway)
        self.returns: Final = Returns(self._gateway)
        self._http = http
        self._fingerprint_key = fingerprint_key

    def search_orders(self, since: datetime, until: datetime, page_token: str = "", *, status: str = "") -> OrdersPage:
        """A page of the orders updated from `since` until before `until`, oldest update first (TT 2.2).

        Both are taken to the second below. An order may show a later update than the range. With a `status` only
        orders that have it now.
        """
        operation = "search orders"
        query = {"page_size": str(ORDERS_PER_PAGE), "sort_field": "update_time", "sort_order": "ASC"}
        times = {"update_time_ge": int(since.timestamp()), "update_time_lt": int(until.timestamp())}
        answer = self._gateway.read(
            operation,
            "POST",
            "/order/202309/orders/search",
            query=query | ({"page_token": page_token} if page_token else {}),
            body=times | ({"order_status": status} if status else {}),
        )
        return self._page(operation, answer)

    def read_orders(self, ids: Sequence[OrderId]) -> OrdersPage:
        """Orders by id, any number of them; an id that TikTok does not know is not there (TT 2.3)."""
        operation = "read orders"
        pages = [
            self._page(
                operation,
                self._gateway.read(operation, "GET", "/order/202309/orders", query={"ids": ",".join(some)}),
            )
            for some in batched(dict.fromkeys(ids), IDS_PER_CALL, strict=False)
        ]
        return OrdersPage(
            readings=tuple(reading for page in pages for reading in page.readings),
            unreadable=tuple(order for page in pages for order in page.unreadable),
            unknown=tuple(value for page in pages for value in page.unknown),
        )

    def shipping_providers(self, delivery_option_id: str) -> tuple[Provider, ...]:
        """The carriers that TikTok offers for a delivery option (TT 3).

        Raises SkippableError when TikTok ships by it, NoProvidersError when the shop has no carriers for it.
        """
        operation = "read shipping providers"
        option = quote(delivery_option_id, safe="")
        answer = self._gateway.read(operation, "GET", f"/logistics/202309/delivery_options/{option}/shipping_providers")
        data = self._gateway.data(ProvidersData, operation, answer)
        return tuple(Provider(id=item.id, name=item.name) for item in data.shipping_providers)

    def delivery_options(self) -> tuple[DeliveryOption, ...]:
        """The delivery options of all warehouses, those by which TikTok ships among them (TT 3)."""
        return tuple(offered_options(self._gateway))

    def ship(
        self, order: OrderId, *, tracking_number: str, provider_id: str, line_ids: Sequence[LineId]
    ) -> ShippedPackage:
        """Tell TikTok of one parcel with these lines (TT 3, Mark Package As Shipped). Sent once.

        Raises AlreadyDoneError when TikTok has it, HeldBackError while the order is on hold or has an open
        after-sale request, SplitRefusedError when these lines cannot leave without others, SkippableError when
        the order is cancelled.
        """
        operation = "ship"
        if not line_ids:  # TikTok would take no lines for all lines
            raise RejectedError(sentence(PARTNER, operation, f"the parcel of order {order} has no lines"))
        answer = self._gateway.write(
            operation,
            f"/fulfillment/202309/orders/{quote(order, safe='')}/packages",
            {
                "tracking_number": tracking_number,
                "shipping_provider_id": provider_id,
                "order_line_item_ids": list(line_ids),
            },
        )
        data = self._gateway.data(ShippedData, operation, answer, of_write=True)
        return ShippedPackage(
            package_id=data.package_id, warning=data.warning.message[:LONGEST_WARNING] if data.warning else ""
        )

    def correct(self, package_id: str, *, tracking_number: str, provider_id: str) -> None:
        """Give a parcel that TikTok has another tracking number or carrier (TT 3, OP B6). Sent once.

        TikTok allows it once, within 72 hours of shipping. Raises RejectedError with what a person can do when it
        refuses, HeldBackError while an after-sale request is open, SkippableError when the order is cancelled.
        """
        correct(self._gateway, package_id, tracking_number=tracking_number, provider_id=provider_id)

    def split_attributes(self, order: OrderId) -> SplitAttributes:
        """Whether the order may, or must, go in several packages (TT 3)."""
        return split_attributes(self._gateway, order)

    def set_references(self, order: OrderId, references: Mapping[Platform, str], line_ids: Sequence[LineId]) -> None:
        """Write an order's numbers elsewhere onto it; a repeat replaces them (TT 2.7).

        The lines carry TikTok's own ids on both sides, as the partners keep them. More lines than TikTok
        takes are left out: the order's number is what counts.
        """
        operation = "set references"
        if not references:
            return
        lines = [{"id": line, "origin_id": line} for line in line_ids[:LINES_PER_REFERENCE]]
        answer = self._gateway.write(
            operation,
            "/order/202406/orders/external_orders",
            {
                "orders": [
                    {
                        "id": order,
                        "external_order": {"id": number, "platform": platform.value, "line_items": lines},
                    }
                    for platform, number in references.items()
                ]
            },
        )
        for refused in self._gateway.data(ReferencesData, operation, answer, of_write=True).errors:
            refusal = read_code(refused.code, refused.message)
            text = f"order {order}: {refusal.words}, code {refused.code}"
            raise error_for(refusal, self._http.text(operation, text, answer), repeatable=False)

    def _page(self, operation: str, answer: Answer) -> OrdersPage:
        data = self._gateway.data(OrdersData, operation, answer)
        read = [read_order(raw, self._fingerprint_key) for raw in data.orders]
        return OrdersPage(
            readings=tuple(order for order, _ in read if isinstance(order, Reading)),
            unreadable=tuple(order for order, _ in read if isinstance(order, UnreadableOrder)),
            next_page_token=data.next_page_token,
            unknown=tuple(value for _, unknown in read for value in unknown),
        )
