"""What ChannelAdvisor's books bear of a refund: which units can still be refunded, and who refunded the others."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from order_sync.domain.errors import NotYetError, RejectedError
from order_sync.domain.returning.refunds_told import RefundedUnits, RefundInChannelAdvisor
from order_sync.domain.statuses import ShippingStatus
from order_sync.partners.channeladvisor.models import AdjustmentPayload, ItemPayload, OrderPayload, PricedOrderPayload
from order_sync.partners.channeladvisor.own_adjustments import is_our_refund, refunds_for
from order_sync.partners.channeladvisor.seeing import every_adjustment, shipped_units, unshipped_units

_NOTHING_MORE_SHIPS: Final = frozenset({ShippingStatus.SHIPPED, ShippingStatus.CANCELED})
_ZERO: Final = Decimal(0)

type Room = list[tuple[ItemPayload, int]]
"""So many units of each item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusing:
    """How a refund is refused: in whose words, and as which error."""

    error: Callable[[str], str]
    refusal: type[RejectedError]

    def refused(self, text: str) -> RejectedError:
        """The refusal, to be raised."""
        return self.refusal(self.error(text))


def room_for(wanted: RefundedUnits, order: OrderPayload, refund: RefundInChannelAdvisor, refusing: Refusing) -> Room:
    """The units to refund it on: shipped, neither cancelled nor refunded.

    Where nothing more ships, units that other returns have refunded in part bear this refund too: TikTok Shop says
    that it made both. Raises NotYetError while parcels may follow, and a refusal when the units are not there.
    """
    items = [item for item in order.items if item.sku == wanted.sku]
    free = [(item, _free(item, order)) for item in items]
    again = [(item, _again(item, order, refund)) for item in items]
    nothing_ships = order.shipping_status in _NOTHING_MORE_SHIPS
    to_come = 0 if nothing_ships else sum(max(unshipped_units(item, order), 0) for item in items)
    missing = wanted.units - sum(units for _, units in free)
    if missing > to_come + sum(units for _, units in again):
        raise refusing.refused(_why_no_room(wanted, items, order))
    if missing > 0 and to_come:
        raise NotYetError(
            refusing.error(
                f"of {wanted.units} units of {wanted.sku!r} {missing} are not shipped there yet "
                f"(ShippingStatus {order.shipping_status}); the parcel may follow"
            )
        )
    if missing > 0:
        return [(item, units + more) for (item, units), (_, more) in zip(free, again, strict=True)]
    return free


def refuse_doubles(
    unsent: Decimal, skus: Sequence[str], order: PricedOrderPayload, confirmed: Collection[str], refusing: Refusing
) -> None:
    """Raises a refusal when refunds that name no units may hold what is still to be sent, or when all together would
    be more than was paid. What TikTok Shop has `confirmed` is another refund."""
    others = [each for each in _without_units(order, skus) if each.id not in confirmed]
    amounts = [each.amount for each in others]
    if others and (None in amounts or sum(amount for amount in amounts if amount is not None) >= unsent):
        names = ", ".join(_named(each) for each in others)
        raise refusing.refused(
            f"{names} names no units, and may hold this one of {unsent}; compare, and settle by hand"
        )
    made = sum((each.amount or _ZERO for each in every_adjustment(order) if each.refunds), _ZERO)
    if made + unsent > order.total_price:
        raise refusing.refused(
            f"{unsent} more would make it {made + unsent} of the {order.total_price} that was paid; settle by hand"
        )


def _free(item: ItemPayload, order: OrderPayload) -> int:
    refunded = sum(each.quantity or 0 for each in item.adjustments if each.refunds)
    return max(_left_and_kept(item, order) - refunded, 0)


def _again(item: ItemPayload, order: OrderPayload, refund: RefundInChannelAdvisor) -> int:
    """Units that were refunded for other returns, by us or by others as TikTok Shop has confirmed."""
    this = refunds_for(refund.return_id, item)
    known = sum(
        each.quantity or 0
        for each in item.adjustments
        if each.refunds and (is_our_refund(each, item) or each.id in refund.confirmed) and each not in this
    )
    return min(known, _left_and_kept(item, order) - _free(item, order))


def _left_and_kept(item: ItemPayload, order: OrderPayload) -> int:
    """Units that have left, and were not cancelled nevertheless."""
    shipped = shipped_units(item, order)
    return max(shipped + min(unshipped_units(item, order), 0), 0)


def _without_units(order: OrderPayload, skus: Sequence[str]) -> list[AdjustmentPayload]:
    """Refunds of the whole order, and of nothing but money on an item of these SKUs."""
    items = [item for item in order.items if item.sku in skus]
    on_items = [each for item in items for each in item.adjustments if each.refunds and not each.quantity]
    return [*(each for each in order.adjustments if each.refunds), *on_items]


def _why_no_room(wanted: RefundedUnits, items: Sequence[ItemPayload], order: OrderPayload) -> str:
    bought = sum(item.quantity for item in items)
    shipped = sum(shipped_units(item, order) for item in items)
    refunds = [each for item in items for each in item.adjustments if each.refunds]
    by = f" by {', '.join(_named(each) for each in refunds)}" if refunds else ""
    return (
        f"{wanted.units} units of {wanted.sku!r} are to be refunded, but of {bought} there {shipped} are shipped "
        f"and {sum(each.quantity or 0 for each in refunds)} refunded{by}; compare, and settle by hand"
    )


def _named(adjustment: AdjustmentPayload) -> str:
    source = adjustment.created_source or "somebody"
    return f"refund {adjustment.id} of {adjustment.amount} made by {source}"
