"""The days before today in one region, as TikTok Shop counts them: order dates, deadlines, and the shop's campaign."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final

from local.simulators.tiktok_shop.business_days import business_day_after
from local.simulators.tiktok_shop.shops import REGIONS

DISPATCH_DAYS: Final = 3
"""Business days until the carrier has a parcel, by the guide (G5)."""
CANCEL_DAYS: Final = 7
"""Business days until TikTok Shop cancels what has no tracking."""
CAMPAIGN_DAYS: Final = 1
"""Business days that a shop grants its campaign's orders in its Fulfillment Settings (G7)."""
RATE_DAYS: Final = 7
"""The Late Dispatch Rate is that of the deadlines of so many days; yesterday is the last of them."""
WITH_CAMPAIGN: Final = frozenset({"US"})
"""Regions whose shop had one."""

_ONE_DAY: Final = timedelta(days=1)
_DAYS_BACK: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Order dates for which a shop grants itself more time; both are in."""

    first: date
    last: date

    def covers(self, ordered_on: date) -> bool:
        """Whether it holds for orders of a date."""
        return self.first <= ordered_on <= self.last


class Fortnight:
    """Dates are local. What TikTok Shop does is in the simulator's own books; this says what should be."""

    def __init__(self, region: str, now: datetime, campaign: Campaign | None = None) -> None:
        self.region = region
        self.now = now
        self.campaign = campaign
        self.zone = REGIONS[region].timezone
        self.today = now.astimezone(self.zone).date()

    def after(self, day: date, count: int) -> date:
        """The day so many business days later."""
        return business_day_after(day, count, self.region, ())

    @cached_property
    def worked(self) -> list[date]:
        """The business days before today, oldest first."""
        days = [self.today - n * _ONE_DAY for n in reversed(range(1, _DAYS_BACK))]
        return [day for day in days if self.after(day - _ONE_DAY, 1) == day]

    @cached_property
    def next_business_day(self) -> date:
        """Today, where it is one."""
        return self.after(self.today - _ONE_DAY, 1)

    def is_campaign(self, ordered_on: date) -> bool:
        """Whether the shop's campaign holds for orders of a date."""
        return self.campaign is not None and self.campaign.covers(ordered_on)

    def extra_days(self, ordered_on: date) -> int:
        """How much longer than usual orders of a date have."""
        return CAMPAIGN_DAYS if self.is_campaign(ordered_on) else 0

    def due(self, ordered_on: date) -> date:
        """The date of the dispatch deadline."""
        return self.after(ordered_on, DISPATCH_DAYS + self.extra_days(ordered_on))

    def ordered_for(self, due: date) -> list[date]:
        """The order dates with this deadline: an order of a weekend counts as one of the Friday."""
        return [day for day in self._days_before(due) if self.due(day) == due]

    def ordered_to_be_canceled(self, day: date) -> list[date]:
        """The order dates of what TikTok Shop cancels on a day."""
        return [each for each in self._days_before(day) if self.after(each, CANCEL_DAYS) == day]

    def is_in_the_rate(self, due: date) -> bool:
        """Whether orders with this deadline count in the rate of today."""
        return self.today - RATE_DAYS * _ONE_DAY <= due < self.today

    @cached_property
    def deadlines_of_the_rate(self) -> list[date]:
        """The days of the rate that are deadlines of orders."""
        return [day for day in self.worked if self.is_in_the_rate(day) and self.ordered_for(day)]

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment where the shop is."""
        return datetime.combine(day, time(hour, minute), self.zone)

    def end_of(self, day: date) -> datetime:
        """The last second of a day, which is a deadline."""
        return datetime.combine(day, time(23, 59, 59), self.zone)

    def _days_before(self, day: date) -> list[date]:
        return [each for n in reversed(range(1, _DAYS_BACK)) if (each := day - n * _ONE_DAY) < self.today]


def campaigns_before(now: datetime, regions: Iterable[str]) -> dict[str, Campaign]:
    """The campaigns that shops had in the two weeks before: the deadlines are the last two of the rate."""
    worked = {region: Fortnight(region, now).worked for region in regions if region in WITH_CAMPAIGN}
    return {region: Campaign(first=days[-6], last=days[-5]) for region, days in worked.items()}
