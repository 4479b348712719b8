"""What the shipped profiles say, which of them holds for an order, and how long the order has by it (OP B4, B5)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from order_sync.domain.deadlines.business_days import DayUnit, HolidaySet, Span, day_after
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from order_sync.domain.deadlines.policies import (
    BY_DATE,
    DEFAULT_PROFILE,
    ClockStart,
    ClockStop,
    DeadlineSettings,
    OrderKind,
    PolicyProfile,
    dispatch_spans,
    newer_profile_sentence,
    order_kind,
    profile_for,
)
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region

ALL = policy_profiles()
SHIPPED = {(profile.region, profile.name): profile for profile in ALL}
GUIDE = SHIPPED[Region.US, DEFAULT_PROFILE]
NEWEST = SHIPPED[Region.US, "us-2026-01"]
QUIET = date(2026, 3, 2)
AUTOMATED = DeadlineSettings()


def spans(kind: OrderKind = OrderKind.REGULAR, ordered_on: date = QUIET, **changes: Any) -> tuple[Span, ...]:
    choice: dict[str, Any] = {"profile": GUIDE, "handling_time": None, "settings": AUTOMATED} | changes
    return dispatch_spans(choice["profile"], kind, ordered_on, choice["handling_time"], choice["settings"])


def extra(days: int, first: str, last: str | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"days": days, "first_order_date": first}
    return row | ({"last_order_date": last} if last else {})


@pytest.mark.parametrize(
    ("region", "name", "in_force_from", "stop", "days", "pre_order", "cancel", "window", "enforced"),
    [
        ("US", "guide-2025-08", "2023-01-01", ClockStop.IN_TRANSIT, 3, 1, 7, 7, None),
        ("US", "us-2025-10", "2025-10-23", ClockStop.TRACKING_ADDED, 2, 1, 7, 7, None),
        ("US", "us-2026-01", "2026-01-26", ClockStop.IN_TRANSIT, 2, 2, 5, 7, Decimal(10)),
        ("GB", "guide-2025-08", "2023-01-01", ClockStop.IN_TRANSIT, 3, 1, 7, 7, None),
        ("GB", "uk-2024-11", "2024-11-04", ClockStop.TRACKING_ADDED, 2, 1, 7, 30, None),
    ],
)
def test_a_profile_says_what_its_source_says(
    region: str,
    name: str,
    in_force_from: str,
    stop: ClockStop,
    days: int,
    pre_order: int,
    cancel: int,
    window: int,
    enforced: Decimal | None,
) -> None:
    profile = SHIPPED[Region(region), name]
    assert profile.in_force_from == date.fromisoformat(in_force_from)
    assert profile.clock_starts is ClockStart.CREATED
    assert (profile.clock_stops, profile.cancel_stops) == (stop, ClockStop.TRACKING_ADDED)
    assert {kind: rule.days for kind, rule in profile.dispatch.items()} == {
        OrderKind.REGULAR: days,
        OrderKind.PRE_ORDER: pre_order,
        OrderKind.MADE_TO_ORDER: days,
        OrderKind.BACK_ORDER: days,
    }
    assert {rule.unit for rule in profile.dispatch.values()} == {DayUnit.BUSINESS}
    assert [kind for kind in OrderKind if profile.dispatch[kind].counts_from == "release_date"] == [OrderKind.PRE_ORDER]
    assert {kind: (rule.days, rule.counts_from) for kind, rule in profile.automatic_cancel.items()} == {
        OrderKind.REGULAR: (cancel, "order_date"),
        OrderKind.PRE_ORDER: (5, "dispatch_deadline"),
        OrderKind.MADE_TO_ORDER: (4, "dispatch_deadline"),
        OrderKind.BACK_ORDER: (4, "dispatch_deadline"),
    }
    rate = profile.late_dispatch_rate
    assert (rate.window_days, rate.limit, rate.warn_from) == (window, Decimal(4), Decimal(3))
    assert rate.enforced_above == enforced


def test_usps_is_restricted_from_2026_on_under_every_profile_of_the_us_and_nobody_is_in_the_uk() -> None:
    restricted = {key: [(row.code, row.from_date) for row in each.restricted_carriers] for key, each in SHIPPED.items()}
    assert restricted == {key: [("usps", date(2026, 1, 1))] if key[0] is Region.US else [] for key in SHIPPED}


@pytest.mark.parametrize(
    ("code", "shipped_on", "is_restricted"),
    [
        ("usps", date(2025, 12, 31), False),
        ("usps", date(2026, 1, 1), True),
        ("usps", date.max, True),
        ("USPS", date.max, False),
        ("ups", date.max, False),
    ],
)
def test_a_carrier_is_restricted_by_its_exact_code_and_from_its_date_on(
    code: str, shipped_on: date, *, is_restricted: bool
) -> None:
    assert (GUIDE.restriction(code, shipped_on) is not None) == is_restricted


def test_five_profiles_ship_and_each_region_has_its_own_holidays() -> None:
    assert len(ALL) == len(SHIPPED) == 5
    assert {(profile.region, profile.holidays) for profile in ALL} == {
        (Region.US, HolidaySet.US_FEDERAL),
        (Region.GB, HolidaySet.ENGLAND),
    }


@pytest.mark.parametrize(
    ("ordered_on", "days", "settings", "expected"),
    [
        ("2023-11-17", 3, "automated", "2023-11-22"),
        ("2023-11-19", 3, "automated", "2023-11-22"),
        ("2023-11-20", 4, "automated", "2023-11-27"),
        ("2023-11-20", 3, "manual", "2023-11-24"),
        ("2023-11-22", 4, "automated", "2023-11-29"),
        ("2023-11-22", 3, "manual", "2023-11-28"),
        ("2023-11-27", 4, "automated", "2023-12-01"),
        ("2023-11-27", 3, "manual", "2023-11-30"),
        ("2023-11-28", 3, "automated", "2023-12-01"),
        ("2024-11-20", 3, "automated", "2024-11-25"),
    ],
)
def test_the_guide_s_campaign_gives_its_orders_one_more_business_day(
    ordered_on: str, days: int, settings: str, expected: str
) -> None:
    day = date.fromisoformat(ordered_on)
    granted = spans(ordered_on=day, settings=DeadlineSettings.model_validate({"handling": settings}))
    assert sum(span.days for span in granted) == days
    assert day_after(day, granted, holiday_calendar(GUIDE.holidays)) == date.fromisoformat(expected)


@pytest.mark.parametrize("profile", ALL, ids=lambda profile: f"{profile.region} {profile.name}")
def test_the_campaign_holds_under_every_profile_and_leaves_other_kinds_alone(profile: PolicyProfile) -> None:
    campaign_day = date(2023, 11, 24)
    for kind in OrderKind:
        more = len(spans(kind, campaign_day, profile=profile)) - len(spans(kind, profile=profile))
        assert more == (1 if kind is OrderKind.REGULAR else 0)


def test_an_automatic_cancellation_comes_seven_business_days_after_the_order_date() -> None:
    rule = GUIDE.automatic_cancel[OrderKind.REGULAR]
    span = Span(days=rule.days, unit=rule.unit)
    assert day_after(date(2023, 11, 20), [span], holiday_calendar(GUIDE.holidays)) == date(2023, 11, 30)


@pytest.mark.parametrize(
    ("region", "ordered_on", "expected"),
    [
        (Region.US, "2022-12-31", "guide-2025-08"),
        (Region.US, "2025-10-22", "guide-2025-08"),
        (Region.US, "2025-10-23", "us-2025-10"),
        (Region.US, "2026-01-25", "us-2025-10"),
        (Region.US, "2026-01-26", "us-2026-01"),
        (Region.US, "2040-01-01", "us-2026-01"),
        (Region.GB, "2022-12-31", "guide-2025-08"),
        (Region.GB, "2024-11-03", "guide-2025-08"),
        (Region.GB, "2024-11-04", "uk-2024-11"),
        (Region.GB, "2026-06-01", "uk-2024-11"),
    ],
)
def test_by_date_means_the_profile_in_force_on_the_order_date(region: Region, ordered_on: str, expected: str) -> None:
    for profiles in (ALL, ALL[::-1]):
        chosen = profile_for(profiles, region, BY_DATE, date.fromisoformat(ordered_on))
        assert (chosen.region, chosen.name) == (region, expected)


def test_a_profile_that_a_shop_picked_holds_for_orders_of_any_date() -> None:
    for profile in ALL:
        for day in (date(2020, 1, 1), date(2040, 1, 1)):
            assert profile_for(ALL, profile.region, profile.name, day) is profile


@pytest.mark.parametrize("choice", ["uk-2024-11", "us-2026-02", "by-date", ""])
def test_a_choice_that_the_region_does_not_have_is_refused_with_those_it_has(choice: str) -> None:
    names = "guide-2025-08, us-2025-10, us-2026-01, by_date"
    with pytest.raises(
        RejectedError, match=rf"deadlines\.profile: '{choice}' is no policy profile of US; there are {names}$"
    ):
        profile_for(ALL, Region.US, choice, QUIET)


def test_every_report_of_an_older_profile_names_the_newest_one() -> None:
    assert newer_profile_sentence(ALL, Region.US, DEFAULT_PROFILE) == (
        "Deadlines follow policy profile guide-2025-08 (TikTok for Rithum: Order Management, 2025-08-19); "
        "a newer one of US exists: us-2026-01 (Seller University essay 3668989549299511 and trade press, 2026-03-02), "
        "in force from 2026-01-26."
    )
    assert "us-2025-10 (" in newer_profile_sentence(ALL, Region.US, "us-2025-10")
    assert "a newer one of GB exists: uk-2024-11" in newer_profile_sentence(ALL, Region.GB, DEFAULT_PROFILE)


@pytest.mark.parametrize(
    ("region", "choice"),
    [(Region.US, "us-2026-01"), (Region.GB, "uk-2024-11"), (Region.US, BY_DATE), (Region.GB, BY_DATE)],
)
def test_nothing_is_said_while_the_newest_profile_holds(region: Region, choice: str) -> None:
    assert not newer_profile_sentence(ALL, region, choice)


@pytest.mark.parametrize("kind", [OrderKind.MADE_TO_ORDER, OrderKind.BACK_ORDER])
def test_the_handling_time_of_a_listing_takes_the_place_of_the_profile_s_days(kind: OrderKind) -> None:
    handling = Span(days=12, unit=DayUnit.CALENDAR)
    assert spans(kind, handling_time=handling) == (handling,)
    assert spans(kind) == (Span(days=3),)
    assert spans(kind, profile=NEWEST) == (Span(days=2),)


@pytest.mark.parametrize("kind", [OrderKind.REGULAR, OrderKind.PRE_ORDER])
def test_a_handling_time_is_ignored_where_the_profile_says_so(kind: OrderKind) -> None:
    assert spans(kind, handling_time=Span(days=12)) == spans(kind)


@pytest.mark.parametrize(
    ("ordered_on", "more"),
    [("2026-03-01", []), ("2026-03-02", [2]), ("2026-03-08", [2]), ("2026-03-09", []), ("2026-04-01", [1])],
)
def test_a_shop_s_own_handling_days_hold_for_regular_orders_of_their_dates(ordered_on: str, more: list[int]) -> None:
    rows = [extra(1, "2026-04-01"), extra(2, "2026-03-02", "2026-03-08")]
    settings = DeadlineSettings.model_validate({"extra_handling": rows})
    day = date.fromisoformat(ordered_on)
    for kind in OrderKind:
        own = [Span(days=days) for days in more] if kind is OrderKind.REGULAR else []
        assert spans(kind, day, settings=settings) == (*spans(kind, day), *own)


def test_a_seller_who_handles_manually_gets_only_the_days_that_were_set_by_hand() -> None:
    rows = [extra(2, "2023-11-20", "2023-11-27")]
    day = date(2023, 11, 22)
    by_hand = DeadlineSettings.model_validate({"handling": "manual", "extra_handling": rows})
    assert spans(ordered_on=day, settings=by_hand) == (Span(days=3), Span(days=2))
    both = DeadlineSettings.model_validate({"extra_handling": rows})
    assert spans(ordered_on=day, settings=both) == (Span(days=3), Span(days=1), Span(days=2))


@pytest.mark.parametrize(
    ("order_type", "expected"),
    [
        ("NORMAL", OrderKind.REGULAR),
        ("ZERO_LOTTERY", OrderKind.REGULAR),
        ("AUCTION", OrderKind.REGULAR),
        ("VIRTUAL_ORDER", OrderKind.REGULAR),
        ("", OrderKind.REGULAR),
        ("NEW_OF_TIKTOK", OrderKind.REGULAR),
        ("PRE_ORDER", OrderKind.PRE_ORDER),
        ("MADE_TO_ORDER", OrderKind.MADE_TO_ORDER),
        ("BACK_ORDER", OrderKind.BACK_ORDER),
    ],
)
def test_an_order_of_an_unknown_type_is_regular(order_type: str, expected: OrderKind) -> None:
    assert order_kind(order_type) is expected


def test_a_shop_that_chose_nothing_follows_the_guide() -> None:
    assert AUTOMATED.model_dump() == {
        "profile": "guide-2025-08",
        "handling": "automated",
        "shipping_days": 5,
        "rate_window_days": None,
        "extra_handling": (),
    }


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"profile": "Newest"}, "profile"),
        ({"profile": "by_dates"}, "profile"),
        ({"handling": "sometimes"}, "handling"),
        ({"extra_handling": [extra(0, "2026-03-01")]}, "extra_handling.0.days"),
        ({"extra_handling": [extra(-1, "2026-03-01")]}, "extra_handling.0.days"),
        ({"extra_handling": [extra(1, "March")]}, "extra_handling.0.first_order_date"),
        ({"extra_handling": [extra(1, "2026-03-02", "2026-03-01")]}, "extra_handling.0"),
        ({"extra_handling": [{"days": 1}]}, "extra_handling.0.first_order_date"),
        ({"extra_handling": [extra(1, "2026-03-05"), extra(2, "2026-03-01", "2026-03-05")]}, "extra_handling"),
        ({"extra_handling": [extra(1, "2026-03-01"), extra(1, "2026-04-01")]}, "extra_handling"),
        ({"misspelt": 1}, "misspelt"),
    ],
)
def test_a_bad_choice_of_a_shop_is_refused_by_its_name(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        DeadlineSettings.model_validate(values)
    assert named in {".".join(map(str, problem["loc"][:3])) for problem in refusal.value.errors()}
