"""Business days as TikTok Shop counts them: Monday to Friday, less the region's public holidays (OP B4)."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache

from holidays import PUBLIC, country_holidays

# State holidays are business days in the US; in the UK it is England's holidays that count.
CALENDARS = {"US": ("US", None), "GB": ("GB", "ENG")}
SATURDAY = 5


@cache
def public_holidays(region: str, year: int) -> frozenset[date]:
    """The public holidays of a region ("US", "GB") in one year, substitute days included."""
    country, subdivision = CALENDARS[region]
    return frozenset(country_holidays(country, subdiv=subdivision, years=year, expand=False, categories=PUBLIC))


def business_day_after(day: date, count: int, region: str, further_holidays: Collection[date]) -> date:
    """The day that is so many business days after another, which is day 0."""
    while count:
        day += timedelta(days=1)
        off = day in further_holidays or day in public_holidays(region, day.year)
        if day.weekday() < SATURDAY and not off:
            count -= 1
    return day
