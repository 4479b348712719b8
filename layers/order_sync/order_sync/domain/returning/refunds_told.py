"""A refund that TikTok Shop has made, as ChannelAdvisor's books are to hold it: by SKU, not by unit (CA 4.5)."""

from dataclasses import dataclass
from decimal import Decimal

from order_sync.domain.ids import ReturnId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedUnits:
    """Units of one SKU, with what was refunded for all of them together, in the order's currency."""

    sku: str
    units: int
    goods: Decimal
    shipping: Decimal
    tax: Decimal
    """Of goods and of shipping."""

    @property
    def total(self) -> Decimal:
        """What the buyer got back for them."""
        return self.goods + self.shipping + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInChannelAdvisor:
    """The final refund of one return."""

    return_id: ReturnId
    reason_is_return: bool
    """Whether goods came back."""
    units: tuple[RefundedUnits, ...]
    confirmed: frozenset[str] = frozenset()
    """Refunds that others made in ChannelAdvisor and TikTok Shop has confirmed, by their ids there: other ones."""

    @property
    def total(self) -> Decimal:
        """What the buyer got back."""
        return sum((each.total for each in self.units), Decimal(0))
