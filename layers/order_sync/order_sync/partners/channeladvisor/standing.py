"""What of an order stands in ChannelAdvisor: units that live, units that may still leave, money that went back."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from order_sync.domain.statuses import ShippingStatus
from order_sync.partners.channeladvisor.calls import Calls, order_path, read_as
from order_sync.partners.channeladvisor.changes import CHILDREN
from order_sync.partners.channeladvisor.models import OrderPayload
from order_sync.partners.channeladvisor.odata import complete
from order_sync.partners.channeladvisor.seeing import every_adjustment, shipped_units, unshipped_units

_FIELDS: Final = "ID,SiteID,ShippingStatus"
_EXPANDED: Final = "Items($expand=Adjustments),Fulfillments($expand=Items),Adjustments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One order there, by SKU, whoever cancelled or refunded."""

    living: Mapping[str, int]
    """Units that nobody has cancelled."""
    open: Mapping[str, int]
    """Those of them that have not left."""
    refunded: Decimal
    """In the order's currency."""


def standing_of(calls: Calls, channeladvisor_id: str) -> Standing:
    """Look at one order; nothing is changed."""
    operation = f"look at order {channeladvisor_id}"
    url = calls.url(order_path(channeladvisor_id), select=_FIELDS, expand=_EXPANDED)
    get = partial(calls.get, operation)
    order = read_as(OrderPayload, complete(get, get(url), calls.base, CHILDREN), operation)
    ended = order.shipping_status == ShippingStatus.CANCELED or any(each.cancels for each in order.adjustments)
    living, still_open = Counter[str](), Counter[str]()
    for item in order.items:
        left = 0 if ended else max(unshipped_units(item, order), 0)
        still_open[item.sku] += left
        living[item.sku] += shipped_units(item, order) + left
    refunds = (each.amount for each in every_adjustment(order) if each.refunds)
    return Standing(living=living, open=still_open, refunded=sum((each for each in refunds if each), Decimal(0)))
