"""TikTok's own time limits: by default those of the guide, for every day of three years."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.simulators.tiktok_shop import (
    DayCounts,
    Deadlines,
    Doubts,
    HandlingUnit,
    LineSpec,
    OrderType,
    Outcome,
    Role,
    Shop,
    Status,
    TikTokShopSimulator,
)
from local.simulators.tiktok_shop.deadlines import USUAL, Place, deadlines
from order_sync.domain.deadlines.business_days import DayUnit, Span, due_at
from order_sync.domain.deadlines.holiday_calendars import holiday_calendar
from order_sync.domain.deadlines.policies import DeadlineSettings, dispatch_spans, order_kind, profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.regions import Region
from tests.adapters.simulators.tiktok_shop.cancel_caller import in_doubt
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
TWO = [LineSpec("TEE", "20.00", 2)]
ZONES = {"US": ZoneInfo("America/Los_Angeles"), "GB": ZoneInfo("Europe/London")}
FIRST_DAY, DAYS = date(2025, 1, 1), 3 * 365
USPS = "9400110898825022579493"
END = timedelta(seconds=1)


def by_the_guide(
    region: str,
    created_at: datetime,
    order_type: OrderType = OrderType.NORMAL,
    handling_time: Span | None = None,
    release_date: datetime | None = None,
) -> tuple[datetime, datetime]:
    """By when the guide's profile wants an order in transit, and when it has it cancelled without tracking."""
    zone, kind = ZONES[region], order_kind(order_type)
    ordered_on = created_at.astimezone(zone).date()
    profile = profile_for(policy_profiles(), Region(region), "guide-2025-08", ordered_on)
    is_holiday = holiday_calendar(profile.holidays)
    spans = dispatch_spans(profile, kind, ordered_on, handling_time, DeadlineSettings())
    dispatch_by = due_at(release_date or created_at, spans, zone, is_holiday)
    cancel = profile.automatic_cancel[kind]
    start = dispatch_by if cancel.counts_from == "dispatch_deadline" else created_at
    return dispatch_by, due_at(start, [Span(days=cancel.days, unit=cancel.unit)], zone, is_holiday)


def limits(simulator: TikTokShopSimulator, order_id: str) -> Deadlines:
    found = simulator.times(order_id).deadlines
    assert found is not None
    return found


def moments(region: str) -> Iterator[datetime]:
    """The first and the last minute of every day."""
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        for hour in (time(0, 1), time(23, 59)):
            yield datetime.combine(day, hour, ZONES[region]).astimezone(UTC)


@pytest.mark.parametrize("region", ["US", "GB"])
def test_an_order_of_any_day_has_the_guide_s_limits_for_collection_and_cancellation(region: str) -> None:
    place = Place(region=region, timezone=ZONES[region], holidays=())
    for created_at in moments(region):
        found = deadlines(place, created_at, USUAL, 0, HandlingUnit.BUSINESS_DAY)
        assert (found.tts_sla_time, found.shipping_due_time) == by_the_guide(region, created_at), created_at


@pytest.mark.parametrize("order_type", OrderType)
@pytest.mark.parametrize(
    ("handling_days", "handling_unit", "handling_time"),
    [
        (0, HandlingUnit.BUSINESS_DAY, None),
        (10, HandlingUnit.BUSINESS_DAY, Span(days=10)),
        (12, HandlingUnit.CALENDAR_DAY, Span(days=12, unit=DayUnit.CALENDAR)),
    ],
)
@pytest.mark.parametrize("region", ["US", "GB"])
def test_an_order_of_any_type_has_the_guide_s_limits(
    simulator: TikTokShopSimulator,
    clock: Clock,
    region: str,
    order_type: OrderType,
    handling_days: int,
    handling_unit: HandlingUnit,
    handling_time: Span | None,
) -> None:
    if order_type not in {OrderType.MADE_TO_ORDER, OrderType.BACK_ORDER}:
        handling_days, handling_time = 0, None
    shop = simulator.open_shop(region, "Shop")
    for _ in range(30):
        clock.pass_time(days=1, hours=7)
        release_date = clock.now + timedelta(days=9) if order_type is OrderType.PRE_ORDER else None
        order_id = simulator.place_order(
            shop,
            TEE,
            order_type=order_type,
            handling_days=handling_days,
            handling_unit=handling_unit,
            release_date=release_date,
        )
        found = limits(simulator, order_id)
        wanted = by_the_guide(region, clock.now, order_type, handling_time, release_date)
        assert (found.tts_sla_time, found.shipping_due_time) == wanted


def test_a_shop_can_have_figures_of_its_own_for_some_types_of_orders(
    simulator: TikTokShopSimulator, shop: Shop
) -> None:
    usual = limits(simulator, simulator.place_order(shop, TEE))
    simulator.set_day_counts(shop, DayCounts(ship=3, collect=4), [OrderType.NORMAL])
    simulator.set_day_counts(shop, DayCounts(ship=1, collect=1), [OrderType.PRE_ORDER, OrderType.BACK_ORDER])

    def days_later(order_type: OrderType) -> tuple[int, int]:
        found = limits(simulator, simulator.place_order(shop, TEE, order_type=order_type))
        return (found.rts_sla_time - usual.rts_sla_time).days, (found.tts_sla_time - usual.tts_sla_time).days

    assert [days_later(each) for each in OrderType] == [(1, 1), (1, 1), (-1, -2), (1, 1), (-1, -2)]


def test_one_order_can_have_figures_of_its_own(simulator: TikTokShopSimulator, shop: Shop) -> None:
    usual = limits(simulator, simulator.place_order(shop, TEE))
    found = limits(simulator, simulator.place_order(shop, TEE, day_counts=DayCounts(collect=4)))
    assert found == replace(usual, tts_sla_time=usual.tts_sla_time + timedelta(days=1))
    assert limits(simulator, simulator.place_order(shop, TEE)) == usual


def test_a_campaign_s_day_moves_the_limits_of_an_order_and_its_update_time(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    before = caller.order(ready_order)
    clock.pass_time(hours=2)
    simulator.change_limits(ready_order, DayCounts(ship=3, collect=4))
    after = caller.order(ready_order)
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"rts_sla_time", "tts_sla_time", "update_time"}
    assert after["tts_sla_time"] == before["tts_sla_time"] + 86400
    assert after["update_time"] == clock.seconds


def test_limits_of_an_unpaid_order_begin_with_its_payment(simulator: TikTokShopSimulator, shop: Shop) -> None:
    order_id = simulator.place_order(shop, TEE, paid=False)
    simulator.change_limits(order_id, DayCounts(collect=9))
    assert simulator.times(order_id).deadlines is None
    simulator.pay(order_id)
    found = limits(simulator, order_id)
    assert found.tts_sla_time == found.delivery_sla_time


def test_holidays_of_a_shop_are_further_ones(simulator: TikTokShopSimulator, clock: Clock) -> None:
    clock.now = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)  # a Wednesday; Friday the 3rd stands for the 4th
    shop = simulator.open_shop("US", "Festive US", holidays=[date(2026, 7, 6)])
    found = limits(simulator, simulator.place_order(shop, TEE))
    assert found.rts_sla_time.astimezone(ZONES["US"]).date() == date(2026, 7, 7)


def bring_to(simulator: TikTokShopSimulator, order_id: str, status: Status) -> None:
    if status in {Status.AWAITING_COLLECTION, Status.IN_TRANSIT}:
        simulator.ship_in_seller_center(order_id, USPS, "USPS")
    if status is Status.IN_TRANSIT:
        simulator.collect(order_id)
    assert simulator.status(order_id) is status


OVERDUE = [
    (Status.AWAITING_SHIPMENT, "shipping_due_time", "system_cancel_order_reason_shipping_timeout"),
    (Status.AWAITING_COLLECTION, "collection_due_time", "system_cancel_order_untracked"),
    (Status.IN_TRANSIT, "delivery_due_time", "system_cancel_order_exceed_edt_not_arrive"),
]


@pytest.mark.parametrize(("status", "limit", "reason"), OVERDUE)
def test_tiktok_cancels_an_order_in_the_second_in_which_its_time_is_over(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str, status: Status, limit: str, reason: str
) -> None:
    bring_to(simulator, ready_order, status)
    due: datetime = getattr(limits(simulator, ready_order), limit)
    clock.now = due - END
    assert simulator.status(ready_order) is status
    clock.now = due + timedelta(days=1)
    times = simulator.times(ready_order)
    assert (times.status, times.cancelled_at, times.cancelled_by) == ("CANCELLED", due, "SYSTEM")
    (cancellation,) = simulator.cancellations_of(ready_order)
    assert (cancellation.role, cancellation.reason) == (Role.SYSTEM, reason)
    assert (cancellation.created_at, cancellation.line_ids) == (due, tuple(simulator.line_ids(ready_order)))


def test_an_order_cancelled_by_tiktok_is_shown_with_initiator_and_time(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    clock.now = limits(simulator, ready_order).shipping_due_time
    caller.token = simulator.authorize(caller.shop).access_token
    order = caller.order(ready_order)
    assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    assert order["cancel_time"] == order["update_time"] == order["shipping_due_time"] == clock.seconds
    assert {line["display_status"] for line in order["line_items"]} == {"CANCELLED"}


def test_an_order_that_reaches_each_step_in_time_is_not_cancelled(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str
) -> None:
    found = limits(simulator, ready_order)
    clock.now = found.shipping_due_time - END
    simulator.ship_in_seller_center(ready_order, USPS, "USPS")
    clock.now = found.collection_due_time - END
    simulator.collect(ready_order)
    clock.now = found.delivery_due_time - END
    simulator.deliver(ready_order)
    clock.pass_time(days=100)
    assert simulator.status(ready_order) is Status.DELIVERED
    assert simulator.cancellations_of(ready_order) == []


@pytest.mark.parametrize("days", [5, 9])
def test_the_automatic_cancellation_moves_with_its_limit(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str, days: int
) -> None:
    before = limits(simulator, ready_order).shipping_due_time
    simulator.change_limits(ready_order, DayCounts(cancel_unshipped=days))
    after = limits(simulator, ready_order).shipping_due_time
    assert after != before
    clock.now = after - END
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT
    clock.pass_time(days=20)
    assert simulator.times(ready_order).cancelled_at == after


def test_an_unpaid_order_has_no_time_to_ship(simulator: TikTokShopSimulator, shop: Shop, clock: Clock) -> None:
    order_id = simulator.place_order(shop, TEE, paid=False)
    clock.pass_time(days=100)
    assert simulator.status(order_id) is Status.UNPAID


def test_an_open_request_is_overtaken_by_the_automatic_cancellation(
    simulator: TikTokShopSimulator, clock: Clock, ready_order: str
) -> None:
    clock.now = limits(simulator, ready_order).shipping_due_time - timedelta(hours=1)
    simulator.request_cancel(ready_order)
    clock.pass_time(hours=2)
    assert simulator.times(ready_order).cancelled_by == "SYSTEM"
    (end,) = simulator.books.request_ends
    assert end.outcome is Outcome.OVERTAKEN


@pytest.mark.parametrize(
    ("doubts", "status", "cancelled"),
    [
        (Doubts(), "AWAITING_COLLECTION", [False, True]),
        (Doubts(late_rest_is_cancelled=False), "PARTIALLY_SHIPPING", [False, False]),
    ],
)
def test_what_has_not_shipped_of_a_partly_shipped_order_is_cancelled_unless_tiktok_does_not(
    clock: Clock, doubts: Doubts, status: str, cancelled: list[bool]
) -> None:
    with in_doubt(clock, doubts) as (simulator, caller):
        order_id = simulator.place_order(caller.shop, TWO, hold=False)
        simulator.ship_in_seller_center(order_id, USPS, "USPS", simulator.line_ids(order_id)[:1])
        clock.now = limits(simulator, order_id).shipping_due_time
        caller.token = simulator.authorize(caller.shop).access_token
        order = caller.order(order_id)
        assert order["status"] == status
        assert [line["display_status"] == "CANCELLED" for line in order["line_items"]] == cancelled


@pytest.mark.parametrize(("unit", "days"), [(HandlingUnit.BUSINESS_DAY, 5), (HandlingUnit.CALENDAR_DAY, 14)])
def test_orders_and_lines_carry_the_handling_time(
    simulator: TikTokShopSimulator, caller: Caller, unit: HandlingUnit, days: int
) -> None:
    order = caller.order(
        simulator.place_order(caller.shop, TEE, order_type=OrderType.BACK_ORDER, handling_days=days, handling_unit=unit)
    )
    assert (order["order_type"], order["handling_duration"]) == ("BACK_ORDER", {"days": str(days), "type": unit})
    assert [line["handling_duration_days"] for line in order["line_items"]] == [str(days)]


def test_the_handling_time_may_stand_on_the_lines_alone(clock: Clock) -> None:
    with in_doubt(clock, Doubts(handling_time_only_of_lines=True)) as (simulator, caller):
        order = caller.order(
            simulator.place_order(caller.shop, TEE, order_type=OrderType.MADE_TO_ORDER, handling_days=5)
        )
        assert "handling_duration" not in order
        assert [line["handling_duration_days"] for line in order["line_items"]] == ["5"]


def test_the_api_shows_every_limit(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    order: dict[str, Any] = caller.order(ready_order)
    found = limits(simulator, ready_order)
    for field in fields(Deadlines):
        assert order[field.name] == getattr(found, field.name).timestamp()
