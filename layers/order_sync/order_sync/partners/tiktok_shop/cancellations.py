"""TikTok Shop, the cancellations of one shop: what there is, and what the seller says to it (TT 4.1-4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from order_sync.domain.cancelling.cancellations import CancellationFacts
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.partners.tiktok_shop.aftersale_search import SortField, every_page, search_page
from order_sync.partners.tiktok_shop.cancel_models import CanceledData, CancellationsData
from order_sync.partners.tiktok_shop.cancel_reading import UnreadableCancellation, read_cancellation
from order_sync.partners.tiktok_shop.decisions import answer_key, reject_reasons, seller_reasons
from order_sync.partners.tiktok_shop.gateway import Gateway

_CANCELLATIONS: Final = "/return_refund/202309/cancellations"
_REJECT: Final = "REJECT_REQUEST_CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationsPage:
    """Some cancellations. `unknown` are values that we do not know yet, to be counted."""

    cancellations: tuple[CancellationFacts, ...]
    unreadable: tuple[UnreadableCancellation, ...] = ()
    next_page_token: str = ""
    unknown: tuple[str, ...] = ()


class Cancellations:
    """The client of one shop's cancellations.

    Every call raises RetriableError (TokenExpiredError, InProcessError and OutcomeUnknownError among them),
    RejectedError or SkippableError; the text names operation, code and request.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def search(self, since: datetime, until: datetime, page_token: str = "") -> CancellationsPage:
        """A page of the cancellations updated from `since` until before `until`, oldest update first (TT 4.2).

        Both are taken to the second below. A cancellation may show a later update than the range.
        """
        updated = {"update_time_ge": int(since.timestamp()), "update_time_lt": int(until.timestamp())}
        return self._page("search cancellations", updated, sort_field="update_time", page_token=page_token)

    def of_orders(self, orders: Sequence[OrderId]) -> CancellationsPage:
        """All cancellations of any number of orders (TT 4.2)."""
        return self._all("read cancellations of orders", "order_ids", orders)

    def read(self, ids: Sequence[CancelId]) -> CancellationsPage:
        """Cancellations by id, any number of them; an id that TikTok does not know is not there (TT 4.2)."""
        return self._all("read cancellations", "cancel_ids", ids)

    def reasons_to_reject(self, cancel_id: CancelId) -> tuple[str, ...]:
        """For which reasons TikTok would take a rejection now, in its order; none when it takes none (TT 4.3)."""
        return reject_reasons(self._gateway, cancel_id, _REJECT)

    def approve(self, cancel_id: CancelId) -> None:
        """Grant a buyer's request (TT 4.3). When the answer is lost, it may be sent again.

        Raises AlreadyDoneError when it is granted, RequestClosedError when it is over otherwise,
        DecisionNotPossibleError when TikTok does not take this answer: read the cancellation.
        """
        self._answer("approve cancellation", cancel_id, "approve", {}, answer_key("approve", cancel_id))

    def reject(self, cancel_id: CancelId, reason: str) -> None:
        """Refuse a buyer's request for one of TikTok's reasons (TT 4.3). When the answer is lost, as `approve`.

        Raises RequestClosedError when the request is over, DecisionNotPossibleError when TikTok does not take
        this answer: read the cancellation.
        """
        key = answer_key("reject", cancel_id, reason)
        self._answer("reject cancellation", cancel_id, "reject", {"reject_reason": reason}, key)

    def cancel(self, order: OrderId, reason_name: str, line_ids: Sequence[LineId] = ()) -> CancelId:
        """Cancel an order, or these lines of it, as its seller, for one of TikTok's reasons (TT 4.1). Sent once.

        Raises InProcessError when a request is open or the order is cancelled already, and SkippableError when
        the order is completed or cancelled: read the order.
        """
        operation = "cancel order"
        lines = {"order_line_item_ids": list(line_ids)} if line_ids else {}
        answer = self._gateway.write(
            operation, _CANCELLATIONS, {"order_id": order, "cancel_reason": reason_name, **lines}
        )
        return CancelId(self._gateway.data(CanceledData, operation, answer, of_write=True).cancel_id)

    def seller_reasons(self, order: OrderId) -> Mapping[LineId, tuple[str, ...]]:
        """TikTok's reasons for which the seller may cancel each line now; none where it may not (TT 4.1)."""
        return seller_reasons(self._gateway, "read cancel reasons", order, "CANCEL")

    def _page(
        self, operation: str, filters: Mapping[str, object], *, sort_field: SortField, page_token: str = ""
    ) -> CancellationsPage:
        path = f"{_CANCELLATIONS}/search"
        answer = search_page(self._gateway, operation, path, filters, sort_field=sort_field, page_token=page_token)
        data = self._gateway.data(CancellationsData, operation, answer)
        read = [read_cancellation(raw) for raw in data.cancellations]
        return CancellationsPage(
            cancellations=tuple(each for each, _ in read if isinstance(each, CancellationFacts)),
            unreadable=tuple(each for each, _ in read if isinstance(each, UnreadableCancellation)),
            next_page_token=data.next_page_token,
            unknown=tuple(value for _, unknown in read for value in unknown),
        )

    def _all(self, operation: str, name: str, ids: Sequence[str]) -> CancellationsPage:
        def read(some: list[str], token: str) -> CancellationsPage:
            return self._page(operation, {name: some}, sort_field="create_time", page_token=token)

        pages = every_page(operation, ids, read)
        return CancellationsPage(
            cancellations=tuple(each for page in pages for each in page.cancellations),
            unreadable=tuple(each for page in pages for each in page.unreadable),
            unknown=tuple(value for page in pages for value in page.unknown),
        )

    def _answer(self, operation: str, cancel_id: CancelId, verb: str, body: Mapping[str, str], key: str) -> None:
        path = f"{_CANCELLATIONS}/{quote(cancel_id, safe='')}/{verb}"
        self._gateway.write(operation, path, body, key=key)
