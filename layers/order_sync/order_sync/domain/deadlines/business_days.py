"""Counting days as TikTok Shop does: the order date is day 0, a deadline is the last second of day n (OP B4)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

type IsHoliday = Callable[[date], bool]
"""Whether a date is a public holiday."""

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


class HolidaySet(StrEnum):
    """The public holidays that are no business days."""

    US_FEDERAL = "us_federal"
    ENGLAND = "england"


class DayUnit(StrEnum):
    """What is counted."""

    BUSINESS = "business_days"
    CALENDAR = "calendar_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A number of days of one kind, never negative."""

    days: int
    unit: DayUnit = DayUnit.BUSINESS

    def __post_init__(self) -> None:
        if self.days < 0:
            raise ValueError(f"a span has no negative days: {self.days}")


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date of a moment where the shop is. Raises ValueError for a moment without a zone of its own."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone has no local date")
    return moment.astimezone(zone).date()


def is_business_day(day: date, is_holiday: IsHoliday) -> bool:
    """Monday to Friday, unless it is a holiday."""
    return day.weekday() < _SATURDAY and not is_holiday(day)


def day_after(day: date, spans: Iterable[Span], is_holiday: IsHoliday) -> date:
    """The day on which the spans end, counted one after the other; no days at all end on the day itself.

    Day 1 is the next business day, so an order of a weekend or a holiday counts as one of the business day before it.
    """
    for span in spans:
        if span.unit is DayUnit.CALENDAR:
            day += span.days * _ONE_DAY
        else:
            day = _business_day_after(day, span.days, is_holiday)
    return day


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a day where the shop is, in UTC.

    Where the clocks go back at midnight it comes twice, and the first one is meant: a deadline is never too late.
    """
    return datetime.combine(day, _LAST_SECOND, zone).astimezone(UTC)


def due_at(moment: datetime, spans: Iterable[Span], zone: ZoneInfo, is_holiday: IsHoliday) -> datetime:
    """When the spans are over that start on the day of a moment, in UTC (OP B4: no time of day cuts an order off)."""
    return end_of_day(day_after(local_date(moment, zone), spans, is_holiday), zone)


def business_time_before(moment: datetime, time_before: timedelta, zone: ZoneInfo, is_holiday: IsHoliday) -> datetime:
    """The moment that lies so much business time earlier, in UTC: all hours of business days count, no others."""
    end, day = moment, local_date(moment, zone)
    while True:
        start = datetime.combine(day, time(), zone).astimezone(UTC)
        if is_business_day(day, is_holiday):
            if end - start >= time_before:
                return end - time_before
            time_before -= end - start
        end, day = start, day - _ONE_DAY


def _business_day_after(day: date, count: int, is_holiday: IsHoliday) -> date:
    while count:
        day += _ONE_DAY
        if is_business_day(day, is_holiday):
            count -= 1
    return day
