"""TikTok Shop, the cancellations of one shop: what there is, and what the seller says to it (TT 4.1-4.3)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Final
from urllib.parse import quote

from order_sync.domain.cancelling.cancellations import CancellationFacts
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.partners.http import sentence
from order_sync.partners.tiktok_shop.cancel_models import (
    CanceledData,
    CancellationsData,
    DecisionsData,
    EligibilityData,
    RejectReason,
    RejectReasonsData,
)
from order_sync.partners.tiktok_shop.cancel_reading import UnreadableCancellation, read_cancellation
from order_sync.partners.tiktok_shop.gateway import PARTNER, Gateway

IDS_PER_CALL: Final = 50
CANCELLATIONS_PER_PAGE: Final = 50

_CANCELLATIONS: Final = "/return_refund/202309/cancellations"
_REJECT: Final = "REJECT_REQUEST_CANCEL"
_CANCEL: Final = "CANCEL"


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
        operation = "read allowed decisions"
        answer = self._gateway.read(
            operation,
            "GET",
            "/return_refund/202601/decision_eligibility",
            query={"return_or_cancel_id": cancel_id, "check_decisions": _REJECT},
        )
        decisions = self._gateway.data(DecisionsData, operation, answer).decisions
        rejects = [each for each in decisions if each.decision == _REJECT and each.eligible]
        if not rejects:
            return ()
        reasons = rejects[0].available_reject_reasons or self._reject_reasons(cancel_id)
        return tuple(reason.name for reason in reasons)

    def approve(self, cancel_id: CancelId) -> None:
        """Grant a buyer's request (TT 4.3). When the answer is lost, it may be sent again.

        Raises AlreadyDoneError when it is granted, RequestClosedError when it is over otherwise,
        DecisionNotPossibleError when TikTok does not take this answer: read the cancellation.
        """
        self._answer("approve cancellation", cancel_id, "approve", {}, f"order-sync-approve-{cancel_id}")

    def reject(self, cancel_id: CancelId, reason: str) -> None:
        """Refuse a buyer's request for one of TikTok's reasons (TT 4.3). When the answer is lost, as `approve`.

        Raises RequestClosedError when the request is over, DecisionNotPossibleError when TikTok does not take
        this answer: read the cancellation.
        """
        # A key stands for one body, and has 255 characters at most.
        said = hashlib.sha256(reason.encode()).hexdigest()[:16]
        key = f"order-sync-reject-{cancel_id}-{said}"
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
        operation = "read cancel reasons"
        answer = self._gateway.read(
            operation,
            "GET",
            f"/return_refund/202602/orders/{quote(order, safe='')}/aftersale_eligibility",
            query={"initiate_aftersale_user": "SELLER", "request_types": _CANCEL},
        )
        reasons: dict[LineId, tuple[str, ...]] = {}
        for sku in self._gateway.data(EligibilityData, operation, answer).sku_eligibility:
            for lines in sku.line_item_eligibility:
                if lines.request_type not in {_CANCEL, ""}:
                    continue
                names = lines.available_reason_names if lines.eligible else ()
                for line in (*lines.order_line_items_ids, *(each.order_line_item_id for each in lines.order_line_list)):
                    reasons[LineId(line)] = tuple(dict.fromkeys((*reasons.get(LineId(line), ()), *names)))
        return reasons

    def _page(
        self, operation: str, filters: Mapping[str, object], *, sort_field: str, page_token: str = ""
    ) -> CancellationsPage:
        query = {"page_size": str(CANCELLATIONS_PER_PAGE), "sort_field": sort_field, "sort_order": "ASC"}
        answer = self._gateway.read(
            operation,
            "POST",
            f"{_CANCELLATIONS}/search",
            query=query | ({"page_token": page_token} if page_token else {}),
            body=filters,
        )
        data = self._gateway.data(CancellationsData, operation, answer)
        read = [read_cancellation(raw) for raw in data.cancellations]
        return CancellationsPage(
            cancellations=tuple(each for each, _ in read if isinstance(each, CancellationFacts)),
            unreadable=tuple(each for each, _ in read if isinstance(each, UnreadableCancellation)),
            next_page_token=data.next_page_token,
            unknown=tuple(value for _, unknown in read for value in unknown),
        )

    def _all(self, operation: str, name: str, ids: Sequence[str]) -> CancellationsPage:
        """Every page, oldest first: the creation never changes, so that nothing moves from page to page."""
        pages: list[CancellationsPage] = []
        for some in batched(dict.fromkeys(ids), IDS_PER_CALL, strict=False):
            token, seen = "", {""}
            while True:
                page = self._page(operation, {name: list(some)}, sort_field="create_time", page_token=token)
                pages.append(page)
                token = page.next_page_token
                if not token:
                    break
                if token in seen:
                    raise RejectedError(sentence(PARTNER, operation, "the pages have no end"))
                seen.add(token)
        return CancellationsPage(
            cancellations=tuple(each for page in pages for each in page.cancellations),
            unreadable=tuple(each for page in pages for each in page.unreadable),
            unknown=tuple(value for page in pages for value in page.unknown),
        )

    def _reject_reasons(self, cancel_id: CancelId) -> tuple[RejectReason, ...]:
        operation = "read reject reasons"
        answer = self._gateway.read(
            operation, "GET", "/return_refund/202309/reject_reasons", query={"return_or_cancel_id": cancel_id}
        )
        return self._gateway.data(RejectReasonsData, operation, answer).reasons

    def _answer(self, operation: str, cancel_id: CancelId, verb: str, body: Mapping[str, str], key: str) -> None:
        path = f"{_CANCELLATIONS}/{quote(cancel_id, safe='')}/{verb}"
        self._gateway.write(operation, path, body, key=key)
