"""How much a return gives back, never more than is left of what was paid (TT 4.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from local.simulators.tiktok_shop.money import CENT, ZERO
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.refunds import Refund, line_refund

EXTRAS = ("shipping_fee", "tax", "retail_delivery_fee", "buyer_service_fee")


def refunds_of(
    order: Order, lines: Sequence[Line], *, extras: bool, most: Decimal | None = None
) -> tuple[list[Refund], Refund]:
    """What goes back for each line, and in all; `extras`: shipping and fees too. `most` caps the total.

    A smaller amount is taken from one unit after the other, then from shipping and fees. Unlike a cancellation's,
    a return's total holds nothing but the parts that the API lists.
    """
    units = [line_refund(order, line) for line in lines]
    once = extras_of(order) if extras else _nothing(order)
    if most is not None:
        units, once = _capped(units, once, most)
    return units, _sum(order, [*units, once])


def extras_of(order: Order) -> Refund:
    """What was paid once for the whole order, as far as the API lists it."""
    if order.paid_at is None or order.extras_refunded:
        return _nothing(order)
    paid = {name: Decimal(value) for name, value in order.payment.items() if name != "currency"}
    once = replace(
        _nothing(order),
        shipping_fee=paid["shipping_fee"],
        tax=paid["shipping_fee_tax"],
        retail_delivery_fee=paid["retail_delivery_fee"],
        buyer_service_fee=paid.get("buyer_service_fee", ZERO),
    )
    return _sum(order, [once])


def _capped(units: Sequence[Refund], once: Refund, most: Decimal) -> tuple[list[Refund], Refund]:
    left = most
    taken: list[Refund] = []
    for unit in units:
        part = _part(unit, min(unit.total, left))
        left -= part.total
        taken.append(part)
    for name in EXTRAS:
        value = min(getattr(once, name), left)
        left -= value
        once = replace(once, **{name: value})
    return taken, once


def _part(unit: Refund, total: Decimal) -> Refund:
    """Some of a unit's refund: its tax in proportion."""
    if total == unit.total:
        return unit
    tax = (unit.tax * total / unit.total).quantize(CENT, ROUND_HALF_UP)
    subtotal = min(total - tax, unit.subtotal)
    return replace(unit, total=total, subtotal=subtotal, tax=total - subtotal)


def _sum(order: Order, parts: Iterable[Refund]) -> Refund:
    sums = dict.fromkeys(("subtotal", *EXTRAS), ZERO)
    for part in parts:
        for name in sums:
            sums[name] += getattr(part, name)
    return Refund(currency=order.shop.region.currency, total=sum(sums.values(), ZERO), **sums)


def _nothing(order: Order) -> Refund:
    return Refund(currency=order.shop.region.currency, total=ZERO, subtotal=ZERO)
