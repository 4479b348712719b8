"""An order's deadlines under each profile: dispatch, automatic cancel, estimated delivery (G5, G7, OP B2, B4)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from order_sync.domain.deadlines.business_days import DayUnit, Span
from order_sync.domain.deadlines.counting import _starts_at, figures, profile_of
from order_sync.domain.deadlines.deadlines import Clock, Figures
from order_sync.domain.deadlines.policies import ClockStart, ClockStop, OrderKind
from order_sync.domain.shop import ShopSettings
from tests.builders import a_shop
from tests.unit.domain.deadlines.orders_and_moments import MONDAY, a_shop_by, an_order, in_words, local

GUIDE = "guide-2025-08"
AMERICAN = a_shop_by(GUIDE)
ENDS = "23:59:59"


def counted(created_at: datetime, shop: ShopSettings, clock: Clock | None = None, **changes: Any) -> Figures:
    return figures(an_order(created_at, **changes), clock or Clock(), shop)


def due(created_at: datetime, shop: ShopSettings, clock: Clock | None = None) -> str:
    return in_words(counted(created_at, shop, clock).dispatch_by, shop.zone)


# Order date, profile, handling settings, dispatch deadline: OP B4.
GOLDEN = """
US  Fri 2025-11-21  us-2025-10     automated  Tue 2025-11-25
US  Fri 2025-11-21  by_date        automated  Tue 2025-11-25
US  Mon 2025-11-24  us-2025-10     automated  Wed 2025-11-26
US  Tue 2025-11-25  us-2025-10     automated  Fri 2025-11-28
US  Tue 2025-11-25  us-2026-01     automated  Fri 2025-11-28
US  Wed 2025-11-26  by_date        automated  Mon 2025-12-01
US  Tue 2025-12-23  by_date        automated  Fri 2025-12-26
US  Thu 2025-07-03  us-2025-10     automated  Tue 2025-07-08
US  Wed 2024-11-06  us-2026-01     automated  Fri 2024-11-08
US  Fri 2024-11-08  us-2025-10     automated  Wed 2024-11-13
US  Sat 2024-11-09  us-2025-10     automated  Wed 2024-11-13
US  Sun 2024-11-10  us-2025-10     automated  Wed 2024-11-13
US  Fri 2023-11-17  guide-2025-08  automated  Wed 2023-11-22
US  Fri 2023-11-17  by_date        automated  Wed 2023-11-22
US  Mon 2023-11-20  guide-2025-08  manual     Fri 2023-11-24
US  Mon 2023-11-20  guide-2025-08  automated  Mon 2023-11-27
US  Mon 2023-11-20  by_date        automated  Mon 2023-11-27
US  Wed 2023-11-22  guide-2025-08  manual     Tue 2023-11-28
US  Wed 2023-11-22  guide-2025-08  automated  Wed 2023-11-29
US  Mon 2023-11-27  guide-2025-08  manual     Thu 2023-11-30
US  Mon 2023-11-27  guide-2025-08  automated  Fri 2023-12-01
US  Tue 2023-11-28  guide-2025-08  automated  Fri 2023-12-01
GB  Thu 2026-04-02  uk-2024-11     automated  Wed 2026-04-08
GB  Thu 2026-04-02  by_date        automated  Wed 2026-04-08
GB  Thu 2026-04-02  guide-2025-08  automated  Thu 2026-04-09
GB  Fri 2026-08-28  uk-2024-11     automated  Wed 2026-09-02
GB  Mon 2023-11-20  guide-2025-08  automated  Fri 2023-11-24
GB  Mon 2023-11-20  guide-2025-08  manual     Thu 2023-11-23
"""


@pytest.mark.parametrize("time_of_day", ["00:00:00", "00:30:00", "23:30:00", "23:59:59"])
@pytest.mark.parametrize("row", [row for row in GOLDEN.split("\n") if row])
def test_an_order_is_due_on_the_golden_date_whatever_its_time_of_day(row: str, time_of_day: str) -> None:
    region, weekday, ordered_on, profile, handling, due_weekday, due_on = row.split()
    shop = a_shop_by(profile, region, handling=handling)
    created_at = local(f"{ordered_on} {time_of_day}", shop.zone)
    assert in_words(created_at, shop.zone) == f"{weekday} {ordered_on} {time_of_day}"
    found = counted(created_at, shop)
    assert in_words(found.dispatch_by, shop.zone) == f"{due_weekday} {due_on} {ENDS}"
    assert found.dispatch_on.isoformat() == due_on


@pytest.mark.parametrize(
    ("region", "profile", "name", "stops", "dispatch", "cancel", "delivery"),
    [
        ("US", GUIDE, GUIDE, "in_transit", "Thu 2026-03-05", "Wed 2026-03-11", "Thu 2026-03-12"),
        ("US", "us-2025-10", "us-2025-10", "tracking_added", "Wed 2026-03-04", "Wed 2026-03-11", "Wed 2026-03-11"),
        ("US", "us-2026-01", "us-2026-01", "in_transit", "Wed 2026-03-04", "Mon 2026-03-09", "Wed 2026-03-11"),
        ("US", "by_date", "us-2026-01", "in_transit", "Wed 2026-03-04", "Mon 2026-03-09", "Wed 2026-03-11"),
        ("GB", GUIDE, GUIDE, "in_transit", "Thu 2026-03-05", "Wed 2026-03-11", "Thu 2026-03-12"),
        ("GB", "uk-2024-11", "uk-2024-11", "tracking_added", "Wed 2026-03-04", "Wed 2026-03-11", "Wed 2026-03-11"),
        ("GB", "by_date", "uk-2024-11", "tracking_added", "Wed 2026-03-04", "Wed 2026-03-11", "Wed 2026-03-11"),
    ],
)
def test_a_regular_order_has_the_three_deadlines_of_its_profile(
    region: str, profile: str, name: str, stops: str, dispatch: str, cancel: str, delivery: str
) -> None:
    shop = a_shop_by(profile, region)
    found = counted(local(MONDAY, shop.zone), shop)
    assert (found.profile, found.clock_stops, found.cancel_stops) == (name, stops, ClockStop.TRACKING_ADDED)
    moments = (found.dispatch_by, found.cancels_by, found.delivery_by)
    assert [in_words(moment, shop.zone) for moment in moments] == [
        f"{day} {ENDS}" for day in (dispatch, cancel, delivery)
    ]


@pytest.mark.parametrize(
    ("profile", "kind", "clock", "dispatch", "cancel"),
    [
        (GUIDE, "PRE_ORDER", {"release_at": "2026-03-17"}, "Wed 2026-03-18", "Wed 2026-03-25"),
        ("us-2025-10", "PRE_ORDER", {"release_at": "2026-03-17"}, "Wed 2026-03-18", "Wed 2026-03-25"),
        ("us-2026-01", "PRE_ORDER", {"release_at": "2026-03-17"}, "Thu 2026-03-19", "Thu 2026-03-26"),
        (GUIDE, "PRE_ORDER", {"release_at": "2026-03-14"}, "Mon 2026-03-16", "Mon 2026-03-23"),
        (GUIDE, "PRE_ORDER", {}, "Tue 2026-03-03", "Tue 2026-03-10"),
        (GUIDE, "MADE_TO_ORDER", {}, "Thu 2026-03-05", "Wed 2026-03-11"),
        ("us-2026-01", "MADE_TO_ORDER", {}, "Wed 2026-03-04", "Tue 2026-03-10"),
        (GUIDE, "MADE_TO_ORDER", {"handling_time": (10, "business_days")}, "Mon 2026-03-16", "Fri 2026-03-20"),
        (GUIDE, "MADE_TO_ORDER", {"handling_time": (10, "calendar_days")}, "Thu 2026-03-12", "Wed 2026-03-18"),
        # Five days end on a Saturday, and that is when the handling time is over.
        ("us-2025-10", "MADE_TO_ORDER", {"handling_time": (5, "calendar_days")}, "Sat 2026-03-07", "Thu 2026-03-12"),
        (GUIDE, "BACK_ORDER", {"handling_time": (15, "business_days")}, "Mon 2026-03-23", "Fri 2026-03-27"),
        (GUIDE, "REGULAR", {"handling_time": (15, "business_days")}, "Thu 2026-03-05", "Wed 2026-03-11"),
        (GUIDE, "REGULAR", {"release_at": "2026-03-17"}, "Thu 2026-03-05", "Wed 2026-03-11"),
    ],
)
def test_orders_of_other_kinds_count_from_their_release_or_by_their_handling_time(
    profile: str, kind: str, clock: dict[str, Any], dispatch: str, cancel: str
) -> None:
    days = clock.get("handling_time")
    known = Clock(
        kind=OrderKind(kind),
        handling_time=Span(days=days[0], unit=DayUnit(days[1])) if days else None,
        release_at=local(clock["release_at"]) if "release_at" in clock else None,
    )
    found = counted(local(MONDAY), a_shop_by(profile), known)
    assert [in_words(moment) for moment in (found.dispatch_by, found.cancels_by)] == [
        f"{dispatch} {ENDS}",
        f"{cancel} {ENDS}",
    ]


@pytest.mark.parametrize(
    ("released_at", "dispatch"),
    [("2026-03-16 23:30:00", "Tue 2026-03-17"), ("2026-03-17 00:30:00", "Wed 2026-03-18")],
)
def test_a_pre_order_s_release_date_is_the_shop_s_own(released_at: str, dispatch: str) -> None:
    clock = Clock(kind=OrderKind.PRE_ORDER, release_at=local(released_at))
    assert due(local(MONDAY), AMERICAN, clock) == f"{dispatch} {ENDS}"


def test_an_order_is_cancelled_seven_business_days_after_its_date_over_thanksgiving() -> None:
    for handling in ("automated", "manual"):
        found = counted(local("2023-11-20"), a_shop_by(GUIDE, handling=handling))
        assert in_words(found.cancels_by) == f"Thu 2023-11-30 {ENDS}"


def test_a_campaign_moves_the_automatic_cancel_only_of_what_counts_from_the_dispatch_deadline() -> None:
    order_date = local("2023-11-22")
    automated, manual = (a_shop_by(GUIDE, handling=choice) for choice in ("automated", "manual"))
    assert counted(order_date, automated).cancels_by == counted(order_date, manual).cancels_by
    assert counted(order_date, automated).delivery_by > counted(order_date, manual).delivery_by


def test_days_of_handling_that_a_shop_added_itself_count_after_the_profile_s_and_the_campaign_s() -> None:
    extra = {"first_order_date": "2023-11-20", "last_order_date": "2023-11-22", "days": 2}
    automated = a_shop_by(GUIDE, extra_handling=[extra])
    manual = a_shop_by(GUIDE, handling="manual", extra_handling=[extra])
    assert due(local("2023-11-22"), automated) == f"Fri 2023-12-01 {ENDS}"
    assert due(local("2023-11-22"), manual) == f"Thu 2023-11-30 {ENDS}"
    assert due(local("2023-11-23"), manual) == f"Tue 2023-11-28 {ENDS}"
    assert due(local("2023-11-19"), manual) == f"Wed 2023-11-22 {ENDS}"


def test_days_of_handling_of_a_regular_order_do_not_move_its_automatic_cancel() -> None:
    extra = {"first_order_date": MONDAY, "days": 3}
    shop = a_shop_by(GUIDE, extra_handling=[extra])
    assert counted(local(MONDAY), shop).cancels_by == counted(local(MONDAY), AMERICAN).cancels_by


@pytest.mark.parametrize(("days", "delivery"), [(1, "Fri 2026-03-06"), (5, "Thu 2026-03-12"), (10, "Thu 2026-03-19")])
def test_the_estimated_delivery_is_the_handling_and_the_shipping_time(days: int, delivery: str) -> None:
    found = counted(local(MONDAY), a_shop_by(GUIDE, shipping_days=days))
    assert in_words(found.delivery_by) == f"{delivery} {ENDS}"


CREATED, PAID, AWAITING = local("2026-03-02 23:30:00"), local("2026-03-03 00:10:00"), local("2026-03-04 01:10:00")


@pytest.mark.parametrize(
    ("starts", "paid_at", "awaiting_since", "expected"),
    [
        (ClockStart.CREATED, PAID, AWAITING, CREATED),
        (ClockStart.PAID, PAID, AWAITING, PAID),
        (ClockStart.PAID, None, AWAITING, CREATED),
        (ClockStart.RELEASED, PAID, AWAITING, AWAITING),
        (ClockStart.RELEASED, PAID, None, CREATED),
    ],
)
def test_a_clock_starts_where_its_profile_says_and_until_that_is_known_with_the_order(
    starts: ClockStart, paid_at: datetime | None, awaiting_since: datetime | None, expected: datetime
) -> None:
    order = an_order(CREATED, paid_at=paid_at)
    profile = profile_of(order, AMERICAN).model_copy(update={"clock_starts": starts})
    assert _starts_at(order, Clock(awaiting_since=awaiting_since), profile) == expected


def test_a_pre_order_counts_from_its_release_whatever_starts_the_clock() -> None:
    clock = Clock(kind=OrderKind.PRE_ORDER, release_at=local("2026-03-17"), awaiting_since=AWAITING)
    order = an_order(CREATED, paid_at=PAID)
    for starts in ClockStart:
        profile = profile_of(order, AMERICAN).model_copy(update={"clock_starts": starts})
        assert _starts_at(order, clock, profile) == local("2026-03-17")


@pytest.mark.parametrize("region", ["US", "GB"])
def test_half_an_hour_before_and_after_midnight_are_two_order_dates_where_the_shop_is(region: str) -> None:
    shop = a_shop_by(GUIDE, region)
    before, after = local("2026-03-02 23:30:00", shop.zone), local("2026-03-03 00:30:00", shop.zone)
    assert due(before, shop) == f"Thu 2026-03-05 {ENDS}"
    assert due(after, shop) == f"Fri 2026-03-06 {ENDS}"


def test_one_moment_has_two_order_dates_in_two_zones() -> None:
    moment = datetime.fromisoformat("2026-03-03T06:30:00+00:00")
    assert due(moment, AMERICAN) == f"Thu 2026-03-05 {ENDS}"
    assert due(moment, a_shop(time_zone="America/New_York")) == f"Fri 2026-03-06 {ENDS}"


@pytest.mark.parametrize(
    ("region", "created_at", "expected"),
    [
        # The clocks change on the Sunday between the order and its deadline.
        ("US", "2026-03-05 12:00:00", "2026-03-11T06:59:59Z"),
        ("US", "2026-03-03 12:00:00", "2026-03-07T07:59:59Z"),
        ("US", "2026-03-08 12:00:00", "2026-03-12T06:59:59Z"),
        ("US", "2025-10-30 12:00:00", "2025-11-05T07:59:59Z"),
        ("US", "2025-11-02 01:30:00", "2025-11-06T07:59:59Z"),
        ("GB", "2026-03-26 12:00:00", "2026-03-31T22:59:59Z"),
        ("GB", "2026-03-29 12:00:00", "2026-04-01T22:59:59Z"),
        ("GB", "2025-10-23 12:00:00", "2025-10-28T23:59:59Z"),
    ],
)
def test_a_deadline_over_the_change_of_the_clocks_is_the_end_of_its_local_day(
    region: str, created_at: str, expected: str
) -> None:
    shop = a_shop_by(GUIDE, region)
    assert counted(local(created_at, shop.zone), shop).dispatch_by == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("region", "created_at", "expected"),
    [
        ("US", "2025-12-30", "Mon 2026-01-05"),
        ("US", "2025-12-31 23:59:59", "Tue 2026-01-06"),
        ("US", "2026-01-01 00:00:00", "Tue 2026-01-06"),
        ("US", "2025-12-24", "Tue 2025-12-30"),
        ("GB", "2025-12-24", "Wed 2025-12-31"),
        ("GB", "2025-12-30", "Mon 2026-01-05"),
    ],
)
def test_a_deadline_goes_over_the_end_of_a_year(region: str, created_at: str, expected: str) -> None:
    shop = a_shop_by(GUIDE, region)
    assert due(local(created_at, shop.zone), shop) == f"{expected} {ENDS}"


def test_by_date_changes_on_the_first_order_date_of_a_profile_where_the_shop_is() -> None:
    shop = a_shop_by("by_date")
    last, first = local("2025-10-22 23:59:59"), local("2025-10-23 00:00:00")
    assert [counted(moment, shop).profile for moment in (last, first)] == [GUIDE, "us-2025-10"]
    assert due(last, shop) == f"Mon 2025-10-27 {ENDS}"
    assert due(first, shop) == f"Mon 2025-10-27 {ENDS}"
    assert first - last == timedelta(seconds=1)
