"""Refunds told to ChannelAdvisor (CA 4.5): looked at first, never twice, and never more than its books can bear.

An adjustment of shipped units is a refund. The marketplace made this one, so it hears nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any, Final

from order_sync.domain.errors import (
    AlreadyDoneError,
    HalfDoneError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    UnderWayError,
)
from order_sync.domain.returning.refunds_told import RefundedUnits, RefundInChannelAdvisor
from order_sync.domain.statuses import ShippingStatus
from order_sync.partners.channeladvisor.calls import Calls, order_path, read_as
from order_sync.partners.channeladvisor.creating import wire_number
from order_sync.partners.channeladvisor.models import AdjustmentPayload, ItemPayload, PricedOrderPayload
from order_sync.partners.channeladvisor.own_adjustments import refund_name, refunds_for
from order_sync.partners.channeladvisor.refund_parts import RefundPart, spread
from order_sync.partners.channeladvisor.refund_room import Refusing, refuse_doubles, room_for
from order_sync.partners.channeladvisor.request_statuses import Stage

MOST_ATTEMPTS: Final = 3
_FIELDS: Final = "ID,SiteID,ShippingStatus,TotalPrice"
_EXPANDED: Final = "Items($expand=Adjustments),Fulfillments($expand=Items),Adjustments"
_NEVER_COMPUTED: Final = dict.fromkeys(
    ("ShippingTaxAdjustment", "GiftWrapAdjustment", "GiftWrapTaxAdjustment", "RecyclingFeeAdjustment"), 0
)
"""What is left out is computed (CA 4.5). TikTok's tax holds the tax on shipping."""
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refunding:
    """One wish to refund units of one order."""

    calls: Calls
    channeladvisor_id: str
    refund: RefundInChannelAdvisor
    what: str

    def error(self, text: str) -> str:
        """What is wrong, with what was wanted."""
        return f"ChannelAdvisor: {self.what}: {text}"


def refund_units(calls: Calls, channeladvisor_id: str, refund: RefundInChannelAdvisor) -> None:
    """Refund shipped units by SKU, one adjustment for each item that bears some of them."""
    wish = _Refunding(
        calls=calls,
        channeladvisor_id=channeladvisor_id,
        refund=replace(refund, units=_merged(refund.units)),
        what=f"refund return {refund.return_id} of order {channeladvisor_id}",
    )
    _refuse_nonsense(wish)
    order = _look(wish)
    parts = _rest(wish, order)
    accepted = [_id(each) for each in _standing(wish, order)]
    for name, part in parts.items():
        try:
            _adjust(wish, name, part)
        except RejectedError as error:
            if accepted:
                raise HalfDoneError(f"{error}; adjustment {', '.join(accepted)} was accepted before") from error
            raise
        accepted.append(name)
    names = ", ".join(parts)
    try:
        order = _look(wish)
    except (RetriableError, RejectedError) as error:
        raise OutcomeUnknownError(f"{error}; adjustment {names} was accepted") from None
    try:
        following = _rest(wish, order)
    except AlreadyDoneError:
        return
    if following.keys() & parts.keys():
        raise OutcomeUnknownError(wish.error(f"adjustment {names} was accepted, but is not shown yet"))
    raise NotYetError(wish.error(f"adjustment {names} failed there; another attempt follows"))


def _merged(units: Sequence[RefundedUnits]) -> tuple[RefundedUnits, ...]:
    """One entry for each SKU."""
    found: dict[str, RefundedUnits] = {}
    for each in units:
        known = found.get(each.sku)
        found[each.sku] = each if known is None else _added(known, each, 1)
    return tuple(found.values())


def _added(first: RefundedUnits, second: RefundedUnits, sign: int) -> RefundedUnits:
    return replace(
        first,
        units=first.units + sign * second.units,
        goods=first.goods + sign * second.goods,
        shipping=first.shipping + sign * second.shipping,
        tax=first.tax + sign * second.tax,
    )


def _refuse_nonsense(wish: _Refunding) -> None:
    if not wish.refund.units:
        raise RejectedError(wish.error("no units are named"))
    for each in wish.refund.units:
        if not each.sku or each.units < 1 or min(each.goods, each.shipping, each.tax) < 0:
            raise RejectedError(wish.error(f"{each} is no refund"))


def _look(wish: _Refunding) -> PricedOrderPayload:
    url = wish.calls.url(order_path(wish.channeladvisor_id), select=_FIELDS, expand=_EXPANDED)
    return read_as(PricedOrderPayload, wish.calls.get(wish.what, url), wish.what)


def _rest(wish: _Refunding, order: PricedOrderPayload) -> dict[str, RefundPart]:
    """What is still to be sent, by the id of its adjustment.

    Raises what stands in the way: that all is done, under way, hopeless, or not as it should be.
    """
    standing = _standing(wish, order)
    for each in standing:
        if each.type != "Refund":
            raise HalfDoneError(wish.error(f"adjustment {_id(each)} became a {each.type}; settle it by hand"))
    left = [rest for wanted in wish.refund.units if (rest := _left(wish, wanted, order)).units]
    if not left:
        _refuse_unfinished(wish, standing)
        raise AlreadyDoneError(wish.error(f"adjustment {', '.join(map(_id, standing))} is done already"))
    refusing = Refusing(error=wish.error, refusal=HalfDoneError if standing else RejectedError)
    if order.shipping_status == ShippingStatus.THIRD_PARTY_MANAGED:
        raise refusing.refused("the order is ThirdPartyManaged there; settle it by hand")
    parts: dict[str, RefundPart] = {}
    for wanted in left:
        for part in spread(wanted, room_for(wanted, order, wish.refund, refusing)):
            parts[_next_name(wish, part.item, refusing)] = part
    unsent = sum((wanted.total for wanted in left), _ZERO)
    refuse_doubles(unsent, [wanted.sku for wanted in left], order, wish.refund.confirmed, refusing)
    return parts


def _standing(wish: _Refunding, order: PricedOrderPayload) -> list[AdjustmentPayload]:
    ours = [each for item in order.items for each in refunds_for(wish.refund.return_id, item)]
    return [each for each in ours if each.stage is not Stage.FAILED]


def _left(wish: _Refunding, wanted: RefundedUnits, order: PricedOrderPayload) -> RefundedUnits:
    """What of these units no adjustment for this return bears, as the adjustments themselves show."""
    left = wanted
    for item in order.items:
        for each in refunds_for(wish.refund.return_id, item):
            if item.sku == wanted.sku and each.stage is not Stage.FAILED:
                left = _added(left, _shown(wish, wanted, each), -1)
    if left.units < 0 or (left.units and min(left.goods, left.shipping, left.tax) < 0):
        raise HalfDoneError(wish.error(f"more than {wanted} is refunded there; settle it by hand"))
    return left


def _shown(wish: _Refunding, wanted: RefundedUnits, adjustment: AdjustmentPayload) -> RefundedUnits:
    if not adjustment.quantity or adjustment.amount is None:
        raise HalfDoneError(
            wish.error(f"adjustment {_id(adjustment)} shows no units or no amount; settle the rest by hand")
        )
    return RefundedUnits(
        sku=wanted.sku,
        units=adjustment.quantity,
        goods=abs(adjustment.item_adjustment or _ZERO),
        shipping=abs(adjustment.shipping_adjustment or _ZERO),
        tax=abs(adjustment.tax_adjustment or _ZERO),
    )


def _refuse_unfinished(wish: _Refunding, standing: Sequence[AdjustmentPayload]) -> None:
    """Raises UnderWayError while one is being processed, HalfDoneError when they add up to another amount."""
    for each in standing:
        if each.stage is not Stage.DONE:
            raise UnderWayError(wish.error(f"adjustment {_id(each)} is being processed ({each.request_status})"))
    made = sum((each.amount or _ZERO for each in standing), _ZERO)
    if made != wish.refund.total:
        raise HalfDoneError(wish.error(f"{made} was refunded there instead of {wish.refund.total}; settle it by hand"))


def _next_name(wish: _Refunding, item: ItemPayload, refusing: Refusing) -> str:
    """Each attempt has an id of its own. Raises a refusal after too many."""
    ours = refunds_for(wish.refund.return_id, item)
    if sum(each.stage is Stage.FAILED for each in ours) >= MOST_ATTEMPTS:
        name = refund_name(wish.refund.return_id, item)
        raise refusing.refused(f"adjustment {name} failed {MOST_ATTEMPTS} times there")
    used = {_id(each) for each in ours}
    names = (refund_name(wish.refund.return_id, item, attempt) for attempt in count(1))
    return next(name for name in names if name not in used)


def _adjust(wish: _Refunding, name: str, part: RefundPart) -> None:
    amounts = {
        "ItemAdjustment": wire_number(part.refunded.goods),
        "TaxAdjustment": wire_number(part.refunded.tax),
        "ShippingAdjustment": wire_number(part.refunded.shipping),
    }
    body: dict[str, Any] = {
        "Quantity": part.refunded.units,
        "Reason": "CustomerReturnedItem" if wish.refund.reason_is_return else "GeneralAdjustment",
        **amounts,
        **_NEVER_COMPUTED,
        "RefundOnly": True,
        "Restock": False,
        "PreventSiteProcessing": True,
        "SellerAdjustmentID": name,
    }
    wish.calls.write(wish.what, "POST", f"/v1/OrderItems({part.item.id})/Adjust", body)


def _id(adjustment: AdjustmentPayload) -> str:
    return adjustment.seller_adjustment_id
