"""Returns in scenarios and tests: what buyers, and TikTok itself, do about them (not over HTTP)."""

from collections.abc import Collection
from datetime import datetime

from local.simulators.tiktok_shop.cancel_actions import CancelActions, lines_named
from local.simulators.tiktok_shop.cancel_reasons import Reason
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.doubts import LabelSign
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.providers import BY_REGION
from local.simulators.tiktok_shop.return_reasons import SYSTEM_REASON, buyer_reasons, return_reason_in_words
from local.simulators.tiktok_shop.return_records import Arbitration, Return, ReturnStatus, ReturnType
from local.simulators.tiktok_shop.return_steps import REJECTED, claim, close, note, release
from local.simulators.tiktok_shop.returning import (
    ask,
    await_buyer,
    decline_offer,
    grant,
    make_anew,
    new_return,
    ship_back,
)
from local.simulators.tiktok_shop.seller_returning import units_obstacle
from local.tracking_numbers import usps

WITHDRAWABLE = frozenset(
    {
        ReturnStatus.PENDING,
        ReturnStatus.AWAITING_BUYER_RESPONSE,
        ReturnStatus.AWAITING_BUYER_SHIP,
        ReturnStatus.REPLACEMENT_PENDING,
        ReturnStatus.EXCHANGE_PENDING,
    }
)


class ReturnActions(CancelActions):
    """Every method takes effect at once. Orders, lines and returns are named by id; reasons by name, or in words.

    Raises IllegalStepError where a return has no such step.
    """

    def buyer_requests_return(
        self,
        order_id: str,
        kind: ReturnType = ReturnType.REFUND,
        lines: Collection[str] | None = None,
        *,
        reason: str | None = None,
        approved_by_tiktok: bool | None = None,
        follows: str | None = None,
        exchange_for: str = "",
    ) -> str:
        """The buyer wants something back for units that have shipped, or for all of these. Returns the return id.

        `reason` None: the first that is offered. `approved_by_tiktok`: whether TikTok grants a request to return
        goods at once, without the seller; None leaves it to `Doubts.first_return_is_approved`. `follows`: a return
        that the buyer changes into this one. `exchange_for`: the SKU that the buyer wants in exchange.
        """
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            if follows is not None:
                self._change(order, follows, now)
            chosen = _returnable(order) if lines is None else lines_named(order, lines)
            if units_obstacle(self._state, order, chosen) is not None:
                raise IllegalStepError(f"these units of order {order_id} in {order.status} cannot be returned")
            words = _reason(order, chosen, kind, reason)
            first = not any(
                each.order is order and each.type is ReturnType.RETURN_AND_REFUND
                for each in self._state.returns.values()
            )
            at_once = (
                self.doubts.first_return_is_approved and first if approved_by_tiktok is None else approved_by_tiktok
            )
            given = new_return(self._state, order, chosen, type_=kind, role=Role.BUYER, reason=words, now=now)
            given.exchange_for, given.previous_id = exchange_for, follows
            ask(self._state, given, now, approved_by_tiktok=at_once and kind is ReturnType.RETURN_AND_REFUND)
            if follows is not None:
                self._state.return_(follows).next_id = given.id
                note(self._state, self._state.return_(follows), now)
            return given.id

    def buyer_ships_return(self, return_id: str, tracking_number: str, carrier: str | None = None) -> None:
        """The goods are on their way back; `carrier` by name, None for the region's first."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            _in(given, ReturnStatus.AWAITING_BUYER_SHIP)
            providers = BY_REGION[given.order.shop.region.code].values()
            given.provider = next(each for each in providers if carrier in (None, each.name))
            given.tracking_number = tracking_number
            ship_back(self._state, given, now)

    def buyer_withdraws_return(self, return_id: str) -> None:
        """The buyer thinks better of it, or gives in during an arbitration: the return is closed."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            if given.arbitration is not Arbitration.IN_PROGRESS:
                _in(given, *WITHDRAWABLE)
            close(self._state, given, now, by="buyer")

    def buyer_answers_offer(self, return_id: str, *, accepts: bool) -> None:
        """The buyer takes some of the money and keeps the goods, or insists."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            _in(given, ReturnStatus.AWAITING_BUYER_RESPONSE)
            if accepts:
                given.keeps_item = True
                grant(self._state, given, now, by="buyer", most=given.offer)
            else:
                decline_offer(self._state, given, now, by="buyer")

    def buyer_escalates(self, return_id: str) -> None:
        """The buyer does not accept the rejection: TikTok's staff shall decide."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            _in(given, *REJECTED)
            taken = any(line.open_return_id or line.is_settled or line.is_cancelled for line in given.units)
            if taken or given.arbitration in {Arbitration.IN_PROGRESS, Arbitration.SUPPORT_SELLER}:
                raise IllegalStepError(f"return {return_id} cannot go to arbitration")
            claim(self._state, given)
            given.arbitration = Arbitration.IN_PROGRESS
            note(self._state, given, now)

    def tiktok_decides_arbitration(self, return_id: str, *, for_buyer: bool) -> None:
        """TikTok's staff decides: the goods may come back, or the money goes back, or the rejection stays."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            if given.arbitration is not Arbitration.IN_PROGRESS:
                raise IllegalStepError(f"return {return_id} is not in arbitration")
            if not for_buyer:
                given.arbitration = Arbitration.SUPPORT_SELLER
                release(given)
                note(self._state, given, now)
                return
            given.arbitration = Arbitration.SUPPORT_BUYER
            if given.type is ReturnType.RETURN_AND_REFUND and given.status is ReturnStatus.REJECT:
                await_buyer(self._state, given, now, by="tiktok")
            else:
                grant(self._state, given, now, by="tiktok")

    def tiktok_makes_label(self, return_id: str, *, document_type: str = "SHIPPING_LABEL") -> None:
        """A return label exists: "SHIPPING_LABEL", "QR_CODE" or "QR_CODE_NBNL" (see `Doubts.label_shows_as`)."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            _in(given, ReturnStatus.AWAITING_BUYER_SHIP)
            if given.has_label:
                raise IllegalStepError(f"return {return_id} has a label")
            given.has_label = True
            if self.doubts.label_shows_as is LabelSign.DOCUMENT:
                given.document_type = document_type
            else:
                given.tracking_number = usps(int(self._state.ids.number("tracking")))
            note(self._state, given, now)

    def tiktok_settles_exchange(self, return_id: str, *, by_refund: bool = False) -> None:
        """TikTok carries out an exchange before its time, or refunds it instead."""
        with self._state.lock:
            now, given = self._state.now(), self._state.return_(return_id)
            _in(given, ReturnStatus.EXCHANGE_PENDING)
            if by_refund:
                grant(self._state, given, now, by="tiktok")
            else:
                make_anew(self._state, given, now, by="tiktok")

    def refund_by_platform(self, order_id: str, lines: Collection[str] | None = None) -> str:
        """TikTok refunds shipped units by itself. Returns the return id."""
        with self._state.lock:
            now, order = self._state.now(), self._state.order(order_id)
            chosen = _returnable(order) if lines is None else lines_named(order, lines)
            if units_obstacle(self._state, order, chosen) is not None:
                raise IllegalStepError(f"these units of order {order_id} in {order.status} cannot be refunded")
            given = new_return(
                self._state,
                order,
                chosen,
                type_=ReturnType.REFUND,
                role=Role.OPERATOR if self.doubts.staff_is_operator else Role.SYSTEM,
                reason=SYSTEM_REASON,
                now=now,
            )
            grant(self._state, given, now, by="tiktok")
            return given.id

    def _change(self, order: Order, return_id: str, now: datetime) -> None:
        given = self._state.return_(return_id)
        if given.order is not order or given.arbitration is Arbitration.IN_PROGRESS:
            raise IllegalStepError(f"return {return_id} cannot be changed into one of order {order.id}")
        _in(given, *WITHDRAWABLE, *REJECTED)
        if given.status not in REJECTED:
            close(self._state, given, now, by="buyer")


def _in(given: Return, *statuses: ReturnStatus) -> None:
    if given.status not in statuses:
        raise IllegalStepError(f"return {given.id} in {given.status} has no such step")


def _returnable(order: Order) -> list[Line]:
    return [
        line for line in order.remaining if line.package is not None and not line.is_settled and not line.open_return_id
    ]


def _reason(order: Order, lines: Collection[Line], kind: ReturnType, said: str | None) -> Reason:
    offered = buyer_reasons(order, lines, kind)
    if said is None:
        return offered[0]
    try:
        return return_reason_in_words(said, offered)
    except LookupError as wrong:
        raise IllegalStepError(str(wrong)) from wrong
