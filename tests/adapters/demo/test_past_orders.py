"""The two weeks before the demo are the same on whatever date somebody runs it."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from local.demo.fortnight import Campaign, Fortnight, campaigns_before
from local.demo.past_orders import LIVE_FOR, PACKED_BEFORE, Fate, PastOrder, past_orders

MOMENTS = (
    datetime(2026, 6, 1, 12, tzinfo=UTC),  # after Memorial Day and the spring bank holiday
    datetime(2026, 11, 23, 12, tzinfo=UTC),  # before Thanksgiving
    datetime(2026, 11, 28, 20, tzinfo=UTC),  # the Saturday after
    datetime(2026, 12, 27, 12, tzinfo=UTC),  # a Sunday before a substitute day in the UK
    datetime(2027, 1, 2, 12, tzinfo=UTC),
    datetime(2026, 3, 9, 12, tzinfo=UTC),  # summer time has begun in the US
    datetime(2026, 10, 26, 0, 5, tzinfo=UTC),  # and ended in the UK
    datetime(2026, 4, 7, 7, 5, tzinfo=UTC),  # just after midnight in the US; after Easter in the UK
)
RATES = {"US": (7, 100), "GB": (1, 25)}


def fortnight(region: str, now: datetime) -> Fortnight:
    return Fortnight(region, now, campaigns_before(now, [region]).get(region))


def ended_at(order: PastOrder) -> datetime | None:
    return order.collected_at or order.canceled_at


def due(days: Fortnight, order: PastOrder) -> date:
    return days.due(order.created_at.astimezone(days.zone).date())


@pytest.mark.parametrize("now", MOMENTS, ids=str)
@pytest.mark.parametrize("region", ["US", "GB"])
def test_as_many_are_late_on_every_date(region: str, now: datetime) -> None:
    days = fortnight(region, now)
    late = Counter[bool]()
    for order in past_orders(days):
        end, deadline = ended_at(order), due(days, order)
        if end and days.is_in_the_rate(deadline) and order.fate is not Fate.FULFILLED_BY_TIKTOK:
            late[end > days.end_of(deadline)] += 1
    assert (late[True], late.total()) == RATES[region]


@pytest.mark.parametrize("now", MOMENTS, ids=str)
@pytest.mark.parametrize("region", ["US", "GB"])
def test_all_of_it_happened_before_the_go_live_and_after_the_order(region: str, now: datetime) -> None:
    orders = past_orders(fortnight(region, now))
    assert all(order.created_at < now - LIVE_FOR for order in orders)
    ended = [(order.created_at, end) for order in orders if (end := ended_at(order))]
    assert ended
    assert all(created_at < end - PACKED_BEFORE and end < now - LIVE_FOR for created_at, end in ended)


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_what_is_open_is_overdue_or_due_by_the_end_of_the_next_business_day(now: datetime) -> None:
    days = fortnight("US", now)
    orders = past_orders(days)
    still_open = {fate: [order for order in orders if order.fate is fate and not ended_at(order)] for fate in Fate}
    assert Counter({fate: len(found) for fate, found in still_open.items() if found}) == {
        Fate.OVERDUE: 2,
        Fate.NEARLY_CANCELED: 1,
        Fate.DUE_SOON: 2,
    }
    for order in still_open[Fate.OVERDUE] + still_open[Fate.NEARLY_CANCELED]:
        assert days.end_of(due(days, order)) < now
    for order in still_open[Fate.DUE_SOON]:
        assert due(days, order) == days.next_business_day


def test_a_campaign_saves_what_left_on_its_last_day() -> None:
    days = fortnight("US", MOMENTS[1])
    saved = [order for order in past_orders(days) if order.fate is Fate.SAVED]
    assert len(saved) == 6
    without = Fortnight("US", MOMENTS[1])
    for order in saved:
        end = ended_at(order)
        assert end is not None
        assert without.end_of(due(without, order)) < end < days.end_of(due(days, order))


@pytest.mark.parametrize(
    ("region", "ordered_on", "last_day"),
    [
        ("US", date(2026, 11, 24), date(2026, 11, 30)),
        ("US", date(2026, 11, 21), date(2026, 11, 25)),
        ("GB", date(2026, 4, 2), date(2026, 4, 9)),
        ("GB", date(2026, 8, 28), date(2026, 9, 3)),
    ],
)
def test_a_deadline_counts_business_days_from_the_order_date(region: str, ordered_on: date, last_day: date) -> None:
    days = Fortnight(region, MOMENTS[0])
    assert days.due(ordered_on) == last_day
    assert days.end_of(last_day).isoformat()[:19] == f"{last_day}T23:59:59"


def test_a_campaign_gives_a_day_to_the_orders_of_its_dates_alone() -> None:
    days = Fortnight("US", MOMENTS[0], Campaign(first=date(2026, 5, 11), last=date(2026, 5, 12)))
    asked = [date(2026, 5, 10), date(2026, 5, 11), date(2026, 5, 12), date(2026, 5, 13)]
    assert [days.due(day).day for day in asked] == [13, 15, 18, 18]
