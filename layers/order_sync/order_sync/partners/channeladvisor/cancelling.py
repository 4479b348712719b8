"""Cancelling in ChannelAdvisor (CA 4.5): looked at first, never twice, and never a refund by accident.

Adjust answers 204 at once; what became of it stands in the adjustment's RequestStatus, later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from order_sync.domain.errors import (
    AlreadyDoneError,
    HalfDoneError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
)
from order_sync.domain.statuses import ShippingStatus
from order_sync.partners.channeladvisor.calls import Calls, order_path, read_as
from order_sync.partners.channeladvisor.models import AdjustmentPayload, ItemPayload, OrderPayload
from order_sync.partners.channeladvisor.own_adjustments import is_our_cancellation
from order_sync.partners.channeladvisor.request_statuses import Stage
from order_sync.partners.channeladvisor.seeing import (
    every_adjustment,
    has_left,
    shipped_units,
    unshipped_units,
)

MOST_ATTEMPTS: Final = 3
_FIELDS: Final = "ID,SiteID,ShippingStatus"
_EXPANDED: Final = "Items($expand=Adjustments),Fulfillments($expand=Items),Adjustments"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cancelling:
    """One wish to cancel something of one order."""

    calls: Calls
    channeladvisor_id: str
    adjustment_id: str
    by_buyer: bool
    restock: bool
    what: str

    def error(self, text: str) -> str:
        """What is wrong, with what was wanted."""
        return f"ChannelAdvisor: {self.what}: {text}"


def cancel_order(calls: Calls, channeladvisor_id: str, adjustment_id: str, *, by_buyer: bool, restock: bool) -> None:
    """Cancel a whole order of which nothing is shipped."""
    wish = _Cancelling(
        calls=calls,
        channeladvisor_id=channeladvisor_id,
        adjustment_id=adjustment_id,
        by_buyer=by_buyer,
        restock=restock,
        what=f"cancel order {channeladvisor_id}",
    )
    order = _look(wish)
    attempt = _next_attempt(wish, order)
    if order.shipping_status in (ShippingStatus.SHIPPED, ShippingStatus.PARTIALLY_SHIPPED) or any(
        has_left(each) for each in order.fulfillments
    ):
        raise RejectedError(
            wish.error(
                f"something is shipped there (ShippingStatus {order.shipping_status}), "
                "so the adjustment would be a refund; settle it by hand"
            )
        )
    _leave_to_others(wish, order, order.items, ours_too=True)
    _adjust(wish, f"{order_path(channeladvisor_id)}/Adjust", attempt, {})


def cancel_unit(
    calls: Calls,
    channeladvisor_id: str,
    sku: str,
    adjustment_id: str,
    *,
    by_buyer: bool,
    restock: bool,
    unshipped_first: bool,
) -> None:
    """Cancel one unit of a SKU that is not shipped; of an item that is shipped in part only `unshipped_first`."""
    wish = _Cancelling(
        calls=calls,
        channeladvisor_id=channeladvisor_id,
        adjustment_id=adjustment_id,
        by_buyer=by_buyer,
        restock=restock,
        what=f"cancel a unit of order {channeladvisor_id}",
    )
    order = _look(wish)
    attempt = _next_attempt(wish, order)
    items = [item for item in order.items if item.sku == sku]
    left = [item for item in items if unshipped_units(item, order) > 0]
    _leave_to_others(wish, order, items, ours_too=not any(shipped_units(item, order) for item in items))
    if not left or order.shipping_status == ShippingStatus.SHIPPED:
        raise RejectedError(
            wish.error(f"no unit of {sku!r} is unshipped there, so the adjustment would be a refund; settle it by hand")
        )
    item = min(left, key=lambda each: shipped_units(each, order))
    if shipped_units(item, order) and not unshipped_first:
        # Which units of it ChannelAdvisor adjusts is not documented (CA 4.5).
        raise RejectedError(wish.error(f"{sku!r} is shipped in part there, and could be refunded; settle it by hand"))
    _adjust(wish, f"/v1/OrderItems({item.id})/Adjust", attempt, {"Quantity": 1})


def _look(wish: _Cancelling) -> OrderPayload:
    url = wish.calls.url(order_path(wish.channeladvisor_id), select=_FIELDS, expand=_EXPANDED)
    return read_as(OrderPayload, wish.calls.get(wish.what, url), wish.what)


def _next_attempt(wish: _Cancelling, order: OrderPayload) -> str:
    """The adjustment's id for the next attempt: each one that failed has used up its own.

    Raises what stands in the way of another attempt: that it is done, under way, or hopeless.
    """
    names = [wish.adjustment_id, *(f"{wish.adjustment_id}-{number}" for number in range(2, MOST_ATTEMPTS + 1))]
    ours = [each for each in every_adjustment(order) if each.seller_adjustment_id in names]
    for each in ours:
        if each.type == "Refund" and each.stands:
            raise HalfDoneError(
                wish.error(f"adjustment {each.seller_adjustment_id} became a refund; settle it by hand")
            )
    if order.shipping_status == ShippingStatus.CANCELED:
        raise AlreadyDoneError(wish.error("the order is cancelled already"))
    for each in ours:
        if each.stage not in (Stage.DONE, Stage.FAILED):
            raise NotYetError(
                wish.error(f"adjustment {each.seller_adjustment_id} is being processed ({each.request_status})")
            )
    for each in ours:
        if each.stage is Stage.DONE:
            raise AlreadyDoneError(wish.error(f"adjustment {each.seller_adjustment_id} is done already"))
    failed = {each.seller_adjustment_id for each in ours}
    free = [name for name in names if name not in failed]
    if not free:
        raise RejectedError(wish.error(f"adjustment {wish.adjustment_id} failed {MOST_ATTEMPTS} times there"))
    return free[0]


def _leave_to_others(wish: _Cancelling, order: OrderPayload, items: Sequence[ItemPayload], *, ours_too: bool) -> None:
    """Raises AlreadyDoneError or NotYetError when the order, or the last unit of the items that has not left, is
    cancelled by another adjustment or will be."""
    theirs: list[AdjustmentPayload] = [each for each in order.adjustments if each.cancels]
    if not theirs and all(unshipped_units(item, order) <= 0 for item in items):
        theirs = [
            each
            for item in items
            for each in item.adjustments
            if each.cancels and (ours_too or not is_our_cancellation(each))
        ]
    for each in theirs:
        if each.stage is Stage.UNDER_WAY:
            raise NotYetError(wish.error(f"the cancellation {each.id} is being processed ({each.request_status})"))
    if theirs:
        raise AlreadyDoneError(wish.error(f"cancellation {theirs[0].id} has done it already"))


def _adjust(wish: _Cancelling, path: str, attempt: str, extent: dict[str, Any]) -> None:
    """Send it and read it back once."""
    wish.calls.write(
        wish.what,
        "POST",
        path,
        extent
        | {
            "Reason": "BuyerCancelled" if wish.by_buyer else "GeneralAdjustment",
            "Restock": wish.restock,
            "PreventSiteProcessing": True,
            "SellerAdjustmentID": attempt,
        },
    )
    try:
        order = _look(wish)
    except (RetriableError, RejectedError) as error:
        raise OutcomeUnknownError(f"{error}; adjustment {attempt} was accepted") from None
    try:
        following = _next_attempt(wish, order)
    except AlreadyDoneError:
        return
    if following == attempt:
        raise OutcomeUnknownError(wish.error(f"adjustment {attempt} was accepted, but is not shown yet"))
    raise NotYetError(wish.error(f"adjustment {attempt} failed there; another attempt follows"))
