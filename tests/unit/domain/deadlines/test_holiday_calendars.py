"""The library's holidays against the published lists, so that an update of it cannot move a deadline unnoticed."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from order_sync.domain.deadlines.business_days import HolidaySet, is_business_day
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar, holidays_of_year
from order_sync.domain.errors import RejectedError
from tests.unit.domain.deadlines.official_holidays import YEARS, english_bank_holidays, federal_days_off


@pytest.mark.parametrize(
    ("holiday_set", "published"),
    [(HolidaySet.US_FEDERAL, federal_days_off), (HolidaySet.ENGLAND, english_bank_holidays)],
)
def test_the_holidays_of_seven_years_are_the_published_ones(
    holiday_set: HolidaySet, published: Callable[[], frozenset[date]]
) -> None:
    is_holiday = holiday_calendar(holiday_set)
    days = [date(YEARS[0], 1, 1) + timedelta(days=number) for number in range(365 * len(YEARS) + 2)]
    assert days[-1] == date(YEARS[-1], 12, 31)
    weekdays = [day for day in days if day.weekday() < 5]
    assert {day for day in weekdays if is_holiday(day)} == {day for day in published() if day in set(weekdays)}


@pytest.mark.parametrize(
    ("day", "holiday_set", "expected"),
    [
        # Days on which the federal government closed by a president's order only.
        ("2025-01-09", HolidaySet.US_FEDERAL, "open"),
        ("2025-12-24", HolidaySet.US_FEDERAL, "open"),
        ("2025-12-26", HolidaySet.US_FEDERAL, "open"),
        ("2025-11-28", HolidaySet.US_FEDERAL, "open"),
        ("2026-06-19", HolidaySet.US_FEDERAL, "closed"),
        ("2026-07-03", HolidaySet.US_FEDERAL, "closed"),
        ("2021-12-31", HolidaySet.US_FEDERAL, "closed"),
        ("2026-04-06", HolidaySet.ENGLAND, "closed"),
        ("2026-08-31", HolidaySet.ENGLAND, "closed"),
        # Holidays in Scotland only.
        ("2026-01-02", HolidaySet.ENGLAND, "open"),
        ("2026-06-15", HolidaySet.ENGLAND, "open"),
        ("2026-08-03", HolidaySet.ENGLAND, "open"),
    ],
)
def test_the_days_on_which_libraries_differ(day: str, holiday_set: HolidaySet, expected: str) -> None:
    is_open = is_business_day(date.fromisoformat(day), holiday_calendar(holiday_set))
    assert is_open is (expected == "open")


def test_a_year_that_the_library_does_not_know_has_no_deadlines() -> None:
    with pytest.raises(RejectedError, match="no england holidays are known for 1700"):
        holiday_calendar(HolidaySet.ENGLAND)(date(1700, 1, 1))


def test_the_list_does_not_run_out_while_anyone_waits_for_a_parcel() -> None:
    for holiday_set in HolidaySet:
        assert all(len(holidays_of_year(holiday_set, year)) >= 8 for year in range(2020, 2081))


def test_the_library_is_loaded_with_the_first_question_only() -> None:
    program = """if True:
        import sys
        from datetime import date
        from order_sync.domain.deadlines.business_days import HolidaySet
        from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
        is_holiday = holiday_calendar(HolidaySet.US_FEDERAL)
        assert "holidays" not in sys.modules
        assert is_holiday(date(2026, 12, 25))
        assert "holidays" in sys.modules
    """
    # The new process finds the layer where this one did.
    ran = subprocess.run(  # noqa: S603  (the program is our own)
        [sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
