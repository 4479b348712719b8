"""Refunds in ChannelAdvisor's books, for checks: who made each, of which units, and how much."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from local.simulators.channeladvisor.adjusting import AMOUNTS
from local.simulators.channeladvisor.entities import Adjustment, ItemAdjustment, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedRefund:
    """One adjustment of type Refund as it stands now; amounts without a sign."""

    id: int
    order_id: int
    item_id: int | None
    """None for one of the whole order."""
    source: str
    """Who made it: Api, UserInterface or Channel."""
    seller_id: str
    """SellerAdjustmentID."""
    reason: str
    status: str
    """RequestStatus."""
    made_at: datetime
    units: dict[str, int]
    """Quantities by SKU."""
    goods: Decimal
    shipping: Decimal
    tax: Decimal
    """Without the tax on shipping."""
    other: Decimal
    restocks: bool
    prevents_site_processing: bool
    refund_only: bool

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.goods + self.shipping + self.tax + self.other

    @property
    def stands(self) -> bool:
        """Whether it was, or will be, carried out."""
        return self.status not in ("Error", "RejectionCompleted", "NewRma", "PendingApproval")


def refunds_of(order: Order) -> list[BookedRefund]:
    """All refunds of an order, of both levels, oldest first."""
    found = [_booked(order, each) for each in order.every_adjustment if each["Type"] == "Refund"]
    return sorted(found, key=lambda each: each.made_at)


def _booked(order: Order, found: Adjustment) -> BookedRefund:
    units = Counter[str]()
    for item in order.items:
        units[item["Sku"]] += found.units.get(item["ID"], 0)
    goods, tax, shipping, *other = (abs(found[name] or Decimal(0)) for name in AMOUNTS)
    return BookedRefund(
        id=found["ID"],
        order_id=order["ID"],
        item_id=found["OrderItemID"] if isinstance(found, ItemAdjustment) else None,
        source=found["CreatedSource"],
        seller_id=found["SellerAdjustmentID"] or "",
        reason=found["Reason"],
        status=found["RequestStatus"],
        made_at=found["CreatedDateUtc"],
        units=dict(+units),
        goods=goods,
        shipping=shipping,
        tax=tax,
        other=sum(other, Decimal(0)),
        restocks=found["IsRestock"],
        prevents_site_processing=found.prevents_site_processing,
        refund_only=found.refund_only,
    )
