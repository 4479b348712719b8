"""The Late Dispatch Rate and the Seller-Fault Cancellation Rate of a window of days, with every reading (G6, OP B5)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from order_sync.domain.deadlines.policies import PolicyProfile, RateRule
from order_sync.domain.deadlines.tallies import (
    CANCELED_BY_PLATFORM,
    DIFFERING,
    FULFILLED_BY_TIKTOK,
    SELLER_FAULT,
    Basis,
    Counted,
    Tally,
    counter,
)
from order_sync.domain.shop import ShopSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Whole days where the shop is, by dispatch deadline; both ends are in."""

    first: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Some of so many orders."""

    part: int
    orders: int

    @property
    def exact(self) -> Fraction | None:
        """The rate; None where there are no orders, which is no data and never 0 %."""
        return Fraction(self.part, self.orders) if self.orders else None

    @property
    def percent(self) -> Decimal | None:
        """In percent, with two decimals as TikTok Shop shows it; to be read, not compared."""
        if not self.orders:
            return None
        return (Decimal(100 * self.part) / self.orders).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def __str__(self) -> str:
        return "no data" if self.percent is None else f"{self.percent} % ({self.part} of {self.orders})"


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRates:
    """What the counters of a window say."""

    window: Window
    counts: Tally

    def number(self, counted: Counted, basis: Basis = Basis.PROFILE) -> int:
        """Orders of which this became."""
        return self.counts.get(counter(basis, counted), 0)

    def late_dispatch(self, basis: Basis = Basis.PROFILE) -> Rate:
        """The rate that counts: what was cancelled late stands above and below the line (OP C5)."""
        late = self.number(Counted.LATE, basis) + self.number(Counted.LATE_CANCELED, basis)
        return Rate(part=late, orders=late + self.number(Counted.ON_TIME, basis))

    @property
    def shipped_only(self) -> Rate:
        """The formula's letters: orders shipped late, of the orders shipped."""
        late = self.number(Counted.LATE)
        return Rate(part=late, orders=late + self.number(Counted.ON_TIME))

    @property
    def canceled_above_only(self) -> Rate:
        """What was cancelled late stands above the line only."""
        return Rate(part=self.late_dispatch().part, orders=self.shipped_only.orders)

    @property
    def with_fulfilled_by_tiktok(self) -> Rate:
        """TikTok Shop's own formula: below the line also what it fulfilled itself."""
        counting = self.late_dispatch()
        return Rate(part=counting.part, orders=counting.orders + self.counts.get(FULFILLED_BY_TIKTOK, 0))

    @property
    def with_open(self) -> Rate:
        """As if every open order that is late already were dispatched now."""
        counting, still_open = self.late_dispatch(), self.number(Counted.LATE_OPEN)
        return Rate(part=counting.part + still_open, orders=counting.orders + still_open)

    @property
    def seller_fault_cancellation(self) -> Rate:
        """Cancelled by the seller's fault, of the orders that came to await shipment (OP B5)."""
        return Rate(part=self.counts.get(SELLER_FAULT, 0), orders=sum(self.number(counted) for counted in Counted))

    @property
    def canceled_by_platform(self) -> int:
        """Of what was cancelled late, what TikTok Shop cancelled by itself (OP C6)."""
        return self.counts.get(CANCELED_BY_PLATFORM, 0)

    @property
    def differing(self) -> int:
        """Orders of which TikTok Shop's own deadline is another one."""
        return self.counts.get(DIFFERING, 0)

    def headroom(self, limit: Decimal) -> int:
        """How many more orders may be late until the rate is above the limit (in percent); negative when it is.

        Each one counts above and below the line. Negative: how many late orders too many there are among so many.
        """
        rate, allowed = self.late_dispatch(), Fraction(limit) / 100
        if allowed >= 1:
            return rate.orders
        if rate.part <= allowed * rate.orders:
            return int((allowed * rate.orders - rate.part) // (1 - allowed))
        return int(allowed * rate.orders // 1) - rate.part


def add_up(window: Window, days: Mapping[date, Tally]) -> DispatchRates:
    """The rates of a window from its days' counters."""
    counts: Counter[str] = Counter()
    for day in window.days:
        counts.update(days.get(day, {}))
    return DispatchRates(window=window, counts=dict(counts))


def rolling_window(today: date, shop: ShopSettings, rule: RateRule) -> Window:
    """The last days whose deadlines are all over: yesterday is the last one (OP C8)."""
    days = shop.deadlines.rate_window_days or rule.window_days
    return Window(first=today - timedelta(days=days), last=today - timedelta(days=1))


def is_over(rate: Rate, profile: PolicyProfile) -> bool:
    """Whether a rate is above the profile's limit; exactly the limit is fine (OP C7)."""
    return rate.exact is not None and rate.exact > Fraction(profile.late_dispatch_rate.limit) / 100
