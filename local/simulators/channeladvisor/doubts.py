"""What the sheets leave open about ChannelAdvisor, as switches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Each switch is one doubtful point; the default is the reading that the sheet holds likelier."""

    keeps_site_order_id: bool = True
    """True: a created order keeps the caller's SiteOrderID. False: SiteOrderID becomes ChannelAdvisor's ID
    and the caller's value moves to SecondarySiteOrderID (CA 9.13)."""

    payment_status_honoured_on_create: bool = False
    """False: a created order is NotYetSubmitted until it is patched (CA 4.8)."""

    ship_accepts_unwrapped_body: bool = False
    """True: Ship also takes a body without `Value` (CA 4.3, CA 11)."""

    reject_unknown_skus: bool = False
    """True: an order with a SKU that is not in the catalogue is refused."""

    adjusts_shipped_units_first: bool = False
    """False: Adjust of units of an item that is shipped in part cancels what is unshipped before it refunds.
    True: it refunds first (CA 4.5 leaves the order open)."""

    item_amounts_within_item_prices: bool = False
    """True: tax and shipping of an item's refund must not be above that item's own TaxPrice and ShippingPrice.
    False: not above what the order's totals hold of them, where the item has less (CA 4.5 says nothing)."""

    negative_adjustment_amounts: bool = False
    """True: the amounts of adjustments are shown with a minus (CA 3.5)."""

    adjustment_sets_filterable: bool = True
    """False: OrderAdjustments and OrderItemAdjustments refuse $filter (CA 4.7)."""

    short_pages: bool = False
    """True: the first page of a list is one row short although more follow (CA 9.1)."""
