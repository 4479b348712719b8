"""A refund by SKU as parts of an order's items: which units there, and which share of the money each bears."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from order_sync.domain.returning.refunds_told import RefundedUnits
from order_sync.partners.channeladvisor.models import ItemPayload

_CENT: Final = Decimal("0.01")
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """What is refunded of one item."""

    item: ItemPayload
    refunded: RefundedUnits


def spread(wanted: RefundedUnits, free: Iterable[tuple[ItemPayload, int]]) -> list[RefundPart]:
    """The units over items with so many units free each. The money goes by price, and adds up to the cent.

    Items of one SKU differ in price: the cheapest whose price covers what is refunded for a unit comes first.
    """
    each = wanted.goods / wanted.units

    def fitting(candidate: tuple[ItemPayload, int]) -> tuple[bool, Decimal]:
        price = _price(candidate[0])
        return price < each, abs(price - each)

    chosen: list[tuple[ItemPayload, int]] = []
    missing = wanted.units
    for item, most in sorted(free, key=fitting):
        if (units := min(most, missing)) > 0:
            chosen.append((item, units))
            missing -= units
    weights = [_price(item) * units for item, units in chosen]
    if not any(weights):
        weights = [Decimal(units) for _, units in chosen]
    goods, shipping, tax = (split(amount, weights) for amount in (wanted.goods, wanted.shipping, wanted.tax))
    return [
        RefundPart(
            item=item,
            refunded=replace(wanted, units=units, goods=goods[place], shipping=shipping[place], tax=tax[place]),
        )
        for place, (item, units) in enumerate(chosen)
    ]


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """The amount by weights, in cents, or finer where it is finer itself; the parts add up to it."""
    smallest = min(_CENT, Decimal(1).scaleb(int(amount.as_tuple().exponent)))
    whole = sum(weights, _ZERO)
    parts: list[Decimal] = []
    weighed = given = _ZERO
    for weight in weights:
        weighed += weight
        until = (amount * weighed / whole).quantize(smallest, ROUND_HALF_UP)
        parts.append(until - given)
        given = until
    return parts


def _price(item: ItemPayload) -> Decimal:
    return item.unit_price or _ZERO
