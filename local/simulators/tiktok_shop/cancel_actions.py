"""Cancelling in scenarios and tests: by buyers, sellers in Seller Center, and TikTok itself (not over HTTP)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from local.simulators.tiktok_shop.cancel_books import SellerCancel
from local.simulators.tiktok_shop.cancel_reasons import Reason, is_out_of_stock, reason_in_words
from local.simulators.tiktok_shop.cancellations import Cancellation, CancellationRecord, Outcome, Role, record_of
from local.simulators.tiktok_shop.cancelling import cancel_at_once, close, request
from local.simulators.tiktok_shop.deciding import Decision, decide, write_down
from local.simulators.tiktok_shop.errors import IllegalStepError, RefusalError
from local.simulators.tiktok_shop.lifecycle import can_be_cancelled
from local.simulators.tiktok_shop.orders import Line, Order, Status
from local.simulators.tiktok_shop.seller_cancelling import PART_ORDER_REGIONS
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.time_actions import TimeActions

BEFORE_RELEASE = frozenset({Status.UNPAID, Status.ON_HOLD})
TO_SHIP = frozenset({Status.AWAITING_SHIPMENT, Status.PARTIALLY_SHIPPING})
OPTED_HOURS = (1, 3, 5)
USUAL_TIME = timedelta(hours=24)


class CancelActions(TimeActions):
    """Every method takes effect at once, or at a moment `at` of the past, of which TikTok learns now.

    Reasons are TikTok's names or words of one's own.
    Raises IllegalStepError where TT 2.8 does not allow the step or the reason does not apply.
    """

    def cancel_as_buyer(self, order_id: str, reason: str = "No longer needed", *, at: datetime | None = None) -> str:
        """The buyer cancels before release, when no approval is needed. Returns the cancel id."""
        return self._cancel(order_id, Role.BUYER, reason, BEFORE_RELEASE, at=at).id

    def cancel_by_seller(
        self,
        order_id: str,
        reason: str = "Out of stock",
        *,
        lines: Collection[str] | None = None,
        at: datetime | None = None,
    ) -> str:
        """The seller cancels in Seller Center; after shipping only whole orders in the US. Returns the cancel id.

        `lines`: only these, which takes the reason "Out of stock", and lines that have not shipped.
        """
        allowed = BEFORE_RELEASE | {Status.AWAITING_SHIPMENT}
        with self._state.lock:
            order = self._state.order(order_id)
            self._state.moment(order, at)
            if order.shop.region.code == "US":
                allowed |= {Status.AWAITING_COLLECTION}
            chosen = None if lines is None else lines_named(order, lines)
            part = chosen is not None and set(chosen) != set(order.remaining)
            if part and order.shop.region.code not in PART_ORDER_REGIONS:
                raise IllegalStepError(f"order {order_id} in {order.status} is not cancelled in part")
            if not can_be_cancelled(order, order.remaining if chosen is None else chosen):
                what = "in part" if part else "whole"
                raise IllegalStepError(f"order {order_id} in {order.status} is not cancelled {what}")
            if part:
                allowed = TO_SHIP
                if not is_out_of_stock(_reason(order, Role.SELLER, reason).name):
                    raise IllegalStepError("parts of an order are cancelled only when out of stock")
            cancellation = self._cancel(order_id, Role.SELLER, reason, allowed, at=at, lines=chosen)
            self.books.seller_cancels.append(
                SellerCancel(
                    at=cancellation.created_at,
                    shop_id=order.shop.id,
                    order_id=order.id,
                    cancel_id=cancellation.id,
                    line_ids=tuple(each.line.id for each in cancellation.lines),
                    reason=cancellation.reason,
                    by="seller_center",
                    code=0,
                )
            )
            return cancellation.id

    def cancel_by_platform(
        self, order_id: str, reason: str = "Shipping timed out", *, at: datetime | None = None
    ) -> str:
        """TikTok cancels: unpaid, fraud ("Potential fraud"), late, or lost on the way. Returns the cancel id."""
        return self._cancel(order_id, Role.SYSTEM, reason, frozenset(Status), at=at).id

    def request_cancel(
        self, order_id: str, lines: Collection[str] | None = None, *, reason: str = "No longer needed"
    ) -> str:
        """The buyer asks, after release, for the cancellation of what has not shipped, or of some lines of it.

        Returns the cancel id. One request at a time is open for an order.
        """
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            chosen = order.unshipped if lines is None else lines_named(order, lines)
            if order.status not in TO_SHIP or order.cancel_request_open or not can_be_cancelled(order, chosen):
                raise IllegalStepError(f"order {order_id} in {order.status} takes no cancel request")
            return request(self._state, order, chosen, _reason(order, Role.BUYER, reason), now).id

    def withdraw_cancel_request(self, order_id: str) -> None:
        """The buyer thinks better of it: the open request is closed."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            if order.open_cancel_id is None:
                raise IllegalStepError(f"order {order_id} has no open cancel request")
            close(self._state, self._state.cancellations[order.open_cancel_id], Outcome.WITHDRAWN, now)

    def close_cancel_request(self, order_id: str) -> None:
        """The request ends without a cancellation, as by `withdraw_cancel_request`."""
        self.withdraw_cancel_request(order_id)

    def approve_in_seller_center(self, cancel_id: str) -> None:
        """The seller grants a buyer's request by hand. Raises RefusalError as the API would."""
        self._decide(cancel_id, Decision.APPROVE, None)

    def reject_in_seller_center(self, cancel_id: str, reason: str) -> None:
        """The seller refuses a buyer's request by hand, for one of TikTok's reasons. Raises RefusalError."""
        self._decide(cancel_id, Decision.REJECT, reason)

    def set_automatic_approval(self, shop: Shop, hours: int | None) -> None:
        """The seller opts into approval after 1, 3 or 5 hours, in the US only; None: 24 hours, as for everybody.

        It is counted from the request (TT 4.3) and holds for requests from now on.
        """
        if hours is not None and (hours not in OPTED_HOURS or shop.region.code != "US"):
            raise ValueError(f"shops in {shop.region.code} cannot opt into approval after {hours} hours")
        with self._state.lock:
            self._state.now()
            shop.automatic_approval = USUAL_TIME if hours is None else timedelta(hours=hours)

    def shorten_time_to_answer(self, shop: Shop, time: timedelta) -> None:
        """For days that pass faster than TikTok's: requests from now on are approved after this time."""
        with self._state.lock:
            self._state.now()
            shop.automatic_approval = time

    def set_reject_offered(self, shop: Shop, *, offered: bool) -> None:
        """Whether the API takes rejections from this shop (see `Doubts.us_offers_reject`)."""
        with self._state.lock:
            shop.offers_reject = offered

    def set_refund_time(self, time: timedelta) -> None:
        """How long refunds take from now on: the way from SUCCESS to COMPLETE."""
        with self._state.lock:
            self._state.refund_after = time

    def take_reason_offline(self, name: str) -> None:
        """TikTok no longer takes this reason (25001020)."""
        with self._state.lock:
            self._state.offline_reasons.add(name)

    def fail_next_lock(self, order_id: str | None = None, times: int = 1) -> None:
        """The next answers to requests or cancellations (of this order) that would work meet 25001028."""
        with self._state.lock:
            self._state.failing_locks += [order_id] * times

    def cancellation(self, cancel_id: str) -> CancellationRecord:
        """A cancellation as it is now."""
        with self._state.lock:
            self._state.now()
            return record_of(self._state.cancellation(cancel_id))

    def cancellations_of(self, order_id: str) -> list[CancellationRecord]:
        """All cancellations of an order as they are now, oldest first."""
        with self._state.lock:
            self._state.now()
            return [record_of(each) for each in self._state.cancellations.values() if each.order.id == order_id]

    def _cancel(
        self,
        order_id: str,
        role: Role,
        reason: str,
        allowed: frozenset[Status],
        *,
        at: datetime | None,
        lines: Sequence[Line] | None = None,
    ) -> Cancellation:
        with self._state.lock:
            order = self._state.order(order_id)
            now = self._state.moment(order, at)
            if order.status not in allowed:
                raise IllegalStepError(f"order {order_id} in {order.status} cannot be cancelled by {role}")
            words = _reason(order, role, reason)
            chosen = order.remaining if lines is None else lines
            cancellation = cancel_at_once(self._state, order, chosen, role=role, reason=words, now=now)
            self._learn(order, at, packages=order.packages, cancellation=cancellation)
            return cancellation

    def _decide(self, cancel_id: str, decision: Decision, reason: str | None) -> None:
        with self._state.lock:
            now, cancellation = self._state.now(), self._state.cancellation(cancel_id)
            shop = cancellation.order.shop
            note = partial(write_down, self._state, shop, cancel_id, decision, now, by="seller_center", reason=reason)
            try:
                decide(self._state, cancellation, decision, reason, now)
            except RefusalError as refusal:
                note(code=refusal.code)
                raise
            note()


def lines_named(order: Order, line_ids: Collection[str]) -> list[Line]:
    """The lines of an order that a scenario names. Raises IllegalStepError when it has no such lines."""
    chosen = [line for line in order.lines if line.id in line_ids]
    if not chosen or len(chosen) != len(line_ids):
        raise IllegalStepError(f"not lines of order {order.id}: {sorted(line_ids)}")
    return chosen


def _reason(order: Order, role: Role, said: str) -> Reason:
    try:
        return reason_in_words(order, role, said)
    except LookupError as wrong:
        raise IllegalStepError(str(wrong)) from wrong
