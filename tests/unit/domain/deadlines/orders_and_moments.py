"""Orders, shops and local moments for the tests of deadlines, and what a look or a sighting makes of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from order_sync.domain.deadlines.deadlines import Deadlines, GivenWarning
from order_sync.domain.deadlines.looks import decide_look
from order_sync.domain.deadlines.rates import DispatchRates, Window, add_up
from order_sync.domain.deadlines.tallies import Tally, add_to
from order_sync.domain.facts import OrderFacts
from order_sync.domain.orders import Handling, Line, Order
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import OrderState
from tests.builders import LINE_1, LINE_2, ORDER_ID, SHOP_ID, a_shop, applied, some_facts

PACIFIC, LONDON = ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/London")
NO_LEAD = timedelta(0)
MONDAY = "2026-03-02"
"""An order date with no holiday near: two months before and after it, but for daylight saving on Sunday the 8th."""


def local(text: str, zone: ZoneInfo = PACIFIC) -> datetime:
    """The moment of a local time such as "2026-03-02 23:59:59"; a date alone is its noon."""
    moment = datetime.fromisoformat(text if " " in text else f"{text} 12:00:00")
    return moment.replace(tzinfo=zone).astimezone(UTC)


def rates_of_orders(window: Window, orders: Iterable[Mapping[date, Tally]]) -> DispatchRates:
    """The rates of a window from what its orders count for."""
    days: dict[date, Counter[str]] = {}
    for counted in orders:
        add_to(days, counted)
    return add_up(window, days)


def in_words(moment: datetime, zone: ZoneInfo = PACIFIC) -> str:
    """A moment as a clock and a calendar on the wall show it."""
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M:%S}"


def a_shop_by(profile: str, region: str = "US", **deadlines: Any) -> ShopSettings:
    """A shop of a region that has chosen a policy profile."""
    zone = {"US": "America/Los_Angeles", "GB": "Europe/London"}[region]
    return a_shop(
        region=region,
        time_zone=zone,
        starts_at=datetime(2020, 1, 1, tzinfo=UTC),
        deadlines={"profile": profile} | deadlines,
    )


def an_order(created_at: datetime, **changes: Any) -> Order:
    """An order that was paid at once and awaits shipment."""
    values: dict[str, Any] = {
        "shop": SHOP_ID,
        "id": ORDER_ID,
        "version": 1,
        "state": OrderState.RELEASED_FOR_SHIPMENT,
        "handling": Handling.OURS,
        "tiktok_status": "AWAITING_SHIPMENT",
        "updated_at": created_at,
        "digest": "d1",
        "created_at": created_at,
        "paid_at": created_at,
        "lines": (Line(id=LINE_1, sku="TEE-BLU-M"), Line(id=LINE_2, sku="TEE-BLU-M")),
    }
    return Order(**(values | changes))


def facts_at(
    created_at: datetime,
    status: str = "AWAITING_SHIPMENT",
    *,
    seen_after: timedelta = timedelta(hours=2),
    **changes: Any,
) -> OrderFacts:
    """An order as TikTok Shop shows it some time after it was placed and paid, without deadlines of TikTok's own."""
    values: dict[str, Any] = {
        "created_at": created_at,
        "paid_at": None if status == "UNPAID" else created_at,
        "updated_at": created_at + seen_after,
        "ship_by": None,
        "collect_by": None,
    }
    return some_facts(status, **(values | changes))


def deadlines_of(record: OrderRecord) -> Deadlines:
    """The deadlines in a record; the test fails when there are none."""
    assert record.deadlines is not None
    return record.deadlines


def looked(
    record: OrderRecord, at: datetime, shop: ShopSettings | None = None, lead: timedelta = NO_LEAD
) -> tuple[OrderRecord, tuple[GivenWarning, ...]]:
    """The record after a look, and what people are told."""
    change, told = decide_look(record, shop or a_shop(), at, lead)
    return applied(record, change), told
