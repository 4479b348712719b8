"""Public holidays from the pinned `holidays` library, so that no list of ours can run out (OP B6)."""

from datetime import date
from functools import cache

from order_sync.domain.deadlines.business_days import HolidaySet, IsHoliday
from order_sync.domain.errors import RejectedError

# Category `public` only: `government` adds days on which TikTok Shop counts on. Without its subdivision, GB lacks
# Easter Monday and the August bank holiday.
_COUNTRY_AND_SUBDIVISION = {HolidaySet.US_FEDERAL: ("US", None), HolidaySet.ENGLAND: ("GB", "ENG")}


def holiday_calendar(holiday_set: HolidaySet) -> IsHoliday:
    """Whether a date is one of these holidays, substitute days included."""
    return lambda day: day in holidays_of_year(holiday_set, day.year)


@cache
def holidays_of_year(holiday_set: HolidaySet, year: int) -> frozenset[date]:
    """The holidays of one year. Raises RejectedError for a year that the library does not know."""
    # Loaded with the first deadline: most invocations compute none, and it takes a quarter of a second.
    from holidays import PUBLIC, country_holidays  # noqa: PLC0415

    country, subdivision = _COUNTRY_AND_SUBDIVISION[holiday_set]
    days = frozenset(country_holidays(country, subdiv=subdivision, years=year, expand=False, categories=PUBLIC))
    if not days:
        raise RejectedError(f"no {holiday_set} holidays are known for {year}")
    return days
