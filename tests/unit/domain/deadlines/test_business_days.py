"""Counting days, against an implementation and against rules of summer time that share nothing with ours."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from order_sync.domain.deadlines.business_days import (
    DayUnit,
    HolidaySet,
    Span,
    business_time_before,
    day_after,
    due_at,
    end_of_day,
    is_business_day,
    local_date,
)
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from tests.unit.domain.deadlines.official_holidays import english_bank_holidays, federal_days_off

PACIFIC, LONDON = ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/London")
ZONES = {HolidaySet.US_FEDERAL: PACIFIC, HolidaySet.ENGLAND: LONDON}
LISTS = {HolidaySet.US_FEDERAL: federal_days_off, HolidaySet.ENGLAND: english_bank_holidays}
FIRST, LAST = date(2022, 1, 1), date(2028, 12, 31)
MOST_DAYS = 10
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
# The last order dates whose deadlines end within the lists.
ORDER_DATES = [day for day in DAYS if day <= date(2028, 12, 10)]
both_sets = pytest.mark.parametrize("holiday_set", HolidaySet)
# From the first Monday of the lists on, by the second.
MOMENTS = st.integers(0, (date(2028, 12, 10) - date(2022, 1, 3)).days * 86_400).map(
    lambda seconds: datetime(2022, 1, 3, 12, tzinfo=UTC) + timedelta(seconds=seconds)
)
CALENDAR = Span(days=2, unit=DayUnit.CALENDAR)


def no_holiday(_: date) -> bool:
    return False


@both_sets
def test_every_deadline_of_seven_years_is_numpy_s(holiday_set: HolidaySet) -> None:
    is_holiday = holiday_calendar(holiday_set)
    off = np.array(sorted(LISTS[holiday_set]()), dtype="datetime64[D]")
    dates = np.array(ORDER_DATES, dtype="datetime64[D]")
    for count in range(1, MOST_DAYS + 1):
        expected = np.busday_offset(dates, count, roll="backward", holidays=off).tolist()
        assert [day_after(day, [Span(days=count)], is_holiday) for day in ORDER_DATES] == expected


@cache
def business_days(holiday_set: HolidaySet) -> list[date]:
    off = LISTS[holiday_set]()
    return [day for day in DAYS if f"{day:%a}" not in {"Sat", "Sun"} and day not in off]


@cache
def sunday(year: int, month: int, number: int) -> date:
    """The n-th Sunday of a month; number -1 is its last one."""
    sundays = [day for day in DAYS if (day.year, day.month, f"{day:%a}") == (year, month, "Sun")]
    return sundays[number - 1 if number > 0 else number]


def hours_from_utc(moment: datetime, holiday_set: HolidaySet) -> int:
    """By the law of each country, from the second Sunday in March to the first in November, or from last to last."""
    year = moment.year
    if holiday_set is HolidaySet.US_FEDERAL:
        forward = datetime.combine(sunday(year, 3, 2), time(10), UTC)
        back = datetime.combine(sunday(year, 11, 1), time(9), UTC)
        return -7 if forward <= moment < back else -8
    forward, back = (datetime.combine(sunday(year, month, -1), time(1), UTC) for month in (3, 10))
    return 1 if forward <= moment < back else 0


@given(
    moment=MOMENTS,
    count=st.integers(1, MOST_DAYS),
    holiday_set=st.sampled_from(HolidaySet),
)
def test_a_deadline_is_the_last_second_of_its_day_by_the_country_s_own_law(
    moment: datetime, count: int, holiday_set: HolidaySet
) -> None:
    ordered_on = (moment + timedelta(hours=hours_from_utc(moment, holiday_set))).date()
    open_days = business_days(holiday_set)
    expected_day = open_days[bisect_right(open_days, ordered_on) + count - 1]
    deadline = due_at(moment, [Span(days=count)], ZONES[holiday_set], holiday_calendar(holiday_set))
    local = deadline + timedelta(hours=hours_from_utc(deadline, holiday_set))
    assert (local.date(), local.time()) == (expected_day, time(23, 59, 59))


@both_sets
def test_every_day_of_seven_years_ends_a_second_before_the_next_one(holiday_set: HolidaySet) -> None:
    zone = ZONES[holiday_set]
    for day in DAYS:
        next_one = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        assert end_of_day(day, zone) == next_one - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        ("2026-03-07", PACIFIC, "2026-03-08T07:59:59Z"),
        ("2026-03-08", PACIFIC, "2026-03-09T06:59:59Z"),
        ("2026-10-31", PACIFIC, "2026-11-01T06:59:59Z"),
        ("2026-11-01", PACIFIC, "2026-11-02T07:59:59Z"),
        ("2026-12-31", PACIFIC, "2027-01-01T07:59:59Z"),
        ("2026-03-28", LONDON, "2026-03-28T23:59:59Z"),
        ("2026-03-29", LONDON, "2026-03-29T22:59:59Z"),
        ("2026-10-24", LONDON, "2026-10-24T22:59:59Z"),
        ("2026-10-25", LONDON, "2026-10-25T23:59:59Z"),
        # In Beirut the last hour of this day comes twice; the first one ends it.
        ("2026-10-24", ZoneInfo("Asia/Beirut"), "2026-10-24T20:59:59Z"),
    ],
)
def test_a_day_ends_where_the_shop_is_when_the_clocks_change(day: str, zone: ZoneInfo, expected: str) -> None:
    assert end_of_day(date.fromisoformat(day), zone) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("ordered_on", "days", "holiday_set", "expected"),
    [
        ("2026-12-30", 2, HolidaySet.US_FEDERAL, "2027-01-04"),
        ("2026-12-31", 1, HolidaySet.US_FEDERAL, "2027-01-04"),
        # New Year's Day of 2028 is a Saturday: the day off lies in the year before.
        ("2027-12-30", 1, HolidaySet.US_FEDERAL, "2028-01-03"),
        ("2027-12-23", 2, HolidaySet.US_FEDERAL, "2027-12-28"),
        # In England it moves to the Monday after.
        ("2027-12-30", 2, HolidaySet.ENGLAND, "2028-01-04"),
        ("2027-12-24", 1, HolidaySet.ENGLAND, "2027-12-29"),
        ("2026-12-24", 1, HolidaySet.ENGLAND, "2026-12-29"),
    ],
)
def test_counting_goes_on_over_the_end_of_a_year(
    ordered_on: str, days: int, holiday_set: HolidaySet, expected: str
) -> None:
    due = day_after(date.fromisoformat(ordered_on), [Span(days=days)], holiday_calendar(holiday_set))
    assert due == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2026-06-02T06:59:59Z", PACIFIC, "2026-06-01"),
        ("2026-06-02T07:00:00Z", PACIFIC, "2026-06-02"),
        ("2026-01-02T07:59:59Z", PACIFIC, "2026-01-01"),
        ("2026-01-02T08:00:00Z", PACIFIC, "2026-01-02"),
        ("2026-06-01T23:00:00Z", LONDON, "2026-06-02"),
        ("2026-06-01T23:59:59-07:00", LONDON, "2026-06-02"),
    ],
)
def test_the_order_date_is_the_shop_s_and_not_that_of_utc(moment: str, zone: ZoneInfo, expected: str) -> None:
    assert local_date(datetime.fromisoformat(moment), zone) == date.fromisoformat(expected)


def test_a_moment_without_a_zone_has_no_order_date() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        local_date(datetime.fromisoformat("2026-06-01T12:00:00"), PACIFIC)


def test_a_week_has_five_business_days_less_its_holidays() -> None:
    week = [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]
    assert [is_business_day(day, no_holiday) for day in week] == [True] * 5 + [False] * 2
    federal = holiday_calendar(HolidaySet.US_FEDERAL)
    assert [is_business_day(day, federal) for day in week] == [True] * 3 + [False, True] + [False] * 2


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], "2026-11-20"),
        ([Span(days=0)], "2026-11-20"),
        ([CALENDAR], "2026-11-22"),
        ([Span(days=1), CALENDAR], "2026-11-25"),
        ([CALENDAR, Span(days=1)], "2026-11-23"),
        ([Span(days=3), Span(days=1)], "2026-11-27"),
        ([Span(days=4)], "2026-11-27"),
    ],
)
def test_spans_are_counted_one_after_the_other(spans: list[Span], expected: str) -> None:
    friday = date(2026, 11, 20)
    assert day_after(friday, spans, lambda day: day == date(2026, 11, 26)) == date.fromisoformat(expected)


def test_a_span_has_no_negative_days() -> None:
    with pytest.raises(ValueError, match="negative days: -1"):
        Span(days=-1)


FEDERAL = holiday_calendar(HolidaySet.US_FEDERAL)


@pytest.mark.parametrize(
    ("deadline", "hours", "expected"),
    [
        ("Mon 2026-03-16 23:59:59", 4, "Mon 2026-03-16 19:59:59"),
        ("Mon 2026-03-16 23:59:59", 12, "Mon 2026-03-16 11:59:59"),
        # A Monday until its last second is a second short of 24 hours, and that second is Friday's.
        ("Mon 2026-03-16 23:59:59", 24, "Fri 2026-03-13 23:59:59"),
        ("Mon 2026-03-16 23:59:59", 36, "Fri 2026-03-13 11:59:59"),
        ("Mon 2026-03-16 09:00:00", 12, "Fri 2026-03-13 21:00:00"),
        ("Tue 2026-03-17 23:59:59", 24, "Mon 2026-03-16 23:59:59"),
        ("Tue 2026-03-17 09:00:00", 9, "Tue 2026-03-17 00:00:00"),
        ("Mon 2026-03-16 09:00:00", 9, "Mon 2026-03-16 00:00:00"),
        ("Tue 2026-03-17 09:00:00", 0, "Tue 2026-03-17 09:00:00"),
        # Over a Monday that is a holiday, over Thanksgiving, over Christmas.
        ("Tue 2026-01-20 23:59:59", 24, "Fri 2026-01-16 23:59:59"),
        ("Fri 2025-11-28 23:59:59", 24, "Wed 2025-11-26 23:59:59"),
        ("Mon 2025-12-29 23:59:59", 48, "Wed 2025-12-24 23:59:59"),
        # Deadlines of calendar days can end on a day that is no business day.
        ("Sun 2026-03-15 23:59:59", 24, "Fri 2026-03-13 00:00:00"),
        ("Sat 2026-03-14 23:59:59", 4, "Fri 2026-03-13 20:00:00"),
        ("Thu 2025-11-27 23:59:59", 12, "Wed 2025-11-26 12:00:00"),
        # Sundays on which the clocks change, before and in the time between.
        ("Mon 2026-03-09 23:59:59", 24, "Fri 2026-03-06 23:59:59"),
        ("Mon 2026-11-02 23:59:59", 24, "Fri 2026-10-30 23:59:59"),
        ("Sun 2026-03-08 23:59:59", 12, "Fri 2026-03-06 12:00:00"),
    ],
)
def test_hours_before_a_deadline_are_those_of_business_days(deadline: str, hours: int, expected: str) -> None:
    moment = datetime.strptime(deadline, "%a %Y-%m-%d %H:%M:%S").replace(tzinfo=PACIFIC)
    found = business_time_before(moment.astimezone(UTC), timedelta(hours=hours), PACIFIC, FEDERAL)
    assert f"{found.astimezone(PACIFIC):%a %Y-%m-%d %H:%M:%S}" == expected


def test_a_business_day_whose_clocks_change_has_an_hour_more_or_less() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    thursday = date(2024, 10, 31)
    assert datetime.combine(thursday, time(23, 30), cairo).utcoffset() == timedelta(hours=3)
    morning = datetime.combine(date(2024, 11, 1), time(8), cairo)
    found = business_time_before(morning.astimezone(UTC), timedelta(hours=33), cairo, no_holiday)
    # 8 hours of the Friday and 25 of the Thursday, whose last hour comes twice.
    assert found == datetime.combine(thursday, time(0), cairo).astimezone(UTC)


TIMES = st.timedeltas(timedelta(0), timedelta(days=5))
DEADLINES = st.integers(0, (date(2028, 12, 10) - date(2022, 1, 31)).days * 24 * 60).map(
    lambda number: datetime(2022, 1, 31, 12, tzinfo=UTC) + timedelta(minutes=number)
)


@given(moment=DEADLINES, time_before=TIMES, holiday_set=st.sampled_from(HolidaySet))
def test_business_time_is_never_less_than_the_time_of_the_calendar(
    moment: datetime, time_before: timedelta, holiday_set: HolidaySet
) -> None:
    found = business_time_before(moment, time_before, ZONES[holiday_set], holiday_calendar(holiday_set))
    assert found <= moment - time_before


def business_minutes(first: datetime, last: datetime, holiday_set: HolidaySet) -> int:
    """Minutes of business days from one moment to another, each looked at for itself."""
    open_days = set(business_days(holiday_set))
    count = int((last - first) / timedelta(minutes=1))
    moments = (first + timedelta(minutes=number) for number in range(count))
    return sum((each + timedelta(hours=hours_from_utc(each, holiday_set))).date() in open_days for each in moments)


@settings(max_examples=40, deadline=None)
@given(moment=DEADLINES, minutes=st.integers(1, 30 * 60), holiday_set=st.sampled_from(HolidaySet))
def test_as_much_business_time_lies_between_as_was_asked_for(
    moment: datetime, minutes: int, holiday_set: HolidaySet
) -> None:
    found = business_time_before(moment, timedelta(minutes=minutes), ZONES[holiday_set], holiday_calendar(holiday_set))
    assert business_minutes(found, moment, holiday_set) == minutes


@given(
    day=st.sampled_from([day for day in DAYS if f"{day:%a}" == "Mon" and date(2022, 2, 1) < day < date(2028, 12, 1)]),
    hours=st.sampled_from([4, 12, 24]),
    holiday_set=st.sampled_from(HolidaySet),
)
def test_a_monday_s_deadline_is_warned_of_on_a_business_day(day: date, hours: int, holiday_set: HolidaySet) -> None:
    zone, is_holiday = ZONES[holiday_set], holiday_calendar(holiday_set)
    warned = business_time_before(end_of_day(day, zone), timedelta(hours=hours), zone, is_holiday)
    assert local_date(warned, zone) in set(business_days(holiday_set))
    if hours == 24:
        assert local_date(warned, zone) <= day - timedelta(days=3)
