"""The dates of OP B4, each at the first and at the last minute of the order date."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from order_sync.domain.deadlines.business_days import HolidaySet, Span, due_at
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar

PACIFIC, LONDON = ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/London")
FEDERAL, ENGLAND = holiday_calendar(HolidaySet.US_FEDERAL), holiday_calendar(HolidaySet.ENGLAND)

AMERICAN = """
Fri 2025-11-21  2    Tue 2025-11-25
Mon 2025-11-24  2    Wed 2025-11-26
Tue 2025-11-25  2    Fri 2025-11-28
Wed 2025-11-26  2    Mon 2025-12-01
Tue 2025-12-23  2    Fri 2025-12-26
Thu 2025-07-03  2    Tue 2025-07-08
Wed 2024-11-06  2    Fri 2024-11-08
Fri 2024-11-08  2    Wed 2024-11-13
Sat 2024-11-09  2    Wed 2024-11-13
Sun 2024-11-10  2    Wed 2024-11-13
Fri 2023-11-17  3    Wed 2023-11-22
Mon 2023-11-20  3    Fri 2023-11-24
Mon 2023-11-20  3+1  Mon 2023-11-27
Wed 2023-11-22  3    Tue 2023-11-28
Wed 2023-11-22  3+1  Wed 2023-11-29
Mon 2023-11-27  3    Thu 2023-11-30
Mon 2023-11-27  3+1  Fri 2023-12-01
Mon 2023-11-20  7    Thu 2023-11-30
"""
ENGLISH = """
Thu 2026-04-02  2    Wed 2026-04-08
Fri 2026-08-28  2    Wed 2026-09-02
"""


def rows(text: str) -> list[tuple[str, str, str]]:
    read = [line.split() for line in text.split("\n") if line]
    return [(f"{weekday} {day}", days, f"{due_weekday} {due}") for weekday, day, days, due_weekday, due in read]


def due(ordered_on: str, days: str, at: time, zone: ZoneInfo) -> str:
    moment = datetime.combine(datetime.strptime(ordered_on, "%a %Y-%m-%d").replace(tzinfo=zone).date(), at, zone)
    assert f"{moment:%a %Y-%m-%d}" == ordered_on
    spans = [Span(days=int(part)) for part in days.split("+")]
    deadline = due_at(moment, spans, zone, FEDERAL if zone is PACIFIC else ENGLAND)
    return f"{deadline.astimezone(zone):%a %Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("at", [time(0, 0), time(0, 1), time(23, 50), time(23, 59, 59, 999_999)], ids=str)
@pytest.mark.parametrize(("ordered_on", "days", "expected"), rows(AMERICAN))
def test_an_american_order_is_due_as_published_whatever_its_time_of_day(
    ordered_on: str, days: str, expected: str, at: time
) -> None:
    assert due(ordered_on, days, at, PACIFIC) == f"{expected} 23:59:59"


@pytest.mark.parametrize("at", [time(0, 0), time(23, 59, 59)], ids=str)
@pytest.mark.parametrize(("ordered_on", "days", "expected"), rows(ENGLISH))
def test_a_british_order_is_due_by_the_bank_holidays_of_england(
    ordered_on: str, days: str, expected: str, at: time
) -> None:
    assert due(ordered_on, days, at, LONDON) == f"{expected} 23:59:59"
